/* planner.c - see planner.h. */
#include "plan/planner.h"

#include "base/hash.h"
#include "uplift/regression.h"

#include <math.h>
#include <string.h>

enum { FOLDS = 5, SCREENED_MOST = 40 };

static const double QUANTILE = 1.959963984540054;
static const double DRIFT = .2; /* of a plan's profit, from one horizon to the next: people tire, seasons change */

/* Effects as learned from some of the past rows. */
struct learned {
    size_t             n_columns;                                       /* of the screened */
    uint16_t           columns[PLAN_ACTIONS_MOST + 1][SCREENED_MOST];   /* 0: of the usual orders */
    size_t             n_screened[PLAN_ACTIONS_MOST + 1];
    struct regression *usual, *effect[PLAN_ACTIONS_MOST];
};

/* ---- learning ---- */

struct rows { uint32_t *row; double *target, *weight; size_t n; };

static struct rows rows_new(size_t n, struct arena *arena)
{
    return (struct rows){ ARENA_ARRAY(arena, uint32_t, n + 1), ARENA_ARRAY(arena, double, n + 1),
                          ARENA_ARRAY(arena, double, n + 1), 0 };
}

/* The columns that go most with the target: |weighted correlation|. */
static size_t screen(const struct plan_request *r, const struct rows *rows, uint16_t *ret_columns,
                     struct arena *arena)
{
    size_t p = r->n_columns, n_kept = 0;
    double *x = ARENA_ARRAY(arena, double, p), *xx = ARENA_ARRAY(arena, double, p),
           *xy = ARENA_ARRAY(arena, double, p), *strength = ARENA_ARRAY(arena, double, p), w = 0, y = 0;
    for (size_t i = 0; i < rows->n; i++) w += rows->weight[i], y += rows->weight[i] * rows->target[i];
    y /= w;
    for (size_t i = 0; i < rows->n; i++) {
        const float *row = r->past.values + (size_t)rows->row[i] * p;
        double wy = rows->weight[i] * (rows->target[i] - y), weight = rows->weight[i];
        for (size_t c = 0; c < p; c++) {
            double value = (double)row[c];
            x[c] += weight * value, xx[c] += weight * value * value, xy[c] += wy * value;
        }
    }
    for (size_t c = 0; c < p; c++) {
        double variance = xx[c] / w - x[c] / w * (x[c] / w);
        strength[c] = variance > 1e-12 ? fabs(xy[c]) / sqrt(variance) : -1;
    }
    while (n_kept < SCREENED_MOST) {
        size_t best = p;
        for (size_t c = 0; c < p; c++)
            if (strength[c] > 0 && (best == p || strength[c] > strength[best])) best = c;
        if (best == p) break;
        ret_columns[n_kept++] = (uint16_t)best, strength[best] = -1;
    }
    return n_kept;
}

static float *take_columns(const float *values, size_t width, const uint32_t *rows, size_t n,
                           const uint16_t *columns, size_t n_columns, struct arena *arena)
{
    float *taken = ARENA_ARRAY(arena, float, n * n_columns + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < n_columns; c++)
            taken[i * n_columns + c] = values[(rows ? rows[i] : i) * width + columns[c]];
    return taken;
}

static uint32_t *counted(size_t n, struct arena *arena)
{
    uint32_t *places = ARENA_ARRAY(arena, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++) places[i] = i;
    return places;
}

static bool fit(const struct plan_request *r, const struct rows *rows, size_t which, struct arena *arena,
                struct learned *learned, struct regression **ret, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    size_t n = learned->n_screened[which] = screen(r, rows, learned->columns[which], scratch);
    float *values =
        take_columns(r->past.values, r->n_columns, rows->row, rows->n, learned->columns[which], n, scratch);
    struct regression_request request = { .values = values,
                                          .n_columns = n,
                                          .rows = counted(rows->n, scratch),
                                          .n = rows->n,
                                          .target = rows->target,
                                          .weight = rows->weight,
                                          .form = REGRESSION_LINEAR,
                                          .seed = r->seed,
                                          .n_threads = r->n_threads };
    bool ok = regression_fit(&request, arena, ret, err);
    arena_free(scratch);
    return ok;
}

