/* plan_json.c - what a plan of a database is, as JSON; see plan_internal.h. */
#include "campaign/plan_internal.h"

#include "base/json_write.h"
#include "campaign/plan_split.h"

#include <math.h>

static json_t *profit_json(double value, double low, double high)
{
    return json_pack("{s:o, s:o, s:o}", "value", number_json(value), "low", number_json(low), "high",
                     number_json(high));
}

/* In words that a person can check: what it earns, and why it beats what else the money could do. */
static const char *why(const struct planned_database *p, const struct plan_row *row)
{
    double price = p->made.result.budget_price;
    if (row->group == PLAN_PILOT || row->group == PLAN_EXPLORE) return "drawn by lot, to learn from";
    if (row->planned_cost <= 0) return arena_format(p->arena, "earns %.4g for nothing", row->planned_profit);
    return arena_format(p->arena,
                        "earns %.4g for %.4g, %.3g a unit spent, where the budget's next unit earns %.3g%s",
                        row->planned_profit, row->planned_cost, row->planned_profit / row->planned_cost, price,
                        row->group == PLAN_WITHHELD ? "; withheld by lot, so that the plan can be measured" : "");
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
            chosen, json_pack("{s:s%, s:s, s:s, s:f, s:f, s:o, s:s}", "customer", name.at, name.length, "action",
                              plan_action_name(p, action), "group", plan_group_word[row->group], "propensity",
                              row->propensity, "cost",
                              is_planned ? row->planned_cost : p->actions[action - 1].contact_cost, "profit",
                              is_planned ? profit_json(row->planned_profit, row->low, row->high) : json_null(),
                              "why", why(p, row)));
    }
    return chosen;
}

/* Who gets nothing, each by one reason; capacity: what limits it is not the budget. */
static json_t *left_json(const struct planned_database *p)
{
    const struct plan_result *r = &p->made.result;
    size_t n = 0, held = 0, by_lot = 0, closed[PLAN_RULES] = { 0 }, no_pay = 0, budget = 0, limits = 0,
           planned = 0;
    for (size_t i = 0; i < p->made.n_rows; i++) {
        const struct plan_row *row = &p->made.rows[i];
        bool is_planned = row->group == PLAN_PLANNED || row->group == PLAN_WITHHELD, earns = false,
             at_budget = false;
        size_t at = is_planned && !p->made.is_pilot ? planned++ : SIZE_MAX;
        if (row->planned || row->action) continue;
        n++;
        if (row->group == PLAN_HOLDOUT) { held++; continue; }
        if (row->open == 0) { closed[row->rule]++; continue; }
        if (!is_planned || p->made.is_pilot) { by_lot++; continue; }
        for (size_t a = 0; a < p->setup.n_actions; a++) {
            const struct plan_choice *best = &r->best[at * p->setup.n_actions + a];
            bool does_earn = (row->open >> a & 1) && best->profit > 0;
            earns |= does_earn, at_budget |= does_earn && best->profit <= r->budget_price * best->cost;
        }
        no_pay += !earns, budget += earns && at_budget, limits += earns && !at_budget;
    }
    json_t *reasons = json_pack("{s:I, s:I, s:I}", "holdout", (json_int_t)held, "drawn_nothing",
                                (json_int_t)by_lot, "nothing_pays", (json_int_t)no_pay);
    if (r->is_proposed || p->made.is_pilot) {
        json_object_set_new(reasons, "budget", json_integer((json_int_t)budget));
        json_object_set_new(reasons, "capacity", json_integer((json_int_t)limits));
    } else json_object_set_new(reasons, "not_proposed", json_integer((json_int_t)(budget + limits)));
    for (size_t i = PLAN_NOT_MEANT; i < PLAN_RULES; i++)
        if (closed[i]) json_object_set_new(reasons, plan_rule_word[i], json_integer((json_int_t)closed[i]));
    return json_pack("{s:I, s:o}", "n", (json_int_t)n, "reasons", reasons);
}

static json_t *curve_json(const struct plan_result *r)
{
    json_t *curve = json_array();
    for (const struct plan_point *at = r->curve; at <= r->curve + PLAN_CURVE_POINTS; at++)
        json_array_append_new(curve, json_pack("{s:f, s:f, s:f, s:f}", "budget", at->budget, "profit", at->profit,
                                               "low", at->low, "high", at->high));
    return curve;
}

