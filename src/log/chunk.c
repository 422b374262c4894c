/* chunk.c - see chunk.h. */
#include "log/chunk.h"
#include "base/hash.h"

#include <assert.h>
#include <string.h>

/* What a column belongs to: a column moved to another place no longer matches its checksum. */
static uint64_t seed_of(const struct chunk *chunk, unsigned column)
{
    return (uint64_t)chunk->partition << 40 | (uint64_t)chunk->n << 8 | column;
}

uint64_t chunk_checksum(const struct chunk *chunk)
{
    const uint64_t numbers[] = { chunk->partition, chunk->n, (uint64_t)chunk->first_ms, (uint64_t)chunk->last_ms,
                                 chunk->columns, chunk->n_bytes, chunk->first_identity, chunk->last_identity,
                                 chunk->first_sequence, chunk->last_sequence };
    /* Blocks of before have the first six. */
    return hash_bytes(numbers, chunk->has_identities ? sizeof numbers : 6 * sizeof *numbers, 0);
}

unsigned events_columns(const struct events *events)
{
    return (events->received_ms ? LOG_RECEIVED : 0u) | (events->time_ms ? LOG_TIME : 0u) |
           (events->identity ? LOG_IDENTITY : 0u) | (events->kind ? LOG_KIND : 0u) |
           (events->amount_cents ? LOG_AMOUNT : 0u) | (events->quantity_milli ? LOG_QUANTITY : 0u) |
           (events->item ? LOG_ITEM : 0u) | (events->source ? LOG_SOURCE : 0u) |
           (events->message_hash ? LOG_MESSAGE : 0u) | (events->properties_end ? LOG_PROPERTIES : 0u) |
           (events->sequence ? LOG_SEQUENCE : 0u);
}

struct text events_properties(const struct events *events, size_t i)
{
    if (!events->properties_end) return (struct text){ "", 0 };
    uint32_t begin = i ? events->properties_end[i - 1] : 0;
    return (struct text){ events->properties_bytes + begin, events->properties_end[i] - begin };
}

/* Where the event is that comes at a place. */
static inline size_t event_at(const uint32_t *order, size_t place) { return order ? order[place] : place; }

/* Widens a column into values; false if all are 0. */
static bool load(const struct events *events, const uint32_t *order, unsigned column, size_t first, size_t n,
                 uint64_t first_sequence, uint64_t *values)
{
    uint64_t any = 0;
#define LOAD(array, expression)                                                                       \
    if (!(array)) return false;                                                                       \
    for (size_t k = 0, i; k < n; k++) {                                                               \
        i = event_at(order, first + k);                                                               \
        any |= values[k] = (uint64_t)(expression);                                                    \
    }
    switch (column) {
    case CHUNK_RECEIVED:
        LOAD(events->received_ms, (uint64_t)events->received_ms[i] - (uint64_t)events->time_ms[i]);
        break;
    case CHUNK_TIME:     LOAD(events->time_ms, events->time_ms[i]); break;
    case CHUNK_IDENTITY: LOAD(events->identity, events->identity[i]); break;
    case CHUNK_KIND:     LOAD(events->kind, events->kind[i]); break;
    case CHUNK_AMOUNT:   LOAD(events->amount_cents, events->amount_cents[i]); break;
    case CHUNK_QUANTITY: LOAD(events->quantity_milli, events->quantity_milli[i]); break;
    case CHUNK_ITEM:     LOAD(events->item, events->item[i]); break;
    case CHUNK_SOURCE:   LOAD(events->source, events->source[i]); break;
    case CHUNK_MESSAGE:  LOAD(events->message_hash, events->message_hash[i]); break;
    case CHUNK_SEQUENCE: LOAD(events->sequence, events->sequence[i] - first_sequence - k); break;
    default:             LOAD(events->properties_end, events_properties(events, i).length); break;
    }
#undef LOAD
    return any != 0;
}

static int dictionary_of(unsigned column)
{
    return column == CHUNK_IDENTITY ? DICTIONARY_IDENTITY : column == CHUNK_KIND ? DICTIONARY_KIND
         : column == CHUNK_ITEM ? DICTIONARY_ITEM : column == CHUNK_SOURCE ? DICTIONARY_SOURCE : -1;
}

static uint64_t greatest(const uint64_t *values, size_t n)
{
    uint64_t most = 0;
    for (size_t i = 0; i < n; i++) most = values[i] > most ? values[i] : most;
    return most;
}

static void keep(struct chunk *chunk, unsigned column, struct text encoded)
{
    chunk->encoded[column] = encoded;
    chunk->columns |= 1u << column;
    chunk->n_bytes += encoded.length;
}

