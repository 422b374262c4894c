/* plan_settings.c - actions, budget and limits of a plan, from the settings; see plan_internal.h. */
#include "campaign/plan_internal.h"
#include "campaign/plan_role.h"

#include "base/calendar.h"
#include "decide/offer.h"

#include <math.h>
#include <string.h>

/* ---- actions ---- */

static void warn(struct planned_database *p, const char *sentence)
{
    json_array_append_new(p->warnings, json_string(sentence));
}

/* {kind: percent, depths: [5, 10]}: each depth is an action of its own, if it leaves the floor. */
static bool read_offer(struct planned_database *p, const struct yaml_node *offer, double *ret_depths,
                       size_t *ret_n, double *ret_redeemed, double *ret_floor, struct err *err)
{
    static const char *const keys[] = { "kind", "depths", "floor_margin", "redeemed" };
    const char *kind = "percent";
    double floor = 0;
    *ret_n = 0, *ret_redeemed = 1, *ret_floor = 0;
    if (!offer) return true;
    const struct yaml_node *depths = yaml_find(offer, "depths");
    if (!yaml_check_keys(offer, keys, sizeof keys / sizeof *keys, err) || !yaml_text(offer, "kind", &kind, err) ||
        !yaml_number(offer, "floor_margin", 0, 1, &floor, err) ||
        !yaml_number(offer, "redeemed", 0, 1, ret_redeemed, err))
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
        if (p->setup.costs || offer_is_allowed(p->setup.margin, per_cent / 100, floor))
            ret_depths[(*ret_n)++] = per_cent;
        else
            warn(p, arena_format(p->arena,
                                 "a discount of %g %% is left out: less than its floor_margin of %g would be left "
                                 "of a margin of %g",
                                 per_cent, floor, p->setup.margin));
    }
    *ret_floor = floor;
    return *ret_n > 0 || yaml_fail(offer, err, "no depth keeps the floor_margin of %g: the margin is %g", floor,
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
        !yaml_number(limit, "n", 0, 1e12, ret_n, err))
        return false;
    *ret_days = strcmp(per, "day") == 0 ? 1 : strcmp(per, "week") == 0 ? 7 : strcmp(per, "month") == 0 ? 30 : 0;
    return *ret_days > 0 || yaml_days(limit, "per", ret_days, err) ||
           err_context(err, "per is day, week, month or a span");
}

/* {most: 1, per: 30d} */
static bool read_cap(const struct yaml_node *cap, struct plan_way *way, struct err *err)
{
    static const char *const keys[] = { "most", "per" };
    double most = 1;
    if (!cap) return true;
    if (!yaml_check_keys(cap, keys, sizeof keys / sizeof *keys, err) ||
        !yaml_number(cap, "most", 0, 1e6, &most, err) || !yaml_days(cap, "per", &way->cap_days, err))
        return false;
    way->cap_most = (uint32_t)most;
    return way->cap_days > 0 || yaml_fail(cap, err, "a cap says how many per how long: {most: 1, per: 30d}");
}

static bool read_way(const struct yaml_node *node, struct plan_way *way, struct err *err)
{
    way->channel = "file";
    return yaml_text(node, "channel", &way->channel, err) && yaml_text(node, "topic", &way->topic, err) &&
           yaml_text(node, "subject", &way->subject, err) && yaml_text(node, "html", &way->html, err) &&
           yaml_text(node, "text", &way->text, err) && yaml_days(node, "cooldown", &way->cooldown_days, err) &&
           read_cap(yaml_find(node, "cap"), way, err);
}

