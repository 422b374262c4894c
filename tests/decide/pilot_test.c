/* Pilot: the size of a trial against the textbook and against simulation. */
#include "decide/pilot.h"
#include "math/numerics.h"
#include "support.h"

Test(pilot, equals_the_worked_numbers_of_the_textbook_formula)
{
    /* 60 % against 40 % and 10 % against 5 %, alpha 0.05, power 0.8: 97 and 435 each group (R's
     * power.prop.test gives n = 96.9 and 434.4). */
    cr_assert_eq(pilot_per_group(0.6, 0.2, 0.05, 0.8), 97);
    cr_assert_eq(pilot_per_group(0.10, 0.05, 0.05, 0.8), 435);
}

Test(pilot, the_detectable_difference_is_the_inverse_of_the_size)
{
    EACH_CASE(c, 50) {
        double baseline = 0.05 + 0.9 * rng_uniform(&c.rng),
               detectable = baseline * (0.05 + 0.8 * rng_uniform(&c.rng));
        int64_t n = pilot_per_group(baseline, detectable, 0.05, 0.8);
        double back = pilot_detectable(baseline, n, 0.05, 0.8);
        cr_assert(back <= detectable * (1 + 1e-9) && pilot_per_group(baseline, back * 0.999, 0.05, 0.8) >= n);
    }
    cr_assert_eq(pilot_detectable(0.1, 3, 0.05, 0.8), 0.1);
}

Test(pilot, a_trial_of_that_size_finds_the_difference_as_often_as_promised)
{
    enum { TRIALS = 1500 };
    const double baseline = 0.4, detectable = 0.12;
    int64_t n = pilot_per_group(baseline, detectable, 0.05, 0.8);
    int found = 0, found_under_null = 0;
    struct rng rng = rng_new(3);
    for (int trial = 0; trial < TRIALS; trial++) {
        double yes[3] = { 0 };
        for (int64_t i = 0; i < n; i++) {
            yes[0] += rng_uniform(&rng) < baseline;
            yes[1] += rng_uniform(&rng) < baseline - detectable;
            yes[2] += rng_uniform(&rng) < baseline;
        }
        for (int arm = 1; arm < 3; arm++) {
            double pooled = (yes[0] + yes[arm]) / (2 * (double)n);
            double z = (yes[0] - yes[arm]) / (double)n / sqrt(2 * pooled * (1 - pooled) / (double)n);
            *(arm == 1 ? &found : &found_under_null) += fabs(z) > normal_quantile(0.975);
        }
    }
    ASSERT_NEAR((double)found / TRIALS, 0.8, 0.04);
    ASSERT_NEAR((double)found_under_null / TRIALS, 0.05, 0.02);
}
