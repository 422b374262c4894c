/* priority.h - whom to act on first, and what is at stake, with an interval.
 *
 * The expected loss of a customer is churn probability x expected value x margin.  It is what
 * leaves if nothing changes, not what a message could save: risk is not response. */
#ifndef DECIDE_PRIORITY_H
#define DECIDE_PRIORITY_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

/* Indexes of the customers by falling expected loss, ties by rising index.
 * expected_loss_cents [n]; the result [n] lives in the arena. */
uint32_t *priority_order(const int64_t *expected_loss_cents, size_t n, struct arena *arena);

/* How held-out customers at or above the threshold turned out: observed over predicted churn, and
 * the variance of that ratio by the delta method.  1 and 0 where fewer than 20 can tell.
 * churn, label [n] held-out predictions and what came (0 or 1). */
struct outcome { double ratio, variance; };

struct outcome outcome_of(const double *churn, const float *label, size_t n, double threshold);

/* What the customers at or above the threshold stand to take with them: the sum of churn x value
 * over them.  The 95 % interval (normal approximation) carries two doubts: which customers happen
 * to be here, and whether predicted churn comes true - the mean squared error of the outcome's ratio
 * around 1, so that a model which was off on the held-out customers widens it to both sides.
 * churn, value_cents [n]: everybody scored; a NaN churn (not asked) is not at risk. */
struct at_risk { int64_t customers, revenue_cents, low_cents, high_cents; };

struct at_risk at_risk_estimate(const double *churn, const double *value_cents, size_t n, double threshold,
                                struct outcome outcome);

#endif
