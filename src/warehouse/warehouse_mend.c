/* warehouse_mend.c - what differs in the warehouse is removed there and shipped again; see warehouse_check.h. */
#include "warehouse/tables.h"
#include "warehouse/warehouse_check.h"
#include "warehouse/warehouse_remove.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct mending {
    const struct shipping_source *source;
    struct store *store;
    struct log_reader *reader;
};

/* Pieces of one partition, side by side, as a server takes at once. */
struct run {
    const struct piece *pieces; /* [n] */
    size_t n;
    int64_t position; /* of their shard */
    const char *months, *id; /* id: how the server knows the request that ships it */
    struct arena *arena;
};
enum { MONTHS_AT_ONCE = 90 };

static bool is_month_of(const struct run *run, uint32_t month)
{
    for (size_t i = 0; i < run->n; i++)
        if (run->pieces[i].month == month) return true;
    return false;
}

/* Their rows up to where the shard has got, as a batch of a name that no other has. */
static bool ship_run(struct mending *mending, const struct run *run, struct shard *shard, struct err *err)
{
    const struct shipping_source *source = mending->source;
    const struct warehouse_settings *settings = source->settings;
    struct arena *arena = run->arena;
    struct events events;
    struct shipped shipped;
    size_t n_rows = 0, n = 0;
    unsigned partition = run->pieces[0].partition;
    bool ok = log_read(mending->reader, partition, LOG_ALL | LOG_SEQUENCE | LOG_REPLACED, arena, &events, err);
    bool *is_wanted = ok ? ARENA_ARRAY(arena, bool, events.n + 1) : NULL;
    for (size_t i = 0; ok && i < events.n; i++)
        n += is_wanted[i] = (int64_t)events.sequence[i] <= run->position &&
                            is_month_of(run, month_of_ms(events.received_ms[i]));
    ok = ok &&
         shipped_build_of(source->log, source->lock, &source->names, &events, is_wanted, arena, &shipped, err);
    if (ok && n > 0) {
        const char *batch = arena_format(arena, "%s%u-%" PRId64, run->id, run->pieces[0].month,
                                         clock_now_ms(&source->clock));
        const struct shard_query query = {
            .sql = arena_format(arena, "INSERT INTO %s.events FORMAT Native", settings->database),
            .body = shipped_native(&shipped, settings->node, batch, NULL, 0, arena, &n_rows),
            .id = run->id,
        };
        ok = shard_ask(shard, &query, err);
    }
    return ok;
}

/* What an earlier mending sent, whose answer nobody got, is waited for before it is looked at what is there. */
static bool replace_run(struct mending *mending, struct run *run, struct shard *shard, struct err *err)
{
    const struct warehouse_settings *settings = mending->source->settings;
    int64_t n = 0;
    const char *where = arena_format(run->arena, "partition = %u AND month IN (%s) AND row <= %" PRId64,
                                     run->pieces->partition, run->months, run->position);
    shard_settle(shard, true); /* what is asked of one replica is not asked of another */
    return tables_check_replica(settings, shard, err) && shard_wait_for(shard, run->id, err) &&
           shard_number(shard,
                        arena_format(run->arena, "SELECT count() FROM %s.events WHERE %s", settings->database, where),
                        &n, err) &&
           (n == 0 || warehouse_remove(settings, run->pieces->shard, "events", where, err)) &&
           ship_run(mending, run, shard, err);
}

static bool mend_run(struct mending *mending, struct run *run, struct err *err)
{
    const struct warehouse_settings *settings = mending->source->settings;
    const struct piece *first = run->pieces;
    struct shipper_state state;
    struct shard *shard = NULL;
    if (!shipper_state_read(mending->store, first->shard, &state, err)) return false;
    run->position = state.position;
    run->months = arena_format(run->arena, "%u", first->month);
    for (size_t i = 1; i < run->n; i++)
        run->months = arena_format(run->arena, "%s, %u", run->months, first[i].month);
    run->id = arena_format(run->arena, "%s-mend-%u-", settings->node, first->partition);
    bool ok = shard_open(settings, first->shard, &shard, err) && replace_run(mending, run, shard, err);
    shard_close(shard);
    return ok;
}

/* What this database never shipped goes, of a whole shard at once. */
static bool remove_unknown(struct mending *mending, size_t index, struct err *err)
{
    struct shipper_state state;
    char where[64];
    if (!shipper_state_read(mending->store, index, &state, err)) return false;
    snprintf(where, sizeof where, "row > %" PRId64, state.pending_to ? state.pending_to : state.position);
    return warehouse_remove(mending->source->settings, index, "events", where, err);
}

/* A server that is not as it was left may be an older copy, which knows people who were erased since. */
static bool erase_again(struct mending *mending, const struct warehouse_check *check, struct err *err)
{
    bool is_different[WAREHOUSE_SHARDS_MOST] = { false }, ok = true;
    for (size_t i = 0; i < check->n_differ; i++) is_different[check->differ[i].shard] = true;
    for (size_t s = 0; ok && s < check->n_shards; s++)
        if (is_different[s] || check->links[s].is_different) ok = shipper_erase_again(mending->source, s, err);
    return ok;
}

static bool mend_all(struct mending *mending, const struct warehouse_check *check, struct err *err)
{
    bool is_clean[WAREHOUSE_SHARDS_MOST] = { false };
    size_t n = 0;
    for (size_t s = 0; s < check->n_shards; s++)
        if (check->links[s].is_different && !links_mend(mending->source, s, err)) return false;
    for (size_t i = 0; i < check->n_differ; i++) {
        size_t shard = check->differ[i].shard;
        if (!check->differ[i].n_unknown || is_clean[shard]) continue;
        if (!remove_unknown(mending, shard, err)) return false;
        is_clean[shard] = true;
    }
    for (size_t i = 0; i < check->n_differ; i += n) {
        const struct piece *pieces = check->differ + i;
        for (n = 1; i + n < check->n_differ && n < MONTHS_AT_ONCE && pieces[n].shard == pieces->shard &&
                    pieces[n].partition == pieces->partition;)
            n++;
        struct run run = { .pieces = pieces, .n = n, .arena = arena_new(ARENA_NO_LIMIT) };
        bool ok = mend_run(mending, &run, err);
        arena_free(run.arena);
        if (!ok) return false;
    }
    return erase_again(mending, check, err);
}

bool warehouse_mend(const struct shipping_source *source, const struct warehouse_check *check, struct err *err)
{
    struct mending mending = { .source = source };
    bool ok = store_open_beside(source->store, &mending.store, err) &&
              log_reader_open_through(source->log, mending.store, &mending.reader, err);
    if (ok && source->lock) log_reader_share_names(mending.reader, source->lock);
    ok = ok && mend_all(&mending, check, err);
    log_reader_close(mending.reader);
    store_close(mending.store);
    return ok;
}
