/* ranking.c - see ranking.h. */
#include "model/ranking.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const double SMALLEST_PROBABILITY = 1e-15;

struct keyed { double key; uint32_t row; };

static int compare_falling(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key) return x->key > y->key ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Rows by falling key; ret_is_last marks the ends of the groups of equal keys. */
static uint32_t *sorted(struct arena *arena, const struct keyed *keys_in, size_t n, uint8_t **ret_is_last)
{
    struct keyed *keys = malloc((n ? n : 1) * sizeof *keys);
    assert(keys);
    if (n) memcpy(keys, keys_in, n * sizeof *keys);
    qsort(keys, n, sizeof *keys, compare_falling);
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, n);
    uint8_t *is_last = ARENA_ARRAY(arena, uint8_t, n);
    for (size_t i = 0; i < n; i++) {
        order[i] = keys[i].row;
        is_last[i] = i + 1 == n || keys[i + 1].key != keys[i].key;
    }
    free(keys);
    *ret_is_last = is_last;
    return order;
}

static double log_loss(double label, double p)
{
    p = fmin(fmax(p, SMALLEST_PROBABILITY), 1 - SMALLEST_PROBABILITY);
    return label > 0.5 ? -log(p) : -log1p(-p);
}

/* Tweedie deviance of power 1.5: 4 ((y + mu) / sqrt(mu) - 2 sqrt(y)); amounts below 0 count as 0. */
static double deviance(double label, double mean)
{
    if (label < 0) label = 0;
    if (!(mean > 1e-6)) mean = 1e-6;
    return 4 * ((label + mean) / sqrt(mean) - 2 * sqrt(label));
}

/* What yes/no metrics ask of each row, in the order in which they ask. */
static void rank(struct arena *arena, struct ranking *ranking)
{
    size_t n = ranking->n;
    ranking->ranked = ARENA_ARRAY(arena, struct ranked, n);
    for (size_t i = 0, bin = 0; i < n; i++) {
        uint32_t row = ranking->order[i];
        double label = (double)ranking->labels[row], predicted = ranking->predicted[row];
        if (i == 0 || ranking->is_last[i - 1]) bin = i * RANKING_BINS / n;      /* equal predictions share a bin */
        ranking->bin_end[bin] = i + 1;
        if (predicted >= ranking->threshold) ranking->n_called = i + 1;
        ranking->ranked[i] = (struct ranked){ log_loss(label, predicted), predicted - label, row, label > 0.5,
                                              ranking->is_last[i] };
    }
    for (size_t bin = 1; bin < RANKING_BINS; bin++)
        if (ranking->bin_end[bin] < ranking->bin_end[bin - 1]) ranking->bin_end[bin] = ranking->bin_end[bin - 1];
}

struct ranking *ranking_new(struct arena *arena, enum target target, const float *labels, const double *predicted,
                            size_t n, double threshold)
{
    assert(n < UINT32_MAX);
    struct ranking *ranking = ARENA_NEW(arena, struct ranking);
    *ranking = (struct ranking){ .target = target, .n = n, .labels = labels, .predicted = predicted,
                                 .threshold = threshold };
    struct keyed *keys = malloc((n ? n : 1) * sizeof *keys);
    assert(keys);
    for (size_t i = 0; i < n; i++) keys[i] = (struct keyed){ predicted[i], (uint32_t)i };
    ranking->order = sorted(arena, keys, n, &ranking->is_last);
    if (target == TARGET_YES_NO) {
        rank(arena, ranking);
    } else {
        ranking->loss = ARENA_ARRAY(arena, double, n);
        for (size_t i = 0; i < n; i++) keys[i].key = (double)labels[i], keys[i].row = (uint32_t)i;
        ranking->label_order = sorted(arena, keys, n, &ranking->is_last_label);
        for (size_t i = 0; i < n; i++) ranking->loss[i] = deviance((double)labels[i], predicted[i]);
    }
    free(keys);
    return ranking;
}

