/* answer.h - the bytes of an answer, kept until it has ended. */
#ifndef WAREHOUSE_ANSWER_H
#define WAREHOUSE_ANSWER_H

#include <stdbool.h>
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
