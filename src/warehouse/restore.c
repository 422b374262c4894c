/* restore.c - see restore.h. */
#include "warehouse/restore.h"

#include "customer/identity.h"
#include "warehouse/answer.h"
#include "warehouse/row_reader.h"
#include "warehouse/tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows as they come with every text empty. */
enum { IDENTITY_LEAST_BYTES = 4 + 1, EVENT_LEAST_BYTES = 5 * 8 + 4 * 1 + 2 * 1 };

struct restoring {
    const struct warehouse_settings *settings;
    struct shard *shards[WAREHOUSE_SHARDS_MOST];
    struct store *store;
    struct log *log;
    unsigned first, last;
    struct restored out;
};

/* ---- rows as they come ---- */

static bool take(void *context, const char *bytes, size_t n) { return answer_add(context, bytes, n); }

static bool ask_rows(struct shard *shard, const char *sql, struct answer *answer, struct err *err)
{
    const struct shard_query query = { .sql = sql, .is_streamed = true, .context = answer, .take = take };
    return shard_ask(shard, &query, err);
}

static bool not_whole(const struct shard *shard, struct err *err)
{
    return err_set(err, ERR_MISSING, "%s broke off its answer, or somebody changes the tables meanwhile: try again",
                   shard_server(shard));
}

/* ---- identities, in the order that they had ---- */

struct numbered {
    uint32_t number;
    struct text name;
};

