/* log_compactor.c - compaction a little at a time, while events come in; see log.h.
 *
 * Blocks of about the same size that stand next to each other are rewritten as one when there are enough of them:
 * mixed appends become larger mixed blocks, and once they hold enough events they are split into a block of each
 * partition; a partition's small blocks become larger ones, until they are chunks.  So an event is rewritten once
 * for each size it passes through, however many there are.  What is rewritten stands under the id of the first of
 * them, and nothing else stands between, so the order stays.
 *
 * Reading, decoding and encoding are done beside the thread that writes, of which only the exchange of finished
 * blocks is asked.  In between it only appends, which touches no block that is there; that nobody has blanked
 * anything (log_forget.c) is checked before the exchange. */
#include "base/memory.h"
#include "base/crash_point.h"
#include "log/log_internal.h"
#include "store/setting.h"
#include "store/sql.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TAIL_MOST_BLOCKS = 4096, MIXED_MOST_BLOCKS = 512, FAN = 8, GROWTH = 4 };

/* Runs are looked for among blocks of fewer events, or names, than one of these, the least first.  A run is FAN
 * blocks or more and GROWTH times as large as its largest, so that each rewriting at least so multiplies the
 * block that an event is in: it is rewritten at most log(64 Ki) / log(GROWTH) times, and mostly two or three. */
static const size_t limits[] = { 16, 64, 256, 1024, 4096, 16 * 1024, LOG_CHUNK_EVENTS / 2 };
enum { LIMITS = 7 };

static bool is_worth_it(size_t n_blocks, size_t sum, size_t largest)
{
    return n_blocks >= FAN && sum >= GROWTH * largest;
}

/* One block of what is prepared. */
struct replacement { int64_t id; struct chunk chunk; struct replacement *next; };
/* Blocks first .. last of the log go: all that lie between if they are mixed ones. */
struct removal { int64_t first, last; struct removal *next; };

struct log_compactor {
    struct log         *log;            /* whose writer asks */
    struct store       *store;          /* a connection of its own */
    struct log_reader  *reader;
    struct encoder     *encoder;
    struct arena       *arena, *scratch;        /* of what is prepared; of one run */
    uint8_t            *partitions;     /* [n_names[DICTIONARY_IDENTITY]] */
    size_t              n_names[DICTIONARIES], partitions_room;
    bool                is_unmerged;    /* partitions may have blocks to merge ... */
    unsigned            next_merge;     /* ... and which to look at first */

    size_t              budget, n_rewritten;
    struct removal     *removals;
    struct replacement *replacements;
    char               *blankings;      /* as setting LOG_BLANKINGS was; owned; NULL: never set */
};

/* Mixed blocks of so many events in all are split. */
static size_t split_events(size_t budget) { return budget - budget / 4; }

static bool is_mixed(const struct block *block) { return block->chunk.partition == CHUNK_MIXED; }

/* ---- preparing ---- */

static bool prepare_blocks(struct log_compactor *compactor, struct block_run run, const struct events *events,
                           unsigned partition, struct err *err)
{
    struct log_chunk *chunk;
    int64_t id = run.blocks[run.first].id & ~(int64_t)((1 << ID_PART_SHIFT) - 1);
    if (!log_encode_with(compactor->encoder, partition, events, compactor->arena, &chunk, err)) return false;
    for (size_t i = 0; i < chunk->n_parts; i++, id += 1 << ID_PART_SHIFT) {
        struct replacement *replacement = ARENA_NEW(compactor->arena, struct replacement);
        *replacement = (struct replacement){ id | (int64_t)partition << ID_PARTITION_SHIFT, chunk->parts[i],
                                             compactor->replacements };
        compactor->replacements = replacement;
    }
    return true;
}

static void prepare_removal(struct log_compactor *compactor, const struct block *first, const struct block *last)
{
    struct removal *removal = ARENA_NEW(compactor->arena, struct removal);
    *removal = (struct removal){ first->id, last->id, compactor->removals };
    compactor->removals = removal;
    for (const struct block *block = first; block <= last; block++) compactor->n_rewritten += block->chunk.n;
}

