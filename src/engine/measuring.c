/* measuring.c - an experiment's people and deeds as an analysis; see measuring.h. */
#include "engine/measuring_internal.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/json_write.h"
#include "hub/ramp.h"

#include <math.h>
#include <string.h>

/* ---- metrics ---- */

static double value_of(const struct measuring *m, size_t k, size_t i)
{
    if (m->design->metrics[k].kind == DESIGN_ANY) return m->count[k][i] > 0;
    return m->sum[k][i];
}

/* Whether somebody has had the whole window. */
static bool is_mature(const struct measuring *m, size_t k, size_t i)
{
    return m->people[i].at_ms + m->design->metrics[k].window_days * MS_PER_DAY <= m->options->as_of_ms;
}

static struct analysis_metric metric_of(const struct measuring *m, size_t k, size_t *ret_immature)
{
    static const enum metric_kind kinds[DESIGN_KINDS] = { METRIC_PROPORTION, METRIC_MEAN, METRIC_MEAN,
                                                          METRIC_RATIO, METRIC_QUANTILE };
    const struct design_metric *of = &m->design->metrics[k];
    struct analysis_metric metric = { .name = of->name,
                                      .kind = kinds[of->kind],
                                      .quantile = of->quantile,
                                      .winsor = of->winsor,
                                      .value = ARENA_ARRAY(m->arena, double, m->n + 1) };
    *ret_immature = 0;
    for (size_t i = 0; i < m->n; i++) {
        bool is = is_mature(m, k, i);
        metric.value[i] = is ? value_of(m, k, i) : (double)NAN;
        *ret_immature += !is && !m->people[i].is_mixed;
    }
    if (of->kind == DESIGN_RATIO) metric.per = m->count[k];
    return metric;
}

/* The primary first, for the verdict is about it. */
static json_t *take_metrics(const struct measuring *m, struct analysis *a, json_t *warnings)
{
    json_t *immature = json_object();
    a->metrics = ARENA_ARRAY(m->arena, struct analysis_metric, m->design->n_metrics + 1);
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < m->design->n_metrics; k++) {
            size_t n;
            if ((k == m->design->primary) == (pass == 1)) continue;
            a->metrics[a->n_metrics++] = metric_of(m, k, &n);
            json_object_set_new(immature, m->design->metrics[k].name, json_integer((json_int_t)n));
            if (n > 0)
                json_array_append_new(
                    warnings, json_sprintf("%zu of %zu people have not had their whole window of %lld days "
                                           "yet and are left out of %s",
                                           n, m->n - m->n_mixed, (long long)m->design->metrics[k].window_days,
                                           m->design->metrics[k].name));
        }
    return immature;
}

static void take_strata(const struct measuring *m, struct analysis *a)
{
    enum { MOST = 200 };
    struct hash_map met = { 0 };
    const char **names = ARENA_ARRAY(m->arena, const char *, MOST), *name = m->design->strata[0];
    uint32_t *of = ARENA_ARRAY(m->arena, uint32_t, m->n + 1);
    for (size_t s = 1; s < m->design->n_strata; s++)
        name = arena_format(m->arena, "%s, %s", name, m->design->strata[s]);
    for (size_t i = 0; i < m->n; i++) {
        of[i] = UINT32_MAX;
        if (!m->stratum[i]) continue;
        uint64_t *number = hash_map_put(&met, hash_bytes(m->stratum[i], strlen(m->stratum[i]), 0));
        if (*number == 0 && a->n_strata == MOST) continue;
        if (*number == 0) names[a->n_strata++] = m->stratum[i], *number = a->n_strata;
        of[i] = (uint32_t)*number - 1;
    }
    hash_map_free(&met);
    a->strata_name = name, a->strata = names, a->stratum = of;
}

/* ---- what the plain analysis does not know ---- */

static struct arm_sample sample_of(const struct measuring *m, const double *values, size_t stride, size_t arm,
                                   int64_t needs_ms)
{
    struct arm_sample s = { 0 };
    for (size_t i = 0; i < m->n; i++) {
        const struct exposed *p = &m->people[i];
        if (p->arm != arm || p->is_mixed || p->at_ms + needs_ms > m->options->as_of_ms) continue;
        double d = values[i * stride] - s.mean;
        s.n++, s.mean += d / s.n, s.variance += d * (values[i * stride] - s.mean);
    }
    s.variance /= fmax(1, s.n - 1);
    return s;
}