static int by_number(const void *left, const void *right)
{
    const struct numbered *a = left, *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

static bool read_identities(struct restoring *r, size_t s, struct arena *arena, struct numbered **all, size_t *n,
                            struct err *err)
{
    struct answer answer = { 0 };
    int64_t n_rows = 0;
    const char *database = r->settings->database;
    const char *from =
        arena_format(arena,
                     "FROM (SELECT number, identity FROM %s.events WHERE partition BETWEEN %u AND %u AND "
                     "identity != '' UNION ALL SELECT a_number AS number, a AS identity FROM %s.links "
                     "UNION ALL SELECT b_number AS number, b AS identity FROM %s.links)",
                     database, r->first, r->last, database, database);
    bool ok = shard_number(r->shards[s], arena_format(arena, "SELECT uniqExact(number) %s", from), &n_rows, err) &&
              ask_rows(r->shards[s],
                       arena_format(arena,
                                    "SELECT number, any(identity) %s GROUP BY number FORMAT "
                                    "RowBinary",
                                    from),
                       &answer, err) &&
              (answer_holds(&answer, n_rows, IDENTITY_LEAST_BYTES) || not_whole(r->shards[s], err));
    if (ok) {
        struct numbered *grown = ARENA_ARRAY(arena, struct numbered, *n + (size_t)n_rows + 1);
        if (*n) memcpy(grown, *all, *n * sizeof *grown);
        char *bytes = arena_alloc(arena, answer.n + 1, 1);
        if (answer.n) memcpy(bytes, answer.bytes, answer.n);
        struct row_reader reader = { bytes, bytes + answer.n, false };
        int64_t n_read = 0;
        for (; !reader.is_bad && reader.at < reader.end && n_read < n_rows; n_read++) {
            uint32_t number = (uint32_t)row_reader_number(&reader, 4);
            grown[(*n)++] = (struct numbered){ number, row_reader_text(&reader) };
        }
        *all = grown;
        if (reader.is_bad || reader.at < reader.end || n_read != n_rows) ok = not_whole(r->shards[s], err);
    }
    answer_free(&answer);
    return ok;
}

static bool restore_identities(struct restoring *r, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct numbered *all = NULL;
    size_t n = 0;
    bool ok = true;
    for (size_t s = 0; ok && s < r->settings->n_shards; s++) ok = read_identities(r, s, arena, &all, &n, err);
    if (ok && n) qsort(all, n, sizeof *all, by_number);
    for (size_t i = 0; ok && i < n; i++) {
        uint32_t index;
        if (i > 0 && all[i].number == all[i - 1].number) continue; /* every shard has the links */
        ok = log_intern(r->log, DICTIONARY_IDENTITY, all[i].name, &index, err);
        r->out.n_identities++;
    }
    arena_free(arena);
    return ok;
}

/* ---- events ---- */

static const char columns[] = "identity, kind, received_ms, time_ms, amount_cents, quantity_milli, item, source, "
                              "message_hash, property_names, property_values";

static void reserve(struct events *events, size_t n, struct arena *arena)
{
    *events = (struct events){
        .received_ms = ARENA_ARRAY(arena, int64_t, n + 1),
        .time_ms = ARENA_ARRAY(arena, int64_t, n + 1),
        .identity = ARENA_ARRAY(arena, uint32_t, n + 1),
        .kind = ARENA_ARRAY(arena, uint16_t, n + 1),
        .amount_cents = ARENA_ARRAY(arena, int64_t, n + 1),
        .quantity_milli = ARENA_ARRAY(arena, int64_t, n + 1),
        .item = ARENA_ARRAY(arena, uint32_t, n + 1),
        .source = ARENA_ARRAY(arena, uint16_t, n + 1),
        .message_hash = ARENA_ARRAY(arena, uint64_t, n + 1),
        .properties_end = ARENA_ARRAY(arena, uint32_t, n + 1),
    };
}

static bool add_event(struct restoring *r, struct row_reader *reader, struct events *events, FILE *properties,
                      struct arena *arena, struct err *err)
{
    size_t i = events->n;
    uint32_t kind, source;
    struct text identity = row_reader_text(reader), kind_name = row_reader_text(reader);
    events->received_ms[i] = row_reader_number(reader, 8);
    events->time_ms[i] = row_reader_number(reader, 8);
    events->amount_cents[i] = row_reader_number(reader, 8);
    events->quantity_milli[i] = row_reader_number(reader, 8);
    struct text item = row_reader_text(reader), source_name = row_reader_text(reader);
    events->message_hash[i] = (uint64_t)row_reader_number(reader, 8);
    if (!row_reader_properties(reader, properties, arena)) return true;
    events->properties_end[i] = (uint32_t)ftell(properties);
    if (!log_intern(r->log, DICTIONARY_IDENTITY, identity, &events->identity[i], err) ||
        !log_intern(r->log, DICTIONARY_KIND, kind_name, &kind, err) ||
        !log_intern(r->log, DICTIONARY_ITEM, item, &events->item[i], err) ||
        !log_intern(r->log, DICTIONARY_SOURCE, source_name, &source, err))
        return false;
    events->kind[i] = (uint16_t)kind, events->source[i] = (uint16_t)source;
    events->n++;
    return true;
}

static bool add_events(struct restoring *r, const struct answer *answer, int64_t n_rows, const struct shard *shard,
                       struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct events events;
    struct row_reader reader = { answer->bytes, answer->bytes + answer->n, false };
    char *bytes = NULL;
    size_t n_bytes = 0;
    FILE *properties = open_memstream(&bytes, &n_bytes);
    bool ok = properties || err_set(err, ERR_IO, "no memory for properties");
    reserve(&events, (size_t)n_rows, arena);
    while (ok && !reader.is_bad && reader.at < reader.end && (int64_t)events.n < n_rows)
        ok = add_event(r, &reader, &events, properties, arena, err);
    if (properties) (void)fclose(properties);
    if (ok && (reader.is_bad || reader.at < reader.end || (int64_t)events.n != n_rows)) ok = not_whole(shard, err);
    events.properties_bytes = bytes;
    if (ok && events.n > 0) ok = log_append(r->log, &events, err);
    r->out.n_events += events.n;
    free(bytes);
    arena_free(arena);
    return ok;
}

static bool restore_partition(struct restoring *r, unsigned partition, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct shard *shard = r->shards[partition % r->settings->n_shards];
    struct answer answer = { 0 };
    int64_t n_rows = 0;
    const char *from =
        arena_format(arena, "FROM %s.events WHERE partition = %u", r->settings->database, partition);
    bool ok = shard_number(shard, arena_format(arena, "SELECT uniqExact(row) %s", from), &n_rows, err) &&
              ask_rows(shard,
                       arena_format(arena, "SELECT %s %s ORDER BY row LIMIT 1 BY row FORMAT RowBinary", columns, from),
                       &answer, err) &&
              (answer_holds(&answer, n_rows, EVENT_LEAST_BYTES) || not_whole(shard, err)) &&
              add_events(r, &answer, n_rows, shard, err);
    answer_free(&answer);
    arena_free(arena);
    return ok;
}

/* ---- links ---- */

static bool add_link(struct restoring *r, struct identities *identities, struct row_reader *reader,
                     struct err *err)
{
    struct text a_name = row_reader_text(reader), b_name = row_reader_text(reader);
    int64_t how = row_reader_number(reader, 1), received_ms = row_reader_number(reader, 8);
    uint32_t a, b;
    enum link_result result;
    const char *why;
    if (reader->is_bad || how > LINK_MANUAL) return not_whole(r->shards[0], err);
    if (!log_intern(r->log, DICTIONARY_IDENTITY, a_name, &a, err) ||
        !log_intern(r->log, DICTIONARY_IDENTITY, b_name, &b, err) ||
        !identities_link(identities, r->store, a, b, (enum link_how)how, received_ms, &result, &why, err))
        return false;
    r->out.n_links += result == LINK_MADE;
    return true;
}

/* In the order made; those that were removed never were. */
static bool restore_links(struct restoring *r, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct answer answer = { 0 };
    struct identities *identities = NULL;
    int64_t n_rows = 0, n_read = 0;
    const char *from = arena_format(
        arena,
        "FROM (SELECT id, argMax(a, version) AS a, argMax(b, version) AS b, argMax(how, version) AS how, "
        "argMax(received_ms, version) AS received_ms, argMax(removed_ms, version) AS removed_ms FROM %s.links "
        "GROUP BY id) WHERE removed_ms = 0",
        r->settings->database);
    bool ok = identities_open(r->store, r->log, &identities, err) &&
              shard_number(r->shards[0], arena_format(arena, "SELECT count() %s", from), &n_rows, err) &&
              ask_rows(r->shards[0],
                       arena_format(arena, "SELECT a, b, how, received_ms %s ORDER BY id FORMAT RowBinary", from),
                       &answer, err);
    struct row_reader reader = { answer.bytes, answer.bytes + answer.n, false };
    for (; ok && reader.at < reader.end; n_read++) ok = add_link(r, identities, &reader, err);
    if (ok && n_read != n_rows) ok = not_whole(r->shards[0], err);
    identities_close(identities);
    answer_free(&answer);
    arena_free(arena);
    return ok;
}

bool restore_run(const struct warehouse_settings *settings, unsigned first_partition, unsigned last_partition,
                 struct store *store, struct log *log, struct restored *ret_restored, struct err *err)
{
    struct restoring r = {
        .settings = settings, .store = store, .log = log, .first = first_partition, .last = last_partition
    };
    bool ok = true;
    for (size_t s = 0; ok && s < settings->n_shards; s++)
        ok = shard_open(settings, s, &r.shards[s], err) && tables_check_whole(settings, r.shards[s], err);
    ok = ok && store_begin(store, err);
    bool has_begun = ok;
    ok = ok && restore_identities(&r, err);
    for (unsigned p = first_partition; ok && p <= last_partition; p++) ok = restore_partition(&r, p, err);
    ok = ok && restore_links(&r, err) && store_commit(store, err);
    if (has_begun && !ok) store_rollback(store);
    for (size_t s = 0; s < settings->n_shards; s++) shard_close(r.shards[s]);
    if (ok) *ret_restored = r.out;
    return ok;
}