/* A run of mixed blocks as one; or as blocks of the partitions. */
static bool join_mixed(struct log_compactor *compactor, struct block_run run, struct err *err)
{
    struct events events;
    prepare_removal(compactor, &run.blocks[run.first], &run.blocks[run.end - 1]);
    return log_reader_mixed(compactor->reader, run.blocks + run.first, run.end - run.first, &events, err) &&
           prepare_blocks(compactor, run, &events, CHUNK_MIXED, err);
}

static bool split_mixed(struct log_compactor *compactor, struct block_run run, struct err *err)
{
    struct events events;
    const struct block_run all = { run.blocks + run.first, run.end - run.first, 0, run.end - run.first };
    prepare_removal(compactor, &run.blocks[run.first], &run.blocks[run.end - 1]);
    for (unsigned partition = 0; partition < LOG_PARTITIONS; partition++) {
        arena_reset(compactor->scratch);
        if (!log_reader_gather(compactor->reader, partition, all, LOG_ALL | LOG_SEQUENCE, compactor->scratch,
                               &events, err) ||
            (events.n > 0 && !prepare_blocks(compactor, run, &events, partition, err)))
            return false;
    }
    compactor->is_unmerged = true;
    return true;
}

/* The end of the run of units of one kind (log_unit_end), each of fewer than limit events and most_events in all,
 * from first on. */
static size_t run_end(const struct block *blocks, size_t n, size_t first, size_t limit, size_t most_events)
{
    size_t end = first, n_events = 0;
    for (size_t next; end < n && end - first < MIXED_MOST_BLOCKS; end = next) {
        next = log_unit_end(blocks, n, end);
        size_t size = log_unit_events(blocks, end, next);
        if (is_mixed(&blocks[end]) != is_mixed(&blocks[first]) || size >= limit || n_events + size > most_events)
            break;
        n_events += size;
    }
    return end;
}

/* The first run worth rewriting as one, of mixed blocks or of others. */
static bool find_run(const struct block *blocks, size_t n, bool wants_mixed, struct block_run *ret_run)
{
    for (int i = 0; i < LIMITS; i++)
        for (size_t first = 0; first < n; first = log_unit_end(blocks, n, first)) {
            if (is_mixed(&blocks[first]) != wants_mixed) continue;
            size_t end = run_end(blocks, n, first, limits[i], LOG_CHUNK_EVENTS), sum = 0, largest = 0, n_units = 0;
            for (size_t b = first, next; b < end; b = next, n_units++) {
                next = log_unit_end(blocks, n, b);
                size_t size = log_unit_events(blocks, b, next);
                sum += size;
                if (size > largest) largest = size;
            }
            *ret_run = (struct block_run){ blocks, n, first, end };
            if (is_worth_it(n_units, sum, largest)) return true;
        }
    return false;
}

/* Splits the earliest mixed blocks if they hold enough events, else joins some if there are enough of one size. */
static bool compact_tail(struct log_compactor *compactor, struct err *err)
{
    struct block *blocks;
    size_t n;
    if (!log_reader_tail(compactor->reader, TAIL_MOST_BLOCKS, &blocks, &n, err)) return false;
    struct block_run run = { .blocks = blocks, .n = n };
    for (run.first = 0; run.first < n; run.first = run.end > run.first ? run.end : run.first + 1) {
        run.end = run.first;
        if (!is_mixed(&blocks[run.first])) continue;
        run.end = run_end(blocks, n, run.first, SIZE_MAX, SIZE_MAX);
        if (log_unit_events(run.blocks, run.first, run.end) < split_events(compactor->budget)) continue;
        size_t end = run_end(blocks, n, run.first, SIZE_MAX, compactor->budget);
        run.end = end > run.first ? end : run.first + 1;
        return split_mixed(compactor, run, err);
    }
    return !find_run(blocks, n, true, &run) || join_mixed(compactor, run, err);
}

