/* memory.h - memory on the heap, which is there or the program ends.
 *
 * Out of memory is no error that a caller could mend: whoever asks for a little more is our own code, and what comes
 * from outside is bounded where it enters (bodies, queues, rows).  So the process says so and aborts, as an arena does,
 * and what was acknowledged is in the log.  Errors remain where a library says it (SQLite, zstd), where the
 * texts of all names no longer fit, and where a request is refused for now: they are answered. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* n objects of a size, zeroed. */
void *memory_new(size_t n, size_t size) __attribute__((returns_nonnull, warn_unused_result));
/* The same memory with room for n objects of a size, moved if need be; what is new is not zeroed.  NULL is fine. */
void *memory_grow(void *memory, size_t n, size_t size) __attribute__((returns_nonnull, warn_unused_result));
/* A copy of a text. */
char *memory_copy(const char *text) __attribute__((returns_nonnull, warn_unused_result));

#endif