/* One walk from the highest prediction down.  Counts are whole numbers, so that no order of adding them matters. */
static void yes_no_metrics(const struct ranking *ranking, const uint8_t *weights, double ret[METRICS])
{
    double loss = 0, squares = 0, ece = 0, yes = 0, no = 0, group_yes = 0, group_no = 0, pairs = 0, precision_sum = 0,
           called = 0, hits = 0;
    for (size_t bin = 0, i = 0; bin < RANKING_BINS; bin++) {
        double gaps = 0;
        for (; i < ranking->bin_end[bin]; i++) {
            const struct ranked *at = &ranking->ranked[i];
            double weight = weights ? (double)weights[at->row] : 1, of_yes = weight * at->is_yes;
            loss += weight * at->loss;
            squares += weight * at->gap * at->gap;
            gaps += weight * at->gap;
            group_yes += of_yes, group_no += weight - of_yes;
            if (!at->is_last) continue;
            pairs += group_no * (yes + group_yes / 2);
            yes += group_yes, no += group_no;
            precision_sum += group_yes * (yes / (yes + no > 0 ? yes + no : 1));
            if (i < ranking->n_called) called = yes + no, hits = yes;
            group_yes = group_no = 0;
        }
        ece += fabs(gaps);
    }
    double total = yes + no;
    if (total > 0) {
        ret[METRIC_LOG_LOSS] = loss / total;
        ret[METRIC_BRIER] = squares / total;
        ret[METRIC_ECE] = ece / total;
    }
    ret[METRIC_AUC] = yes > 0 && no > 0 ? pairs / (yes * no) : (double)NAN;
    ret[METRIC_PR_AUC] = yes > 0 ? precision_sum / yes : (double)NAN;
    ret[METRIC_PRECISION] = called > 0 ? hits / called : (double)NAN;
    ret[METRIC_RECALL] = yes > 0 ? hits / yes : (double)NAN;
    ret[METRIC_F1] = yes + called > 0 ? 2 * hits / (yes + called) : (double)NAN;
}

/* Middle ranks under the weights, by row. */
static void middle_ranks(const uint32_t *order, const uint8_t *is_last, size_t n, const uint8_t *weights,
                         double *ret_rank)
{
    double before = 0, group = 0;
    size_t first = 0;
    for (size_t i = 0; i < n; i++) {
        group += weights ? (double)weights[order[i]] : 1;
        if (!is_last[i]) continue;
        for (; first <= i; first++) ret_rank[order[first]] = before + group / 2;
        before += group;
        group = 0;
    }
}

static double correlation(const double *x, const double *y, const uint8_t *weights, size_t n)
{
    double total = 0, sum_x = 0, sum_y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        double weight = weights ? (double)weights[i] : 1;
        total += weight, sum_x += weight * x[i], sum_y += weight * y[i];
    }
    if (!(total > 0)) return (double)NAN;
    double mean_x = sum_x / total, mean_y = sum_y / total;
    for (size_t i = 0; i < n; i++) {
        double weight = weights ? (double)weights[i] : 1, dx = x[i] - mean_x, dy = y[i] - mean_y;
        xx += weight * dx * dx, yy += weight * dy * dy, xy += weight * dx * dy;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

static void amount_metrics(const struct ranking *ranking, const uint8_t *weights, double *scratch,
                           double ret[METRICS])
{
    double total = 0, sum = 0, loss = 0, squares = 0, sizes = 0, spread = 0;
    for (size_t i = 0; i < ranking->n; i++) {
        double weight = weights ? (double)weights[i] : 1, gap = ranking->predicted[i] - (double)ranking->labels[i];
        total += weight;
        sum += weight * (double)ranking->labels[i];
        loss += weight * ranking->loss[i];
        squares += weight * gap * gap;
        sizes += weight * fabs(gap);
    }
    if (!(total > 0)) return;
    for (size_t i = 0; i < ranking->n; i++) {
        double from_mean = (double)ranking->labels[i] - sum / total;
        spread += (weights ? (double)weights[i] : 1) * from_mean * from_mean;
    }
    double *predicted_rank = scratch, *label_rank = scratch + ranking->n;
    middle_ranks(ranking->order, ranking->is_last, ranking->n, weights, predicted_rank);
    middle_ranks(ranking->label_order, ranking->is_last_label, ranking->n, weights, label_rank);
    ret[METRIC_RMSE] = sqrt(squares / total);
    ret[METRIC_MAE] = sizes / total;
    ret[METRIC_R2] = spread > 0 ? 1 - squares / spread : (double)NAN;
    ret[METRIC_SPEARMAN] = correlation(predicted_rank, label_rank, weights, ranking->n);
    ret[METRIC_DEVIANCE] = loss / total;
}

void ranking_metrics(const struct ranking *ranking, const uint8_t *weights, double *scratch,
                     double ret_metrics[METRICS])
{
    for (int m = 0; m < METRICS; m++) ret_metrics[m] = (double)NAN;
    if (ranking->target == TARGET_YES_NO) yes_no_metrics(ranking, weights, ret_metrics);
    else amount_metrics(ranking, weights, scratch, ret_metrics);
}
