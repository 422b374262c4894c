/* cohort.h - the shop over time: a monthly timeline, monthly cohorts, and the retention curve. */
#ifndef MODEL_COHORT_H
#define MODEL_COHORT_H

#include "feature/history.h"

#include <jansson.h>

struct timeline_row {
    int      year, month;
    uint64_t orders;            /* every order, several a day counted */
    size_t   customers, new_customers;      /* who ordered; of these for the first time */
    int64_t  revenue_cents;     /* net of refunds, in the month of the order refunded */
    bool     is_partial;        /* the history begins or ends inside the month */
};

struct cohort_row {
    int     year, month;        /* of the first order */
    size_t  customers;
    double *retained;           /* [n_months] share who ordered in the m-th month after; [0] is 1 */
    size_t  n_months;           /* whole months seen; the as-of month counts only if it is complete */
};

/* Share of customers who have not yet stopped by a day since their first order: Kaplan-Meier, where
 * a customer stops at the first order that lapse_days without another followed (some come back
 * later), and is observed until lapse_days before the as-of day.  Customers whose first order is
 * younger than lapse_days cannot have stopped visibly and are left out. */
struct retention_row { int32_t day; double share, low, high; };     /* 95 %, log-log interval */

struct cohorts {
    struct timeline_row  *timeline;     size_t n_timeline;
    struct cohort_row    *cohorts;      size_t n_cohorts;
    struct retention_row *retention;    size_t n_retention;
    int32_t     lapse_days;
    const char *timeline_sentence, *cohorts_sentence, *retention_sentence;
};

/* lapse_days is usually the churn question's horizon.  The history must hold nothing after
 * as_of_day, the last day observed, and at least one customer.  Everything lives in the arena. */
void cohorts_build(const struct history *history, int32_t as_of_day, int32_t lapse_days, struct arena *arena,
                   struct cohorts *ret_cohorts);

/* The report's objects; new references. */
json_t *timeline_json(const struct cohorts *cohorts);
json_t *cohorts_json(const struct cohorts *cohorts);
json_t *retention_json(const struct cohorts *cohorts);

#endif
