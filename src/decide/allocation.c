/* allocation.c - see allocation.h: the choice at the shadow prices, repaired and filled up. */
#include "decide/allocation_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FILLS = 4, IMPROVEMENTS = 5, SMALL_CUSTOMERS = 5000 };

static const double NEAR_ENOUGH = 5e-4;     /* of the bound */

struct plan {
    const struct allocation_problem *p;
    uint32_t                        *chosen;
    double                           spent, profit, used[ALLOCATION_RESOURCES_MOST];
};

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

/* ---- giving back ---- */

static double used_of_limit(const struct plan *plan, size_t k) { return k == 0 ? plan->spent : plan->used[k]; }

static double use_of(const struct allocation_problem *p, uint32_t option, size_t k)
{
    if (option == ALLOCATION_NOTHING) return 0;
    if (k == 0) return p->cost[option];
    return p->resource ? (p->resource[option][0] == k) + (p->resource[option][1] == k) : 0;
}

struct move { double score; uint32_t customer, option; };

static int compare_moves(const void *a, const void *b)
{
    const struct move *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return x->customer != y->customer ? (x->customer < y->customer ? -1 : 1)
                                      : (x->option > y->option) - (x->option < y->option);
}

/* Takes customer from what they have to option, unless a limit that is kept would no longer be. */
static bool move_customer(struct plan *plan, uint32_t customer, uint32_t option)
{
    const struct allocation_problem *p = plan->p;
    uint32_t was = plan->chosen[customer];
    for (size_t k = 0; k < n_limits(p); k++) {
        double more = use_of(p, option, k) - use_of(p, was, k);
        if (more > 0 && used_of_limit(plan, k) + more > limit_of(p, k)) return false;
    }
    count(plan, was, -1), count(plan, option, 1);
    plan->chosen[customer] = option;
    return true;
}

/* Moves that give back of limit k and lose at most so much a unit at the prices, the least loss first. */
static size_t moves_back(const struct plan *plan, const struct prices *prices, size_t k, double loss_most,
                         struct move **ret_moves)
{
    const struct allocation_problem *p = plan->p;
    size_t n = 0, room = 0;
    struct move *moves = NULL;
    for (uint32_t i = 0; i < p->n_customers; i++) {
        uint32_t is = plan->chosen[i];
        if (use_of(p, is, k) <= 0) continue;
        double worth = option_worth(p, prices, is);
        for (uint32_t o = p->first[i]; o <= p->first[i + 1]; o++) {
            uint32_t to = o < p->first[i + 1] ? o : ALLOCATION_NOTHING;
            double back = use_of(p, is, k) - use_of(p, to, k),
                   loss = worth - (to == ALLOCATION_NOTHING ? 0 : option_worth(p, prices, to));
            if (back <= 0 || loss > loss_most * back) continue;
            if (n == room) moves = memory_grow(moves, room = 2 * room + 64, sizeof *moves);
            moves[n++] = (struct move){ -fmax(loss, 0) / back, i, to };
        }
    }
    if (n > 0) qsort(moves, n, sizeof *moves, compare_moves);
    *ret_moves = moves;
    return n;
}

/* Lets those go from limit k, until it is kept, who lose least for what they give back.  Nothing is open to all and
 * uses nothing, so an end is always reached. */
static void give_back(struct plan *plan, const struct prices *prices, size_t k)
{
    const struct allocation_problem *p = plan->p;
    double loss_most = prices->at[k] > 0 ? prices->at[k] / 1024 : HUGE_VAL;
    while (used_of_limit(plan, k) > limit_of(p, k)) {
        struct move *moves;
        size_t n = moves_back(plan, prices, k, loss_most, &moves);
        for (size_t m = 0; m < n && used_of_limit(plan, k) > limit_of(p, k); m++)
            if (use_of(p, plan->chosen[moves[m].customer], k) > use_of(p, moves[m].option, k))
                (void)move_customer(plan, moves[m].customer, moves[m].option);
        free(moves);
        recount(plan);
        loss_most = loss_most < prices->at[k] ? loss_most * 8 : HUGE_VAL;
    }
}

/* What everybody takes at the prices, cut down to the limits. */
static void take_what_fits(struct plan *plan, const struct prices *prices)
{
    (void)demand_at(plan->p, prices, plan->chosen);
    recount(plan);
    for (size_t k = 0; k < n_limits(plan->p); k++)
        if (used_of_limit(plan, k) > limit_of(plan->p, k)) give_back(plan, prices, k);
}

/* ---- filling up ---- */

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
        (void)move_customer(plan, i, moves[m].option);
    }
    free(moves);
    recount(plan);
    return plan->profit > before;
}

/* The choice at the prices, repaired and filled up. */
static void make_plan(struct plan *plan, const struct prices *prices, double bound)
{
    take_what_fits(plan, prices);
    for (int i = 0; i < FILLS && plan->profit < bound && fill_up(plan, prices, bound);) i++;
}

/* Where the plan is far from the bound, other prices are tried; what earns most is kept. */
static void improve(struct plan *plan, struct prices *prices, double *bound, uint32_t *room)
{
    struct plan other = { .p = plan->p, .chosen = room };
    for (int i = 0; i < IMPROVEMENTS && *bound - plan->profit > NEAR_ENOUGH * *bound; i++) {
        double was = *bound;
        *bound = fmin(*bound, prices_improve(plan->p, prices, plan->profit));
        make_plan(&other, prices, *bound);
        bool is_better = other.profit > plan->profit;
        if (is_better) {
            memcpy(plan->chosen, room, plan->p->n_customers * sizeof *room);
            recount(plan);
        }
        if (!is_better && !(*bound < was)) return;
    }
}

struct allocation allocate(const struct allocation_problem *p, struct arena *arena)
{
    struct allocation a = { .chosen = ARENA_ARRAY(arena, uint32_t, p->n_customers + 1) };
    struct prices prices = prices_find(p);
    struct plan plan = { .p = p, .chosen = a.chosen };
    a.bound = demand_at(p, &prices, NULL).bound;
    make_plan(&plan, &prices, a.bound);
    if (p->n_resources > 1) improve(&plan, &prices, &a.bound, ARENA_ARRAY(arena, uint32_t, p->n_customers + 1));
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
