/* experiment_file.c - see experiment_file.h. */
#include "analyse/experiment_file.h"

#include "base/hash_map.h"
#include "base/similar.h"
#include "analyse/covariates.h"
#include "table/frame.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { METRICS_MOST = 100, STRATA_MOST = 200 };

struct reading_file {
    struct invocation     *invocation;
    struct arena          *arena;
    struct frame           frame;
    struct frame_levels    arms;
    struct analysis        analysis;
    struct analysis_metric metrics[METRICS_MOST];
    uint8_t               *arm;             /* [frame.n_rows] */
    double                *covariate, *covariate_per;       /* [frame.n_rows] or NULL */
    struct frame_levels    strata;          /* combinations of ... */
    struct frame_levels    levels[ANALYSIS_GROUPINGS_MOST];     /* ... [n_groupings] columns */
    struct analysis_groups groupings[ANALYSIS_GROUPINGS_MOST];
    size_t                 n_groupings, n_without_arm;
};

/* ---- lists ---- */

bool experiment_looks(const char *list, double ret_looks[ANALYSIS_LOOKS_MOST], size_t *ret_n, struct err *err)
{
    *ret_n = 0;
    for (const char *rest = list; rest && *rest;) {
        size_t length = strcspn(rest, ",");
        double look;
        if (*ret_n == ANALYSIS_LOOKS_MOST)
            return err_set(err, ERR_INVALID, "--looks has more than %d shares", ANALYSIS_LOOKS_MOST);
        if (!text_double((struct text){ rest, length }, '.', &look) || look <= 0 || look > 1 ||
            (*ret_n > 0 && look <= ret_looks[*ret_n - 1]))
            return err_set(err, ERR_INVALID, "--looks are shares that rise to at most 1, as .25,.5,1; not %s",
                           list);
        ret_looks[(*ret_n)++] = look;
        rest += length + (rest[length] == ',');
    }
    return true;
}

/* ---- columns ---- */

bool experiment_arm(const struct frame_levels *levels, const char *name, const char *flag, struct arena *arena,
                    size_t *ret_arm, struct err *err)
{
    for (size_t i = 0; i < levels->n; i++)
        if (strcmp(levels->names[i], name) == 0) {
            *ret_arm = i;
            return true;
        }
    return err_set(err, ERR_INVALID, "--%s: there is no arm '%s'%s", flag, name,
                   similar_names(name, levels->names, levels->n, arena));
}

/* A name without what people spell now so, now so: case, spaces and marks. */
static const char *plain_name(const char *name, struct arena *arena)
{
    char *plain = arena_copy(arena, name), *to = plain;
    for (const char *at = name; *at; at++)
        if (isalnum((unsigned char)*at) || (unsigned char)*at >= 128) *to++ = (char)tolower((unsigned char)*at);
    *to = 0;
    return plain;
}

static bool is_one_letter_off(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), same = 0, after = 0, least = n < m ? n : m;
    while (same < least && a[same] == b[same]) same++;
    while (after < least - same && a[n - 1 - after] == b[m - 1 - after]) after++;
    return n > 2 && m > 2 && n - same - after <= 1 && m - same - after <= 1;
}

/* Two arms that are spelled alike but for case, spaces and marks are one; and so, most likely, is one of very few
 * rows that is a letter off. */
static bool check_spelling(const struct reading_file *r, struct err *err)
{
    enum { TIMES_FEWER = 50 };
    for (size_t a = 0; a < r->arms.n; a++)
        for (size_t b = 0; b < r->arms.n; b++) {
            if (a == b || r->arms.counts[a] > r->arms.counts[b] ||
                (r->arms.counts[a] == r->arms.counts[b] && a < b))
                continue;
            const char *x = r->arms.names[a], *y = r->arms.names[b];
            bool is_same = strcmp(plain_name(x, r->arena), plain_name(y, r->arena)) == 0,
                 is_slip = is_one_letter_off(x, y) && r->arms.counts[a] * TIMES_FEWER < r->arms.counts[b];
            if (is_same || is_slip)
                return err_set(err, ERR_INVALID,
                               "arm '%s' has %zu rows and '%s' %zu: did you mean '%s'?  Correct the file, or "
                               "leave such rows out with --where",
                               x, r->arms.counts[a], y, r->arms.counts[b], y);
        }
    return true;
}

