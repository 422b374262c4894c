/* policy_plan.c - what a plan drew before; see policy.h. */
#include "decide/policy.h"

#include <math.h>

static const struct policy_plan *plan_of(const struct policy *policy) { return (const struct policy_plan *)policy; }

/* The place of an action that is open; the last, which is to do nothing, where it is not. */
static size_t place_of(const struct policy_ask *ask, struct text action)
{
    size_t i = 0;
    while (i + 1 < ask->n_actions && !text_equal(ask->actions[i], action)) i++;
    return i;
}

static void weigh(const struct policy *policy, const struct policy_ask *ask, struct policy_weight *ret_weights)
{
    const struct policy_plan *p = plan_of(policy);
    size_t nothing = ask->n_actions - 1;
    double sum = 0;
    for (size_t i = 0; i < ask->n_actions; i++)
        ret_weights[i] = (struct policy_weight){ 0, (double)NAN, (double)NAN, (double)NAN };
    for (size_t k = 0; k < p->n_planned; k++) {
        const struct planned_action *planned = &p->planned[k];
        size_t i = place_of(ask, planned->action);
        bool is_open = i < nothing || text_equal(planned->action, text_of(ACTION_NOTHING));
        double before = ret_weights[i].probability;
        if (is_open) ret_weights[i] = planned->weight;
        ret_weights[i].probability = before + planned->weight.probability;
    }
    for (size_t i = 0; i < ask->n_actions; i++) sum += ret_weights[i].probability;
    ret_weights[nothing].probability += fmax(1 - sum, 0);
}

static size_t pick(const struct policy *policy, const struct policy_ask *ask)
{
    const struct policy_plan *p = plan_of(policy);
    return p->action ? place_of(ask, text_of(p->action)) : ask->n_actions - 1;
}

static const char *reason(const struct policy *policy, const struct policy_ask *ask, struct arena *arena)
{
    const struct policy_plan *p = plan_of(policy);
    (void)ask;
    if (!p->action) return arena_format(arena, "the plan of %s left this customer alone", policy->version);
    return arena_format(arena, "the plan of %s: %s", policy->version, p->reason);
}

static const struct policy_ops plan = { .word = "plan", .weigh = weigh, .pick = pick, .reason = reason },
                               explore = { .word = "explore", .weigh = weigh, .pick = pick, .reason = reason };

struct policy_plan policy_plan_of(bool is_explored, const char *version)
{
    return (struct policy_plan){ .is = { is_explored ? &explore : &plan, version } };
}
