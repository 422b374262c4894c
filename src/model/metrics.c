/* metrics.c - see metrics.h; the sums themselves are in ranking.c. */
#include "model/metrics.h"

#include "model/ranking.h"

#include <math.h>

static const struct { const char *name; bool is_larger_better; } METRIC_TABLE[METRICS] = {
    [METRIC_AUC]       = { "auc", true },
    [METRIC_PR_AUC]    = { "pr_auc", true },
    [METRIC_LOG_LOSS]  = { "log_loss", false },
    [METRIC_BRIER]     = { "brier", false },
    [METRIC_ECE]       = { "ece", false },
    [METRIC_PRECISION] = { "precision", true },
    [METRIC_RECALL]    = { "recall", true },
    [METRIC_F1]        = { "f1", true },
    [METRIC_RMSE]      = { "rmse", false },
    [METRIC_MAE]       = { "mae", false },
    [METRIC_R2]        = { "r2", true },
    [METRIC_SPEARMAN]  = { "spearman", true },
    [METRIC_DEVIANCE]  = { "deviance", false },
};

static const double Z_95 = 1.959963984540054;

const char *metric_name(enum metric metric) { return METRIC_TABLE[metric].name; }

bool metric_is_better(enum metric metric, double a, double b)
{
    return METRIC_TABLE[metric].is_larger_better ? a > b : a < b;
}

double metric_compute(enum metric metric, const float *labels, const double *predicted, size_t n, double threshold)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    enum target target = metric >= METRIC_RMSE ? TARGET_AMOUNT : TARGET_YES_NO;
    struct ranking *ranking = ranking_new(arena, target, labels, predicted, n, threshold);
    double metrics[METRICS];
    ranking_metrics(ranking, NULL, ARENA_ARRAY(arena, double, 2 * n), metrics);
    arena_free(arena);
    return metrics[metric];
}

double metric_best_threshold(const float *labels, const double *predicted, size_t n)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct ranking *ranking = ranking_new(arena, TARGET_YES_NO, labels, predicted, n, 0.5);
    double all_yes = 0, yes = 0, best_f1 = 0, threshold = 0.5;
    for (size_t i = 0; i < n; i++) all_yes += labels[i] > 0.5F;
    for (size_t i = 0; i < n; i++) {
        yes += labels[ranking->order[i]] > 0.5F;
        if (!ranking->is_last[i]) continue;
        double f1 = 2 * yes / (all_yes + (double)(i + 1));
        if (!(f1 > best_f1)) continue;
        best_f1 = f1;
        double here = predicted[ranking->order[i]];
        threshold = i + 1 < n ? (here + predicted[ranking->order[i + 1]]) / 2 : here;
    }
    if (!(all_yes > 0 && all_yes < (double)n)) threshold = 0.5;
    arena_free(arena);
    return threshold;
}

struct interval share_interval(double yes, double n)
{
    if (!(n > 0)) return (struct interval){ (double)NAN, (double)NAN, (double)NAN };
    double share = yes / n, z2 = Z_95 * Z_95, middle = (share + z2 / (2 * n)) / (1 + z2 / n),
           half = Z_95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    return (struct interval){ share, fmax(0, middle - half), fmin(1, middle + half) };
}

struct interval area_interval(const float *labels, const double *predicted, size_t n)
{
    double auc = metric_compute(METRIC_AUC, labels, predicted, n, .5), yes = 0;
    if (isnan(auc)) return (struct interval){ auc, auc, auc };
    for (size_t i = 0; i < n; i++) yes += labels[i] > 0;
    double no = (double)n - yes, square = auc * auc, q1 = auc / (2 - auc), q2 = 2 * square / (1 + auc),
           variance = auc - square + (yes - 1) * (q1 - square) + (no - 1) * (q2 - square),
           half = Z_95 * sqrt(fmax(variance, 0) / (yes * no));
    return (struct interval){ auc, fmax(auc - half, 0), fmin(auc + half, 1) };
}

/* 95 % interval of a mean: Wilson's for a share, Student-free normal for an amount. */
static void interval_of_mean(double sum, double squares, double n, bool is_share, double *ret_low,
                             double *ret_high)
{
    double mean = sum / n;
    if (is_share) {
        struct interval share = share_interval(sum, n);
        *ret_low = share.low;
        *ret_high = share.high;
    } else {
        double variance = n > 1 ? fmax(0, (squares - n * mean * mean) / (n - 1)) : 0;
        double half = Z_95 * sqrt(variance / n);
        *ret_low = mean - half;
        *ret_high = mean + half;
    }
}

struct slice { size_t n; double predicted, observed, squares; };

/* Cuts the sorted rows into n_slices of equal count; a group of equal predictions stays in one when
 * keep_ties.  Returns how many are not empty. */
