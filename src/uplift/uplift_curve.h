/* uplift_curve.h - how well a score ranks people by what a treatment does to them.
 *
 * Rows are taken by falling score; rows of equal score are one step, so their order has no influence.  With Y the
 * sum of outcomes and N the number of rows among those taken, treated (t) and control (c):
 *   uplift curve   (Y_t / N_t - Y_c / N_c) N
 *   Qini curve     Y_t - Y_c N_t / N_c
 * each 0 where an arm has no row yet.  A score is (area - random) / (perfect - random): random is the straight
 * line to the curve's end, perfect the curve of a score that knows the outcome (as scikit-uplift has it). uplift@k
 * is the difference of means among the k highest, where rows tied at the boundary count in proportion. */
#ifndef UPLIFT_UPLIFT_CURVE_H
#define UPLIFT_UPLIFT_CURVE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is ranked.  weight: how often a row counts, as for unequal propensities; NULL: once each. */
struct uplift_rows {
    size_t         n;
    const double  *score, *outcome, *weight;    /* [n] */
    const uint8_t *is_treated;                  /* [n] */
};

struct uplift_interval { double value, se, low, high; };    /* 95 % by bootstrap over rows; NaN where undefined */

enum { UPLIFT_SHARES = 3 };
extern const double UPLIFT_SHARE[UPLIFT_SHARES];            /* .1, .3, .5 */

struct uplift_metrics {
    struct uplift_interval uplift_auc, qini_auc;            /* scores as above */
    struct uplift_interval uplift_at[UPLIFT_SHARES];
};

/* n_replicates 0: no intervals. */
struct uplift_metrics uplift_metrics_of(const struct uplift_rows *rows, size_t n_replicates, uint64_t seed,
                                        unsigned n_threads);

/* Points of the curve, x the (weighted) number of rows taken; 0 first.  Returns how many; arrays in arena. */
struct uplift_point { double x, uplift, qini; };
size_t uplift_points(const struct uplift_rows *rows, struct arena *arena, struct uplift_point **ret_points);

#endif
