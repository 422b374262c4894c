/* chunk.h - up to 64 Ki events as encoded columns, without the store: pure functions.
 *
 * Column c of a chunk is bit c of enum log_columns, except that properties are two: their lengths
 * (9) and their bytes (10).  received_ms is stored as its distance from time_ms, so that history
 * known when it happened costs nothing, and sequence (11) as its distance from counting on from the first, so that
 * only what compaction has joined has some.  A column of zeros is not stored at all. */
#ifndef LOG_CHUNK_H
#define LOG_CHUNK_H

#include "log/log_column.h"
#include "log/log.h"

enum {
    CHUNK_RECEIVED, CHUNK_TIME, CHUNK_IDENTITY, CHUNK_KIND, CHUNK_AMOUNT, CHUNK_QUANTITY, CHUNK_ITEM, CHUNK_SOURCE,
    CHUNK_MESSAGE, CHUNK_PROPERTY_LENGTHS, CHUNK_PROPERTY_BYTES, CHUNK_SEQUENCE, CHUNK_COLUMNS
};
enum { CHUNK_MIXED = LOG_PARTITIONS };      /* the partition of a small append of any partitions */
enum { PROPERTIES_MOST_BYTES = 16 * 1024 * 1024 };      /* of one event */

struct chunk {
    unsigned    partition;
    size_t      n, n_bytes;
    int64_t     first_ms, last_ms;          /* least and greatest time_ms */
    unsigned    columns;                    /* bit c: column c is stored */
    uint32_t    first_identity, last_identity;      /* least and greatest ... */
    bool        has_identities;             /* ... which blocks of before do not say */
    uint64_t    first_sequence, last_sequence;      /* least and greatest; last 0: given when it is written */
    struct text encoded[CHUNK_COLUMNS];     /* set by chunk_encode */
    size_t      n_names[DICTIONARIES];      /* set by chunk_encode: the greatest index and 1 */
};

/* Encodes events [first, first + n) into the arena: those as they stand, or those at order[first ...] where they have no
 * properties.  n <= LOG_CHUNK_EVENTS, and their properties fit COLUMN_MOST_BYTES. */
void chunk_encode(struct encoder *encoder, unsigned partition, const struct events *events, const uint32_t *order,
                  size_t first, size_t n, struct arena *arena, struct chunk *ret_chunk);

/* What is stored beside the numbers of a chunk, so that a changed one is seen. */
uint64_t chunk_checksum(const struct chunk *chunk);

/* Events that chunks are decoded into, one behind the other.  Until gather_finish, properties_end
 * holds lengths and the bytes are in pieces. */
struct gather {
    struct events events;       /* n: filled so far */
    size_t        room;
    struct text  *pieces;
    size_t        n_pieces, pieces_room;
    unsigned      columns;
};

/* Makes room for events of the columns (enum log_columns) in the arena. */
void gather_init(struct gather *gather, size_t room, unsigned columns, struct arena *arena);

/* Decodes a column of the chunk to gather->events.n and on; time_ms goes before received_ms and
 * lengths of properties before their bytes.  encoded is ignored for a column not stored.  n_names
 * [DICTIONARIES] are bounds of the indexes.  scratch lives as long as the gather.
 * Errors: ERR_CORRUPT it does not decode; ERR_BUSY an index lies beyond n_names. */
bool chunk_decode(struct decoder *decoder, const struct chunk *chunk, unsigned column, struct text encoded,
                  const size_t *n_names, struct gather *gather, struct arena *scratch, struct err *err) MUST_CHECK;

/* Copies event i of events (finished) behind those there are. */
void gather_copy(struct gather *gather, const struct events *events, size_t i, struct arena *scratch);

/* Puts the properties together.  Errors: ERR_INVALID they pass 4 GiB. */
bool gather_finish(struct gather *gather, struct arena *arena, struct err *err) MUST_CHECK;

/* Which of enum log_columns the caller filled. */
unsigned events_columns(const struct events *events);
/* The events in another order, [n] of them, in the arena. */
struct events events_in_order(const struct events *events, const uint32_t *order, size_t n, struct arena *arena);
/* Orders events by key [n], equal ones as they are: positions, in the arena. */
uint32_t *events_order_by(const uint64_t *key, size_t n, struct arena *arena);
struct text events_properties(const struct events *events, size_t i);

#endif
