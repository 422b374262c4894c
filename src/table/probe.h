/* probe.h - rows taken from all over a file, to recognise it by.
 *
 * The start of the file and slices spread over the rest, up to PROBE_ROWS rows; a small file is
 * taken whole.  Also decides what has to be known before rows can be read: separator, quote,
 * encoding and whether there is a header line. */
#ifndef TABLE_PROBE_H
#define TABLE_PROBE_H

#include "base/arena.h"
#include "base/csv.h"
#include "base/err.h"
#include "base/input.h"

enum { PROBE_ROWS = 20000 };

struct probe_options {      /* NULL: recognised */
    const char *separator;  /* one character, "tab", "space" */
    const char *encoding;   /* "utf-8", "latin-1", or one of code_page.h */
    bool        has_no_header;
    uint64_t    header_line;    /* of the file, from 1; 0: found */
};

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

/* Everything lives in the arena; text in another encoding becomes UTF-8 in the input itself.  Errors: ERR_INVALID an option is not known, or no line can be
 * read as a record; ERR_IO. */
bool probe_take(struct input *input, const struct probe_options *options, struct arena *arena,
                struct probe *ret_probe, struct err *err) MUST_CHECK;

/* A field's bytes as UTF-8 without control characters: itself where nothing has to change, else a
 * copy in the arena.  False if it is not UTF-8 although the file is. */
bool probe_utf8(bool is_latin1, struct text text, struct arena *arena, struct text *ret_text);

/* The same of a probe's field, its first 60 letters, for sentences; NULL if it is not UTF-8 although the file is. */
const char *probe_shown(const struct probe *probe, struct text text, struct arena *arena);

/* "", "NA", "NULL", "nan" and the like. */
bool probe_is_missing(struct text text);

#endif
