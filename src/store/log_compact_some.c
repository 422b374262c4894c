/* log_compact_some.c - compaction a little at a time, while events come in; see log.h.
 *
 * Blocks of about the same size that stand next to each other are rewritten as one when there are enough of them:
 * mixed appends become larger mixed blocks, and once they hold enough events they are split into a block of each
 * partition; a partition's small blocks become larger ones, until they are chunks.  So an event is rewritten once
 * for each size it passes through, however many there are.  What is rewritten stands under the id of the first of
 * them, and nothing else stands between, so the order stays. */
#include "base/crash_point.h"
#include "store/log_internal.h"

#include <assert.h>
#include <string.h>

enum { TAIL_MOST_BLOCKS = 4096, FAN = 8, GROWTH = 4 };

/* Runs are looked for among blocks of fewer events, or names, than one of these, the least first.  A run is FAN
 * blocks or more and GROWTH times as large as its largest, so that each rewriting at least so multiplies the
  * block that an event is in: it is rewritten at most log(64 Ki) / log(GROWTH) times, and mostly two or three. */
static const size_t limits[] = { 16, 64, 256, 1024, 4096, 16 * 1024, LOG_CHUNK_EVENTS / 2 };
enum { LIMITS = 7 };

static bool is_worth_it(size_t n_blocks, size_t sum, size_t largest) { return n_blocks >= FAN &&
                                                                       sum >= GROWTH * largest; }

/* One call's work. */
struct compaction {
    struct log        *log;
    struct log_reader *reader;
    struct arena      *arena;
    size_t             budget, n_rewritten;
};

/* Mixed blocks of so many events in all are split. */
static size_t split_events(size_t budget) { return budget - budget / 4; }

static bool is_mixed(const struct block *block) { return block->chunk.partition == CHUNK_MIXED; }

static bool rewrite(struct compaction *compaction, struct block_run run, const struct events *events,
                    unsigned partition, struct err *err)
{
    struct log *log = compaction->log;
    struct log_chunk *chunk;
    int64_t id = run.blocks[run.first].id & ~(int64_t)((1 << ID_PART_SHIFT) - 1);
    if (!log_encode_with(log->encoder, partition, events, compaction->arena, &chunk, err)) return false;
    for (size_t i = 0; i < chunk->n_parts; i++, id += 1 << ID_PART_SHIFT)
        if (!log_block_put(log, id | (int64_t)partition << ID_PARTITION_SHIFT, &chunk->parts[i],
                           err)) return false;
    crash_point();
    return true;
}

static bool remove_run(struct compaction *compaction, struct block_run run, struct err *err)
{
    for (size_t i = run.first; i < run.end; i++) {
        if (!log_block_remove(compaction->log, run.blocks[i].id, err)) return false;
        compaction->n_rewritten += run.blocks[i].chunk.n;
    }
    crash_point();
    return true;
}

/* A run of mixed blocks as one; or as blocks of the partitions. */
static bool join_mixed(struct compaction *compaction, struct block_run run, struct err *err)
{
    struct events events;
    return log_reader_mixed(compaction->reader, run.blocks + run.first, run.end - run.first, &events, err) &&
           remove_run(compaction, run, err) && rewrite(compaction, run, &events, CHUNK_MIXED, err);
}

static bool split_mixed(struct compaction *compaction, struct block_run run, struct err *err)
{
    struct events events;
    const struct block_run all = { run.blocks + run.first, run.end - run.first, 0, run.end - run.first };
    for (unsigned partition = 0; partition < LOG_PARTITIONS; partition++) {
        arena_reset(compaction->arena);
        if (!log_reader_gather(compaction->reader, partition, all, LOG_ALL, compaction->arena, &events, err) ||
            (events.n > 0 && !rewrite(compaction, run, &events, partition, err)))
            return false;
    }
    compaction->log->is_unmerged = true;
    return remove_run(compaction, run, err);
}

/* The end of the run of blocks of one kind, each of fewer than limit events and most_events in all, from first
 * on. */
static size_t run_end(const struct block *blocks, size_t n, size_t first, size_t limit, size_t most_events)
{
    size_t end = first, n_events = 0;
    while (end < n && is_mixed(&blocks[end]) == is_mixed(&blocks[first]) && blocks[end].chunk.n < limit &&
           n_events + blocks[end].chunk.n <= most_events)
        n_events += blocks[end++].chunk.n;
    return end;
}

