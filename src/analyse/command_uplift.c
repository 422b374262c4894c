/* command_uplift.c - whom a treatment changes, from a file of people treated and left alone. */
#include "cli/argument.h"
#include "cli/command.h"
#include "cli/json_out.h"
#include "analyse/uplift_experiment.h"
#include "analyse/uplift_file.h"

#include <math.h>
#include <stdio.h>

static double at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* What sets the persuadable and the sleeping dogs apart. */
static void print_reasons(const json_t *reasons)
{
    static const char *const groups[] = { "persuadable", "sleeping_dog" };
    size_t i;
    const json_t *row;
    for (size_t g = 0; g < 2; g++)
        json_array_foreach(json_object_get(reasons, groups[g]), i, row)
            printf("%s: %s is %.4g on average (others %.4g): %+.3g of their effect\n", groups[g],
                   text_at(row, "column"), at(row, "mean"), at(row, "others"), at(row, "effect"));
}

static void print_study(const json_t *json)
{
    size_t i;
    const json_t *row, *ate = json_object_get(json, "ate"), *groups = json_object_get(json, "groups"),
                 *verdict = json_object_get(json, "verdict");
    printf("%s: %s\n\n", text_at(verdict, "word"), text_at(verdict, "sentence"));
    printf("%s: %.0f of %.0f people treated (%s)", text_at(json, "treated"), at(json, "n_treated"), at(json, "n"),
           text_at(json, "design"));
    if (isnan(at(ate, "value"))) {      /* too few to reckon anything */
        printf("\n");
        return;
    }
    printf("; average effect %.5g (%.5g to %.5g)\n", at(ate, "value"), at(ate, "low"), at(ate, "high"));
    json_array_foreach(json_object_get(json, "dropped"), i, row)
        printf("left out: %s %s.\n", text_at(row, "column"), text_at(row, "why"));
    if (json_array_size(json_object_get(json, "learners")) > 0)
        printf("\n%-8s %10s %10s %10s %12s\n", "learner", "Qini", "low", "high", "mean effect");
    json_array_foreach(json_object_get(json, "learners"), i, row) {
        const json_t *qini = json_object_get(row, "qini_auc_score"), *chosen = json_object_get(row, "chosen");
        printf("%-8s %10.4f %10.4f %10.4f %12.5g  %s\n", text_at(row, "name"), at(qini, "value"), at(qini, "low"),
               at(qini, "high"), at(row, "ate"),
               json_is_true(chosen)   ? "chosen"
               : json_is_null(chosen) ? "no better than lot"
                                      : "");
    }
    if (json_array_size(json_object_get(json, "calibration")) > 0)
        printf("\n%-14s %10s %10s %10s %10s %8s\n", "by effect", "predicted", "observed", "low", "high", "people");
    json_array_foreach(json_object_get(json, "calibration"), i, row) {
        const json_t *observed = json_object_get(row, "observed");
        printf("fifth %-8zu %10.4g %10.4g %10.4g %10.4g %8.0f\n", i + 1, at(row, "predicted"),
               at(observed, "value"), at(observed, "low"), at(observed, "high"), at(row, "n"));
    }
    printf("\npersuadable %.0f, sure %.0f, lost %.0f, sleeping dogs %.0f\n", at(groups, "persuadable"),
           at(groups, "sure"), at(groups, "lost"), at(groups, "sleeping_dog"));
    print_reasons(json_object_get(json, "reasons"));
}

static bool run_uplift(struct invocation *invocation, struct err *err)
{
    json_t *json;
    size_t i;
    const json_t *row;
    const char *name = invocation->arguments[0];
    bool is_file = argument_is_file(name) || flag_is_given(invocation, "treatment") ||
                   flag_is_given(invocation, "outcome");
    if (is_file ? !uplift_file_study(invocation, name, &json, err)
                : !uplift_experiment(invocation, name, &json, err))
        return false;
    if (invocation->is_json) {
        json_print_take(json);
        return true;
    }
    if (!json_object_get(json, "treatments")) print_study(json);
    json_array_foreach(json_object_get(json, "treatments"), i, row) {
        if (i > 0) printf("\n");
        print_study(row);
    }
    json_decref(json);
    return true;
}

static const struct flag flags[] = {
    { "treatment", "COL", "who was treated, and how" },
    { "control", "VALUE", "the value of --treatment of those who were left alone" },
    { "treated", "VALUE", "only this treatment (else each)" },
    { "outcome", "COL", "what came of it: 0 and 1, or an amount; an SQL expression too" },
    { "value", "COL", "what an outcome is worth (else 1)" },
    { "cost", "AMOUNT", "of treating one person, in the unit of --value (else 0)" },
    { "test", "FILE2", "judge on these people instead of by parts of FILE" },
    { "learners", "LIST", "of s,t,x,r,dr,class (else all)" },
    { "propensity", "P", "the chance to be treated: a number, a column, or estimate where nobody drew lots" },
    { "score", "COL", "judge this score instead of learning one" },
    { "people", "FILE", "write each person's effect, group and reasons there, as CSV" },
    { "ignore", "LIST", "columns that are no features" },
    { "where", "SQL", "only rows for which this holds" },
    { "as-of", "DATE", "of an experiment: by what was known when this day began (else now)" },
    { 0 },
};

const struct command command_uplift = {
    .name = "uplift",
    .arguments = "FILE|EXPERIMENT",
    .summary = "whom a treatment changes: learners of effects, judged on people unseen, and what to do",
    .details =
        "Columns that the treatment moved, or that are never set without the outcome, are left out and named.\n"
        "The Qini and uplift scores are those of scikit-uplift; ties are one step.\n"
        "Of an experiment of the database: each arm against its control, by the primary metric, with the "
        "features\n"
        "that people had before they were exposed.",
    .example = "holdfast uplift hillstrom.csv --treatment segment --control \"No E-Mail\" --outcome visit",
    .flags = flags,
    .run = run_uplift,
};