static void note_range(struct chunk *chunk, const struct events *events, const uint32_t *order, size_t first, size_t n)
{
    chunk->has_identities = true;
    chunk->first_identity = UINT32_MAX;
    chunk->first_sequence = events->sequence ? UINT64_MAX : 0;
    for (size_t place = first; place < first + n; place++) {
        size_t i = event_at(order, place);
        if (events->time_ms[i] < chunk->first_ms) chunk->first_ms = events->time_ms[i];
        if (events->time_ms[i] > chunk->last_ms) chunk->last_ms = events->time_ms[i];
        if (events->identity[i] < chunk->first_identity) chunk->first_identity = events->identity[i];
        if (events->identity[i] > chunk->last_identity) chunk->last_identity = events->identity[i];
    }
    for (size_t place = first; events->sequence && place < first + n; place++) {
        size_t i = event_at(order, place);
        if (events->sequence[i] < chunk->first_sequence) chunk->first_sequence = events->sequence[i];
        if (events->sequence[i] > chunk->last_sequence) chunk->last_sequence = events->sequence[i];
    }
}

void chunk_encode(struct encoder *encoder, unsigned partition, const struct events *events, const uint32_t *order,
                  size_t first, size_t n, struct arena *arena, struct chunk *ret_chunk)
{
    assert(n > 0 && n <= LOG_CHUNK_EVENTS && !(order && events->properties_end));
    *ret_chunk = (struct chunk){ .partition = partition, .n = n, .first_ms = INT64_MAX, .last_ms = INT64_MIN };
    note_range(ret_chunk, events, order, first, n);
    uint64_t *values = encoder_values(encoder, n);
    for (unsigned column = 0; column < CHUNK_COLUMNS; column++) {
        if (column == CHUNK_PROPERTY_BYTES) continue;
        int dictionary = dictionary_of(column);
        bool is_stored = load(events, order, column, first, n, ret_chunk->first_sequence, values);
        if (dictionary >= 0) ret_chunk->n_names[dictionary] = is_stored ? greatest(values, n) + 1 : 1;
        if (is_stored) keep(ret_chunk, column, column_encode(encoder, n, seed_of(ret_chunk, column), arena));
    }
    if (!(ret_chunk->columns & 1u << CHUNK_PROPERTY_LENGTHS)) return;
    const char *begin = events_properties(events, first).at;
    size_t length = (size_t)(events->properties_bytes + events->properties_end[first + n - 1] - begin);
    keep(ret_chunk, CHUNK_PROPERTY_BYTES,
         bytes_encode(encoder, (struct text){ begin, length }, seed_of(ret_chunk, CHUNK_PROPERTY_BYTES), arena));
}

void gather_init(struct gather *gather, size_t room, unsigned columns, struct arena *arena)
{
    *gather = (struct gather){ .room = room, .columns = columns };
    struct events *events = &gather->events;
    if (columns & (LOG_TIME | LOG_RECEIVED)) events->time_ms = ARENA_ARRAY(arena, int64_t, room);
    if (columns & LOG_RECEIVED) events->received_ms = ARENA_ARRAY(arena, int64_t, room);
    if (columns & LOG_IDENTITY) events->identity = ARENA_ARRAY(arena, uint32_t, room);
    if (columns & LOG_KIND) events->kind = ARENA_ARRAY(arena, uint16_t, room);
    if (columns & LOG_AMOUNT) events->amount_cents = ARENA_ARRAY(arena, int64_t, room);
    if (columns & LOG_QUANTITY) events->quantity_milli = ARENA_ARRAY(arena, int64_t, room);
    if (columns & LOG_ITEM) events->item = ARENA_ARRAY(arena, uint32_t, room);
    if (columns & LOG_SOURCE) events->source = ARENA_ARRAY(arena, uint16_t, room);
    if (columns & LOG_MESSAGE) events->message_hash = ARENA_ARRAY(arena, uint64_t, room);
    if (columns & LOG_PROPERTIES) events->properties_end = ARENA_ARRAY(arena, uint32_t, room);
    if (columns & LOG_SEQUENCE) events->sequence = ARENA_ARRAY(arena, uint64_t, room);
}

static void add_piece(struct gather *gather, struct text piece, struct arena *scratch)
{
    if (piece.length == 0) return;
    if (gather->n_pieces == gather->pieces_room) {
        size_t room = 2 * gather->pieces_room + 16;
        struct text *pieces = ARENA_ARRAY(scratch, struct text, room);
        if (gather->n_pieces) memcpy(pieces, gather->pieces, gather->n_pieces * sizeof *pieces);
        gather->pieces = pieces, gather->pieces_room = room;
    }
    gather->pieces[gather->n_pieces++] = piece;
}