/* Joins small blocks of a partition that have no mixed one between them, if there are enough of one size. */
static bool merge_partition(struct log_compactor *compactor, unsigned partition, struct err *err)
{
    struct block *blocks;
    size_t n;
    struct block_run run;
    struct events events;
    arena_reset(compactor->scratch);
    if (!log_reader_blocks(compactor->reader, partition, &blocks, &n, err)) return false;
    if (!find_run(blocks, n, false, &run)) return true;
    const struct block_run alone = { run.blocks + run.first, run.end - run.first, 0, run.end - run.first };
    for (size_t i = run.first; i < run.end; i++) prepare_removal(compactor, &blocks[i], &blocks[i]);
    return log_reader_gather(compactor->reader, partition, alone, LOG_ALL | LOG_SEQUENCE, compactor->scratch,
                             &events, err) &&
           prepare_blocks(compactor, run, &events, partition, err);
}

/* The next run of a partition, from where the last call stopped: each exchange is to be short. */
static bool merge_partitions(struct log_compactor *compactor, struct err *err)
{
    for (unsigned looked = 0; looked < LOG_PARTITIONS && compactor->n_rewritten == 0; looked++)
        if (!merge_partition(compactor, compactor->next_merge++ % LOG_PARTITIONS, err)) return false;
    compactor->is_unmerged = compactor->n_rewritten > 0;
    return true;
}

/* The dictionaries as they are now: every name that what is committed so far can mention is among them. */
static bool copy_names(struct log_compactor *compactor, pthread_rwlock_t *lock, struct err *err)
{
    const struct names *identities = &compactor->log->names[DICTIONARY_IDENTITY];
    bool ok = true;
    if (lock) pthread_rwlock_rdlock(lock);
    if (identities->n > compactor->partitions_room) {
        size_t room = identities->n + identities->n / 2 + 1024;
        free(compactor->partitions);
        compactor->partitions = malloc(room);
        compactor->partitions_room = compactor->partitions ? room : 0;
        ok = compactor->partitions || err_set(err, ERR_IO, "out of memory");
    }
    if (ok) memcpy(compactor->partitions, identities->partitions, identities->n);
    for (int d = 0; d < DICTIONARIES; d++) compactor->n_names[d] = compactor->log->names[d].n;
    if (lock) pthread_rwlock_unlock(lock);
    if (ok) log_reader_lend_names(compactor->reader, compactor->n_names, compactor->partitions);
    return ok;
}

/* The first question fixes the state of the database that the others see; so the names come after it. */
static bool prepare(struct log_compactor *compactor, pthread_rwlock_t *lock, struct err *err)
{
    return setting_get(compactor->store, LOG_BLANKINGS, &compactor->blankings, err) &&
           copy_names(compactor, lock, err) && compact_tail(compactor, err) &&
           (compactor->n_rewritten > 0 || !compactor->is_unmerged || merge_partitions(compactor, err));
}

static void forget_prepared(struct log_compactor *compactor)
{
    compactor->removals = NULL;
    compactor->replacements = NULL;
    compactor->n_rewritten = 0;
    free(compactor->blankings);
    compactor->blankings = NULL;
    arena_reset(compactor->arena);
}

bool log_compactor_prepare(struct log_compactor *compactor, pthread_rwlock_t *lock, size_t budget_events,
                           size_t *ret_n, struct err *err)
{
    bool was_unmerged = compactor->is_unmerged;
    forget_prepared(compactor);
    compactor->budget = budget_events;
    if (!store_begin_reading(compactor->store, err)) return false;
    bool ok = prepare(compactor, lock, err);
    store_rollback(compactor->store);
    if (!ok) forget_prepared(compactor), compactor->is_unmerged |= was_unmerged;
    *ret_n = compactor->n_rewritten;
    return ok;
}

/* ---- the exchange ---- */

static bool is_still_so(struct log_compactor *compactor, bool *ret_is, struct err *err)
{
    char *blankings = NULL;
    if (!setting_get(compactor->log->store, LOG_BLANKINGS, &blankings, err)) return false;
    *ret_is = (!blankings && !compactor->blankings) ||
              (blankings && compactor->blankings && strcmp(blankings, compactor->blankings) == 0);
    free(blankings);
    return true;
}

