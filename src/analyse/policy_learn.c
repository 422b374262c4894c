/* policy_learn.c - policy learn FILE; see policy_file.h. */
#include "analyse/policy_file.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/json_write.h"
#include "decide/fitted_q.h"
#include "table/frame.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { STATES_MOST = 200000, ACTIONS_MOST = 1000, CELLS_MOST = 20000000 };

struct learning {
    struct invocation   *invocation;
    struct arena        *arena;
    struct frame         frame;
    struct frame_levels  actions, states, nexts, episodes;
    struct q_log         log;
    const char         **names;         /* [n_states] */
    double              *propensity;
};

static bool level_of(struct learning *l, const char *flag, size_t most, struct frame_levels *ret, struct err *err)
{
    const char *name = flag_text(l->invocation, flag, NULL);
    size_t column;
    if (!name) return err_set(err, ERR_INVALID, "learn needs --%s", flag);
    return (frame_column(&l->frame, name, &column, l->arena, err) &&
            frame_levels(&l->frame, column, most, l->arena, ret, err)) || err_context(err, "--%s", flag);
}

/* States that only ever come next get numbers after the others. */
static void number_states(struct learning *l, uint32_t *next)
{
    struct hash_map met = { 0 };
    size_t n = l->states.n;
    l->names = ARENA_ARRAY(l->arena, const char *, l->states.n + l->nexts.n + 1);
    memcpy(l->names, l->states.names, n * sizeof *l->names);
    for (size_t s = 0; s < n; s++) *hash_map_put(&met, hash_bytes(l->names[s], strlen(l->names[s]), 0)) = s + 1;
    uint32_t *renumbered = ARENA_ARRAY(l->arena, uint32_t, l->nexts.n + 1);
    for (size_t s = 0; s < l->nexts.n; s++) {
        uint64_t *place = hash_map_put(&met, hash_bytes(l->nexts.names[s], strlen(l->nexts.names[s]), 0));
        if (*place == 0) l->names[n] = l->nexts.names[s], *place = ++n;
        renumbered[s] = (uint32_t)*place - 1;
    }
    hash_map_free(&met);
    for (size_t i = 0; i < l->frame.n_rows; i++)
        next[i] = l->nexts.of[i] == FRAME_MISSING ? 0 : renumbered[l->nexts.of[i]];
    l->log.n_states = n;
}

static bool missing(const struct learning *l, size_t row, const char *flag, struct err *err)
{
    return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ": --%s is missing", l->frame.path, l->frame.lines[row],
                   flag);
}

static bool read_rows(struct learning *l, struct err *err)
{
    double *reward, *done;
    const char *reward_name = flag_text(l->invocation, "reward", NULL),
               *done_name = flag_text(l->invocation, "done", NULL);
    uint8_t *is_last = ARENA_ARRAY(l->arena, uint8_t, l->frame.n_rows + 1);
    uint32_t *next = ARENA_ARRAY(l->arena, uint32_t, l->frame.n_rows + 1);
    if (!reward_name || !done_name)
        return err_set(err, ERR_INVALID, "learn needs --%s", reward_name ? "done" : "reward");
    if (!level_of(l, "state", STATES_MOST, &l->states, err) ||
        !level_of(l, "action", ACTIONS_MOST, &l->actions, err) ||
        !level_of(l, "next", STATES_MOST, &l->nexts, err) ||
        !frame_numbers(&l->frame, reward_name, l->arena, &reward, err) ||
        !frame_numbers(&l->frame, done_name, l->arena, &done, err))
        return false;
    for (size_t i = 0; i < l->frame.n_rows; i++) {
        is_last[i] = !isnan(done[i]) && done[i] != 0;
        if (l->states.of[i] == FRAME_MISSING) return missing(l, i, "state", err);
        if (l->actions.of[i] == FRAME_MISSING) return missing(l, i, "action", err);
        if (isnan(reward[i])) return missing(l, i, "reward", err);
        if (!is_last[i] && l->nexts.of[i] == FRAME_MISSING)
            return err_set(err, ERR_INVALID,
                           "%s: line %" PRIu64 ": --next is missing where --done does not say that it ended",
                           l->frame.path, l->frame.lines[i]);
    }
    number_states(l, next);
    l->log.n = l->frame.n_rows, l->log.n_actions = l->actions.n;
    l->log.state = l->states.of, l->log.action = l->actions.of, l->log.next = next;
    l->log.reward = reward, l->log.is_last = is_last;
    if (l->log.n_states * l->log.n_actions > CELLS_MOST)
        return err_set(err, ERR_INVALID, "%s: a table of %zu states and %zu actions is too large", l->frame.path,
                       l->log.n_states, l->log.n_actions);
    return true;
}

