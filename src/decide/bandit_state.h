/* bandit_state.h - what the arms of a bandit earned, how they stand for somebody, and the policy that follows.
 *
 * Without a context an arm's reward is Beta (yes or no) or normal (amounts, with the spread that all arms have in
 * common); with one it is linear in log-like features (bandit_context), as bandit.h has it.  An arm that a
 * guardrail closed is drawn no more, not even by the floor; a bandit that has stopped draws the best arm alone. */
#ifndef DECIDE_BANDIT_STATE_H
#define DECIDE_BANDIT_STATE_H

#include "decide/bandit.h"
#include "decide/bandit_rule.h"

/* Weights of tries, of rewards and their squares; of tries after which a guardrail's event followed. */
struct bandit_tally {
    size_t            n, n_broken[BANDIT_GUARDS_MOST];
    double            tried, sum, squares;
    struct linear_arm linear;                   /* of a rule with a context: [1 + n_context], the constant first */
};

/* Arms without a context, by their tally [n]: normal of amounts, else Beta of yes and no. */
void bandit_plain_arms(const struct bandit_tally *tally, size_t n, bool is_amount, struct bandit_arm *ret_arms);

/* Feature values are squeezed so that none drowns the others: sign(v) log(1 + |v|), 0 where unknown. */
double bandit_context(double value);

#define BANDIT_OPEN SIZE_MAX

/* As arms stand for one customer, or for everybody where there is no context. */
struct bandit_view {
    size_t            n_tried, stopped;         /* the arm that is drawn alone; SIZE_MAX: none */
    size_t            closed_by[DECISION_MOST_CANDIDATES];      /* a guardrail, or BANDIT_OPEN */
    struct bandit_arm arms[DECISION_MOST_CANDIDATES];
    double            upper[DECISION_MOST_CANDIDATES];          /* linucb */
    double            chance_best[DECISION_MOST_CANDIDATES];    /* thompson: NaN of a closed one, and of linucb */
    double            chance[DECISION_MOST_CANDIDATES];         /* to be drawn where all arms are open */
};

/* tally [rule->n_arms].  variance: of linear rewards around what they were expected to be.
 * x [1 + n_context] squeezed; NULL without a context. */
void bandit_view_of(const struct bandit_rule *rule, const struct bandit_tally *tally, double variance,
                    const double *x, struct bandit_view *ret_view);

/* Nothing is not drawn unless no arm is left.  rule and view are borrowed. */
struct policy_bandit { struct policy is; const struct bandit_rule *rule; const struct bandit_view *view; };
struct policy_bandit policy_bandit_of(const struct bandit_rule *rule, const struct bandit_view *view,
                                      const char *version);

/* Why an arm is closed, in a sentence without its full stop; in the arena. */
const char *bandit_closed_why(const struct bandit_rule *rule, const struct bandit_tally *tally, size_t guard,
                              struct arena *arena);

#endif