/* ret [n]: of rows of values (NULL: all in order). */
static void predict(const struct plan_request *r, const struct learned *learned, const struct regression *model,
                    size_t which, const float *values, const uint32_t *rows, size_t n, double *ret)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    float *taken =
        take_columns(values, r->n_columns, rows, n, learned->columns[which], learned->n_screened[which], scratch);
    regression_predict(model, taken, counted(n, scratch), n, ret);
    arena_free(scratch);
}

static size_t fold_of(const struct plan_request *r, size_t row)
{
    return hash_bytes(&r->past.customer[row], sizeof *r->past.customer, r->seed) % FOLDS;
}

static const double *chances(const struct plan_request *r, size_t row)
{
    return r->chance + row * (r->n_actions + 1);
}

/* From the rows outside a fold (FOLDS: from all).  What is usual is the mean without an action; what an action
 * does to it is what is left, as residuals of the draw explain it. */
static bool learn(const struct plan_request *r, size_t without, struct arena *arena, struct learned *ret,
                  struct err *err)
{
    struct rows rows = rows_new(r->past.n, arena);
    double *usual = ARENA_ARRAY(arena, double, r->past.n + 1);
    for (size_t i = 0; i < r->past.n; i++)
        if (r->taken[i] == 0 && fold_of(r, i) != without) {
            rows.row[rows.n] = (uint32_t)i, rows.target[rows.n] = r->orders[i];
            rows.weight[rows.n++] = 1;
        }
    if (!fit(r, &rows, 0, arena, ret, &ret->usual, err)) return false;
    predict(r, ret, ret->usual, 0, r->past.values, NULL, r->past.n, usual);
    for (size_t a = 0; a < r->n_actions; a++) {
        rows.n = 0;
        for (size_t i = 0; i < r->past.n; i++) {
            const double *chance = chances(r, i);
            if (fold_of(r, i) == without || (r->taken[i] != 0 && r->taken[i] != a + 1) || !(chance[0] > 0) ||
                !(chance[a + 1] > 0))
                continue;
            double e = chance[a + 1] / (chance[a + 1] + chance[0]), left = (r->taken[i] == a + 1) - e;
            rows.row[rows.n] = (uint32_t)i, rows.target[rows.n] = (r->orders[i] - usual[i]) / left;
            rows.weight[rows.n++] = left * left;
        }
        if (!fit(r, &rows, a + 1, arena, ret, &ret->effect[a], err)) return false;
    }
    return true;
}

/* ---- from orders to profit ---- */

static double cost_of(const struct plan_action *a, double order_value, double usual, double effect)
{
    return a->contact_cost + a->discount * order_value * (a->redeemed * fmax(usual, 0) + fmax(effect, 0));
}

/* What an order of somebody is worth, and which share of it is left. */
struct order { double value, margin; };

static struct order order_of(const struct plan_request *r, const struct plan_people *people, size_t at)
{
    return (struct order){ people->order_value[at], people->margin ? people->margin[at] : r->margin };
}

static double profit_of(const struct plan_request *r, size_t action, struct order order, double usual,
                        double effect)
{
    return order.margin * order.value * effect - cost_of(&r->actions[action], order.value, usual, effect);
}

/* Profit of so many orders under an action (0: nothing). */
static double earned(const struct plan_request *r, size_t taken, struct order order, double orders)
{
    if (taken == 0) return order.margin * order.value * orders;
    const struct plan_action *a = &r->actions[taken - 1];
    return (order.margin - a->discount * a->redeemed) * order.value * orders - a->contact_cost;
}

/* Of people: what is usual, and each action's effect.  [n], [n_actions][n]. */
struct outlook { double *usual, *effect[PLAN_ACTIONS_MOST]; };

