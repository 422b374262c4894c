/* allocation.h - which action for whom, so that a budget and capacities earn most.
 *
 * Each customer gets at most one of their options.  The budget and the capacities are priced (Lagrangian
 * relaxation): at given prices everybody takes what is worth most, and what that would earn at the prices is a
 * bound that no plan exceeds.  Prices that make the bound least are the shadow prices: what one more unit would
 * earn, and where that is less than what one unit less would cost, the latter.  The choice at those prices is
 * repaired until it keeps every limit and wastes little; small instances are then searched to the end among all
 * that the bound leaves open.  Doing nothing is always open, so some plan always exists. */
#ifndef DECIDE_ALLOCATION_H
#define DECIDE_ALLOCATION_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ALLOCATION_RESOURCES_MOST = 256 };
#define ALLOCATION_NOTHING UINT32_MAX

/* Resources are counted in options that use them, from 1; 0 is none. */
struct allocation_problem {
    size_t          n_customers, n_resources;       /* n_resources counts 0 */
    const uint32_t *first;          /* [n_customers + 1] options of customer i: first[i] .. first[i + 1] - 1 */
    const double   *cost, *profit;  /* [options] cost >= 0 */
    const uint8_t (*resource)[2];   /* [options] what an option uses one of, or NULL */
    const double   *capacity;       /* [n_resources] >= 0, INFINITY: no limit */
    double          budget;         /* >= 0 or INFINITY */
    bool            is_quick;       /* no search to the end */
    unsigned        n_threads;
};

struct allocation {
    uint32_t *chosen;               /* [n_customers] an option, or ALLOCATION_NOTHING */
    double    profit, spent, bound;
    double    gap;                  /* (bound - profit) / bound, 0 where the bound is */
    double    budget_price, price[ALLOCATION_RESOURCES_MOST];
    bool      is_exact;             /* no plan earns more */
};

struct allocation allocate(const struct allocation_problem *problem, struct arena *arena);

#endif
