/* arena_list.h - a list in an arena that grows while rows are read, whose number nobody knows before. */
#ifndef BASE_ARENA_LIST_H
#define BASE_ARENA_LIST_H

#include "base/arena.h"

#include <string.h>

/* The list of n things of `size` bytes, or where it is full a copy with room for more; NULL for one that is empty. */
static inline void *arena_list_grow(struct arena *arena, void *list, size_t n, size_t *room, size_t size)
{
    if (n < *room) return list;
    *room = 2 * *room + 16;
    void *more = arena_alloc(arena, *room, size);
    if (n > 0) memcpy(more, list, n * size);
    return more;
}

#endif