static struct outlook outlook_of(const struct plan_request *r, const struct learned *learned, const float *values,
                                 const uint32_t *rows, size_t n, struct arena *arena)
{
    struct outlook o = { .usual = ARENA_ARRAY(arena, double, n + 1) };
    predict(r, learned, learned->usual, 0, values, rows, n, o.usual);
    for (size_t a = 0; a < r->n_actions; a++) {
        o.effect[a] = ARENA_ARRAY(arena, double, n + 1);
        predict(r, learned, learned->effect[a], a + 1, values, rows, n, o.effect[a]);
    }
    return o;
}

/* ---- the plan as a policy ---- */

/* What money and a place among those of each action cost at the margin. */
struct prices { double budget; const double *action; };

/* Which action is worth most at these prices, 0 nothing. */
static size_t policy_at(const struct plan_request *r, const struct prices *prices, const struct outlook *o,
                        size_t at, struct order order, const double *chance)
{
    double best = 0;
    size_t taken = 0;
    for (size_t a = 0; a < r->n_actions; a++) {
        if (!(chance[a + 1] > 0)) continue;
        double cost = cost_of(&r->actions[a], order.value, o->usual[at], o->effect[a][at]),
               worth = profit_of(r, a, order, o->usual[at], o->effect[a][at]) - prices->budget * cost -
                       prices->action[a];
        if (worth > best) best = worth, taken = a + 1;
    }
    return taken;
}

/* The doubly robust score of taking an action instead of nothing for a past row. */
static double robust_score(const struct plan_request *r, const struct outlook *o, size_t at, size_t row,
                           size_t taken)
{
    struct order order = order_of(r, &r->past, row);
    double usual = o->usual[at], effect = o->effect[taken - 1][at];
    const double *chance = chances(r, row);
    double with = earned(r, taken, order, usual + effect), without = earned(r, 0, order, usual),
           score = with - without;
    if (r->taken[row] == taken) score += (earned(r, taken, order, r->orders[row]) - with) / chance[taken];
    if (r->taken[row] == 0) score -= (earned(r, 0, order, r->orders[row]) - without) / chance[0];
    return score;
}

/* Doing nothing had a chance, and something else too: the row says what that does. */
static bool is_judge(const struct plan_request *r, size_t row)
{
    const double *chance = chances(r, row);
    bool has_action = false;
    for (size_t a = 0; a < r->n_actions; a++) has_action |= chance[a + 1] > 0;
    return chance[0] > 0 && has_action;
}

static int64_t newest_of(const struct plan_request *r)
{
    int64_t newest_ms = INT64_MIN;
    for (size_t i = 0; r->past.at_ms && i < r->past.n; i++)
        if (r->past.at_ms[i] > newest_ms) newest_ms = r->past.at_ms[i];
    return newest_ms;
}

/* How much a row counts beside the newest. */
static double freshness(const struct plan_request *r, size_t row, int64_t newest_ms)
{
    if (!r->past.at_ms || !(r->half_life_ms > 0)) return 1;
    return exp2(-(double)(newest_ms - r->past.at_ms[row]) / r->half_life_ms);
}

/* Past rows, weighted: what a policy was found to earn, and what was foretold of it. */
struct judged_sums { double found, foretold, found2, both, foretold2; };

/* The plan, and after it each point of its curve. */
enum { POLICIES = PLAN_CURVE_POINTS + 2 };

static struct prices prices_of(const struct plan_result *plan, size_t policy)
{
    if (policy == 0) return (struct prices){ plan->budget_price, plan->price };
    return (struct prices){ plan->curve[policy - 1].budget_price, plan->curve[policy - 1].price };
}

