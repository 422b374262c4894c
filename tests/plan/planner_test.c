/* planner_test.c - who is chosen, by what an order of theirs leaves. */
#include "plan/planner.h"
#include "support.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

enum { PAST = 4000, TODAY = 1000 };

/* A plan for a shop in which an e-mail brings everybody half an order more, and every second one buys what leaves
 * next to nothing. */
static void make(struct arena *arena, struct plan_result *ret_plan)
{
    struct rng rng = rng_new(3);
    struct err err;
    static const struct plan_action email = { "email", 1, 0, 0, HUGE_VAL, 0 };
    float *values = ARENA_ARRAY(arena, float, PAST);
    double *worth = ARENA_ARRAY(arena, double, PAST), *margin = ARENA_ARRAY(arena, double, PAST),
           *chance = ARENA_ARRAY(arena, double, 2 * PAST), *orders = ARENA_ARRAY(arena, double, PAST);
    uint64_t *customer = ARENA_ARRAY(arena, uint64_t, PAST);
    uint8_t *taken = ARENA_ARRAY(arena, uint8_t, PAST);
    bool *is_open = ARENA_ARRAY(arena, bool, TODAY);
    for (size_t i = 0; i < PAST; i++) {
        values[i] = (float)rng_uniform(&rng), worth[i] = 10, margin[i] = i % 2 ? .5 : .05, customer[i] = i + 1;
        taken[i] = rng_uniform(&rng) < .5, chance[2 * i] = chance[2 * i + 1] = .5;
        orders[i] = (double)(rng_uniform(&rng) < .3) + (taken[i] && rng_uniform(&rng) < .5);
    }
    for (size_t i = 0; i < TODAY; i++) is_open[i] = true;
    const struct plan_request request = { .n_columns = 1,
                                          .n_actions = 1,
                                          .actions = &email,
                                          .margin = .275,
                                          .budget = HUGE_VAL,
                                          .past = { PAST, values, worth, margin, customer, NULL },
                                          .today = { TODAY, values, worth, margin, NULL, NULL },
                                          .taken = taken,
                                          .chance = chance,
                                          .orders = orders,
                                          .is_open = is_open,
                                          .most_disparity = 1,
                                          .seed = 1,
                                          .n_threads = 1 };
    ASSERT_OK(plan_make(&request, arena, ret_plan, &err), &err);
}

Test(planner, a_customer_is_worth_what_is_left_of_what_they_buy)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct plan_result plan;
    make(arena, &plan);
    cr_assert(plan.is_proposed, "%s", plan.sentence);
    for (size_t i = 0; i < TODAY; i++)
        cr_assert_eq(plan.choices[i].action, i % 2, "customer %zu", i);
    cr_assert_float_eq(plan.profit.value, TODAY / 2 * (.5 * 10 * .5 - 1), 3 * plan.profit.se + 1, "%g",
                       plan.profit.value);
    arena_free(arena);
}

Test(planner, each_budget_has_an_interval_of_its_own_and_what_the_plan_spends_has_the_plans)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct plan_result plan;
    make(arena, &plan);
    const struct plan_point *last = &plan.curve[PLAN_CURVE_POINTS], *middle = &plan.curve[PLAN_CURVE_POINTS / 2];
    cr_assert(plan.curve[0].low == 0 && plan.curve[0].high == 0, "no money earns nothing for certain");
    cr_assert_float_eq(last->low, plan.profit.low, 1e-6 * plan.profit.value, "%g not %g", last->low,
                       plan.profit.low);
    cr_assert_float_eq(last->high, plan.profit.high, 1e-6 * plan.profit.value, "%g not %g", last->high,
                       plan.profit.high);
    for (size_t k = 1; k <= PLAN_CURVE_POINTS; k++)
        cr_assert(plan.curve[k].low < plan.curve[k].profit && plan.curve[k].profit < plan.curve[k].high, "%zu", k);
    cr_assert_gt((middle->high - middle->low) / middle->profit, (last->high - last->low) / last->profit,
                 "what rests on fewer of the past is less certain");
    arena_free(arena);
}

/* A pilot found an e-mail to bring an order; since then everybody is weary of it, as those show from whom it was
 * withheld. chance and taken of a plan's rows: one in ten was left alone. */
Test(planner, what_a_plan_earns_is_judged_by_what_earlier_plans_brought_and_not_by_the_pilot_alone)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(5);
    struct err err;
    static const struct plan_action email = { "email", .5, 0, 0, HUGE_VAL, 0 };
    float *values = ARENA_ARRAY(arena, float, 2 * PAST);
    double *worth = ARENA_ARRAY(arena, double, 2 * PAST), *chance = ARENA_ARRAY(arena, double, 4 * PAST),
           *orders = ARENA_ARRAY(arena, double, 2 * PAST);
    uint64_t *customer = ARENA_ARRAY(arena, uint64_t, 2 * PAST);
    int64_t *at_ms = ARENA_ARRAY(arena, int64_t, 2 * PAST);
    uint8_t *taken = ARENA_ARRAY(arena, uint8_t, 2 * PAST);
    bool is_open[TODAY];
    for (size_t i = 0; i < 2 * PAST; i++) {
        bool is_plan = i >= PAST;
        values[i] = (float)rng_uniform(&rng), worth[i] = 10, customer[i] = i + 1, at_ms[i] = is_plan ? 4 : 0;
        chance[2 * i] = is_plan ? .1 : .5, chance[2 * i + 1] = 1 - chance[2 * i];
        taken[i] = rng_uniform(&rng) < chance[2 * i + 1];
        orders[i] = (double)(rng_uniform(&rng) < .3) + (taken[i] && rng_uniform(&rng) < (is_plan ? .3 : .9));
    }
    for (size_t i = 0; i < TODAY; i++) is_open[i] = true;
    struct plan_request request = { .n_columns = 1,
                                    .n_actions = 1,
                                    .actions = &email,
                                    .margin = .5,
                                    .budget = HUGE_VAL,
                                    .past = { 2 * PAST, values, worth, NULL, customer, at_ms },
                                    .today = { TODAY, values, worth, NULL, NULL, NULL },
                                    .taken = taken,
                                    .chance = chance,
                                    .orders = orders,
                                    .half_life_ms = 1,
                                    .is_open = is_open,
                                    .most_disparity = 1,
                                    .seed = 1,
                                    .n_threads = 1 };
    struct plan_result plan;
    const double truth = TODAY * (.3 * 10 * .5 - .5);
    ASSERT_OK(plan_make(&request, arena, &plan, &err), &err);
    cr_assert(plan.is_proposed && plan.profit.low <= truth && plan.profit.high >= truth, "%g to %g",
              plan.profit.low, plan.profit.high);
    request.half_life_ms = 0;       /* the pilot of long ago counts as much as what was seen since */
    ASSERT_OK(plan_make(&request, arena, &plan, &err), &err);
    cr_assert_gt(plan.profit.low, truth);
    arena_free(arena);
}
