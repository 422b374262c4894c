/* policy_file.c - policy evaluate FILE; see policy_file.h. */
#include "analyse/policy_file.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "decide/off_policy.h"
#include "table/frame.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum { ACTIONS_MOST = 10000, DEPENDS_MOST = 20, CELLS_MOST = 20000000 };

struct evaluating {
    struct invocation    *invocation;
    struct arena         *arena;
    struct frame          frame;
    size_t                action_column;
    struct frame_levels   actions;
    double               *reward, *propensity, *chance, *table;
    uint32_t             *context;
    size_t                n_contexts;
};

/* ---- the log ---- */

static bool check_propensities(const struct evaluating *e, const char *name, struct err *err)
{
    for (size_t i = 0; i < e->frame.n_rows; i++) {
        double p = e->propensity[i];
        if (p > 0 && p < 1) continue;
        const char *what = isnan(p) ? "is missing" : arena_format(e->arena, "is %g", p);
        return err_set(
            err, ERR_INVALID,
            "%s: line %" PRIu64 ", column %s: the propensity %s; it is the chance with which the "
            "action was drawn, above 0 and below 1: what was certain or impossible tells nothing of other "
            "policies; leave such rows out with --where",
            e->frame.path, e->frame.lines[i], name, what);
    }
    return true;
}

static bool no_number(const struct frame *frame, const double *values, const char *name, struct err *err)
{
    for (size_t i = 0; i < frame->n_rows; i++)
        if (isnan(values[i])) {
            (void)err_set(err, ERR_INVALID,
                          "%s: line %" PRIu64 ", column %s is missing; leave such rows out with --where",
                          frame->path, frame->lines[i], name);
            return true;
        }
    return false;
}

static bool read_log(struct evaluating *e, const char *path, struct err *err)
{
    struct invocation *in = e->invocation;
    const char *action = flag_text(in, "action", NULL), *reward = flag_text(in, "reward", NULL),
               *propensity = flag_text(in, "propensity", NULL), *where = flag_text(in, "where", NULL);
    if (!action || !reward || !propensity || !flag_text(in, "policy", NULL))
        return err_set(err, ERR_INVALID,
                       "evaluate needs --action, what was done, --reward, what came of it, --propensity, the "
                       "chance with which it was drawn, and --policy, the policy to be judged");
    if (!frame_open(path, in->progress, e->arena, &e->frame, err) ||
        (where && !frame_where(&e->frame, where, err)) ||
        !frame_column(&e->frame, action, &e->action_column, e->arena, err) ||
        !frame_arms(&e->frame, e->action_column, ACTIONS_MOST, e->arena, &e->actions, err) ||
        !frame_numbers(&e->frame, reward, e->arena, &e->reward, err) ||
        !frame_numbers(&e->frame, propensity, e->arena, &e->propensity, err) ||
        !check_propensities(e, propensity, err))
        return false;
    for (size_t i = 0; i < e->frame.n_rows; i++)
        if (e->actions.of[i] == FRAME_MISSING)
            return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ", column %s is missing", path, e->frame.lines[i],
                           action);
    if (no_number(&e->frame, e->reward, reward, err)) return false;
    if (e->actions.n < 2)
        return err_set(err, ERR_REFUSED,
                       "%s: only '%s' was ever done: what another action would have brought cannot be told; "
                       "a log must have drawn at least two",
                       path, e->actions.names[0]);
    return true;
}

/* ---- the policy ---- */

/* A file's columns: the action, its probability, and those of the log on which it depends. */
struct policy_table {
    struct frame frame;
    size_t action;
    double *probability;
    size_t own[DEPENDS_MOST], log[DEPENDS_MOST], n;
};

static bool read_table(const struct evaluating *e, const char *path, struct policy_table *t, struct err *err)
{
    struct err none;
    const char *action = e->frame.names[e->action_column];
    if (!frame_open(path, NULL, e->arena, &t->frame, err)) return false;
    if (!frame_column(&t->frame, "action", &t->action, e->arena, &none) &&
        !frame_column(&t->frame, action, &t->action, e->arena, err))
        return err_context(
            err,
            "--policy %s: it has a column action (or %s), a column probability and those of the log on which "
            "they depend",
            path, action);
    if (!frame_numbers(&t->frame, "probability", e->arena, &t->probability, err))
        return err_context(err, "--policy");
    for (size_t c = 0; c < t->frame.n_columns; c++) {
        if (c == t->action || text_equal_ignoring_case(text_of(t->frame.names[c]), text_of("probability")))
            continue;
        if (t->n == DEPENDS_MOST)
            return err_set(err, ERR_INVALID, "--policy %s: more than %d columns", path, DEPENDS_MOST);
        t->own[t->n] = c;
        if (!frame_column(&e->frame, t->frame.names[c], &t->log[t->n++], e->arena, err))
            return err_context(err, "--policy %s: column %s", path, t->frame.names[c]);
    }
    return true;
}

