/* logistic.h - liblinear's solvers for dense rows.  The learners built on them are in learner.h. */
#ifndef MODEL_LOGISTIC_H
#define MODEL_LOGISTIC_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum penalty {
    PENALTY_L1,         /* |w| + C sum of logistic losses */
    PENALTY_L2,         /* w.w / 2 + C sum of logistic losses */
    PENALTY_RIDGE,      /* w.w / 2 + C sum of squared errors: labels are numbers */
};

struct logistic_problem {
    const double *values;       /* [n_rows x n_columns] row-major, finite */
    const double *labels;       /* [n_rows] above 0 is yes, else no; ridge: any number */
    size_t        n_rows, n_columns;
    enum penalty  penalty;
    double        cost;         /* C > 0 */
    double        tolerance;    /* liblinear's -e */
    double        bias;         /* value of an extra column, penalised like the others; <= 0: none */
    uint64_t      seed;         /* of the order in which L1 visits columns */
};

/* ret_weights [n_columns + 1]; the last is the constant that goes with the bias column (weight x bias).
 * liblinear's random numbers and its printing are global: one solver runs at a time.
 * Errors: ERR_INVALID the labels are all yes or all no; ERR_REFUSED liblinear's own reason. */
bool logistic_solve(const struct logistic_problem *problem, double *ret_weights, struct err *err) MUST_CHECK;

#endif
