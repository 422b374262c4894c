/* command_survival.c - how long until something happens, from a file. */
#include "cli/command.h"
#include "base/json_write.h"
#include "analyse/covariates.h"
#include "cli/json_out.h"
#include "cli/warnings.h"
#include "experiment/comparison.h"
#include "math/numerics.h"
#include "model/survival.h"
#include "table/frame.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MOST = 100, TIMES_MOST = 100, STRATA_MOST = 10000 };

struct survival_file {
    struct invocation   *invocation;
    struct arena        *arena;
    struct frame         frame;
    double              *time, *start;      /* [n] of rows that are whole */
    bool                *is_event;
    uint32_t            *group, *stratum;
    struct durations     durations;
    struct frame_levels  groups, strata;
    enum survival_weight weight;
    struct covariates    covariates;
    double              *x;
    size_t               n_dropped;
    double               times[TIMES_MOST], until, alpha;
    size_t               n_times;
    enum survival_interval interval;
    bool                 is_efron;
};

/* ---- reading ---- */

static bool read_events(struct survival_file *f, double **ret_event, struct err *err)
{
    const char *name = flag_text(f->invocation, "event", NULL), *yes = flag_text(f->invocation, "event-yes", NULL);
    size_t column;
    if (!yes) return frame_numbers(&f->frame, name, f->arena, ret_event, err);
    if (!frame_column(&f->frame, name, &column, f->arena, err)) return false;
    *ret_event = ARENA_ARRAY(f->arena, double, f->frame.n_rows + 1);
    size_t n = 0;
    for (size_t i = 0; i < f->frame.n_rows; i++) {
        bool is = text_equal_ignoring_case(f->frame.cells[i * f->frame.n_columns + column], text_of(yes));
        (*ret_event)[i] = is;
        n += is;
    }
    return n > 0 || err_set(err, ERR_INVALID, "no row of column %s says '%s'", f->frame.names[column], yes);
}

static bool is_whole(const struct survival_file *f, size_t row, const double *time, const double *start,
                     const double *event)
{
    bool is = !isnan(time[row]) && !isnan(event[row]) && (!start || !isnan(start[row])) &&
              (!f->strata.n || f->strata.of[row] != FRAME_MISSING);
    for (size_t c = 0; c < f->covariates.n; c++) is &= !isnan(f->covariates.values[c][row]);
    return is;
}

static bool keep_whole(struct survival_file *f, const double *time, const double *start, const double *event,
                       struct err *err)
{
    size_t n = 0, all = f->frame.n_rows, p = f->covariates.n;
    f->time = ARENA_ARRAY(f->arena, double, all + 1), f->start = ARENA_ARRAY(f->arena, double, all + 1);
    f->is_event = ARENA_ARRAY(f->arena, bool, all + 1), f->group = ARENA_ARRAY(f->arena, uint32_t, all + 1);
    f->stratum = ARENA_ARRAY(f->arena, uint32_t, all + 1);
    f->x = ARENA_ARRAY(f->arena, double, all * p + 1);
    for (size_t i = 0; i < all; i++) {
        if (!is_whole(f, i, time, start, event)) continue;
        if (!(time[i] > 0) || (start && !(start[i] < time[i])))
            return err_set(err, ERR_INVALID,
                           "%s: line %" PRIu64 ": a time of %g%s; leave such rows out with --where", f->frame.path,
                           f->frame.lines[i], time[i],
                           time[i] > 0 ? " does not come after its start" : " is not above 0");
        f->time[n] = time[i], f->start[n] = start ? start[i] : 0, f->is_event[n] = event[i] != 0;
        f->group[n] = f->groups.n ? f->groups.of[i] : 0, f->stratum[n] = f->strata.n ? f->strata.of[i] : 0;
        for (size_t c = 0; c < p; c++) f->x[n * p + c] = f->covariates.values[c][i];
        n++;
    }
    f->n_dropped = all - n;
    f->durations = (struct durations){ n, f->time, start ? f->start : NULL, f->is_event,
                                       f->strata.n ? f->stratum : NULL, f->strata.n };
    return n > 0 || err_set(err, ERR_REFUSED, "%s: no row has all that is asked for", f->frame.path);
}

