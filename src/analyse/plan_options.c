/* plan_options.c - plan --options FILE; see plan_file.h. */
#include "analyse/plan_file.h"

#include "base/hash_map.h"
#include "campaign/plan_split.h"
#include "decide/fair_allocation.h"
#include "table/frame.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ACTIONS_MOST = 120, CURVE_POINTS = 20 };

struct options_file {
    struct invocation        *invocation;
    struct arena             *arena;
    struct frame              frame;
    struct frame_levels       actions, groups;
    size_t                    customer_column;
    double                   *cost, *profit;    /* by row of the file */
    size_t                    n_customers, n_options;
    uint32_t                 *row_of;           /* [options] by customer: the row of the file */
    uint32_t                 *group_of;                 /* [customers] */
    uint32_t                 *first;
    double                   *option_cost, *option_profit;
    uint8_t                 (*resource)[2];
    double                    capacity[ALLOCATION_RESOURCES_MOST];
    struct allocation_problem problem;
    double                    most_disparity;
};

/* ---- reading ---- */

static bool check_rows(const struct options_file *f, struct err *err)
{
    for (size_t i = 0; i < f->frame.n_rows; i++) {
        const char *what = isnan(f->cost[i])                   ? "the cost is missing"
                           : f->cost[i] < 0                    ? "a negative cost: what an action earns "
                                                                 "belongs to its profit"
                           : isnan(f->profit[i])               ? "the profit is missing"
                           : f->actions.of[i] == FRAME_MISSING ? "the action is missing"
                                                               : NULL;
        if (what)
            return err_set(err, ERR_INVALID, "%s: line %" PRIu64 ": %s", f->frame.path, f->frame.lines[i], what);
    }
    return true;
}

static bool is_nothing(const struct options_file *f, size_t row)
{
    return strcmp(f->actions.names[f->actions.of[row]], "nothing") == 0;
}

/* Options of one customer stand together; nothing is no option but always open. */
static bool by_customer(struct options_file *f, struct err *err)
{
    size_t rows = f->frame.n_rows;
    uint64_t *hashes = frame_hashes(&f->frame, f->customer_column, f->arena);
    uint32_t *customer = ARENA_ARRAY(f->arena, uint32_t, rows + 1),
             *last_row = ARENA_ARRAY(f->arena, uint32_t, rows + 1);
    struct hash_map met = { 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < rows; i++) {
        if (!hashes[i]) {
            ok = err_set(err, ERR_INVALID, "%s: line %" PRIu64 ": the customer is missing", f->frame.path,
                         f->frame.lines[i]);
            break;
        }
        uint64_t *place = hash_map_put(&met, hashes[i]);
        if (*place == 0) *place = ++f->n_customers;
        customer[i] = (uint32_t)*place - 1;
        uint64_t *twice = hash_map_put(&met, (hashes[i] ^ (f->actions.of[i] + 1) * UINT64_C(0x9E3779B97F4A7C15)));
        if (*twice)
            ok = err_set(err, ERR_INVALID,
                         "%s: line %" PRIu64 ": %s for the same customer a second time; give each option once",
                         f->frame.path, f->frame.lines[i], f->actions.names[f->actions.of[i]]);
        *twice = UINT64_MAX;
    }
    hash_map_free(&met);
    if (!ok) return false;
    f->first = ARENA_ARRAY(f->arena, uint32_t, f->n_customers + 2);
    f->row_of = ARENA_ARRAY(f->arena, uint32_t, rows + 1);
    for (size_t i = 0; i < rows; i++)
        f->first[customer[i] + 1] += !is_nothing(f, i), last_row[customer[i]] = (uint32_t)i;
    for (size_t c = 0; c < f->n_customers; c++) f->first[c + 1] += f->first[c];
    uint32_t *at = ARENA_ARRAY(f->arena, uint32_t, f->n_customers + 1);
    memcpy(at, f->first, f->n_customers * sizeof *at);
    for (size_t i = 0; i < rows; i++)
        if (!is_nothing(f, i)) f->row_of[at[customer[i]]++] = (uint32_t)i;
    f->n_options = f->first[f->n_customers];
    f->group_of = ARENA_ARRAY(f->arena, uint32_t, f->n_customers + 1);
    for (size_t c = 0; f->groups.n > 0 && c < f->n_customers; c++) {
        uint32_t group = f->groups.of[last_row[c]];
        f->group_of[c] = group == FRAME_MISSING ? FAIR_NO_GROUP : group;
    }
    return true;
}

