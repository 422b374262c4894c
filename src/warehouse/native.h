/* native.h - blocks of ClickHouse's Native format, written column by column: a name, a type, the values.
 *
 * The number of rows stands in front, so that a block that was cut off is refused whole by the server.
 * Source: ClickHouse's documentation, "Native" under formats. */
#ifndef WAREHOUSE_NATIVE_H
#define WAREHOUSE_NATIVE_H

#include "base/arena.h"
#include "base/text.h"

struct native {
    struct arena *arena;
    char *bytes;
    size_t n, room;
};

void native_begin(struct native *native, size_t n_columns, size_t n_rows, struct arena *arena);
void native_reserve(struct native *native, size_t n); /* room for as many bytes, so that they are not moved */
void native_column(struct native *native, const char *name, const char *type);
void native_bytes(struct native *native, const void *bytes, size_t n); /* numbers, little-endian */
/* Numbers of some width, one after the other, to be filled in. */
char *native_take(struct native *native, size_t n);
void native_text(struct native *native, struct text text);
void native_u64(struct native *native, uint64_t value);

#endif
