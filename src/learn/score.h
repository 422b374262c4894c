/* score.h - what the program thinks of every customer as of one instant. */
#ifndef LEARN_SCORE_H
#define LEARN_SCORE_H

#include "base/progress.h"
#include "feature/matrix.h"
#include "hub/trained.h"
#include "learn/backtest.h"
#include "learn/rows_source.h"
#include "model/cohort.h"
#include "model/groups.h"
#include "model/value.h"

struct score_options {
    int64_t     as_of_ms;
    double      margin;                 /* share of revenue that is profit, (0, 1] */
    int64_t     value_horizon_days;
    double      discount_yearly;
    const char *currency;               /* for sentences: "GBP", or "" */
    double      contact_cost_cents;     /* of treating one customer; below 0: not known */
    const char *value_column;           /* for a table: the trait that is money per month, or NULL */
    double      value_months;           /* for a table: months of it that count as a customer's value */
    int32_t     calibration_end_day;    /* VALUE_CHOOSE_DAY or given */
    uint64_t    seed;
    unsigned    n_threads;
    const struct rows_source *rows;     /* NULL: the log's own */
};

/* What the customers asked stand to take with them; of a churn question only. */
struct at_risk {
    size_t          customers;      /* everybody asked */
    struct forecast leavers, cents;
    struct backtest backtest;
    bool            has_money;      /* false: cents mean nothing */
};

/* Arrays [n] are indexed by identity; entry 0 is unused. */
struct scores {
    int64_t  as_of_ms;
    const char *question;           /* its name */
    size_t   n;
    uint8_t *is_customer;           /* has events before the instant, or a row in the table */
    const struct log     *log;          /* whose identities these are */
    const struct contest *contest;      /* whoever is asked is scored by the version of their arm; NULL: all by one */
    uint8_t *is_asked; /* the question is open: active lately, or of a table without the label's yes */
    double  *prediction;            /* answer to the question; NaN: none */
    double  *p_alive, *expected_orders;     /* NaN: unknown */
    double  *p_alive_pareto_nbd, *expected_orders_pareto_nbd, *dert;        /* NaN: unknown */
    double  *value_cents;           /* expected spend, not times margin; 0 where unknown, and of whoever left by an event */
    double  *if_stays_cents;        /* the same of somebody who is known to be a customer still */
    int64_t *expected_loss_cents;   /* churn x if_stays x margin; 0 if not asked or not a churn question */
    const char **rfm_group, **cluster, **stage;       /* NULL: none */
    int32_t *last_goal_day;         /* INT32_MIN: never */
    struct matrix rows;             /* what the predictions were made from, by rising identity */
    size_t   n_customers, n_asked;
    double   expected_yes;          /* sum of the predictions */

    struct history     history;     /* n_customers 0 for a table */
    struct value_model value;
    bool               has_value;
    const char        *value_note;  /* where value_cents come from, a sentence */
    struct groups      groups;
    bool               has_groups;
    struct clusters    table_clusters;
    bool               has_table_clusters;
    uint32_t          *table_identity;      /* [table_clusters.n_rows] */
    struct cohorts     cohorts;
    bool               has_cohorts;
    struct at_risk     at_risk;
};

/* Scores everybody.  All lives in the arena.  Errors: those of log_read. */
bool score_everybody(const struct log *log, const struct trained *trained, const struct score_options *options,
                     struct arena *arena, struct progress *progress, struct scores *ret_scores,
                     struct err *err) MUST_CHECK;

/* Puts everybody's answers to the question in place of those the store has, and what everybody is worth, in the
 * caller's transactions, which may write them in slices: first clears, then puts identities [from, to) after each
 * other.  Answers to other questions stay. */
bool scores_clear(struct store *store, const struct scores *scores, struct err *err) MUST_CHECK;
bool scores_put_some(struct store *store, const struct scores *scores, uint32_t from, uint32_t to,
                     struct err *err) MUST_CHECK;

/* The rows that the question is asked of as of an instant, by rising identity, as score_everybody predicts from
 * them: for whoever wants to tell later why.  Of a table the labels are there too.  Errors: those of matrix_score. */
bool score_rows(const struct log *log, const struct trained *trained, int64_t as_of_ms, unsigned n_threads,
                struct arena *arena, struct matrix *ret_rows, struct err *err) MUST_CHECK;

/* The customer's row among scores->rows; NULL: not asked. */
const float *scores_row(const struct scores *scores, uint32_t identity);

/* When everybody was last scored and valued, by the setting that whoever put the last of them writes; and the shape of the
 * rates at which customers order, by which one customer's value has an interval. */
bool scores_put_instant(struct store *store, const struct scores *scores, struct err *err) MUST_CHECK;
bool scores_instant(struct store *store, int64_t *ret_as_of_ms, struct err *err) MUST_CHECK;        /* 0: never */
bool scores_rate_shape(struct store *store, double *ret_shape, struct err *err) MUST_CHECK;     /* 0: not known */

#endif
