/* analysis_adjust.c - effects with what was known before taken out, and effects within groups; see
 * analysis_internal.h.
 *
 * CUPED: Deng, Xu, Kohavi & Walker (2013), with one slope for both arms.  Post-stratification: Miratrix, Sekhon &
 * Yu (2013). */
#include "experiment/analysis_internal.h"

#include "math/numerics.h"

#include <math.h>

static json_t *one(const char *kind, double theta, double value, double se, const struct analysis *analysis,
                   const struct compared *c)
{
    double half = normal_quantile(1 - analysis->alpha / 2) * se;
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", kind, "theta", number_json(theta),
                     "value", number_json(value), "se", number_json(se), "low", number_json(value - half),
                     "high", number_json(value + half), "p", number_json(two_sided_p(value / se, INFINITY)),
                     "variance_ratio", number_json(se * se / (c->absolute.se * c->absolute.se)));
}

static double adjusted_variance(struct sums s, double theta)
{
    return (s.yy - 2 * theta * s.xy + theta * theta * s.xx) / (s.n - 1) / s.n;
}

/* Of a ratio of sums each unit has its influence about the ratio (the delta method), whose mean that is; of a mean
 * its value. */
struct linear { double ratio, per; };

static double linear_of(struct linear l, const double *value, const double *per, size_t i)
{
    return per ? l.ratio + (value[i] - l.ratio * per[i]) / l.per : value[i];
}

/* From the units of an arm that have everything. */
static struct sums linear_sums(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm)
{
    const double *columns[] = { metric->value, metric->per, analysis->covariate, analysis->covariate_per };
    double means[4] = { 0 };
    struct sums s = { 0 };
    for (int pass = 0; pass < 2; pass++) {
        struct linear y = { means[0] / means[1], means[1] }, x = { means[2] / means[3], means[3] };
        double n = 0;
        for (size_t i = 0; i < analysis->n_units; i++) {
            bool is_whole = analysis->arm[i] == arm;
            for (size_t c = 0; c < 4 && is_whole; c++) is_whole = !columns[c] || isfinite(columns[c][i]);
            if (!is_whole) continue;
            n++;
            for (size_t c = 0; c < 4 && pass == 0; c++)
                if (columns[c]) means[c] += (columns[c][i] - means[c]) / n;
            if (pass == 0) continue;
            double was_y = linear_of(y, columns[0], columns[1], i),
                   was_x = linear_of(x, columns[2], columns[3], i),
                   dy = was_y - s.mean_y, dx = was_x - s.mean_x;
            s.n = n, s.mean_y += dy / n, s.mean_x += dx / n;
            s.yy += dy * (was_y - s.mean_y), s.xx += dx * (was_x - s.mean_x), s.xy += dx * (was_y - s.mean_y);
        }
    }
    return s;
}

static json_t *cuped(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                     const struct compared *c)
{
    bool is_linear = metric->kind == METRIC_RATIO || analysis->covariate_per;
    struct sums a = is_linear ? linear_sums(analysis, metric, analysis->control)
                              : arm_sums(analysis, metric, analysis->control, analysis->covariate),
                b = is_linear ? linear_sums(analysis, metric, arm)
                              : arm_sums(analysis, metric, arm, analysis->covariate);
    double theta = (a.xy + b.xy) / (a.xx + b.xx);
    if (!isfinite(theta)) theta = 0;        /* a covariate that does not vary takes nothing out */
    double value = b.mean_y - a.mean_y - theta * (b.mean_x - a.mean_x);
    return one("cuped", theta, value, sqrt(adjusted_variance(a, theta) + adjusted_variance(b, theta)), analysis,
               c);
}

static struct arm_sample stratum_sample(const struct analysis *analysis, const struct analysis_metric *metric,
                                        size_t arm, size_t stratum)
{
    double n = 0, mean = 0, squares = 0;
    for (size_t i = 0; i < analysis->n_units; i++) {
        double y = metric->value[i];
        if (analysis->arm[i] != arm || analysis->stratum[i] != stratum || isnan(y)) continue;
        double d = y - mean;
        n++;
        mean += d / n;
        squares += d * (y - mean);
    }
    return (struct arm_sample){ n, mean, squares / (n - 1), false };
}

