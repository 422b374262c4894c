/* csv_reader.h - a buffer of records, where in it one reads, and the record that was read: of separated text, which
 * csv.h reads, or of JSON, which json_rows.h does. */
#ifndef BASE_CSV_READER_H
#define BASE_CSV_READER_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CSV_LINE_MAX = 1 << 20,         /* bytes of a record */
    CSV_COLUMNS_MAX = 20000,        /* a spreadsheet has 16,384 */
    CSV_PADDING = 32                /* readable bytes that must follow a buffer's end */
};

struct csv_dialect {
    char separator;
    char quote;             /* 0: none */
    char escape;            /* '\\': before a quote within quotes it makes it text, as "" does; 0: none */
    char newline;           /* '\n', a '\r' before it is dropped; or '\r' */
    size_t n_padded;        /* a line that has fewer fields has blank ones at its end; 0: it has what it has */
    bool is_padded;         /* runs of separators count once, at the ends of a line not at all */
    struct json_columns *json;  /* not NULL: records are JSON objects with these fields; see json_rows.h */
};

enum csv_step {
    CSV_ROW,
    CSV_BAD,                /* reason, raw and row_line say what and where */
    CSV_END                 /* no whole record is left: at is where the next begins */
};

struct csv_reader {
    struct csv_dialect dialect;
    const char *begin, *at, *end;
    const char *stop;               /* no record that begins here or later is read; end, unless set */
    bool        is_last;            /* end is the end of the file: the last line needs no newline */
    bool        is_skipping;        /* a line that is too long began before at: drop its rest */
    uint64_t    line;               /* of what begins at at; the file's first is 1 */
    /* The record just read; valid until the next call. */
    struct text raw;                /* without its newline */
    uint64_t    row_line;           /* where it began */
    size_t      n_fields;
    const char *reason;             /* of CSV_BAD */
    size_t      bad_field;          /* of CSV_BAD: 0-based, where a field is at fault */
    uint64_t    n_unknown;          /* of JSON: members so far that are none of the columns */
    const char *list_at;            /* of JSON: where the record's next line begins; NULL: it has no more */
    size_t      list_used;          /* bytes of unquoted that the record's other members are in */
    uint32_t    list_index;         /* which line of its record was read, from 0 */
    char        reason_text[128];
    struct text fields[CSV_COLUMNS_MAX];
    char        unquoted[CSV_LINE_MAX];     /* fields that had "" in them */
};

#endif
