/* analysis.c - see analysis.h. */
#include "experiment/analysis.h"

#include "experiment/analysis_internal.h"
#include "math/draw.h"
#include "math/numerics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

json_t *estimate_json(struct estimate e, bool has_se)
{
    json_t *json = json_pack("{s:o}", "value", number_json(e.value));
    if (has_se) json_object_set_new(json, "se", number_json(e.se));
    json_object_set_new(json, "low", number_json(e.low));
    json_object_set_new(json, "high", number_json(e.high));
    return json;
}

static size_t column_of(const struct analysis_moments *moments, const double *values)
{
    size_t c = 0;
    while (c < moments->m && moments->columns[c] != values) c++;
    return c;
}

static void add_column(const struct analysis *analysis, struct analysis_moments *moments, const double *values)
{
    if (!values || column_of(moments, values) < moments->m) return;
    for (size_t i = 0; i < analysis->n_units; i++)
        if (!isfinite(values[i])) return;
    moments->columns[moments->m++] = values;
}

static const struct analysis_moments *gather_moments(const struct analysis *analysis, struct arena *arena)
{
    struct analysis_moments *moments = ARENA_NEW(arena, struct analysis_moments);
    moments->columns = ARENA_ARRAY(arena, const double *, 2 * analysis->n_metrics + 3);
    moments->arms = ARENA_ARRAY(arena, struct moments, analysis->n_arms + 1);
    for (size_t k = 0; k < analysis->n_metrics; k++) {
        if (analysis->metrics[k].kind == METRIC_QUANTILE) continue;
        add_column(analysis, moments, analysis->metrics[k].value);
        add_column(analysis, moments, analysis->metrics[k].per);
    }
    add_column(analysis, moments, analysis->covariate);
    add_column(analysis, moments, analysis->covariate_per);
    if (moments->m == 0) return NULL;
    moments_by_arm(moments->columns, moments->m, analysis->arm, analysis->n_units, analysis->n_arms,
                   analysis->n_threads ? analysis->n_threads : 1, arena, moments->arms);
    return moments;
}

static struct sums gathered_sums(const struct analysis_moments *moments, size_t arm, size_t y, size_t x)
{
    const struct moments *of = &moments->arms[arm];
    size_t m = moments->m, low = y < x ? y : x, high = y < x ? x : y;
    struct sums s = { .n = of->n, .mean_y = of->mean[y], .yy = of->products[y * m + y] };
    if (x < m) s.mean_x = of->mean[x], s.xx = of->products[x * m + x], s.xy = of->products[high * m + low];
    return s;
}

struct sums arm_sums(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                    const double *x)
{
    struct sums s = { 0 };
    const struct analysis_moments *moments = analysis->moments;
    size_t y_at = moments ? column_of(moments, metric->value) : 0,
           x_at = moments && x ? column_of(moments, x) : SIZE_MAX;
    if (moments && y_at < moments->m && (!x || x_at < moments->m)) return gathered_sums(moments, arm, y_at, x_at);
    for (size_t i = 0; i < analysis->n_units; i++) {
        double y = metric->value[i], other = x ? x[i] : 0;
        if (analysis->arm[i] != arm || isnan(y) || isnan(other)) continue;
        double dy = y - s.mean_y, dx = other - s.mean_x;
        s.n++;
        s.mean_y += dy / s.n, s.mean_x += dx / s.n;
        s.yy += dy * (y - s.mean_y), s.xx += dx * (other - s.mean_x), s.xy += dx * (y - s.mean_y);
    }
    return s;
}

/* A ratio of sums behaves like the mean of what its linear part is (the delta method). */
struct arm_sample sample_of(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm)
{
    struct sums s = arm_sums(analysis, metric, arm, metric->per);
    if (metric->kind == METRIC_PROPORTION)
        return (struct arm_sample){ s.n, s.mean_y, s.mean_y * (1 - s.mean_y), false };
    if (metric->kind != METRIC_RATIO) return (struct arm_sample){ s.n, s.mean_y, s.yy / (s.n - 1), false };
    double ratio = s.mean_y / s.mean_x;
    double linear = s.yy - 2 * ratio * s.xy + ratio * ratio * s.xx;
    return (struct arm_sample){ s.n, ratio, linear / (s.n - 1) / (s.mean_x * s.mean_x), true };
}

