/* ranking.h - predictions sorted once, so that every metric can be computed many times under different
 * row weights (the bootstrap) in one pass each.
 *
 * Equal predictions form one group: within it the order of rows has no influence. */
#ifndef MODEL_RANKING_H
#define MODEL_RANKING_H

#include "base/arena.h"
#include "model/metric.h"
#include "model/sample.h"

enum { RANKING_BINS = 10 };

/* A sorted row of a yes/no question. */
struct ranked { double loss, gap; uint32_t row; uint8_t is_yes, is_last; };     /* log loss; prediction less label */

struct ranking {
    enum target     target;
    size_t          n;
    const float    *labels;         /* [n] borrowed */
    const double   *predicted;      /* [n] borrowed */
    double          threshold;
    uint32_t       *order;          /* [n] rows, highest prediction first */
    uint32_t       *label_order;    /* [n] rows, largest label first; amounts only */
    uint8_t        *is_last;        /* [n] the sorted row is the last of its group of equal predictions */
    uint8_t        *is_last_label;  /* [n] as is_last, in label_order; amounts only */
    double         *loss;           /* [n] by row: deviance; amounts only */
    struct ranked  *ranked;         /* [n] in order; yes/no only */
    size_t          bin_end[RANKING_BINS];      /* where calibration bins of about equal count end; yes/no only */
    size_t          n_called;       /* sorted rows that are at the threshold or above; yes/no only */
};

/* labels [n], predicted [n] must live as long as the ranking; n < 2^32. */
struct ranking *ranking_new(struct arena *arena, enum target target, const float *labels, const double *predicted,
                            size_t n, double threshold);

/* Every metric of the ranking's target (the others NaN) with row r counted weights[r] times; NULL: once.
 * scratch [2 n] doubles is needed for amounts, and may be NULL for yes/no. */
void ranking_metrics(const struct ranking *ranking, const uint8_t *weights, double *scratch,
                     double ret_metrics[METRICS]);

#endif