/* One past row under each policy: its scores are reckoned once. */
static void judge_row(const struct plan_request *r, const struct plan_result *plan, const struct outlook *o,
                      size_t at, size_t row, double weight, struct judged_sums sums[POLICIES])
{
    double found[PLAN_ACTIONS_MOST + 1] = { 0 }, foretold[PLAN_ACTIONS_MOST + 1] = { 0 };
    struct order order = order_of(r, &r->past, row);
    const double *chance = chances(r, row);
    for (size_t a = 0; a < r->n_actions; a++)
        if (chance[a + 1] > 0) {
            found[a + 1] = weight * robust_score(r, o, at, row, a + 1);
            foretold[a + 1] = weight * profit_of(r, a, order, o->usual[at], o->effect[a][at]);
        }
    for (size_t k = 0; k < POLICIES; k++) {
        const struct prices prices = prices_of(plan, k);
        size_t taken = policy_at(r, &prices, o, at, order, chance);
        struct judged_sums *s = &sums[k];
        s->found += found[taken], s->foretold += foretold[taken], s->found2 += found[taken] * found[taken];
        s->both += found[taken] * foretold[taken], s->foretold2 += foretold[taken] * foretold[taken];
    }
}

/* The error of a policy's profit for each unit foretold of it, were its ratio this one. */
static double ratio_error(const struct judged_sums *s, double ratio)
{
    double squares = s->found2 - 2 * ratio * s->both + ratio * ratio * s->foretold2;
    return s->foretold > 0 ? sqrt(fmax(squares, 0)) / s->foretold : 0;
}

/* The same, and what the rows cannot tell: that the horizon to come is not as theirs were. */
static double coming_error(const struct plan_request *r, const struct judged_sums *s, double ratio)
{
    return hypot(ratio_error(s, ratio), r->half_life_ms > 0 ? DRIFT * ratio : 0);
}

/* Of each person's profits as learned without one fifth of the past: sums over the fifths.  [today.n x n_actions]
 */
struct spread { double *sum, *squares; };

static void add_spread(const struct plan_request *r, const struct learned *learned, struct spread *spread,
                       struct arena *scratch)
{
    struct outlook o = outlook_of(r, learned, r->today.values, NULL, r->today.n, scratch);
    for (size_t i = 0; i < r->today.n; i++)
        for (size_t a = 0; a < r->n_actions; a++) {
            double profit = profit_of(r, a, order_of(r, &r->today, i), o.usual[i], o.effect[a][i]);
            spread->sum[i * r->n_actions + a] += profit, spread->squares[i * r->n_actions + a] += profit * profit;
        }
}

static void settle_spread(const struct plan_request *r, const struct spread *spread, struct plan_result *plan)
{
    for (size_t i = 0; i < r->today.n * r->n_actions; i++) {
        double mean = spread->sum[i] / FOLDS, variance = fmax(spread->squares[i] - FOLDS * mean * mean, 0),
               se = sqrt((FOLDS - 1.0) / FOLDS * variance);
        plan->best[i].low = plan->best[i].profit - QUANTILE * se;
        plan->best[i].high = plan->best[i].profit + QUANTILE * se;
    }
    for (size_t i = 0; i < r->today.n; i++)
        if (plan->choices[i].action) plan->choices[i] = plan->best[i * r->n_actions + plan->choices[i].action - 1];
}

static bool judge_fold(const struct plan_request *r, const struct plan_result *plan, size_t fold,
                       struct judged_sums sums[POLICIES], struct spread *spread, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct learned learned = { 0 };
    uint32_t *rows = ARENA_ARRAY(scratch, uint32_t, r->past.n + 1);
    size_t n_rows = 0;
    int64_t newest_ms = newest_of(r);
    for (uint32_t i = 0; i < r->past.n; i++)
        if (fold_of(r, i) == fold && is_judge(r, i)) rows[n_rows++] = i;
    bool ok = learn(r, fold, scratch, &learned, err);
    if (ok) {
        add_spread(r, &learned, spread, scratch);
        struct outlook o = outlook_of(r, &learned, r->past.values, rows, n_rows, scratch);
        for (size_t i = 0; i < n_rows; i++)
            judge_row(r, plan, &o, i, rows[i], freshness(r, rows[i], newest_ms), sums);
    }
    arena_free(scratch);
    return ok;
}

