/* log_read.c - reads a partition: its chunks and its share of small mixed appends, in the order of
 * block ids; see log.h. */
#include "base/memory.h"
#include "base/hash.h"
#include "log/correction.h"
#include "log/log_internal.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

bool log_reader_new(const struct log *log, struct store *store, bool owns_store, struct log_reader **ret_reader,
                    struct err *err)
{
    struct log_reader *reader = memory_new(1, sizeof *reader);
    *reader = (struct log_reader){ .log = log,
                                   .store = store,
                                   .owns_store = owns_store,
                                   .decoder = decoder_new(),
                                   .scratch = arena_new(ARENA_NO_LIMIT),
                                   .mixed_arena = arena_new(ARENA_NO_LIMIT) };
    if (!reader->decoder) {
        reader->owns_store = false;
        log_reader_close(reader);
        return err_set(err, ERR_IO, "out of memory");
    }
    *ret_reader = reader;
    return true;
}

bool log_reader_open(const struct log *log, struct log_reader **ret_reader, struct err *err)
{
    struct store *store;
    if (!store_open_beside(log->store, &store, err)) return false;
    if (log_reader_new(log, store, true, ret_reader, err)) return true;
    store_close(store);
    return false;
}

bool log_reader_open_through(const struct log *log, struct store *store, struct log_reader **ret_reader,
                             struct err *err)
{
    return log_reader_new(log, store, false, ret_reader, err);
}

void log_reader_close(struct log_reader *reader)
{
    if (!reader) return;
    if (reader->owns_store) store_close(reader->store);
    decoder_free(reader->decoder);
    arena_free(reader->scratch);
    arena_free(reader->mixed_arena);
    free(reader);
}

void log_reader_lend_names(struct log_reader *reader, const size_t *n_names, const uint8_t *partitions)
{
    reader->n_names = n_names, reader->partitions = partitions;
}

void log_reader_share_names(struct log_reader *reader, pthread_rwlock_t *lock) { reader->names_lock = lock; }

/* What was committed before this read began was interned before; so names may only be more than it needs. */
static void lock_names(const struct log_reader *reader)
{
    if (reader->names_lock) (void)pthread_rwlock_rdlock(reader->names_lock);
}

static void unlock_names(const struct log_reader *reader)
{
    if (reader->names_lock) (void)pthread_rwlock_unlock(reader->names_lock);
}

bool log_reader_knows(const struct log_reader *reader, uint32_t identity)
{
    lock_names(reader);
    bool is_known = identity < log_n_names(reader->log, DICTIONARY_IDENTITY);
    unlock_names(reader);
    return is_known;
}

unsigned log_reader_partition(const struct log_reader *reader, uint32_t identity)
{
    lock_names(reader);
    unsigned partition = log_partition(reader->log, identity);
    unlock_names(reader);
    return partition;
}

static bool damaged(const struct log_reader *reader, const struct block *block, struct err *err)
{
    if (err->code != ERR_CORRUPT) return false;
    return err_context(err,
                       "'%s': chunk %lld of %zu events is damaged, restore a copy or import the files again "
                       "into a new database",
                       store_path(reader->store), (long long)block->id, block->chunk.n);
}

static bool read_block(struct log_reader *reader, const struct sql_log_blocks *row, struct block *ret_block,
                       struct err *err)
{
    int64_t n = row->n_events;
    *ret_block = (struct block){ .id = row->id, .checksum = (uint64_t)row->checksum };
    ret_block->chunk = (struct chunk){ .partition = (unsigned)row->partition, .n = (size_t)n,
                                       .first_ms = row->first_ms, .last_ms = row->last_ms,
                                       .columns = (unsigned)row->columns, .n_bytes = (size_t)row->n_bytes,
                                       .has_identities = row->first_identity.kind == VALUE_INT,
                                       .first_identity = (uint32_t)value_as_int(row->first_identity),
                                       .last_identity = (uint32_t)value_as_int(row->last_identity),
                                       .first_sequence = (uint64_t)row->first_sequence,
                                       .last_sequence = (uint64_t)row->last_sequence };
    if (n > 0 && n <= LOG_CHUNK_EVENTS && chunk_checksum(&ret_block->chunk) == ret_block->checksum) return true;
    err_set(err, ERR_CORRUPT, "the checksum of its numbers does not match");
    return damaged(reader, ret_block, err);
}

