/* overview.h - how the shop did in a period, against a period to compare it with: money, orders, buyers, and who
 * came back, each with its interval; and how its sources send.
 *
 * One pass over the log counts everything.  What was counted is kept for half a minute, because many look at once.
 */
#ifndef MODEL_OVERVIEW_H
#define MODEL_OVERVIEW_H

#include "model/kpi.h"

#include <pthread.h>

enum { OVERVIEW_POINTS_MOST = 64, OVERVIEW_SOURCES_MOST = 64, OVERVIEW_KEPT = 4 };

struct overview_options {
    int64_t days;               /* 1 .. 3660 */
    bool    is_year_before;     /* compared with the same days a year before, else with the days just before */
    int64_t segment;            /* only of who is in it now; 0: everybody */
};

/* An amount with its 95 % interval: what chance alone would make of it if the shop stayed as it is. */
struct overview_amount { double value, low, high; };

struct overview_period {
    int64_t  from_ms, until_ms;
    int64_t  revenue_cents;     /* what was paid, less what went back */
    double   squares;           /* of the amounts */
    uint64_t n_orders;          /* with a positive amount */
    double   order_sum, order_squares;
    size_t   n_buyers, n_first; /* customers with such an order; of them those whose first it was */
    double   first_sum;         /* of order_sum what those spent */
    int64_t  points[OVERVIEW_POINTS_MOST];      /* money of each step, in cents */
};

/* usual_gap_ms, usual_lag_ms: over four weeks; 0: too few came.  Lag: what half of it takes at most from when it happened
 * until it is here. */
struct overview_source { char name[64]; uint64_t n_live; int64_t last_ms; double usual_gap_ms, usual_lag_ms; };

struct overview_numbers {
    int64_t as_of_ms;
    struct overview_period now, before;
    size_t  n_points;
    int64_t step_ms;
    size_t  n_stayed;           /* buyers of the period before who bought in this one */
    struct overview_source sources[OVERVIEW_SOURCES_MOST];      /* that send as things happen */
    size_t  n_sources;
};

/* What was counted lately. */
struct overview_kept { struct overview_options options; struct overview_numbers numbers; int64_t at_ms; };
struct overview { pthread_mutex_t lock; struct overview_kept kept[OVERVIEW_KEPT]; size_t next; };

struct overview *overview_new(void);
void             overview_free(struct overview *overview);     /* NULL is fine */

/* Whether a source has been silent for much longer than it usually is. */
bool overview_source_stopped(const struct overview_source *source, int64_t now_ms);

struct overview_amount overview_revenue(const struct overview_period *period);
struct overview_amount overview_order_value(const struct overview_period *period);      /* NaN without an order */
struct overview_amount overview_count(double n);

/* What a change of revenue came from, in cents: its parts add up to it. */
struct overview_change { double buyers, orders_each, order_value, went_back; };
/* False: one of the periods has no order, so that there is nothing to divide. */
bool overview_change(const struct overview_period *now, const struct overview_period *before,
                     struct overview_change *ret_change);

#endif