static void store_values(struct events *events, unsigned column, const struct chunk *chunk, const uint64_t *values)
{
    size_t n = chunk->n;
    size_t at = events->n;
    switch (column) {
    case CHUNK_RECEIVED:
        for (size_t i = 0; i < n; i++)
            events->received_ms[at + i] = (int64_t)(values[i] + (uint64_t)events->time_ms[at + i]);
        break;
    case CHUNK_SEQUENCE:
        for (size_t i = 0; i < n; i++) events->sequence[at + i] = values[i] + chunk->first_sequence + i;
        break;
    case CHUNK_TIME:     memcpy(events->time_ms + at, values, n * sizeof *values); break;
    case CHUNK_AMOUNT:   memcpy(events->amount_cents + at, values, n * sizeof *values); break;
    case CHUNK_QUANTITY: memcpy(events->quantity_milli + at, values, n * sizeof *values); break;
    case CHUNK_MESSAGE:  memcpy(events->message_hash + at, values, n * sizeof *values); break;
    case CHUNK_IDENTITY: for (size_t i = 0; i < n; i++) events->identity[at + i] = (uint32_t)values[i]; break;
    case CHUNK_ITEM:     for (size_t i = 0; i < n; i++) events->item[at + i] = (uint32_t)values[i]; break;
    case CHUNK_KIND:     for (size_t i = 0; i < n; i++) events->kind[at + i] = (uint16_t)values[i]; break;
    case CHUNK_SOURCE:   for (size_t i = 0; i < n; i++) events->source[at + i] = (uint16_t)values[i]; break;
    default:
        for (size_t i = 0; i < n; i++) events->properties_end[at + i] = (uint32_t)values[i];
        break;
    }
}

static bool decode_properties(struct decoder *decoder, const struct chunk *chunk, struct text encoded,
                              struct gather *gather, struct arena *scratch, struct err *err)
{
    struct text piece;
    uint64_t length = 0;
    for (size_t i = 0; i < chunk->n; i++) length += gather->events.properties_end[gather->events.n + i];
    if (!bytes_decode(decoder, encoded, seed_of(chunk, CHUNK_PROPERTY_BYTES), COLUMN_MOST_BYTES, scratch,
                      &piece, err))
        return false;
    if (piece.length != length) return err_set(err, ERR_CORRUPT, "properties have another length than stated");
    add_piece(gather, piece, scratch);
    return true;
}

bool chunk_decode(struct decoder *decoder, const struct chunk *chunk, unsigned column, struct text encoded,
                  const size_t *n_names, struct gather *gather, struct arena *scratch, struct err *err)
{
    struct events *events = &gather->events;
    assert(column < CHUNK_COLUMNS && chunk->n <= gather->room - events->n);
    if (!(chunk->columns & 1u << column)) {     /* zeros, which the arrays hold already */
        if (column == CHUNK_RECEIVED)
            memcpy(events->received_ms + events->n, events->time_ms + events->n,
                   chunk->n * sizeof *events->time_ms);
        for (size_t i = 0; column == CHUNK_SEQUENCE && i < chunk->n; i++)
            events->sequence[events->n + i] = chunk->first_sequence + i;
        return true;
    }
    if (column == CHUNK_PROPERTY_BYTES) return decode_properties(decoder, chunk, encoded, gather, scratch, err);
    const uint64_t *values;
    if (!column_decode(decoder, encoded, chunk->n, seed_of(chunk, column), &values, err)) return false;
    int dictionary = dictionary_of(column);
    if (dictionary >= 0 && greatest(values, chunk->n) >= n_names[dictionary])
        return err_set(err, ERR_BUSY,
                       "another process has added to the log since it was opened: run the command again");
    if (column == CHUNK_PROPERTY_LENGTHS && greatest(values, chunk->n) > COLUMN_MOST_BYTES)
        return err_set(err, ERR_CORRUPT, "properties have an impossible length");
    store_values(events, column, chunk, values);
    return true;
}

