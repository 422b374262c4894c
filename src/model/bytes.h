/* bytes.h - a saved model's numbers: little-endian, in order, never read past the end.
 *
 * A reader that has failed once keeps failing and gives zeros, so that a caller may read a whole record
 * and check reader.is_bad once. */
#ifndef MODEL_BYTES_H
#define MODEL_BYTES_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer { struct arena *arena; uint8_t *bytes; size_t length, room; };

void write_bytes(struct writer *writer, const void *bytes, size_t length);
void write_u32(struct writer *writer, uint32_t value);
void write_f64(struct writer *writer, double value);
void write_text(struct writer *writer, const char *text);       /* length and characters */
void write_f32s(struct writer *writer, const float *values, size_t n);
void write_f64s(struct writer *writer, const double *values, size_t n);

struct reader { const uint8_t *at, *end; bool is_bad; };

bool        read_bytes(struct reader *reader, void *ret_bytes, size_t length);
uint32_t    read_u32(struct reader *reader, uint32_t largest);  /* larger is bad */
double      read_f64(struct reader *reader);                    /* not finite is bad */
const char *read_text(struct reader *reader, struct arena *arena, size_t longest);  /* "" when bad; a NUL is bad */
float      *read_f32s(struct reader *reader, struct arena *arena, size_t n);        /* NULL when bad; NaN is bad */
double     *read_f64s(struct reader *reader, struct arena *arena, size_t n);    /* as floats; not finite is bad */

#endif
