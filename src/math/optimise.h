/* optimise.h - the maximum of a smooth function of a few positive parameters.
 *
 * Works on the logarithms of the parameters: BFGS with analytic gradients (GSL), finished by
 * Newton steps on a Hessian from differences of the gradient, which also gives standard errors. */
#ifndef MATH_OPTIMISE_H
#define MATH_OPTIMISE_H

#include "base/err.h"

#include <stddef.h>

enum { OPTIMISE_PARAMETERS_MAX = 8 };

struct objective {
    size_t             n;           /* parameters, 1..OPTIMISE_PARAMETERS_MAX */
    const char *const *names;       /* [n] for messages */
    const double      *low, *high;  /* [n] a maximum must lie between, 0 < low < high */
    /* The value to maximise at x [n], all within low..high; fills gradient [n] by x.  May be
     * NaN or infinite where it has none. */
    double (*value)(const void *context, const double *x, double *gradient);
    const void *context;
};

struct optimum {
    double      x[OPTIMISE_PARAMETERS_MAX];
    double      value;
    double      se[OPTIMISE_PARAMETERS_MAX];    /* NaN where se_missing says why */
    const char *se_missing;                     /* NULL, or a constant sentence */
    unsigned    n_iterations;
};

/* Starts from each of the n_starts points [n_starts x n] and keeps the best maximum.
 * Errors: ERR_REFUSED no start led to a maximum inside the bounds: names the parameter that ran
 * away and to which side.  *ret_optimum is untouched then. */
bool optimise(const struct objective *objective, const double *starts, size_t n_starts, struct optimum *ret_optimum,
              struct err *err) MUST_CHECK;

#endif
