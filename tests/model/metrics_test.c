/* Metrics against their definitions, published figures, and what chance would give. */
#include "model_samples.h"

#include "model/bootstrap.h"
#include "model/metrics.h"

static struct sample random_case(struct arena *arena, struct rng *rng, size_t n, double **ret_predicted)
{
    float *labels = ARENA_ARRAY(arena, float, n);
    double *predicted = ARENA_ARRAY(arena, double, n);
    for (size_t i = 0; i < n; i++) {
        predicted[i] = (double)(1 + rng_below(rng, 9)) / 10;       /* many ties */
        labels[i] = rng_uniform(rng) < predicted[i] ? 1 : 0;
    }
    *ret_predicted = predicted;
    return (struct sample){ .labels = labels, .n_rows = n };
}

/* Every pair of a yes and a no. */
static double auc_by_pairs(const float *labels, const double *predicted, size_t n)
{
    double wins = 0, pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (labels[i] > labels[j]) {
                pairs += 1;
                wins += predicted[i] > predicted[j] ? 1 : predicted[i] == predicted[j] ? 0.5 : 0;
            }
    return wins / pairs;
}

Test(metrics, the_recommenders_toy_gives_auc_and_log_loss)
{
    /* user-item pairs both rated and predicted; a rating of 3 or more is a yes; predictions 5..14 to 0..1 */
    const float labels[] = { 1, 1, 1, 0, 1, 1, 1, 0 };
    const double raw[] = { 14, 12, 13, 11, 8, 7, 6, 5 };
    double predicted[8];
    for (size_t i = 0; i < 8; i++) predicted[i] = (raw[i] - 5) / 9;
    ASSERT_NEAR(metric_compute(METRIC_AUC, labels, predicted, 8, 0.5), 0.75, 1e-12);
    ASSERT_NEAR(metric_compute(METRIC_LOG_LOSS, labels, predicted, 8, 0.5), 0.7835, 5e-5);
}

Test(metrics, auc_counts_every_pair_and_ties_half)
{
    EACH_CASE(c, 100) {
        struct arena *arena = arena_new(1 << 24);
        double *predicted;
        struct sample s = random_case(arena, &c.rng, 30, &predicted);
        double got = metric_compute(METRIC_AUC, s.labels, predicted, 30, 0.5);
        double want = auc_by_pairs(s.labels, predicted, 30);
        cr_assert((isnan(got) && isnan(want)) || fabs(got - want) < 1e-12, "%g, want %g", got, want);
        arena_free(arena);
    }
}

Test(metrics, average_precision_sums_precision_where_recall_grows)
{
    const float labels[] = { 1, 0, 1, 1, 0 };
    const double predicted[] = { 0.9, 0.8, 0.7, 0.6, 0.5 };
    ASSERT_NEAR(metric_compute(METRIC_PR_AUC, labels, predicted, 5, 0.5), (1.0 + 2.0 / 3 + 3.0 / 4) / 3, 1e-12);
    const double tied[] = { 0.5, 0.5, 0.5, 0.5, 0.5 };
    ASSERT_NEAR(metric_compute(METRIC_PR_AUC, labels, tied, 5, 0.5), 0.6, 1e-12);
}

Test(metrics, precision_recall_and_f1_are_those_of_the_threshold)
{
    const float labels[] = { 1, 0, 1, 1, 0 };
    const double predicted[] = { 0.9, 0.8, 0.7, 0.2, 0.1 };
    ASSERT_NEAR(metric_compute(METRIC_PRECISION, labels, predicted, 5, 0.7), 2.0 / 3, 1e-12);
    ASSERT_NEAR(metric_compute(METRIC_RECALL, labels, predicted, 5, 0.7), 2.0 / 3, 1e-12);
    ASSERT_NEAR(metric_compute(METRIC_F1, labels, predicted, 5, 0.7), 2.0 / 3, 1e-12);
    ASSERT_NEAR(metric_compute(METRIC_RECALL, labels, predicted, 5, 0.95), 0, 1e-12);
    cr_assert(isnan(metric_compute(METRIC_PRECISION, labels, predicted, 5, 0.95)));
}

