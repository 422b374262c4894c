/* plan_database.c - see plan_database.h. */
#include "analyse/plan_database.h"

#include "base/calendar.h"
#include "base/json_write.h"
#include "base/output.h"
#include "base/secret.h"
#include "cli/database.h"
#include "cli/warnings.h"
#include "customer/profile.h"
#include "decide/offer.h"
#include "decide/policy.h"
#include "engine/assigning.h"
#include "govern/audit.h"
#include "plan/plan_log.h"
#include "server/clocks.h"
#include "store/setting.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct planned_database {
    struct invocation  *invocation;
    struct arena       *arena;
    struct database     database;
    struct settings     settings;
    struct identities  *identities;
    struct profiles    *profiles;
    struct plan_action  actions[PLAN_ACTIONS_MOST];
    const char         *who[PLAN_ACTIONS_MOST], *channel[PLAN_ACTIONS_MOST];
    int64_t             capacity_days[PLAN_ACTIONS_MOST];       /* the span of each capacity; 0: the plan's */
    json_t             *warnings;
    struct plan_setup   setup;
    struct plan_made    made;
    bool               *is_new;
};

/* ---- actions ---- */

static bool read_number(const struct yaml_node *node, const char *key, double least, double most, double *ret,
                        struct err *err)
{
    const struct yaml_node *at = yaml_find(node, key);
    if (!at) return true;
    if (at->kind != YAML_SCALAR || !text_double(text_of(at->text), '.', ret) || *ret < least || *ret > most)
        return yaml_fail(at, err, "%s is a number from %g to %g", key, least, most);
    return true;
}

static void warn(struct planned_database *p, const char *sentence)
{
    json_array_append_new(p->warnings, json_string(sentence));
}

/* {kind: percent, depths: [5, 10]}: each depth is an action of its own, if it leaves the floor. */
static bool read_offer(struct planned_database *p, const struct yaml_node *offer, double *ret_depths,
                       size_t *ret_n, double *ret_redeemed, struct err *err)
{
    static const char *const keys[] = { "kind", "depths", "floor_margin", "redeemed" };
    const char *kind = "percent";
    double floor = 0;
    *ret_n = 0, *ret_redeemed = 1;
    if (!offer) return true;
    const struct yaml_node *depths = yaml_find(offer, "depths");
    if (!yaml_check_keys(offer, keys, sizeof keys / sizeof *keys, err) || !yaml_text(offer, "kind", &kind, err) ||
        !read_number(offer, "floor_margin", 0, 1, &floor, err) ||
        !read_number(offer, "redeemed", 0, 1, ret_redeemed, err))
        return false;
    if (strcmp(kind, "percent") != 0) return yaml_fail(offer, err, "an offer's kind is percent; not %s", kind);
    if (!depths || depths->kind != YAML_LIST || depths->n == 0 || depths->n > PLAN_ACTIONS_MOST)
        return yaml_fail(offer, err, "an offer has depths, a list of per cents such as [5, 10, 15]");
    for (size_t d = 0; d < depths->n; d++) {
        const struct yaml_node *depth = depths->items[d];
        double per_cent;
        if (depth->kind != YAML_SCALAR || !text_double(text_of(depth->text), '.', &per_cent) || per_cent <= 0 ||
            per_cent >= 100)
            return yaml_fail(depth, err, "a depth is a per cent above 0 and below 100");
        if (offer_is_allowed(p->setup.margin, per_cent / 100, floor)) ret_depths[(*ret_n)++] = per_cent;
        else
            warn(p, arena_format(p->arena,
                                 "a discount of %g %% is left out: less than its floor_margin of %g would be left "
                                 "of a margin of %g",
                                 per_cent, floor, p->setup.margin));
    }
    return *ret_n > 0 || yaml_fail(offer, err, "no depth keeps the floor_margin of %g: --margin is %g", floor,
                                   p->setup.margin);
}

/* {per: week, n: 100}; without per it is the plan's, however long that is. */
static bool read_capacity(const struct yaml_node *limit, double *ret_n, int64_t *ret_days, struct err *err)
{
    static const char *const keys[] = { "per", "n" };
    const char *per = "";
    *ret_n = HUGE_VAL, *ret_days = 0;
    if (!limit) return true;
    if (!yaml_check_keys(limit, keys, sizeof keys / sizeof *keys, err) || !yaml_text(limit, "per", &per, err) ||
        !read_number(limit, "n", 0, 1e12, ret_n, err))
        return false;
    *ret_days = strcmp(per, "day") == 0 ? 1 : strcmp(per, "week") == 0 ? 7 : strcmp(per, "month") == 0 ? 30 : 0;
    return *ret_days > 0 || yaml_days(limit, "per", ret_days, err) ||
           err_context(err, "per is day, week, month or a span");
}

