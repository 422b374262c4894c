/* bandit_rule.h - bandits as the settings declare them, and the policy that follows from what each arm earned.
 *
 * bandits: [{name: subject, placement: winback_subject, arms: [short, long], policy: thompson,
 *            reward: {event: order, within: 3d}, floor: .05, half_life: 30d, window: 1d}] */
#ifndef DECIDE_BANDIT_RULE_H
#define DECIDE_BANDIT_RULE_H

#include "base/settings.h"
#include "decide/bandit.h"
#include "decide/decision.h"

enum { BANDITS_MOST = 100 };

struct bandit_rule {
    const char *name, *placement, *event;
    const char *arms[DECISION_MOST_CANDIDATES];
    size_t      n_arms;
    int64_t     within_days, half_life_days;    /* half_life 0: what was long ago counts as much */
    int64_t     window_days;                    /* -1: not said */
    double      floor;
};

/* In the arena.  Errors: ERR_INVALID with file, line and column. */
bool bandit_rules_read(const struct settings *settings, struct arena *arena, struct bandit_rule **ret_rules,
                       size_t *ret_n, struct err *err) MUST_CHECK;

/* What each arm was tried for and earned: weights of trials, and of those rewarded. */
struct bandit_tally { size_t n; double tried, rewarded; };

/* Beta(1 + rewarded, 1 + tried - rewarded) of each arm, and the chance to be the best with the floor kept. */
void bandit_rule_arms(const struct bandit_rule *rule, const struct bandit_tally *tally,
                      struct bandit_arm *ret_arms, double *ret_chance);

/* Of the arms that are open each is drawn by the chance that it is the best of them; nothing is not drawn unless
 * it is an arm.  tally [n_arms] is borrowed. */
struct policy_bandit { struct policy is; const struct bandit_rule *rule; const struct bandit_tally *tally; };
struct policy_bandit policy_bandit_of(const struct bandit_rule *rule, const struct bandit_tally *tally,
                                      const char *version);

/* Whether an action is one of its arms. */
bool bandit_rule_has(const struct bandit_rule *rule, struct text action);

#endif
