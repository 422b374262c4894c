/* observed.h - what a treatment seems to have done where nobody drew lots: weaker than any experiment.
 *
 * Augmented inverse propensity weighting, cross-fitted, and difference in differences.  Sources: Robins,
 * Rotnitzky &
 * Zhao (1994); Chernozhukov et al. (2018); Bertrand, Duflo & Mullainathan (2004) for errors by unit; VanderWeele &
 * Ding (2017) for the E-value. */
#ifndef EXPERIMENT_OBSERVED_H
#define EXPERIMENT_OBSERVED_H

#include "base/arena.h"
#include "base/err.h"
#include "experiment/comparison.h"

struct observed_rows {
    size_t             n, p;
    const bool        *is_treated;      /* [n] */
    const double      *outcome;         /* [n] */
    const double      *x;               /* [n x p] row-major, known before the treatment */
    const char *const *names;           /* [p] */
    const double      *placebo;         /* [n] an outcome that the treatment cannot have moved; NULL: none */
    double             alpha;
    uint64_t           seed;            /* of folds, and of the placebo treatment where there is no such outcome */
};

struct observed {
    struct estimate effect, naive, placebo;
    double          ess;                    /* people that the weights are worth */
    double          least, greatest;        /* propensity */
    double         *before, *after;         /* [p] difference of the arms' means over the standard deviation */
    double          e_value, e_limit;       /* of the estimate, and of the end of its interval nearer to no effect */
    const char     *refusal;                /* NULL, or why nothing is said: a sentence; effect is NaN then */
};

/* The mean effect over all rows.  Everything lives in the arena.
 * Errors: ERR_REFUSED an arm of fewer than 20, or no covariate that varies. */
bool observed_weighted(const struct observed_rows *rows, struct arena *arena, struct observed *ret_observed,
                       struct err *err) MUST_CHECK;

struct panel_rows {
    size_t          n;
    const bool     *is_treated, *is_post;   /* [n] */
    const double   *outcome;                /* [n] */
    const uint64_t *unit;                   /* [n] */
    const double   *period;                 /* [n] when, for a placebo before the treatment; NULL: not known */
    double          alpha;
};

struct panel {
    struct estimate effect, naive, placebo;     /* placebo NaN where there is one period before only */
    size_t          n_units, n_treated_units;
    double          cell[2][2];                 /* mean [treated][post] */
};

/* Errors: ERR_REFUSED a cell without rows, fewer than two units in an arm; ERR_INVALID a unit in both arms. */
bool observed_panel(const struct panel_rows *rows, struct arena *arena, struct panel *ret_panel,
                    struct err *err) MUST_CHECK;

/* How strong an unknown cause of both must be to make up a ratio of risks: at least 1. */
double e_value_of(double ratio);

#endif
