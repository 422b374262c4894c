/* arena.c - bump allocation in growing blocks; see arena.h.
 *
 * Blocks double up to a ceiling, so a large arena wastes little; what does not
 * fit gets a block of its own.  Large blocks are mapped and ask for huge pages:
 * they cost nothing until they are used, and then a page fault every 2 MiB
 * instead of every 4 KiB.
 *
 * With ARENA_SEPARATE (set for sanitizer builds) every allocation is its own
 * block, so that writing past one object is caught instead of landing in its
 * neighbour. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 16, FIRST_BLOCK_BYTES = 16 * 1024, LARGEST_DOUBLING_BYTES = 4 * 1024 * 1024 };

#ifdef ARENA_SEPARATE
enum { ONE_BLOCK_PER_OBJECT = 1 };
#else
enum { ONE_BLOCK_PER_OBJECT = 0 };
#endif

enum { HUGE_PAGE_BYTES = 2 * 1024 * 1024 };

struct block {
    struct block *older;
    size_t        used, room;
    size_t        mapped_bytes;     /* 0: from malloc, not zeroed yet */
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

static void free_blocks(struct arena *arena)
{
    for (struct block *b = arena->newest, *older; b; b = older) {
        older = b->older;
        if (b->mapped_bytes) munmap(b, b->mapped_bytes);
        else free(b);
    }
    arena->newest = NULL;
}

void arena_free(struct arena *arena)
{
    if (!arena) return;
    free_blocks(arena);
    free(arena);
}

/* Zeroed pages that begin at a multiple of the huge page's size; NULL if there are none. */
static struct block *map_block(size_t bytes)
{
    size_t wanted = (bytes + HUGE_PAGE_BYTES - 1) & ~(size_t)(HUGE_PAGE_BYTES - 1),
           mapped = wanted + HUGE_PAGE_BYTES;
    char *at = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return NULL;
    size_t before = (HUGE_PAGE_BYTES - (uintptr_t)at % HUGE_PAGE_BYTES) % HUGE_PAGE_BYTES;
    if (before) munmap(at, before);
    if (before < HUGE_PAGE_BYTES) munmap(at + before + wanted, HUGE_PAGE_BYTES - before);
    struct block *block = (struct block *)(void *)(at + before);
    (void)madvise(block, wanted, MADV_HUGEPAGE);        /* only faster: small pages do as well */
    block->mapped_bytes = wanted;
    return block;
}

static struct block *add_block(struct arena *arena, size_t at_least)
{
    size_t room = at_least;
    if (!ONE_BLOCK_PER_OBJECT) {
        size_t doubled = arena->newest ? 2 * arena->newest->room : FIRST_BLOCK_BYTES;
        if (doubled > LARGEST_DOUBLING_BYTES) doubled = LARGEST_DOUBLING_BYTES;
        if (room < doubled) room = doubled;
    }
    bool is_large = !ONE_BLOCK_PER_OBJECT && room >= HUGE_PAGE_BYTES / 2;
    struct block *block = is_large ? map_block(sizeof *block + room) : malloc(sizeof *block + room);
    if (!block) die("out of memory", room);
    if (!is_large) block->mapped_bytes = 0;
    block->used = 0;
    block->room = is_large ? block->mapped_bytes - sizeof *block : room;
    block->older = arena->newest;
    arena->newest = block;
    return block;
}

/* Leaves one block with room for all that was used, so that the next piece of work of this size faults
 * no page in; what was used of it is zeroed. */
void arena_reset(struct arena *arena)
{
    struct block *block = arena->newest;
    size_t total = arena->total_bytes;
    arena->total_bytes = 0;
    if (block && !block->older && block->mapped_bytes) {
        memset(block->bytes, 0, block->used);
        block->used = 0;
        return;
    }
    free_blocks(arena);
    if (!ONE_BLOCK_PER_OBJECT && total >= HUGE_PAGE_BYTES / 2) (void)add_block(arena, total + total / 8);
}

size_t arena_bytes(const struct arena *arena)
{
    size_t bytes = sizeof *arena;
    for (const struct block *b = arena->newest; b; b = b->older) bytes += sizeof *b + b->room;
    return bytes;
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
    if (!block->mapped_bytes) memset(memory, 0, bytes);
    return memory;
}

char *arena_copy(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    return memcpy(arena_alloc(arena, length + 1, 1), text, length + 1);
}

char *arena_join(struct arena *arena, const struct text *parts, size_t n)
{
    size_t length = 0;
    for (size_t i = 0; i < n; i++) length += parts[i].length;
    char *joined = arena_alloc(arena, length + 1, 1), *to = joined;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].length > 0) memcpy(to, parts[i].at, parts[i].length);
        to += parts[i].length;
    }
    return joined;
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
