/* bandit_database.c - see bandit_database.h. */
#include "analyse/bandit_database.h"

#include "base/json_write.h"
#include "base/settings.h"
#include "base/similar.h"
#include "cli/database.h"
#include "learn/bandits.h"
#include "server/clocks.h"

#include <string.h>

static json_t *arms_json(const struct bandit_rule *rule, const struct bandit_tally *tally, size_t waiting,
                         int64_t as_of_ms)
{
    struct bandit_arm arms[DECISION_MOST_CANDIDATES];
    double chance[DECISION_MOST_CANDIDATES];
    size_t best = 0;
    json_t *rows = json_array();
    bandit_rule_arms(rule, tally, arms, chance);
    for (size_t a = 0; a < rule->n_arms; a++) {
        if (chance[a] > chance[best]) best = a;
        json_array_append_new(rows, json_pack("{s:s, s:I, s:o, s:f, s:f, s:f}", "arm", rule->arms[a], "n",
                                              (json_int_t)tally[a].n, "mean",
                                              tally[a].tried > 0 ? json_real(tally[a].rewarded / tally[a].tried)
                                                                 : json_null(),
                                              "alpha", arms[a].alpha, "beta", arms[a].beta, "chance_best",
                                              chance[a]));
    }
    return json_pack("{s:s, s:s, s:I, s:o, s:s, s:I}", "bandit", rule->name, "placement", rule->placement,
                     "as_of_ms", (json_int_t)as_of_ms, "arms", rows, "best", rule->arms[best], "waiting",
                     (json_int_t)waiting);
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
    struct bandit_tally tally[DECISION_MOST_CANDIDATES];
    size_t n, waiting = 0;
    int64_t as_of_ms;
    if (!command_settings(in, database->store, &settings, err) ||
        !bandit_rules_read(&settings, in->arena, &rules, &n, err) ||
        !flag_date_ms(in, "as-of", clock_wall_ms(NULL), &as_of_ms, err))
        return false;
    const struct bandit_rule *rule = find(rules, n, name, in->arena, err);
    bool ok = rule && identities_open(database->store, database->log, &identities, err) &&
              bandit_measure(database->store, database->log, identities, rule, as_of_ms, tally, &waiting, err);
    identities_close(identities);
    if (ok) *ret_json = arms_json(rule, tally, waiting, as_of_ms);
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
