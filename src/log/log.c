/* log.c - dictionaries in memory and appends; see log.h.  Reading is in log_read.c. */
#include "log/log.h"
#include "base/memory.h"
#include "base/crash_point.h"
#include "log/log_internal.h"
#include "store/sql.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Appends smaller than this are stored as they come; larger ones are split by partition. */
enum { MIXED_MOST_EVENTS = 32 * 1024 };

static const char *const dictionary_words[DICTIONARIES] = { "customers", "kinds of event", "items", "sources" };
static const size_t dictionary_most[DICTIONARIES] = { UINT32_MAX - 1, UINT16_MAX, UINT32_MAX - 1, UINT16_MAX };

static uint64_t names_id(int dictionary, size_t first) { return (uint64_t)dictionary << 40 | first; }

static bool load_block_of_names(struct log *log, const struct sql_log_names_all *row, struct decoder *decoder,
                                struct arena *scratch, struct err *err)
{
    uint64_t id = (uint64_t)row->id, dictionary = id >> 40;
    if (dictionary >= DICTIONARIES || id != names_id((int)dictionary, log->names[dictionary].n))
        return err_set(err, ERR_CORRUPT, "names %llu: some are missing", (unsigned long long)id);
    arena_reset(scratch);
    if (!names_decode(&log->names[dictionary], row->lengths, row->bytes, (size_t)row->n_names, id, decoder,
                      scratch, err))
        return err_context(err, "the %s from number %zu on", dictionary_words[dictionary],
                           log->names[dictionary].n);
    return true;
}

/* Room for all at once: growing step by step would move each name several times. */
static bool reserve_names(struct log *log, struct err *err)
{
    struct sql_log_names_count row;
    enum step step;
    bool ok = true;
    if (!sql_log_names_count(log->store, &row, err)) return false;
    while (ok && (step = sql_log_names_count_step(&row, err)) != STEP_END) {
        bool is_known = step == STEP_ROW && row.dictionary >= 0 && row.dictionary < DICTIONARIES &&
                        row.n_names >= 0 && row.n_names <= row.n_blocks * NAMES_BLOCK;
        ok = step == STEP_ROW &&
             (!is_known || names_reserve(&log->names[row.dictionary], (size_t)row.n_names + 1, err));
    }
    cursor_close(row.cursor);
    return ok;
}

static bool load_names(struct log *log, struct err *err)
{
    struct sql_log_names_all row;
    if (!reserve_names(log, err) || !sql_log_names_all(log->store, &row, err)) return false;
    struct decoder *decoder = decoder_new();
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    bool ok = decoder || err_set(err, ERR_IO, "out of memory");
    enum step step = STEP_END;
    while (ok && (step = sql_log_names_all_step(&row, err)) == STEP_ROW)
        ok = load_block_of_names(log, &row, decoder, scratch, err);
    cursor_close(row.cursor);
    decoder_free(decoder);
    arena_free(scratch);
    if (!ok && err->code == ERR_CORRUPT)
        err_context(err, "'%s' is damaged, restore a copy or import the files again into a new database",
                    store_path(log->store));
    return ok && step != STEP_FAIL;
}

bool log_reload(struct log *log, struct err *err)
{
    int64_t append, last_sequence;
    /* First: whoever is named by an event that was there before the names were read has a name. */
    if (!sql_log_last_append(log->store, &append, &last_sequence, err)) return false;
    if (log->until != UINT64_MAX) log->until = (uint64_t)last_sequence;
    for (int d = 0; d < DICTIONARIES; d++) {
        names_free(&log->names[d]);
        if (!names_init(&log->names[d], err)) return false;
    }
    if (!load_names(log, err)) return false;
    for (int d = 0; d < DICTIONARIES; d++)
        log->n_stored[d] = log->names[d].n, log->n_name_blocks_put[d] = SIZE_MAX / 2;       /* to be looked at */
    log->n_changes++;
    return true;
}

struct log_mark log_mark(const struct log *log)
{
    struct log_mark mark = { .n_changes = log->n_changes };
    for (int d = 0; d < DICTIONARIES; d++)
        mark.n_names[d] = log->names[d].n, mark.n_stored[d] = log->n_stored[d];
    return mark;
}

bool log_rollback_to(struct log *log, const struct log_mark *mark)
{
    if (mark->n_changes != log->n_changes) return false;
    for (int d = 0; d < DICTIONARIES; d++) {
        names_cut(&log->names[d], mark->n_names[d]);
        log->n_stored[d] = mark->n_stored[d];
    }
    return true;
}

