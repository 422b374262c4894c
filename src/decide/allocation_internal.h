/* allocation_internal.h - prices, the choice at prices, and the search to the end. */
#ifndef DECIDE_ALLOCATION_INTERNAL_H
#define DECIDE_ALLOCATION_INTERNAL_H

#include "decide/allocation.h"

/* Price 0 is the budget's, r that of resource r; the price of a resource without a limit stays 0. */
struct prices { double at[ALLOCATION_RESOURCES_MOST]; };

struct demand { double bound, spent, profit, used[ALLOCATION_RESOURCES_MOST]; };

static inline double option_worth(const struct allocation_problem *p, const struct prices *prices, size_t option)
{
    double worth = p->profit[option] - prices->at[0] * p->cost[option];
    if (!p->resource) return worth;
    uint8_t a = p->resource[option][0], b = p->resource[option][1];
    return worth - (a ? prices->at[a] : 0) - (b ? prices->at[b] : 0);
}

/* Of limit k, which price k is of: the budget, or what there is of a resource. */
static inline double limit_of(const struct allocation_problem *p, size_t k)
{
    return k == 0 ? p->budget : p->capacity[k];
}

static inline size_t n_limits(const struct allocation_problem *p) { return p->n_resources ? p->n_resources : 1; }

/* What everybody takes at the prices; ret_chosen [n_customers] or NULL. */
struct demand demand_at(const struct allocation_problem *problem, const struct prices *prices,
                        uint32_t *ret_chosen);

struct prices prices_find(const struct allocation_problem *problem);

/* Prices with a bound nearer to profit, which a plan is known to earn; returns it. */
double prices_improve(const struct allocation_problem *problem, struct prices *prices, double profit);

/* Improves a plan that keeps all limits: true if the end was reached, and then no plan earns more. */
bool allocation_search(const struct allocation_problem *problem, const struct prices *prices, double bound,
                       uint32_t *chosen, double *profit);

#endif
