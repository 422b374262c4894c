/* Comparisons against the published vectors of other engines, and against simulated truth. */
#include "experiment/bucket.h"
#include "experiment/comparison.h"
#include "experiment/moments.h"
#include "math/draw.h"
#include "math/numerics.h"
#include "support.h"

#include <math.h>

static struct arm_sample from_sums(double sum, double squares, double n)
{
    return (struct arm_sample){ n, sum / n, (squares - sum * sum / n) / (n - 1), false };
}

static struct arm_sample proportion(double k, double n)
{
    return (struct arm_sample){ n, k / n, k / n * (1 - k / n), false };
}

Test(comparison, t_tests_equal_gbstats)
{
    struct arm_sample a = from_sums(1396.87, 52377.9767, 3407), b = from_sums(2422.7, 134698.29, 3461);
    double p;
    struct estimate e = welch(a, b, .05, &p);
    ASSERT_NEAR(e.value, .29, 5e-5);
    ASSERT_NEAR(e.se, .12478, 5e-6);
    ASSERT_NEAR(e.low, .04538, 5e-5);
    ASSERT_NEAR(e.high, .53462, 5e-5);
    ASSERT_NEAR(p, .02016, 5e-6);
    e = relative_delta(a, b, .05);
    ASSERT_NEAR(e.value, .70732, 5e-6);
    ASSERT_NEAR(e.se, .37879, 5e-6);
    ASSERT_NEAR(e.low, -.03526, 5e-5);
    ASSERT_NEAR(e.high, 1.44989, 5e-5);
    ASSERT_NEAR(two_sided_p(e.value / e.se, 6000), .06191, 5e-5);
    e = relative_delta(proportion(14, 28), proportion(16, 30), .05);
    ASSERT_NEAR(e.value, .06667, 5e-6);
    ASSERT_NEAR(e.se, .2717, 5e-5);
    ASSERT_NEAR(e.low, -.47767, 5e-5);
    ASSERT_NEAR(e.high, .61101, 5e-5);
    ASSERT_NEAR(two_sided_p(e.value / e.se, 56), .80707, 5e-5);
}

Test(comparison, always_valid_intervals_equal_gbstats)
{
    double low, high;
    struct arm_sample a = from_sums(1396.87, 52377.9767, 3000), b = from_sums(2422.7, 134698.29, 3461);
    struct estimate e = relative_delta(a, b, .05);
    always_valid(e.value, e.se, 6461, .05, 1000, &low, &high);
    ASSERT_NEAR(e.value, .50336, 5e-6);
    ASSERT_NEAR(low, -.55844, 5e-5);
    ASSERT_NEAR(high, 1.56516, 5e-5);
    e = relative_delta(proportion(1396, 3000), proportion(2422, 3461), .05);
    always_valid(e.value, e.se, 6461, .05, 5000, &low, &high);
    ASSERT_NEAR(e.se, .03386, 5e-6);
    ASSERT_NEAR(low, .40098, 5e-5);
    ASSERT_NEAR(high, .60675, 5e-5);
    ASSERT_NEAR(always_valid_p(e.value, e.se, 6461, .05, 5000), 0, 5e-6);
    e = relative_delta(a, b, .05);
    ASSERT_NEAR(e.se, .33341, 5e-6);
    ASSERT_NEAR(always_valid_p(e.value, e.se, 6461, .05, 1000), 1, 0);
}

Test(comparison, an_always_valid_p_is_below_alpha_just_where_the_interval_leaves_out_0)
{
    for (double value = .01; value < .4; value += .007) {
        double low, high, p = always_valid_p(value, .05, 800, .05, 500);
        always_valid(value, .05, 800, .05, 500, &low, &high);
        cr_assert_eq(p < .05, low > 0, "at %g: p %g, low %g", value, p, low);
    }
}

