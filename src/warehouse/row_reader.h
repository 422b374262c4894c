/* row_reader.h - rows of ClickHouse's RowBinary format, value by value; whatever does not fit makes the reader
 * bad, and from then on all it gives is empty.
 *
 * Source: ClickHouse's documentation, "RowBinary" under formats. */
#ifndef WAREHOUSE_ROW_READER_H
#define WAREHOUSE_ROW_READER_H

#include "base/arena.h"
#include "base/text.h"

#include <stdio.h>

struct row_reader {
    const char *at, *end;
    bool is_bad;
};

int64_t row_reader_number(struct row_reader *reader, size_t width); /* little-endian, of 1 to 8 bytes */
struct text row_reader_text(struct row_reader *reader);             /* within what is read */

/* Two arrays of texts, names and values, as a flat JSON object at the end of out; nothing where they are empty.
 * False: the reader is bad. */
bool row_reader_properties(struct row_reader *reader, FILE *out, struct arena *arena);

#endif
