/* At risk: the sums by hand, and an interval that holds what then happens, whatever the chances are off by. */
#include "decide/at_risk.h"
#include "support.h"

#include <math.h>

enum { N = 400 };

Test(at_risk, everybody_asked_counts_by_chance_times_stake_and_nobody_else)
{
    const double chance[] = { 0.5, (double)NAN, 0.1 }, stake[] = { 100, 1000, 40 };
    struct stakes money = stakes_sum(chance, stake, 3), heads = stakes_sum(chance, NULL, 3);
    ASSERT_NEAR(money.expected, 54, 1e-12);
    ASSERT_NEAR(money.variance, 0.25 * 10000 + 0.09 * 1600, 1e-9);
    ASSERT_NEAR(heads.expected, 0.6, 1e-12);
}

Test(at_risk, nobody_asked_is_nothing_at_risk_for_certain)
{
    struct forecast none = forecast_of(stakes_sum(NULL, NULL, 0), NULL, 0);
    cr_assert(none.value == 0 && none.low == 0 && none.high == 0);
}

Test(at_risk, checks_that_were_far_off_widen_the_range_and_good_ones_narrow_it)
{
    struct stakes_check good[8], far[8];
    for (int i = 0; i < 8; i++) {
        good[i] = (struct stakes_check){ { 100, 25 }, 101 };
        far[i] = (struct stakes_check){ { 100, 25 }, 160 };
    }
    struct stakes now = { 120, 36 };
    struct forecast unchecked = forecast_of(now, NULL, 0), checked = forecast_of(now, good, 8),
                    doubted = forecast_of(now, far, 8);
    cr_assert(checked.high - checked.low < unchecked.high - unchecked.low);
    cr_assert(doubted.high - doubted.low > 3 * (checked.high - checked.low));
    cr_assert(checked.value == now.expected && doubted.value == now.expected && doubted.low >= 0);
}

/* One instant: true chances, chances as a model would have them (off as a whole by the factor), and what came. */
static struct stakes_check instant(struct rng *rng, double factor)
{
    double chance[N], stake[N], lost = 0;
    for (int i = 0; i < N; i++) {
        double truth = 0.1 + 0.6 * rng_uniform(rng);
        stake[i] = 10 + 990 * pow(rng_uniform(rng), 4);
        chance[i] = fmin(truth * factor, 0.99);
        lost += rng_uniform(rng) < truth ? stake[i] : 0;
    }
    return (struct stakes_check){ stakes_sum(chance, stake, N), lost };
}

Test(at_risk, the_range_holds_what_then_happens_also_where_every_instant_is_off_by_its_own_season)
{
    enum { TRIALS = 400, CHECKS = 4 };
    const double seasons[] = { 0, 0.08, 0.2 };
    for (size_t s = 0; s < sizeof seasons / sizeof *seasons; s++) {
        int held = 0;
        EACH_CASE(c, TRIALS) {
            struct stakes_check checks[CHECKS];
            for (int k = 0; k < CHECKS; k++)
                checks[k] = instant(&c.rng, 1 + seasons[s] * (2 * rng_uniform(&c.rng) - 1));
            struct stakes_check now = instant(&c.rng, 1 + seasons[s] * (2 * rng_uniform(&c.rng) - 1));
            struct forecast said = forecast_of(now.stakes, checks, CHECKS);
            held += said.low <= now.actual && now.actual <= said.high;
        }
        cr_assert(held >= TRIALS * 91 / 100, "season %g: held %d of %d", seasons[s], held, TRIALS);
    }
}
