/* fair_allocation.c - see fair_allocation.h. */
#include "decide/fair_allocation.h"

#include <math.h>

enum { FAIR_ROUNDS = 30 };

static void count_groups(const struct fair_groups *groups, size_t n_customers, double *ret_n)
{
    for (size_t g = 0; g < groups->n; g++) ret_n[g] = 0;
    for (size_t c = 0; c < n_customers; c++)
        if (groups->of[c] < groups->n) ret_n[groups->of[c]]++;
}

struct disparity disparity_of(const struct fair_groups *groups, const struct allocation *allocation,
                              size_t n_customers)
{
    struct disparity d = { .ratio = 1 };
    double n[FAIR_GROUPS_MOST], least = 2, most = -1;
    count_groups(groups, n_customers, n);
    for (size_t c = 0; c < n_customers; c++)
        if (groups->of[c] < groups->n && allocation->chosen[c] != ALLOCATION_NOTHING)
            d.share[groups->of[c]] += 1 / n[groups->of[c]];
    for (size_t g = 0; g < groups->n; g++) {
        if (n[g] == 0) continue;
        if (d.share[g] < least) least = d.share[g], d.least = g;
        if (d.share[g] > most) most = d.share[g], d.greatest = g;
    }
    if (most >= 0) d.difference = most - least;
    if (most > 0) d.ratio = least / most;
    return d;
}

struct allocation allocate_fairly(const struct allocation_problem *problem, const struct fair_groups *groups,
                                  struct allocation free_plan, struct arena *arena)
{
    double n[FAIR_GROUPS_MOST];
    struct allocation plan = free_plan;
    struct disparity d = disparity_of(groups, &plan, problem->n_customers);
    count_groups(groups, problem->n_customers, n);
    for (int round = 0; round < FAIR_ROUNDS && d.difference > groups->most_disparity + 1e-12; round++) {
        for (size_t g = 0; g < groups->n; g++)
            groups->capacity[groups->resource + g] =
                floor((d.share[d.least] + groups->most_disparity) * n[g] + 1e-9);
        plan = allocate(problem, arena);
        d = disparity_of(groups, &plan, problem->n_customers);
    }
    return plan;
}