static json_t *stratified(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                          const struct compared *c)
{
    double all = 0, value = 0, variance = 0;
    for (size_t s = 0; s < analysis->n_strata; s++) {
        struct arm_sample a = stratum_sample(analysis, metric, analysis->control, s),
                          b = stratum_sample(analysis, metric, arm, s);
        if (a.n >= 2 && b.n >= 2) all += a.n + b.n;
    }
    for (size_t s = 0; s < analysis->n_strata; s++) {
        struct arm_sample a = stratum_sample(analysis, metric, analysis->control, s),
                          b = stratum_sample(analysis, metric, arm, s);
        if (a.n < 2 || b.n < 2) continue;
        double weight = (a.n + b.n) / all;
        value += weight * (b.mean - a.mean);
        variance += weight * weight * (a.variance / a.n + b.variance / b.n);
    }
    return one("strata", NAN, value, sqrt(variance), analysis, c);
}

json_t *adjusted_json(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                      const struct compared *c)
{
    json_t *rows = json_array();
    bool is_mean = metric->kind == METRIC_MEAN || metric->kind == METRIC_PROPORTION;
    bool is_adjusted = is_mean || metric->kind == METRIC_RATIO;
    if (is_adjusted && analysis->covariate) json_array_append_new(rows, cuped(analysis, metric, arm, c));
    if (is_mean && analysis->n_strata > 0) json_array_append_new(rows, stratified(analysis, metric, arm, c));
    return rows;
}

static struct arm_sample group_sample(const struct analysis *analysis, const struct analysis_metric *metric,
                                      size_t arm, const struct analysis_groups *groups, size_t group)
{
    struct analysis by_group = *analysis;
    by_group.stratum = groups->of;
    return stratum_sample(&by_group, metric, arm, group);
}

json_t *segments_json(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                      struct arena *arena)
{
    struct analysis_groups strata = { analysis->strata_name, analysis->stratum, analysis->n_strata,
                                      analysis->strata };
    const struct analysis_groups *all = analysis->groupings ? analysis->groupings : &strata;
    size_t n_all = analysis->groupings ? analysis->n_groupings : 1, n = 0, at = 0;
    json_t *rows = json_array();
    for (size_t g = 0; g < n_all; g++) n += all[g].n;
    double *p = ARENA_ARRAY(arena, double, n + 1), *adjusted = ARENA_ARRAY(arena, double, n + 1);
    struct estimate *effects = ARENA_ARRAY(arena, struct estimate, n + 1);
    struct arm_sample *samples = ARENA_ARRAY(arena, struct arm_sample, 2 * n + 1);
    if (metric->kind != METRIC_MEAN && metric->kind != METRIC_PROPORTION) return rows;
    for (size_t g = 0; g < n_all; g++)
        for (size_t i = 0; i < all[g].n; i++, at++) {
            struct arm_sample a = samples[2 * at] = group_sample(analysis, metric, analysis->control, &all[g], i),
                              b = samples[2 * at + 1] = group_sample(analysis, metric, arm, &all[g], i);
            p[at] = NAN;
            effects[at] = (struct estimate){ NAN, NAN, NAN, NAN };
            if (a.n >= 2 && b.n >= 2) effects[at] = welch(a, b, analysis->alpha, &p[at]);
        }
    p_adjust(p, n, analysis->correction, adjusted);
    at = 0;
    for (size_t g = 0; g < n_all; g++)
        for (size_t i = 0; i < all[g].n; i++, at++)
            json_array_append_new(rows, json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "column", all[g].name,
                                                  "value", all[g].names[i], "n", (json_int_t)samples[2 * at + 1].n,
                                                  "n_control", (json_int_t)samples[2 * at].n, "absolute",
                                                  estimate_json(effects[at], true), "p", number_json(p[at]),
                                                  "p_adjusted", number_json(adjusted[at])));
    return rows;
}
