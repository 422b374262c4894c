/* allocation_test.c - plans keep every limit and come near what no plan exceeds. */
#include "decide/allocation.h"

#include "base/rng.h"
#include "support.h"

#include <math.h>

enum { PEOPLE = 400, ACTIONS = 6, BUDGETS = 12, SHOPS = 6 };

struct shop {
    uint32_t first[PEOPLE + 1];
    double   cost[PEOPLE * ACTIONS], profit[PEOPLE * ACTIONS], capacity[ACTIONS + 1];
    uint8_t  resource[PEOPLE * ACTIONS][2];
};

static struct allocation_problem shop_make(struct shop *shop, uint64_t seed)
{
    struct rng rng = rng_stream(seed, 1);
    for (uint32_t o = 0; o < PEOPLE * ACTIONS; o++) {
        uint32_t action = o % ACTIONS;
        if (action == 0) shop->first[o / ACTIONS] = o;
        shop->cost[o] = (1 + action) * (.2 + rng_uniform(&rng) + rng_uniform(&rng));
        shop->profit[o] = (2 + action) * (5 * rng_uniform(&rng) - 2);
        shop->resource[o][0] = (uint8_t)(1 + action);
    }
    shop->first[PEOPLE] = PEOPLE * ACTIONS;
    for (int k = 1; k <= ACTIONS; k++) shop->capacity[k] = (double)rng_below(&rng, PEOPLE / 5);
    return (struct allocation_problem){ .n_customers = PEOPLE,
                                        .n_resources = ACTIONS + 1,
                                        .first = shop->first,
                                        .cost = shop->cost,
                                        .profit = shop->profit,
                                        .resource = (const uint8_t(*)[2])shop->resource,
                                        .capacity = shop->capacity,
                                        .budget = HUGE_VAL,
                                        .is_quick = true,
                                        .n_threads = 1 };
}

static void keeps_limits(const struct allocation_problem *p, const struct allocation *a)
{
    double spent = 0, used[ACTIONS + 1] = { 0 };
    for (size_t i = 0; i < PEOPLE; i++) {
        uint32_t o = a->chosen[i];
        if (o == ALLOCATION_NOTHING) continue;
        cr_assert(o >= p->first[i] && o < p->first[i + 1], "an option of another");
        spent += p->cost[o], used[p->resource[o][0]]++;
    }
    cr_assert_leq(spent, p->budget + 1e-9);
    for (int k = 1; k <= ACTIONS; k++) cr_assert_leq(used[k], p->capacity[k]);
}

/* A plan without a search to the end is what the curve over the budget is drawn of. */
Test(allocation, under_a_budget_and_six_capacities_a_quick_plan_is_near_the_bound_at_every_budget)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct shop *shop = ARENA_NEW(arena, struct shop);
    for (uint64_t seed = 1; seed <= SHOPS; seed++) {
        struct allocation_problem p = shop_make(shop, seed);
        double most = allocate(&p, arena).spent, before = 0;
        for (int k = 0; k <= BUDGETS; k++) {
            p.budget = most * k / BUDGETS;
            struct allocation a = allocate(&p, arena);
            keeps_limits(&p, &a);
            cr_assert_lt(a.gap, .02, "shop %d, budget %d: %.4f", (int)seed, k, a.gap);
            cr_assert_geq(a.profit, before, "shop %d, budget %d: more budget earns less", (int)seed, k);
            before = a.profit;
        }
    }
    arena_free(arena);
}

Test(allocation, where_nobody_may_have_anything_nobody_has)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct shop *shop = ARENA_NEW(arena, struct shop);
    struct allocation_problem p = shop_make(shop, 1);
    for (int k = 1; k <= ACTIONS; k++) shop->capacity[k] = 0;
    struct allocation a = allocate(&p, arena);
    cr_assert_eq(a.spent, 0);
    keeps_limits(&p, &a);
    p.budget = 0;
    a = allocate(&p, arena);
    cr_assert_eq(a.profit, 0);
    arena_free(arena);
}
