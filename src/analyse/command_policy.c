/* command_policy.c - what another policy would have earned, and what to do next in a sequence, from logs. */
#include "cli/command.h"
#include "cli/json_out.h"
#include "analyse/policy_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void print_evaluation(const json_t *json)
{
    const char *name;
    json_t *row;
    const json_t *weights = json_object_get(json, "weights");
    printf("%s: %s\n\n", json_string_value(json_object_get(json, "verdict")),
           json_string_value(json_object_get(json, "sentence")));
    printf("%.0f rows, whose own policy earned %.6g; weights: mean %.4g, largest %.4g, effective rows %.1f\n\n",
           at(json, "n"), at(json, "logged"), at(weights, "mean"), at(weights, "max"), at(weights, "ess"));
    printf("%-12s %12s %12s %12s %12s\n", "estimator", "value", "error", "low", "high");
    json_object_foreach(json_object_get(json, "estimators"), name, row)
        if (json_is_object(row))
            printf("%-12s %12.6g %12.6g %12.6g %12.6g\n", name, at(row, "value"), at(row, "se"), at(row, "low"),
                   at(row, "high"));
}

static bool run_evaluate(struct invocation *invocation, struct err *err)
{
    json_t *json;
    if (!policy_file_evaluate(invocation, invocation->arguments[1], &json, err)) return false;
    if (invocation->is_json) { json_print_take(json); return true; }
    print_evaluation(json);
    json_decref(json);
    return true;
}

static void print_learned(const json_t *json)
{
    size_t i;
    const json_t *row, *evaluated = json_object_get(json, "evaluated");
    printf("%-24s %-24s %12s\n", "state", "best action", "value");
    json_array_foreach(json_object_get(json, "policy"), i, row) {
        const char *state = json_string_value(json_object_get(row, "state")),
                   *action = json_string_value(json_object_get(row, "action"));
        printf("%-24s %-24s %12.6g\n", state, action ? action : "-", at(json_object_get(json, "value"), state));
    }
    if (json_is_object(evaluated))
        printf("\non episodes it did not learn from it earns %.5g (%.5g to %.5g) where the log earned %.5g\n",
               at(evaluated, "value"), at(evaluated, "low"), at(evaluated, "high"), at(evaluated, "logged"));
}

static bool run_learn(struct invocation *invocation, struct err *err)
{
    json_t *json;
    if (!policy_file_learn(invocation, invocation->arguments[1], &json, err)) return false;
    if (invocation->is_json) { json_print_take(json); return true; }
    print_learned(json);
    json_decref(json);
    return true;
}

static bool run_policy(struct invocation *invocation, struct err *err)
{
    const char *word = invocation->arguments[0];
    if (invocation->n_arguments == 2 && strcmp(word, "evaluate") == 0) return run_evaluate(invocation, err);
    if (invocation->n_arguments == 2 && strcmp(word, "learn") == 0) return run_learn(invocation, err);
    return err_set(
        err, ERR_INVALID,
        "usage: holdfast policy evaluate FILE --action COL --reward COL --propensity COL "
        "--policy uniform|COL|FILE, or holdfast policy learn FILE --state COL --action COL --reward COL "
        "--next COL --done COL");
}

static const struct flag flags[] = {
    { "action", "COL", "what was done" },
    { "reward", "COL", "what came of it" },
    { "propensity", "COL", "the chance with which it was drawn" },
    { "policy", "P",
      "evaluate: uniform, a column (the policy's chance of the row's own action), or a file with action, "
      "probability and the columns on which it depends" },
    { "reward-model", "NAME", "evaluate: mean, the mean reward of each action (else mean)" },
    { "clip", "W", "clipped_ips: the largest weight (else 100)" },
    { "switch", "W", "switch_dr: above this weight the model is believed (else 10)" },
    { "state", "COL", "learn: where somebody was" },
    { "next", "COL", "learn: where they were then" },
    { "done", "COL", "learn: not 0 where nothing came after" },
    { "gamma", "SHARE", "learn: what a later reward is worth, a step (else .97)" },
    { "model", "NAME", "learn: table (else table)" },
    { "episode", "COL", "learn: whose sequence a row is of; with --propensity the policy is judged on others" },
    { "where", "SQL", "only rows for which this holds" },
    { 0 },
};

const struct command command_policy = {
    .name = "policy",
    .arguments = "ACTION FILE",
    .summary = "what another policy would have earned, by the log of this one, and what to do next in a sequence",
    .details =
        "evaluate: inverse propensities, clipped and self-normalised, the direct method, doubly robust, switch.\n"
        "learn: fitted Q iteration over a table of states and actions.",
    .example = "holdfast policy evaluate log.csv --action item_id --reward click --propensity propensity_score "
               "--policy uniform",
    .flags = flags,
    .run = run_policy,
};