bool log_open(struct store *store, struct log **ret_log, struct err *err)
{
    struct log *log = memory_new(1, sizeof *log);
    log->store = store;
    log->operations = &log_embedded;
    if (!log_reload(log, err)) {
        log_close(log);
        return false;
    }
    *ret_log = log;
    return true;
}

void log_close(struct log *log)
{
    if (!log) return;
    for (int d = 0; d < DICTIONARIES; d++) names_free(&log->names[d]);
    encoder_free(log->encoder);
    free(log);
}

struct store *log_store(const struct log *log) { return log->store; }

bool log_intern(struct log *log, enum dictionary dictionary, struct text text, uint32_t *ret_index,
                struct err *err)
{
    return names_intern(&log->names[dictionary], text, dictionary_most[dictionary], ret_index, err) ||
           err_context(err, "the %s", dictionary_words[dictionary]);
}

bool log_find(const struct log *log, enum dictionary dictionary, struct text text, uint32_t *ret_index)
{
    return names_find(&log->names[dictionary], text, ret_index);
}

void log_find_many(const struct log *log, enum dictionary dictionary, const struct text *texts, size_t n,
                   uint32_t *ret_indices)
{
    names_find_many(&log->names[dictionary], texts, n, ret_indices);
}

struct text log_name(const struct log *log, enum dictionary dictionary, uint32_t index)
{
    assert(index < log->names[dictionary].n);
    return names_at(&log->names[dictionary], index);
}

size_t log_n_names(const struct log *log, enum dictionary dictionary) { return log->names[dictionary].n; }

unsigned log_partition(const struct log *log, uint32_t identity)
{
    assert(identity < log->names[DICTIONARY_IDENTITY].n);
    return log->names[DICTIONARY_IDENTITY].partitions[identity];
}

bool log_need_encoder(struct log *log, struct err *err)
{
    if (!log->encoder) log->encoder = encoder_new();
    return log->encoder || err_set(err, ERR_IO, "out of memory");
}

bool log_names_block_put(struct log *log, int dictionary, size_t first, size_t n, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct text lengths, bytes;
    uint64_t id = names_id(dictionary, first);
    if (!log_need_encoder(log, err)) { arena_free(arena); return false; }
    names_encode(&log->names[dictionary], first, n, id, log->encoder, arena, &lengths, &bytes);
    bool ok = sql_log_names_add(log->store, (int64_t)id, (int64_t)n, lengths, bytes, err);
    arena_free(arena);
    if (!ok && err->code == ERR_INVALID)
        return err_set(err, ERR_BUSY,
                       "another process has added to '%s' since it was opened: run the command again",
                       store_path(log->store));
    return ok;
}

bool log_names_put(struct log *log, struct err *err)
{
    for (int d = 0; d < DICTIONARIES; d++)
        while (log->n_stored[d] < log->names[d].n) {
            size_t first = log->n_stored[d], n = log->names[d].n - first;
            if (n > NAMES_BLOCK) n = NAMES_BLOCK;
            if (!log_names_block_put(log, d, first, n, err)) return false;
            log->n_stored[d] += n, log->n_name_blocks_put[d]++;
        }
    return true;
}

bool log_block_put(struct log *log, int64_t id, const struct chunk *chunk, struct err *err)
{
    assert(chunk->has_identities && chunk->last_sequence > 0);
    if (!sql_log_block_add(log->store, id, chunk->partition, (int64_t)chunk->n, chunk->first_ms, chunk->last_ms,
                           chunk->columns, (int64_t)chunk->n_bytes, (int64_t)chunk_checksum(chunk),
                           chunk->first_identity, chunk->last_identity, (int64_t)chunk->first_sequence,
                           (int64_t)chunk->last_sequence, err))
        return false;
    for (unsigned column = 0; column < CHUNK_COLUMNS; column++)
        if ((chunk->columns & 1u << column) &&
            !sql_log_column_add(log->store, id + column, chunk->encoded[column], err))
            return false;
    return true;
}

bool log_blocks_remove(struct log *log, int64_t first, int64_t last, struct err *err)
{
    return sql_log_columns_remove(log->store, first, last, err) &&
           sql_log_blocks_remove(log->store, first, last, err);
}

/* Brings the numbers given last up to those in the store, which another process may have given. */
static bool look_at_numbers(struct log *log, struct err *err)
{
    int64_t append, sequence;
    if (!sql_log_last_append(log->store, &append, &sequence, err)) return false;
    if (append > log->last_append) log->last_append = append;
    if ((uint64_t)sequence > log->last_sequence) log->last_sequence = (uint64_t)sequence;
    return true;
}

