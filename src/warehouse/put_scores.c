/* put_scores.c - see put_scores.h. */
#include "warehouse/put_scores.h"

#include "base/parallel.h"
#include "warehouse/native.h"
#include "warehouse/tables.h"
#include "warehouse/warehouse_remove.h"

#include <inttypes.h>
#include <stdio.h>

/* Partitions of a shard that go in one request. */
struct scores_part {
    const struct put_scores *put;
    const char *run, *id;
    bool has[LOG_PARTITIONS];
    unsigned partitions[LOG_PARTITIONS]; /* [n_partitions] those it has */
    size_t n_partitions, n;
    struct arena *arena;
};
enum { ROWS_AT_ONCE = 500 * 1000 };

static void put_same(struct native *native, const char *name, const char *value, size_t n)
{
    native_column(native, name, "String");
    for (size_t i = 0; i < n; i++) native_text(native, text_of(value));
}

/* At least the bytes of the rows at [n]. */
static size_t room_of(const struct scores_part *part, const uint32_t *at, size_t n)
{
    enum { HEADS = 1000, NUMBERS = 1 + 4 * 8 + 4, LENGTHS = 6 * 10 };
    const struct put_scores *put = part->put;
    size_t same = strlen(put->settings->node) + strlen(part->run) + strlen(put->question) + strlen(put->model),
           room = HEADS + n * (same + NUMBERS + LENGTHS);
    for (size_t i = 0; i < n; i++) room += put->customer[at[i]].length + strlen(put->reasons[at[i]]);
    return room;
}

static struct text scores_native(const struct scores_part *part)
{
    const struct put_scores *put = part->put;
    struct native native;
    uint32_t *at = ARENA_ARRAY(part->arena, uint32_t, part->n + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < put->n; i++)
        if (part->has[put->partition[i]]) at[n++] = i;
    native_begin(&native, 12, n, part->arena);
    native_reserve(&native, room_of(part, at, n));
    put_same(&native, "node", put->settings->node, n);
    put_same(&native, "run", part->run, n);
    native_column(&native, "partition", "UInt8");
    for (size_t i = 0; i < n; i++) native_bytes(&native, &put->partition[at[i]], 1);
    native_column(&native, "customer", "String");
    for (size_t i = 0; i < n; i++) native_text(&native, put->customer[at[i]]);
    native_column(&native, "customer_hash", "UInt64");
    for (size_t i = 0; i < n; i++) native_u64(&native, shipped_hash(put->customer[at[i]]));
    put_same(&native, "question", put->question, n);
    native_column(&native, "as_of_ms", "Int64");
    for (size_t i = 0; i < n; i++) native_u64(&native, (uint64_t)put->as_of_ms);
    native_column(&native, "prediction", "Float64");
    for (size_t i = 0; i < n; i++) native_bytes(&native, &put->prediction[at[i]], 8);
    native_column(&native, "expected_loss_cents", "Int64");
    for (size_t i = 0; i < n; i++) native_u64(&native, (uint64_t)put->loss_cents[at[i]]);
    native_column(&native, "reasons", "String");
    for (size_t i = 0; i < n; i++) native_text(&native, text_of(put->reasons[at[i]]));
    put_same(&native, "model", put->model, n);
    native_column(&native, "number", "UInt32");
    for (size_t i = 0; i < n; i++) native_bytes(&native, &put->number[at[i]], 4);
    return (struct text){ native.bytes, native.n };
}

static struct text runs_native(const struct scores_part *part, const size_t *n_of)
{
    const struct put_scores *put = part->put;
    struct native native;
    size_t n = part->n_partitions;
    native_begin(&native, 8, n, part->arena);
    put_same(&native, "node", put->settings->node, n);
    put_same(&native, "run", part->run, n);
    native_column(&native, "partition", "UInt8");
    for (size_t i = 0; i < n; i++) native_bytes(&native, &(uint8_t){ (uint8_t)part->partitions[i] }, 1);
    put_same(&native, "question", put->question, n);
    put_same(&native, "model", put->model, n);
    native_column(&native, "as_of_ms", "Int64");
    for (size_t i = 0; i < n; i++) native_u64(&native, (uint64_t)put->as_of_ms);
    native_column(&native, "customers", "UInt64");
    for (size_t i = 0; i < n; i++) native_u64(&native, n_of[part->partitions[i]]);
    native_column(&native, "finished_ms", "Int64");
    for (size_t i = 0; i < n; i++) native_u64(&native, (uint64_t)put->now_ms);
    return (struct text){ native.bytes, native.n };
}