static bool read_flags(struct survival_file *f, struct err *err)
{
    const char *ties = flag_text(f->invocation, "ties", "efron"),
               *interval = flag_text(f->invocation, "interval", "log");
    f->is_efron = strcmp(ties, "efron") == 0;
    f->interval = strcmp(interval, "log") == 0 ? SURVIVAL_LOG : SURVIVAL_LOG_LOG;
    if (!f->is_efron && strcmp(ties, "breslow") != 0)
        return err_set(err, ERR_INVALID, "--ties is efron or breslow; not %s", ties);
    if (f->interval != SURVIVAL_LOG && strcmp(interval, "log-log") != 0)
        return err_set(err, ERR_INVALID, "--interval is log or log-log; not %s", interval);
    for (const char *rest = flag_text(f->invocation, "at", ""); *rest;) {
        size_t length = strcspn(rest, ",");
        if (f->n_times == TIMES_MOST || !text_double((struct text){ rest, length }, '.', &f->times[f->n_times++]))
            return err_set(err, ERR_INVALID, "--at takes up to %d times, as 12,24", TIMES_MOST);
        rest += length + (rest[length] == ',');
    }
    return flag_double(f->invocation, "alpha", 1e-6, .5, .05, &f->alpha, err) &&
           flag_double(f->invocation, "until", 1e-300, 1e300, 0, &f->until, err);
}

static bool read_weights(struct survival_file *f, struct err *err)
{
    const char *name = flag_text(f->invocation, "weights", survival_weight_names[SURVIVAL_EVEN]);
    for (f->weight = 0; f->weight < SURVIVAL_WEIGHTS; f->weight++)
        if (strcmp(name, survival_weight_names[f->weight]) == 0) return true;
    return err_set(err, ERR_INVALID, "--weights is even, wilcoxon, tarone-ware or peto; not %s", name);
}

static bool read_file(struct survival_file *f, struct err *err)
{
    struct invocation *in = f->invocation;
    const char *time_name = flag_text(in, "time", NULL), *start_name = flag_text(in, "start", NULL),
               *group_name = flag_text(in, "group", NULL), *strata_name = flag_text(in, "strata", NULL),
               *where = flag_text(in, "where", NULL);
    double *time, *start = NULL, *event;
    size_t column;
    if (!time_name || !flag_text(in, "event", NULL))
        return err_set(err, ERR_INVALID,
                       "--time COL says how long each was watched, and --event COL whether it happened");
    if (!read_flags(f, err) || !read_weights(f, err) ||
        !frame_open(in->arguments[0], in->progress, f->arena, &f->frame, err) ||
        (where && !frame_where(&f->frame, where, err)) ||
        !frame_numbers(&f->frame, time_name, f->arena, &time, err) ||
        (start_name && !frame_numbers(&f->frame, start_name, f->arena, &start, err)) ||
        !read_events(f, &event, err))
        return false;
    if (group_name && (!frame_column(&f->frame, group_name, &column, f->arena, err) ||
                       !frame_levels(&f->frame, column, GROUPS_MOST, f->arena, &f->groups, err)))
        return false;
    if (strata_name && (!frame_column(&f->frame, strata_name, &column, f->arena, err) ||
                        !frame_levels(&f->frame, column, STRATA_MOST, f->arena, &f->strata, err)))
        return err_context(err, "--strata");
    return covariates_read(&f->frame, flag_text(in, "covariates", ""), f->arena, &f->covariates, err) &&
           keep_whole(f, time, start, event, err);
}

/* ---- saying ---- */

