/* put_scores.c - see put_scores.h. */
#include "warehouse/put_scores.h"

#include "warehouse/native.h"
#include "warehouse/tables.h"
#include "warehouse/warehouse_check.h"

#include <inttypes.h>
#include <stdio.h>

struct scores_part {
    const struct put_scores *put;
    const char *run;
    unsigned partition;
    size_t n;
    struct arena *arena;
};

static void put_same(struct native *native, const char *name, const char *value, size_t n)
{
    native_column(native, name, "String");
    for (size_t i = 0; i < n; i++) native_text(native, text_of(value));
}

static struct text scores_native(const struct scores_part *part)
{
    const struct put_scores *put = part->put;
    struct native native;
    uint32_t *at = ARENA_ARRAY(part->arena, uint32_t, part->n + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < put->n; i++)
        if (put->partition[i] == part->partition) at[n++] = i;
    native_begin(&native, 12, n, part->arena);
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

static bool put_partition(const struct scores_part *part, struct shard *shard, struct err *err)
{
    const struct put_scores *put = part->put;
    const char *database = put->settings->database;
    const char *where = arena_format(part->arena, "run = %s AND partition = %u",
                                     sql_quoted(part->arena, text_of(part->run)), part->partition);
    static const char *const tables[] = { "runs", "scores" };
    for (int t = 0; t < 2; t++) { /* it is no longer whole before anything of it goes */
        int64_t n;
        if (!shard_number(
                shard, arena_format(part->arena, "SELECT count() FROM %s.%s WHERE %s", database, tables[t], where),
                &n, err) ||
            (n > 0 && !warehouse_remove(put->settings, shard_index(shard), tables[t], where, err)))
            return false;
    }
    const struct shard_query rows = {
        .sql = arena_format(part->arena, "INSERT INTO %s.scores FORMAT Native", database),
        .body = scores_native(part),
        .is_again = true,
    };
    return (part->n == 0 || shard_ask(shard, &rows, err)) &&
           shard_do(shard,
                    arena_format(part->arena,
                                 "INSERT INTO %s.runs SELECT '%s', %s, toUInt8(%u), %s, %s, "
                                 "toInt64(%" PRId64 "), toUInt64(%zu), toInt64(%" PRId64 ")",
                                 database, put->settings->node, sql_quoted(part->arena, text_of(part->run)),
                                 part->partition, sql_quoted(part->arena, text_of(put->question)),
                                 sql_quoted(part->arena, text_of(put->model)), put->as_of_ms, part->n,
                                 put->now_ms),
                    err);
}

bool put_scores(const struct put_scores *put, struct arena *arena, struct err *err)
{
    size_t n_of[LOG_PARTITIONS] = { 0 }, n_shards = put->settings->n_shards;
    const char *run =
        arena_format(arena, "%s %" PRId64 " %" PRId64, put->question, put->as_of_ms, put->trained_ms);
    bool ok = true;
    for (size_t i = 0; i < put->n; i++) n_of[put->partition[i]]++;
    for (size_t s = 0; ok && s < n_shards; s++) {
        struct shard *shard = NULL;
        ok = shard_open(put->settings, s, &shard, err) && tables_check(put->settings, shard, err);
        for (unsigned p = put->first_partition; ok && p <= put->last_partition; p++) {
            if (p % n_shards != s) continue;
            struct scores_part part = { put, run, p, n_of[p], arena_new(ARENA_NO_LIMIT) };
            ok = put_partition(&part, shard, err);
            arena_free(part.arena);
        }
        shard_close(shard);
    }
    return ok;
}
