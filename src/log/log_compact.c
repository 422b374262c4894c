/* log_compact.c - rewrites small blocks as chunks of one partition; see log.h.
 *
 * Blocks that were written as one, a unit, are one.  Within a partition, a run of small units next to each other
 * becomes one unit under the id of the run's first block, so what stands before and behind the run keeps its
 * place. */
#include "base/crash_point.h"
#include "log/log_internal.h"
#include "store/sql.h"

#include <assert.h>

enum { SMALL_EVENTS = LOG_CHUNK_EVENTS / 2, RUN_MOST_EVENTS = 16 * LOG_CHUNK_EVENTS };

size_t log_unit_end(const struct block *blocks, size_t n, size_t first)
{
    size_t end = first + 1;
    if (blocks[first].chunk.partition == CHUNK_MIXED) return end;
    while (end < n && blocks[end].chunk.partition != CHUNK_MIXED &&
           blocks[end].id >> ID_APPEND_SHIFT == blocks[first].id >> ID_APPEND_SHIFT)
        end++;
    return end;
}

size_t log_unit_events(const struct block *blocks, size_t first, size_t end)
{
    size_t n_events = 0;
    for (size_t i = first; i < end; i++) n_events += blocks[i].chunk.n;
    return n_events;
}

/* The end of the run of small units that begins at first. */
static size_t run_end(const struct block *blocks, size_t n, size_t first)
{
    size_t end = first, n_events = 0;
    while (end < n) {
        size_t next = log_unit_end(blocks, n, end), size = log_unit_events(blocks, end, next);
        bool is_small = blocks[end].chunk.partition == CHUNK_MIXED || size < SMALL_EVENTS;
        if (!is_small || n_events + size > RUN_MOST_EVENTS) break;
        n_events += size, end = next;
    }
    return end;
}

/* A run becomes chunks of the partition; mixed blocks stay until all partitions took their share. */
static bool rewrite_run(struct log *log, struct log_reader *reader, unsigned partition, struct block_run run,
                        struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct events events;
    struct log_chunk *chunk = NULL;
    bool ok = log_reader_gather(reader, partition, run, LOG_ALL | LOG_SEQUENCE, arena, &events, err) &&
              log_encode_with(log->encoder, partition, &events, arena, &chunk, err);
    for (size_t i = run.first; ok && i < run.end; i++)
        if (run.blocks[i].chunk.partition != CHUNK_MIXED)
            ok = log_blocks_remove(log, run.blocks[i].id, run.blocks[i].id, err);
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
        if (end == first) { end = log_unit_end(blocks, n, first); continue; }
        bool is_one_unit = end == log_unit_end(blocks, n, first) && blocks[first].chunk.partition != CHUNK_MIXED;
        if (!is_one_unit &&
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
    struct sql_log_names_count row;
    size_t least = 0;
    for (int d = 0; d < DICTIONARIES; d++) least += (log->names[d].n + NAMES_BLOCK - 1) / NAMES_BLOCK;
    if (!sql_log_names_count(log->store, &row, err)) return false;
    enum step step;
    size_t n = 0;
    while ((step = sql_log_names_count_step(&row, err)) == STEP_ROW) n += (size_t)row.n_blocks;
    cursor_close(row.cursor);
    bool ok = step == STEP_END;
    if (!ok || n <= 2 * least) return ok;
    if (!sql_log_names_remove(log->store, err)) return false;
    for (int d = 0; d < DICTIONARIES; d++) log->n_stored[d] = 1;       /* the empty text is never stored */
    return log_names_put(log, err);
}

bool embedded_compact(struct log *log, struct err *err)
{
    struct log_reader *reader;
    log->until = UINT64_MAX;        /* what is rewritten must lack nothing */
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