/* ---- quantiles, by a bootstrap ---- */

enum { REPLICATES = 1000 };

static double *values_of_arm(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                             struct arena *arena, size_t *ret_n)
{
    double *values = ARENA_ARRAY(arena, double, analysis->n_units + 1);
    *ret_n = 0;
    for (size_t i = 0; i < analysis->n_units; i++)
        if (analysis->arm[i] == arm && !isnan(metric->value[i])) values[(*ret_n)++] = metric->value[i];
    sort_doubles(values, *ret_n);
    return values;
}

/* The quantile of n draws with replacement from ascending values: only two of their order statistics are needed,
 * and the rank of each is that of a uniform's, a beta's. */
static double drawn_quantile(const double *values, size_t n, double p, struct rng *rng)
{
    double at = p * (double)(n - 1), below = floor(at);
    double first = draw_beta(rng, below + 1, (double)n - below),
           rest = draw_beta(rng, 1, fmax(1, (double)n - below - 1));
    double second = first + (1 - first) * rest;
    size_t i = (size_t)fmin(first * (double)n, (double)n - 1), k = (size_t)fmin(second * (double)n, (double)n - 1);
    return values[i] + (at - below) * (values[k] - values[i]);
}

static struct compared compare_quantiles(const struct analysis *analysis, const struct analysis_metric *metric,
                                         size_t arm, struct arena *arena)
{
    struct compared c = { 0 };
    size_t n[2];
    const double *values[2] = { values_of_arm(analysis, metric, analysis->control, arena, &n[0]),
                                values_of_arm(analysis, metric, arm, arena, &n[1]) };
    double *differences = ARENA_ARRAY(arena, double, REPLICATES), *ratios = ARENA_ARRAY(arena, double, REPLICATES),
           mean = 0, squares = 0, of_arm[2][2] = { 0 };
    c.control = (struct arm_sample){ (double)n[0], quantile_sorted(values[0], n[0], metric->quantile), NAN, true };
    c.treated = (struct arm_sample){ (double)n[1], quantile_sorted(values[1], n[1], metric->quantile), NAN, true };
    for (size_t b = 0; b < REPLICATES; b++) {
        struct rng rng = rng_stream(analysis->seed, b);
        double was = drawn_quantile(values[0], n[0], metric->quantile, &rng),
               is = drawn_quantile(values[1], n[1], metric->quantile, &rng);
        differences[b] = is - was, ratios[b] = was == 0 ? 0 : is / was - 1;
        of_arm[0][0] += was / REPLICATES, of_arm[0][1] += was * was / REPLICATES;
        of_arm[1][0] += is / REPLICATES, of_arm[1][1] += is * is / REPLICATES;
        mean += differences[b] / REPLICATES, squares += differences[b] * differences[b] / REPLICATES;
    }
    sort_doubles(differences, REPLICATES);
    sort_doubles(ratios, REPLICATES);
    c.absolute = (struct estimate){ c.treated.mean - c.control.mean, sqrt(fmax(0, squares - mean * mean)),
                                    quantile_sorted(differences, REPLICATES, analysis->alpha / 2),
                                    quantile_sorted(differences, REPLICATES, 1 - analysis->alpha / 2) };
    c.relative = (struct estimate){ c.treated.mean / c.control.mean - 1, NAN,
                                    quantile_sorted(ratios, REPLICATES, analysis->alpha / 2),
                                    quantile_sorted(ratios, REPLICATES, 1 - analysis->alpha / 2) };
    struct arm_sample control = c.control, treated = c.treated;     /* with the bootstrap's variance of each */
    control.variance = control.n * fmax(0, of_arm[0][1] - of_arm[0][0] * of_arm[0][0]);
    treated.variance = treated.n * fmax(0, of_arm[1][1] - of_arm[1][0] * of_arm[1][0]);
    c.relative_delta = relative_delta(control, treated, analysis->alpha);
    c.p = c.absolute.se > 0 ? two_sided_p(c.absolute.value / c.absolute.se, INFINITY) : c.absolute.value == 0;
    return c;
}

