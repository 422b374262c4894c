/* metrics.h - how good predictions are: one number each, and the curves behind them.
 *
 * Every function works on plain arrays: labels [n] (0 or 1, or amounts) and predicted [n]
 * (probabilities, or amounts).  Ties are handled exactly and rows may come in any order: the result
 * does not depend on it.  A number that is not defined for the data is NaN (AUC without one label).
 * Sources: Hanley & McNeil 1982 (AUC), Brier 1950, Naeini et al. 2015 (ECE), Wilson 1927 (intervals
 * of shares). */
#ifndef MODEL_METRICS_H
#define MODEL_METRICS_H

#include "base/arena.h"
#include "model/metric.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number and the range it lies in with the confidence asked for; NaN where unknown. */
struct interval { double value, low, high; };

/* The area under the ROC curve with Hanley and McNeil's 95 % interval; NaN where all are alike. */
struct interval area_interval(const float *labels, const double *predicted, size_t n);

/* A share with Wilson's 95 % interval; NaN of nobody. */
struct interval share_interval(double yes, double n);

double metric_compute(enum metric metric, const float *labels, const double *predicted, size_t n,
                      double threshold);

/* The threshold that maximises F1 on these rows: the middle between the lowest prediction still called
 * yes and the next one below.  0.5 if there is no yes or no no. */
double metric_best_threshold(const float *labels, const double *predicted, size_t n);

/* Rows sorted by prediction and cut into n_bins of equal count (fewer where ties or rows run short). */
struct calibration_bin {
    double predicted, observed;     /* means */
    double low, high;               /* 95 % interval of observed */
    size_t n;
};
size_t metric_calibration(const float *labels, const double *predicted, size_t n, size_t n_bins, bool is_yes_no,
                          struct arena *arena, struct calibration_bin **ret_bins);

/* Tenths of the rows, highest prediction first; lift = observed / overall mean, captured = the share of
 * all yes (or of the whole amount) that this decile holds. */
struct decile {
    size_t decile, n;
    double predicted, observed, lift, captured;
    double low, high;               /* 95 % interval of lift */
};
size_t metric_deciles(const float *labels, const double *predicted, size_t n, bool is_yes_no,
                      struct arena *arena, struct decile **ret_deciles);

/* At most n_points points of the curve, ends included: (false positive rate, true positive rate) or
 * (recall, precision). */
struct point { double x, y; };
size_t metric_roc(const float *labels, const double *predicted, size_t n, size_t n_points, struct arena *arena,
                  struct point **ret_points);
size_t metric_precision_recall(const float *labels, const double *predicted, size_t n, size_t n_points,
                               struct arena *arena, struct point **ret_points);

#endif
