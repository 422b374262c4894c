/* fair_allocation.h - an allocation in which no group of people is chosen much more often than another. */
#ifndef DECIDE_FAIR_ALLOCATION_H
#define DECIDE_FAIR_ALLOCATION_H

#include "decide/allocation.h"

enum { FAIR_GROUPS_MOST = 100 };
#define FAIR_NO_GROUP UINT32_MAX

/* Options of a group's people use its resource, `resource` + group, whose capacity is INFINITY to begin with. */
struct fair_groups {
    size_t          n;
    const uint32_t *of;                 /* [n_customers] FAIR_NO_GROUP: none */
    size_t          resource;           /* of the first group */
    double         *capacity;           /* the problem's */
    double          most_disparity;     /* shares chosen may differ by so much; 1: any */
};

/* Shares of each group that are chosen; least and greatest are groups. */
struct disparity { double share[FAIR_GROUPS_MOST], difference, ratio; size_t least, greatest; };

struct disparity disparity_of(const struct fair_groups *groups, const struct allocation *allocation,
                              size_t n_customers);

/* From the free allocation: those chosen more often than the limit lets them are capped, until it holds. */
struct allocation allocate_fairly(const struct allocation_problem *problem, const struct fair_groups *groups,
                                  struct allocation free_plan, struct arena *arena);

#endif