static bool read_arms(struct reading_file *r, struct err *err)
{
    const char *column = flag_text(r->invocation, "arm", NULL),
               *control = flag_text(r->invocation, "control", NULL),
               *treated = flag_text(r->invocation, "treated", NULL);
    size_t at, only = SIZE_MAX;
    if (!column || !control)
        return err_set(err, ERR_INVALID,
                       "--arm COL says which column has the arms, and --control ARM which of them was "
                       "left alone");
    if (!frame_column(&r->frame, column, &at, r->arena, err) ||
        !frame_arms(&r->frame, at, ANALYSIS_ARMS_MOST, r->arena, &r->arms, err) ||
        !experiment_arm(&r->arms, control, "control", r->arena, &r->analysis.control, err) ||
        !check_spelling(r, err) ||
        (treated && !experiment_arm(&r->arms, treated, "treated", r->arena, &only, err)))
        return false;
    r->arm = ARENA_ARRAY(r->arena, uint8_t, r->frame.n_rows + 1);
    uint8_t renumbered[ANALYSIS_ARMS_MOST];
    const char **names = ARENA_ARRAY(r->arena, const char *, r->arms.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < r->arms.n; i++) {
        bool is = only == SIZE_MAX || i == only || i == r->analysis.control;
        renumbered[i] = is ? (uint8_t)n : ANALYSIS_NO_ARM;
        if (is) names[n++] = r->arms.names[i];
    }
    r->analysis.control = renumbered[r->analysis.control];
    r->analysis.arms = names, r->analysis.n_arms = n;
    for (size_t i = 0; i < r->frame.n_rows; i++) {
        r->arm[i] = r->arms.of[i] == FRAME_MISSING ? ANALYSIS_NO_ARM : renumbered[r->arms.of[i]];
        r->n_without_arm += r->arms.of[i] == FRAME_MISSING;
    }
    return true;
}

static bool read_split(struct reading_file *r, struct err *err)
{
    const char *rest = flag_text(r->invocation, "split", NULL), *part;
    if (!rest) return true;
    double *shares = ARENA_ARRAY(r->arena, double, r->analysis.n_arms);
    for (bool more = true; more;) {
        more = list_part(&rest, ',', r->arena, &part);
        const char *equals = strrchr(part, '=');
        size_t i = 0;
        double share;
        if (!equals || !text_double(text_of(equals + 1), '.', &share))
            return err_set(err, ERR_INVALID, "--split is written like a=.5,b=.5; not %s", part);
        const char *name = arena_format(r->arena, "%.*s", (int)(equals - part), part);
        while (i < r->analysis.n_arms && strcmp(r->analysis.arms[i], name) != 0) i++;
        if (i == r->analysis.n_arms)
            return err_set(
                err, ERR_INVALID, "--split: there is no arm '%s'%s", name,
                similar_names(name, (const char *const *)r->analysis.arms, r->analysis.n_arms, r->arena));
        shares[i] = share;
    }
    r->analysis.shares = shares;
    return true;
}

/* ---- metrics ---- */

static bool is_proportion(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]) && values[i] != 0 && values[i] != 1) return false;
    return true;
}

/* "p90(spend)": the share and what stands between the parentheses. */
static bool is_quantile(const char *name, struct arena *arena, double *ret_quantile, const char **ret_inner)
{
    size_t digits = strspn(name + (*name != 0), "0123456789."), length = strlen(name);
    double per_cent;
    if ((*name != 'p' && *name != 'P') || digits == 0 || name[1 + digits] != '(' || name[length - 1] != ')')
        return false;
    if (!text_double((struct text){ name + 1, digits }, '.', &per_cent) || per_cent <= 0 || per_cent >= 100)
        return false;
    *ret_quantile = per_cent / 100;
    *ret_inner = arena_format(arena, "%.*s", (int)(length - digits - 3), name + digits + 2);
    return true;
}

static bool read_metric(struct reading_file *r, const char *name, struct analysis_metric *metric, struct err *err)
{
    const char *inner, *rest = name, *above;
    double *per;
    size_t column;
    struct err none;
    metric->name = name;
    bool is_column = frame_column(&r->frame, name, &column, r->arena, &none);
    if (!is_column && is_quantile(name, r->arena, &metric->quantile, &inner)) {
        metric->kind = METRIC_QUANTILE;
        return frame_numbers(&r->frame, inner, r->arena, &metric->value, err);
    }
    if (!is_column && list_part(&rest, '/', r->arena, &above)) {
        metric->kind = METRIC_RATIO;
        if (!frame_numbers(&r->frame, above, r->arena, &metric->value, err) ||
            !frame_numbers(&r->frame, rest, r->arena, &per, err))
            return false;
        metric->per = per;
        return true;
    }
    if (!frame_numbers(&r->frame, name, r->arena, &metric->value, err)) return false;
    metric->kind = is_proportion(metric->value, r->frame.n_rows) ? METRIC_PROPORTION : METRIC_MEAN;
    return true;
}

