/* groups.h - a shop's customers in groups: RFM groups, k-means clusters and lifecycle stages.
 *
 * A stage is relative to the customer's own rhythm: their mean gap between order days, drawn
 * towards the shop's typical gap when there are few of them. */
#ifndef MODEL_GROUPS_H
#define MODEL_GROUPS_H

#include "feature/history.h"
#include "model/clusters.h"
#include "model/rfm.h"

enum stage { STAGE_NEW, STAGE_ACTIVE, STAGE_COOLING, STAGE_LAPSED, STAGE_RETURNING, STAGE_LEFT, STAGES };
const char *stage_name(enum stage stage);               /* "cooling" */
const char *stage_definition_named(const char *name);   /* in words, by the stage's name; NULL: there is no such stage */

struct groups {
    size_t          n_customers;    /* those of the history, in its order */
    struct rfm      rfm;
    struct clusters clusters;       /* rows are the history's customers; k 0 if refused */
    uint8_t        *stage;          /* [n_customers] enum stage */
    double         *rhythm_days;    /* [n_customers] the gap between orders that is usual for them */
    double          typical_gap_days;       /* the shop's median of customers' mean gaps; half the time seen
                                               if nobody repeats */
    const char     *clusters_missing;       /* NULL, or why clusters.k is 0 */
    const char     *sentence;
};

struct groups_options {
    int32_t     as_of_day;
    uint64_t    seed;
    unsigned    n_threads;
    const char *currency;       /* for sentences: "GBP", or "" */
};

/* Everything lives in the arena.  The history must hold nothing after as_of_day.
 * Errors: ERR_REFUSED no customers. */
bool groups_fit(const struct history *history, const struct groups_options *options, struct arena *arena,
                  struct groups *ret_groups, struct err *err) MUST_CHECK;

/* The report's "groups" object, a new reference.  churn [n_customers] probabilities, NaN unknown,
 * value_cents [n_customers]; either may be NULL. */
json_t *groups_json(const struct groups *groups, const double *churn, const int64_t *value_cents);

/* For a table there are only clusters: the same object without rfm and stages. */
json_t *groups_json_table(const struct clusters *clusters, const double *churn, const int64_t *value_cents);

#endif