/* ---- one metric of one arm ---- */

static struct compared compare(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                               struct arena *arena)
{
    if (metric->kind == METRIC_QUANTILE) return compare_quantiles(analysis, metric, arm, arena);
    struct compared c = { .control = sample_of(analysis, metric, analysis->control),
                          .treated = sample_of(analysis, metric, arm) };
    c.absolute = welch(c.control, c.treated, analysis->alpha, &c.p);
    struct arm_sample control = c.control, treated = c.treated;
    if (metric->kind == METRIC_PROPORTION) {        /* Fieller's is of a mean, with the sample's variance */
        control.variance *= control.n / (control.n - 1);
        treated.variance *= treated.n / (treated.n - 1);
    }
    c.relative = relative_fieller(control, treated, analysis->alpha);
    c.relative_delta = relative_delta(c.control, c.treated, analysis->alpha);
    return c;
}

static json_t *sequential_json(const struct analysis *analysis, const struct compared *c)
{
    double bounds[ANALYSIS_LOOKS_MOST];
    if (analysis->n_looks == 0) return json_null();
    group_sequential_bounds(analysis->looks, analysis->n_looks, analysis->alpha, bounds);
    double bound = bounds[analysis->n_looks - 1];
    return json_pack("{s:f, s:b}", "bound", bound, "crossed", fabs(c->absolute.value / c->absolute.se) > bound);
}

static json_t *result_json(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                           const struct compared *c, struct arena *arena)
{
    static const char *const kinds[] = { "proportion", "mean", "ratio", "quantile" };
    const struct estimate *rel = &c->relative_delta;
    json_t *json = json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "metric", metric->name, "kind",
                             kinds[metric->kind], "arm", analysis->arms[arm], "n", (json_int_t)c->treated.n,
                             "n_control", (json_int_t)c->control.n, "mean", number_json(c->treated.mean),
                             "control_mean", number_json(c->control.mean));
    json_object_set_new(json, "absolute", estimate_json(c->absolute, true));
    json_object_set_new(json, "relative", estimate_json(c->relative, false));
    json_object_set_new(json, "relative_delta", estimate_json(c->relative_delta, true));
    json_object_set_new(json, "p", number_json(c->p));
    json_object_set_new(json, "p_adjusted", number_json(c->p_adjusted));
    json_object_set_new(json, "always_valid",
                        json_pack("{s:o, s:o, s:o, s:o}", "low", number_json(c->always_low), "high",
                                  number_json(c->always_high), "p", number_json(c->always_p), "p_adjusted",
                                  number_json(c->always_p_adjusted)));
    json_object_set_new(json, "group_sequential", sequential_json(analysis, c));
    json_object_set_new(json, "bayes", json_pack("{s:o, s:o}", "chance_to_win",
                                                 number_json(chance_to_win(rel->value, rel->se)), "risk",
                                                 number_json(expected_loss(rel->value, rel->se))));
    json_object_set_new(json, "adjusted", adjusted_json(analysis, metric, arm, c));
    json_object_set_new(json, "segments", segments_json(analysis, metric, arm, arena));
    return json;
}

/* ---- cutting ---- */

/* One cap for all arms: the quantile of everybody's values. */
static double winsorise(const struct analysis *analysis, struct analysis_metric *metric, struct arena *arena)
{
    double *values = ARENA_ARRAY(arena, double, analysis->n_units + 1);
    size_t n = 0;
    for (size_t i = 0; i < analysis->n_units; i++)
        if (analysis->arm[i] != ANALYSIS_NO_ARM && !isnan(metric->value[i])) values[n++] = metric->value[i];
    if (n == 0) return NAN;
    sort_doubles(values, n);
    double cap = quantile_sorted(values, n, metric->winsor > 0 ? metric->winsor : analysis->winsor);
    for (size_t i = 0; i < analysis->n_units; i++)
        if (metric->value[i] > cap) metric->value[i] = cap;
    return cap;
}

/* ---- amounts that mislead ---- */

#define WHALE_SHARE .2
#define VALUE_MOST 1e100        /* whose square and sums are still numbers */