/* The effect on the primary metric by weeks since exposure: whether it wears off. */
static json_t *novelty_json(const struct measuring *m)
{
    json_t *rows = json_array();
    int64_t weeks = (m->design->metrics[m->design->primary].window_days + 6) / 7;
    for (size_t w = 0; w < MEASURING_WEEKS && (int64_t)w < weeks; w++)
        for (size_t arm = 0; arm < m->design->n_arms; arm++) {
            double p;
            int64_t needs = (int64_t)(w + 1) * 7 * MS_PER_DAY;
            struct arm_sample control = sample_of(m, m->weeks + w, MEASURING_WEEKS, m->design->control, needs),
                              treated = sample_of(m, m->weeks + w, MEASURING_WEEKS, arm, needs);
            if (arm == m->design->control || control.n < 2 || treated.n < 2) continue;
            struct estimate e = welch(control, treated, m->options->alpha, &p);
            json_array_append_new(rows, json_pack("{s:I, s:s, s:I, s:{s:o, s:o, s:o}}", "week", (json_int_t)w + 1,
                                                  "arm", m->design->arms[arm], "n", (json_int_t)treated.n,
                                                  "absolute", "value", number_json(e.value), "low",
                                                  number_json(e.low), "high", number_json(e.high)));
        }
    return rows;
}

enum { COURSE_LOOKS = 12 };

/* Of an arm, who had had the whole window by an instant. */
static struct arm_sample sample_by(const struct measuring *m, const double *values, size_t arm, int64_t until_ms)
{
    struct arm_sample s = { 0 };
    int64_t window_ms = m->design->metrics[m->design->primary].window_days * MS_PER_DAY;
    for (size_t i = 0; i < m->n; i++) {
        const struct exposed *p = &m->people[i];
        if (p->arm != arm || p->is_mixed || isnan(values[i]) || p->at_ms + window_ms > until_ms) continue;
        double d = values[i] - s.mean;
        s.n++, s.mean += d / s.n, s.variance += d * (values[i] - s.mean);
    }
    s.variance /= fmax(1, s.n - 1);
    return s;
}

static void add_look(const struct measuring *m, const double *values, int64_t until_ms, json_t *rows)
{
    const struct measuring_options *o = m->options;
    struct arm_sample control = sample_by(m, values, m->design->control, until_ms);
    char day[11];
    calendar_format_day(calendar_day_of_ms(until_ms - 1), day);
    for (size_t arm = 0; arm < m->design->n_arms; arm++) {
        struct arm_sample treated = sample_by(m, values, arm, until_ms);
        double p, low, high;
        if (arm == m->design->control || control.n < 2 || treated.n < 2) continue;
        struct estimate e = welch(control, treated, o->alpha, &p);
        always_valid(e.value, e.se, control.n + treated.n, o->alpha, o->tuning, &low, &high);
        json_t *row = json_pack("{s:s, s:s, s:I}", "day", day, "arm", m->design->arms[arm], "n",
                                (json_int_t)(control.n + treated.n));
        json_object_set_new(row, "absolute",
                            json_pack("{s:o, s:o, s:o}", "value", number_json(e.value), "low", number_json(e.low),
                                      "high", number_json(e.high)));
        json_object_set_new(row, "always_valid",
                            json_pack("{s:o, s:o}", "low", number_json(low), "high", number_json(high)));
        json_array_append_new(rows, row);
    }
}

/* The primary metric's effect at twelve instants up to now, by arm, as one would have seen it then: values [n], NaN
 * where somebody's window is not over. */
