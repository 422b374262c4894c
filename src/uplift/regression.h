/* regression.h - the mean of any outcome given features: linear or boosted trees, yes/no or a signed number.
 *
 * Beneath the learners of effects, whose targets may be negative and whose rows have weights, which the learners
 * of model/ have not.  The linear one is penalised as cross-validation says, up to a constant; yes/no goes through
 * the log-odds.  The same request gives the same fit. */
#ifndef UPLIFT_REGRESSION_H
#define UPLIFT_REGRESSION_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum regression_form { REGRESSION_CHOSEN, REGRESSION_LINEAR, REGRESSION_TREES }; /* chosen: by cross-validation */

struct regression_request {
    const float          *values;       /* [.. x n_columns] row-major, NaN is missing */
    size_t                n_columns;
    const uint32_t       *rows;         /* [n] which rows of values */
    size_t                n;
    const double         *target;       /* [n] by place in rows; yes/no: 0 or 1 */
    const double         *weight;       /* [n] > 0, or NULL */
    bool                  is_yes_no;
    enum regression_form  form;
    uint64_t              seed;
    unsigned              n_threads;
};

struct regression;

/* In arena.  With no variation in the target, or fewer than 20 rows, it is the (weighted) mean.
 * Errors: ERR_REFUSED n is 0. */
bool regression_fit(const struct regression_request *request, struct arena *arena,
                    struct regression **ret_regression, struct err *err) MUST_CHECK;

/* ret [n]: the mean of each of the rows. */
void regression_predict(const struct regression *regression, const float *values, const uint32_t *rows, size_t n,
                        double *ret);

enum regression_form regression_form_of(const struct regression *regression);

#endif
