/* decision.h - what to do now for one customer at one place, and with what probability it was drawn.
 *
 * Pure.  Within a window the same customer, placement and set of open candidates give the same decision under the
 * same id, so whoever asks again gets what was decided already.  Another window or another set is a draw that
 * depends on none before: the draw is a keyed hash of customer, placement, set and window.  So the propensity is
 * that given everything before, and sequences of decisions can be evaluated. */
#ifndef DECIDE_DECISION_H
#define DECIDE_DECISION_H

#include "decide/policy.h"
#include "decide/reach.h"

enum { DECISION_MOST_CANDIDATES = 50, DECISION_ID_BYTES = 33 };

struct candidate {
    struct text action;         /* its name; different from the others and from ACTION_NOTHING */
    bool        is_eligible;    /* the customer meets the action's own condition */
};

struct decision_request {
    struct text             customer;       /* the id that stands for all of the customer's identities */
    struct text             placement;      /* where: "cart", "email_weekly"; not empty */
    struct text             window;         /* which window: equal texts are the same one */
    const struct candidate *candidates;     /* [n_candidates] in any order: the order does not matter */
    size_t                  n_candidates;   /* at most DECISION_MOST_CANDIDATES */
    enum reach_rule         rule;           /* what stands in the way of contacting the customer */
    const struct policy    *policy;         /* who weighs what is open */
    uint64_t                salt;           /* keys the hashes; kept for good, or assignments change */
};

struct decision {
    char                 id[DECISION_ID_BYTES];
    size_t               action;        /* index of the candidate; n_candidates for nothing */
    double               propensity;    /* probability of this action for this customer, (0, 1] */
    /* "pilot" and the like; "suppressed" (also by consent), "holdout", "cap", "no_candidate" where nothing was
     * drawn. */
    const char          *policy, *policy_version;
    const char          *reason;        /* in the arena */
    size_t               n_open;        /* actions that could have been drawn, nothing among them */
    struct policy_weight weights[DECISION_MOST_CANDIDATES + 1];     /* by candidate, nothing last */
};

/* The id that such a decision has, whoever makes it. */
void decision_name(const struct decision_request *request, char ret_id[DECISION_ID_BYTES]);

/* The reason lives in the arena. */
struct decision decision_make(const struct decision_request *request, struct arena *arena);

#endif
