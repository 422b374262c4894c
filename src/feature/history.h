/* history.h - when each customer ordered, and for how much: one entry per customer and day.
 *
 * The ground of everything about repeat buying: customer value, segments, cohorts, retention.
 * A customer's orders of one UTC day are one entry.  Refunds (negative amounts, of the goal's kind
 * or of the refund kind) are no orders: they lower the amount of the customer's latest entries on
 * or before their own day, never below zero; what is left over belongs to orders older than the
 * history, lowers nothing and is counted.  Identities that links received before the instant join are one
 * customer, under the identity that stands for it (customer/identity.h). */
#ifndef FEATURE_HISTORY_H
#define FEATURE_HISTORY_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/err.h"
#include "log/log.h"

struct history {
    size_t    n_customers;
    uint32_t *identity;         /* [n_customers] ascending; DICTIONARY_IDENTITY, never 0 */
    size_t   *first;            /* [n_customers + 1] customer i's entries are first[i] .. first[i + 1] - 1 */
    int32_t  *day;              /* [entries] ascending within a customer; days since 1970-01-01 */
    uint32_t *orders;           /* [entries] orders on that day, at least 1 */
    int64_t  *amount_cents;     /* [entries] net of refunds, >= 0 */
    int32_t  *left_day;         /* [entries] of the first event by which they left before the next entry; INT32_MAX: none */
    int32_t   first_day, last_day;      /* of all entries; 0 if there are none */
    int64_t   refunded_cents;           /* taken off amounts, >= 0 */
    int64_t   refund_left_cents;        /* refunds that found no earlier order, >= 0 */
};

struct history_options {
    uint16_t goal_kind;         /* DICTIONARY_KIND of an order */
    uint16_t refund_kind;       /* the same, of a refund; 0 if there is none */
    int64_t  as_of_ms;          /* only events received and happened before it count */
    unsigned n_threads;
    const uint16_t *left_kind;  /* [n_left] of events by which customers leave (churn_event.h) */
    size_t   n_left;
};

/* Reads the history from the log; identity 0 (rows without a customer) is left out.  The same
 * for any number of threads.  *ret_history lives in the arena.  Errors: those of log_read. */
bool history_read(const struct log *log, const struct history_options *options, struct arena *arena,
                  struct history *ret_history, struct err *err) MUST_CHECK;

/* The same from arrays in any order, day[i] and amount_cents[i] (negative: a refund) of
 * identity[i]; identities 0 are left out. */
void history_build(const uint32_t *identity, const int32_t *day, const int64_t *amount_cents, size_t n,
                   struct arena *arena, struct history *ret_history);

/* Who each linked identity is as of an instant: (*ret_customer_of) [identities of the log], 0 for one who is not linked;
 * NULL if nobody is.  Errors: those of identities_open. */
bool history_links(const struct log *log, int64_t as_of_ms, struct arena *arena, uint32_t **ret_customer_of,
                   struct err *err) MUST_CHECK;

/* The index of an identity in the history; false if it never ordered. */
bool history_find(const struct history *history, uint32_t identity, size_t *ret_customer);

/* Whether, by the end of a day, a customer had left by an event and not ordered since. */
bool history_has_left(const struct history *history, size_t customer, int32_t as_of_day);

/* What is one purchase: the orders of one day, of one ISO week (Monday to Sunday), of one month. */
enum period { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH };

/* The sufficient statistics of repeat buying, one row per customer whose first order is on or
 * before the calibration end, in the history's order.  Source: Fader & Hardie, "Creating an RFM
 * summary"; the same as lifetimes' summary_data_from_transaction_data and
 * calibration_and_holdout_data. */
struct summary {
    size_t  n;
    size_t *customer;           /* [n] index into the history */
    double *frequency;          /* [n] purchases after the first, up to the calibration end */
    double *recency;            /* [n] units from the first purchase to the last, 0 without a repeat */
    double *age;                /* [n] units from the first purchase to the calibration end */
    double *monetary;           /* [n] mean amount of the repeat purchases, in currency units; 0 without */
    double *holdout;            /* [n] purchases after the calibration end, up to the as-of day */
    double *holdout_monetary;   /* [n] their mean amount, in currency units; 0 without */
    bool   *has_left;           /* [n] by an event, by the calibration end, and not ordered since until then */
};

struct summary_options {
    enum period merge;          /* purchases of one such period count once */
    double      unit_days;      /* with PERIOD_DAY times are days / unit_days; otherwise they are whole
                                   periods and this is ignored */
    int32_t     calibration_end_day;    /* inclusive */
    int32_t     as_of_day;              /* inclusive, >= calibration_end_day; nothing after it is seen */
};

void summary_build(const struct history *history, const struct summary_options *options, struct arena *arena,
                   struct summary *ret_summary);

#endif
