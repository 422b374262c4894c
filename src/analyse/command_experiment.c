/* command_experiment.c - whether an experiment made a difference, how large one has to be, and who is in which
 * arm. */
#include "base/json_write.h"
#include "base/similar.h"
#include "cli/argument.h"
#include "cli/command.h"
#include "analyse/experiment_file.h"
#include "analyse/experiment_log.h"
#include "cli/json_out.h"
#include "cli/database_history.h"
#include "cli/warnings.h"
#include "experiment/bucket.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- analyse ---- */

static double at(const json_t *row, const char *key, const char *inner)
{
    const json_t *value = json_object_get(row, key);
    if (inner) value = json_object_get(value, inner);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void print_result(const json_t *row)
{
    printf("%-18.18s %-14.14s %10.5g %10.5g %+11.5g %+11.5g %+11.5g %9.2g %9.2g\n",
           json_string_value(json_object_get(row, "metric")), json_string_value(json_object_get(row, "arm")),
           at(row, "control_mean", NULL), at(row, "mean", NULL), at(row, "absolute", "value"),
           at(row, "absolute", "low"), at(row, "absolute", "high"), at(row, "p", NULL),
           at(row, "p_adjusted", NULL));
}

static void print_adjusted(const json_t *result)
{
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(result, "adjusted"), i, row) {
        double saved = 1 - at(row, "variance_ratio", NULL);
        printf("%-33.33s %22s %+11.5g %+11.5g %+11.5g %9.2g  ", json_string_value(json_object_get(row, "kind")),
               "", at(row, "value", NULL), at(row, "low", NULL), at(row, "high", NULL), at(row, "p", NULL));
        if (saved > .01) printf("%.0f %% of the variance saved\n", 100 * saved);
        else printf("saves nothing\n");
    }
}

static void print_analysis(const json_t *json)
{
    size_t i;
    const json_t *row, *health = json_object_get(json, "health"), *verdict = json_object_get(json, "verdict");
    json_array_foreach(json_object_get(health, "warnings"), i, row)
        printf("Warning: %s.\n", json_string_value(row));
    printf("%s\n%s\n\n", json_string_value(json_object_get(verdict, "sentence")),
           json_string_value(json_object_get(verdict, "would_change")));
    printf("%-18s %-14s %10s %10s %11s %11s %11s %9s %9s\n", "metric", "arm",
           json_string_value(json_object_get(json, "control")), "arm", "difference", "low", "high", "p",
           "corrected");
    json_array_foreach(json_object_get(json, "results"), i, row) {
        print_result(row);
        print_adjusted(row);
    }
}

/* What was typed and is only of the other kind of analysis. */
static void add_warnings(const struct invocation *invocation, bool is_file, const json_t *json)
{
    static const char *const of_files[] = { "arm",   "control",   "treated", "metrics", "unit", "split",
                                            "where", "covariate", "strata",  "winsor",  NULL },
                      *const of_names[] = { "as-of", NULL };
    json_t *warnings = json_object_get(json_object_get(json, "health"), "warnings");
    if (is_file) warn_of_flags(invocation, of_names, "on a file: all its rows are taken", warnings);
    else warn_of_flags(invocation, of_files, "on an experiment, whose definition says it", warnings);
}

static bool run_analyse(struct invocation *invocation, struct err *err)
{
    json_t *json;
    const char *what = invocation->arguments[1];
    bool is_file = argument_is_file(what);
    if (!(is_file ? experiment_file_analyse(invocation, what, &json, err)
                  : experiment_log_analyse(invocation, what, &json, err)))
        return false;
    add_warnings(invocation, is_file, json);
    if (invocation->is_json) {
        json_print_take(json);
        return true;
    }
    print_analysis(json);
    json_decref(json);
    return true;
}

/* ---- bucket ---- */

static bool run_bucket(struct invocation *invocation, struct err *err)
{
    double bucket = bucket_of(text_of(invocation->arguments[1]), text_of(invocation->arguments[2]));
    (void)err;
    if (invocation->is_json) json_print_take(json_pack("{s:f}", "bucket", bucket));
    else printf("%.4f\n", bucket);
    return true;
}

