/* warehouse_check.c - see warehouse_check.h. */
#include "warehouse/warehouse_check.h"

#include "base/hash_map.h"
#include "warehouse/tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct checking {
    const struct shipping_source *source;
    struct arena *arena;
    struct hash_map numbers; /* 1 + the piece, by shard, partition and month */
    struct piece *pieces;
    size_t n, room;
    int64_t position[WAREHOUSE_SHARDS_MOST];
};

static struct piece *piece_of(struct checking *checking, size_t shard, unsigned partition, uint32_t month)
{
    uint64_t *number = hash_map_put(
        &checking->numbers,
        (((uint64_t)shard << 40 | (uint64_t)partition << 32 | month) * UINT64_C(0x9E3779B97F4A7C15)) | 1);
    if (*number) return &checking->pieces[*number - 1];
    if (checking->n == checking->room) {
        size_t room = 2 * checking->room + 256;
        struct piece *grown = ARENA_ARRAY(checking->arena, struct piece, room);
        if (checking->n) memcpy(grown, checking->pieces, checking->n * sizeof *grown);
        checking->pieces = grown, checking->room = room;
    }
    *number = ++checking->n;
    checking->pieces[checking->n - 1] = (struct piece){ .shard = shard, .partition = partition, .month = month };
    return &checking->pieces[checking->n - 1];
}

/* ---- here ---- */

/* A partition's events, replaced ones and corrections too, as they would be shipped. */
static bool read_partition(const struct shipping_source *source, struct log_reader *reader, unsigned partition,
                           struct arena *arena, struct shipped *ret_shipped, struct err *err)
{
    struct events events;
    return log_read(reader, partition, LOG_ALL | LOG_SEQUENCE | LOG_REPLACED, arena, &events, err) &&
           shipped_build(source->log, source->lock, &source->names, &events, arena, ret_shipped, err);
}

static bool count_here(struct checking *checking, struct err *err)
{
    const struct shipping_source *source = checking->source;
    struct store *store = NULL;
    struct log_reader *reader = NULL;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    bool ok =
        store_open_beside(source->store, &store, err) && log_reader_open_through(source->log, store, &reader, err);
    if (ok && source->lock) log_reader_share_names(reader, source->lock);
    for (size_t s = 0; ok && s < source->settings->n_shards; s++) {
        struct shipper_state state;
        ok = shipper_state_read(store, s, &state, err);
        if (ok) checking->position[s] = state.position;
    }
    for (unsigned p = 0; ok && p < LOG_PARTITIONS; p++) {
        struct shipped shipped;
        size_t shard = p % source->settings->n_shards;
        arena_reset(scratch);
        ok = read_partition(source, reader, p, scratch, &shipped, err);
        for (size_t i = 0; ok && i < shipped.n; i++) {
            if ((int64_t)shipped.row[i] > checking->position[shard]) continue;
            struct piece *piece = piece_of(checking, shard, p, shipped.month[i]);
            piece->n_here++;
            piece->sum_here += shipped_sum(&shipped, i);
        }
    }
    log_reader_close(reader);
    store_close(store);
    arena_free(scratch);
    return ok;
}

/* ---- there ---- */

static bool count_there(struct checking *checking, struct shard *shard, struct err *err)
{
    const char *text = "";
    size_t index = shard_index(shard);
    bool ok = shard_text(shard,
                         arena_format(checking->arena,
                                      "SELECT partition, month, count(), uniqExact(row), %s FROM %s.events WHERE "
                                      "row <= %" PRId64 " GROUP BY partition, month",
                                      shipped_sum_sql, checking->source->settings->database,
                                      checking->position[index]),
                         checking->arena, &text, err);
    unsigned partition, month;
    uint64_t n, n_different, sum;
    for (const char *line = *text ? text : NULL; ok && line; line = shard_next_line(line)) {
        ok = sscanf(line, "%u\t%u\t%" SCNu64 "\t%" SCNu64 "\t%" SCNu64, &partition, &month, &n, &n_different,
                    &sum) == 5 ||
             shard_answers_odd(shard, line, "a partition, a month and what it holds", err);
        if (!ok) break;
        struct piece *piece = piece_of(checking, index, partition, month);
        piece->n_there = n, piece->n_different = n_different, piece->sum_there = sum;
    }
    return ok;
}

static bool sent_to(struct checking *checking, size_t index, int64_t *ret_to, struct err *err)
{
    struct shipper_state state;
    struct store *store = NULL;
    bool ok = store_open_beside(checking->source->store, &store, err) &&
              shipper_state_read(store, index, &state, err);
    store_close(store);
    if (ok) *ret_to = state.pending_to ? state.pending_to : state.position;
    return ok;
}

/* Rows beyond what was ever sent; where more is sent meanwhile they are not told from those. */
static bool count_unknown(struct checking *checking, struct shard *shard, struct err *err)
{
    const char *text = "";
    size_t index = shard_index(shard);
    int64_t before = 0, after = 0;
    bool ok = sent_to(checking, index, &before, err) &&
              shard_text(shard,
                         arena_format(checking->arena,
                                      "SELECT partition, month, count() FROM %s.events WHERE row > %" PRId64
                                      " GROUP BY partition, month",
                                      checking->source->settings->database, before),
                         checking->arena, &text, err) &&
              sent_to(checking, index, &after, err);
    unsigned partition, month;
    uint64_t n;
    for (const char *line = ok && *text && after == before ? text : NULL; ok && line;
         line = shard_next_line(line)) {
        ok = sscanf(line, "%u\t%u\t%" SCNu64, &partition, &month, &n) == 3 ||
             shard_answers_odd(shard, line, "a partition, a month and its rows", err);
        if (ok) piece_of(checking, index, partition, month)->n_unknown = n;
    }
    return ok;
}

