/* planner.h - who gets which action, learned from what was drawn by lot before.
 *
 * Past rows are decisions whose chances are known, with how often each customer then did what counts (orders)
 * within the horizon.  Of every action the effect on that number is learned against doing nothing (R-learner:
 * residuals on residuals, ridge), and becomes profit by what an order of the customer is worth: margin on the
 * orders it brings, less the discount on them and on those that would have come anyway, less the contact.  Today's
 * customers are then allocated under budget and capacities.
 *
 * A plan's profit is never the sum of the predictions that were maximised: on past people, each judged by effects
 * learned from others, the plan as a policy has a doubly robust value, and the share of what was foretold of them
 * that they kept is applied to what is foretold of today's.  Those judge who were drawn among all actions, and those
 * of earlier plans, from some of whom it was withheld: they are in the state that plans leave people in, which a
 * pilot's never were.  The newer count for more, for the world changes, and where it does (half_life_ms) the interval
 * is wider by what a plan's profit moves from one horizon to the next: after a pilot of people whom nobody had
 * written to, plans in the rehearsal's worlds earn .5 to 1.1 of what is foretold, which rows of one horizon cannot
 * show.  A plan whose interval reaches below zero is not proposed. */
#ifndef PLAN_PLANNER_H
#define PLAN_PLANNER_H

#include "base/err.h"
#include "decide/fair_allocation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAN_ACTIONS_MOST = 20, PLAN_COLUMNS_MOST = 4000, PLAN_ROWS_LEAST = 200, PLAN_CURVE_POINTS = 20 };

struct plan_action {
    const char *name;
    double      contact_cost;
    double      discount, redeemed;     /* of the price; share of orders that come anyway and use it */
    double      capacity;               /* how many, INFINITY: no limit */
    double      floor_margin;           /* less than that may not be left of what is paid; 0: no floor */
};

/* Features of n people, and what an order of each is worth. */
struct plan_people {
    size_t          n;
    const float    *values;             /* [n x n_columns] no NaN */
    const double   *order_value;        /* [n] */
    const double   *margin;             /* [n] the share of an order that is left; NULL: that of the request */
    const uint64_t *customer;           /* [n] whose rows go together */
    const int64_t  *at_ms;              /* [n] when each was drawn; NULL: all at once */
};

struct plan_request {
    size_t                    n_columns, n_actions;
    const struct plan_action *actions;          /* [n_actions] */
    double                    margin, budget;   /* margin: of all; budget INFINITY: none */
    struct plan_people        past, today;
    const uint8_t            *taken;            /* [past.n] 0 nothing, 1 + action */
    const double             *chance;           /* [past.n x (n_actions + 1)] 0: it could not be drawn */
    const double             *orders;           /* [past.n] */
    double                    half_life_ms;     /* of what past rows say of today; 0: all alike */
    const bool               *is_open;          /* [today.n x n_actions] */
    const uint32_t           *group;            /* [today.n] FAIR_NO_GROUP: none; NULL: no groups */
    size_t                    n_groups;
    double                    most_disparity;   /* shares of groups chosen may differ by so much; 1: any */
    uint64_t                  seed;
    unsigned                  n_threads;
};

struct plan_value { double value, se, low, high; };

/* action 0: nothing.  The interval is of one person's profit as learned: delete-a-fifth jackknife. */
struct plan_choice { uint8_t action; double cost, profit, low, high; };

/* The interval is of what was found of past people whom this budget's prices choose, as the plan's own is. */
struct plan_point { double budget, profit, low, high, budget_price, price[PLAN_ACTIONS_MOST]; };

struct plan_result {
    bool                is_proposed;
    struct plan_choice *choices;        /* [today.n]; nothing for all where no plan is proposed */
    struct plan_choice *best;           /* [today.n x n_actions] each action's cost and profit, for the curve */
    struct plan_value   profit;         /* of the plan, in all */
    double              spent, bound, gap, budget_price, price[PLAN_ACTIONS_MOST];
    struct plan_point   curve[PLAN_CURVE_POINTS + 1];           /* what each budget would earn */
    struct disparity    disparity;      /* of groups */
    double              price_of_fairness;                      /* profit more without most_disparity */
    size_t              n_drawn[PLAN_ACTIONS_MOST + 1];     /* past rows by what was taken */
    const char         *sentence;
};

/* In arena.  Errors: ERR_REFUSED an action, or nothing, was drawn fewer than PLAN_ROWS_LEAST times (says which).
 */
bool plan_make(const struct plan_request *request, struct arena *arena, struct plan_result *ret_result,
               struct err *err) MUST_CHECK;

#endif