static json_t *point_json(const struct survival_point *point)
{
    return json_pack("{s:f, s:f, s:f, s:o, s:o, s:o}", "time", point->time, "n_risk", point->n_risk, "survival",
                     point->survival, "se", number_json(point->se), "low", number_json(point->low), "high",
                     number_json(point->high));
}

static json_t *curve_json(const struct survival_file *f, const struct survival_curve *curve, const uint32_t *rows,
                          const char *name, double until)
{
    double se, mean = survival_mean(curve, until, &se);
    json_t *at = json_array();
    for (size_t i = 0; i < (f->n_times ? f->n_times : curve->n_points); i++) {
        struct survival_point point = f->n_times ? survival_at(curve, &f->durations, rows, curve->n, f->times[i])
                                                 : curve->points[i];
        json_array_append_new(at, point_json(&point));
    }
    return json_pack("{s:s?, s:I, s:I, s:o, s:{s:o, s:o, s:o}, s:{s:f, s:f, s:f}}", "group", name, "n",
                     (json_int_t)curve->n, "events", (json_int_t)curve->n_events, "at", at, "median", "value",
                     number_json(curve->median), "low", number_json(curve->median_low), "high",
                     number_json(curve->median_high), "rmean", "value", mean, "se", se, "to", until);
}

static json_t *curves_json(const struct survival_file *f)
{
    size_t n_groups = f->groups.n ? f->groups.n : 1, n = f->durations.n;
    struct survival_curve curves[GROUPS_MOST];
    uint32_t *rows[GROUPS_MOST];
    double until = f->until;
    json_t *all = json_array();
    for (size_t g = 0; g < n_groups; g++) {
        size_t count = 0;
        rows[g] = ARENA_ARRAY(f->arena, uint32_t, n + 1);
        for (size_t i = 0; i < n; i++)
            if (f->group[i] == g) rows[g][count++] = (uint32_t)i;
        survival_curve(&f->durations, rows[g], count, f->interval, f->alpha, f->arena, &curves[g]);
        if (f->until == 0 && curves[g].last_time > until) until = curves[g].last_time;
    }
    for (size_t g = 0; g < n_groups; g++)
        if (curves[g].n > 0)
            json_array_append_new(
                all, curve_json(f, &curves[g], rows[g], f->groups.n ? f->groups.names[g] : NULL, until));
    return all;
}

static json_t *log_rank_json(const struct survival_file *f)
{
    double observed[GROUPS_MOST], expected[GROUPS_MOST];
    if (f->groups.n < 2) return json_null();
    json_t *groups = json_array();
    double chi2 = survival_log_rank(&f->durations, f->group, f->groups.n, f->weight, observed, expected, f->arena);
    for (size_t g = 0; g < f->groups.n; g++) {
        size_t n = 0;
        for (size_t i = 0; i < f->durations.n; i++) n += f->group[i] == g;
        json_array_append_new(groups, json_pack("{s:s, s:I, s:f, s:f}", "group", f->groups.names[g], "n",
                                                (json_int_t)n, "observed", observed[g], "expected", expected[g]));
    }
    return json_pack("{s:o, s:I, s:o, s:o}", "chi2", number_json(chi2), "df", (json_int_t)(f->groups.n - 1), "p",
                     number_json(chi_squared_tail(chi2, (double)f->groups.n - 1)), "groups", groups);
}

static json_t *coefficients_json(const struct survival_file *f, const struct survival_fit *fit, bool is_weibull)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < fit->n_coefficients; i++) {
        const char *name = !is_weibull ? f->covariates.names[i] : i == 0 ? "(Intercept)"
                           : i + 1 == fit->n_coefficients     ? "Log(scale)" : f->covariates.names[i - 1];
        double z = fit->coefficient[i] / fit->se[i];
        json_array_append_new(rows, json_pack("{s:s, s:f, s:o, s:o, s:o}", "name", name, "coef",
                                              fit->coefficient[i], "se", number_json(fit->se[i]), "z",
                                              number_json(z), "p", number_json(two_sided_p(z, INFINITY))));
    }
    return rows;
}

