/* instant_fuzz.c - any bytes are a time or none in every format, the same whatever was read before. */
#include "customer/instant.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A reader that has read the text once gives it again: it remembers the last date. */
static void read_twice(struct instant_format format, struct arena *arena, struct text text)
{
    struct instant_reader reader = { .format = format, .zones.arena = arena };
    int64_t first = 0, again = 0;
    bool is_read = instant_read(&reader, text, &first);
    assert(instant_read(&reader, text, &again) == is_read);
    assert(!is_read || first == again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)1 << 28);
    char *bytes = malloc(size + 1), *pattern = arena_alloc(arena, size + 1, 1);
    if (size) memcpy(bytes, data, size);
    size_t length = 0;
    while (length < size && bytes[length] != '\n') length++;
    struct text text = { bytes, length };
    for (unsigned i = 0; i < n_instant_formats; i++) read_twice(instant_formats[i], arena, text);
    if (length < size) {            /* a second line is a format */
        struct instant_format format;
        memcpy(pattern, bytes + length + 1, size - length - 1);
        if (instant_find(pattern, &format)) read_twice(format, arena, text);
    }
    free(bytes);
    arena_free(arena);
    return 0;
}
