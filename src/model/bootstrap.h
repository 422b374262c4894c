/* bootstrap.h - how far a metric could have come out otherwise: Poisson bootstrap over customers.
 *
 * In every replicate each customer counts a Poisson(1) number of times (Hanley & MacGibbon 2006), the same
 * for all models, so that differences between models are paired.  A replicate draws from a stream of its own:
 * results depend on the seed only. */
#ifndef MODEL_BOOTSTRAP_H
#define MODEL_BOOTSTRAP_H

#include "model/ranking.h"

struct bootstrap {
    size_t  n_models, n_replicates;
    double *values;         /* [n_replicates x n_models x METRICS] */
    double *full;           /* [n_models x METRICS] on the rows as they are */
};

/* rankings [n_models] over the same rows; group [n] as in struct sample or NULL.  Result in arena. */
struct bootstrap bootstrap_run(const struct ranking *const *rankings, size_t n_models, const uint32_t *group,
                               size_t n_replicates, uint64_t seed, unsigned n_threads, struct arena *arena);

/* Puts a model's own bootstrap, of the same rows, groups, seed and replicates, in the place of what one said. */
void bootstrap_put(struct bootstrap *bootstrap, size_t model, const struct bootstrap *alone);

/* The metric with its 95 % percentile interval (ECE, which is biased upwards when resampled: the basic
 * interval, cut at 0). */
struct interval bootstrap_interval(const struct bootstrap *bootstrap, size_t model, enum metric metric);

/* How much better model a is than model b, paired: above 0 is better whatever the metric.  ret_error is the
 * standard error; may be NULL.  All 0 when a is b. */
struct interval bootstrap_difference(const struct bootstrap *bootstrap, size_t a, size_t b, enum metric metric,
                                     double *ret_error);

#endif