/* Today's people are not those of the past: what is foretold of them counts by as much as past people kept of what
 * was foretold of them (a ratio, with the interval of its linearisation). */
static bool evaluate(const struct plan_request *r, double foretold_today, struct arena *arena,
                     struct plan_result *plan, struct err *err)
{
    struct judged_sums sums[POLICIES] = { 0 };
    size_t n = r->today.n * r->n_actions;
    struct spread spread = { ARENA_ARRAY(arena, double, n + 1), ARENA_ARRAY(arena, double, n + 1) };
    for (size_t fold = 0; fold < FOLDS; fold++)
        if (!judge_fold(r, plan, fold, sums, &spread, err)) return false;
    settle_spread(r, &spread, plan);
    double ratio = sums[0].foretold > 0 ? sums[0].found / sums[0].foretold : 0, value = foretold_today,
           se = coming_error(r, &sums[0], ratio);
    plan->profit = (struct plan_value){ value * ratio, value * se, value * (ratio - QUANTILE * se),
                                        value * (ratio + QUANTILE * se) };
    for (size_t k = 0; k <= PLAN_CURVE_POINTS; k++) {
        struct plan_point *point = &plan->curve[k];
        double reach = QUANTILE * coming_error(r, &sums[k + 1], ratio);
        point->low = point->profit * (ratio - reach), point->high = point->profit * (ratio + reach);
        point->profit *= ratio;
    }
    plan->price_of_fairness *= ratio;
    return true;
}

/* ---- today ---- */

/* What each person could get, as options of an allocation. */
static struct allocation_problem problem_of(const struct plan_request *r, const struct outlook *o,
                                            double *capacity, struct arena *arena, struct plan_result *plan)
{
    size_t n = r->today.n, options = 0, k = r->n_actions;
    uint32_t *first = ARENA_ARRAY(arena, uint32_t, n + 1);
    double *cost = ARENA_ARRAY(arena, double, n * k + 1), *profit = ARENA_ARRAY(arena, double, n * k + 1);
    uint8_t (*resource)[2] = arena_alloc(arena, n * k + 1, sizeof *resource);
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; a < k; a++) {
            struct order order = order_of(r, &r->today, i);
            struct plan_choice *best = &plan->best[i * k + a];
            *best = (struct plan_choice){ (uint8_t)(a + 1),
                                          cost_of(&r->actions[a], order.value, o->usual[i], o->effect[a][i]),
                                          profit_of(r, a, order, o->usual[i], o->effect[a][i]), (double)NAN,
                                          (double)NAN };
            if (!r->is_open[i * k + a] || best->profit <= 0) continue;
            cost[options] = best->cost, profit[options] = best->profit;
            if (r->group && r->group[i] < r->n_groups) resource[options][1] = (uint8_t)(k + 1 + r->group[i]);
            resource[options][0] = (uint8_t)(a + 1), options++;
        }
        first[i + 1] = (uint32_t)options;
    }
    for (size_t a = 0; a < k; a++) capacity[a + 1] = r->actions[a].capacity;
    for (size_t g = 0; g < r->n_groups; g++) capacity[k + 1 + g] = HUGE_VAL;
    return (struct allocation_problem){ .n_customers = n,
                                        .n_resources = k + 1 + r->n_groups,
                                        .first = first,
                                        .cost = cost,
                                        .profit = profit,
                                        .resource = (const uint8_t(*)[2])resource,
                                        .capacity = capacity,
                                        .budget = r->budget,
                                        .is_quick = true,
                                        .n_threads = r->n_threads };
}