/* z of two metrics by two arms; the second alone is beyond its own bound, and not once there are four. */
Test(comparison, planned_looks_are_corrected_over_arms_and_metrics)
{
    static const double looks[] = { .5, 1 };
    double bounds[2], z[] = { .3, 0, (double)NAN, -1.1, 0 };
    bool crossed[5];
    group_sequential_bounds(looks, 2, .05, bounds);
    z[1] = bounds[1] + .05, z[4] = -9;
    group_sequential_crossed(&z[1], 1, looks, 2, .05, CORRECTION_HOLM, crossed);
    cr_assert(crossed[0], "alone it is beyond its bound");
    group_sequential_crossed(z, 5, looks, 2, .05, CORRECTION_NONE, crossed);
    cr_assert(crossed[1] && crossed[4] && !crossed[0] && !crossed[2] && !crossed[3]);
    group_sequential_crossed(z, 5, looks, 2, .05, CORRECTION_HOLM, crossed);
    cr_assert(crossed[4] && !crossed[1]);
    group_sequential_bounds(looks, 2, .05 / 2, bounds);
    z[1] = bounds[1] + .01;
    group_sequential_crossed(z, 5, looks, 2, .05, CORRECTION_BH, crossed);
    cr_assert(crossed[4] && crossed[1]);
}

/* With what was known before taken out of both arms by one slope. */
Test(comparison, a_sequential_interval_of_the_adjusted_relative_effect_equals_gbstats)
{
    const struct arm_sample x[] = { from_sums(16.87, 527.9767, 3000), from_sums(22.7, 1348.29, 3461) };
    struct arm_sample y[] = { from_sums(1396.87, 52377.9767, 3000), from_sums(2422.7, 134698.29, 3461) };
    double both[2], theta, low, high;
    for (size_t a = 0; a < 2; a++) both[a] = (1 - y[a].n * y[a].mean * x[a].mean) / (y[a].n - 1);
    theta = (both[0] + both[1]) / (x[0].variance + x[1].variance);
    double value = (y[1].mean - y[0].mean - theta * (x[1].mean - x[0].mean)) / y[0].mean;
    for (size_t a = 0; a < 2; a++) y[a].variance += theta * theta * x[a].variance - 2 * theta * both[a];
    y[1].mean = y[0].mean * (1 + value);
    struct estimate e = relative_delta(y[0], y[1], .05);
    always_valid(e.value, e.se, 6461, .05, 5000, &low, &high);
    ASSERT_NEAR(e.value, .50338, 2e-5);
    ASSERT_NEAR(low, -.50969, 5e-5);
    ASSERT_NEAR(high, 1.51646, 5e-5);
}

Test(comparison, the_bayesian_figures_equal_gbstats)
{
    struct estimate e = relative_delta(proportion(49, 100), proportion(51, 100), .05);
    ASSERT_NEAR(e.value, .04082, 5e-6);
    ASSERT_NEAR(chance_to_win(e.value, e.se), .60918, 5e-5);
    ASSERT_NEAR(expected_loss(e.value, e.se), .04058, 5e-5);
    ASSERT_NEAR(expected_loss(-e.value, e.se), .0814, 5e-5);
    ASSERT_NEAR(expected_loss(.1, .05), .0004245351, 1e-9);
    ASSERT_NEAR(expected_loss(-.1, .05), .1004245351, 1e-9);
    struct arm_sample a = from_sums(100, 1002.25, 10), b = from_sums(105, 1111.5, 10);
    a.is_asymptotic = b.is_asymptotic = true;
    e = relative_delta(a, b, .05);
    ASSERT_NEAR(e.value, .05, 1e-9);
    ASSERT_NEAR(e.low, -.02, 5e-5);
    ASSERT_NEAR(e.high, .12, 5e-5);
    ASSERT_NEAR(chance_to_win(e.value, e.se), .91923, 5e-5);
}

Test(comparison, several_tests_are_corrected_as_published)
{
    static const double a[] = { .01, .04, .03, .005, .55, .6 }, holm[] = { .05, .12, .12, .03, 1, 1 },
                        b[] = { .898, .138, .007, .964, .538, .006, .138 },
                        bh[] = { .964, .2415, .0245, .964, .7532, .0245, .2415 };
    double adjusted[7];
    p_adjust(a, 6, CORRECTION_HOLM, adjusted);
    for (size_t i = 0; i < 6; i++) ASSERT_NEAR(adjusted[i], holm[i], 1e-12);
    p_adjust(b, 7, CORRECTION_BH, adjusted);
    for (size_t i = 0; i < 7; i++) ASSERT_NEAR(adjusted[i], bh[i], 1e-12);
}