/* The first run worth rewriting as one, of mixed blocks or of others. */
static bool find_run(const struct block *blocks, size_t n, bool wants_mixed, struct block_run *ret_run)
{
    for (int i = 0; i < LIMITS; i++)
        for (size_t first = 0; first < n; first++) {
            if (is_mixed(&blocks[first]) != wants_mixed) continue;
            size_t end = run_end(blocks, n, first, limits[i], LOG_CHUNK_EVENTS), sum = 0, largest = 0;
            for (size_t b = first; b < end; b++) {
                sum += blocks[b].chunk.n;
                if (blocks[b].chunk.n > largest) largest = blocks[b].chunk.n;
            }
            *ret_run = (struct block_run){ blocks, n, first, end };
            if (is_worth_it(end - first, sum, largest)) return true;
        }
    return false;
}

static size_t events_of(struct block_run run)
{
    size_t n = 0;
    for (size_t i = run.first; i < run.end; i++) n += run.blocks[i].chunk.n;
    return n;
}

/* Splits the earliest mixed blocks if they hold enough events, else joins some if there are enough of one size. */
static bool compact_tail(struct compaction *compaction, const struct block *blocks, size_t n, struct err *err)
{
    struct block_run run = { .blocks = blocks, .n = n };
    for (run.first = 0; run.first < n; run.first = run.end > run.first ? run.end : run.first + 1) {
        run.end = run.first;
        if (!is_mixed(&blocks[run.first])) continue;
        run.end = run_end(blocks, n, run.first, SIZE_MAX, SIZE_MAX);
        if (events_of(run) < split_events(compaction->budget)) continue;
        size_t end = run_end(blocks, n, run.first, SIZE_MAX, compaction->budget);
        run.end = end > run.first ? end : run.first + 1;
        return split_mixed(compaction, run, err);
    }
    return !find_run(blocks, n, true, &run) || join_mixed(compaction, run, err);
}

static bool merge_run(struct compaction *compaction, unsigned partition, struct block_run run, struct err *err)
{
    struct events events;
    const struct block_run alone = { run.blocks + run.first, run.end - run.first, 0, run.end - run.first };
    return log_reader_gather(compaction->reader, partition, alone, LOG_ALL, compaction->arena, &events, err) &&
           remove_run(compaction, run, err) && rewrite(compaction, run, &events, partition, err);
}

/* Joins small blocks of a partition that have no mixed one between them, if there are enough of one size. */
static bool merge_partition(struct compaction *compaction, unsigned partition, struct err *err)
{
    struct block *blocks;
    size_t n;
    arena_reset(compaction->arena);
    if (!log_reader_blocks(compaction->reader, partition, &blocks, &n, err)) return false;
    struct block_run run;
    return !find_run(blocks, n, false, &run) || merge_run(compaction, partition, run, err);
}

/* One partition after another, from where the last call stopped, until the budget is spent. */
static bool merge_partitions(struct compaction *compaction, struct err *err)
{
    struct log *log = compaction->log;
    for (unsigned looked = 0; looked < LOG_PARTITIONS; looked++) {
        size_t n_before = compaction->n_rewritten;
        if (!merge_partition(compaction, log->next_merge % LOG_PARTITIONS, err)) return false;
        if (compaction->n_rewritten == n_before) { log->next_merge++; continue; }
        looked = 0;     /* it may have more */
        if (compaction->n_rewritten >= compaction->budget) return true;
    }
    log->is_unmerged = false;
    return true;
}

/* ---- names ---- */

struct name_block { int64_t id; size_t n; };

static bool read_name_blocks(struct log *log, int dictionary, struct name_block *ret_blocks, size_t room,
                             size_t *ret_n, struct err *err)
{
    struct cursor *cursor;
    enum step step;
    size_t n = 0;
    const struct value args[] = { value_int((int64_t)dictionary << 40), value_int(((int64_t)dictionary + 1) << 40),
                                  value_int((int64_t)room) };
    if (!store_query(log->store, "log_names_tail", args, 3, &cursor, err)) return false;
    while ((step = cursor_step(cursor, err)) == STEP_ROW && n < room)
        ret_blocks[n++] = (struct name_block){ cursor_int(cursor, 0), (size_t)cursor_int(cursor, 1) };
    cursor_close(cursor);
    *ret_n = n;
    return step != STEP_FAIL;
}

