/* Figures of other engines and of packages: planning, sequences, what was known before taken out of ratios. */
#include "experiment/analysis.h"
#include "experiment/bucket.h"
#include "support.h"

#include <math.h>

/* A mixture of normal effects of variance tau squared has the likelihood ratio whose inverse is the always-valid p
 * of the interval that is tuned to rho squared = tau squared / V. */
Test(published, the_mixture_sprt_is_the_always_valid_p)
{
    double l = -2 * log(.05), rho2 = .01 / 2, tuning = (l + log(l + 1)) / rho2;
    ASSERT_NEAR(always_valid_p(.1, sqrt(2. / 1000), 1000, .05, tuning), .304996921, 1e-9);
    ASSERT_NEAR(1 / always_valid_p(.1, sqrt(2. / 1000), 1000, .05, tuning), 3.278721628, 1e-8);
}

Test(published, the_variance_of_a_difference_and_of_a_relative_one_equal_growthbooks)
{
    struct arm_sample a = { 4, 7, 2, false }, b = { 15, 5, .5, false };
    double p, se = welch(a, b, .05, &p).se, relative = relative_delta(a, b, .05).se;
    ASSERT_NEAR(se * se, .53333, 5e-6);
    ASSERT_NEAR(relative * relative, .00589, 5e-6);
}

/* 400,000 people in three arms; the effect is relative, and so its error grows with it. */
static double relative_se(double effect)
{
    struct arm_sample control = { 400000. / 3, 10, 3909.9997749994377, true }, treated = control;
    treated.mean *= 1 + effect;
    return relative_delta(control, treated, .05).se;
}

/* GrowthBook takes the noise as so much larger as the always-valid interval is wider than the fixed one. */
static double always_valid_se(double effect)
{
    double low, high, se = relative_se(effect), q = 1.959963984540054;
    always_valid(0, se, 2 * 400000. / 3, .05, 5000, &low, &high);
    return high / q;
}

Test(published, power_and_the_least_effect_found_equal_growthbooks)
{
    ASSERT_NEAR(chance_to_find(.05, relative_se(.05), .05), .52144, 5e-6);
    ASSERT_NEAR(chance_to_find(.07027, relative_se(.07027), .05), .8, 1e-4);
    ASSERT_NEAR(chance_to_find(.05, always_valid_se(.05), .05), .20596, 5e-6);
    ASSERT_NEAR(chance_to_find(.12821, always_valid_se(.12821), .05), .8, 1e-4);
}

Test(published, people_needed_to_see_a_hazard_ratio_equal_lifelines)
{
    ASSERT_NEAR(people_needed_hazard(1.2, .5, .5, .05, .8), 950, 0);
    ASSERT_NEAR(chance_to_find_hazard(.139, 12, 12, .2, .8, .05), .744937, 5e-7);
    double n = people_needed_hazard(.7, .3, .22, .05, .9);
    ASSERT_NEAR(chance_to_find_hazard(.7, n, n, .3, .22, .05), .9, 1e-3);
}

