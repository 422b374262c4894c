/* value.h - what each customer is likely still to bring: BG/NBD for how often, Gamma-Gamma for how
 * much, judged on a period the fit has not seen, then fitted again to everything.
 *
 * "Spend" is revenue net of refunds; margin and costs are the caller's. */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include "feature/history.h"
#include "model/bgnbd.h"
#include "model/gamma_gamma.h"
#include "model/pareto_nbd.h"

#include <jansson.h>
#include <stdint.h>

enum unit { UNIT_DAY, UNIT_WEEK, UNIT_MONTH };      /* 1, 7 and 30 days */
double      unit_days(enum unit unit);
const char *unit_word(enum unit unit);              /* "day" */
bool        unit_parse(const char *word, enum unit *ret_unit);

/* BG/NBD; where its likelihood has no maximum MBG/NBD, and where that has none either, as when nobody
 * is seen to leave for good, NBD.  Pareto/NBD only if asked for. */
enum orders_model { ORDERS_BGNBD, ORDERS_MBGNBD, ORDERS_NBD, ORDERS_PARETO_NBD };
const char *orders_model_name(enum orders_model model);     /* "BG/NBD" */

enum { VALUE_CHOOSE_DAY = INT32_MIN, VALUE_FREQUENCIES = 8 };

struct value_options {
    int32_t     as_of_day;              /* the last day observed, inclusive */
    int32_t     calibration_end_day;    /* inclusive; VALUE_CHOOSE_DAY: 60 % of the span from first_day */
    enum unit   unit;
    int32_t     horizon_days;           /* over which orders and spend are expected */
    double      discount_yearly;        /* 0.1: money a year from now is worth 1 / 1.1 */
    unsigned    n_threads;
    bool        is_pareto;              /* Pareto/NBD instead of BG/NBD */
    bool        is_lean;                /* what customers would spend only: fits to a part of very many customers,
                                           and nothing of Pareto/NBD beside */
    const char *currency;               /* for sentences: "GBP", or "" */
};

/* The fit of orders_model: its own member, bgnbd for all but Pareto/NBD. */
struct orders_fit {
    enum orders_model     kind;
    struct bgnbd_fit      bgnbd;
    struct pareto_nbd_fit pareto;
};

/* Pareto/NBD beside the model that values: BG/NBD cannot see a customer leave before their second order, so
 * how many are still active is its to say. */
struct value_beside {
    bool                  is_known;
    const char           *missing;      /* where not: the sentence why */
    struct pareto_nbd_fit fit;
    double  n_active;                   /* the sum of p_alive */
    double *p_alive;                    /* [n_customers] */
    double *expected_orders;            /* [n_customers] within the horizon, not discounted */
    double *dert;                       /* [n_customers] all orders to come, discounted; NaN without a discount */
};

struct tracking_row  { unsigned period; double actual, expected, actual_total, expected_total; };
struct frequency_row { size_t customers; double actual, expected; };    /* means per customer in the holdout */

struct value_model {
    enum unit unit;
    int32_t   first_day, calibration_end_day, as_of_day, horizon_days;
    double    discount_yearly;

    const char *orders_model_why;   /* NULL, or the sentence why another model stands in for BG/NBD */

    /* Fitted to the calibration period, and how that fared in the holdout. */
    struct orders_fit      calibration;
    struct gamma_gamma_fit calibration_spend;   /* if has_spend */
    size_t                 n_calibration;       /* customers who had ordered by the calibration end */
    struct tracking_row   *tracking;            /* [n_tracking] repeat purchases per unit from first_day on */
    size_t                 n_tracking;
    struct frequency_row
        by_frequency[VALUE_FREQUENCIES]; /* by repeats in calibration; the last is 7 and more */
    double                 holdout_actual, holdout_expected;    /* purchases of those customers */
    double holdout_error, naive_error; /* mean absolute per customer; naive: past rate goes on */
    /* The same in money, against what each spent in as long a time before; NaN without amounts.  past_is_as_good:
     * the model's error is not smaller beyond chance. */
    double spend_error, past_spend_error;
    bool   past_is_as_good;
    double spend_correlation;          /* Pearson, frequency with mean spend among repeaters; NaN unknown */
    const char            *holdout_note;        /* a sentence */

    /* Fitted to everything; what the numbers per customer rest on. */
    struct orders_fit      refit;
    struct gamma_gamma_fit refit_spend;
    /* false: Gamma-Gamma does not fit; then a purchase is worth the customer's own mean, and
     * spend_missing says so. */
    bool                   has_spend;
    const char            *spend_missing;

    /* NULL, or the sentence why the model must not be used: how poor the fit is.  Then the numbers
     * per customer below are NULL and the totals 0. */
    const char *refusal;
    const char *sentence;                       /* what it says, for a person */

    size_t   n_customers;           /* those of the history, in its order */
    size_t   n_left;                /* who have left by an event since their last order: p_alive and all that is
                                       expected of them is 0, if_stays as if they were won back */
    double  *p_alive;               /* [n_customers]; NaN where refit.kind is ORDERS_NBD, which
                                       knows no leaving but by an event */
    double  *expected_orders;       /* [n_customers] days with an order within the horizon, not discounted */
    int64_t *expected_spend_cents;  /* [n_customers] discounted to the as-of day */
    int64_t *if_stays_cents;        /* [n_customers] the same of somebody known to be a customer still */
    struct value_beside beside;
    double   total_orders;
    int64_t  total_cents;
};

/* Does the whole value work for a shop.  Everything lives in the arena.
 * Errors: ERR_REFUSED too little data (says how much is needed), or no maximum of the likelihood;
 *         ERR_INVALID the calibration end is not inside the history. */
bool value_fit(const struct history *history, const struct value_options *options, struct arena *arena,
               struct value_model *ret_value, struct err *err) MUST_CHECK;

/* What each customer would spend within the horizon if they are a customer still, [n_customers] cents: by
 * value_fit, or what they spent in as long a time before where that has no answer.  ret_why is NULL then, or the
 * reason. */
int64_t *value_if_stays(const struct history *history, const struct value_options *options, struct arena *arena,
                        const char **ret_why);

/* What a customer spent within the last horizon_days before the as-of day, [n_customers] cents: the
 * plain stand-in where value_fit refuses. */
int64_t *value_past_spend(const struct history *history, int32_t as_of_day, int32_t horizon_days,
                          struct arena *arena);

/* Expected spend of one customer over n_steps steps of step units each, every step's worth divided
 * by (1 + discount) once per step passed, in currency units; the customer lifetime value of the
 * field's libraries. */
double value_discounted(const struct bgnbd *model, const struct gamma_gamma *spend, double frequency,
                        double recency, double age, double monetary, double step, unsigned n_steps,
                        double discount);

/* The report's "value" object; a new reference.  holdfast value --json prints the same. */
json_t *value_json(const struct value_model *value);

#endif