/* blocks are last first. */
static bool join_names(struct compaction *compaction, int dictionary, const struct name_block *blocks,
                       size_t n_blocks,
                       struct err *err)
{
    size_t n = 0, first = (size_t)(blocks[n_blocks - 1].id - ((int64_t)dictionary << 40));
    const struct value args[] = { value_int(blocks[n_blocks - 1].id), value_int(blocks[0].id) };
    for (size_t i = 0; i < n_blocks; i++) n += blocks[i].n;
    if (!store_run(compaction->log->store, "log_names_range_remove", args, 2, err) ||
        !log_names_block_put(compaction->log, dictionary, first, n, err))
        return false;
    compaction->n_rewritten += n;
    crash_point();
    return true;
}

static bool compact_names(struct compaction *compaction, int dictionary, struct err *err)
{
    enum { ROOM = 512 };
    struct name_block *blocks = ARENA_ARRAY(compaction->arena, struct name_block, ROOM);
    size_t n;
    if (!read_name_blocks(compaction->log, dictionary, blocks, ROOM, &n, err)) return false;
    for (int i = 0; i < LIMITS; i++)
        for (size_t first = 0; first < n; first++) {
            size_t n_names = 0, largest = 0, end = first;
            for (; end < n && blocks[end].n < limits[i] && n_names + blocks[end].n <= NAMES_BLOCK; end++) {
                n_names += blocks[end].n;
                if (blocks[end].n > largest) largest = blocks[end].n;
            }
            if (is_worth_it(end - first, n_names, largest))
                return join_names(compaction, dictionary, blocks + first, end - first, err);
        }
    return true;
}

static bool compact_all_names(struct compaction *compaction, struct err *err)
{
    struct log *log = compaction->log;
    for (int d = 0; d < DICTIONARIES; d++) {
        if (log->n_name_blocks_put[d] < FAN) continue;
        size_t n_before = compaction->n_rewritten;
        if (!compact_names(compaction, d, err)) return false;
        if (compaction->n_rewritten == n_before) log->n_name_blocks_put[d] = 0;
    }
    return true;
}

/* ---- one call ---- */

static bool compact_step(struct compaction *compaction, struct err *err)
{
    struct block *blocks;
    size_t n;
    if (!log_reader_tail(compaction->reader, TAIL_MOST_BLOCKS, &blocks, &n, err) ||
        !compact_tail(compaction, blocks, n, err))
        return false;
    if (compaction->n_rewritten < compaction->budget && compaction->log->is_unmerged &&
        !merge_partitions(compaction, err))
        return false;
    return compact_all_names(compaction, err);
}

/* Whether there can be anything to do: without touching the file for writing. */
static bool is_due(struct log *log, size_t budget, bool *ret_is_due, struct err *err)
{
    struct cursor *cursor;
    const struct value args[] = { value_int(CHUNK_MIXED) };
    *ret_is_due = log->is_unmerged;
    for (int d = 0; d < DICTIONARIES; d++) *ret_is_due |= log->n_name_blocks_put[d] >= FAN;
    if (*ret_is_due) return true;
    if (!store_query(log->store, "log_partition_blocks", args, 1, &cursor, err)) return false;
    bool ok = cursor_step(cursor, err) == STEP_ROW;
    if (ok) *ret_is_due = cursor_int(cursor, 0) >= FAN || (size_t)cursor_int(cursor, 1) >= split_events(budget);
    cursor_close(cursor);
    return ok;
}

bool log_compact_some(struct log *log, size_t budget_events, size_t *ret_n, struct err *err)
{
    struct compaction compaction = { .log = log, .budget = budget_events };
    bool is_wanted, was_unmerged = log->is_unmerged;
    *ret_n = 0;
    if (!is_due(log, budget_events, &is_wanted, err)) return false;
    if (!is_wanted) return true;
    if (!log_need_encoder(log, err) || !log_reader_new(log, log->store, false, &compaction.reader,
                                                       err)) return false;
    compaction.arena = arena_new(ARENA_NO_LIMIT);
    bool ok = store_begin(log->store, err) && compact_step(&compaction, err) &&
              (compaction.n_rewritten == 0 || store_commit(log->store, err));
    store_rollback(log->store);
    if (ok) *ret_n = compaction.n_rewritten;
    else log->is_unmerged |= was_unmerged;
    arena_free(compaction.arena);
    log_reader_close(compaction.reader);
    return ok;
}
