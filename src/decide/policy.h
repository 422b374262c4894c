/* policy.h - how likely each action is to be taken for a customer whom all of them are open to.
 *
 * A policy says chances and never draws: decision.c does, so that the propensity that is written down is the
 * policy's own, whatever the policy. */
#ifndef DECIDE_POLICY_H
#define DECIDE_POLICY_H

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

#define ACTION_NOTHING "nothing"

/* Whom it is about, where, and the actions that are open, by name, ACTION_NOTHING the last. */
struct policy_ask {
    struct text        customer, placement;
    const struct text *actions;         /* [n_actions] at least one */
    size_t             n_actions;
};

/* Of an action: its chance, and the profit over doing nothing that is expected of it, with its interval; NaN where
 * nothing has measured it. */
struct policy_weight { double probability, profit_cents, low_cents, high_cents; };

struct policy;

struct policy_ops {
    const char *word;       /* what answers and table decision call it */

    /* ret_weights [n_actions]: chances add up to 1 and none is negative.  The same ask gives the same. */
    void (*weigh)(const struct policy *policy, const struct policy_ask *ask, struct policy_weight *ret_weights);

    /* The action that was drawn before and elsewhere, with the chances that weigh tells; NULL: decision.c draws. */
    size_t (*pick)(const struct policy *policy, const struct policy_ask *ask);

    /* Why, in a sentence without its full stop; in the arena. */
    const char *(*reason)(const struct policy *policy, const struct policy_ask *ask, struct arena *arena);
};

struct policy {
    const struct policy_ops *ops;
    const char              *version;       /* another whenever chances may differ */
};

/* As long as no experiment has measured what actions do, none is known to be better than nothing: all are equally
 * likely.  That is a randomised pilot, and what follows from it can be measured.  Risk is never taken for
 * response. */
extern const struct policy policy_pilot;

/* An experiment dealt arms by lot: an arm that is an action's name is that action, any other is to do nothing. */
struct policy_experiment { struct policy is; const char *const *arms; const double *shares; size_t n_arms, arm; };
struct policy_experiment policy_experiment_of(const char *name, const char *const *arms, const double *shares,
                                              size_t n_arms, size_t arm);

/* What a plan drew for a customer before stands, with the chances and profits that were weighed then: planned
 * [n_planned].  action NULL: the plan left them alone. */
struct planned_action { struct text action; struct policy_weight weight; };
struct policy_plan {
    struct policy                is;
    const struct planned_action *planned;
    size_t                       n_planned;
    const char                  *action, *reason;
};

/* is_explored: lots were drawn to learn from, not the plan's choice.  The rest is the caller's to fill. */
struct policy_plan policy_plan_of(bool is_explored, const char *version);

#endif