/* What is known of an action and not heeded. */
static void warn_of_action(struct planned_database *p, const struct yaml_node *node, const char *name)
{
    static const char *const keys[] = { "topic", "cooldown", "cap", "subject", "html", "text" };
    const char *set = "";
    size_t n = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (yaml_find(node, keys[i])) set = arena_format(p->arena, "%s%s%s", set, n++ ? ", " : "", keys[i]);
    if (n > 0)
        warn(p, arena_format(p->arena,
                             "action '%s': %s %s not heeded: a plan writes to --sink and sends nothing itself, and "
                             "who sends from there keeps to %s",
                             name, set, n > 1 ? "are" : "is", n > 1 ? "them" : "it"));
}

static bool add_action(struct planned_database *p, const struct yaml_node *node, struct err *err)
{
    static const char *const keys[] = { "name",  "channel", "subject", "html",     "text", "contact_cost",
                                        "offer", "who",     "topic",   "cooldown", "cap",  "capacity" };
    const char *name = NULL, *who = NULL, *channel = "file";
    double depths[PLAN_ACTIONS_MOST], redeemed, cost = 0, capacity;
    int64_t capacity_days;
    size_t n_depths;
    if (!yaml_check_keys(node, keys, sizeof keys / sizeof *keys, err) || !yaml_text(node, "name", &name, err) ||
        !yaml_text(node, "who", &who, err) || !yaml_text(node, "channel", &channel, err) ||
        !read_number(node, "contact_cost", 0, 1e9, &cost, err) ||
        !read_offer(p, yaml_find(node, "offer"), depths, &n_depths, &redeemed, err) ||
        !read_capacity(yaml_find(node, "capacity"), &capacity, &capacity_days, err))
        return false;
    if (!name || !*name || strcmp(name, ACTION_NOTHING) == 0)
        return yaml_fail(node, err, "an action has a name other than nothing, which is always open");
    warn_of_action(p, node, name);
    for (size_t d = 0; d < (n_depths ? n_depths : 1); d++) {
        if (p->setup.n_actions == PLAN_ACTIONS_MOST)
            return yaml_fail(node, err, "more than %d actions", PLAN_ACTIONS_MOST);
        size_t a = p->setup.n_actions++;
        for (size_t k = 0; k < a; k++)
            if (strcmp(p->actions[k].name, name) == 0 && n_depths < 2)
                return yaml_fail(node, err, "a second action '%s'", name);
        p->actions[a] =
            (struct plan_action){ n_depths > 1 ? arena_format(p->arena, "%s %g", name, depths[d]) : name, cost,
                                  n_depths ? depths[d] / 100 : 0, redeemed, capacity };
        p->who[a] = who, p->channel[a] = channel, p->capacity_days[a] = capacity_days;
    }
    return true;
}

static bool read_actions(struct planned_database *p, struct err *err)
{
    static const char *const some[] = { "actions", "budget", "approve", "protected", "bandits" };
    const char *file = flag_text(p->invocation, "actions", NULL);
    if (!command_settings(p->invocation, p->database.store, &p->settings, err) ||
        (file &&
         !settings_replace_some(&p->settings, some, sizeof some / sizeof *some, file, p->arena, err)))
        return false;
    if (settings_section(&p->settings, "approve"))
        warn(p, "approve is not heeded: --commit writes a plan of any size, and nobody else is asked");
    if (settings_section(&p->settings, "bandits"))
        warn(p, "bandits are not run: holdfast bandit FILE reckons with a file of what was tried");
    const struct yaml_node *list = settings_section(&p->settings, "actions");
    for (size_t i = 0; list && i < list->n; i++)
        if (!add_action(p, list->items[i], err)) return false;
    return p->setup.n_actions > 0 ||
           err_set(err, ERR_MISSING,
                   "there are no actions to plan: give --actions FILE, or the section actions of %s",
                   SETTINGS_FILE);
}

/* ---- the rest of what is asked ---- */

static bool read_budget(struct planned_database *p, struct err *err)
{
    const struct yaml_node *budget = settings_section(&p->settings, "budget");
    const char *typed = flag_text(p->invocation, "budget", NULL);
    int64_t days = 28;
    p->setup.budget = HUGE_VAL;
    if (budget &&
        (!read_number(budget, "amount", 0, 1e15, &p->setup.budget, err) || !yaml_days(budget, "per", &days, err)))
        return false;
    if (typed && strncmp(typed, "inf", 3) != 0 &&
        !flag_double(p->invocation, "budget", 0, 1e15, 0, &p->setup.budget, err))
        return false;
    return flag_days(p->invocation, "horizon", days, &p->setup.horizon_days, err);
}