static json_t *table_json(const struct learning *l, const struct q_table *table)
{
    json_t *value = json_object(), *policy = json_array();
    for (size_t s = 0; s < l->log.n_states; s++) {
        json_t *q = json_object();
        for (size_t a = 0; a < l->log.n_actions; a++) {
            double of = table->q[s * l->log.n_actions + a];
            if (!isnan(of)) json_object_set_new(q, l->actions.names[a], json_real(of));
        }
        json_object_set_new(value, l->names[s], json_real(table->value[s]));
        json_array_append_new(
            policy, json_pack("{s:s, s:s?, s:o}", "state", l->names[s], "action",
                              table->best[s] == Q_NO_ACTION ? NULL : l->actions.names[table->best[s]], "q", q));
    }
    return json_pack("{s:f, s:I, s:o, s:o}", "gamma", l->log.gamma, "rounds", (json_int_t)table->n_rounds, "value",
                     value, "policy", policy);
}

/* With episodes and propensities: what the policy earns on people it did not learn from. */
static bool add_evaluation(struct learning *l, json_t *json, struct err *err)
{
    const char *propensity = flag_text(l->invocation, "propensity", NULL);
    struct q_evaluation e;
    if (!propensity || !flag_text(l->invocation, "episode", NULL)) {
        json_object_set_new(json, "evaluated", json_null());
        return true;
    }
    if (!level_of(l, "episode", l->frame.n_rows, &l->episodes, err) ||
        !frame_numbers(&l->frame, propensity, l->arena, &l->propensity, err))
        return false;
    for (size_t i = 0; i < l->frame.n_rows; i++) {
        if (l->episodes.of[i] == FRAME_MISSING) return missing(l, i, "episode", err);
        if (!(l->propensity[i] > 0 && l->propensity[i] <= 1))
            return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ": --propensity is a chance above 0, at most 1",
                           l->frame.path, l->frame.lines[i]);
    }
    if (!q_evaluate(&l->log, l->episodes.of, l->episodes.n, l->propensity, l->arena, &e, err)) return false;
    json_object_set_new(json, "evaluated",
                        json_pack("{s:f, s:o, s:o, s:o, s:f, s:I}", "value", e.value, "se", number_json(e.se),
                                  "low", number_json(e.value - 1.959963984540054 * e.se), "high",
                                  number_json(e.value + 1.959963984540054 * e.se), "logged", e.logged, "episodes",
                                  (json_int_t)e.n_episodes));
    return true;
}

bool policy_file_learn(struct invocation *invocation, const char *path, json_t **ret_json, struct err *err)
{
    struct learning *l = ARENA_NEW(invocation->arena, struct learning);
    struct q_table table;
    const char *model = flag_text(invocation, "model", "table"), *where = flag_text(invocation, "where", NULL);
    l->invocation = invocation, l->arena = invocation->arena;
    if (strcmp(model, "table") != 0) return err_set(err, ERR_INVALID, "--model is table; not %s", model);
    if (!flag_double(invocation, "gamma", 1e-6, 1, .97, &l->log.gamma, err) ||
        !frame_open(path, invocation->progress, l->arena, &l->frame, err) ||
        (where && !frame_where(&l->frame, where, err)) || !read_rows(l, err))
        return false;
    if (!q_learn(&l->log, NULL, l->arena, &table, err)) return err_context(err, "%s", path);
    *ret_json = table_json(l, &table);
    if (add_evaluation(l, *ret_json, err)) return true;
    json_decref(*ret_json);
    return false;
}