static json_t *course_json(const struct measuring *m, const double *values)
{
    json_t *rows = json_array();
    enum design_kind kind = m->design->metrics[m->design->primary].kind;
    int64_t first_ms = INT64_MAX, until_ms = m->options->as_of_ms;
    if (kind == DESIGN_RATIO || kind == DESIGN_QUANTILE) return rows;
    for (size_t i = 0; i < m->n; i++)
        if (m->people[i].at_ms < first_ms) first_ms = m->people[i].at_ms;
    first_ms += m->design->metrics[m->design->primary].window_days * MS_PER_DAY;
    for (int64_t look = 1; look <= COURSE_LOOKS && first_ms < until_ms; look++)
        add_look(m, values, first_ms + (until_ms - first_ms) / COURSE_LOOKS * look, rows);
    return rows;
}

/* Who was exposed on which day of the week, by arm: alike, or the arms were not drawn by lot. */
static json_t *weekdays_json(const struct measuring *m)
{
    static const char *const days[] = { "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su" };
    json_t *rows = json_object();
    for (size_t arm = 0; arm < m->design->n_arms; arm++) {
        size_t n[7] = { 0 };
        json_t *row = json_object();
        for (size_t i = 0; i < m->n; i++)
            if (m->people[i].arm == arm) n[calendar_weekday(calendar_day_of_ms(m->people[i].at_ms))]++;
        for (size_t d = 0; d < 7; d++) json_object_set_new(row, days[d], json_integer((json_int_t)n[d]));
        json_object_set_new(rows, m->design->arms[arm], row);
    }
    return rows;
}

/* A guardrail stops when the interval that may be looked at at any time, corrected over guardrails and arms, is
 * above its limit as a whole. */
static json_t *guardrails_json(const struct measuring *m, json_t *verdict)
{
    json_t *rows = json_array();
    for (size_t g = 0; g < m->design->n_guardrails; g++) {
        const struct design_guardrail *rail = &m->design->guardrails[g];
        size_t k = 0;
        while (strcmp(m->design->metrics[k].name, rail->metric) != 0) k++;
        double *values = ARENA_ARRAY(m->arena, double, m->n + 1);
        double alpha = m->options->alpha / (double)(m->design->n_guardrails * (m->design->n_arms - 1));
        for (size_t i = 0; i < m->n; i++) values[i] = value_of(m, k, i);
        for (size_t arm = 0; arm < m->design->n_arms; arm++) {
            struct arm_sample s = sample_of(m, values, 1, arm, 0);
            double low, high;
            if (arm == m->design->control || s.n < 2) continue;
            always_valid(s.mean, sqrt(s.variance / s.n), s.n, alpha, m->options->tuning, &low, &high);
            bool stops = s.variance > 0 && low > rail->stop_above;
            json_array_append_new(rows, json_pack("{s:s, s:s, s:o, s:o, s:o, s:f, s:b}", "metric", rail->metric,
                                                  "arm", m->design->arms[arm], "value", number_json(s.mean), "low",
                                                  number_json(low), "high", number_json(high), "stop_above",
                                                  rail->stop_above, "stops", stops));
            if (!stops) continue;
            json_object_set_new(verdict, "word", json_string("worse"));
            json_object_set_new(
                verdict, "sentence",
                json_sprintf("%s is to be stopped: its %s is %.4g (%.4g to %.4g), above the %g that was set.",
                             m->design->arms[arm], rail->metric, s.mean, low, high, rail->stop_above));
        }
    }
    return rows;
}

/* ---- the whole ---- */

static void describe(const struct measuring *m, struct analysis *a)
{
    const struct design *d = m->design;
    const struct measuring_options *o = m->options;
    uint8_t *arm = ARENA_ARRAY(m->arena, uint8_t, m->n + 1);
    for (size_t i = 0; i < m->n; i++) arm[i] = m->people[i].is_mixed ? ANALYSIS_NO_ARM : m->people[i].arm;
    *a = (struct analysis){ .n_units = m->n,
                            .arm = arm,
                            .n_arms = d->n_arms,
                            .control = d->control,
                            .arms = d->arms,
                            .shares = d->shares,
                            .n_mixed = m->n_mixed,
                            .alpha = o->alpha,
                            .correction = o->correction,
                            .tuning = o->tuning,
                            .is_watched = o->is_watched || o->as_of_ms < d->end_ms,
                            .n_looks = o->n_looks,
                            .seed = o->seed };
    memcpy(a->looks, o->looks, sizeof a->looks);
    if (d->covariate != SIZE_MAX) {
        a->covariate = m->before;
        a->covariate_name = arena_format(m->arena, "%s in the %lld days before", d->metrics[d->covariate].name,
                                         (long long)d->covariate_days);
    }
    if (d->n_strata > 0) take_strata(m, a);
}

