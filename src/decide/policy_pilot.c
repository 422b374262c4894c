/* policy_pilot.c - every open action is as likely as every other; see policy.h. */
#include "decide/policy.h"

#include <math.h>

static void weigh(const struct policy *policy, const struct policy_ask *ask, struct policy_weight *ret_weights)
{
    (void)policy;
    for (size_t i = 0; i < ask->n_actions; i++)
        ret_weights[i] =
            (struct policy_weight){ 1 / (double)ask->n_actions, (double)NAN, (double)NAN, (double)NAN };
}

static const char *reason(const struct policy *policy, const struct policy_ask *ask, struct arena *arena)
{
    (void)policy;
    return arena_format(
        arena,
        "no experiment has measured what these actions change, so customers are spread evenly over "
        "%zu choices, nothing among them: a randomised pilot",
        ask->n_actions);
}

static const struct policy_ops pilot = { .word = "pilot", .weigh = weigh, .reason = reason };

const struct policy policy_pilot = { .ops = &pilot, .version = "1" };
