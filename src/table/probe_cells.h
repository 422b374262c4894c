/* probe_cells.h - what a probe took of a file: its rows, and how their bytes are read. */
#ifndef TABLE_PROBE_CELLS_H
#define TABLE_PROBE_CELLS_H

#include "base/arena.h"
#include "base/csv.h"

struct probe {
    struct csv_dialect dialect;
    bool        is_latin1;          /* Windows-1252, which contains Latin-1's letters; else UTF-8 */
    bool        has_header;         /* the columns have names of their own */
    size_t      n_columns;
    const char **names;             /* [n_columns] UTF-8; "column 3" where there is none */
    struct text *cells;             /* [n_rows x n_columns], row-major, as in the file */
    size_t      n_rows;
    bool        is_whole;           /* the rows are all there are */
    bool        has_second_header;  /* the line under the header is one more */
    uint64_t    data_at, data_line; /* offset and line of the first record after the header */
    uint64_t    n_before;           /* records before the header, which are not data */
    const char *sentence;           /* "comma-separated, UTF-8, with a header line" */
};

/* A field's bytes as UTF-8 without control characters: itself where nothing has to change, else a
 * copy in the arena.  False if it is not UTF-8 although the file is. */
bool probe_utf8(bool is_latin1, struct text text, struct arena *arena, struct text *ret_text);

/* The same of a probe's field, its first 60 letters, for sentences; NULL if it is not UTF-8 although the file is. */
const char *probe_shown(const struct probe *probe, struct text text, struct arena *arena);

/* "", "NA", "NULL", "nan" and the like. */
bool probe_is_missing(struct text text);

#endif