/* A capacity for a week counts as often as the plan has weeks. */
static void spread_capacities(struct planned_database *p)
{
    for (size_t a = 0; a < p->setup.n_actions; a++)
        if (p->capacity_days[a] > 0)
            p->actions[a].capacity =
                floor(p->actions[a].capacity * (double)p->setup.horizon_days / (double)p->capacity_days[a]);
}

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
    free(salt);
    return ok && holdout_load(p->database.store, &p->settings, &p->setup.holdout, err);
}

static bool ask(struct planned_database *p, struct err *err)
{
    struct invocation *in = p->invocation;
    struct plan_setup *s = &p->setup;
    if (!flag_double(in, "margin", .0001, 1, 1, &s->margin, err) || !read_actions(p, err) ||
        !read_budget(p, err) || !load_lot(p, err) ||
        !settings_names(&p->settings, "protected", p->arena, &s->protected_traits, &s->n_protected, err))
        return false;
    spread_capacities(p);
    s->store = p->database.store, s->log = p->database.log, s->identities = p->identities, s->actions = p->actions,
    s->who = p->who;
    s->goal = flag_text(in, "goal", "order"), s->seed = in->seed, s->n_threads = in->n_threads;
    return flag_double(in, "explore", 0, 1, .1, &s->explore_share, err) &&
           flag_double(in, "withhold", 0, .9, .1, &s->withhold_share, err) &&
           flag_double(in, "pilot", 0, 1, .6, &s->pilot_share, err) &&
           flag_date_ms(in, "as-of", p->database.as_of_ms, &s->as_of_ms, err);
}

/* ---- committing ---- */

static const char *name_of(const struct planned_database *p, size_t action)
{
    return action ? p->actions[action - 1].name : ACTION_NOTHING;
}

static bool write_decisions(struct store *store, void *context, struct err *err)
{
    struct planned_database *p = context;
    p->setup.store = store;
    return plan_commit(&p->setup, &p->made, profiles_vault(p->profiles), p->is_new, err) &&
           audit_put(store, clock_wall_ms(NULL), p->invocation->who, "plan --commit", 0, err);
}

/* One line of JSON for each message, once; nobody held out, withheld or left alone is among them. */
static bool write_sink(const struct planned_database *p, const char *path, struct err *err)
{
    struct output *out;
    char when[21];
    calendar_format_ms(p->setup.as_of_ms, when);
    if (!output_open(path, &out, err)) return false;
    for (size_t i = 0; i < p->made.n_rows; i++) {
        const struct plan_row *row = &p->made.rows[i];
        if (row->action == 0) continue;
        struct text name = log_name(p->database.log, DICTIONARY_IDENTITY, row->identity);
        json_t *json = json_pack("{s:s%, s:s, s:s, s:s, s:s, s:f}", "customer", name.at, name.length, "action",
                                 name_of(p, row->action), "channel", p->channel[row->action - 1], "group",
                                 plan_group_word[row->group], "at", when, "propensity", row->propensity);
        char *line = json_dumps(json, JSON_COMPACT);
        json_decref(json);
        if (line) output_text(out, line), output_text(out, "\n");
        free(line);
    }
    return output_commit(out, err);
}

static bool commit(struct planned_database *p, struct err *err)
{
    const char *sink = flag_text(p->invocation, "sink", NULL);
    if (!flag_is_given(p->invocation, "commit")) return true;
    if (!sink)
        return err_set(err, ERR_INVALID,
                       "--commit needs --sink FILE, where one line for each chosen customer goes; nothing was "
                       "written");
    p->is_new = ARENA_ARRAY(p->arena, bool, p->made.n_rows + 1);
    return profiles_open(p->database.store, true, &p->profiles, err) &&
           command_write(p->invocation, p->database.store, write_decisions, p, err) && write_sink(p, sink, err);
}

/* ---- saying ---- */

static json_t *profit_json(double value, double low, double high)
{
    return json_pack("{s:o, s:o, s:o}", "value", number_json(value), "low", number_json(low), "high",
                     number_json(high));
}