static bool add_regressions(const struct survival_file *f, json_t *json, struct err *err)
{
    struct survival_fit fit;
    const struct durations *d = &f->durations;
    if (f->covariates.n == 0) {
        json_object_set_new(json, "cox", json_null());
    } else {
        if (!survival_cox(d, f->x, f->covariates.n, f->covariates.names, f->is_efron, f->arena, &fit, err))
            return false;
        double gain = 2 * (fit.log_likelihood - fit.null_log_likelihood);
        const struct concordance *c = &fit.concordance;
        json_object_set_new(json, "cox",
                            json_pack("{s:o, s:f, s:f, s:f, s:f, s:o, s:o, s:o, s:o, s:{s:f, s:f, s:f, s:f, s:f}}",
                                      "coefficients", coefficients_json(f, &fit, false), "log_likelihood",
                                      fit.log_likelihood, "null_log_likelihood", fit.null_log_likelihood, "lr",
                                      gain, "p", chi_squared_tail(gain, (double)f->covariates.n), "wald",
                                      number_json(fit.wald_chi2), "score", number_json(fit.score_chi2),
                                      "concordance", number_json(c->value), "concordance_se", number_json(c->se),
                                      "pairs", "concordant", c->n_right, "discordant", c->n_wrong, "tied_score",
                                      c->n_tied_score, "tied_time", c->n_tied_time, "tied_both", c->n_tied_both));
    }
    if (d->start || !survival_weibull(d, f->x, f->covariates.n, f->covariates.names, f->arena, &fit, err)) {
        json_object_set_new(json, "weibull", json_null());
        return true;        /* times that no Weibull fits have a curve all the same */
    }
    json_object_set_new(json, "weibull", json_pack("{s:o, s:f, s:o, s:f, s:f}", "coefficients",
                                                   coefficients_json(f, &fit, true), "scale", fit.scale, "mean",
                                                   number_json(fit.mean),
                                                   "log_likelihood", fit.log_likelihood, "null_log_likelihood",
                                                   fit.null_log_likelihood));
    return true;
}

static double at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* A quantile at which a curve that stays above it never arrives. */
static const char *reached(const json_t *median, const char *key, char text[24])
{
    double value = at(median, key);
    snprintf(text, 24, "%.4g", value);
    return isnan(value) ? "unreached" : text;
}

static void print_coefficients(const char *title, const json_t *fit)
{
    size_t i;
    const json_t *row;
    if (!json_is_object(fit)) return;
    printf("\n%-32s %12s %10s %8s %9s\n", title, "coefficient", "error", "z", "p");
    json_array_foreach(json_object_get(fit, "coefficients"), i, row)
        printf("%-32.32s %12.6g %10.4g %8.2f %9.2g\n", json_string_value(json_object_get(row, "name")),
               at(row, "coef"), at(row, "se"), at(row, "z"), at(row, "p"));
}

static void print_survival(const json_t *json)
{
    size_t i;
    const json_t *row, *log_rank = json_object_get(json, "logrank");
    printf("%-20s %8s %8s %10s %22s %12s\n", "group", "n", "events", "median", "interval", "mean so far");
    json_array_foreach(json_object_get(json, "curves"), i, row) {
        const json_t *median = json_object_get(row, "median"), *group = json_object_get(row, "group");
        char value[24], low[24], high[24];
        printf("%-20.20s %8.0f %8.0f %10s %10s -%10s %12.4g\n",
               json_is_string(group) ? json_string_value(group) : "all", at(row, "n"), at(row, "events"),
               reached(median, "value", value), reached(median, "low", low), reached(median, "high", high),
               at(json_object_get(row, "rmean"), "value"));
    }
    json_array_foreach(json_object_get(json, "curves"), i, row)
        if (json_is_null(json_object_get(json_object_get(row, "median"), "value"))) {
            printf("\nunreached: more than half are without the event at the end, so that no median can be "
                   "said yet.\n");
            break;
        }
    if (json_is_object(log_rank))
        printf("\nThe curves %s: chi squared %.4g with %.0f degrees of freedom, p %.2g.\n",
               at(log_rank, "p") < .05 ? "differ" : "are not shown to differ", at(log_rank, "chi2"),
               at(log_rank, "df"), at(log_rank, "p"));
    print_coefficients("hazard (Cox)", json_object_get(json, "cox"));
    print_coefficients("log time (Weibull)", json_object_get(json, "weibull"));
    if (at(json, "dropped") > 0) printf("\n%.0f rows lack something and are left out.\n", at(json, "dropped"));
}

