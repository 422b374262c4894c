/* drivers.h - what a predictor leans on, over many customers.
 *
 * Importance is the mean size of a feature's contribution to the raw score; the curve shows how the
 * contribution goes with the feature's value. */
#ifndef MODEL_DRIVERS_H
#define MODEL_DRIVERS_H

#include "model/predictor.h"

/* As the value grows; DIRECTION_BESIDE: a model leans this one against others that go together with it, so that by itself
 * its direction is none that is true of people. */
enum direction { DIRECTION_RAISES, DIRECTION_LOWERS, DIRECTION_MIXED, DIRECTION_BESIDE };

const char *direction_word(enum direction direction);       /* "raises", "lowers", "mixed", "beside" */

struct effect_point {
    double value;               /* median of the bin */
    double effect, low, high;   /* median and quartiles of the contribution */
    size_t n;
};

struct driver {
    size_t               column;
    double               importance;    /* mean |contribution|, in the raw score's unit */
    double               share;         /* of the sum over all columns */
    enum direction       direction;
    struct effect_point *curve;         /* over quantile bins of the value, ascending; missing values left out */
    size_t               n_curve;
    double               missing_effect;    /* median contribution where the value is missing, NaN if never */
};

/* Explains at most 2,000 of the rows (a seeded choice) and returns every column that contributes, the most
 * important first, in arena. */
void drivers_compute(const struct predictor *predictor, const struct sample *sample, uint64_t seed,
                     unsigned n_threads, struct arena *arena, struct driver **ret_drivers, size_t *ret_n);

#endif
