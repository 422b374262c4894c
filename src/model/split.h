/* split.h - which customers go where: decided by a hash of the seed and the customer alone, so that it
 * depends neither on the order of rows nor on who else is there. */
#ifndef MODEL_SPLIT_H
#define MODEL_SPLIT_H

#include "base/arena.h"
#include "model/sample.h"

enum split_use {    /* each use has a hash of its own */
    SPLIT_CALIBRATION = 1,
    SPLIT_SEARCH,
    SPLIT_FOLDS,
    SPLIT_CUT,
    SPLIT_DRIVERS,
    SPLIT_TREES
};

double split_uniform(uint64_t seed, enum split_use use, uint32_t group);    /* in [0, 1) */

uint32_t split_group(const struct sample *sample, size_t row);      /* the row itself if there are no groups */

/* Folds 0..n_folds-1 by row, groups whole, labels spread evenly (amounts: by size).  ret_fold [n_rows]. */
void split_folds(const struct sample *sample, unsigned n_folds, uint64_t seed, uint8_t *ret_fold);

/* About n_most rows of more, taken evenly by chance; of fewer all. */
struct sample split_thin(const struct sample *sample, size_t n_most, enum split_use use, uint64_t seed,
                         struct arena *arena);

/* Some rows, in the order given: the values stay where they are, the rest is a copy in arena. */
struct sample split_take(const struct sample *sample, const uint32_t *rows, size_t n, struct arena *arena);

#endif
