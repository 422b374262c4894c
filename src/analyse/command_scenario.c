/* command_scenario.c - what a plan brings when its inputs are not known. */
#include "cli/command.h"
#include "cli/json_out.h"
#include "experiment/scenario.h"

#include <math.h>
#include <stdio.h>

static double at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void print_summary(const char *name, const json_t *row)
{
    printf("%-20.20s %12.6g %12.6g %12.6g %12.6g %12.6g %9.1f %%\n", name, at(row, "mean"), at(row, "sd"),
           at(row, "p5"), at(row, "p50"), at(row, "p95"), 100 * at(row, "chance_below_zero"));
}

static void print_scenario(json_t *json)
{
    const char *name;
    json_t *row, *swing;
    size_t i;
    printf("%-20s %12s %12s %12s %12s %12s %11s\n", "output", "mean", "sd", "5 %", "median", "95 %", "below 0");
    json_object_foreach(json_object_get(json, "outputs"), name, row) print_summary(name, row);
    static const char *const flows[] = { "npv", "irr", "payback_periods" };
    for (i = 0; i < 3; i++)
        if (json_is_object(row = json_object_get(json, flows[i]))) print_summary(flows[i], row);
    json_object_foreach(json_object_get(json, "tornado"), name, row) {
        if (json_array_size(row) == 0) continue;
        printf("\nWhat moves %s, each input from its 10th to its 90th percentile, the others at their medians:\n",
               name);
        json_array_foreach(row, i, swing)
            printf("  %-20.20s %12.6g %12.6g\n", json_string_value(json_object_get(swing, "input")),
                   at(swing, "low"), at(swing, "high"));
    }
}

static bool run_command(struct invocation *invocation, struct err *err)
{
    struct scenario *scenario;
    int64_t draws;
    json_t *json;
    if (!flag_int(invocation, "draws", 1, SCENARIO_DRAWS_MOST, 100000, &draws, err) ||
        !scenario_read(invocation->arguments[0], invocation->arena, &scenario, err) ||
        !scenario_run(scenario, (size_t)draws, invocation->seed, invocation->n_threads, invocation->arena, &json,
                      err))
        return false;
    if (invocation->is_json) {
        json_print_take(json);
        return true;
    }
    print_scenario(json);
    json_decref(json);
    return true;
}

static const struct flag flags[] = {
    { "draws", "N", "how often the inputs are drawn (else 100000)" },
    { 0 },
};

const struct command command_scenario = {
    .name = "scenario",
    .arguments = "FILE",
    .summary = "what a plan brings when its inputs are not known: the spread, the chance of a loss, what moves it",
    .details =
        "FILE is YAML.  inputs: numbers, SQL expressions over other names, series of a file as of a day, or\n"
        "distributions: normal, lognormal, triangular, uniform, beta, gamma, exponential, poisson, binomial,\n"
        "beta_binomial.  outputs: SQL expressions.  cash_flows: {discount, periods}, the first of them now.",
    .example = "holdfast scenario examples/scenario.yaml --draws 100000 --seed 1",
    .flags = flags,
    .run = run_command,
};