static json_t *chosen_json(const struct planned_database *p)
{
    json_t *chosen = json_array();
    for (size_t i = 0; i < p->made.n_rows; i++) {
        const struct plan_row *row = &p->made.rows[i];
        struct text name = log_name(p->database.log, DICTIONARY_IDENTITY, row->identity);
        bool is_planned = row->group == PLAN_PLANNED || row->group == PLAN_WITHHELD;
        size_t action = is_planned ? row->planned : row->action;
        if (action == 0) continue;
        json_array_append_new(
            chosen,
            json_pack("{s:s%, s:s, s:s, s:f, s:f, s:o, s:s}", "customer", name.at, name.length, "action",
                      name_of(p, action), "group", plan_group_word[row->group], "propensity", row->propensity,
                      "cost", is_planned ? row->planned_cost : p->actions[action - 1].contact_cost, "profit",
                      is_planned ? profit_json(row->planned_profit, (double)NAN, (double)NAN) : json_null(), "why",
                      is_planned ? "worth more than its cost at the budget's price"
                                 : "drawn by lot, to learn from"));
    }
    return chosen;
}

static json_t *left_json(const struct planned_database *p)
{
    size_t held = 0, nothing = 0;
    for (size_t i = 0; i < p->made.n_rows; i++) {
        held += p->made.rows[i].group == PLAN_HOLDOUT;
        nothing +=
            p->made.rows[i].group != PLAN_HOLDOUT && p->made.rows[i].planned == 0 && p->made.rows[i].action == 0;
    }
    return json_pack("{s:I, s:{s:I, s:I}}", "n", (json_int_t)(held + nothing), "reasons", "holdout",
                     (json_int_t)held, "worth_more_alone", (json_int_t)nothing);
}

static json_t *made_json(const struct planned_database *p)
{
    const struct plan_made *m = &p->made;
    const struct plan_result *r = &m->result;
    json_t *prices = json_pack("{s:f}", "budget", r->budget_price);
    for (size_t a = 0; a < p->setup.n_actions; a++)
        if (isfinite(p->actions[a].capacity))
            json_object_set_new(prices, p->actions[a].name, json_real(r->price[a]));
    json_t *pilot = !m->is_pilot ? json_null()
                                 : json_pack("{s:I, s:I, s:f, s:o, s:o, s:s}", "arms", (json_int_t)m->pilot.n_arms,
                                             "per_arm", (json_int_t)m->pilot.per_arm, "weeks", m->pilot.weeks,
                                             "cost", number_json(m->pilot.cost), "detects",
                                             number_json(m->pilot.detects), "why", m->why_pilot);
    const char *sentence = m->is_pilot ? arena_format(p->arena,
                                                      "No plan yet: %s.  A pilot of %zu arms with %zu people each "
                                                      "for %g weeks would find a difference of %.4g a "
                                                      "customer; --commit starts it.",
                                                      m->why_pilot, m->pilot.n_arms, m->pilot.per_arm,
                                                      m->pilot.weeks, m->pilot.detects)
                                       : r->sentence;
    json_t *json =
        json_pack("{s:o, s:f, s:o, s:f, s:f, s:o, s:o, s:o, s:[], s:o}", "budget", number_json(p->setup.budget),
                  "spent", r->spent, "profit", profit_json(r->profit.value, r->profit.low, r->profit.high),
                  "bound", r->bound, "gap", r->gap, "shadow_prices", prices, "chosen", chosen_json(p),
                  "left_alone", left_json(p), "curve", "pilot", pilot);
    json_object_set_new(json, "taught_by", json_integer((json_int_t)m->n_past));
    json_object_set_new(json, "proposed", json_boolean(!m->is_pilot && r->is_proposed));
    json_object_set_new(json, "sentence", json_string(sentence));
    json_object_set_new(json, "disparity", json_null());
    json_object_set_new(json, "price_of_fairness", json_null());
    json_object_set(json, "warnings", p->warnings);
    return json;
}

static bool plan_it(struct planned_database *p, json_t **ret_json, struct err *err)
{
    if (!database_describe(&p->database, p->arena, err) ||
        !identities_open(p->database.store, p->database.log, &p->identities, err) || !ask(p, err) ||
        !plan_from_log(&p->setup, p->arena, &p->made, err) || !commit(p, err))
        return false;
    *ret_json = made_json(p);
    return true;
}

bool plan_database(struct invocation *invocation, json_t **ret_json, struct err *err)
{
    static const char *const of_files[] = { "capacity", "max-disparity", "group", "where",
                                            "price",    "floor",         NULL };
    struct planned_database *p = ARENA_NEW(invocation->arena, struct planned_database);
    p->invocation = invocation, p->arena = invocation->arena;
    if (!secret_start(err) || !database_open(invocation, NULL, false, &p->database, err)) return false;
    p->warnings = json_array();
    warn_of_flags(invocation, of_files, "on a plan from the database, but with --options or --offers",
                  p->warnings);
    bool ok = plan_it(p, ret_json, err);
    json_decref(p->warnings);
    profiles_close(p->profiles);
    identities_close(p->identities);
    database_close(&p->database);
    return ok;
}