Test(published, older_buckets_equal_growthbooks)
{
    static const struct { const char *seed, *unit; double bucket; } cases[] = {
        { "a", "", .22 }, { "b", "", .077 }, { "a", "b", .946 }, { "d", "ef", .652 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ASSERT_NEAR(bucket_of_v1(text_of(cases[i].unit), text_of(cases[i].seed)), cases[i].bucket, 1e-12);
}

Test(published, a_sample_ratio_of_an_empty_arm_equals_growthbooks)
{
    double chi2;
    ASSERT_NEAR(sample_ratio_p((double[]){ 0, 10, 10 }, (double[]){ .34, .33, .33 }, 3, &chi2), .005790624, 5e-10);
    cr_assert_eq(sample_ratio_p((double[]){ 5 }, (double[]){ 1 }, 1, &chi2), 1, "one arm has no ratio");
}

/* The first adjusted result of one metric against a control. */
static json_t *adjusted(struct analysis analysis, struct arena *arena, json_t **ret_whole)
{
    static const char *const names[] = { "a", "b" };
    struct err err;
    analysis.arms = names, analysis.n_arms = 2, analysis.n_metrics = 1;
    analysis.alpha = .05, analysis.tuning = 5000, analysis.seed = 1, analysis.covariate_name = "before";
    ASSERT_OK(analysis_run(&analysis, arena, ret_whole, &err), &err);
    json_t *result = json_array_get(json_object_get(*ret_whole, "results"), 0);
    return json_array_get(json_object_get(result, "adjusted"), 0);
}

static double number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

Test(published, a_toy_with_a_covariate_has_its_slope_and_its_variance)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    double y[] = { 2, 1, 5, 3, 2, 1, 5, 3 };
    static const double x[] = { .3, .5, .9, 22, .3, .5, .9, 22 };
    static const uint8_t arm[] = { 0, 0, 0, 0, 1, 1, 1, 1 };
    struct analysis_metric metric = { .name = "y", .kind = METRIC_MEAN, .value = y };
    struct analysis analysis = { .n_units = 8, .arm = arm, .metrics = &metric, .covariate = x };
    json_t *whole, *row = adjusted(analysis, arena, &whole);
    ASSERT_NEAR(number(row, "theta"), .018637910, 1e-9);
    ASSERT_NEAR(number(row, "variance_ratio"), 2.876750477 / (35. / 12), 1e-8);
    json_decref(whole);
    arena_free(arena);
}

enum { PEOPLE = 100, COLUMNS = 4 };     /* above and below the line, after and before */

/* People who have just these sums and sums of products [upper triangle, row by row]: waves that know nothing of
 * each other, mixed by the root of the covariance. */
static void people_of(const double sums[COLUMNS], const double products[10], double *columns[COLUMNS], size_t from)
{
    double root[COLUMNS][COLUMNS] = { { 0 } };
    size_t at = 0;
    for (size_t a = 0; a < COLUMNS; a++)
        for (size_t b = a; b < COLUMNS; b++) {
            double rest = products[at++] - sums[a] * sums[b] / PEOPLE;
            for (size_t k = 0; k < a; k++) rest -= root[a][k] * root[b][k];
            root[b][a] = a == b ? sqrt(rest) : rest / root[a][a];
        }
    for (size_t i = 0; i < PEOPLE; i++)
        for (size_t a = 0; a < COLUMNS; a++) {
            double value = sums[a] / PEOPLE;
            for (size_t k = 0; k <= a; k++)
                value += root[a][k] * sqrt(2. / PEOPLE) * cos(2 * M_PI * (double)((k + 1) * i) / PEOPLE);
            columns[a][from + i] = value;
        }
}

Test(published, a_ratio_with_a_ratio_known_before_equals_gbstats)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    double *columns[COLUMNS], low, high;
    uint8_t arm[2 * PEOPLE];
    for (size_t c = 0; c < COLUMNS; c++) columns[c] = ARENA_ARRAY(arena, double, 2 * PEOPLE);
    for (size_t i = 0; i < 2 * PEOPLE; i++) arm[i] = i >= PEOPLE;
    people_of((double[]){ 485.112236689623, 679.9093275844917, 192.59138069991536, 290.1398399750233 },
              (double[]){ 2715.484666118136, 3602.146836776702, 1113.6215759318352, 1559.2878434944676,
                          4939.424001640236, 1460.3181079276983, 2130.9404074446747, 460.076026390857,
                          634.239482353647, 920.9461385038898 },
              columns, 0);
    people_of((double[]){ 514.7757826608777, 705.4090874383759, 206.94157227402536, 302.54389139107326 },
              (double[]){ 2994.897482705013, 3918.1561431600717, 1237.0953021125997, 1701.0287270040265,
                          5291.36604146392, 1604.0759503266522, 2292.081739775257, 514.2903702246757,
                          698.4173425817908, 994.4506208125663 },
              columns, PEOPLE);
    struct analysis_metric metric = {
        .name = "a/b", .kind = METRIC_RATIO, .value = columns[0], .per = columns[1]
    };
    struct analysis analysis = { .n_units = 2 * PEOPLE,
                                 .arm = arm,
                                 .metrics = &metric,
                                 .covariate = columns[2],
                                 .covariate_per = columns[3] };
    json_t *whole, *row = adjusted(analysis, arena, &whole);
    double of_control = 485.112236689623 / 679.9093275844917, value = number(row, "value") / of_control,
           se = number(row, "se") / of_control;
    ASSERT_NEAR(value, -.0007, 5e-6);
    ASSERT_NEAR(se, .00391, 5e-6);
    ASSERT_NEAR(two_sided_p(value / se, 198), .85771, 1e-3);
    always_valid(value, se, 2 * PEOPLE, .05, 5000, &low, &high);
    ASSERT_NEAR(low, -.02063, 2e-5);
    ASSERT_NEAR(high, .01923, 2e-5);
    cr_assert(number(row, "variance_ratio") < .2, "what was known before says nearly all: %g",
              number(row, "variance_ratio"));
    json_decref(whole);
    arena_free(arena);
}
