/* bytes.h - numbers as they are saved: little-endian, in order, never read past the end.
 *
 * A reader that has failed once keeps failing and gives zeros, so that a caller may read a whole record
 * and check reader.is_bad once. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Without an arena it only counts, so that a large record gets just the room that it needs. */
struct bytes_writer { struct arena *arena; uint8_t *bytes; size_t length, room; };

void write_bytes(struct bytes_writer *writer, const void *bytes, size_t length);
void write_u32(struct bytes_writer *writer, uint32_t value);
void write_f64(struct bytes_writer *writer, double value);
void write_text(struct bytes_writer *writer, const char *text);       /* length and characters */
void write_f32s(struct bytes_writer *writer, const float *values, size_t n);
void write_f64s(struct bytes_writer *writer, const double *values, size_t n);

struct bytes_reader { const uint8_t *at, *end; bool is_bad; };

bool        read_bytes(struct bytes_reader *reader, void *ret_bytes, size_t length);
uint32_t    read_u32(struct bytes_reader *reader, uint32_t largest);  /* larger is bad */
double      read_f64(struct bytes_reader *reader);                    /* not finite is bad */
const char *read_text(struct bytes_reader *reader, struct arena *arena,
                      size_t longest);                                         /* "" when bad; a NUL is bad */
float *read_f32s(struct bytes_reader *reader, struct arena *arena, size_t n);  /* NULL when bad; NaN is bad */
double *read_f64s(struct bytes_reader *reader, struct arena *arena, size_t n); /* as floats; not finite is bad */

#endif
