/* design.c - reading an experiment's declaration; see design.h. */
#include "experiment/design.h"

#include "base/calendar.h"
#include "base/similar.h"
#include "experiment/bucket.h"
#include "intake/commerce.h"

#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Metrics that need no definition, by what happens to messages. */
static const struct { const char *name, *event; } known_metrics[] = {
    { "unsubscribed", "Unsubscribed" }, { "complained", "Email Marked as Spam" }, { "bounced", "Email Bounced" },
    { "opened", "Email Opened" }, { "clicked", "Email Link Clicked" } };
enum { USUAL_WINDOW_DAYS = 28 };

/* ---- scalars ---- */

static bool read_day(const struct yaml_node *map, const char *key, int64_t *ret_ms, struct err *err)
{
    const char *text = NULL;
    if (!yaml_text(map, key, &text, err)) return false;
    if (text && !calendar_parse_iso(text, strlen(text), ret_ms))
        return yaml_fail(yaml_find(map, key), err, "%s is a day, as 2026-01-05; not %s", key, text);
    return true;
}

static bool read_word(const struct yaml_node *map, const char *key, const char *const *words, size_t n,
                      size_t *ret_word, struct arena *arena, struct err *err)
{
    const char *text = NULL;
    if (!yaml_text(map, key, &text, err)) return false;
    if (!text) return true;
    for (size_t i = 0; i < n; i++)
        if (strcmp(text, words[i]) == 0) { *ret_word = i; return true; }
    return yaml_fail(yaml_find(map, key), err, "%s: there is no '%s'%s", key, text,
                     similar_names(text, words, n, arena));
}

/* ---- arms, namespace, ramp ---- */

static bool read_arms(const struct yaml_node *node, struct design *d, struct arena *arena, struct err *err)
{
    const struct yaml_node *arms = yaml_find(node, "arms");
    const char *control = NULL;
    double sum = 0;
    if (!arms || arms->kind != YAML_MAP)
        return yaml_fail(node, err, "%s needs arms with their shares: arms: {control: .5, mail: .5}", d->name);
    if (arms->n < 2) return yaml_fail(arms, err, "%s has one arm only: an experiment compares two", d->name);
    if (arms->n > DESIGN_ARMS_MOST) return yaml_fail(arms, err, "at most %d arms", DESIGN_ARMS_MOST);
    for (size_t i = 0; i < arms->n; i++) {
        d->arms[i] = arms->keys[i];
        if (!yaml_number(arms, arms->keys[i], 1e-9, 1, &d->shares[i], err)) return false;
        if (d->shares[i] == 0) return yaml_fail(arms->items[i], err, "the share of arm %s is missing", d->arms[i]);
        sum += d->shares[i];
    }
    d->n_arms = arms->n;
    if (fabs(sum - 1) > 1e-9) return yaml_fail(arms, err, "the shares of %s sum to %g, not to 1", d->name, sum);
    if (!yaml_text(node, "control", &control, err)) return false;
    if (!control) return yaml_fail(node, err, "%s needs control: which arm is left alone", d->name);
    for (d->control = 0; d->control < d->n_arms; d->control++)
        if (strcmp(d->arms[d->control], control) == 0) return true;
    return yaml_fail(yaml_find(node, "control"), err, "there is no arm '%s'%s", control,
                     similar_names(control, d->arms, d->n_arms, arena));
}

static bool read_space(const struct yaml_node *node, struct design *d, struct err *err)
{
    static const char *const keys[] = { "name", "from", "to" };
    const struct yaml_node *space = yaml_find(node, "namespace");
    d->space_to = 1;
    if (!space) return true;
    if (!yaml_check_keys(space, keys, COUNT(keys), err) || !yaml_text(space, "name", &d->space, err) ||
        !yaml_number(space, "from", 0, 1, &d->space_from, err) ||
        !yaml_number(space, "to", 0, 1, &d->space_to, err))
        return false;
    if (!d->space || d->space_from >= d->space_to)
        return yaml_fail(space, err, "a namespace is {name: retention, from: 0, to: .4}, from below to");
    return true;
}

