/* memory.c - see memory.h. */
#include "base/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *needed(void *memory, size_t n, size_t size)
{
    if (memory) return memory;
    fprintf(stderr, "holdfast: out of memory: %zu objects of %zu bytes are not to be had\n", n, size);
    abort();
}

void *memory_new(size_t n, size_t size) { return needed(calloc(n ? n : 1, size ? size : 1), n, size); }

void *memory_grow(void *memory, size_t n, size_t size)
{
    size_t bytes;
    bool is_too_large = __builtin_mul_overflow(n, size, &bytes);
    return needed(is_too_large ? NULL : realloc(memory, bytes ? bytes : 1), n, size);
}

char *memory_copy(const char *text)
{
    size_t length = strlen(text) + 1;
    return memcpy(memory_new(length, 1), text, length);
}
