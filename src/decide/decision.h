/* decision.h - what to do now for one customer at one place, why, and with what probability it was drawn.
 *
 * As long as no experiment has measured what the actions do, none is known to be better than nothing:
 * customers who may be treated are spread evenly over the candidates and nothing, by a keyed hash that
 * always gives one customer the same action at one place.  That is a randomised pilot: the propensities
 * make what follows from it measurable.  Risk is never taken for response. */
#ifndef DECIDE_DECISION_H
#define DECIDE_DECISION_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACTION_NOTHING "nothing"

enum { DECISION_MOST_CANDIDATES = 50 };

struct candidate {
    struct text action;         /* its name; different from the others and from ACTION_NOTHING */
    bool        is_eligible;    /* the customer meets the action's own condition */
};

struct decision_request {
    struct text             customer;       /* the id that stands for all of the customer's identities */
    struct text             placement;      /* where: "cart", "email_weekly" */
    const struct candidate *candidates;     /* [n_candidates] in any order: the order does not matter */
    size_t                  n_candidates;   /* at most DECISION_MOST_CANDIDATES */
    bool                    is_suppressed;  /* asked not to be contacted, or refused to be */
    double                  holdout_share;  /* of all customers, 0..1: they always get nothing, everywhere */
    uint64_t                salt;           /* keys the hashes; kept for good, or assignments change */
};

enum decision_policy { POLICY_SUPPRESSED, POLICY_HOLDOUT, POLICY_NO_CANDIDATE, POLICY_PILOT };

struct decision {
    size_t               action;        /* index of the candidate; n_candidates for nothing */
    double               propensity;    /* probability of this action for this customer, (0, 1] */
    enum decision_policy policy;
    size_t               n_open;        /* actions that could have been drawn, nothing among them */
};

struct decision decision_make(const struct decision_request *request);

/* Whether the customer is in the global control group. */
bool decision_is_held_out(struct text customer, double holdout_share, uint64_t salt);

const char *decision_policy_word(enum decision_policy policy);      /* "suppressed", "holdout", "no_candidate", "pilot" */

#endif