static bool read_ramp(const struct yaml_node *node, struct design *d, struct err *err)
{
    static const char *const keys[] = { "from", "share" };
    const struct yaml_node *ramp = yaml_find(node, "ramp");
    if (ramp && (ramp->kind != YAML_LIST || ramp->n > DESIGN_RAMP_MOST))
        return yaml_fail(ramp, err,
                         "a ramp is a list: [{from: 2026-01-05, share: .1}, {from: 2026-01-12, share: 1}]");
    for (size_t i = 0; ramp && i < ramp->n; i++) {
        struct design_ramp *step = &d->ramp[d->n_ramp];
        *step = (struct design_ramp){ .from_ms = INT64_MIN, .share = -1 };
        if (!yaml_check_keys(ramp->items[i], keys, COUNT(keys), err) ||
            !read_day(ramp->items[i], "from", &step->from_ms, err) ||
            !yaml_number(ramp->items[i], "share", 0, 1, &step->share, err))
            return false;
        if (step->from_ms == INT64_MIN || step->share < 0)
            return yaml_fail(ramp->items[i], err, "a step of a ramp is {from: 2026-01-05, share: .1}");
        if (i > 0 && (step->from_ms <= step[-1].from_ms || step->share < step[-1].share))
            return yaml_fail(ramp->items[i], err, "a ramp only rises, day after day: who is in stays in");
        d->n_ramp++;
    }
    return true;
}

/* ---- metrics ---- */

static bool find_metric(const struct design *d, const struct yaml_node *at, const char *name, struct arena *arena,
                        size_t *ret_metric, struct err *err)
{
    const char *names[DESIGN_METRICS_MOST];
    for (size_t i = 0; i < d->n_metrics; i++) {
        names[i] = d->metrics[i].name;
        if (strcmp(name, names[i]) == 0) { *ret_metric = i; return true; }
    }
    return yaml_fail(at, err, "there is no metric '%s'%s", name, similar_names(name, names, d->n_metrics, arena));
}

static bool add_known(struct design *d, const char *name)
{
    for (size_t k = 0; k < COUNT(known_metrics) && d->n_metrics < DESIGN_METRICS_MOST; k++) {
        if (strcmp(name, known_metrics[k].name) != 0) continue;
        d->metrics[d->n_metrics++] = (struct design_metric){ .name = name,
                                                             .event = known_metrics[k].event,
                                                             .kind = DESIGN_ANY,
                                                             .of = "amount",
                                                             .margin = 1,
                                                             .window_days = USUAL_WINDOW_DAYS };
        return true;
    }
    return false;
}

static bool read_metric(const struct yaml_node *node, struct design *d, struct arena *arena, struct err *err)
{
    static const char *const
        keys[] = { "name", "event", "kind", "of", "margin", "costs", "window", "winsor", "quantile" },
        *const kinds[] = { "any", "count", "sum", "ratio", "quantile" }, *const yes_no[] = { "false", "true" };
    struct design_metric *m = &d->metrics[d->n_metrics];
    size_t kind = DESIGN_ANY, costs = 0;
    *m = (struct design_metric){ .of = "amount", .margin = 1, .quantile = .5, .window_days = USUAL_WINDOW_DAYS };
    if (node->kind == YAML_SCALAR && node->text && add_known(d, node->text)) return true;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_text(node, "name", &m->name, err) ||
        !yaml_text(node, "event", &m->event, err) ||
        !read_word(node, "kind", kinds, COUNT(kinds), &kind, arena, err) || !yaml_text(node, "of", &m->of, err) ||
        !yaml_number(node, "margin", 0, 1, &m->margin, err) ||
        !read_word(node, "costs", yes_no, 2, &costs, arena, err) ||
        !yaml_days(node, "window", &m->window_days, err) ||
        !yaml_number(node, "winsor", .5, .999999, &m->winsor, err) ||
        !yaml_number(node, "quantile", .001, .999, &m->quantile, err))
        return false;
    m->event = commerce_meant(m->event);
    if (!m->name || !m->event)
        return yaml_fail(node, err, "a metric is {name: kept, event: order, kind: any, window: 60d}");
    for (size_t i = 0; i < d->n_metrics; i++)
        if (strcmp(d->metrics[i].name, m->name) == 0)
            return yaml_fail(node, err, "metric '%s' is there twice", m->name);
    if (m->window_days < 1 || m->window_days > 3650) return yaml_fail(node, err, "a window is from 1d to 10y");
    m->kind = (enum design_kind)kind, m->has_costs = costs == 1, m->has_margin = yaml_find(node, "margin") != NULL;
    d->n_metrics++;
    return true;
}

