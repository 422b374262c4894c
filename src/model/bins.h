/* bins.h - a sample's values as small numbers: which of at most 127 quantiles of its column each one lies in.
 *
 * Trees are grown on these, a byte a value.  Bin 0 is missing; bin b from 1 on holds the values from cut b - 1 to
 * below cut b of its column, where the cuts are counted from 1 and nothing is below the first bin. */
#ifndef MODEL_BINS_H
#define MODEL_BINS_H

#include "base/arena.h"
#include "model/sample.h"

enum { BINS_MOST = 128 };           /* of a column, the missing one included */

struct bins {
    size_t    n_rows, n_columns;
    uint8_t  *bin;                  /* [n_rows x n_columns] row-major */
    float    *cuts;                 /* [n_columns x BINS_MOST] cut b at b, the first value of bin b + 1; the last: FLT_MAX */
    uint8_t  *n_bins;               /* [n_columns] bins in use, the missing one included */
    uint32_t *first;                /* [n_columns + 1] where a column's bins begin when all are laid in a row */
};

/* Cuts lie between values that differ; where there are more than bins, at quantiles of about 20,000 rows.  In arena;
 * the same on any number of threads. */
struct bins *bins_new(const struct sample *sample, unsigned n_threads, struct arena *arena);

#endif
