/* moments.h - sums, squares and cross-products of many metrics by arm, in one pass over the units.
 *
 * Every column is taken about its own first value, so that nothing is lost where amounts are far from 0.  The same
 * for any number of threads. */
#ifndef EXPERIMENT_MOMENTS_H
#define EXPERIMENT_MOMENTS_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

/* Of one arm: mean [m], and about the means products [m x m], of which the lower triangle is filled. */
struct moments { double n, *mean, *products; };

/* columns [m] each [n_units], without NaN; arm [n_units], those of n_arms and more in none.  ret_arms [n_arms]. */
void moments_by_arm(const double *const *columns, size_t m, const uint8_t *arm, size_t n_units, size_t n_arms,
                    unsigned n_threads, struct arena *arena, struct moments *ret_arms);

#endif