Test(metrics, the_best_threshold_has_the_best_f1)
{
    EACH_CASE(c, 50) {
        struct arena *arena = arena_new(1 << 24);
        double *predicted;
        struct sample s = random_case(arena, &c.rng, 60, &predicted);
        double threshold = metric_best_threshold(s.labels, predicted, 60);
        double best = metric_compute(METRIC_F1, s.labels, predicted, 60, threshold);
        for (double t = 0.05; t < 1; t += 0.1)
            cr_assert(metric_compute(METRIC_F1, s.labels, predicted, 60, t) <= best + 1e-12);
        arena_free(arena);
    }
}

Test(metrics, the_order_of_rows_does_not_matter)
{
    EACH_CASE(c, 30) {
        struct arena *arena = arena_new(1 << 24);
        double *predicted, other[50];
        float labels[50];
        uint32_t order[50];
        struct sample s = random_case(arena, &c.rng, 50, &predicted);
        for (uint32_t i = 0; i < 50; i++) order[i] = i;
        rng_shuffle(&c.rng, order, 50);
        for (size_t i = 0; i < 50; i++) other[i] = predicted[order[i]], labels[i] = s.labels[order[i]];
        for (int m = 0; m < METRICS; m++) {
            double a = metric_compute((enum metric)m, s.labels, predicted, 50, 0.5);
            double b = metric_compute((enum metric)m, labels, other, 50, 0.5);
            cr_assert((isnan(a) && isnan(b)) || fabs(a - b) < 1e-12, "%s %g %g", metric_name((enum metric)m), a,
                      b);
        }
        arena_free(arena);
    }
}

Test(metrics, amounts_have_the_metrics_of_their_definitions)
{
    const float labels[] = { 0, 4, 1, 9 };
    const double predicted[] = { 1, 3, 2, 8 };
    ASSERT_NEAR(metric_compute(METRIC_RMSE, labels, predicted, 4, 0), 1, 1e-12);
    ASSERT_NEAR(metric_compute(METRIC_MAE, labels, predicted, 4, 0), 1, 1e-12);
    ASSERT_NEAR(metric_compute(METRIC_R2, labels, predicted, 4, 0), 1 - 4 / 49.0, 1e-12);
    ASSERT_NEAR(metric_compute(METRIC_SPEARMAN, labels, predicted, 4, 0), 1, 1e-12);
    double want = (4 * 1 + 4 * (7 / sqrt(3) - 4) + 4 * (3 / sqrt(2) - 2) + 4 * (17 / sqrt(8) - 6)) / 4;
    ASSERT_NEAR(metric_compute(METRIC_DEVIANCE, labels, predicted, 4, 0), want, 1e-12);
    const double exact[] = { 1e-9, 4, 1, 9 };
    cr_assert(metric_compute(METRIC_DEVIANCE, labels, exact, 4, 0) < 0.01);
}

Test(metrics, tied_amounts_share_the_mean_of_their_ranks)
{
    const float labels[] = { 1, 2, 2, 3 };
    const double predicted[] = { 1, 2, 3, 4 };
    ASSERT_NEAR(metric_compute(METRIC_SPEARMAN, labels, predicted, 4, 0), sqrt(0.9), 1e-12);
}

Test(metrics, telco_single_features_have_the_published_auc)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct sample telco = samples_telco(arena);
    SKIP_WITHOUT(telco.values);
    double *score = ARENA_ARRAY(arena, double, telco.n_rows);
    size_t tenure = samples_column(&telco, "tenure"), charges = samples_column(&telco, "MonthlyCharges");
    cr_assert_eq(telco.n_rows, 7043);
    for (size_t i = 0; i < telco.n_rows; i++) score[i] = -(double)telco.values[i * telco.n_columns + tenure];
    ASSERT_NEAR(metric_compute(METRIC_AUC, telco.labels, score, telco.n_rows, 0), 0.7398672, 5e-8);
    for (size_t i = 0; i < telco.n_rows; i++) score[i] = (double)telco.values[i * telco.n_columns + charges];
    ASSERT_NEAR(metric_compute(METRIC_AUC, telco.labels, score, telco.n_rows, 0), 0.6207857, 5e-8);
    arena_free(arena);
}