static bool read_metrics(struct reading_file *r, struct err *err)
{
    const char *rest = flag_text(r->invocation, "metrics", NULL), *name;
    if (!rest)
        return err_set(err, ERR_INVALID,
                       "--metrics says what is compared: a column, an SQL expression, a/b or p90(x)");
    for (bool more = true; more;) {
        more = list_part(&rest, ',', r->arena, &name);
        if (!*name) continue;
        if (r->analysis.n_metrics == METRICS_MOST)
            return err_set(err, ERR_INVALID, "more than %d metrics", METRICS_MOST);
        if (!read_metric(r, name, &r->metrics[r->analysis.n_metrics++], err))
            return err_context(err, "--metrics %s", name);
    }
    r->analysis.metrics = r->metrics;
    return r->analysis.n_metrics > 0 || err_set(err, ERR_INVALID, "--metrics names nothing");
}

/* Every combination of the columns' values that there is, as one grouping. */
static bool cross_strata(struct reading_file *r, struct err *err)
{
    struct hash_map met = { 0 };
    size_t n = r->frame.n_rows;
    r->strata = (struct frame_levels){ 0, ARENA_ARRAY(r->arena, const char *, STRATA_MOST),
                                       ARENA_ARRAY(r->arena, uint32_t, n + 1), NULL };
    for (size_t i = 0; i < n; i++) {
        uint64_t key = 1469598103934665603u;
        const char *name = "";
        bool is_missing = false;
        for (size_t g = 0; g < r->n_groupings; g++) {
            uint32_t level = r->levels[g].of[i];
            is_missing |= level == FRAME_MISSING;
            key = (key ^ (level + 1)) * 1099511628211u;
        }
        r->strata.of[i] = FRAME_MISSING;
        if (is_missing) continue;
        uint64_t *number = hash_map_put(&met, key ^ key >> 29);
        if (*number == 0) {
            if (r->strata.n == STRATA_MOST) {
                hash_map_free(&met);
                return err_set(err, ERR_INVALID, "--strata make more than %d groups", STRATA_MOST);
            }
            for (size_t g = 0; g < r->n_groupings; g++)
                name =
                    arena_format(r->arena, "%s%s%s", name, g ? ", " : "", r->levels[g].names[r->levels[g].of[i]]);
            r->strata.names[r->strata.n++] = name;
            *number = r->strata.n;
        }
        r->strata.of[i] = (uint32_t)*number - 1;
    }
    hash_map_free(&met);
    return true;
}

static bool read_before(struct reading_file *r, struct err *err)
{
    const char *rest = flag_text(r->invocation, "strata", NULL), *name;
    size_t column;
    r->analysis.covariate_name = flag_text(r->invocation, "covariate", NULL);
    if (r->analysis.covariate_name) {
        for (size_t m = 0; m < r->analysis.n_metrics; m++)
            if (strcasecmp(r->analysis.covariate_name, r->metrics[m].name) == 0)
                return err_set(err, ERR_INVALID,
                               "--covariate %s is a metric too: it was measured after exposure, and would take "
                               "the effect out",
                               r->metrics[m].name);
        struct analysis_metric before = { .kind = METRIC_MEAN };
        if (!read_metric(r, r->analysis.covariate_name, &before, err)) return err_context(err, "--covariate");
        if (before.kind == METRIC_QUANTILE)
            return err_set(err, ERR_INVALID, "--covariate is a column, an expression or a ratio a/b, no quantile");
        r->covariate = before.value, r->covariate_per = (double *)(uintptr_t)before.per;
    }
    if (!rest) return true;
    for (bool more = true; more;) {
        more = list_part(&rest, ',', r->arena, &name);
        struct frame_levels *levels = &r->levels[r->n_groupings];
        if (r->n_groupings == ANALYSIS_GROUPINGS_MOST)
            return err_set(err, ERR_INVALID, "--strata takes up to %d columns", ANALYSIS_GROUPINGS_MOST);
        if (!frame_column(&r->frame, name, &column, r->arena, err) ||
            !frame_levels(&r->frame, column, STRATA_MOST, r->arena, levels, err))
            return err_context(err, "--strata");
        r->groupings[r->n_groupings++] =
            (struct analysis_groups){ r->frame.names[column], levels->of, levels->n, levels->names };
    }
    if (!cross_strata(r, err)) return false;
    r->analysis.strata_name = flag_text(r->invocation, "strata", "");
    r->analysis.groupings = r->groupings, r->analysis.n_groupings = r->n_groupings;
    r->analysis.strata = r->strata.names, r->analysis.n_strata = r->strata.n;
    return true;
}

/* ---- units ---- */

static double added(double a, double b) { return isnan(a) ? b : isnan(b) ? a : a + b; }

/* A unit's rows become one: metrics add up, what was known before is that of its first row; whoever was in two
 * arms is left out. */
