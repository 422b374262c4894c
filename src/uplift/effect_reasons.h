/* effect_reasons.h - why an effect is what it is for somebody: which of what is known of them raises or lowers it.
 *
 * The effects, whichever learner made them, are told as a mean and one part for each feature (an additive model by
 * backfitting over at most ten steps of each: Hastie & Tibshirani 1986); `explained` is how much of their spread
 * that tells. */
#ifndef UPLIFT_EFFECT_REASONS_H
#define UPLIFT_EFFECT_REASONS_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

enum { REASON_BINS = 11 };      /* the first is of those of whom it is not known */

struct effect_reasons {
    size_t   n, n_columns;
    double   explained;                 /* R squared, 0 .. 1 */
    uint8_t *bin;                       /* [n x n_columns] */
    double (*part)[REASON_BINS];        /* [n_columns] of the effect */
};

/* values [n x n_columns] NaN is missing; effect [n].  In arena. */
struct effect_reasons effect_reasons_of(const float *values, size_t n, size_t n_columns, const double *effect,
                                        struct arena *arena);

static inline double effect_part(const struct effect_reasons *reasons, size_t row, size_t column)
{
    return reasons->part[column][reasons->bin[row * reasons->n_columns + column]];
}

/* The columns whose parts are largest for a row, either way: ret [most].  Returns how many are not 0. */
size_t effect_reasons_top(const struct effect_reasons *reasons, size_t row, size_t *ret_columns, size_t most);

#endif