/* What the run put there before goes; it is no longer whole before anything of it goes. */
static bool remove_run(const struct put_scores *put, struct shard *shard, const char *run, struct arena *arena,
                       struct err *err)
{
    const char *where = arena_format(arena, "run = %s AND partition BETWEEN %u AND %u",
                                     sql_quoted(arena, text_of(run)), put->first_partition, put->last_partition);
    static const char *const tables[] = { "runs", "scores" };
    for (int t = 0; t < 2; t++) {
        int64_t n;
        if (!shard_number(shard,
                          arena_format(arena, "SELECT count() FROM %s.%s WHERE %s", put->settings->database,
                                       tables[t], where),
                          &n, err) ||
            (n > 0 && !warehouse_remove(put->settings, shard_index(shard), tables[t], where, err)))
            return false;
    }
    return true;
}

/* How a server knows the requests of one program's part of a run. */
static const char *id_of(const struct put_scores *put, const char *run, struct arena *arena)
{
    return arena_format(arena, "%s-scores-%s-%u-%u-", put->settings->node, run, put->first_partition,
                        put->last_partition);
}

static bool put_part(const struct scores_part *part, struct shard *shard, const size_t *n_of, struct err *err)
{
    const char *database = part->put->settings->database;
    const struct shard_query rows = {
        .sql = arena_format(part->arena, "INSERT INTO %s.scores FORMAT Native", database),
        .body = part->n ? scores_native(part) : text_of(""),
        .id = part->id,
        .is_again = true,
    };
    const struct shard_query whole = {
        .sql = arena_format(part->arena, "INSERT INTO %s.runs FORMAT Native", database),
        .body = runs_native(part, n_of),
        .id = part->id,
        .is_again = true,
    };
    return (part->n == 0 || shard_ask(shard, &rows, err)) && shard_ask(shard, &whole, err);
}

static bool put_on(const struct put_scores *put, struct shard *shard, const char *run, const size_t *n_of,
                   struct err *err)
{
    unsigned p = put->first_partition;
    bool ok = true;
    while (ok && p <= put->last_partition) {
        struct scores_part part = { .put = put, .run = run, .arena = arena_new(ARENA_NO_LIMIT) };
        part.id = id_of(put, run, part.arena);
        for (; p <= put->last_partition && (part.n == 0 || part.n + n_of[p] <= ROWS_AT_ONCE); p++) {
            if (p % put->settings->n_shards != shard_index(shard)) continue;
            part.has[p] = true;
            part.partitions[part.n_partitions++] = p;
            part.n += n_of[p];
        }
        ok = part.n_partitions == 0 || put_part(&part, shard, n_of, err);
        arena_free(part.arena);
    }
    return ok;
}

/* All shards at once. */
struct scores_putting {
    const struct put_scores *put;
    const char *run;
    size_t n_of[LOG_PARTITIONS];
    bool ok[WAREHOUSE_SHARDS_MOST];
    struct err err[WAREHOUSE_SHARDS_MOST];
};

static void put_on_shard(void *context, size_t index, unsigned thread)
{
    struct scores_putting *putting = context;
    const struct put_scores *put = putting->put;
    struct err *err = &putting->err[index];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct shard *shard = NULL;
    (void)thread;
    putting->ok[index] = shard_open(put->settings, index, &shard, err) &&
                         tables_check_whole(put->settings, shard, err) &&
                         shard_wait_for(shard, id_of(put, putting->run, arena), err) &&
                         remove_run(put, shard, putting->run, arena, err) &&
                         put_on(put, shard, putting->run, putting->n_of, err);
    shard_close(shard);
    arena_free(arena);
}

bool put_scores(const struct put_scores *put, struct arena *arena, struct err *err)
{
    struct scores_putting *putting = ARENA_NEW(arena, struct scores_putting);
    size_t n_shards = put->settings->n_shards;
    putting->put = put;
    putting->run = arena_format(arena, "%s %" PRId64 " %" PRId64, put->question, put->as_of_ms, put->trained_ms);
    for (size_t i = 0; i < put->n; i++) putting->n_of[put->partition[i]]++;
    parallel_for((unsigned)n_shards, n_shards, put_on_shard, putting);
    for (size_t s = 0; s < n_shards; s++)
        if (!putting->ok[s]) return *err = putting->err[s], false;
    return true;
}