/* Numbers are the same however they are written: 1 and 1.0. */
static uint64_t cell_hash(struct text cell, uint64_t seed)
{
    double number;
    if (text_double(cell, '.', &number)) return hash_bytes((const char *)&number, sizeof number, seed);
    return hash_bytes(cell.at, cell.length, seed);
}

static uint64_t context_hash(const struct frame *frame, size_t row, const size_t *columns, size_t n)
{
    uint64_t hash = 1;
    for (size_t i = 0; i < n; i++) hash = cell_hash(frame->cells[row * frame->n_columns + columns[i]], hash);
    return hash;
}

static uint32_t find_action(const struct evaluating *e, const struct hash_map *actions, struct text cell)
{
    const uint64_t *at = hash_map_find(actions, cell_hash(cell, 0));
    (void)e;
    return at ? (uint32_t)*at : UINT32_MAX;
}

/* Each context's chances add up to 1.  What a policy gives to actions never logged is earned by the overall mean.
 */
static bool check_table(const struct evaluating *e, const double *sums, const uint64_t *line_of, const char *path,
                        struct err *err)
{
    for (size_t c = 0; c < e->n_contexts; c++)
        if (fabs(sums[c] - 1) > 1e-6)
            return err_set(err, ERR_INVALID,
                           "--policy %s: the probabilities of the context that begins at line %" PRIu64
                           " add up to %.6g, not to 1",
                           path, line_of[c], sums[c]);
    return true;
}

static bool fill_table(struct evaluating *e, struct policy_table *t, struct hash_map *contexts, const char *path,
                       struct err *err)
{
    struct hash_map actions = { 0 };
    size_t rows = t->frame.n_rows, width = e->actions.n + 1;        /* the last: actions that were never logged */
    double *sums = ARENA_ARRAY(e->arena, double, rows + 1);
    uint64_t *line_of = ARENA_ARRAY(e->arena, uint64_t, rows + 1);
    bool ok = true;
    for (size_t a = 0; a < e->actions.n; a++)
        *hash_map_put(&actions, cell_hash(text_of(e->actions.names[a]), 0)) = a;
    for (size_t i = 0; i < rows; i++) {
        uint64_t *place = hash_map_put(contexts, context_hash(&t->frame, i, t->own, t->n));
        if (*place == 0) line_of[e->n_contexts] = t->frame.lines[i], *place = ++e->n_contexts;
    }
    if (e->n_contexts * width > CELLS_MOST)
        ok = err_set(err, ERR_INVALID, "--policy %s: %zu contexts of %zu actions are too many", path,
                     e->n_contexts, width - 1);
    if (ok) e->table = ARENA_ARRAY(e->arena, double, e->n_contexts * width);
    for (size_t i = 0; ok && i < rows; i++) {
        double p = t->probability[i];
        size_t context = *hash_map_find(contexts, context_hash(&t->frame, i, t->own, t->n)) - 1;
        uint32_t action = find_action(e, &actions, t->frame.cells[i * t->frame.n_columns + t->action]);
        if (!(p >= 0 && p <= 1))
            ok = err_set(err, ERR_INVALID, "--policy %s: line %" PRIu64 ": a probability of %g", path,
                         t->frame.lines[i], p);
        sums[context] += p;
        if (ok) e->table[context * width + (action == UINT32_MAX ? width - 1 : action)] += p;
    }
    hash_map_free(&actions);
    return ok && check_table(e, sums, line_of, path, err);
}

static bool read_policy_file(struct evaluating *e, const char *path, struct err *err)
{
    struct policy_table *t = ARENA_NEW(e->arena, struct policy_table);
    struct hash_map contexts = { 0 };
    bool ok = read_table(e, path, t, err) && fill_table(e, t, &contexts, path, err);
    e->context = ARENA_ARRAY(e->arena, uint32_t, e->frame.n_rows + 1);
    for (size_t i = 0; ok && i < e->frame.n_rows; i++) {
        const uint64_t *at = hash_map_find(&contexts, context_hash(&e->frame, i, t->log, t->n));
        if (at) e->context[i] = (uint32_t)(*at - 1);
        else
            ok = err_set(err, ERR_INVALID, "--policy %s says nothing for %s: line %" PRIu64 " (%s = '%.*s')", path,
                         e->frame.path, e->frame.lines[i], t->frame.names[t->own[0]],
                         (int)e->frame.cells[i * e->frame.n_columns + t->log[0]].length,
                         e->frame.cells[i * e->frame.n_columns + t->log[0]].at);
    }
    hash_map_free(&contexts);
    return ok;
}