Test(metrics, deciles_and_bins_hold_every_row_once)
{
    EACH_CASE(c, 30) {
        struct arena *arena = arena_new(1 << 24);
        double *predicted, captured = 0;
        size_t n = 11 + rng_below(&c.rng, 200), counted = 0;
        struct sample s = random_case(arena, &c.rng, n, &predicted);
        struct decile *deciles;
        struct calibration_bin *bins;
        size_t n_deciles = metric_deciles(s.labels, predicted, n, true, arena, &deciles);
        for (size_t d = 0; d < n_deciles; d++) {
            counted += deciles[d].n;
            captured += deciles[d].captured;
            cr_assert(deciles[d].low <= deciles[d].lift + 1e-9 && deciles[d].lift <= deciles[d].high + 1e-9);
            cr_assert(d == 0 || deciles[d].predicted <= deciles[d - 1].predicted);
        }
        cr_assert_eq(counted, n);
        ASSERT_NEAR(captured, 1, 1e-9);
        size_t n_bins = metric_calibration(s.labels, predicted, n, 10, true, arena, &bins);
        counted = 0;
        for (size_t b = 0; b < n_bins; b++) {
            counted += bins[b].n;
            cr_assert(b == 0 || bins[b].predicted > bins[b - 1].predicted);
        }
        cr_assert_eq(counted, n);
        arena_free(arena);
    }
}

Test(metrics, the_area_under_the_roc_points_is_the_auc)
{
    EACH_CASE(c, 30) {
        struct arena *arena = arena_new(1 << 24);
        double *predicted, area = 0;
        struct sample s = random_case(arena, &c.rng, 200, &predicted);
        struct point *roc;
        size_t n = metric_roc(s.labels, predicted, 200, 500, arena, &roc);
        for (size_t i = 1; i < n; i++) area += (roc[i].x - roc[i - 1].x) * (roc[i].y + roc[i - 1].y) / 2;
        ASSERT_NEAR(area, metric_compute(METRIC_AUC, s.labels, predicted, 200, 0), 1e-9);
        cr_assert(roc[0].x == 0 && roc[n - 1].x == 1 && roc[n - 1].y == 1);
        arena_free(arena);
    }
}

Test(metrics, one_label_only_has_no_auc)
{
    const float labels[] = { 1, 1 };
    const double predicted[] = { 0.3, 0.6 };
    cr_assert(isnan(metric_compute(METRIC_AUC, labels, predicted, 2, 0.5)));
    cr_assert_eq(metric_best_threshold(labels, predicted, 2), 0.5);
}

/* Predictions without any relation to the labels: the interval must leave 0.5 outside as often as it says. */
Test(bootstrap, under_no_relation_the_interval_of_auc_misses_a_half_one_time_in_twenty)
{
    size_t missed = 0, n_runs = 200, low_half = 0;
    for (size_t run = 0; run < n_runs; run++) {
        struct arena *arena = arena_new(1 << 24);
        struct rng rng = rng_stream(11, run);
        float labels[120];
        double predicted[120];
        for (size_t i = 0; i < 120; i++) labels[i] = rng_below(&rng, 3) == 0, predicted[i] = rng_uniform(&rng);
        const struct ranking *ranking = ranking_new(arena, TARGET_YES_NO, labels, predicted, 120, 0.5);
        struct bootstrap b = bootstrap_run(&ranking, 1, NULL, 200, run, 1, arena);
        struct interval auc = bootstrap_interval(&b, 0, METRIC_AUC);
        missed += auc.low > 0.5 || auc.high < 0.5;
        low_half += auc.value < 0.5;
        arena_free(arena);
    }
    cr_assert(missed >= 3 && missed <= 22, "missed %zu of %zu", missed, n_runs);
    cr_assert(low_half > 75 && low_half < 125, "%zu of %zu below a half", low_half, n_runs);
}