/* Resource 1 + a is action a, then come the groups. */
static void fill_options(struct options_file *f)
{
    f->option_cost = ARENA_ARRAY(f->arena, double, f->n_options + 1),
    f->option_profit = ARENA_ARRAY(f->arena, double, f->n_options + 1);
    f->resource = arena_alloc(f->arena, f->n_options + 1, sizeof *f->resource);
    for (size_t c = 0; c < f->n_customers; c++)
        for (uint32_t o = f->first[c]; o < f->first[c + 1]; o++) {
            f->option_cost[o] = f->cost[f->row_of[o]], f->option_profit[o] = f->profit[f->row_of[o]];
            f->resource[o][0] = (uint8_t)(1 + f->actions.of[f->row_of[o]]);
            if (f->groups.n > 0 && f->group_of[c] < f->groups.n)
                f->resource[o][1] = (uint8_t)(1 + f->actions.n + f->group_of[c]);
        }
    f->problem = (struct allocation_problem){ .n_customers = f->n_customers,
                                              .n_resources = 1 + f->actions.n + f->groups.n,
                                              .first = f->first,
                                              .cost = f->option_cost,
                                              .profit = f->option_profit,
                                              .resource = (const uint8_t(*)[2])f->resource,
                                              .capacity = f->capacity,
                                              .budget = f->problem.budget,
                                              .n_threads = f->invocation->n_threads };
}

static bool read_budget(struct options_file *f, struct err *err)
{
    const char *typed = flag_text(f->invocation, "budget", NULL);
    f->problem.budget = HUGE_VAL;
    if (!typed || text_equal_ignoring_case(text_of(typed), text_of("infinite")) ||
        text_equal_ignoring_case(text_of(typed), text_of("inf")))
        return true;
    return flag_double(f->invocation, "budget", 0, 1e300, 0, &f->problem.budget, err) ||
           err_context(err, "a budget is an amount, or infinite");
}

static bool read_capacities(struct options_file *f, struct err *err)
{
    bool is_given[ACTIONS_MOST] = { 0 };
    for (size_t r = 0; r < ALLOCATION_RESOURCES_MOST; r++) f->capacity[r] = HUGE_VAL;
    const char *rest = flag_text(f->invocation, "capacity", NULL);
    if (!rest) return true;
    do {
        size_t length = strcspn(rest, ","), a = 0;
        const char *part = arena_format(f->arena, "%.*s", (int)length, rest), *equals = strrchr(part, '=');
        double most;
        if (!equals || !text_double(text_of(equals + 1), '.', &most) || most < 0 || most != floor(most))
            return err_set(err, ERR_INVALID,
                           "--capacity is written like call=10,coupon=20, whole and never below 0; not '%s'", part);
        const char *name = arena_format(f->arena, "%.*s", (int)(equals - part), part);
        while (a < f->actions.n && strcmp(f->actions.names[a], name) != 0) a++;
        if (a == f->actions.n)
            return err_set(err, ERR_INVALID, "--capacity: nobody in %s is eligible for '%s'", f->frame.path, name);
        if (is_given[a])
            return err_set(err, ERR_INVALID, "--capacity: '%s' is given twice; say once how often it can be taken",
                           name);
        is_given[a] = true, f->capacity[1 + a] = most;
        rest += length + (rest[length] == ',');
    } while (*rest);
    return true;
}

static bool read_options(struct options_file *f, const char *path, struct err *err)
{
    struct invocation *in = f->invocation;
    const char *group = flag_text(in, "group", NULL), *where = flag_text(in, "where", NULL);
    size_t action, column;
    if (!read_budget(f, err) || !flag_double(in, "max-disparity", 0, 1, 1, &f->most_disparity, err)) return false;
    if (flag_is_given(in, "max-disparity") && !group)
        return err_set(err, ERR_INVALID, "--max-disparity needs --group, the column that says who is alike");
    if (!frame_open(path, in->progress, f->arena, &f->frame, err) ||
        (where && !frame_where(&f->frame, where, err)) ||
        !frame_column(&f->frame, "customer", &f->customer_column, f->arena, err) ||
        !frame_column(&f->frame, "action", &action, f->arena, err) ||
        !frame_levels(&f->frame, action, ACTIONS_MOST, f->arena, &f->actions, err) ||
        !frame_numbers(&f->frame, "cost", f->arena, &f->cost, err) ||
        !frame_numbers(&f->frame, "profit", f->arena, &f->profit, err))
        return err_context(err, "--options: a file has the columns customer, action, cost and profit");
    if (group && (!frame_column(&f->frame, group, &column, f->arena, err) ||
                  !frame_levels(&f->frame, column, FAIR_GROUPS_MOST, f->arena, &f->groups, err)))
        return err_context(err, "--group");
    if (!check_rows(f, err) || !read_capacities(f, err) || !by_customer(f, err)) return false;
    fill_options(f);
    return true;
}

/* ---- fairness ---- */

static struct fair_groups groups_of(struct options_file *f)
{
    return (struct fair_groups){ f->groups.n, f->group_of, 1 + f->actions.n, f->capacity, f->most_disparity };
}

static json_t *disparity_json(struct options_file *f, const struct allocation *a)
{
    const struct fair_groups groups = groups_of(f);
    if (f->groups.n == 0) return json_null();
    struct disparity d = disparity_of(&groups, a, f->n_customers);
    json_t *shares = json_object();
    for (size_t g = 0; g < f->groups.n; g++)
        json_object_set_new(shares, f->groups.names[g], json_real(d.share[g]));
    return json_pack("{s:f, s:f, s:o}", "difference", d.difference, "ratio", d.ratio, "shares", shares);
}

/* ---- saying ---- */