static bool read_metrics(const struct yaml_node *node, struct design *d, struct arena *arena, struct err *err)
{
    const struct yaml_node *list = yaml_find(node, "metrics");
    const char *primary = NULL;
    if (!list || list->kind != YAML_LIST || list->n == 0)
        return yaml_fail(node, err, "%s needs metrics: [{name: kept, event: order, kind: any, window: 60d}]",
                         d->name);
    if (list->n > DESIGN_METRICS_MOST / 2)
        return yaml_fail(list, err, "at most %d metrics", DESIGN_METRICS_MOST / 2);
    for (size_t i = 0; i < list->n; i++)
        if (!read_metric(list->items[i], d, arena, err)) return false;
    if (!yaml_text(node, "primary", &primary, err)) return false;
    return !primary || find_metric(d, yaml_find(node, "primary"), primary, arena, &d->primary, err);
}

static bool read_covariate(const struct yaml_node *node, struct design *d, struct arena *arena, struct err *err)
{
    static const char *const keys[] = { "metric", "before" };
    const struct yaml_node *map = yaml_find(node, "covariate");
    const char *metric = NULL;
    d->covariate = SIZE_MAX, d->covariate_days = 90;
    if (!map) return true;
    if (!yaml_check_keys(map, keys, 2, err) || !yaml_text(map, "metric", &metric, err) ||
        !yaml_days(map, "before", &d->covariate_days, err))
        return false;
    if (!metric || d->covariate_days < 1)
        return yaml_fail(map, err,
                         "a covariate is {metric: margin, before: 90d}: the metric in the time before exposure");
    return find_metric(d, map, metric, arena, &d->covariate, err);
}

static bool read_guardrails(const struct yaml_node *node, struct design *d, struct arena *arena, struct err *err)
{
    static const char *const keys[] = { "metric", "stop_above" };
    const struct yaml_node *list = yaml_find(node, "guardrails");
    if (list && (list->kind != YAML_LIST || list->n > DESIGN_METRICS_MOST / 2))
        return yaml_fail(list, err, "guardrails are a list: [{metric: unsubscribed, stop_above: .002}]");
    for (size_t i = 0; list && i < list->n; i++) {
        struct design_guardrail *g = &d->guardrails[d->n_guardrails++];
        size_t metric;
        struct err none;
        g->stop_above = NAN;
        if (!yaml_check_keys(list->items[i], keys, 2, err) ||
            !yaml_text(list->items[i], "metric", &g->metric, err) ||
            !yaml_number(list->items[i], "stop_above", -1e15, 1e15, &g->stop_above, err))
            return false;
        if (!g->metric || isnan(g->stop_above))
            return yaml_fail(list->items[i], err, "a guardrail is {metric: unsubscribed, stop_above: .002}");
        bool is_there =
            find_metric(d, list->items[i], g->metric, arena, &metric, &none) || add_known(d, g->metric);
        if (!is_there) return find_metric(d, list->items[i], g->metric, arena, &metric, err);
    }
    return true;
}

/* ---- the whole ---- */

/* Arms that are versions of a model: whoever it asks is scored by that of their arm, until it is stopped. */
static bool check_model(const struct yaml_node *node, struct design *d, struct err *err)
{
    static const char *const needless[] = { "who", "ramp", "start", "end", "audience" };
    int64_t version;
    if (!d->model)
        return d->exposure != EXPOSED_BY_SCORE ||
               yaml_fail(yaml_find(node, "exposure"), err, "exposure: score is of an experiment on versions of a "
                         "model: it needs model: churn, and arms that are versions: {1: .5, 2: .5}");
    if (yaml_find(node, "exposure") && d->exposure != EXPOSED_BY_SCORE)
        return yaml_fail(yaml_find(node, "exposure"), err, "who is scored is exposed to a version of a model: exposure "
                         "is score");
    d->exposure = EXPOSED_BY_SCORE;
    for (size_t i = 0; i < COUNT(needless); i++)
        if (yaml_find(node, needless[i]))
            return yaml_fail(yaml_find(node, needless[i]), err, "an experiment on a model has everybody whom it asks "
                             "from its start until it is stopped: leave %s out", needless[i]);
    for (size_t a = 0; a < d->n_arms; a++)
        if (!text_int64(text_of(d->arms[a]), &version) || version < 1)
            return yaml_fail(yaml_find(node, "arms"), err, "arm '%s': the arms of an experiment on a model are its "
                             "versions, numbers that holdfast model list tells: {1: .5, 2: .5}", d->arms[a]);
    return true;
}