static json_t *disparity_json(const struct planned_database *p)
{
    const struct disparity *d = &p->made.result.disparity;
    if (!p->setup.group_of || p->made.is_pilot) return json_null();
    json_t *shares = json_object();
    for (size_t g = 0; g < p->groups.n_groups; g++)
        json_object_set_new(shares, p->groups.names[g], json_real(d->share[g]));
    return json_pack("{s:f, s:f, s:o}", "difference", d->difference, "ratio", d->ratio, "shares", shares);
}

static json_t *approval_json(const struct planned_database *p)
{
    const struct plan_approval *a = &p->approval;
    if (!a->needs) return json_null();
    return json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "needs", a->needs, "state", a->state, "asked_by", a->asked_by,
                     "approved_by", a->approved_by, "role", p->limits.role);
}

static const char *pilot_sentence(const struct planned_database *p)
{
    const struct plan_pilot *pilot = &p->made.pilot;
    bool is_smaller = pilot->share < p->setup.pilot_share;
    const char *within = is_smaller ? ", as the budget and the capacities allow" : "";
    if (pilot->per_arm == 0)
        return arena_format(p->arena,
                            "No plan yet: %s.  Nor is there a pilot that tells anything: %s%s; see whom the "
                            "actions are for, whom they may reach, and what they cost.",
                            p->made.why_pilot,
                            pilot->n_arms == 1
                                ? "no action is open to anybody"
                                : arena_format(p->arena, "one of its %zu arms would have nobody", pilot->n_arms),
                            within);
    const char *finds =
        isnan(pilot->detects)
            ? "What difference it would find is not known, for nothing had been received that long before"
            : arena_format(p->arena, "It would find a difference of %.4g a customer", pilot->detects);
    const char *costs =
        isnan(pilot->cost)
            ? arena_format(p->arena, "what its discounts cost is not known: the budget holds for what its contacts "
                                     "cost%s", is_smaller ? ", and it is smaller, as that and the capacities allow"
                                                          : "")
            : arena_format(p->arena, "costs %.4g%s", pilot->cost, within);
    return arena_format(p->arena,
                        "No plan yet: %s.  A pilot has %zu arms, the smallest with %zu people, for %g weeks, and "
                        "%s.  %s; --commit starts it.",
                        p->made.why_pilot, pilot->n_arms, pilot->per_arm, pilot->weeks, costs, finds);
}

json_t *plan_json(const struct planned_database *p)
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
    const char *sentence = m->is_pilot ? pilot_sentence(p)
                           : p->is_open ? r->sentence : "No plan: no action is open to anybody.";
    json_t *json =
        json_pack("{s:o, s:f, s:o, s:f, s:f, s:o, s:o, s:o, s:o, s:o}", "budget", number_json(p->setup.budget),
                  "spent", r->spent, "profit", profit_json(r->profit.value, r->profit.low, r->profit.high),
                  "bound", r->bound, "gap", r->gap, "shadow_prices", prices, "chosen", chosen_json(p),
                  "left_alone", left_json(p), "curve", m->is_pilot ? json_array() : curve_json(r), "pilot", pilot);
    json_object_set_new(json, "split", plan_split_json(json_object_get(json, "chosen")));
    json_object_set_new(json, "margin", json_real(p->made.margin));
    json_object_set_new(json, "margins", !p->margin.varies ? json_null()
                        : json_pack("{s:f, s:f}", "least", p->made.margin_least, "most", p->made.margin_most));
    json_object_set_new(json, "margin_from", json_string(!p->margin.varies ? p->margin.from
                                                     : "costs of the settings, by what each customer bought"));
    json_object_set_new(json, "taught_by", json_integer((json_int_t)m->n_past));
    json_object_set_new(json, "proposed", json_boolean(!m->is_pilot && r->is_proposed));
    json_object_set_new(json, "sentence", json_string(sentence));
    json_object_set_new(json, "disparity", disparity_json(p));
    json_object_set_new(json, "price_of_fairness", p->setup.group_of && !m->is_pilot
                                                       ? number_json(r->price_of_fairness) : json_null());
    json_object_set_new(json, "approval", approval_json(p));
    json_object_set_new(json, "committed", json_boolean(p->is_committed));
    json_object_set_new(json, "queued", json_integer((json_int_t)p->n_put));
    json_object_set(json, "warnings", p->warnings);
    return json;
}
