/* distribution.h - a number that is not known, as one of a few named distributions: draws and quantiles of it. */
#ifndef MATH_DISTRIBUTION_H
#define MATH_DISTRIBUTION_H

#include "base/err.h"
#include "base/rng.h"

#include <stddef.h>

enum distribution_kind {
    DISTRIBUTION_NORMAL,            /* mean, sd */
    DISTRIBUTION_LOGNORMAL,         /* median, sd of the logarithm */
    DISTRIBUTION_TRIANGULAR,        /* least, likeliest, greatest */
    DISTRIBUTION_UNIFORM,           /* least, greatest */
    DISTRIBUTION_BETA,              /* a, b */
    DISTRIBUTION_GAMMA,             /* shape, scale */
    DISTRIBUTION_EXPONENTIAL,       /* mean */
    DISTRIBUTION_POISSON,           /* mean */
    DISTRIBUTION_BINOMIAL,          /* trials, chance */
    DISTRIBUTION_BETA_BINOMIAL,     /* trials, a, b */
    DISTRIBUTIONS
};

enum { DISTRIBUTION_PARAMETERS_MOST = 3 };
#define DISTRIBUTION_TRIALS_MOST 1e6

struct distribution { enum distribution_kind kind; double parameter[DISTRIBUTION_PARAMETERS_MOST]; };

extern const char *const distribution_names[DISTRIBUTIONS];             /* "beta_binomial" */
extern const char *const distribution_parameters[DISTRIBUTIONS];        /* "a, b": what they are called */
size_t distribution_n_parameters(enum distribution_kind kind);

/* Errors: ERR_INVALID a parameter out of range (says which). */
bool distribution_check(const struct distribution *distribution, struct err *err) MUST_CHECK;

double distribution_draw(const struct distribution *distribution, struct rng *rng);
/* p in (0, 1); of counts the least that at most the share 1 - p is above. */
double distribution_quantile(const struct distribution *distribution, double p);

#endif