static size_t cut(const struct ranking *ranking, size_t n_slices, bool keep_ties, struct slice *slices)
{
    size_t used = 0, at = 0;
    for (size_t s = 0; s < n_slices && at < ranking->n; s++) {
        size_t end = (s + 1) * ranking->n / n_slices;
        if (keep_ties) while (end > at && end < ranking->n && !ranking->is_last[end - 1]) end++;
        if (end <= at) continue;
        struct slice slice = { .n = end - at };
        for (; at < end; at++) {
            double label = (double)ranking->labels[ranking->order[at]];
            slice.predicted += ranking->predicted[ranking->order[at]];
            slice.observed += label;
            slice.squares += label * label;
        }
        slices[used++] = slice;
    }
    return used;
}

size_t metric_calibration(const float *labels, const double *predicted, size_t n, size_t n_bins, bool is_yes_no,
                          struct arena *arena, struct calibration_bin **ret_bins)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct ranking *ranking = ranking_new(scratch, is_yes_no ? TARGET_YES_NO : TARGET_AMOUNT, labels, predicted,
                                          n, 0.5);
    struct slice *slices = ARENA_ARRAY(scratch, struct slice, n_bins);
    size_t used = cut(ranking, n_bins, true, slices);
    struct calibration_bin *bins = ARENA_ARRAY(arena, struct calibration_bin, used);
    for (size_t b = 0; b < used; b++) {
        struct slice s = slices[used - 1 - b];      /* lowest prediction first */
        double count = (double)s.n;
        bins[b] = (struct calibration_bin){ .predicted = s.predicted / count,
                                            .observed = s.observed / count,
                                            .n = s.n };
        interval_of_mean(s.observed, s.squares, count, is_yes_no, &bins[b].low, &bins[b].high);
    }
    arena_free(scratch);
    *ret_bins = bins;
    return used;
}

size_t metric_deciles(const float *labels, const double *predicted, size_t n, bool is_yes_no,
                      struct arena *arena, struct decile **ret_deciles)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct ranking *ranking = ranking_new(scratch, is_yes_no ? TARGET_YES_NO : TARGET_AMOUNT, labels, predicted,
                                          n, 0.5);
    struct slice slices[10];
    size_t used = cut(ranking, 10, false, slices);
    struct decile *deciles = ARENA_ARRAY(arena, struct decile, used);
    double all = 0;
    for (size_t d = 0; d < used; d++) all += slices[d].observed;
    double overall = n > 0 ? all / (double)n : (double)NAN;
    for (size_t d = 0; d < used; d++) {
        struct slice s = slices[d];
        double count = (double)s.n, low, high;
        interval_of_mean(s.observed, s.squares, count, is_yes_no, &low, &high);
        deciles[d] = (struct decile){ .decile = d + 1, .n = s.n, .predicted = s.predicted / count,
                                      .observed = s.observed / count, .lift = s.observed / count / overall,
                                      .low = low / overall, .high = high / overall, .captured = s.observed / all };
    }
    arena_free(scratch);
    *ret_deciles = deciles;
    return used;
}

/* Keeps n_points of n_all evenly by index, both ends included. */
static size_t thin(const struct point *all, size_t n_all, size_t n_points, struct arena *arena,
                   struct point **ret_points)
{
    size_t kept = n_all < n_points ? n_all : n_points;
    struct point *points = ARENA_ARRAY(arena, struct point, kept);
    for (size_t i = 0; i < kept; i++) points[i] = all[kept > 1 ? i * (n_all - 1) / (kept - 1) : 0];
    *ret_points = points;
    return kept;
}

static size_t curve(const float *labels, const double *predicted, size_t n, size_t n_points, bool is_roc,
                    struct arena *arena, struct point **ret_points)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct ranking *ranking = ranking_new(scratch, TARGET_YES_NO, labels, predicted, n, 0.5);
    struct point *points = ARENA_ARRAY(scratch, struct point, n + 1);
    double all_yes = 0, yes = 0;
    for (size_t i = 0; i < n; i++) all_yes += labels[i] > 0.5F;
    double all_no = (double)n - all_yes;
    size_t used = 0;
    if (is_roc) points[used++] = (struct point){ 0, 0 };
    for (size_t i = 0; i < n; i++) {
        yes += labels[ranking->order[i]] > 0.5F;
        if (!ranking->is_last[i]) continue;
        double called = (double)(i + 1);
        points[used++] = is_roc ? (struct point){ (called - yes) / all_no, yes / all_yes }
                                : (struct point){ yes / all_yes, yes / called };
    }
    size_t kept = 0;
    *ret_points = NULL;
    if (all_yes > 0 && all_no > 0) kept = thin(points, used, n_points, arena, ret_points);
    arena_free(scratch);
    return kept;
}

size_t metric_roc(const float *labels, const double *predicted, size_t n, size_t n_points, struct arena *arena,
                  struct point **ret_points)
{
    return curve(labels, predicted, n, n_points, true, arena, ret_points);
}

size_t metric_precision_recall(const float *labels, const double *predicted, size_t n, size_t n_points,
                               struct arena *arena, struct point **ret_points)
{
    return curve(labels, predicted, n, n_points, false, arena, ret_points);
}
