/* slab.h - very many small pieces of bytes that come, change their size and go, without a heap block for each.
 *
 * Pieces lie in blocks of up to 64 KiB.  When what is unused between them is more than a sixth of all, some move
 * together, and whose they are is told.  A slab is changed by one thread at a time. */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stddef.h>
#include <stdint.h>

enum { SLAB_BEYOND = 8 };       /* bytes that may be read beyond the end of any piece */

struct slab;

/* The owner's piece has another handle now. */
typedef void slab_moved(void *context, uint32_t owner, uint32_t piece);

struct slab *slab_new(slab_moved *moved, void *context);
void         slab_free(struct slab *slab);      /* NULL is fine */

/* Keeps a copy of the bytes, less than 500 KB, instead of the piece `old` (0: of none), and returns its handle,
 * never 0.  Other pieces may move meanwhile.  owner: any number but 0. */
uint32_t slab_put(struct slab *slab, uint32_t old, uint32_t owner, const void *bytes, size_t n_bytes);
void     slab_drop(struct slab *slab, uint32_t piece);      /* 0 is fine; others may move */

/* The bytes of a piece, not aligned; until the next put or drop. */
const unsigned char *slab_at(const struct slab *slab, uint32_t piece);
size_t slab_length(const struct slab *slab, uint32_t piece);     /* bytes it has room for: at least as many as were put */

size_t slab_bytes(const struct slab *slab);     /* memory held */

#endif