static bool read_rest(const struct yaml_node *node, struct design *d, struct arena *arena, struct err *err)
{
    static const char *const exposures[] = { "decision", "message", "step", "call", "score" };
    static const char *const yes_no[] = { "false", "true" };
    const struct yaml_node *strata = yaml_find(node, "strata");
    static const char *const audiences[] = { "online", "known" };
    size_t exposure = EXPOSED_BY_DECISION, transactional = 0, audience = 0;
    d->unit = "customer", d->start_ms = INT64_MIN, d->end_ms = INT64_MAX, d->salt = d->name;
    if (!yaml_text(node, "salt", &d->salt, err) || !yaml_text(node, "unit", &d->unit, err) ||
        !yaml_text(node, "who", &d->who, err) || !yaml_text(node, "model", &d->model, err) ||
        !read_day(node, "start", &d->start_ms, err) ||
        !read_day(node, "end", &d->end_ms, err) ||
        !read_word(node, "exposure", exposures, EXPOSURES, &exposure, arena, err) ||
        !read_word(node, "transactional", yes_no, 2, &transactional, arena, err) ||
        !read_word(node, "audience", audiences, 2, &audience, arena, err))
        return false;
    d->is_known = audience == 1;
    if (d->is_known && d->n_ramp > 0)
        return yaml_fail(yaml_find(node, "ramp"), err, "a known audience is dealt at once: it has no ramp");
    d->exposure = (enum design_exposure)exposure, d->is_transactional = transactional == 1;
    if (!check_model(node, d, err)) return false;
    if (strcmp(d->unit, "customer") != 0)
        return yaml_fail(yaml_find(node, "unit"), err, "unit: customer is the only one there is");
    if (d->end_ms <= d->start_ms)
        return yaml_fail(yaml_find(node, "end"), err, "%s ends before it starts: put end after start", d->name);
    if (strata && (strata->kind != YAML_LIST || strata->n > DESIGN_STRATA_MOST))
        return yaml_fail(strata, err, "strata is a list of up to %d traits: [country]", DESIGN_STRATA_MOST);
    for (size_t i = 0; strata && i < strata->n; i++) {
        if (strata->items[i]->kind != YAML_SCALAR)
            return yaml_fail(strata->items[i], err, "strata are names of traits");
        d->strata[d->n_strata++] = strata->items[i]->text;
    }
    return true;
}

bool design_read(const struct yaml_node *node, struct arena *arena, struct design *ret_design, struct err *err)
{
    static const char *const keys[] = { "name",      "salt",      "control",       "arms",    "unit",
                                        "who",       "namespace", "strata",        "start",   "end",
                                        "ramp",      "exposure",  "transactional", "primary", "metrics",
                                        "covariate", "guardrails", "audience",  "model" };
    struct design *d = ARENA_NEW(arena, struct design);
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_text(node, "name", &d->name, err)) return false;
    if (!d->name || !*d->name || strlen(d->name) > DESIGN_NAME_MOST_BYTES)
        return yaml_fail(node, err, "an experiment needs a name of up to %d bytes", DESIGN_NAME_MOST_BYTES);
    if (!read_arms(node, d, arena, err) || !read_space(node, d, err) || !read_ramp(node, d, err) ||
        !read_rest(node, d, arena, err) || !read_metrics(node, d, arena, err) ||
        !read_covariate(node, d, arena, err) || !read_guardrails(node, d, arena, err))
        return false;
    *ret_design = *d;
    return true;
}

bool design_of(const char *name, struct text definition, struct arena *arena, struct design *ret_design,
               const struct yaml_node **ret_root, struct err *err)
{
    const struct yaml_node *root;
    if (!yaml_parse(definition.at, definition.length, name, arena, &root, err)) return false;
    const struct yaml_node *list = yaml_find(root, "experiments");
    if (ret_root) *ret_root = root;
    for (size_t i = 0; list && i < list->n; i++) {
        const struct yaml_node *of = yaml_find(list->items[i], "name");
        if (of && of->kind == YAML_SCALAR && strcmp(of->text, name) == 0)
            return design_read(list->items[i], arena, ret_design, err);
    }
    return err_set(err, ERR_CORRUPT, "the definition of experiment '%s' is damaged", name);
}
