/* money.h - what a campaign earned: the difference from its control, less what it cost. */
#ifndef EXPERIMENT_MONEY_H
#define EXPERIMENT_MONEY_H

#include "experiment/comparison.h"

/* All in the unit of the amounts.  profit, roi: NaN where unknown. */
struct earned {
    double          n;                      /* treated */
    double          cost;
    struct estimate profit, per_treated;    /* incremental margin less cost: of all, and of one */
    struct estimate roi;                    /* profit over cost */
    double          break_even;             /* the cost of one contact at which nothing is left; NaN: it earns nothing */
};

/* control and treated: margin of one person.  cost: of the campaign in all, of which contacts of one person each
 * cost
 * contact. */
struct earned earned_by(struct arm_sample control, struct arm_sample treated, double cost, double contact,
                        double alpha);

/* Where the difference of a person's revenue comes from: more people who buy, more orders of each, larger orders.
 * The parts sum to the difference.  Each arm: sums over people of whether they bought, their orders, their
 * revenue. */
struct buying { double n, buyers, orders, revenue; };
struct earned_parts { double kept, added, grown; };
struct earned_parts earned_parts_of(struct buying control, struct buying treated);

#endif