static bool gather_units(struct reading_file *r, struct err *err)
{
    const char *name = flag_text(r->invocation, "unit", NULL);
    size_t column, n = 0, rows = r->frame.n_rows;
    if (!name) { r->analysis.n_units = rows; return true; }
    if (!frame_column(&r->frame, name, &column, r->arena, err)) return err_context(err, "--unit");
    const uint64_t *of = frame_hashes(&r->frame, column, r->arena);
    bool *is_mixed = ARENA_ARRAY(r->arena, bool, rows + 1);
    struct hash_map met = { 0 };
    for (size_t i = 0; i < rows; i++) {
        if (!of[i] || r->arm[i] == ANALYSIS_NO_ARM) continue;
        uint64_t *place = hash_map_put(&met, of[i]);
        bool is_new = *place == 0;
        if (is_new) *place = ++n;
        size_t to = *place - 1;
        if (!is_new && r->arm[to] != r->arm[i]) r->analysis.n_mixed += !is_mixed[to], is_mixed[to] = true;
        if (is_new) {
            r->arm[to] = r->arm[i];
            if (r->covariate) r->covariate[to] = r->covariate[i];
            if (r->covariate_per) r->covariate_per[to] = r->covariate_per[i];
            if (r->analysis.n_strata > 0) r->strata.of[to] = r->strata.of[i];
            for (size_t g = 0; g < r->n_groupings; g++) r->levels[g].of[to] = r->levels[g].of[i];
        }
        for (size_t m = 0; m < r->analysis.n_metrics; m++) {
            double *value = r->metrics[m].value, *per = (double *)(uintptr_t)r->metrics[m].per;
            value[to] = is_new ? value[i] : added(value[to], value[i]);
            if (per) per[to] = is_new ? per[i] : added(per[to], per[i]);
        }
    }
    hash_map_free(&met);
    for (size_t i = 0; i < n; i++)
        if (is_mixed[i]) r->arm[i] = ANALYSIS_NO_ARM;
    for (size_t m = 0; m < r->analysis.n_metrics; m++)
        if (r->metrics[m].kind == METRIC_PROPORTION && !is_proportion(r->metrics[m].value, n))
            r->metrics[m].kind = METRIC_MEAN;
    r->analysis.n_units = n;
    return true;
}

bool experiment_analysis_flags(const struct invocation *invocation, struct analysis *a, struct err *err)
{
    static const struct { const char *name; enum correction correction; } corrections[] = {
        { "holm", CORRECTION_HOLM }, { "bh", CORRECTION_BH }, { "none", CORRECTION_NONE } };
    const char *correction = flag_text(invocation, "correction", "holm");
    bool is_known = false;
    for (size_t i = 0; i < sizeof corrections / sizeof *corrections; i++)
        if (strcmp(correction, corrections[i].name) == 0)
            a->correction = corrections[i].correction, is_known = true;
    if (!is_known) return err_set(err, ERR_INVALID, "--correction is holm, bh or none; not %s", correction);
    a->is_watched = flag_is_given(invocation, "sequential-n");
    a->seed = invocation->seed, a->n_threads = invocation->n_threads;
    return flag_double(invocation, "alpha", 1e-6, .5, .05, &a->alpha, err) &&
           flag_double(invocation, "winsor", .5, .999999, 0, &a->winsor, err) &&
           flag_double(invocation, "sequential-n", 1, 1e12, 5000, &a->tuning, err) &&
           experiment_looks(flag_text(invocation, "looks", NULL), a->looks, &a->n_looks, err);
}

bool experiment_file_analyse(struct invocation *invocation, const char *path, json_t **ret_json, struct err *err)
{
    struct reading_file *r = ARENA_NEW(invocation->arena, struct reading_file);
    const char *where = flag_text(invocation, "where", NULL);
    r->invocation = invocation, r->arena = invocation->arena;
    if (!experiment_analysis_flags(invocation, &r->analysis, err) ||
        !frame_open(path, invocation->progress, r->arena, &r->frame, err))
        return false;
    if (where && !frame_where(&r->frame, where, err)) return false;
    if (!read_arms(r, err) || !read_split(r, err) || !read_metrics(r, err) || !read_before(r, err) ||
        !gather_units(r, err))
        return strstr(err->text, path) ? false : err_context(err, "%s", path);    /* said once */
    r->analysis.arm = r->arm, r->analysis.covariate = r->covariate, r->analysis.stratum = r->strata.of;
    r->analysis.covariate_per = r->covariate_per;
    if (!analysis_run(&r->analysis, r->arena, ret_json, err)) return err_context(err, "%s", path);
    if (r->n_without_arm > 0)
        json_array_append_new(json_object_get(json_object_get(*ret_json, "health"), "warnings"),
                              json_sprintf("%zu rows say no arm and are left out", r->n_without_arm));
    return true;
}