/* Far from 0, so that squares of the values would lose what is between them; more units than one piece holds. */
Test(comparison, moments_gathered_in_one_pass_are_those_of_two_on_any_number_of_threads)
{
    enum { UNITS = 70000, COLUMNS = 3, ARMS = 2 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    double *columns[COLUMNS];
    uint8_t *arm = ARENA_ARRAY(arena, uint8_t, UNITS);
    struct rng rng = rng_new(support_seed() + 5);
    struct moments one[ARMS], two[ARMS];
    for (size_t c = 0; c < COLUMNS; c++) columns[c] = ARENA_ARRAY(arena, double, UNITS);
    for (size_t i = 0; i < UNITS; i++) {
        arm[i] = i % 7 == 0 ? 255 : (uint8_t)rng_below(&rng, ARMS);
        columns[0][i] = 1e6 + rng_uniform(&rng), columns[1][i] = columns[0][i] * 2 + arm[i], columns[2][i] = i % 2;
    }
    moments_by_arm((const double *const *)columns, COLUMNS, arm, UNITS, ARMS, 1, arena, one);
    moments_by_arm((const double *const *)columns, COLUMNS, arm, UNITS, ARMS, 2, arena, two);
    for (size_t a = 0; a < ARMS; a++) {
        double n = 0, mean[COLUMNS] = { 0 }, both = 0;
        for (size_t i = 0; i < UNITS; i++) n += arm[i] == a;
        for (size_t i = 0; i < UNITS; i++)
            for (size_t c = 0; c < COLUMNS; c++) mean[c] += arm[i] == a ? columns[c][i] / n : 0;
        for (size_t i = 0; i < UNITS; i++)
            both += arm[i] == a ? (columns[0][i] - mean[0]) * (columns[1][i] - mean[1]) : 0;
        ASSERT_NEAR(one[a].n, n, 0);
        for (size_t c = 0; c < COLUMNS; c++) ASSERT_NEAR(one[a].mean[c], mean[c], 1e-6);
        ASSERT_NEAR(one[a].products[1 * COLUMNS + 0], both, 1e-6 * both);
        cr_assert(memcmp(one[a].products, two[a].products, COLUMNS * COLUMNS * sizeof(double)) == 0);
    }
    arena_free(arena);
}

Test(comparison, sample_ratios_equal_gbstats)
{
    double chi2;
    ASSERT_NEAR(sample_ratio_p((double[]){ 1000, 1200 }, (double[]){ .5, .5 }, 2, &chi2), .000020079, 5e-9);
    ASSERT_NEAR(sample_ratio_p((double[]){ 135, 115 }, (double[]){ .5, .5 }, 2, &chi2), .205903211, 5e-9);
    ASSERT_NEAR(sample_ratio_p((double[]){ 310, 98 }, (double[]){ .75, .25 }, 2, &chi2), .647434186, 5e-9);
    ASSERT_NEAR(sample_ratio_p((double[]){ 500, 500, 600 }, (double[]){ .34, .33, .33 }, 3, &chi2),
                .000592638, 5e-9);
    cr_assert_eq(sample_ratio_p((double[]){ 0, 0 }, (double[]){ .5, .5 }, 2, &chi2), 1);
}

Test(comparison, planned_looks_have_the_published_bounds_and_spend_alpha)
{
    static const double looks[] = { .2, .4, .6, .8, 1 }, published[] = { 4.8769, 3.3570, 2.6803, 2.2898, 2.0310 };
    double bounds[5];
    group_sequential_bounds(looks, 5, .05, bounds);
    for (size_t i = 0; i < 5; i++) ASSERT_NEAR(bounds[i], published[i], 6e-5);
    ASSERT_NEAR(group_sequential_power(looks, bounds, 5, 0), .05, 1e-6);
}

Test(comparison, people_needed_find_what_they_should)
{
    double n = people_needed(.01, .19 * .81, .2 * .8, .05, NULL, 0, .8);
    ASSERT_NEAR(detectable(sqrt((.19 * .81 + .2 * .8) / n), .05, .8), .01, 1e-6);
    static const double looks[] = { .25, .5, 1 };
    double more = people_needed(.01, .19 * .81, .2 * .8, .05, looks, 3, .8);
    cr_assert(more > n && more < 1.05 * n, "looks cost %g of %g", more, n);
}

Test(comparison, buckets_equal_growthbooks_and_a_ramp_moves_nobody)
{
    static const struct { const char *seed, *unit; double bucket; } cases[] = {
        { "seed", "a", .0505 }, { "seed", "b", .2696 }, { "winback_discount", "C000376", .8561 },
        { "winback_discount", "user-42", .4956 } };
    static const double shares[] = { .5, .25, .25 };
    size_t full[4] = { 0 }, early[4] = { 0 };
    for (size_t i = 0; i < 4; i++)
        ASSERT_NEAR(bucket_of(text_of(cases[i].seed), text_of(cases[i].unit)), cases[i].bucket, 1e-12);
    ASSERT_NEAR(bucket_of_v1(text_of("b"), text_of("a")), .946, 1e-12);
    for (int i = 1; i <= 10000; i++) {
        char unit[20];
        snprintf(unit, sizeof unit, "K%05d", i);
        double bucket = bucket_of(text_of("winback_discount"), text_of(unit));
        size_t at_full = bucket_arm(bucket, shares, 3, 1), at_ramp = bucket_arm(bucket, shares, 3, .4);
        full[at_full]++, early[at_ramp]++;
        cr_assert(at_ramp == 3 || at_ramp == at_full, "%s changes arms", unit);
    }
    cr_assert_eq(full[0], 5043); cr_assert_eq(full[1], 2442); cr_assert_eq(full[2], 2515);
    cr_assert_eq(early[0], 2038); cr_assert_eq(early[1], 989); cr_assert_eq(early[2], 986);
}

/* 2,000 experiments without an effect on skewed revenue: how often each interval excludes none. */
Test(comparison, intervals_keep_their_promise_on_skewed_revenue)
{
    enum { RUNS = 2000, PEOPLE = 400 };
    unsigned n_welch = 0, n_fieller = 0, n_always = 0;
    for (uint64_t run = 0; run < RUNS; run++) {
        struct rng rng = rng_stream(support_seed(), run);
        double sums[2] = { 0 }, squares[2] = { 0 }, p, low, high;
        bool was_outside = false;
        for (int i = 1; i <= 2 * PEOPLE; i++) {
            double spent = draw_lognormal(&rng, 0, 1.2);
            sums[i & 1] += spent, squares[i & 1] += spent * spent;
            if (i % 80) continue;
            struct estimate e =
                welch(from_sums(sums[0], squares[0], i / 2), from_sums(sums[1], squares[1], i / 2), .05, &p);
            always_valid(e.value, e.se, i, .05, 5000, &low, &high);
            was_outside |= low > 0 || high < 0;
        }
        struct arm_sample a = from_sums(sums[0], squares[0], PEOPLE), b = from_sums(sums[1], squares[1], PEOPLE);
        (void)welch(a, b, .05, &p);
        struct estimate ratio = relative_fieller(a, b, .05);
        n_welch += p < .05;
        n_fieller += ratio.low > 0 || ratio.high < 0;
        n_always += was_outside;
    }
    cr_assert(n_welch <= .055 * RUNS + 20, "Welch: %u of %d", n_welch, RUNS);
    cr_assert(abs((int)n_fieller - (int)n_welch) <= 2, "Fieller %u, Welch %u", n_fieller, n_welch);
    cr_assert(n_always <= .05 * RUNS, "always valid at ten looks: %u of %d", n_always, RUNS);
}
