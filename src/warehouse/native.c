/* native.c - see native.h. */
#include "warehouse/native.h"

#include <string.h>

static void grow(struct native *native, size_t room)
{
    char *grown = arena_alloc(native->arena, room, 1);
    if (native->n) memcpy(grown, native->bytes, native->n);
    native->bytes = grown, native->room = room;
}

void native_reserve(struct native *native, size_t n)
{
    if (native->n + n > native->room) grow(native, native->n + n);
}

char *native_take(struct native *native, size_t n)
{
    if (native->n + n > native->room) grow(native, 2 * (native->n + n) + 4096);
    native->n += n;
    return native->bytes + native->n - n;
}

void native_bytes(struct native *native, const void *bytes, size_t n)
{
    char *to = native_take(native, n);
    if (n) memcpy(to, bytes, n);
}

static void put_number(struct native *native, uint64_t number)
{
    unsigned char bytes[10];
    size_t n = 0;
    for (; number > 127; number >>= 7) bytes[n++] = (unsigned char)(number | 128);
    bytes[n++] = (unsigned char)number;
    native_bytes(native, bytes, n);
}

void native_begin(struct native *native, size_t n_columns, size_t n_rows, struct arena *arena)
{
    *native = (struct native){ .arena = arena };
    put_number(native, n_columns);
    put_number(native, n_rows);
}

void native_text(struct native *native, struct text text)
{
    put_number(native, text.length);
    native_bytes(native, text.at, text.length);
}

void native_column(struct native *native, const char *name, const char *type)
{
    native_text(native, text_of(name));
    native_text(native, text_of(type));
}

void native_u64(struct native *native, uint64_t value) { native_bytes(native, &value, sizeof value); }
