/* compress.h - zstd at its fastest level, over whole blocks in memory.
 *
 * A compressor or decompressor is used by one thread at a time. */
#ifndef LOG_COMPRESS_H
#define LOG_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

struct compressor;
struct decompressor;

struct compressor *compressor_new(void);        /* NULL: out of memory */
void               compressor_free(struct compressor *compressor);     /* NULL is fine */

/* Bytes written to room, or 0 where they would not be fewer than length. */
size_t compress(struct compressor *compressor, const void *bytes, size_t length, void *ret_bytes, size_t room);

struct decompressor *decompressor_new(void);    /* NULL: out of memory */
void                 decompressor_free(struct decompressor *decompressor);     /* NULL is fine */

/* False unless the bytes decompress to exactly wanted bytes. */
bool decompress(struct decompressor *decompressor, const void *bytes, size_t length, void *ret_bytes,
                size_t wanted);

#endif