static bool check_amounts(const struct analysis *analysis, const struct analysis_metric *metric, json_t *warnings,
                          struct err *err)
{
    double sum = 0, most = 0, lowest = INFINITY, highest = -INFINITY;
    size_t n = 0, n_below = 0, of_arm[ANALYSIS_ARMS_MOST] = { 0 };
    for (size_t i = 0; i < analysis->n_units; i++) {
        double value = metric->value[i];
        if (analysis->arm[i] == ANALYSIS_NO_ARM || isnan(value)) continue;
        n++, of_arm[analysis->arm[i]]++, sum += fabs(value), n_below += value < 0;
        most = fmax(most, fabs(value)), lowest = fmin(lowest, value), highest = fmax(highest, value);
    }
    for (size_t a = 0; a < analysis->n_arms && metric == analysis->metrics; a++)
        if (of_arm[a] < 2)
            return err_set(err, ERR_REFUSED,
                           "%zu of arm %s have a value of %s, too few to say anything of it; where it has a "
                           "window, wait until it is over",
                           of_arm[a], analysis->arms[a], metric->name);
    if (most > VALUE_MOST)
        return err_set(err, ERR_REFUSED,
                       "a value of %s is %g, too large to reckon with: leave it out with --where", metric->name,
                       -lowest > highest ? lowest : highest);
    bool is_same = n > 0 && lowest >= highest && (!metric->per || most <= 0);
    if (is_same && metric == analysis->metrics)
        return err_set(err, ERR_REFUSED,
                       "%s is %g for everybody: is it the right column, and was the time long enough?",
                       metric->name, lowest);
    if (is_same) json_array_append_new(warnings, json_sprintf("%s is %g for everybody", metric->name, lowest));
    if (n_below > 0)
        json_array_append_new(
            warnings, json_sprintf("%zu values of %s are below 0: as returns they belong there; if they are "
                                   "mistakes, leave them out with --where",
                                   n_below, metric->name));
    bool is_cut = analysis->winsor > 0 || metric->winsor > 0;
    if (n >= 100 && most > WHALE_SHARE * sum && !is_cut && metric->kind == METRIC_MEAN)
        json_array_append_new(
            warnings, json_sprintf("one unit has %.0f %% of all %s: cut the highest with --winsor .999, for "
                                   "the difference is that unit's",
                                   100 * most / sum, metric->name));
    return true;
}

/* What was known before differs between arms drawn by lot by chance only, and not so much. */
#define NEVER_BY_CHANCE 1e-6

static bool check_before(const struct health *health, struct err *err)
{
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(health->json, "balance"), i, row) {
        const json_t *p = json_object_get(row, "p");
        if (!json_is_number(p) || json_number_value(p) >= NEVER_BY_CHANCE ||
            health->sample_ratio_p < NEVER_BY_CHANCE)
            continue;
        return err_set(err, ERR_REFUSED,
                       "%s is not alike in the arms (p %.1e), as nothing is that was known before: it was "
                       "measured after exposure, or the arms are not drawn by lot; leave it out, or see "
                       "holdfast effect",
                       json_string_value(json_object_get(row, "column")), json_number_value(p));
    }
    return true;
}

/* ---- the whole ---- */

static bool check_arms(const struct analysis *analysis, const double *counts, struct err *err)
{
    double all = 0;
    if (analysis->n_arms < 2)
        return err_set(err, ERR_INVALID, "there is one arm only, %s: an experiment compares two",
                       analysis->arms[0]);
    for (size_t a = 0; a < analysis->n_arms; a++) {
        if (counts[a] < 2)
            return err_set(err, ERR_REFUSED, "arm %s has %.0f unit%s, too few to say anything of it",
                           analysis->arms[a], counts[a], counts[a] == 1 ? "" : "s");
        if (analysis->shares && !(analysis->shares[a] > 0))
            return err_set(err, ERR_INVALID, "the planned share of arm %s is not above 0", analysis->arms[a]);
        all += analysis->shares ? analysis->shares[a] : 0;
    }
    if (analysis->shares && fabs(all - 1) > 1e-6)
        return err_set(err, ERR_INVALID, "the planned shares sum to %g, not to 1", all);
    return true;
}