static bool put_parts(struct log *log, const struct chunk *parts, size_t n_parts, struct err *err)
{
    assert(store_in_transaction(log->store));
    for (size_t i = 0; i < n_parts; i++)
        for (int d = 0; d < DICTIONARIES; d++)
            if (parts[i].n_names[d] > log->names[d].n)
                return err_set(err, ERR_INVALID, "an event names number %zu of the %s, but there are %zu",
                               parts[i].n_names[d] - 1, dictionary_words[d], log->names[d].n);
    if (!log_names_put(log, err) || !look_at_numbers(log, err)) return false;
    log->until = UINT64_MAX;
    log->last_append++;
    crash_point();
    for (size_t i = 0; i < n_parts; i++) {
        struct chunk part = parts[i];
        int64_t id = log->last_append << ID_APPEND_SHIFT | (int64_t)i << ID_PART_SHIFT |
                     (int64_t)part.partition << ID_PARTITION_SHIFT;
        if (part.last_sequence == 0) {
            part.first_sequence = log->last_sequence + 1;
            part.last_sequence = log->last_sequence += part.n;
        }
        if (!log_block_put(log, id, &part, err)) return false;
        crash_point();
    }
    return true;
}

static bool check_events(const struct events *events, struct err *err)
{
    if (!events->received_ms || !events->time_ms || !events->identity || !events->kind)
        return err_set(err, ERR_INVALID, "events need received_ms, time_ms, identity and kind");
    for (size_t i = 0; events->properties_end && i < events->n; i++)
        if (events_properties(events, i).length > PROPERTIES_MOST_BYTES)
            return err_set(err, ERR_INVALID, "event %zu: properties of %zu bytes are too long (most %d)", i,
                           events_properties(events, i).length, PROPERTIES_MOST_BYTES);
    return true;
}

/* How many events from first on fit one block. */
static size_t part_length(const struct events *events, size_t first, size_t most)
{
    size_t n = events->n - first, length = 0;
    if (n > most) n = most;
    for (size_t i = 0; events->properties_end && i < n; i++) {
        length += events_properties(events, first + i).length;
        if (length > COLUMN_MOST_BYTES) return i;
    }
    return n;
}

/* Their places identity by identity, those of one as they come; NULL: they stand so, or are a page's. */
static uint32_t *order_by_identity(const struct events *events, struct arena *arena)
{
    size_t sorted = 1, n = events->n;
    uint32_t least = UINT32_MAX, most = 0;
    while (sorted < n && events->identity[sorted - 1] <= events->identity[sorted]) sorted++;
    if (n <= LOG_PAGE_EVENTS || sorted >= n) return NULL;
    for (size_t i = 0; i < n; i++) {
        least = events->identity[i] < least ? events->identity[i] : least;
        most = events->identity[i] > most ? events->identity[i] : most;
    }
    if (most - least < n) {         /* one after another, as a first import has them: by counting */
        uint32_t *order = ARENA_ARRAY(arena, uint32_t, n), *start = ARENA_ARRAY(arena, uint32_t, most - least + 2);
        for (size_t i = 0; i < n; i++) start[events->identity[i] - least + 1]++;
        for (uint32_t id = 0; id < most - least; id++) start[id + 1] += start[id];
        for (size_t i = 0; i < n; i++) order[start[events->identity[i] - least]++] = (uint32_t)i;
        return order;
    }
    uint64_t *key = ARENA_ARRAY(arena, uint64_t, n);
    for (size_t i = 0; i < n; i++) key[i] = events->identity[i];
    return events_order_by(key, n, arena);
}

/* A partition's events are kept identity by identity in pages, so that reading one decodes a page, not all. */
bool log_encode_with(struct encoder *encoder, unsigned partition, const struct events *given, struct arena *arena,
                     struct log_chunk **ret_chunk, struct err *err)
{
    size_t n_parts = 0, most = partition == CHUNK_MIXED ? LOG_CHUNK_EVENTS : LOG_PAGE_EVENTS;
    if (!check_events(given, err)) return false;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    const uint32_t *order = partition == CHUNK_MIXED ? NULL : order_by_identity(given, scratch);
    struct events ordered = *given, *events = &ordered;
    if (order && given->properties_end) {       /* bytes one after another */
        ordered = events_in_order(given, order, given->n, scratch);
        order = NULL;
    }
    for (size_t first = 0; first < events->n; first += part_length(events, first, most)) n_parts++;
    struct log_chunk *chunk = arena_alloc(arena, 1, sizeof *chunk + n_parts * sizeof chunk->parts[0]);
    for (size_t first = 0, n; first < events->n; first += n) {
        n = part_length(events, first, most);
        chunk_encode(encoder, partition, events, order, first, n, arena, &chunk->parts[chunk->n_parts++]);
    }
    arena_free(scratch);
    if (n_parts > ID_MOST_PARTS)
        return err_set(err, ERR_INVALID, "an append of %zu events is too large", events->n);
    *ret_chunk = chunk;
    return true;
}