static bool add_action(struct planned_database *p, const struct yaml_node *node, struct err *err)
{
    static const char *const keys[] = { "name",  "channel", "subject", "html",     "text", "contact_cost",
                                        "offer", "who",     "topic",   "cooldown", "cap",  "capacity" };
    const char *name = NULL, *who = NULL;
    struct plan_way way = { .base = NULL };
    double depths[PLAN_ACTIONS_MOST], redeemed, cost, capacity, floor_margin;
    int64_t capacity_days;
    size_t n_depths;
    if (!yaml_check_keys(node, keys, sizeof keys / sizeof *keys, err) || !yaml_text(node, "name", &name, err) ||
        !yaml_text(node, "who", &who, err) || !read_way(node, &way, err))
        return false;
    cost = costs_contact(&p->costs, way.channel, calendar_day_of_ms(p->setup.as_of_ms));
    if (!yaml_number(node, "contact_cost", 0, 1e9, &cost, err) ||
        !read_offer(p, yaml_find(node, "offer"), depths, &n_depths, &redeemed, &floor_margin, err) ||
        !read_capacity(yaml_find(node, "capacity"), &capacity, &capacity_days, err))
        return false;
    if (!name || !*name || strcmp(name, ACTION_NOTHING) == 0)
        return yaml_fail(node, err, "an action has a name other than nothing, which is always open");
    way.base = name;
    for (size_t d = 0; d < (n_depths ? n_depths : 1); d++) {
        if (p->setup.n_actions == PLAN_ACTIONS_MOST)
            return yaml_fail(node, err, "more than %d actions", PLAN_ACTIONS_MOST);
        size_t a = p->setup.n_actions++;
        const char *full = n_depths > 1 ? arena_format(p->arena, "%s %g", name, depths[d]) : name;
        for (size_t k = 0; k < a; k++)
            if (strcmp(p->actions[k].name, full) == 0)
                return yaml_fail(node, err, "a second action '%s'", full);
        p->actions[a] =
            (struct plan_action){ full, cost, n_depths ? depths[d] / 100 : 0, redeemed, capacity,
                                   floor_margin };
        p->who[a] = who, p->way[a] = way, p->capacity_days[a] = capacity_days;
    }
    return true;
}

static bool read_limits(struct planned_database *p, struct err *err)
{
    static const char *const keys[] = { "above", "share_of_customers", "discount_above", "role", "growth" };
    const struct yaml_node *node = settings_section(&p->settings, "approve");
    p->limits = (struct plan_limits){ HUGE_VAL, HUGE_VAL, HUGE_VAL, NULL };
    return !node || (yaml_check_keys(node, keys, sizeof keys / sizeof *keys, err) &&
                     yaml_number(node, "above", 0, 1e15, &p->limits.above, err) &&
                     yaml_number(node, "share_of_customers", 0, 1, &p->limits.share_of_customers, err) &&
                     yaml_number(node, "discount_above", 0, 100, &p->limits.discount_above, err) &&
                     yaml_text(node, "role", &p->limits.role, err) &&
                     (!p->limits.role || plan_role_is(p->limits.role) ||
                      yaml_fail(yaml_find(node, "role"), err,
                                "there is no role '%s'; those who approve are of the role lead or admin",
                                p->limits.role)));
}

/* What is left of a sale, and what a contact costs where the action does not say. */
static bool read_costs(struct planned_database *p, struct err *err)
{
    if (!costs_read(&p->settings, p->database.record.currency, p->arena, &p->costs, err) ||
        !margin_said(p->invocation, &p->costs, p->setup.as_of_ms, .0001, &p->margin, err))
        return false;
    p->setup.margin = p->margin.share;
    p->setup.costs = p->margin.varies ? &p->costs : NULL;
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
    if (!read_costs(p, err)) return false;
    const struct yaml_node *list = settings_section(&p->settings, "actions");
    for (size_t i = 0; list && i < list->n; i++)
        if (!add_action(p, list->items[i], err)) return false;
    return p->setup.n_actions > 0 ||
           err_set(err, ERR_MISSING,
                   "there are no actions to plan: give --actions FILE, or the section actions of %s",
                   SETTINGS_FILE);
}

static bool read_budget(struct planned_database *p, struct err *err)
{
    static const char *const keys[] = { "amount", "per" };
    const struct yaml_node *budget = settings_section(&p->settings, "budget");
    const char *typed = flag_text(p->invocation, "budget", NULL);
    int64_t days = 28;
    p->setup.budget = HUGE_VAL;
    if (budget &&
        (!yaml_check_keys(budget, keys, sizeof keys / sizeof *keys, err) ||
         !yaml_number(budget, "amount", 0, 1e15, &p->setup.budget, err) || !yaml_days(budget, "per", &days, err)))
        return false;
    static const char *const endless[] = { "inf", "infinite", "infinity", "none" };
    bool is_infinite = false;
    for (size_t i = 0; typed && i < sizeof endless / sizeof *endless; i++)
        is_infinite |= text_equal_ignoring_case(text_of(typed), text_of(endless[i]));
    if (typed && !is_infinite &&
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

bool plan_read_settings(struct planned_database *p, struct err *err)
{
    if (!read_actions(p, err) || !read_budget(p, err) || !read_limits(p, err)) return false;
    spread_capacities(p);
    return true;
}