Test(bootstrap, the_interval_covers_the_true_brier_score)
{
    size_t covered = 0, n_runs = 200;
    for (size_t run = 0; run < n_runs; run++) {
        struct arena *arena = arena_new(1 << 24);
        struct rng rng = rng_stream(12, run);
        float labels[200];
        double predicted[200];
        for (size_t i = 0; i < 200; i++) {
            predicted[i] = rng_uniform(&rng);
            labels[i] = rng_uniform(&rng) < predicted[i] ? 1 : 0;
        }
        const struct ranking *ranking = ranking_new(arena, TARGET_YES_NO, labels, predicted, 200, 0.5);
        struct bootstrap b = bootstrap_run(&ranking, 1, NULL, 200, run, 1, arena);
        struct interval brier = bootstrap_interval(&b, 0, METRIC_BRIER);
        covered += brier.low <= 1.0 / 6 && brier.high >= 1.0 / 6;      /* E p (1 - p) for uniform p */
        arena_free(arena);
    }
    cr_assert(covered > 180 && covered <= 199, "covered %zu of %zu", covered, n_runs);
}

Test(bootstrap, threads_do_not_matter_and_customers_stay_whole)
{
    struct arena *arena = arena_new(1 << 26);
    struct rng rng = rng_new(3);
    float labels[400];
    double predicted[400], worse[400];
    uint32_t group[400], alone[400];
    for (size_t i = 0; i < 400; i++) {
        predicted[i] = rng_uniform(&rng);
        labels[i] = rng_uniform(&rng) < predicted[i] ? 1 : 0;
        worse[i] = 0.5 * predicted[i] + 0.5 * rng_uniform(&rng);
        group[i] = (uint32_t)(7 * (i / 10));      /* ten rows each */
        alone[i] = (uint32_t)i;
    }
    for (size_t i = 0; i < 400; i++) labels[i] = labels[i / 10 * 10], predicted[i] = predicted[i / 10 * 10];
    const struct ranking *both[2] = { ranking_new(arena, TARGET_YES_NO, labels, predicted, 400, 0.5),
                                      ranking_new(arena, TARGET_YES_NO, labels, worse, 400, 0.5) };
    struct bootstrap one = bootstrap_run(both, 2, group, 100, 9, 1, arena),
                     two = bootstrap_run(both, 2, group, 100, 9, 2, arena);
    cr_assert_arr_eq(one.values, two.values, 100 * 2 * METRICS * sizeof(double));
    struct bootstrap split = bootstrap_run(both, 2, alone, 100, 9, 2, arena);
    struct interval whole = bootstrap_interval(&one, 0, METRIC_BRIER),
                    rows = bootstrap_interval(&split, 0, METRIC_BRIER);
    cr_assert(whole.high - whole.low > 2 * (rows.high - rows.low), "copies of a row are not new customers");
    double error;
    struct interval better = bootstrap_difference(&one, 0, 1, METRIC_BRIER, &error);
    cr_assert(better.value > 0 && error > 0, "lower Brier is better, so the difference is above 0");
    struct interval same = bootstrap_difference(&one, 1, 1, METRIC_AUC, &error);
    cr_assert(same.low == 0 && same.high == 0 && error == 0);
    arena_free(arena);
}

Test(metrics, an_area_has_the_interval_of_hanley_and_mcneil)
{
    float labels[100];
    double predicted[100];
    for (size_t i = 0; i < 100; i++)        /* half of the yes rank above every no, half as high: an area of 0.75 */
        labels[i] = i < 50, predicted[i] = i < 25 ? 2 : 1;
    struct interval area = area_interval(labels, predicted, 100);
    cr_assert_float_eq(area.value, .75, 1e-12);
    cr_assert_float_eq(area.high - .75, 1.959964 * .048836, 1e-5);      /* their standard error: 0.049 */
    cr_assert_float_eq(.75 - area.low, area.high - .75, 1e-12);
    cr_assert(isnan(area_interval(labels, predicted, 50).low), "all of them said yes");
}
