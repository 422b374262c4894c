/* compress.h - zstd at its fastest level, over whole blocks in memory; and what others packed, piece by piece.
 *
 * A compressor or decompressor is used by one thread at a time. */
#ifndef BASE_COMPRESS_H
#define BASE_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

struct compressor;
struct decompressor;

struct compressor *compressor_new(void);        /* NULL: out of memory */
void               compressor_free(struct compressor *compressor);     /* NULL is fine */

/* Bytes written to room, or 0 where they would not be fewer than length. */
size_t compress_block(struct compressor *compressor, const void *bytes, size_t length, void *ret_bytes, size_t room);

struct decompressor *decompressor_new(void);    /* NULL: out of memory */
void                 decompressor_free(struct decompressor *decompressor);     /* NULL is fine */

/* False unless the bytes decompress to exactly wanted bytes. */
bool decompress_block(struct decompressor *decompressor, const void *bytes, size_t length, void *ret_bytes,
                size_t wanted);

/* Unpacks some of packed[n_packed], from the place *at on, into ret_bytes.  *ret_written of them are filled; when
 * fewer than room are, *at is n_packed.  *ret_is_whole: what was packed ended here.  Returns zstd's words for what
 * is wrong, or NULL. */
const char *decompress_some(struct decompressor *decompressor, const void *packed, size_t n_packed, size_t *at,
                            void *ret_bytes, size_t room, size_t *ret_written, bool *ret_is_whole);

#endif