/* ---- power ---- */

struct plan {
    double baseline, effect, sd, power, alpha, daily, people, hazard_ratio;
    int64_t n_arms;
    double looks[ANALYSIS_LOOKS_MOST];
    size_t n_looks;
};

/* The baseline is then the share of the control to whom it will have happened; that of the treated follows. */
static bool check_hazard(const struct invocation *invocation, struct plan *plan, struct err *err)
{
    if (plan->hazard_ratio == 1) return err_set(err, ERR_INVALID, "--hazard-ratio 1 is no difference");
    if (plan->baseline <= 0 || plan->baseline >= 1)
        return err_set(err, ERR_INVALID,
                       "with --hazard-ratio the baseline is the share of the control to whom it will have "
                       "happened by the end, between 0 and 1; not %g",
                       plan->baseline);
    if (plan->n_looks > 0 || flag_is_given(invocation, "sd") || flag_is_given(invocation, "effect"))
        return err_set(err, ERR_INVALID, "--hazard-ratio goes without --effect, --sd and --looks");
    plan->effect = 1 - pow(1 - plan->baseline, plan->hazard_ratio) - plan->baseline;
    return true;
}

static bool read_plan(struct invocation *invocation, struct plan *plan, struct err *err)
{
    const char *looks = flag_text(invocation, "looks", NULL);
    bool is_hazard = flag_is_given(invocation, "hazard-ratio");
    if (!flag_text(invocation, "baseline", NULL) || (!is_hazard && !flag_text(invocation, "effect", NULL)))
        return err_set(err, ERR_INVALID,
                       "power needs --baseline, what is usual, and --effect, the difference that it "
                       "should find: --baseline .19 --effect .01");
    if (!flag_double(invocation, "baseline", -1e15, 1e15, 0, &plan->baseline, err) ||
        !flag_double(invocation, "effect", -1e15, 1e15, 0, &plan->effect, err) ||
        !flag_double(invocation, "hazard-ratio", 1e-3, 1e3, NAN, &plan->hazard_ratio, err) ||
        !flag_double(invocation, "people", 2, 1e12, NAN, &plan->people, err) ||
        !flag_double(invocation, "sd", 1e-300, 1e15, NAN, &plan->sd, err) ||
        !flag_double(invocation, "power", .05, .9999, .8, &plan->power, err) ||
        !flag_double(invocation, "alpha", 1e-6, .5, .05, &plan->alpha, err) ||
        !flag_double(invocation, "daily", 1, 1e12, NAN, &plan->daily, err) ||
        !flag_int(invocation, "arms", 2, ANALYSIS_ARMS_MOST, 2, &plan->n_arms, err) ||
        !experiment_looks(looks, plan->looks, &plan->n_looks, err))
        return false;
    if (is_hazard) return check_hazard(invocation, plan, err);
    if (plan->effect == 0) return err_set(err, ERR_INVALID, "--effect 0 is found by no number of people");
    double after = plan->baseline + plan->effect;
    if (isnan(plan->sd) && (plan->baseline <= 0 || plan->baseline >= 1 || after <= 0 || after >= 1))
        return err_set(err, ERR_INVALID,
                       "without --sd the baseline is a share of people, and %g and %g are not both "
                       "between 0 and 1",
                       plan->baseline, after);
    return true;
}

/* What the people there are would find, or how many are needed. */
struct needed { double per_arm, chance, mde; };

