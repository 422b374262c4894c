/* rfm.h - recency, frequency and monetary quintiles, and the named groups made of them.
 *
 * A score is 1 + five times the share of customers who are strictly lower, so ties always share a
 * score: 1 the lowest fifth, 5 the highest (for recency 5 is the most recent).  Where many tie, as
 * one-time buyers do in frequency, some scores stay empty.  Whoever has left by an event has scores as
 * anybody, and is in the group of those who left whatever they are. */
#ifndef MODEL_RFM_H
#define MODEL_RFM_H

#include "feature/history.h"

enum rfm_group {
    RFM_CHAMPIONS, RFM_LOYAL, RFM_POTENTIAL, RFM_NEW, RFM_PROMISING, RFM_NEED_ATTENTION, RFM_ABOUT_TO_SLEEP,
    RFM_AT_RISK, RFM_CANNOT_LOSE, RFM_HIBERNATING, RFM_LEFT, RFM_GROUPS
};

const char *rfm_name(enum rfm_group group);         /* "Champions" */
const char *rfm_rule(enum rfm_group group);         /* "are of the 40 % who ordered last and of ..." */
const char *rfm_rule_named(const char *name);       /* the same by the group's name; NULL: there is no such group */

struct rfm {
    size_t   n_customers;           /* those of the history */
    int32_t *recency_days;          /* [n] from the last day with an order to the as-of day */
    uint32_t *frequency;            /* [n] days with an order */
    int64_t *monetary_cents;        /* [n] total, net of refunds */
    uint8_t *r, *f, *m;             /* [n] 1..5 */
    uint8_t *group;               /* [n] enum rfm_group */
};

enum rfm_group rfm_group_of(unsigned r, unsigned f, unsigned m);      /* scores 1..5 */

/* Entries after as_of_day are not seen; every customer must have one on or before it. */
void rfm_score(const struct history *history, int32_t as_of_day, struct arena *arena, struct rfm *ret_rfm);

/* The 1..5 scores of values [n] by the rule above. */
void rfm_quintiles(const double *values, size_t n, struct arena *arena, uint8_t *ret_score);

#endif
