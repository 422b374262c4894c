/* covariates.h - columns of a file that go into a regression, as --covariates names them. */
#ifndef ANALYSE_COVARIATES_H
#define ANALYSE_COVARIATES_H

#include "table/frame.h"

enum { COVARIATES_MOST = 100 };

struct covariates {
    size_t      n;
    const char *names[COVARIATES_MOST];
    double     *values[COVARIATES_MOST];        /* [frame rows] NaN where missing */
};

/* "age,sex,10 * visits": columns and SQL expressions; a column of texts becomes one yes or no for each of its
 * values but the first, "sex=f".  Errors: ERR_INVALID nothing of that name, or more than COVARIATES_MOST. */
bool covariates_read(const struct frame *frame, const char *list, struct arena *arena,
                     struct covariates *ret_covariates, struct err *err) MUST_CHECK;

/* Takes the part up to a sign that stands outside parentheses and quotes off the front of *rest, in the arena.
 * False: it was the last. */
bool list_part(const char **rest, char sign, struct arena *arena, const char **ret_part);

#endif
