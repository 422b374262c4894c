/* Priority: the order, and an interval of revenue at risk that covers the truth. */
#include "decide/priority.h"
#include "support.h"

Test(priority, the_largest_expected_loss_comes_first_and_ties_keep_their_order)
{
    struct arena *arena = arena_new(1 << 20);
    const int64_t losses[] = { 5, 90, 5, -3, 90 };
    const uint32_t want[] = { 1, 4, 0, 2, 3 };
    uint32_t *order = priority_order(losses, 5, arena);
    for (size_t i = 0; i < 5; i++) cr_assert_eq(order[i], want[i]);
    arena_free(arena);
}

Test(priority, nobody_at_risk_means_nothing_at_stake)
{
    const double churn[] = { 0.1, 0.2 }, value[] = { 100, 200 };
    struct at_risk at_risk = at_risk_estimate(churn, value, 2, 0.5, (struct outcome){ 1, 0 });
    cr_assert(at_risk.customers == 0 && at_risk.high_cents == 0);
}

Test(priority, whoever_is_exactly_at_the_threshold_is_at_risk)
{
    const double churn[] = { 0.5, 0.49999 }, value[] = { 100, 200 };
    cr_assert_eq(at_risk_estimate(churn, value, 2, 0.5, (struct outcome){ 1, 0 }).customers, 1);
}

/* The model overstates churn by a fifth; the interval must still hold what really is at stake. */
Test(priority, the_interval_covers_what_is_really_at_stake_even_when_the_model_overstates)
{
    enum { N = 600, TRIALS = 300 };
    int covered = 0;
    EACH_CASE(c, TRIALS) {
        double churn[N], value[N];
        double tested_churn[N];
        float tested_label[N];
        double at_stake = 0;
        for (int i = 0; i < N; i++) {
            churn[i] = 0.5 + 0.4 * rng_uniform(&c.rng);
            value[i] = 1000 + 9000 * rng_uniform(&c.rng);
            tested_churn[i] = 0.5 + 0.4 * rng_uniform(&c.rng);
            tested_label[i] = rng_uniform(&c.rng) < 0.8 * tested_churn[i];
        }
        at_stake = N * 0.8 * (0.7 * 5500);      /* the mean over all customers there could be */
        struct at_risk got = at_risk_estimate(churn, value, N, 0.5,
                                              outcome_of(tested_churn, tested_label, N, 0.5));
        cr_assert(got.low_cents <= got.revenue_cents && got.revenue_cents <= got.high_cents);
        covered += (double)got.low_cents <= at_stake && at_stake <= (double)got.high_cents;
    }
    cr_assert(covered >= TRIALS * 92 / 100, "covered %d of %d", covered, TRIALS);
}
