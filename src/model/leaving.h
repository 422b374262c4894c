/* leaving.h - for each customer: the median time until they leave, and until the next order.
 *
 * How long customers of this shop stay has Weibull's shape; a customer's own scale is the one that gives the chance of
 * leaving within the horizon that the model of churn says.  The next order is the median of a Weibull regression
 * of gaps between orders on the customer's own earlier gaps, given the silence so far. */
#ifndef MODEL_LEAVING_H
#define MODEL_LEAVING_H

#include "feature/history.h"

struct leaving {
    double shape;               /* of stays; 1 where too few have left to tell */
    bool   has_gaps;            /* enough repeat orders to say when the next comes */
    double mean_gap_days;
    double intercept, slope, by_number, scale;      /* of the logarithm of a gap */
};

/* From the history up to as_of_day; a customer has left whose silence is as long as horizon_days. */
void leaving_fit(const struct history *history, int32_t as_of_day, int64_t horizon_days, struct arena *arena,
                 struct leaving *ret_leaving);

/* Days from now until the customer is as likely to have left as not: tenure_days since the first order, churn the
 * chance
 * of no order within the horizon.  0 for whoever surely has. */
double leaving_days(const struct leaving *leaving, double tenure_days, double churn, double horizon_days);

/* The day of a customer's next order, if they order again; NaN where nothing can be said. */
double leaving_next_day(const struct leaving *leaving, const struct history *history, size_t customer, int32_t as_of_day);

#endif
