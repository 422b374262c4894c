/* bandit_rule.h - bandits as the settings declare them.
 *
 * bandits: [{name: subject, placement: winback_subject, arms: [short, long], policy: thompson,
 *            reward: {event: order, within: 3d, value: amount}, context: [order_count], alpha: 1,
 *            floor: .05, half_life: 30d, window: 1d,
 *            guardrails: [{event: unsubscribed, within: 3d, most: .02}], stop: {chance: .95, after: 1000}}] */
#ifndef DECIDE_BANDIT_RULE_H
#define DECIDE_BANDIT_RULE_H

#include "base/settings.h"
#include "decide/decision.h"

enum { BANDITS_MOST = 100, BANDIT_GUARDS_MOST = 8, BANDIT_CONTEXT_MOST = 30 };

/* What may follow a decision, and for how long it is looked for. */
struct bandit_signal { const char *event; int64_t within_days; };

/* An arm after which it follows for a larger share than most is drawn no more. */
struct bandit_guard { struct bandit_signal signal; double most; };

struct bandit_rule {
    const char          *name, *placement;
    const char          *arms[DECISION_MOST_CANDIDATES];
    size_t               n_arms;
    struct bandit_signal reward;
    bool                 is_amount;             /* what counts is what the events came to, not whether there was one */
    bool                 is_linucb;
    const char          *context[BANDIT_CONTEXT_MOST];  /* [n_context] features on which an arm's reward depends */
    size_t               n_context;
    double               alpha;                 /* linucb: how many standard deviations of hope */
    struct bandit_guard  guards[BANDIT_GUARDS_MOST];
    size_t               n_guards;
    double               stop_chance;           /* 0: never; an arm best with this chance is the only one then ... */
    int64_t              stop_after;            /* ... once so many were tried */
    int64_t              half_life_days;        /* 0: what was long ago counts as much */
    int64_t              window_days;           /* -1: not said */
    double               floor;
};

/* In the arena.  Errors: ERR_INVALID with file, line and column. */
bool bandit_rules_read(const struct settings *settings, struct arena *arena, struct bandit_rule **ret_rules,
                       size_t *ret_n, struct err *err) MUST_CHECK;

/* Whether an action is one of its arms. */
bool bandit_rule_has(const struct bandit_rule *rule, struct text action);

#endif
