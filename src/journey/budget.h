/* budget.h - what a journey may spend, and what it has spent, by the shop's days.
 *
 * What is spent is the cost of each message when it is put (the settings' costs), and what a coupon took off when it
 * is redeemed.  Money is in units of the shop's currency, as costs are written. */
#ifndef JOURNEY_BUDGET_H
#define JOURNEY_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

enum { BUDGET_MOST_DAYS = 366 };

/* amount 0: any. */
struct budget { double amount; int64_t days; };

/* Of the last BUDGET_MOST_DAYS days that anything was added on; all zero: nothing yet. */
struct spending { int64_t newest_day; double of_day[BUDGET_MOST_DAYS]; };

void   spending_add(struct spending *spending, int64_t day, double amount);
/* On a day and the n_days - 1 before it. */
double spending_in(const struct spending *spending, int64_t day, int64_t n_days);

/* NEVER: it is less than this costs; UNAPPROVED: more than was approved for a day would be spent. */
enum budget_answer { BUDGET_LEFT, BUDGET_SPENT, BUDGET_NEVER, BUDGET_UNAPPROVED };
/* Whether so much more may be spent on a day; 0: whether anything more may. */
enum budget_answer budget_asked(const struct budget *budget, const struct spending *spending, int64_t day,
                                double more);

/* What a coupon of so many per cent took off an order that cost paid afterwards. */
double budget_coupon(double paid, double percent);

#endif