static struct needed need(const struct plan *plan, double alpha, double *bounds)
{
    double after = plan->baseline + plan->effect;
    bool is_share = isnan(plan->sd), is_given = !isnan(plan->people);
    double a = is_share ? plan->baseline * (1 - plan->baseline) : plan->sd * plan->sd,
           b = is_share ? after * (1 - after) : a;
    struct needed n = { plan->people, plan->power, NAN };
    if (!isnan(plan->hazard_ratio)) {
        if (!is_given)
            n.per_arm = people_needed_hazard(plan->hazard_ratio, plan->baseline, after, alpha, plan->power);
        else
            n.chance =
                chance_to_find_hazard(plan->hazard_ratio, n.per_arm, n.per_arm, plan->baseline, after, alpha);
        return n;
    }
    if (!is_given)
        n.per_arm = people_needed(plan->effect, a, b, alpha, plan->looks, plan->n_looks, plan->power);
    double se = sqrt((a + b) / n.per_arm);
    n.mde = detectable(se, alpha, plan->power);
    if (plan->n_looks > 0) group_sequential_bounds(plan->looks, plan->n_looks, alpha, bounds);
    if (is_given)
        n.chance = plan->n_looks > 0
                       ? group_sequential_power(plan->looks, bounds, plan->n_looks, fabs(plan->effect) / se)
                       : chance_to_find(plan->effect, se, alpha);
    return n;
}

static const char *wished(const struct invocation *invocation, const struct plan *plan)
{
    return isnan(plan->hazard_ratio)
               ? arena_format(invocation->arena, "a difference of %g", plan->effect)
               : arena_format(invocation->arena,
                              "events that come %g times as often, to %.3g instead of %.3g of them",
                              plan->hazard_ratio, plan->baseline + plan->effect, plan->baseline);
}

static bool run_power(struct invocation *invocation, struct err *err)
{
    struct plan plan;
    double bounds[ANALYSIS_LOOKS_MOST];
    if (!read_plan(invocation, &plan, err)) return false;
    double alpha = plan.alpha / (double)(plan.n_arms - 1);
    struct needed needed = need(&plan, alpha, bounds);
    double per_arm = needed.per_arm, total = per_arm * (double)plan.n_arms;
    if (!invocation->is_json) {
        printf("%.0f people in each of %lld arms, %.0f in all, find %s with a chance of %.3g %%.\n", per_arm,
               (long long)plan.n_arms, total, wished(invocation, &plan), 100 * needed.chance);
        if (!isnan(plan.people) && !isnan(needed.mde))
            printf("With a chance of %g %% they find a difference of %.4g.\n", 100 * plan.power, needed.mde);
        if (!isnan(plan.daily))
            printf("At %g people a day that takes %.0f days.\n", plan.daily, ceil(total / plan.daily));
        for (size_t i = 0; i < plan.n_looks; i++)
            printf("Look at %3.0f %%: stop when |z| is above %.4f.\n", 100 * plan.looks[i], bounds[i]);
        return true;
    }
    json_t *json_bounds = json_array();
    for (size_t i = 0; i < plan.n_looks; i++) json_array_append_new(json_bounds, json_real(bounds[i]));
    json_write_take(
        invocation->out,
        json_pack("{s:I, s:I, s:o, s:f, s:o, s:o}", "per_arm", (json_int_t)per_arm, "total", (json_int_t)total,
                  "days", isnan(plan.daily) ? json_null() : json_integer((json_int_t)ceil(total / plan.daily)),
                  "power", needed.chance, "mde", number_json(needed.mde), "bounds", json_bounds));
    return true;
}

/* ---- the command ---- */

static const struct action {
    const char *name, *usage;
    size_t      n_words;
    bool      (*run)(struct invocation *invocation, struct err *err);
} actions[] = {
    { "analyse", "analyse FILE|NAME", 1, run_analyse },
    { "start", "start FILE.yaml", 1, experiment_log_start },
    { "list", "list", 0, experiment_log_list },
    { "ramp", "ramp NAME .5", 2, experiment_log_ramp },
    { "stop", "stop NAME", 1, experiment_log_stop },
    { "assign", "assign NAME UNIT", 2, experiment_log_assign },
    { "program", "program", 0, experiment_log_program },
    { "bucket", "bucket SEED UNIT", 2, run_bucket },
    { "power", "power --baseline .19 --effect .01", 0, run_power },
};
enum { ACTIONS = sizeof actions / sizeof *actions };