bool measuring_guard(const struct assigning *where, const struct design *design,
                     const struct measuring_options *options, struct arena *arena, bool *ret_stops,
                     const char **ret_sentence, struct err *err)
{
    struct measuring m = { .where = where, .design = design, .options = options, .arena = arena };
    bool ok = measuring_people(&m, err) && measuring_deeds(&m, err);
    hash_map_free(&m.person_of);
    if (!ok) return false;
    json_t *verdict = json_object();
    json_decref(guardrails_json(&m, verdict));
    const char *sentence = json_string_value(json_object_get(verdict, "sentence"));
    *ret_stops = sentence != NULL;
    *ret_sentence = sentence ? arena_copy(arena, sentence) : "";
    json_decref(verdict);
    return true;
}

bool measuring_run(const struct assigning *where, const struct design *design,
                   const struct experiment_record *record, const struct measuring_options *options,
                   struct arena *arena, json_t **ret_json, struct err *err)
{
    struct measuring m = { .where = where, .design = design, .options = options, .arena = arena };
    struct analysis analysis;
    json_t *json, *warnings = json_array(), *immature = NULL;
    bool ok = measuring_people(&m, err) && measuring_deeds(&m, err);
    hash_map_free(&m.person_of);
    if (ok) {
        describe(&m, &analysis);
        immature = take_metrics(&m, &analysis, warnings);
        if (m.n_late > 0)
            json_array_append_new(
                warnings, json_sprintf("%zu events came in after an exposure and are dated before it: they "
                                       "are not counted",
                                       m.n_late));
        ok = analysis_run(&analysis, arena, &json, err) || err_context(err, "experiment %s", design->name);
    }
    if (ok) {
        json_array_extend(json_object_get(json_object_get(json, "health"), "warnings"), warnings);
        json_object_set(json_object_get(json, "health"), "immature", immature);
        json_object_set_new(json, "experiment", json_string(design->name));
        json_object_set_new(json, "started_ms", json_integer(record->started_ms));
        json_object_set_new(json, "stopped_ms",
                            record->stopped_ms == INT64_MAX ? json_null() : json_integer(record->stopped_ms));
        json_object_set_new(json, "ramp", ramp_json(design));
        json_object_set_new(json, "novelty", novelty_json(&m));
        json_object_set_new(json, "over_time", course_json(&m, analysis.metrics[0].value));
        json_object_set_new(json, "weekdays", weekdays_json(&m));
        json_object_set_new(json, "guardrails", guardrails_json(&m, json_object_get(json, "verdict")));
        *ret_json = json;
    }
    json_decref(warnings);
    json_decref(immature);
    return ok;
}

bool measuring_each(const struct assigning *where, const struct design *design,
                    const struct measuring_options *options, struct arena *arena,
                    struct measured_people *ret_people, struct err *err)
{
    struct measuring m = { .where = where, .design = design, .options = options, .arena = arena };
    bool ok = measuring_people(&m, err) && measuring_deeds(&m, err);
    hash_map_free(&m.person_of);
    if (!ok) return false;
    size_t k = design->primary;
    *ret_people = (struct measured_people){ .n = m.n,
                                            .customer = ARENA_ARRAY(arena, uint32_t, m.n + 1),
                                            .at_ms = ARENA_ARRAY(arena, int64_t, m.n + 1),
                                            .arm = ARENA_ARRAY(arena, uint8_t, m.n + 1),
                                            .value = ARENA_ARRAY(arena, double, m.n + 1),
                                            .is_yes_no = design->metrics[k].kind == DESIGN_ANY };
    for (size_t i = 0; i < m.n; i++) {
        ret_people->customer[i] = m.people[i].customer, ret_people->at_ms[i] = m.people[i].at_ms;
        ret_people->arm[i] = m.people[i].arm;
        ret_people->value[i] = !m.people[i].is_mixed && is_mature(&m, k, i) ? value_of(&m, k, i) : (double)NAN;
    }
    return true;
}
