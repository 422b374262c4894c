/* json_rows_fuzz.c - any bytes are JSON records or faults; fields lie where they may, and nothing is read twice. */
#include "base/json_rows.h"
#include "base/csv.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The last list of objects that was met as the lines of its record, for some inputs. */
static struct json_columns *with_lines(struct json_columns *columns, uint8_t choice)
{
    uint32_t lines = 0;
    for (uint32_t i = 1; i < columns->n_nodes && choice & 2; i++)
        if (columns->nodes[i].holds_objects) lines = i;
    return lines ? json_columns_with_lines(columns, lines) : columns;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct csv_reader reader;
    if (size < 3) return 0;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct csv_dialect dialect = { .newline = '\n', .json = json_columns_new(data[0] % 2, arena) };
    size_t length = size - 2, cut = data[1] % length, n_rows = 0, n_bytes = 0;
    char *bytes = calloc(1, length + CSV_PADDING);
    memcpy(bytes, data + 2, length);
    for (int pass = 0; pass < 3; pass++) {
        if (pass == 1) dialect.json = with_lines(dialect.json, data[0]);
        dialect.json->is_learning = pass < 2;
        csv_start(&reader, &dialect, bytes, length, true, 1);
        for (enum csv_step step; (step = csv_next(&reader)) != CSV_END; n_rows++) {
            assert(reader.raw.at >= bytes && reader.raw.at + reader.raw.length <= bytes + length);
            for (size_t i = 0; step == CSV_ROW && i < reader.n_fields; i++)
                n_bytes += reader.fields[i].length > 0 && reader.fields[i].at[0];
        }
        assert(n_rows <= 3 * length && reader.at == bytes + length);
    }
    assert(n_bytes <= 3 * length || dialect.json->lines);
    for (size_t c = 0; c < dialect.json->n_columns; c++) assert(json_column_name(dialect.json, c));
    bool is_skipping = false;
    assert(csv_split(&reader, &dialect, bytes, cut, false, &is_skipping) <= cut);
    free(bytes);
    arena_free(arena);
    return 0;
}
