/* arena.c - bump allocation in growing blocks; see arena.h.
 *
 * Blocks double up to a ceiling, so a large arena wastes little; what does not
 * fit gets a block of its own.  calloc's zero pages come untouched from the
 * kernel, so zeroing a large array costs nothing until it is used.
 *
 * With ARENA_SEPARATE (set for sanitizer builds) every allocation is its own
 * block, so that writing past one object is caught instead of landing in its
 * neighbour. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, FIRST_BLOCK_BYTES = 16 * 1024, LARGEST_DOUBLING_BYTES = 4 * 1024 * 1024 };

#ifdef ARENA_SEPARATE
enum { ONE_BLOCK_PER_OBJECT = 1 };
#else
enum { ONE_BLOCK_PER_OBJECT = 0 };
#endif

struct block {
    struct block *older;
    size_t        used, room;
    alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
    struct block *newest;
    size_t        total_bytes, limit_bytes;
};

static _Noreturn void die(const char *why, size_t bytes)
{
    fprintf(stderr, "arena: %s (%zu bytes)\n", why, bytes);
    abort();
}

struct arena *arena_new(size_t limit_bytes)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena) die("out of memory", sizeof *arena);
    arena->limit_bytes = limit_bytes;
    return arena;
}

void arena_reset(struct arena *arena)
{
    for (struct block *b = arena->newest, *older; b; b = older) {
        older = b->older;
        free(b);
    }
    arena->newest = NULL;
    arena->total_bytes = 0;
}

void arena_free(struct arena *arena)
{
    if (!arena) return;
    arena_reset(arena);
    free(arena);
}

static struct block *add_block(struct arena *arena, size_t at_least)
{
    size_t room = at_least;
    if (!ONE_BLOCK_PER_OBJECT) {
        size_t doubled = arena->newest ? 2 * arena->newest->room : FIRST_BLOCK_BYTES;
        if (doubled > LARGEST_DOUBLING_BYTES) doubled = LARGEST_DOUBLING_BYTES;
        if (room < doubled) room = doubled;
    }
    struct block *block = calloc(1, sizeof *block + room);
    if (!block) die("out of memory", room);
    block->room = room;
    block->older = arena->newest;
    arena->newest = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > arena->limit_bytes - arena->total_bytes)
        die("over its limit", count);
    arena->total_bytes += bytes;
    if (!ONE_BLOCK_PER_OBJECT) bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

    struct block *block = arena->newest;
    if (ONE_BLOCK_PER_OBJECT || !block || block->room - block->used < bytes) block = add_block(arena, bytes);
    void *memory = block->bytes + block->used;
    block->used += bytes;
    return memory;
}

char *arena_copy(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    return memcpy(arena_alloc(arena, length + 1, 1), text, length + 1);
}

char *arena_format(struct arena *arena, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (length < 0) die("bad format", 0);
    char *text = arena_alloc(arena, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, fmt, again);
    va_end(again);
    return text;
}
