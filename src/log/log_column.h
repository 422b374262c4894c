/* log_column.h - one column of a chunk as few bytes: numbers, or a run of text.
 *
 * Numbers become base + scale x small, or the same over the differences of neighbours, whichever
 * is narrower; the small numbers are stored as planes (all lowest bytes, then all next bytes ...),
 * each compressed where that pays.  All arithmetic wraps, so any 64-bit values round-trip.
 *
 *   checksum u64 | form u8 | width u8 | 0 u16 | base u64 | first u64 | scale u64 |
 *   width x size u32 | planes          little-endian; a plane of size n is not compressed
 *
 * The checksum covers everything behind it, seeded with what the column belongs to. */
#ifndef LOG_LOG_COLUMN_H
#define LOG_LOG_COLUMN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stdint.h>

enum { COLUMN_MOST_VALUES = 64 * 1024, COLUMN_MOST_BYTES = 128 * 1024 * 1024 };

/* Scratch for one thread; NULL: out of memory; _free accepts NULL. */
struct encoder;
struct decoder;
struct encoder *encoder_new(void);
void            encoder_free(struct encoder *encoder);
struct decoder *decoder_new(void);
void            decoder_free(struct decoder *decoder);

/* Room for n <= COLUMN_MOST_VALUES values, for callers to gather a column in. */
uint64_t *encoder_values(struct encoder *encoder, size_t n);

/* Encodes the first n of encoder_values, 1 <= n <= COLUMN_MOST_VALUES, into the arena. */
struct text column_encode(struct encoder *encoder, size_t n, uint64_t seed, struct arena *arena);

/* Decodes n values, which hold until the decoder is used again.
 * Errors: ERR_CORRUPT the checksum or any field is wrong. */
bool column_decode(struct decoder *decoder, struct text encoded, size_t n, uint64_t seed,
                   const uint64_t **ret_values, struct err *err) MUST_CHECK;

/* The same for bytes, at most COLUMN_MOST_BYTES:  checksum u64 | length u64 | bytes. */
struct text bytes_encode(struct encoder *encoder, struct text bytes, uint64_t seed, struct arena *arena);
bool bytes_decode(struct decoder *decoder, struct text encoded, uint64_t seed, size_t most_bytes,
                  struct arena *arena, struct text *ret_bytes, struct err *err) MUST_CHECK;

#endif