/* What was typed and is only of a part that was not asked for. */
static json_t *survival_warnings(const struct invocation *invocation)
{
    static const char *const test[] = { "weights", NULL }, *const cox[] = { "ties", NULL },
                      *const either[] = { "strata", NULL };
    bool has_groups = flag_is_given(invocation, "group"), has_covariates = flag_is_given(invocation, "covariates");
    json_t *warnings = json_array();
    if (!has_groups) warn_of_flags(invocation, test, "without --group", warnings);
    if (!has_covariates) warn_of_flags(invocation, cox, "without --covariates", warnings);
    if (!has_groups && !has_covariates)
        warn_of_flags(invocation, either, "on a curve, without --group or --covariates", warnings);
    return warnings;
}

static bool run_survival(struct invocation *invocation, struct err *err)
{
    struct survival_file f = { .invocation = invocation, .arena = invocation->arena };
    if (!read_file(&f, err)) return false;
    json_t *json = json_pack("{s:o, s:o, s:I}", "curves", curves_json(&f), "logrank", log_rank_json(&f), "dropped",
                             (json_int_t)f.n_dropped);
    bool ok = add_regressions(&f, json, err) || err_context(err, "%s", f.frame.path);
    json_object_set_new(json, "warnings", survival_warnings(invocation));
    if (ok && !invocation->is_json) {
        print_survival(json);
        warnings_print(invocation, json_object_get(json, "warnings"));
    }
    if (ok && invocation->is_json) json_print_take(json);
    else json_decref(json);
    return ok;
}

static const struct flag flags[] = {
    { "time", "COL", "how long each was watched" },
    { "event", "COL", "whether it happened: not 0, or what --event-yes says" },
    { "event-yes", "VALUE", "the value of --event that means yes" },
    { "start", "COL", "watched only from then on" },
    { "group", "COL", "a curve for each of its values, and whether they differ" },
    { "strata", "COL", "compared only within each of its values, by the log-rank test and by Cox's regression" },
    { "weights", "NAME",
      "of events in the test: even, or early ones more: wilcoxon, tarone-ware or peto (else even)" },
    { "covariates", "LIST", "for Cox's and Weibull's regressions; texts become one yes or no for each value" },
    { "ties", "NAME", "efron or breslow (else efron)" },
    { "interval", "NAME", "of the curve: log or log-log (else log)" },
    { "at", "LIST", "the curve at these times (else where something happened)" },
    { "until", "TIME", "the mean time up to here (else the longest watched)" },
    { "where", "SQL", "only rows for which this holds" },
    { "alpha", "SHARE", "intervals leave out as much (else .05)" },
    { 0 },
};

const struct command command_survival = {
    .name = "survival",
    .arguments = "FILE",
    .summary = "how long until something happens: curves, medians, what shortens or lengthens it",
    .details =
        "Kaplan and Meier's curves with Greenwood's errors, the log-rank test, Cox's and Weibull's regressions.",
    .example = "holdfast survival lung.csv --time time --event status --group sex --covariates age,sex",
    .flags = flags,
    .run = run_survival,
};