/* A plan of less budget is open to more. */
static void draw_curve(const struct allocation_problem *problem, size_t n_actions, struct plan_result *plan)
{
    struct allocation_problem at = *problem;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    at.budget = HUGE_VAL;
    double most = allocate(&at, scratch).spent, profit = 0;
    for (size_t k = 0; k <= PLAN_CURVE_POINTS; k++) {
        at.budget = most * (double)k / PLAN_CURVE_POINTS;
        struct allocation a = allocate(&at, scratch);
        profit = fmax(profit, a.profit);
        plan->curve[k] =
            (struct plan_point){ .budget = at.budget, .profit = profit, .budget_price = a.budget_price };
        memcpy(plan->curve[k].price, a.price + 1, n_actions * sizeof *a.price);
    }
    arena_free(scratch);
}

static double allocate_today(const struct plan_request *r, const struct outlook *o, struct arena *arena,
                             struct plan_result *plan)
{
    double capacity[ALLOCATION_RESOURCES_MOST];
    size_t k = r->n_actions;
    const struct allocation_problem problem = problem_of(r, o, capacity, arena, plan);
    draw_curve(&problem, k, plan);
    struct allocation a = allocate(&problem, arena);
    if (r->group) {
        const struct fair_groups groups = { r->n_groups, r->group, k + 1, capacity, r->most_disparity };
        double unfair = a.profit;
        a = allocate_fairly(&problem, &groups, a, arena);
        plan->disparity = disparity_of(&groups, &a, r->today.n), plan->price_of_fairness = unfair - a.profit;
    }
    plan->spent = a.spent, plan->bound = a.bound, plan->gap = a.gap, plan->budget_price = a.budget_price;
    memcpy(plan->price, a.price + 1, k * sizeof *plan->price);
    for (size_t i = 0; i < r->today.n; i++)
        if (a.chosen[i] != ALLOCATION_NOTHING)
            plan->choices[i] = plan->best[i * k + problem.resource[a.chosen[i]][0] - 1];
    return a.profit;
}

static bool count_draws(const struct plan_request *r, struct plan_result *plan, struct err *err)
{
    for (size_t i = 0; i < r->past.n; i++) plan->n_drawn[r->taken[i]]++;
    for (size_t a = 0; a <= r->n_actions; a++)
        if (plan->n_drawn[a] < PLAN_ROWS_LEAST)
            return err_set(
                err, ERR_REFUSED,
                "'%s' was drawn by lot for %zu people whose outcome is known, and %d at least are needed "
                "to say what it changes",
                a ? r->actions[a - 1].name : "nothing", plan->n_drawn[a], PLAN_ROWS_LEAST);
    return true;
}

bool plan_make(const struct plan_request *r, struct arena *arena, struct plan_result *ret_result, struct err *err)
{
    struct plan_result plan = { .choices = ARENA_ARRAY(arena, struct plan_choice, r->today.n + 1),
                                .best = ARENA_ARRAY(arena, struct plan_choice, r->today.n * r->n_actions + 1) };
    struct learned learned = { 0 };
    if (!count_draws(r, &plan, err) || !learn(r, FOLDS, arena, &learned, err)) return false;
    struct outlook o = outlook_of(r, &learned, r->today.values, NULL, r->today.n, arena);
    double foretold = allocate_today(r, &o, arena, &plan);
    if (!evaluate(r, foretold, arena, &plan, err)) return false;
    plan.is_proposed = plan.profit.low > 0;
    if (plan.is_proposed) {
        plan.sentence =
            arena_format(arena,
                         "The plan earns %.6g (%.6g to %.6g) more than doing nothing, by people drawn by lot "
                         "before, each judged by what others taught.",
                         plan.profit.value, plan.profit.low, plan.profit.high);
    } else {
        plan.sentence =
            arena_format(arena,
                         "No plan is proposed: what the best one would earn, %.6g (%.6g to %.6g), is not shown "
                         "to be above nothing.  More people drawn by lot would tell.",
                         plan.profit.value, plan.profit.low, plan.profit.high);
        memset(plan.choices, 0, r->today.n * sizeof *plan.choices);
        plan.spent = 0;
    }
    *ret_result = plan;
    return true;
}