static json_t *amount_json(double value) { return json_pack("{s:f, s:n, s:n}", "value", value, "low", "high"); }

static const char *cell(const struct options_file *f, uint32_t row)
{
    struct text text = f->frame.cells[row * f->frame.n_columns + f->customer_column];
    return arena_format(f->arena, "%.*s", (int)text.length, text.at);
}

static const char *why(const struct options_file *f, const struct allocation *a, uint32_t option)
{
    double cost = f->option_cost[option], profit = f->option_profit[option];
    if (cost <= 0) return arena_format(f->arena, "earns %g for nothing", profit);
    return arena_format(f->arena, "earns %g for %g, %.4g a unit spent, where the budget's next unit earns %.4g",
                        profit, cost, profit / cost, a->budget_price);
}

static json_t *chosen_json(const struct options_file *f, const struct allocation *a)
{
    json_t *chosen = json_array();
    for (size_t c = 0; c < f->n_customers; c++) {
        uint32_t o = a->chosen[c];
        if (o == ALLOCATION_NOTHING) continue;
        json_array_append_new(chosen,
                              json_pack("{s:s, s:s, s:f, s:o, s:s}", "customer", cell(f, f->row_of[o]), "action",
                                        f->actions.names[f->actions.of[f->row_of[o]]], "cost", f->option_cost[o],
                                        "profit", amount_json(f->option_profit[o]), "why", why(f, a, o)));
    }
    return chosen;
}

/* Who is left alone: nothing would earn anything, or what would is worth less than what it takes from others. */
static json_t *left_json(const struct options_file *f, const struct allocation *a)
{
    size_t n = 0, none = 0, budget = 0;
    for (size_t c = 0; c < f->n_customers; c++) {
        if (a->chosen[c] != ALLOCATION_NOTHING) continue;
        bool earns = false, at_budget = false;
        for (uint32_t o = f->first[c]; o < f->first[c + 1]; o++) {
            earns |= f->option_profit[o] > 0;
            at_budget |= f->option_profit[o] > 0 && f->option_profit[o] <= a->budget_price * f->option_cost[o];
        }
        n++, none += !earns, budget += earns && at_budget;
    }
    return json_pack("{s:I, s:{s:I, s:I, s:I}}", "n", (json_int_t)n, "reasons", "nothing_pays", (json_int_t)none,
                     "budget", (json_int_t)budget, "capacity", (json_int_t)(n - none - budget));
}

static json_t *prices_json(const struct options_file *f, const struct allocation *a)
{
    json_t *prices = json_pack("{s:f}", "budget", a->budget_price);
    for (size_t k = 0; k < f->actions.n; k++)
        if (isfinite(f->capacity[1 + k]))
            json_object_set_new(prices, f->actions.names[k], json_real(a->price[1 + k]));
    return prices;
}

/* The profit over the budget, up to all that pays; a plan of less budget is open to more. */
static json_t *curve_json(const struct options_file *f)
{
    json_t *curve = json_array();
    struct allocation_problem problem = f->problem;
    problem.budget = HUGE_VAL, problem.is_quick = true;
    double most = allocate(&problem, f->arena).spent;
    struct allocation best = { 0 };
    for (int k = 0; k <= CURVE_POINTS; k++) {
        problem.budget = most * k / CURVE_POINTS;
        struct allocation a = allocate(&problem, f->arena);
        if (a.profit > best.profit) best = a;
        json_array_append_new(curve, json_pack("{s:f, s:f, s:f}", "budget", problem.budget, "profit", best.profit,
                                               "spent", best.spent));
    }
    return curve;
}

bool plan_options_file(struct invocation *invocation, const char *path, json_t **ret_json, struct err *err)
{
    struct options_file *f = ARENA_NEW(invocation->arena, struct options_file);
    f->invocation = invocation, f->arena = invocation->arena;
    if (!read_options(f, path, err)) return false;
    const struct fair_groups groups = groups_of(f);
    struct allocation unfair = allocate(&f->problem, f->arena),
                      plan = f->groups.n > 0 ? allocate_fairly(&f->problem, &groups, unfair, f->arena) : unfair;
    json_t *prices = prices_json(f, &plan);
    *ret_json =
        json_pack("{s:o, s:f, s:o, s:f, s:f, s:b, s:o, s:o, s:o}", "budget",
                  isfinite(f->problem.budget) ? json_real(f->problem.budget) : json_null(), "spent", plan.spent,
                  "profit", amount_json(plan.profit), "bound", plan.bound, "gap", plan.gap, "exact", plan.is_exact,
                  "shadow_prices", prices, "chosen", chosen_json(f, &plan), "left_alone", left_json(f, &plan));
    json_object_set_new(*ret_json, "split", plan_split_json(json_object_get(*ret_json, "chosen")));
    json_object_set_new(*ret_json, "curve", curve_json(f));
    json_object_set_new(*ret_json, "pilot", json_null());
    json_object_set_new(*ret_json, "disparity", disparity_json(f, &plan));
    json_object_set_new(*ret_json, "price_of_fairness",
                        f->groups.n > 0 ? json_real(unfair.profit - plan.profit) : json_null());
    return true;
}
