/* csv_fuzz.c - any bytes are records or faults; cutting them changes nothing and nothing is read twice. */
#include "base/csv.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct csv_reader reader;
    if (size < 2) return 0;
    struct csv_dialect dialect = { .separator = ",;\t |"[data[0] % 5],
                                   .quote = "\"'"[data[0] / 5 % 2],
                                   .escape = data[0] / 10 % 2 ? '\\' : 0,
                                   .newline = '\n' };
    dialect.is_padded = dialect.separator == ' ';
    size_t length = size - 1, cut = data[1] % length;
    char *bytes = calloc(1, length + CSV_PADDING);
    memcpy(bytes, data + 1, length);
    size_t n_rows = 0, n_fields = 0;
    csv_start(&reader, &dialect, bytes, length, true, 1);
    for (enum csv_step step; (step = csv_next(&reader)) != CSV_END;) {
        assert(reader.raw.at >= bytes && reader.raw.at + reader.raw.length <= bytes + length);
        for (size_t i = 0; step == CSV_ROW && i < reader.n_fields; i++)
            n_fields += reader.fields[i].length > 0 && reader.fields[i].at[0];
        n_rows++;
    }
    assert(n_rows <= length && n_fields <= length && reader.at == bytes + length);
    bool is_skipping = false;
    size_t whole = csv_split(&reader, &dialect, bytes, cut, false, &is_skipping);
    assert(whole <= cut);
    free(bytes);
    return 0;
}
