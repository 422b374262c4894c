/* counted_rows.h - rows of RowBinary, all of one width, that are handed on as they come and count only when the row
 * that says how many there are has come and is right: its first number is the least there is, its second the number
 * of the others.
 *
 * What breaks off, or ends with an error's words, may have been handed on as rows before that is known: whoever takes
 * them believes nothing until counted_rows_check, and forgets them where it fails. */
#ifndef WAREHOUSE_COUNTED_ROWS_H
#define WAREHOUSE_COUNTED_ROWS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { COUNTED_LAST_BYTES = 8192 };

struct counted_rows {
    size_t row_bytes; /* at least 16 */
    size_t most;      /* rows; 0: no limit */
    void (*take)(void *context, const char *row); /* each but the one that counts */
    void *context;
    /* zeroed before the first byte */
    size_t n, n_counts, n_bytes;
    uint64_t counted;
    bool is_over; /* more came than most, and was left out */
    char *part;   /* [n_part] of a row that has not come whole */
    size_t n_part;
    char last[COUNTED_LAST_BYTES]; /* [n_last] where an error's words would be */
    size_t n_last;
};

/* rows is the context.  False: that would be more than most. */
bool counted_rows_take(void *rows, const char *bytes, size_t n);
void counted_rows_free(struct counted_rows *rows); /* as before the first byte */

/* Errors: ERR_MISSING they are not whole; with the server's own words where they end with them. */
bool counted_rows_check(const struct counted_rows *rows, const char *server, struct err *err) MUST_CHECK;

#endif