/* Whether as many blocks and events were found as were put. */
static bool check_count(struct log_reader *reader, unsigned partition, const struct block *blocks, size_t n,
                        struct err *err)
{
    uint64_t n_events = 0;
    int64_t n_blocks_put, n_events_put;
    for (size_t i = 0; i < n; i++) n_events += blocks[i].chunk.n;
    if (!sql_log_partition_count(reader->store, partition, &n_blocks_put, &n_events_put, err)) return false;
    if ((uint64_t)n_blocks_put != n || (uint64_t)n_events_put != n_events)
        return err_set(err, ERR_CORRUPT,
                       "'%s' is damaged: chunks of partition %u are missing, restore a copy or import the "
                       "files again into a new database",
                       store_path(reader->store), partition);
    return true;
}

/* The blocks that a query gives, in the reader's scratch; the query is over afterwards. */
static bool list_blocks(struct log_reader *reader, struct sql_log_blocks *row, struct block **ret_blocks,
                        size_t *ret_n, struct err *err)
{
    struct block *blocks = NULL;
    size_t n = 0, room = 0;
    arena_reset(reader->scratch);
    enum step step;
    while ((step = sql_log_blocks_step(row, err)) == STEP_ROW) {
        if (n == room) {
            struct block *larger = ARENA_ARRAY(reader->scratch, struct block, room = 2 * room + 64);
            if (n) memcpy(larger, blocks, n * sizeof *blocks);
            blocks = larger;
        }
        if (!read_block(reader, row, &blocks[n++], err)) { step = STEP_FAIL; break; }
    }
    cursor_close(row->cursor);
    *ret_blocks = blocks;
    *ret_n = n;
    return step == STEP_END;
}

/* Blocks of events that all arrived after those that the log holds. */
static void leave_out_later(const struct log_reader *reader, struct block *blocks, size_t *n)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (blocks[i].chunk.first_sequence <= reader->log->until) blocks[n_kept++] = blocks[i];
    *n = n_kept;
}

bool log_reader_blocks(struct log_reader *reader, unsigned partition, struct block **ret_blocks, size_t *ret_n,
                       struct err *err)
{
    struct sql_log_blocks row;
    if (!sql_log_blocks(reader->store, partition, &row, err) ||
        !list_blocks(reader, &row, ret_blocks, ret_n, err) ||
        !check_count(reader, partition, *ret_blocks, *ret_n, err))
        return false;
    leave_out_later(reader, *ret_blocks, ret_n);
    return true;
}

bool log_reader_tail(struct log_reader *reader, size_t most, struct block **ret_blocks, size_t *ret_n,
                     struct err *err)
{
    struct sql_log_blocks row;
    return sql_log_tail(reader->store, (int64_t)most, &row, err) &&
           list_blocks(reader, &row, ret_blocks, ret_n, err);
}

bool log_reader_after(struct log_reader *reader, uint64_t sequence, size_t most, struct block **ret_blocks,
                      size_t *ret_n, struct err *err)
{
    struct sql_log_blocks row;
    if (!sql_log_blocks_after(reader->store, (int64_t)sequence, (int64_t)most, &row, err) ||
        !list_blocks(reader, &row, ret_blocks, ret_n, err))
        return false;
    leave_out_later(reader, *ret_blocks, ret_n);
    return true;
}

/* Compaction joined events of before and after the log was opened. */
static bool has_later(const struct log_reader *reader, const struct block *block)
{
    return block->chunk.last_sequence > reader->log->until;
}

/* Events that are left out name what the log has no name for. */
static void count_names(const struct log_reader *reader, const struct block *block, size_t ret_n_names[DICTIONARIES])
{
    bool is_any = has_later(reader, block);
    lock_names(reader);
    for (int d = 0; d < DICTIONARIES; d++)
        ret_n_names[d] = is_any ? SIZE_MAX : reader->n_names ? reader->n_names[d] : reader->log->names[d].n;
    unlock_names(reader);
}

static bool decode_column(struct log_reader *reader, const struct block *block, unsigned column,
                          struct gather *gather, struct arena *scratch, struct err *err)
{
    size_t n_names[DICTIONARIES];
    count_names(reader, block, n_names);
    if (!(block->chunk.columns & 1u << column))
        return chunk_decode(reader->decoder, &block->chunk, column, (struct text){ NULL, 0 }, n_names, gather,
                            scratch, err);

    struct sql_log_column_get row;
    if (!sql_log_column_get(reader->store, block->id + column, &row, err)) return false;
    enum step step = sql_log_column_get_step(&row, err);
    bool ok = false;
    if (step == STEP_ROW) {
        ok = chunk_decode(reader->decoder, &block->chunk, column, row.bytes, n_names, gather, scratch, err);
    } else if (step == STEP_END) {
        err_set(err, ERR_CORRUPT, "a column is missing");
    }
    cursor_close(row.cursor);
    return ok;
}

