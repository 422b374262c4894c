/* policy_experiment.c - what an experiment's lot gives; see policy.h. */
#include "decide/policy.h"

#include <math.h>

static const struct policy_experiment *experiment_of(const struct policy *policy)
{
    return (const struct policy_experiment *)policy;
}

/* The arm's action; that of an arm which is none of them, or which is not open, is to do nothing. */
static size_t action_of(const struct policy_experiment *e, size_t arm, const struct policy_ask *ask)
{
    size_t i = 0;
    while (i + 1 < ask->n_actions && !text_equal(ask->actions[i], text_of(e->arms[arm]))) i++;
    return i;
}

static void weigh(const struct policy *policy, const struct policy_ask *ask, struct policy_weight *ret_weights)
{
    const struct policy_experiment *e = experiment_of(policy);
    for (size_t i = 0; i < ask->n_actions; i++)
        ret_weights[i] = (struct policy_weight){ 0, (double)NAN, (double)NAN, (double)NAN };
    for (size_t arm = 0; arm < e->n_arms; arm++) ret_weights[action_of(e, arm, ask)].probability += e->shares[arm];
}

static size_t pick(const struct policy *policy, const struct policy_ask *ask)
{
    const struct policy_experiment *e = experiment_of(policy);
    return action_of(e, e->arm, ask);
}

static const char *reason(const struct policy *policy, const struct policy_ask *ask, struct arena *arena)
{
    const struct policy_experiment *e = experiment_of(policy);
    (void)ask;
    return arena_format(arena, "experiment %s gave this customer the arm %s by lot", policy->version,
                        e->arms[e->arm]);
}

static const struct policy_ops experiment = {
    .word = "experiment", .weigh = weigh, .pick = pick, .reason = reason
};

struct policy_experiment policy_experiment_of(const char *name, const char *const *arms, const double *shares,
                                              size_t n_arms, size_t arm)
{
    return (struct policy_experiment){ { &experiment, name }, arms, shares, n_arms, arm };
}
