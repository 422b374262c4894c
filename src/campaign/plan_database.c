/* plan_database.c - see plan_database.h. */
#include "campaign/plan_database.h"

#include "campaign/plan_internal.h"
#include "campaign/plan_proxies.h"
#include "base/secret.h"
#include "cli/warnings.h"
#include "engine/assigning.h"
#include "store/setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is drawn by lot needs the database's salt; who commits makes it. */
static bool make_salt(struct store *store, void *context, struct err *err)
{
    char made[17];
    uint64_t salt;
    (void)context;
    secret_random(&salt, sizeof salt);
    snprintf(made, sizeof made, "%016llx", (unsigned long long)salt);
    return setting_put(store, "decision_salt", made, err);
}

static bool load_lot(struct planned_database *p, struct err *err)
{
    char *salt = NULL;
    bool is_commit = flag_is_given(p->invocation, "commit"),
         ok = setting_get(p->database.store, "decision_salt", &salt, err);
    if (ok && !salt && is_commit) ok = command_write(p->invocation, p->database.store, make_salt, NULL, err);
    else if (ok && !salt)
        json_array_append_new(p->warnings,
                              json_string("nothing was drawn by lot in this database before: the first --commit "
                                          "(or server) makes its lot, which will fall on others than those shown "
                                          "here"));
    free(salt);
    return ok && holdout_load(p->database.store, &p->settings, &p->setup.holdout, err);
}

static bool ask_groups(struct planned_database *p, struct err *err)
{
    const char *group = flag_text(p->invocation, "group", NULL);
    struct plan_setup *s = &p->setup;
    if (!flag_double(p->invocation, "max-disparity", 0, 1, 1, &s->most_disparity, err)) return false;
    if (!group)
        return !flag_is_given(p->invocation, "max-disparity") ||
               err_set(err, ERR_INVALID, "--max-disparity needs --group, the trait that says who is alike");
    if (!people_group(s->log, group, s->as_of_ms, s->n_threads, p->arena, &p->groups, err))
        return err_context(err, "--group");
    if (p->groups.n_groups > FAIR_GROUPS_MOST)
        return err_set(err, ERR_INVALID, "--group makes %zu groups, more than %d", p->groups.n_groups,
                       FAIR_GROUPS_MOST);
    s->group_of = p->groups.of, s->n_group_of = p->groups.n, s->n_groups = p->groups.n_groups;
    return true;
}

/* A database without a key has no consent, no suppression and no address. */
static bool ask_contact(struct planned_database *p, struct err *err)
{
    struct plan_setup *s = &p->setup;
    bool is_commit = flag_is_given(p->invocation, "commit");
    if (!profiles_open(p->database.store, is_commit, &p->profiles, err)) {
        if (is_commit) return false;
        p->profiles = NULL;
    }
    p->contact = (struct plan_contact){ .ways = p->way, .n_ways = s->n_actions, .store = s->store, .log = s->log,
                                        .identities = s->identities, .profiles = p->profiles,
                                        .as_of_ms = s->as_of_ms };
    s->allows = plan_contact_allows, s->allows_context = &p->contact;
    return plan_contact_open(&p->contact, &p->settings, p->arena, err);
}

static bool ask(struct planned_database *p, struct err *err)
{
    struct invocation *in = p->invocation;
    struct plan_setup *s = &p->setup;
    if (!flag_date_ms(in, "as-of", p->database.as_of_ms, &s->as_of_ms, err) || !plan_read_settings(p, err) ||
        !load_lot(p, err) ||
        !settings_names(&p->settings, "protected", p->arena, &s->protected_traits, &s->n_protected, err))
        return false;
    s->store = p->database.store, s->log = p->database.log, s->identities = p->identities, s->actions = p->actions,
    s->who = p->who;
    s->goal = flag_text(in, "goal", "order"), s->seed = in->seed, s->n_threads = in->n_threads;
    return flag_double(in, "explore", 0, 1, .1, &s->explore_share, err) &&
           flag_double(in, "withhold", 0, .9, .1, &s->withhold_share, err) &&
           flag_double(in, "pilot", 0, 1, .6, &s->pilot_share, err) &&
           ask_groups(p, err) && ask_contact(p, err);
}

/* An action that nobody may get is a mistake more often than a wish. */
static void warn_of_closed(struct planned_database *p)
{
    uint32_t open = 0;
    for (size_t i = 0; i < p->made.n_rows; i++) open |= p->made.rows[i].open;
    for (size_t a = 0; a < p->setup.n_actions; a++) {
        if (open >> a & 1) continue;
        const char *who = p->who[a] ? arena_format(p->arena, " (%s)", p->who[a]) : "";
        const char *warning = arena_format(
            p->arena, "nobody is eligible for '%s': see its who%s, and addresses, consent, cap, cooldown and "
            "floor_margin; left_alone counts what keeps people out", p->actions[a].name, who);
        json_array_append_new(p->warnings, json_string(warning));
    }
    p->is_open = open != 0;
}

static bool plan_it(struct planned_database *p, json_t **ret_json, struct err *err)
{
    if (!database_describe(&p->database, p->arena, err) ||
        !identities_open(p->database.store, p->database.log, &p->identities, err) || !ask(p, err) ||
        !plan_from_log(&p->setup, p->arena, &p->made, err) || !plan_proxies_warn(p, err) || !plan_write(p, err))
        return false;
    warn_of_closed(p);
    *ret_json = plan_json(p);
    return true;
}

bool plan_database(struct invocation *invocation, json_t **ret_json, struct err *err)
{
    static const char *const of_files[] = { "capacity",   "where", "price",     "floor",
                                            "competitor", "stock", "customers", NULL };
    struct planned_database *p = ARENA_NEW(invocation->arena, struct planned_database);
    p->invocation = invocation, p->arena = invocation->arena;
    if (!secret_start(err) || !database_open(invocation, NULL, false, &p->database, err)) return false;
    p->warnings = json_array();
    warn_of_flags(invocation, of_files, "on a plan from the database, but with --options or --offers",
                  p->warnings);
    bool ok = plan_it(p, ret_json, err);
    json_decref(p->warnings);
    plan_contact_close(&p->contact);
    profiles_close(p->profiles);
    identities_close(p->identities);
    database_close(&p->database);
    return ok;
}