/* Columns in the order that chunk_decode wants them in. */
static bool decode_whole(struct log_reader *reader, const struct block *block, struct gather *gather,
                         struct arena *scratch, struct err *err)
{
    static const struct { unsigned column, wanted_for; } steps[] = {
        { CHUNK_TIME, LOG_TIME | LOG_RECEIVED },
        { CHUNK_RECEIVED, LOG_RECEIVED },
        { CHUNK_IDENTITY, LOG_IDENTITY },
        { CHUNK_KIND, LOG_KIND },
        { CHUNK_AMOUNT, LOG_AMOUNT },
        { CHUNK_QUANTITY, LOG_QUANTITY },
        { CHUNK_ITEM, LOG_ITEM },
        { CHUNK_SOURCE, LOG_SOURCE },
        { CHUNK_MESSAGE, LOG_MESSAGE },
        { CHUNK_PROPERTY_LENGTHS, LOG_PROPERTIES },
        { CHUNK_PROPERTY_BYTES, LOG_PROPERTIES },
        { CHUNK_SEQUENCE, LOG_SEQUENCE },
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if ((gather->columns & steps[i].wanted_for) &&
            !decode_column(reader, block, steps[i].column, gather, scratch, err)) {
            damaged(reader, block, err);
            return false;
        }
    gather->events.n += block->chunk.n;
    return true;
}

static bool decode_block(struct log_reader *reader, const struct block *block, struct gather *gather,
                         struct arena *scratch, struct err *err)
{
    if (!has_later(reader, block)) return decode_whole(reader, block, gather, scratch, err);
    struct gather whole;
    gather_init(&whole, block->chunk.n, gather->columns | LOG_SEQUENCE, scratch);
    if (!decode_whole(reader, block, &whole, scratch, err) || !gather_finish(&whole, scratch, err)) return false;
    for (size_t i = 0; i < whole.events.n; i++)
        if (whole.events.sequence[i] <= reader->log->until) gather_copy(gather, &whole.events, i, scratch);
    return true;
}

bool log_reader_block(struct log_reader *reader, const struct block *block, unsigned columns, struct arena *arena,
                      struct events *ret_events, struct err *err)
{
    struct gather gather;
    gather_init(&gather, block->chunk.n, columns, arena);
    if (!decode_block(reader, block, &gather, arena, err) || !gather_finish(&gather, arena, err)) return false;
    *ret_events = gather.events;
    return true;
}

static uint64_t key_of(const struct block *mixed, size_t n, unsigned columns)
{
    uint64_t key = columns + 1;
    for (size_t i = 0; i < n; i++) {
        const uint64_t numbers[] = { key, (uint64_t)mixed[i].id, mixed[i].checksum };
        key = hash_bytes(numbers, sizeof numbers, 0);
    }
    return key;
}

static void sort_mixed(struct log_reader *reader)
{
    size_t n = reader->mixed.n, *first = reader->mixed_first;
    reader->mixed_order = ARENA_ARRAY(reader->mixed_arena, uint32_t, n);
    lock_names(reader);
    const uint8_t *partition_of =
        reader->partitions ? reader->partitions : reader->log->names[DICTIONARY_IDENTITY].partitions;
    memset(first, 0, sizeof reader->mixed_first);
    for (size_t i = 0; i < n; i++) first[partition_of[reader->mixed.identity[i]] + 1]++;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) first[p + 1] += first[p];
    size_t next[LOG_PARTITIONS];
    memcpy(next, first, sizeof next);
    for (size_t i = 0; i < n; i++)
        reader->mixed_order[next[partition_of[reader->mixed.identity[i]]]++] = (uint32_t)i;
    unlock_names(reader);
}

