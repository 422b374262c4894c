/* shipper_erase.c - people who were erased here are erased there: their rows go, wait until every replica has let
 * go of them, and come again under the name that the log gave them instead.
 *
 * Rows are found by the identity's number, which outlives its name. */
#include "warehouse/shipper_internal.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "store/sql.h"
#include "warehouse/tables.h"
#include "warehouse/warehouse_remove.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct erasure {
    int64_t request;
    uint32_t *identities; /* [n] */
    size_t n;
    const char *list; /* "4, 17" */
    struct arena *arena;
};

/* Rows of a table that are theirs are removed, where there are any, and then none must be left. */
static bool remove_from(struct shipper *shipper, const struct erasure *erasure, const char *table,
                        const char *where, struct err *err)
{
    const struct warehouse_settings *settings = shipper->source.settings;
    const char *count =
        arena_format(erasure->arena, "SELECT count() FROM %s.%s WHERE %s", settings->database, table, where);
    int64_t n;
    if (!shard_number(shipper->shard, count, &n, err)) return false;
    if (n == 0) return true;
    if (!warehouse_remove(settings, shipper->index, table, where, err) ||
        !shard_number(shipper->shard, count, &n, err))
        return false;
    return n == 0 || err_set(err, ERR_BUSY, "%s still has %" PRId64 " rows of %s.%s of somebody who was erased",
                             shard_server(shipper->shard), n, settings->database, table);
}

static bool remove_all(struct shipper *shipper, const struct erasure *erasure, struct err *err)
{
    struct arena *arena = erasure->arena;
    const char *list = erasure->list;
    return remove_from(shipper, erasure, "scores", arena_format(arena, "number IN (%s)", list), err) &&
           remove_from(shipper, erasure, "members",
                       arena_format(arena, "number IN (%s) OR customer_number IN (%s)", list, list), err) &&
           remove_from(shipper, erasure, "links",
                       arena_format(arena, "a_number IN (%s) OR b_number IN (%s)", list, list), err) &&
           remove_from(shipper, erasure, "events",
                       arena_format(arena, "number IN (%s) AND NOT startsWith(identity, 'erased:')", list), err);
}

/* The rows that are there under the new name. */
static bool read_rows(struct shipper *shipper, const struct erasure *erasure, struct hash_map *rows,
                      struct err *err)
{
    const char *text;
    if (!shard_text(shipper->shard,
                    arena_format(erasure->arena, "SELECT row FROM %s.events WHERE number IN (%s)",
                                 shipper->source.settings->database, erasure->list),
                    erasure->arena, &text, err))
        return false;
    for (const char *line = *text ? text : NULL; line; line = shard_next_line(line)) {
        uint64_t row;
        if (sscanf(line, "%" SCNu64, &row) != 1)
            return shard_answers_odd(shipper->shard, line, "the number of a row", err);
        *hash_map_put(rows, hash_bytes(&row, sizeof row, 0)) = 1;
    }
    return true;
}

/* What they did stays, as somebody's whom nobody can name. */
static bool ship_again(struct shipper *shipper, const struct erasure *erasure, struct err *err)
{
    const struct shipping_source *source = &shipper->source;
    struct arena *arena = erasure->arena;
    struct events events;
    struct shipped shipped;
    struct hash_map rows = { 0 };
    size_t n = 0, n_rows;
    const char *id = arena_format(arena, "%s-erased-%" PRId64, source->settings->node, erasure->request);
    bool ok = shard_wait_for(shipper->shard, id, err) &&
              tables_check_replica(source->settings, shipper->shard, err) &&
              read_rows(shipper, erasure, &rows, err) &&
              log_read_identities(shipper->reader, erasure->identities, erasure->n,
                                  LOG_ALL | LOG_SEQUENCE | LOG_REPLACED, arena, &events, err);
    bool *is_wanted = ok ? ARENA_ARRAY(arena, bool, events.n + 1) : NULL;
    if (ok && source->lock) (void)pthread_rwlock_rdlock(source->lock);
    for (size_t i = 0; ok && i < events.n; i++)
        n += is_wanted[i] =
            (int64_t)events.sequence[i] <= shipper->state.position &&
            log_partition(source->log, events.identity[i]) % source->settings->n_shards == shipper->index &&
            !hash_map_find(&rows, hash_bytes(&events.sequence[i], sizeof events.sequence[i], 0));
    if (ok && source->lock) (void)pthread_rwlock_unlock(source->lock);
    hash_map_free(&rows);
    ok = ok &&
         shipped_build_of(source->log, source->lock, &source->names, &events, is_wanted, arena, &shipped, err);
    if (!ok || n == 0) return ok;
    const char *batch = arena_format(arena, "%s-%" PRId64, id, clock_now_ms(&source->clock));
    const struct shard_query query = {
        .sql = arena_format(arena, "INSERT INTO %s.events FORMAT Native", source->settings->database),
        .body = shipped_native(&shipped, source->settings->node, batch, NULL, 0, arena, &n_rows),
        .id = id,
    };
    return shard_ask(shipper->shard, &query, err);
}