/* Every kind of verdict is corrected over all arms and metrics. */
static void correct(const struct analysis *analysis, struct compared *all, size_t n, struct arena *arena)
{
    double *p = ARENA_ARRAY(arena, double, n + 1), *adjusted = ARENA_ARRAY(arena, double, n + 1);
    bool *crossed = ARENA_ARRAY(arena, bool, n + 1);
    for (size_t i = 0; i < n; i++) p[i] = all[i].p;
    p_adjust(p, n, analysis->correction, adjusted);
    for (size_t i = 0; i < n; i++) {
        struct compared *c = &all[i];
        double people = c->control.n + c->treated.n;
        c->p_adjusted = adjusted[i];
        always_valid(c->absolute.value, c->absolute.se, people, analysis->alpha, analysis->tuning, &c->always_low,
                     &c->always_high);
        p[i] = c->always_p =
            always_valid_p(c->absolute.value, c->absolute.se, people, analysis->alpha, analysis->tuning);
    }
    p_adjust(p, n, analysis->correction, adjusted);
    for (size_t i = 0; i < n; i++) {
        all[i].always_p_adjusted = adjusted[i];
        p[i] = all[i].absolute.value / all[i].absolute.se;
    }
    if (analysis->n_looks == 0) return;
    group_sequential_crossed(p, n, analysis->looks, analysis->n_looks, analysis->alpha, analysis->correction,
                             crossed);
    for (size_t i = 0; i < n; i++) all[i].is_crossed = crossed[i];
}

bool analysis_run(const struct analysis *given, struct arena *arena, json_t **ret_json, struct err *err)
{
    struct analysis own = *given;
    const struct analysis *analysis = &own;
    double counts[ANALYSIS_ARMS_MOST] = { 0 };
    size_t n = 0, n_results = (analysis->n_arms - 1) * analysis->n_metrics;
    for (size_t i = 0; i < analysis->n_units; i++)
        if (analysis->arm[i] != ANALYSIS_NO_ARM) counts[analysis->arm[i]]++;
    if (!check_arms(analysis, counts, err)) return false;
    struct health health = health_of(analysis, counts);
    json_t *warnings = json_object_get(health.json, "warnings");
    bool ok = check_before(&health, err);
    for (size_t m = 0; ok && m < analysis->n_metrics; m++)
        ok = check_amounts(analysis, &analysis->metrics[m], warnings, err);
    if (!ok) {
        json_decref(health.json);
        return false;
    }
    struct compared *all = ARENA_ARRAY(arena, struct compared, n_results + 1);
    json_t *caps = json_object(), *results = json_array(), *mde = json_object();
    for (size_t m = 0; m < analysis->n_metrics; m++) {
        struct analysis_metric *metric = &analysis->metrics[m];
        if ((analysis->winsor > 0 || metric->winsor > 0) && metric->kind == METRIC_MEAN)
            json_object_set_new(caps, metric->name, number_json(winsorise(analysis, metric, arena)));
    }
    own.moments = gather_moments(analysis, arena);
    for (size_t m = 0; m < analysis->n_metrics; m++)
        for (size_t a = 0; a < analysis->n_arms; a++)
            if (a != analysis->control) all[n++] = compare(analysis, &analysis->metrics[m], a, arena);
    correct(analysis, all, n, arena);
    n = 0;
    for (size_t m = 0; m < analysis->n_metrics; m++)
        for (size_t a = 0; a < analysis->n_arms; a++) {
            if (a == analysis->control) continue;
            struct compared *c = &all[n];
            c->arm = a, n++;
            json_array_append_new(results, result_json(analysis, &analysis->metrics[m], a, c, arena));
            if (n % (analysis->n_arms - 1) == 1 % (analysis->n_arms - 1))
                json_object_set_new(mde, analysis->metrics[m].name,
                                    number_json(detectable(c->absolute.se, analysis->alpha, .8)));
        }
    *ret_json = json_pack("{s:s, s:f, s:o, s:o, s:o, s:o}", "control", analysis->arms[analysis->control], "alpha",
                          analysis->alpha, "health", health.json, "results", results, "mde", mde, "verdict",
                          verdict_json(analysis, all, &health, arena));
    if (json_object_size(caps) > 0) json_object_set(*ret_json, "caps", caps);
    json_decref(caps);
    return true;
}
