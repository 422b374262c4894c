/* arena.h - memory that lives and dies with one piece of work.
 *
 * An import, a training run or a command owns one arena.  Functions that return
 * pointers take an arena first and allocate from it; the owner frees the arena
 * once, never the pointers.  An arena is used by one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/text.h"

#include <stddef.h>

struct arena;

/* limit_bytes is a backstop against bugs: passing it aborts with a message.
 * Sizes that come from outside are checked where they enter, not here. */
struct arena *arena_new(size_t limit_bytes);
void          arena_free(struct arena *arena);      /* NULL is fine */
void          arena_reset(struct arena *arena);     /* frees every object; keeps room for as much again */

size_t        arena_bytes(const struct arena *arena);       /* memory that it holds */

/* Zeroed, 16-byte aligned room for count items of size bytes; never NULL. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
char *arena_copy(struct arena *arena, const char *text);
char *arena_join(struct arena *arena, const struct text *parts, size_t n);     /* the parts after each other */
char *arena_format(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), (count), sizeof(type)))

/* The limit for arenas whose sizes were all checked at the door. */
#define ARENA_NO_LIMIT ((size_t)1 << 46)

#endif
