/* slab.h - very many small pieces of bytes that come, change their size and go, without a heap block for each.
 *
 * Pieces lie in blocks of up to 64 KiB; what a piece leaves behind is used for the next of its size.  A slab is
 * changed by one thread at a time. */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stddef.h>
#include <stdint.h>

enum { SLAB_BEYOND = 8 };       /* bytes that may be read beyond the end of any piece */

struct slab;

struct slab *slab_new(void);
void         slab_free(struct slab *slab);      /* NULL is fine */

/* Keeps a copy of the bytes instead of the piece `old` (0: of none), and returns its handle, never 0. */
uint32_t slab_put(struct slab *slab, uint32_t old, const void *bytes, size_t n_bytes);
void     slab_drop(struct slab *slab, uint32_t piece);      /* 0 is fine */

/* The bytes of a piece, not aligned; until the next put or drop. */
const unsigned char *slab_at(const struct slab *slab, uint32_t piece);

size_t slab_bytes(const struct slab *slab);     /* memory held */

#endif
