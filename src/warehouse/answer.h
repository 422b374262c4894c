/* answer.h - rows of RowBinary, all of one width, that count only when the row that says how many there are has
 * come and is right: its first number is the least there is, its second the number of the others. */
#ifndef WAREHOUSE_ANSWER_H
#define WAREHOUSE_ANSWER_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct answer {
    char *bytes;
    size_t n, room;
    size_t most; /* 0: no limit */
    bool is_over; /* more came than most, and was left out */
}; /* zeroed: empty */

/* False: that would be more than most. */
bool answer_add(struct answer *answer, const char *bytes, size_t n);
void answer_free(struct answer *answer); /* empty again; its limit stays */

/* Errors: ERR_MISSING it is not whole; with the server's own words where it ends with them. */
bool answer_check(const struct answer *answer, size_t row_bytes, const char *server, struct err *err) MUST_CHECK;

/* Whether so many rows, none shorter than least_bytes, have room in it: what is set aside for them is then no
 * larger than what came. */
bool answer_holds(const struct answer *answer, int64_t n_rows, size_t least_bytes);

static inline int64_t answer_i64(const char *at)
{
    int64_t number;
    memcpy(&number, at, sizeof number);
    return number;
}
static inline double answer_f64(const char *at)
{
    double number;
    memcpy(&number, at, sizeof number);
    return number;
}

#endif
