/* When customers leave and order again, in shops whose truth is known. */
#include "model/leaving.h"
#include "math/draw.h"
#include "support.h"

#include <math.h>

Test(leaving, the_median_stay_agrees_with_the_chance_that_it_is_made_from)
{
    EACH_CASE(c, 200) {
        struct leaving leaving = { .shape = .3 + 2 * rng_uniform(&c.rng) };
        double tenure = 1000 * rng_uniform(&c.rng), churn = rng_uniform(&c.rng), horizon = 90;
        double days = leaving_days(&leaving, tenure, churn, horizon), k = leaving.shape;
        if (days >= 3650) continue;
        double hazard = -log1p(-churn) / (pow(tenure + horizon, k) - pow(tenure, k));
        ASSERT_NEAR(exp(-hazard * (pow(tenure + days, k) - pow(tenure, k))), .5, 1e-6);
        cr_assert((days < horizon) == (churn > .5), "%g days at %g", days, churn);
    }
    struct leaving plain = { .shape = 1 };
    ASSERT_NEAR(leaving_days(&plain, 500, .5, 90), 90, 1e-9);
    cr_assert_eq(leaving_days(&plain, 500, 1, 90), 0);
}

/* Customers with paces of their own, orders as a Weibull process of shape 1.5 would make them. */
Test(leaving, half_of_the_next_orders_come_before_their_median)
{
    enum { CUSTOMERS = 1500, AS_OF = 700, ROOM = 400 * 1000 };
    static uint32_t identity[ROOM];
    static int32_t day[ROOM], next[CUSTOMERS];
    static int64_t cents[ROOM];
    struct rng rng = rng_new(5);
    size_t n = 0, before = 0, asked = 0;
    for (uint32_t c = 0; c < CUSTOMERS; c++) {
        double pace = exp(draw_normal(&rng, 3.2, .5)), at = 200 * rng_uniform(&rng);
        for (; at < AS_OF; at += pace * pow(draw_exponential(&rng, 1), 1 / 1.5) + 1)
            identity[n] = c + 1, day[n] = (int32_t)at, cents[n++] = 100;
        next[c] = (int32_t)at;
    }
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    struct leaving leaving;
    history_build(identity, day, cents, n, arena, &history);
    leaving_fit(&history, AS_OF, 90, arena, &leaving);
    cr_assert(leaving.has_gaps);
    for (size_t c = 0; c < history.n_customers; c++) {
        double median = leaving_next_day(&leaving, &history, c, AS_OF);
        cr_assert(isnan(median) || median > AS_OF - 1, "%g is past", median);
        asked++, before += next[history.identity[c] - 1] <= median;
    }
    cr_assert(before > .44 * (double)asked && before < .56 * (double)asked, "%zu of %zu", before, asked);
    arena_free(arena);
}