void gather_copy(struct gather *gather, const struct events *events, size_t i, struct arena *scratch)
{
    struct events *to = &gather->events;
    size_t at = to->n++;
    assert(at < gather->room);
    if (to->received_ms) to->received_ms[at] = events->received_ms[i];
    if (to->time_ms && events->time_ms) to->time_ms[at] = events->time_ms[i];
    if (to->identity) to->identity[at] = events->identity[i];
    if (to->kind) to->kind[at] = events->kind[i];
    if (to->amount_cents && events->amount_cents) to->amount_cents[at] = events->amount_cents[i];
    if (to->quantity_milli && events->quantity_milli) to->quantity_milli[at] = events->quantity_milli[i];
    if (to->item && events->item) to->item[at] = events->item[i];
    if (to->source && events->source) to->source[at] = events->source[i];
    if (to->message_hash && events->message_hash) to->message_hash[at] = events->message_hash[i];
    if (to->sequence && events->sequence) to->sequence[at] = events->sequence[i];
    if (!to->properties_end || !events->properties_end) return;
    struct text properties = events_properties(events, i);
    to->properties_end[at] = (uint32_t)properties.length;
    add_piece(gather, properties, scratch);
}

bool gather_finish(struct gather *gather, struct arena *arena, struct err *err)
{
    struct events *events = &gather->events;
    if (!(gather->columns & LOG_TIME)) events->time_ms = NULL;      /* was read for received_ms only */
    if (!events->properties_end) return true;
    uint64_t length = 0;
    for (size_t i = 0; i < gather->n_pieces; i++) length += gather->pieces[i].length;
    if (length > UINT32_MAX)
        return err_set(err, ERR_INVALID, "the properties of one partition pass 4 GiB (%llu bytes)",
                       (unsigned long long)length);
    char *at = arena_alloc(arena, length + 1, 1);
    events->properties_bytes = at;
    for (size_t i = 0; i < gather->n_pieces; at += gather->pieces[i++].length)
        memcpy(at, gather->pieces[i].at, gather->pieces[i].length);
    uint32_t end = 0;
    for (size_t i = 0; i < events->n; i++) events->properties_end[i] = end += events->properties_end[i];
    return true;
}

/* ---- another order ---- */

struct keyed { uint64_t key; uint32_t at; };

/* Least digit first, eleven bits at a time, as many as differ. */
uint32_t *events_order_by(const uint64_t *key, size_t n, struct arena *arena)
{
    enum { BITS = 11, DIGITS = 1 << BITS };
    struct keyed *from = ARENA_ARRAY(arena, struct keyed, n + 1), *to = ARENA_ARRAY(arena, struct keyed, n + 1);
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, n + 1), *start = ARENA_ARRAY(arena, uint32_t, DIGITS + 1);
    uint64_t differing = 0;
    for (size_t i = 0; i < n; i++) {
        from[i] = (struct keyed){ key[i], (uint32_t)i };
        differing |= key[i] ^ key[0];
    }
    for (unsigned shift = 0; shift < 64 && differing >> shift; shift += BITS) {
        memset(start, 0, (DIGITS + 1) * sizeof *start);
        for (size_t i = 0; i < n; i++) start[(from[i].key >> shift & (DIGITS - 1)) + 1]++;
        for (size_t d = 0; d < DIGITS; d++) start[d + 1] += start[d];
        for (size_t i = 0; i < n; i++) to[start[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
        struct keyed *swap = from;
        from = to, to = swap;
    }
    for (size_t i = 0; i < n; i++) order[i] = from[i].at;
    return order;
}

static void order_properties(struct events *to, const struct events *events, const uint32_t *order,
                             struct arena *arena)
{
    size_t length = 0;
    uint32_t end = 0;
    for (size_t i = 0; i < to->n; i++) length += events_properties(events, order[i]).length;
    char *bytes = arena_alloc(arena, length + 1, 1);
    to->properties_end = ARENA_ARRAY(arena, uint32_t, to->n + 1);
    to->properties_bytes = bytes;
    for (size_t i = 0; i < to->n; i++) {
        struct text properties = events_properties(events, order[i]);
        if (properties.length) memcpy(bytes + end, properties.at, properties.length);
        to->properties_end[i] = end += (uint32_t)properties.length;
    }
}

struct events events_in_order(const struct events *events, const uint32_t *order, size_t n, struct arena *arena)
{
    struct events to = { .n = n };
#define ORDER(column, type)                                                                            \
    if (events->column) {                                                                              \
        to.column = ARENA_ARRAY(arena, type, n + 1);                                                   \
        for (size_t i = 0; i < n; i++) to.column[i] = events->column[order[i]];                        \
    }
    ORDER(received_ms, int64_t)
    ORDER(time_ms, int64_t)
    ORDER(identity, uint32_t)
    ORDER(kind, uint16_t)
    ORDER(amount_cents, int64_t)
    ORDER(quantity_milli, int64_t)
    ORDER(item, uint32_t)
    ORDER(source, uint16_t)
    ORDER(message_hash, uint64_t)
    ORDER(sequence, uint64_t)
#undef ORDER
    if (events->properties_end) order_properties(&to, events, order, arena);
    return to;
}
