/* draw.h - random numbers of the distributions that shops are made of.
 *
 * Each draws from the generator it is given and from nothing else: the same generator state gives
 * the same number.  How many uniform numbers a draw takes varies.  Parameters out of range are
 * asserted.  Tested against the distributions' own functions in numerics.h. */
#ifndef MATH_DRAW_H
#define MATH_DRAW_H

#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

double draw_normal(struct rng *rng, double mean, double sd);            /* sd >= 0 */
double draw_lognormal(struct rng *rng, double log_mean, double log_sd); /* exp of a normal */
double draw_exponential(struct rng *rng, double mean);                  /* mean > 0 */
double draw_gamma(struct rng *rng, double shape, double scale);         /* both > 0; mean shape * scale */
double draw_beta(struct rng *rng, double a, double b);                  /* both > 0 */

bool     draw_bernoulli(struct rng *rng, double p);                     /* p in [0, 1] */
uint64_t draw_poisson(struct rng *rng, double mean);                    /* 0 <= mean <= 1e9 */

/* 0 .. n-1 with probability weights[i] / sum; weights [n] >= 0, not all zero. */
size_t draw_categorical(struct rng *rng, const double *weights, size_t n);
/* The same in O(log n) from running sums: cumulative[i] = weights[0] + ... + weights[i]. */
size_t draw_cumulative(struct rng *rng, const double *cumulative, size_t n);

#endif