struct noting {
    int64_t shard, request;
};

static bool note(struct store *store, void *context, struct err *err)
{
    const struct noting *noting = context;
    return sql_warehouse_erased_put(store, noting->shard, noting->request, err);
}

static bool erase_there(struct shipper *shipper, int64_t request, const char *detail, struct err *err)
{
    struct erasure erasure = { .request = request, .list = "", .arena = arena_new(ARENA_NO_LIMIT) };
    json_t *json = json_loads(detail, 0, NULL), *identities = json_object_get(json, "identities");
    erasure.identities = ARENA_ARRAY(erasure.arena, uint32_t, json_array_size(identities) + 1);
    for (size_t i = 0; i < json_array_size(identities); i++) {
        json_int_t identity = json_integer_value(json_array_get(identities, i));
        if (identity <= 0 || identity > UINT32_MAX) continue;
        erasure.identities[erasure.n++] = (uint32_t)identity;
        erasure.list = arena_format(erasure.arena, "%s%s%" PRId64, erasure.list, *erasure.list ? ", " : "",
                                    (int64_t)identity);
    }
    json_decref(json);
    bool ok = erasure.n == 0 || (remove_all(shipper, &erasure, err) && ship_again(shipper, &erasure, err));
    arena_free(erasure.arena);
    return ok;
}

static bool carry_out(struct shipper *shipper, int64_t request, const char *detail, struct err *err)
{
    struct noting noting = { (int64_t)shipper->index, request };
    return erase_there(shipper, request, detail, err) &&
           shipper->source.writer.run(shipper->source.writer.context, note, &noting, err);
}

bool shipper_erase(struct shipper *shipper, struct err *err)
{
    for (;;) { /* one at a time, for the statement must be closed before anything is written */
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct sql_warehouse_erasures row = { 0 };
        int64_t request = 0;
        const char *detail = "";
        bool ok = sql_warehouse_erasures(shipper->store, (int64_t)shipper->index, &row, err);
        enum step step = ok ? sql_warehouse_erasures_step(&row, err) : STEP_FAIL;
        if (step == STEP_ROW)
            request = row.id, detail = arena_format(arena, "%.*s", (int)row.detail.length, row.detail.at);
        cursor_close(row.cursor);
        ok = step != STEP_FAIL && (step == STEP_END || carry_out(shipper, request, detail, err));
        arena_free(arena);
        if (!ok || step == STEP_END) return ok;
    }
}

bool shipper_erase_again(const struct shipping_source *source, size_t shard, struct err *err)
{
    struct shipper *shipper = NULL;
    struct sql_warehouse_erasures_done row = { 0 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct done {
        int64_t request;
        const char *detail;
        struct done *next;
    } *all = NULL;
    enum step step = STEP_FAIL;
    bool ok = shipper_open(source, shard, &shipper, err) &&
              sql_warehouse_erasures_done(shipper->store, (int64_t)shard, &row, err);
    while (ok && (step = sql_warehouse_erasures_done_step(&row, err)) == STEP_ROW) {
        struct done *done = ARENA_NEW(arena, struct done);
        *done = (struct done){ row.id, arena_format(arena, "%.*s", (int)row.detail.length, row.detail.at), all };
        all = done;
    }
    cursor_close(row.cursor);
    ok = ok && step == STEP_END;
    for (; ok && all; all = all->next) ok = erase_there(shipper, all->request, all->detail, err);
    shipper_close(shipper);
    arena_free(arena);
    return ok;
}

bool erasures_owed(struct store *store, size_t shard, int64_t *ret_n, struct err *err)
{
    struct sql_warehouse_erasures row = { 0 };
    enum step step = STEP_FAIL;
    bool ok = sql_warehouse_erasures(store, (int64_t)shard, &row, err);
    *ret_n = 0;
    while (ok && (step = sql_warehouse_erasures_step(&row, err)) == STEP_ROW) ++*ret_n;
    cursor_close(row.cursor);
    return ok && step == STEP_END;
}
