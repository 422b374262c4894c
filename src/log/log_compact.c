/* log_compact.c - rewrites small blocks as chunks of one partition; see log.h.
 *
 * Within a partition, a run of small blocks next to each other becomes chunks under the id of the
 * run's first block, so what stands before and behind the run keeps its place. */
#include "base/crash_point.h"
#include "log/log_internal.h"

#include <assert.h>

enum { SMALL_EVENTS = LOG_CHUNK_EVENTS / 2, RUN_MOST_EVENTS = 16 * LOG_CHUNK_EVENTS };

static bool is_small(const struct block *block)
{
    return block->chunk.partition == CHUNK_MIXED || block->chunk.n < SMALL_EVENTS;
}

/* The end of the run of small blocks that begins at first. */
static size_t run_end(const struct block *blocks, size_t n, size_t first)
{
    size_t end = first, n_events = 0;
    while (end < n && is_small(&blocks[end]) && n_events + blocks[end].chunk.n <= RUN_MOST_EVENTS)
        n_events += blocks[end++].chunk.n;
    return end;
}

/* A run becomes chunks of the partition; mixed blocks stay until all partitions took their share. */
static bool rewrite_run(struct log *log, struct log_reader *reader, unsigned partition, struct block_run run,
                        struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct events events;
    struct log_chunk *chunk = NULL;
    bool ok = log_reader_gather(reader, partition, run, LOG_ALL, arena, &events, err) &&
              log_encode_with(log->encoder, partition, &events, arena, &chunk, err);
    for (size_t i = run.first; ok && i < run.end; i++)
        if (run.blocks[i].chunk.partition != CHUNK_MIXED) ok = log_blocks_remove(log, run.blocks[i].id, run.blocks[i].id, err);
    int64_t id = run.blocks[run.first].id & ~(int64_t)((1 << ID_PART_SHIFT) - 1);
    for (size_t i = 0; ok && i < chunk->n_parts; i++) {
        ok = log_block_put(log, id | (int64_t)partition << ID_PARTITION_SHIFT, &chunk->parts[i], err);
        id += 1 << ID_PART_SHIFT;
        crash_point();
    }
    arena_free(arena);
    return ok;
}

static bool compact_partition(struct log *log, struct log_reader *reader, unsigned partition, struct err *err)
{
    struct block *blocks;
    size_t n;
    if (!log_reader_blocks(reader, partition, &blocks, &n, err)) return false;
    for (size_t first = 0, end; first < n; first = end) {
        end = run_end(blocks, n, first);
        if (end == first) { end++; continue; }
        bool is_one_chunk = end == first + 1 && blocks[first].chunk.partition != CHUNK_MIXED;
        if (!is_one_chunk &&
            !rewrite_run(log, reader, partition, (struct block_run){ blocks, n, first, end }, err))
            return false;
    }
    return true;
}

static bool remove_mixed(struct log *log, struct log_reader *reader, struct err *err)
{
    struct block *blocks;
    size_t n;
    if (!log_reader_blocks(reader, CHUNK_MIXED, &blocks, &n, err)) return false;
    for (size_t i = 0; i < n; i++)
        if (!log_blocks_remove(log, blocks[i].id, blocks[i].id, err)) return false;
    return true;
}

static bool compact_names(struct log *log, struct err *err)
{
    struct cursor *cursor;
    size_t least = 0;
    for (int d = 0; d < DICTIONARIES; d++) least += (log->names[d].n + NAMES_BLOCK - 1) / NAMES_BLOCK;
    if (!store_query(log->store, "log_names_count", NULL, 0, &cursor, err)) return false;
    enum step step;
    size_t n = 0;
    while ((step = cursor_step(cursor, err)) == STEP_ROW) n += (size_t)cursor_int(cursor, 1);
    cursor_close(cursor);
    bool ok = step == STEP_END;
    if (!ok || n <= 2 * least) return ok;
    if (!store_run(log->store, "log_names_remove", NULL, 0, err)) return false;
    for (int d = 0; d < DICTIONARIES; d++) log->n_stored[d] = 1;       /* the empty text is never stored */
    return log_names_put(log, err);
}

bool log_compact(struct log *log, struct err *err)
{
    struct log_reader *reader;
    if (!log_need_encoder(log, err) || !log_reader_new(log, log->store, false, &reader, err)) return false;
    bool ok = store_begin(log->store, err);
    if (ok) {
        for (unsigned partition = 0; ok && partition < LOG_PARTITIONS; partition++)
            ok = compact_partition(log, reader, partition, err);
        ok = ok && remove_mixed(log, reader, err) && compact_names(log, err) && store_commit(log->store, err);
        if (!ok) store_rollback(log->store);
    }
    log_reader_close(reader);
    struct err second;
    if (!ok && !log_reload(log, &second)) return err_context(err, "%s; and before it", second.text);
    return ok;
}