/* Decodes the mixed blocks, all of them, unless that was done. */
static bool load_mixed(struct log_reader *reader, const struct block *mixed, size_t n, unsigned columns,
                       struct err *err)
{
    columns |= LOG_IDENTITY;
    uint64_t key = key_of(mixed, n, columns);
    if (n > 0 && key == reader->mixed_key) return true;
    arena_reset(reader->mixed_arena);
    reader->mixed_key = 0, reader->n_mixed = n, reader->mixed = (struct events){ 0 };
    size_t room = 0;
    for (size_t i = 0; i < n; i++) room += mixed[i].chunk.n;
    if (room > UINT32_MAX) return err_set(err, ERR_INVALID, "%zu events wait to be compacted: too many", room);
    struct gather gather;
    gather_init(&gather, room, columns, reader->mixed_arena);
    reader->mixed_end = ARENA_ARRAY(reader->mixed_arena, size_t, n);
    for (size_t i = 0; i < n; i++) {
        if (!decode_block(reader, &mixed[i], &gather, reader->mixed_arena, err)) return false;
        reader->mixed_end[i] = gather.events.n;
    }
    if (!gather_finish(&gather, reader->mixed_arena, err)) return false;
    reader->mixed = gather.events;
    sort_mixed(reader);
    reader->mixed_key = key;
    return true;
}

bool log_reader_mixed(struct log_reader *reader, const struct block *mixed, size_t n, struct events *ret_events,
                      struct err *err)
{
    if (!load_mixed(reader, mixed, n, LOG_ALL | LOG_SEQUENCE, err)) return false;
    *ret_events = reader->mixed;
    return true;
}

bool log_reader_gather(struct log_reader *reader, unsigned partition, struct block_run run, unsigned columns,
                       struct arena *arena, struct events *ret_events, struct err *err)
{
    struct block *mixed = ARENA_ARRAY(reader->scratch, struct block, run.n);
    size_t n_mixed = 0, n_before = 0, room = 0;
    for (size_t i = 0; i < run.n; i++) {
        bool is_mixed = run.blocks[i].chunk.partition == CHUNK_MIXED;
        if (is_mixed) mixed[n_mixed++] = run.blocks[i];
        if (is_mixed && i < run.first) n_before++;
        if (!is_mixed && i >= run.first && i < run.end) room += run.blocks[i].chunk.n;
    }
    if (!load_mixed(reader, mixed, n_mixed, columns, err)) return false;
    size_t at = reader->mixed_first[partition], end = reader->mixed_first[partition + 1];
    while (n_before > 0 && at < end && reader->mixed_order[at] < reader->mixed_end[n_before - 1]) at++;

    struct gather gather;
    gather_init(&gather, room + end - at, columns, arena);
    for (size_t i = run.first; i < run.end; i++) {
        if (run.blocks[i].chunk.partition != CHUNK_MIXED) {
            if (!decode_block(reader, &run.blocks[i], &gather, reader->scratch, err)) return false;
            continue;
        }
        for (size_t block_end = reader->mixed_end[n_before++]; at < end && reader->mixed_order[at] < block_end;
             at++)
            gather_copy(&gather, &reader->mixed, reader->mixed_order[at], reader->scratch);
    }
    if (!gather_finish(&gather, arena, err)) return false;
    *ret_events = gather.events;
    return true;
}

/* The number of the kind of corrections; 0: the log has none. */
static uint16_t correction_kind(const struct log_reader *reader)
{
    uint32_t kind = 0;
    lock_names(reader);
    (void)log_find(reader->log, DICTIONARY_KIND, text_of(LOG_CORRECTION), &kind);
    unlock_names(reader);
    return (uint16_t)kind;
}

unsigned log_reader_columns(const struct log_reader *reader, unsigned columns)
{
    unsigned stored = columns & (LOG_ALL | LOG_SEQUENCE);
    return correction_kind(reader) ? stored | LOG_MESSAGE | LOG_KIND | LOG_RECEIVED : stored;
}

void log_reader_correct(const struct log_reader *reader, unsigned columns, struct arena *arena,
                        struct events *events)
{
    uint16_t kind = correction_kind(reader);
    int64_t *replaced_ms = kind && events->kind ? corrections_find(events, kind, arena) : NULL;
    if (columns & LOG_REPLACED) events->replaced_ms = replaced_ms;
    else if (replaced_ms) corrections_apply(events, replaced_ms);
}

bool embedded_read(struct log_reader *reader, unsigned partition, unsigned columns, struct arena *arena,
                   struct events *ret_events, struct err *err)
{
    struct block *blocks;
    size_t n;
    unsigned needed = log_reader_columns(reader, columns);
    if (!store_begin_reading(reader->store, err)) return false;
    bool ok = log_reader_blocks(reader, partition, &blocks, &n, err) &&
              log_reader_gather(reader, partition, (struct block_run){ blocks, n, 0, n }, needed, arena,
                                ret_events, err);
    store_rollback(reader->store);
    if (ok) log_reader_correct(reader, columns, arena, ret_events);
    return ok;
}
