/* log_read.c - reads a partition: its chunks and its share of small mixed appends, in the order of
 * block ids; see log.h. */
#include "base/hash.h"
#include "log/correction.h"
#include "log/log_internal.h"

#include <stdlib.h>
#include <string.h>

bool log_reader_new(const struct log *log, struct store *store, bool owns_store, struct log_reader **ret_reader,
                    struct err *err)
{
    struct log_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return err_set(err, ERR_IO, "out of memory");
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

static bool damaged(const struct log_reader *reader, const struct block *block, struct err *err)
{
    if (err->code != ERR_CORRUPT) return false;
    return err_context(err,
                       "'%s': chunk %lld of %zu events is damaged, restore a copy or import the files again "
                       "into a new database",
                       store_path(reader->store), (long long)block->id, block->chunk.n);
}

static bool read_block(struct log_reader *reader, const struct cursor *cursor, struct block *ret_block,
                       struct err *err)
{
    int64_t n = cursor_int(cursor, 2), n_bytes = cursor_int(cursor, 6);
    *ret_block = (struct block){ .id = cursor_int(cursor, 0), .checksum = (uint64_t)cursor_int(cursor, 7) };
    ret_block->chunk = (struct chunk){ .partition = (unsigned)cursor_int(cursor, 1), .n = (size_t)n,
                                       .first_ms = cursor_int(cursor, 3), .last_ms = cursor_int(cursor, 4),
                                       .columns = (unsigned)cursor_int(cursor, 5), .n_bytes = (size_t)n_bytes };
    if (n > 0 && n <= LOG_CHUNK_EVENTS && chunk_checksum(&ret_block->chunk) == ret_block->checksum) return true;
    err_set(err, ERR_CORRUPT, "the checksum of its numbers does not match");
    return damaged(reader, ret_block, err);
}

/* Whether as many blocks and events were found as were put. */
static bool check_count(struct log_reader *reader, unsigned partition, const struct block *blocks, size_t n,
                        struct err *err)
{
    struct cursor *cursor;
    uint64_t n_events = 0;
    const struct value args[] = { value_int(partition) };
    for (size_t i = 0; i < n; i++) n_events += blocks[i].chunk.n;
    if (!store_query(reader->store, "log_partition_count", args, 1, &cursor, err)) return false;
    bool ok = cursor_step(cursor, err) == STEP_ROW;
    bool is_whole = ok && (uint64_t)cursor_int(cursor, 0) == n && (uint64_t)cursor_int(cursor, 1) == n_events;
    cursor_close(cursor);
    if (ok && !is_whole)
        return err_set(err, ERR_CORRUPT,
                       "'%s' is damaged: chunks of partition %u are missing, restore a copy or import the "
                       "files again into a new database",
                       store_path(reader->store), partition);
    return ok;
}

/* Blocks of a query with one argument, in the reader's scratch. */
static bool list_blocks(struct log_reader *reader, const char *query, int64_t argument, struct block **ret_blocks,
                        size_t *ret_n, struct err *err)
{
    struct cursor *cursor;
    struct block *blocks = NULL;
    size_t n = 0, room = 0;
    const struct value args[] = { value_int(argument) };
    arena_reset(reader->scratch);
    if (!store_query(reader->store, query, args, 1, &cursor, err)) return false;
    enum step step;
    while ((step = cursor_step(cursor, err)) == STEP_ROW) {
        if (n == room) {
            struct block *larger = ARENA_ARRAY(reader->scratch, struct block, room = 2 * room + 64);
            if (n) memcpy(larger, blocks, n * sizeof *blocks);
            blocks = larger;
        }
        if (!read_block(reader, cursor, &blocks[n++], err)) { step = STEP_FAIL; break; }
    }
    cursor_close(cursor);
    *ret_blocks = blocks;
    *ret_n = n;
    return step == STEP_END;
}

bool log_reader_blocks(struct log_reader *reader, unsigned partition, struct block **ret_blocks, size_t *ret_n,
                       struct err *err)
{
    return list_blocks(reader, "log_blocks", partition, ret_blocks, ret_n, err) &&
           check_count(reader, partition, *ret_blocks, *ret_n, err);
}

bool log_reader_tail(struct log_reader *reader, size_t most, struct block **ret_blocks, size_t *ret_n,
                     struct err *err)
{
    return list_blocks(reader, "log_tail", (int64_t)most, ret_blocks, ret_n, err);
}

static bool decode_column(struct log_reader *reader, const struct block *block, unsigned column,
                          struct gather *gather, struct arena *scratch, struct err *err)
{
    size_t n_names[DICTIONARIES];
    lock_names(reader);
    for (int d = 0; d < DICTIONARIES; d++)
        n_names[d] = reader->n_names ? reader->n_names[d] : reader->log->names[d].n;
    unlock_names(reader);
    if (!(block->chunk.columns & 1u << column))
        return chunk_decode(reader->decoder, &block->chunk, column, (struct text){ NULL, 0 }, n_names, gather,
                            scratch, err);

    struct cursor *cursor;
    const struct value args[] = { value_int(block->id + column) };
    if (!store_query(reader->store, "log_column_get", args, 1, &cursor, err)) return false;
    enum step step = cursor_step(cursor, err);
    bool ok = false;
    if (step == STEP_ROW) {
        struct value bytes = cursor_column(cursor, 0);
        struct text encoded = { bytes.bytes, bytes.kind == VALUE_BLOB ? bytes.length : 0 };
        ok = chunk_decode(reader->decoder, &block->chunk, column, encoded, n_names, gather, scratch, err);
    } else if (step == STEP_END) {
        err_set(err, ERR_CORRUPT, "a column is missing");
    }
    cursor_close(cursor);
    return ok;
}

/* Columns in the order that chunk_decode wants them in. */
static bool decode_block(struct log_reader *reader, const struct block *block, struct gather *gather,
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
    if (!load_mixed(reader, mixed, n, LOG_ALL, err)) return false;
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

bool log_read(struct log_reader *reader, unsigned partition, unsigned columns, struct arena *arena,
              struct events *ret_events, struct err *err)
{
    struct block *blocks;
    size_t n;
    uint16_t kind = correction_kind(reader);
    bool is_with_replaced = columns & LOG_REPLACED;
    columns &= LOG_ALL;
    if (kind) columns |= LOG_MESSAGE | LOG_KIND | LOG_RECEIVED;
    if (!store_begin_reading(reader->store, err)) return false;
    bool ok = log_reader_blocks(reader, partition, &blocks, &n, err) &&
              log_reader_gather(reader, partition, (struct block_run){ blocks, n, 0, n }, columns, arena,
                                ret_events, err);
    store_rollback(reader->store);
    if (!ok || !kind) return ok;
    int64_t *replaced_ms = corrections_find(ret_events, kind, arena);
    if (is_with_replaced) ret_events->replaced_ms = replaced_ms;
    else if (replaced_ms) corrections_apply(ret_events, kind, replaced_ms);
    return true;
}
