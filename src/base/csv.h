/* csv.h - records of separated text (RFC 4180 and its relatives) or of JSON, one at a time from a buffer.
 *
 * A file is read in buffers of whole records: csv_split says where the last whole record of a
 * buffer ends, so that buffers can be parsed on several threads with the same result as one.
 * A quote counts only where a field begins; inside, "" is a quote, and separators and newlines are
 * data.  A record that breaks a rule is one CSV_BAD, and reading goes on at the line after the one
 * where it began. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

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

/* Starts reading bytes[length], which CSV_PADDING more readable bytes follow. */
void csv_start(struct csv_reader *reader, const struct csv_dialect *dialect, const char *bytes, size_t length,
               bool is_last, uint64_t line);
/* Empty lines are passed over. */
enum csv_step csv_next(struct csv_reader *reader);

/* The length of the whole records at the start of bytes[length].  *is_skipping, in and out, is as in
 * the reader: the whole buffer may be part of a line that is too long.  reader is scratch.  To read
 * them, start with the same bytes[length] and set stop: whether a quote is closed may show behind it. */
size_t csv_split(struct csv_reader *reader, const struct csv_dialect *dialect, const char *bytes, size_t length,
                 bool is_last, bool *is_skipping);

#endif