static bool read_policy(struct evaluating *e, struct err *err)
{
    const char *policy = flag_text(e->invocation, "policy", NULL);
    struct err none;
    size_t column, width = e->actions.n + 1;
    if (strcmp(policy, "uniform") == 0) {
        e->n_contexts = 1, e->table = ARENA_ARRAY(e->arena, double, width);
        for (size_t a = 0; a < e->actions.n; a++) e->table[a] = 1 / (double)e->actions.n;
        return true;
    }
    bool is_column = frame_column(&e->frame, policy, &column, e->arena, &none);
    if (!is_column && access(policy, F_OK) == 0) return read_policy_file(e, policy, err);
    if (!frame_numbers(&e->frame, policy, e->arena, &e->chance, err))
        return err_context(err, "--policy is uniform, a column, or a file");
    for (size_t i = 0; i < e->frame.n_rows; i++)
        if (!(e->chance[i] >= 0 && e->chance[i] <= 1))
            return err_set(err, ERR_INVALID,
                           "%s: line %" PRIu64 ": --policy %s is the chance of the row's own action, between 0 "
                           "and 1; not %g",
                           e->frame.path, e->frame.lines[i], policy, e->chance[i]);
    return true;
}

/* ---- the answer ---- */

static const char *sentence_of(const struct off_policy_result *r, size_t n, struct arena *arena)
{
    switch (r->verdict) {
    case OFF_REFUSED:
        return arena_format(
            arena,
            "The log acts too differently: its %zu rows tell as much of this policy as %.1f rows of its "
            "own would, and below %d nothing can be said; take a policy nearer to the log's, or try it on "
            "a few.",
            n, r->ess, OFF_ESS_REFUSED);
    case OFF_THIN:
        return arena_format(
            arena,
            "Thin evidence: the log's %zu rows tell as much of this policy as %.1f rows of its own would; "
            "trust the intervals, not the values.",
            n, r->ess);
    case OFF_OK: break;
    }
    return arena_format(
        arena,
        "By the log's %zu rows, worth %.0f of its own, this policy earns %.5g (%.5g to %.5g) a row where "
        "the log earned %.5g.",
        n, r->ess, r->estimators[OFF_SNIPS].value, r->estimators[OFF_SNIPS].low, r->estimators[OFF_SNIPS].high,
        r->logged);
}

static json_t *result_json(const struct off_policy_result *r, size_t n, struct arena *arena)
{
    static const char *const verdicts[] = { "ok", "thin", "refused" };
    json_t *estimators = json_object();
    for (size_t e = 0; e < OFF_ESTIMATORS; e++) {
        const struct off_policy_value *v = &r->estimators[e];
        json_object_set_new(estimators, off_policy_name[e],
                            isnan(v->value) ? json_null()
                                            : json_pack("{s:f, s:o, s:o, s:o}", "value", v->value, "se",
                                                        isfinite(v->se) ? json_real(v->se) : json_null(), "low",
                                                        isfinite(v->low) ? json_real(v->low) : json_null(), "high",
                                                        isfinite(v->high) ? json_real(v->high) : json_null()));
    }
    return json_pack("{s:I, s:f, s:{s:f, s:f, s:f}, s:o, s:s, s:s}", "n", (json_int_t)n, "logged", r->logged,
                     "weights", "mean", r->weight_mean, "max", r->weight_max, "ess", r->ess, "estimators",
                     estimators, "verdict", verdicts[r->verdict], "sentence", sentence_of(r, n, arena));
}

bool policy_file_evaluate(struct invocation *invocation, const char *path, json_t **ret_json, struct err *err)
{
    struct evaluating e = { .invocation = invocation, .arena = invocation->arena };
    struct off_policy_log log = { 0 };
    const char *model = flag_text(invocation, "reward-model", "mean");
    if (strcmp(model, "mean") != 0)
        return err_set(err, ERR_INVALID, "--reward-model is mean, the mean reward of each action; not %s", model);
    if (!flag_double(invocation, "clip", 1e-9, 1e300, 100, &log.clip, err) ||
        !flag_double(invocation, "switch", 0, 1e300, 10, &log.switch_at, err) || !read_log(&e, path, err) ||
        !read_policy(&e, err))
        return false;
    log.n = e.frame.n_rows, log.n_actions = e.actions.n + 1, log.n_contexts = e.n_contexts;
    log.action = e.actions.of, log.context = e.context, log.reward = e.reward, log.propensity = e.propensity;
    log.chance = e.chance, log.table = e.table;
    struct off_policy_result result = off_policy_evaluate(&log, invocation->arena);
    *ret_json = result_json(&result, log.n, invocation->arena);
    return true;
}
