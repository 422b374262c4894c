/* bandit_database.c - see bandit_database.h. */
#include "analyse/bandit_database.h"

#include "base/json_write.h"
#include "base/settings.h"
#include "base/similar.h"
#include "cli/database.h"
#include "learn/bandit_measure.h"
#include "server/clocks.h"

#include <math.h>
#include <string.h>

static json_t *theta_json(const struct linear_arm *arm)
{
    json_t *theta = json_array();
    for (size_t c = 0; c < arm->width; c++) json_array_append_new(theta, json_real(arm->theta[c]));
    return theta;
}

static json_t *arm_json(const struct bandit_rule *rule, const struct bandit_measured *m,
                        const struct bandit_view *view, size_t a, struct arena *arena)
{
    const struct bandit_tally *tally = &m->tally[a];
    const struct bandit_arm *arm = &view->arms[a];
    bool is_linear = rule->n_context > 0, is_beta = !is_linear && !rule->is_amount,
         is_closed = view->closed_by[a] != BANDIT_OPEN;
    double mean = is_linear ? arm->alpha : tally->tried > 0 ? tally->sum / tally->tried : (double)NAN;
    json_t *json = json_pack(
        "{s:s, s:I, s:o, s:o, s:o, s:o, s:f, s:o}", "arm", rule->arms[a], "n", (json_int_t)tally->n, "mean",
        number_json(mean), "alpha", is_beta ? json_real(arm->alpha) : json_null(), "beta",
        is_beta ? json_real(arm->beta) : json_null(), "chance_best", number_json(view->chance_best[a]),
        "propensity", view->chance[a], "closed",
        is_closed ? json_string(bandit_closed_why(rule, tally, view->closed_by[a], arena)) : json_null());
    if (is_linear) {
        json_object_set_new(json, "theta", theta_json(&tally->linear));
        json_object_set_new(json, "upper", number_json(view->upper[a]));
    }
    return json;
}

/* With a context arms stand as for somebody in the middle of those whom it was tried on. */
static json_t *bandit_json(const struct bandit_rule *rule, const struct bandit_measured *m, int64_t as_of_ms,
                           struct arena *arena)
{
    struct bandit_view view;
    size_t best = 0;
    json_t *rows = json_array();
    bandit_view_of(rule, m->tally, m->variance, m->x_mean, &view);
    for (size_t a = 0; a < rule->n_arms; a++) {
        if (rule->is_linucb ? view.upper[a] > view.upper[best] : view.chance[a] > view.chance[best]) best = a;
        json_array_append_new(rows, arm_json(rule, m, &view, a, arena));
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:s, s:o, s:I}", "bandit", rule->name, "placement",
                     rule->placement, "policy", rule->is_linucb ? "linucb" : "thompson", "as_of_ms",
                     (json_int_t)as_of_ms, "arms", rows, "best", rule->arms[best], "stopped",
                     view.stopped == SIZE_MAX ? json_null() : json_string(rule->arms[view.stopped]), "waiting",
                     (json_int_t)m->n_waiting);
}

/* The bandit of a name.  Errors: ERR_MISSING. */
static const struct bandit_rule *find(const struct bandit_rule *rules, size_t n, const char *name,
                                      struct arena *arena, struct err *err)
{
    const char *names[BANDITS_MOST];
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rules[i].name, name) == 0) return &rules[i];
        names[i] = rules[i].name;
    }
    err_set(err, ERR_MISSING, "there is no file '%s', and no bandit of that name in the section bandits of %s%s",
            name, SETTINGS_FILE, similar_names(name, names, n, arena));
    return NULL;
}

static bool measure(struct invocation *in, struct database *database, const char *name, json_t **ret_json,
                    struct err *err)
{
    struct settings settings;
    struct bandit_rule *rules;
    struct identities *identities = NULL;
    struct bandit_measured measured;
    size_t n;
    int64_t as_of_ms;
    if (!command_settings(in, database->store, &settings, err) ||
        !bandit_rules_read(&settings, in->arena, &rules, &n, err) ||
        !flag_date_ms(in, "as-of", clock_wall_ms(NULL), &as_of_ms, err))
        return false;
    const struct bandit_rule *rule = find(rules, n, name, in->arena, err);
    bool ok = rule && identities_open(database->store, database->log, &identities, err) &&
              bandit_measure(database->store, database->log, identities, rule, as_of_ms, in->arena, &measured, err);
    identities_close(identities);
    if (ok) *ret_json = bandit_json(rule, &measured, as_of_ms, in->arena);
    return ok;
}

bool bandit_database(struct invocation *invocation, const char *name, json_t **ret_json, struct err *err)
{
    struct database database;
    if (!database_open(invocation, NULL, false, &database, err)) return false;
    bool ok = measure(invocation, &database, name, ret_json, err);
    database_close(&database);
    return ok;
}