static bool run_experiment(struct invocation *invocation, struct err *err)
{
    const char *word = invocation->arguments[0], *names[ACTIONS];
    for (size_t i = 0; i < ACTIONS; i++) {
        names[i] = actions[i].name;
        if (strcmp(word, actions[i].name) != 0) continue;
        return invocation->n_arguments == actions[i].n_words + 1 ? actions[i].run(invocation, err)
               : err_set(err, ERR_INVALID, "usage: holdfast experiment %s", actions[i].usage);
    }
    return err_set(err, ERR_INVALID,
                   "there is no action '%s'%s: analyse, start, list, ramp, stop, assign, program, bucket or power", word,
                   similar_names(word, names, ACTIONS, invocation->arena));
}

/* What changes the database, or wants a server's live states, is done by a server that holds it. */
static bool is_writing(const struct invocation *invocation)
{
    static const char *const words[] = { "start", "ramp", "stop", "assign" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (invocation->n_arguments > 0 && strcmp(invocation->arguments[0], words[i]) == 0) return true;
    return false;
}

static const struct flag flags[] = {
    { "arm", "COL", "analyse: the column that says who was in which arm" },
    { "control", "ARM", "analyse: the arm that was left alone" },
    { "treated", "ARM", "analyse: only this arm against the control" },
    { "metrics", "LIST", "analyse: columns or SQL expressions; a/b a ratio of sums, p90(x) a quantile" },
    { "unit", "COL", "analyse: the column that names a person, where one has several rows" },
    { "split", "LIST", "analyse: the shares planned, a=.5,b=.5 (else alike)" },
    { "where", "SQL", "analyse: only rows for which this holds" },
    { "covariate", "COL", "analyse: what was known before the experiment, to take out of the noise (CUPED)" },
    { "strata", "COLS", "analyse: columns of groups in which arms are compared" },
    { "winsor", "SHARE", "analyse: cut means above this quantile, .999" },
    { "correction", "NAME", "analyse: holm, bh or none (else holm)" },
    { "sequential-n", "N",
      "analyse: it is looked at while it runs; people when the interval is narrowest (5000)" },
    { "looks", "LIST", "the shares of people at which it is looked at, .25,.5,1: up to now, or as planned" },
    { "alpha", "SHARE", "chance of a false alarm (else .05)" },
    { "baseline", "NUMBER", "power: the usual mean, or share of people" },
    { "effect", "NUMBER",
      "power: the difference it should find, in the same units; program: the profit of a customer" },
    { "sd", "NUMBER", "power: the standard deviation among people, for a mean" },
    { "power", "SHARE", "power: the chance to find it (else .8)" },
    { "people", "N", "power: in each arm: what so many would find, instead of how many are needed" },
    { "hazard-ratio", "RATIO",
      "power: instead of --effect: how many times as often it happens at any moment to those treated; the "
      "baseline is the share of the control to whom it happens" },
    { "arms", "N", "power: arms with the control (else 2)" },
    { "daily", "N", "power: people a day, for how long it takes" },
    { "since", "DATE", "program: from this day on (else since the first decision, experiment or message)" },
    HISTORY_FLAGS,
    { 0 },
};

const struct command command_experiment = {
    .name = "experiment",
    .arguments = "ACTION [WORD] [WORD]",
    .summary = "whether an experiment made a difference, with intervals, and how large it has to be",
    .details = "ACTION: analyse FILE|NAME; start FILE.yaml; list; ramp NAME SHARE; stop NAME; assign NAME UNIT; program; bucket "
               "SEED UNIT; power.\n"
               "Health comes first: arms of the wrong sizes withhold the verdict.  Means are compared by Welch's "
               "interval,\n"
               "ratios of means by Fieller's.  program is everybody against the global control group.",
    .example = "holdfast experiment analyse games.csv --arm version --control gate_30 --metrics retention_7",
    .flags = flags,
    .run = run_experiment,
    .is_writing = is_writing,
};