bool log_compactor_write(struct log_compactor *compactor, struct err *err)
{
    bool is;
    if (!is_still_so(compactor, &is, err)) return false;
    if (!is) return true;
    for (struct removal *removal = compactor->removals; removal; removal = removal->next)
        if (!log_blocks_remove(compactor->log, removal->first, removal->last, err)) return false;
    crash_point();
    for (struct replacement *put = compactor->replacements; put; put = put->next)
        if (!log_block_put(compactor->log, put->id, &put->chunk, err)) return false;
    crash_point();
    return true;
}

/* ---- names ---- */

struct name_block { int64_t id; size_t n; };

static bool read_name_blocks(struct log *log, int dictionary, struct name_block *ret_blocks, size_t room,
                             size_t *ret_n, struct err *err)
{
    struct sql_log_names_tail row;
    enum step step;
    size_t n = 0;
    if (!sql_log_names_tail(log->store, (int64_t)dictionary << 40, ((int64_t)dictionary + 1) << 40, (int64_t)room,
                            &row, err))
        return false;
    while ((step = sql_log_names_tail_step(&row, err)) == STEP_ROW && n < room)
        ret_blocks[n++] = (struct name_block){ row.id, (size_t)row.n_names };
    cursor_close(row.cursor);
    *ret_n = n;
    return step != STEP_FAIL;
}

/* blocks are last first. */
static bool join_names(struct log *log, int dictionary, const struct name_block *blocks, size_t n_blocks,
                       struct err *err)
{
    size_t n = 0, first = (size_t)(blocks[n_blocks - 1].id - ((int64_t)dictionary << 40));
    for (size_t i = 0; i < n_blocks; i++) n += blocks[i].n;
    if (!sql_log_names_range_remove(log->store, blocks[n_blocks - 1].id, blocks[0].id, err) ||
        !log_names_block_put(log, dictionary, first, n, err))
        return false;
    crash_point();
    return true;
}

static bool compact_names(struct log *log, int dictionary, bool *ret_is_changed, struct err *err)
{
    enum { ROOM = 512 };
    struct name_block blocks[ROOM];
    size_t n;
    if (!read_name_blocks(log, dictionary, blocks, ROOM, &n, err)) return false;
    for (int i = 0; i < LIMITS; i++)
        for (size_t first = 0; first < n; first++) {
            size_t n_names = 0, largest = 0, end = first;
            for (; end < n && blocks[end].n < limits[i] && n_names + blocks[end].n <= NAMES_BLOCK; end++) {
                n_names += blocks[end].n;
                if (blocks[end].n > largest) largest = blocks[end].n;
            }
            *ret_is_changed = is_worth_it(end - first, n_names, largest);
            if (*ret_is_changed) return join_names(log, dictionary, blocks + first, end - first, err);
        }
    return true;
}

bool log_compact_names_some(struct log *log, bool *ret_is_changed, struct err *err)
{
    *ret_is_changed = false;
    for (int d = 0; d < DICTIONARIES; d++) {
        if (log->n_name_blocks_put[d] < FAN) continue;
        if (!compact_names(log, d, ret_is_changed, err)) return false;
        if (*ret_is_changed) return true;
        log->n_name_blocks_put[d] = 0;
    }
    return true;
}

/* ---- opening ---- */

bool log_compactor_open(struct log *log, struct log_compactor **ret_compactor, struct err *err)
{
    struct log_compactor *compactor = memory_new(1, sizeof *compactor);
    compactor->log = log;
    compactor->is_unmerged = true;
    compactor->encoder = encoder_new();
    compactor->arena = arena_new(ARENA_NO_LIMIT);
    compactor->scratch = arena_new(ARENA_NO_LIMIT);
    if ((compactor->encoder || err_set(err, ERR_IO, "out of memory")) &&
        store_open_beside(log->store, &compactor->store, err) &&
        log_reader_new(log, compactor->store, false, &compactor->reader, err)) {
        *ret_compactor = compactor;
        return true;
    }
    log_compactor_close(compactor);
    return false;
}

void log_compactor_close(struct log_compactor *compactor)
{
    if (!compactor) return;
    log_reader_close(compactor->reader);
    store_close(compactor->store);
    encoder_free(compactor->encoder);
    arena_free(compactor->arena);
    arena_free(compactor->scratch);
    free(compactor->blankings);
    free(compactor->partitions);
    free(compactor);
}