bool log_encode(unsigned partition, const struct events *events, struct arena *arena, struct log_chunk **ret_chunk,
                struct err *err)
{
    struct encoder *encoder = encoder_new();
    struct events fresh = *events;
    fresh.sequence = NULL;
    bool ok = encoder ? log_encode_with(encoder, partition, &fresh, arena, ret_chunk, err)
                      : err_set(err, ERR_IO, "out of memory");
    encoder_free(encoder);
    return ok;
}

bool log_write(struct log *log, const struct log_chunk *chunk, struct err *err)
{
    return chunk->n_parts == 0 || put_parts(log, chunk->parts, chunk->n_parts, err);
}

static bool append_partition(struct log *log, unsigned partition, const struct events *events, struct err *err)
{
    if (!log_need_encoder(log, err)) return false;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct log_chunk *chunk;
    for (size_t i = 0; i < events->n && events->identity; i++)
        assert(log_partition(log, events->identity[i]) == partition);
    bool ok = log_encode_with(log->encoder, partition, events, arena, &chunk, err) && log_write(log, chunk, err);
    arena_free(arena);
    return ok;
}

bool embedded_append_partition(struct log *log, unsigned partition, const struct events *events, struct err *err)
{
    struct events fresh = *events;
    fresh.sequence = NULL;
    return append_partition(log, partition, &fresh, err);
}

/* Splits events by partition, keeping their order within each, and appends each part. */
static bool append_split(struct log *log, struct events *events, struct err *err)
{
    if (!look_at_numbers(log, err)) return false;
    struct arena *numbers = arena_new(ARENA_NO_LIMIT);
    bool ok = true;
    events->sequence = ARENA_ARRAY(numbers, uint64_t, events->n);
    for (size_t i = 0; i < events->n; i++) events->sequence[i] = ++log->last_sequence;
    size_t n_of[LOG_PARTITIONS] = { 0 };
    for (size_t i = 0; i < events->n; i++) n_of[log_partition(log, events->identity[i])]++;
    for (unsigned partition = 0; ok && partition < LOG_PARTITIONS; partition++) {
        if (n_of[partition] == 0) continue;
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct gather gather;
        gather_init(&gather, n_of[partition], events_columns(events), arena);
        for (size_t i = 0; i < events->n; i++)
            if (log_partition(log, events->identity[i]) == partition) gather_copy(&gather, events, i, arena);
        ok = gather_finish(&gather, arena, err) && append_partition(log, partition, &gather.events, err);
        arena_free(arena);
    }
    arena_free(numbers);
    return ok;
}

bool embedded_append(struct log *log, const struct events *given, struct err *err)
{
    struct events fresh = *given, *events = &fresh;
    events->sequence = NULL;
    if (events->n == 0) return true;
    if (!check_events(events, err) || !log_need_encoder(log, err)) return false;
    for (size_t i = 0; i < events->n; i++)
        if (events->identity[i] >= log->names[DICTIONARY_IDENTITY].n)
            return err_set(err, ERR_INVALID, "event %zu: no customer has number %u", i, events->identity[i]);
    if (events->n > MIXED_MOST_EVENTS || part_length(events, 0, LOG_CHUNK_EVENTS) < events->n)
        return append_split(log, events, err);

    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct chunk chunk;
    chunk_encode(log->encoder, CHUNK_MIXED, events, NULL, 0, events->n, arena, &chunk);
    bool ok = put_parts(log, &chunk, 1, err);
    arena_free(arena);
    return ok;
}

bool embedded_totals(const struct log *log, struct log_totals *ret_totals, struct err *err)
{
    int64_t n_events, first_ms, last_ms, n_bytes, append, last_sequence;
    if (!sql_log_totals(log->store, &n_events, &first_ms, &last_ms, &n_bytes, err) ||
        !sql_log_last_append(log->store, &append, &last_sequence, err))
        return false;
    uint64_t last = (uint64_t)last_sequence < log->until ? (uint64_t)last_sequence : log->until;
    *ret_totals = (struct log_totals){ (uint64_t)n_events, first_ms, last_ms, n_bytes, last };
    return true;
}