/* All of a shard is asked of one replica. */
static bool check_shard(struct checking *checking, size_t index, struct warehouse_check *check, struct err *err)
{
    const struct warehouse_settings *settings = checking->source->settings;
    struct shard *shard = NULL;
    bool ok = shard_open(settings, index, &shard, err) && tables_check_whole(settings, shard, err) &&
              count_there(checking, shard, err) && count_unknown(checking, shard, err) &&
              links_check_run(checking->source, shard, &check->links[index], err);
    if (ok) check->servers[index] = arena_copy(checking->arena, shard_server(shard));
    shard_close(shard);
    return ok;
}

static int by_place(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;
    if (a->shard != b->shard) return a->shard < b->shard ? -1 : 1;
    if (a->partition != b->partition) return a->partition < b->partition ? -1 : 1;
    return (a->month > b->month) - (a->month < b->month);
}

static uint64_t missing_of(const struct piece *piece)
{
    return piece->n_here > piece->n_different ? piece->n_here - piece->n_different : 0;
}

/* What the replica that answered has not, another may have that does not answer. */
static bool ask_others(const struct checking *checking, size_t index, const char *asked, struct err *err)
{
    const struct warehouse_settings *settings = checking->source->settings;
    uint64_t n_missing = 0;
    bool ok = true;
    for (size_t i = 0; i < checking->n; i++)
        if (checking->pieces[i].shard == index) n_missing += missing_of(&checking->pieces[i]);
    for (size_t r = 0; ok && n_missing > 0 && r < settings->n_replicas[index]; r++) {
        struct shard *other = NULL;
        struct err why;
        if (strcmp(settings->replicas[index][r], asked) == 0) continue;
        if (!shard_open_replica(settings, index, r, &other, err)) return false;
        if (!tables_check_replica(settings, other, &why))
            ok = err_set(err, ERR_MISSING,
                         "%s has not %" PRIu64 " of the events, and whether %s has them cannot be told: %.300s; "
                         "check again once it answers, or take it out of the settings if it is lost",
                         asked, n_missing, shard_server(other), why.text);
        shard_close(other);
    }
    return ok;
}

bool warehouse_check_run(const struct shipping_source *source, struct arena *arena,
                         struct warehouse_check *ret_check, struct err *err)
{
    struct checking checking = { .source = source, .arena = arena };
    struct warehouse_check check = { .n_shards = source->settings->n_shards };
    bool ok = count_here(&checking, err);
    for (size_t s = 0; ok && s < source->settings->n_shards; s++)
        ok = check_shard(&checking, s, &check, err) && ask_others(&checking, s, check.servers[s], err);
    hash_map_free(&checking.numbers);
    if (!ok) return false;
    for (size_t i = 0; i < checking.n; i++) {
        const struct piece piece = checking.pieces[i];
        check.n_here += piece.n_here;
        check.n_there += piece.n_there + piece.n_unknown;
        check.n_unknown += piece.n_unknown;
        check.n_missing += missing_of(&piece);
        check.n_doubled += piece.n_there - piece.n_different;
        if (piece.n_here != piece.n_there || piece.n_there != piece.n_different ||
            piece.sum_here != piece.sum_there || piece.n_unknown)
            checking.pieces[check.n_differ++] = piece;
    }
    for (size_t s = 0; s < check.n_shards; s++) check.n_links_differ += check.links[s].is_different;
    check.differ = checking.pieces;
    if (check.n_differ) qsort(check.differ, check.n_differ, sizeof *check.differ, by_place);
    *ret_check = check;
    return true;
}

json_t *warehouse_check_json(const struct warehouse_check *check)
{
    json_t *differ = json_array();
    for (size_t i = 0; i < check->n_differ; i++) {
        const struct piece *piece = &check->differ[i];
        json_array_append_new(
            differ, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "server", check->servers[piece->shard], "table",
                              "events", "partition", (json_int_t)piece->partition, "month", (json_int_t)piece->month, "here",
                              (json_int_t)piece->n_here, "there",
                              (json_int_t)(piece->n_there + piece->n_unknown)));
    }
    for (size_t s = 0; s < check->n_shards; s++)
        if (check->links[s].is_different)
            json_array_append_new(differ, json_pack("{s:s, s:s, s:I, s:I}", "server", check->servers[s], "table",
                                                    "links", "here", (json_int_t)check->links[s].n_here, "there",
                                                    (json_int_t)check->links[s].n_there));
    return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:o}", "partitions", LOG_PARTITIONS, "events_here",
                     (json_int_t)check->n_here, "events_there", (json_int_t)check->n_there, "missing",
                     (json_int_t)check->n_missing, "doubled", (json_int_t)check->n_doubled, "unknown",
                     (json_int_t)check->n_unknown, "differ", differ);
}
