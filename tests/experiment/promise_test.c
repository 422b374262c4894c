/* Experiments without an effect, and with one that is known: how often the intervals are right.
 * HOLDFAST_RUNS=10000 runs as many of each; fewer are enough to see a broken interval. */
#include "experiment/comparison.h"
#include "math/distribution.h"
#include "math/draw.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>

static size_t n_runs(size_t otherwise)
{
    const char *text = getenv("HOLDFAST_RUNS");
    return text ? strtoul(text, NULL, 10) : otherwise;
}

/* The share that chance allows above what is promised: three standard errors of so many runs. */
static double slack(double share, size_t n) { return 3 * sqrt(share * (1 - share) / (double)n); }

/* What is promised of 10,000 runs, and what chance allows beside it of fewer. */
static double most_alarms(size_t n) { return fmax(.055, n < 10000 ? .05 + slack(.05, n) : 0) * (double)n; }

static struct arm_sample proportion(struct rng *rng, double p, double n)
{
    const struct distribution d = { DISTRIBUTION_BINOMIAL, { n, p } };
    double k = distribution_draw(&d, rng) / n;
    return (struct arm_sample){ n, k, k * (1 - k), false };
}

Test(promise, shares_of_5_to_50_per_cent_raise_a_false_alarm_in_one_of_twenty)
{
    size_t n = n_runs(4000), alarms = 0, covered = 0, large = 0;
    for (size_t run = 0; run < n; run++) {
        struct rng rng = rng_stream(support_seed() + 17, run);
        double share = .05 + .45 * rng_uniform(&rng), people = floor(100 * pow(100, rng_uniform(&rng))), p;
        struct arm_sample control = proportion(&rng, share, people), same = proportion(&rng, share, people),
                          other = proportion(&rng, share + .03, people);
        (void)welch(control, same, .05, &p);
        alarms += p < .05;
        struct estimate e = welch(control, other, .05, &p);
        if (people < 2000) continue;
        large++, covered += e.low <= .03 && e.high >= .03;
    }
    cr_assert((double)alarms <= most_alarms(n), "%zu of %zu", alarms, n);
    cr_assert(covered >= (.95 - slack(.95, large)) * (double)large &&
                  covered <= (.95 + slack(.95, large)) * (double)large,
              "%zu of %zu are covered", covered, large);
}

/* Seven of ten spend nothing, the others very unequally. */
static double spend(struct rng *rng) { return draw_bernoulli(rng, .3) ? draw_lognormal(rng, 3, 1.1) : 0; }

struct growing { double n, mean, squares; };

static void grow(struct growing *arm, double value)
{
    double d = value - arm->mean;
    arm->n++, arm->mean += d / arm->n, arm->squares += d * (value - arm->mean);
}

static struct arm_sample sample(const struct growing *arm)
{
    return (struct arm_sample){ arm->n, arm->mean, arm->squares / (arm->n - 1), false };
}

Test(promise, skewed_revenue_of_100_to_10000_an_arm_raises_no_more_alarms_than_shares)
{
    size_t n = n_runs(400), alarms = 0, alarms_ratio = 0;
    for (size_t run = 0; run < n; run++) {
        struct rng rng = rng_stream(support_seed() + 1234, run);
        struct growing arms[2] = { { 0 } };
        double people = floor(100 * pow(100, rng_uniform(&rng))), p;
        while (arms[0].n < people) grow(&arms[0], spend(&rng)), grow(&arms[1], spend(&rng));
        (void)welch(sample(&arms[0]), sample(&arms[1]), .05, &p);
        struct estimate ratio = relative_fieller(sample(&arms[0]), sample(&arms[1]), .05);
        alarms += p < .05, alarms_ratio += ratio.low > 0 || ratio.high < 0;
    }
    cr_assert((double)alarms <= most_alarms(n), "%zu of %zu", alarms, n);
    cr_assert((double)alarms_ratio <= most_alarms(n), "%zu of %zu by the ratio", alarms_ratio, n);
}

Test(promise, revenue_that_is_skewed_raises_no_more_alarms_and_ten_looks_none_where_intervals_are_always_valid)
{
    enum { PEOPLE = 2000, LOOKS = 10 };
    size_t n = n_runs(300), alarms = 0, ever = 0, covered = 0, covered_ratio = 0;
    double truth = .3 * exp(3 + 1.1 * 1.1 / 2);
    for (size_t run = 0; run < n; run++) {
        struct rng rng = rng_stream(support_seed() + 99, run);
        struct growing arms[3] = { { 0 } };
        double p, low, high;
        bool was_apart = false;
        for (size_t look = 1; look <= LOOKS; look++) {
            while (arms[0].n < (double)(PEOPLE * look / LOOKS))
                grow(&arms[0], spend(&rng)), grow(&arms[1], spend(&rng)), grow(&arms[2], 1.2 * spend(&rng));
            struct estimate e = welch(sample(&arms[0]), sample(&arms[1]), .05, &p);
            always_valid(e.value, e.se, 2 * arms[0].n, .05, 5000, &low, &high);
            was_apart |= low > 0 || high < 0;
        }
        alarms += p < .05, ever += was_apart;
        struct estimate e = welch(sample(&arms[0]), sample(&arms[2]), .05, &p),
                        ratio = relative_fieller(sample(&arms[0]), sample(&arms[2]), .05);
        covered += e.low <= .2 * truth && e.high >= .2 * truth;
        covered_ratio += ratio.low <= .2 && ratio.high >= .2;
    }
    cr_assert((double)alarms <= most_alarms(n), "%zu of %zu", alarms, n);
    cr_assert(ever <= .05 * (double)n, "%zu of %zu at ten looks", ever, n);
    cr_assert(covered >= (.95 - slack(.95, n)) * (double)n, "%zu of %zu", covered, n);
    cr_assert(covered_ratio >= (.95 - slack(.95, n)) * (double)n, "%zu of %zu ratios", covered_ratio, n);
}
