/* allocation.c - see allocation.h: the choice at the shadow prices, repaired and filled up. */
#include "decide/allocation_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RAISES = 60, FILLS = 4, SMALL_CUSTOMERS = 5000 };

struct plan {
    const struct allocation_problem *p;
    uint32_t                        *chosen;
    double                           spent, profit, used[ALLOCATION_RESOURCES_MOST];
};

static bool fits(const struct allocation_problem *p, double spent, const double *used)
{
    if (spent > p->budget) return false;
    for (size_t r = 1; r < p->n_resources; r++)
        if (used[r] > p->capacity[r]) return false;
    return true;
}

static void count(struct plan *plan, uint32_t option, double sign)
{
    const struct allocation_problem *p = plan->p;
    if (option == ALLOCATION_NOTHING) return;
    plan->spent += sign * p->cost[option], plan->profit += sign * p->profit[option];
    if (p->resource) plan->used[p->resource[option][0]] += sign, plan->used[p->resource[option][1]] += sign;
}

/* Sums anew, so that no rounding is carried along. */
static void recount(struct plan *plan)
{
    plan->spent = plan->profit = 0;
    memset(plan->used, 0, sizeof plan->used);
    for (size_t i = 0; i < plan->p->n_customers; i++) count(plan, plan->chosen[i], 1);
}

/* Raises prices a little until what everybody takes keeps every limit; else nobody gets anything. */
static void take_what_fits(struct plan *plan, struct prices prices)
{
    double step = 1e-9;
    for (int i = 0; i < RAISES; i++, step = fmin(step * 2, .1)) {
        struct demand demand = demand_at(plan->p, &prices, plan->chosen);
        if (fits(plan->p, demand.spent, demand.used)) { recount(plan); return; }
        if (demand.spent > plan->p->budget) prices.at[0] = prices.at[0] * (1 + step) + 1e-12;
        for (size_t r = 1; r < plan->p->n_resources; r++)
            if (demand.used[r] > plan->p->capacity[r]) prices.at[r] = prices.at[r] * (1 + step) + 1e-12;
    }
    for (size_t i = 0; i < plan->p->n_customers; i++) plan->chosen[i] = ALLOCATION_NOTHING;
    recount(plan);
}

/* ---- filling up ---- */

struct move { double score; uint32_t customer, option; };

static int compare_moves(const void *a, const void *b)
{
    const struct move *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return x->option < y->option ? -1 : x->option > y->option;
}

/* Moves that gain and lose less at the prices than all that is still to be gained. */
static size_t moves_of(const struct plan *plan, const struct prices *prices, double to_gain,
                       struct move **ret_moves)
{
    const struct allocation_problem *p = plan->p;
    size_t n = 0, room = 0;
    struct move *moves = NULL;
    for (uint32_t i = 0; i < p->n_customers; i++) {
        uint32_t is = plan->chosen[i];
        double had = is == ALLOCATION_NOTHING ? 0 : p->profit[is],
               cost = is == ALLOCATION_NOTHING ? 0 : p->cost[is],
               worth = is == ALLOCATION_NOTHING ? 0 : option_worth(p, prices, is);
        for (uint32_t o = p->first[i]; o < p->first[i + 1]; o++) {
            double gain = p->profit[o] - had, more = p->cost[o] - cost;
            if (gain <= 0 || more > p->budget - plan->spent || worth - option_worth(p, prices, o) > to_gain)
                continue;
            if (n == room) moves = memory_grow(moves, room = 2 * room + 64, sizeof *moves);
            moves[n++] = (struct move){ more > 0 ? gain / more : HUGE_VAL, i, o };
        }
    }
    *ret_moves = moves;
    return n;
}

static bool fill_up(struct plan *plan, const struct prices *prices, double bound)
{
    const struct allocation_problem *p = plan->p;
    struct move *moves;
    double before = plan->profit;
    size_t n = moves_of(plan, prices, bound - plan->profit, &moves);
    if (n > 0) qsort(moves, n, sizeof *moves, compare_moves);
    for (size_t m = 0; m < n; m++) {
        uint32_t i = moves[m].customer, was = plan->chosen[i];
        if (was != ALLOCATION_NOTHING && p->profit[was] >= p->profit[moves[m].option]) continue;
        count(plan, was, -1), count(plan, moves[m].option, 1);
        if (fits(p, plan->spent, plan->used)) plan->chosen[i] = moves[m].option;
        else count(plan, moves[m].option, -1), count(plan, was, 1);
    }
    free(moves);
    recount(plan);
    return plan->profit > before;
}

struct allocation allocate(const struct allocation_problem *p, struct arena *arena)
{
    struct allocation a = { .chosen = ARENA_ARRAY(arena, uint32_t, p->n_customers + 1) };
    struct prices prices = prices_find(p);
    struct plan plan = { .p = p, .chosen = a.chosen };
    a.bound = demand_at(p, &prices, NULL).bound;
    take_what_fits(&plan, prices);
    for (int i = 0; i < FILLS && plan.profit < a.bound && fill_up(&plan, &prices, a.bound);) i++;
    if (!p->is_quick && p->n_customers <= SMALL_CUSTOMERS) {
        a.is_exact = allocation_search(p, &prices, a.bound, a.chosen, &plan.profit);
        recount(&plan);
    }
    a.profit = plan.profit, a.spent = plan.spent;
    a.bound = fmax(a.bound, a.profit);      /* but for rounding it is */
    a.gap = a.bound > 0 ? (a.bound - a.profit) / a.bound : 0;
    a.budget_price = prices.at[0];
    memcpy(a.price, prices.at, sizeof a.price);
    return a;
}
