/* plan_log.c - see plan_log.h. */
#include "plan/plan_log.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/calendar.h"
#include "condition/expression.h"
#include "decide/decision.h"
#include "decide/offer.h"
#include "engine/assigning.h"
#include "feature/matrix.h"
#include "plan/plan_features.h"
#include "plan/plan_margins.h"
#include "plan/plan_scores.h"
#include "store/sql.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CUTOFFS_MOST = 60, INSTANTS_MOST = 24, EXPERIMENTS_MOST = 200 };

static const double VALUE_PRIOR_ORDERS = .75;      /* what others spend counts as so many own orders */
static const double HALF_LIFE_HORIZONS = 1; /* of what was seen of earlier plans: habits and weariness change */

const char *const plan_rule_word[PLAN_RULES] = {
    "open", "not_meant", "suppressed", "consent", "automated_decisions", "no_address", "cap", "cooldown",
    "floor_margin"
};
const char *const plan_group_word[] = { "holdout", "pilot", "explore", "withheld", "plan" };

/* ---- what was drawn ---- */

struct draw { uint32_t identity; int64_t at_ms; uint8_t taken; double chance[PLAN_ACTIONS_MOST + 1]; };

struct planning {
    const struct plan_setup *s;
    struct arena            *arena;
    struct draw             *draws;
    size_t                   n_draws, room;
    int64_t                  cutoffs[CUTOFFS_MOST];
    size_t                   n_cutoffs;
    struct feature_set      *set;
    struct plan_features    *features;
    struct matrix            matrix;
    double                   order_mean;        /* what an order comes to, over everybody */
    double                  *margin;            /* [matrix rows] NULL: of everything the same */
    double                   all_margin;
    float                   *past_values;       /* [past.n x width] */
    struct plan_request      request;
};

static size_t action_of(const struct plan_setup *s, const char *name)
{
    if (strcmp(name, ACTION_NOTHING) == 0) return 0;
    for (size_t a = 0; a < s->n_actions; a++)
        if (strcmp(s->actions[a].name, name) == 0) return a + 1;
    return SIZE_MAX;
}

/* Each alternative's chance; false: an action of ours was not drawn there, or another one was. */
static bool read_chances(const struct plan_setup *s, struct text answer, double *ret_chance)
{
    size_t i;
    json_t *json = json_loadb(answer.at, answer.length, 0, NULL);
    const json_t *row;
    bool has_any = false;
    memset(ret_chance, 0, (s->n_actions + 1) * sizeof *ret_chance);
    json_array_foreach(json_object_get(json, "alternatives"), i, row) {
        const char *name = json_string_value(json_object_get(row, "action"));
        size_t a = name ? action_of(s, name) : SIZE_MAX;
        if (a == SIZE_MAX) continue;
        ret_chance[a] = json_number_value(json_object_get(row, "propensity"));
        has_any |= a > 0 && ret_chance[a] > 0;
    }
    json_decref(json);
    return has_any;
}

static bool read_draws(struct planning *p, struct err *err)
{
    const struct plan_setup *s = p->s;
    struct sql_decision_draws row = { 0 };
    enum step step = STEP_FAIL;
    int64_t matured_ms = s->as_of_ms - s->horizon_days * MS_PER_DAY;
    if (sql_decision_draws(s->store, matured_ms + 1, &row, err))
        while ((step = sql_decision_draws_step(&row, err)) == STEP_ROW) {
            char *name = strndup(row.action.at, row.action.length);
            size_t taken = name ? action_of(s, name) : SIZE_MAX;
            free(name);
            if (taken == SIZE_MAX) continue;
            if (p->n_draws == p->room)
                p->draws = memory_grow(p->draws, p->room = 2 * p->room + 1024, sizeof *p->draws);
            struct draw *draw = &p->draws[p->n_draws];
            *draw =
                (struct draw){ .identity = (uint32_t)row.identity, .at_ms = row.at_ms, .taken = (uint8_t)taken };
            if (read_chances(s, row.answer, draw->chance) && draw->chance[taken] > 0) p->n_draws++;
        }
    cursor_close(row.cursor);
    return step == STEP_END;
}

/* ---- experiments ---- */

/* Which action each arm is, SIZE_MAX none of ours; false: the experiment is not about our actions. */
static bool arms_are_actions(const struct plan_setup *s, const struct design *d, size_t *ret_action)
{
    bool has_any = false;
    for (size_t a = 0; a < d->n_arms; a++) {
        ret_action[a] = action_of(s, d->arms[a]);
        if (ret_action[a] == SIZE_MAX && a == d->control) ret_action[a] = 0;
        has_any |= ret_action[a] != SIZE_MAX && ret_action[a] > 0;
    }
    return has_any;
}

static void add_exposure(struct planning *p, const struct design *d, const size_t *action, uint32_t identity,
                         size_t arm, int64_t at_ms)
{
    if (action[arm] == SIZE_MAX) return;
    if (p->n_draws == p->room)
        p->draws = memory_grow(p->draws, p->room = 2 * p->room + 1024, sizeof *p->draws);
    struct draw *draw = &p->draws[p->n_draws++];
    *draw = (struct draw){ .identity = identity, .at_ms = at_ms, .taken = (uint8_t)action[arm] };
    for (size_t a = 0; a < d->n_arms; a++)
        if (action[a] != SIZE_MAX) draw->chance[action[a]] += d->shares[a];
}

static bool read_exposures(struct planning *p, const struct design *d, const size_t *action, struct err *err)
{
    struct sql_exposures_outside row = { 0 };
    enum step step = STEP_FAIL;
    int64_t matured_ms = p->s->as_of_ms - p->s->horizon_days * MS_PER_DAY;
    if (sql_exposures_outside(p->s->store, text_of(d->name), matured_ms + 1, &row, err))
        while ((step = sql_exposures_outside_step(&row, err)) == STEP_ROW)
            for (size_t a = 0; a < d->n_arms; a++)
                if (text_equal(row.arm, text_of(d->arms[a])))
                    add_exposure(p, d, action, (uint32_t)row.identity, a, row.at);
    cursor_close(row.cursor);
    return step == STEP_END;
}

static int by_time(const void *a, const void *b)
{
    const struct draw *x = a, *y = b;
    if (x->at_ms != y->at_ms) return x->at_ms < y->at_ms ? -1 : 1;
    return (x->identity > y->identity) - (x->identity < y->identity);
}

/* Arms that are called as actions are draws as well: their chances are the experiment's shares. */
static bool read_experiments(struct planning *p, struct err *err)
{
    const char *names[EXPERIMENTS_MOST];
    struct sql_experiment_all row = { 0 };
    enum step step = STEP_FAIL;
    size_t n = 0, action[DESIGN_ARMS_MOST];
    if (sql_experiment_all(p->s->store, &row, err))
        while ((step = sql_experiment_all_step(&row, err)) == STEP_ROW)
            if (n < EXPERIMENTS_MOST)
                names[n++] = arena_format(p->arena, "%.*s", (int)row.name.length, row.name.at);
    cursor_close(row.cursor);
    for (size_t i = 0; step == STEP_END && i < n; i++) {
        struct design *design = ARENA_NEW(p->arena, struct design);
        struct experiment_record record;
        const struct yaml_node *root;
        if (!experiment_find(p->s->store, names[i], p->arena, design, &record, &root, err) ||
            (arms_are_actions(p->s, design, action) && !read_exposures(p, design, action, err)))
            return false;
    }
    if (p->n_draws > 0) qsort(p->draws, p->n_draws, sizeof *p->draws, by_time);
    return step == STEP_END;
}

/* ---- instants ---- */

static void add_cutoff(struct planning *p, int64_t at_ms)
{
    size_t i = p->n_cutoffs;
    for (size_t k = 0; k < p->n_cutoffs; k++)
        if (p->cutoffs[k] == at_ms) return;
    if (p->n_cutoffs == CUTOFFS_MOST) return;
    for (; i > 0 && p->cutoffs[i - 1] > at_ms; i--) p->cutoffs[i] = p->cutoffs[i - 1];
    p->cutoffs[i] = at_ms, p->n_cutoffs++;
}

/* The newest instants of draws, each with the end of its horizon; if there are many, their days. */
static void choose_cutoffs(struct planning *p)
{
    const int64_t horizon_ms = p->s->horizon_days * MS_PER_DAY;
    size_t n_instants = 0;
    for (size_t i = 0; i < p->n_draws; i++) n_instants += i == 0 || p->draws[i].at_ms != p->draws[i - 1].at_ms;
    for (size_t i = 0; n_instants > INSTANTS_MOST && i < p->n_draws; i++)
        p->draws[i].at_ms = calendar_day_of_ms(p->draws[i].at_ms) * MS_PER_DAY;
    add_cutoff(p, p->s->as_of_ms);
    add_cutoff(p, p->s->as_of_ms - horizon_ms);
    for (size_t i = p->n_draws; i-- > 0;)
        if (p->n_cutoffs + 2 <= CUTOFFS_MOST)
            add_cutoff(p, p->draws[i].at_ms), add_cutoff(p, p->draws[i].at_ms + horizon_ms);
}

static size_t cutoff_of(const struct planning *p, int64_t at_ms)
{
    for (size_t c = 0; c < p->n_cutoffs; c++)
        if (p->cutoffs[c] == at_ms) return c;
    return SIZE_MAX;
}

/* The row of a customer as of a cutoff, SIZE_MAX: unknown then. */
static size_t row_of(const struct planning *p, uint32_t identity, size_t cutoff)
{
    size_t low = 0, high = p->matrix.n_rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_before = p->matrix.cutoff[middle] < cutoff ||
                         (p->matrix.cutoff[middle] == cutoff && p->matrix.identity[middle] < identity);
        if (is_before) low = middle + 1;
        else high = middle;
    }
    bool is = low < p->matrix.n_rows && p->matrix.cutoff[low] == cutoff && p->matrix.identity[low] == identity;
    return is ? low : SIZE_MAX;
}

static double margin_of(const struct planning *p, size_t row) { return p->margin ? p->margin[row] : p->s->margin; }

static const float *values_of(const struct planning *p, size_t row)
{
    return p->matrix.values + row * p->matrix.n_columns;
}

static bool look_at_log(struct planning *p, struct err *err)
{
    const struct plan_setup *s = p->s;
    const struct feature_options options = { .goal = s->goal, .n_threads = s->n_threads };
    double orders = 0, amount = 0;
    if (!feature_set_generate(s->log, &options, p->arena, &p->set, err) ||
        !plan_features_new(p->set, s->goal, s->protected_traits, s->n_protected, p->arena, &p->features, err) ||
        !matrix_build(s->log, p->set, NULL, p->cutoffs, p->n_cutoffs, 1, s->n_threads, p->arena, &p->matrix, err))
        return err_context(err, "features");
    for (size_t i = 0; i < p->matrix.n_rows; i++)
        if (p->matrix.cutoff[i] + 1u == p->n_cutoffs)
            orders += plan_features_count(p->features, values_of(p, i)),
                amount += plan_features_amount(p->features, values_of(p, i));
    p->order_mean = orders > 0 ? amount / orders : 0;
    p->all_margin = s->margin;
    const struct plan_margins_asked asked = { s->store, s->log, s->identities, s->costs, s->goal, &p->matrix,
                                              p->cutoffs, p->n_cutoffs, VALUE_PRIOR_ORDERS * p->order_mean };
    return !s->costs || plan_margins(&asked, p->arena, &p->margin, &p->all_margin, err);
}

static double order_value(const struct planning *p, const float *row)
{
    return (plan_features_amount(p->features, row) + VALUE_PRIOR_ORDERS * p->order_mean) /
           (plan_features_count(p->features, row) + VALUE_PRIOR_ORDERS);
}

/* ---- past people ---- */

static void past_people(struct planning *p, struct plan_made *made)
{
    size_t width = plan_features_width(p->features), k = p->s->n_actions, n = 0;
    float *values = p->past_values = ARENA_ARRAY(p->arena, float, p->n_draws * width + 1);
    double *worth = ARENA_ARRAY(p->arena, double, p->n_draws + 1),
           *orders = ARENA_ARRAY(p->arena, double, p->n_draws + 1),
           *margin = ARENA_ARRAY(p->arena, double, p->n_draws + 1),
           *chance = ARENA_ARRAY(p->arena, double, p->n_draws *(k + 1) + 1);
    uint64_t *customer = ARENA_ARRAY(p->arena, uint64_t, p->n_draws + 1);
    uint8_t *taken = ARENA_ARRAY(p->arena, uint8_t, p->n_draws + 1);
    int64_t *at_ms = ARENA_ARRAY(p->arena, int64_t, p->n_draws + 1);
    for (size_t i = 0; i < p->n_draws; i++) {
        const struct draw *draw = &p->draws[i];
        size_t from = cutoff_of(p, draw->at_ms), to = cutoff_of(p, draw->at_ms + p->s->horizon_days * MS_PER_DAY);
        if (from == SIZE_MAX || to == SIZE_MAX) continue;
        size_t before = row_of(p, draw->identity, from), after = row_of(p, draw->identity, to);
        if (before == SIZE_MAX || after == SIZE_MAX) continue;
        plan_features_fill(p->features, values_of(p, before), values + n * width);
        orders[n] = fmax(plan_features_count(p->features, values_of(p, after)) -
                         plan_features_count(p->features, values_of(p, before)), 0);
        worth[n] = order_value(p, values_of(p, before)), margin[n] = margin_of(p, before);
        customer[n] = draw->identity, at_ms[n] = draw->at_ms, taken[n] = draw->taken;
        memcpy(chance + n++ * (k + 1), draw->chance, (k + 1) * sizeof *chance);
    }
    p->request.past = (struct plan_people){ n, values, worth, margin, customer, at_ms };
    p->request.taken = taken, p->request.chance = chance, p->request.orders = orders;
    made->n_past = n;
}

/* ---- today's people ---- */

/* By lot: uniform for a customer, an instant and a use. */
static double lot(const struct plan_setup *s, uint32_t identity, const char *use)
{
    struct text name = log_name(s->log, DICTIONARY_IDENTITY, identity);
    uint64_t hash = hash_bytes(&s->as_of_ms, sizeof s->as_of_ms, s->holdout.salt);
    hash = hash_bytes(use, strlen(use), hash);
    return (double)(hash_bytes(name.at, name.length, hash) >> 11) * 0x1p-53;
}

/* What the contact rules leave of it. */
static bool find_allowed(struct planning *p, const size_t *rows, size_t n, bool *open, struct plan_row *people,
                         struct err *err)
{
    const struct plan_setup *s = p->s;
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < s->n_actions; a++) {
            enum plan_rule rule = open[i * s->n_actions + a] ? PLAN_OPEN : PLAN_NOT_MEANT;
            if (rule == PLAN_OPEN && !offer_is_allowed(margin_of(p, rows[i]), s->actions[a].discount,
                                                       s->actions[a].floor_margin))
                rule = PLAN_FLOOR;
            if (rule == PLAN_OPEN && s->allows &&
                !s->allows(s->allows_context, p->matrix.identity[rows[i]], a, &rule, err))
                return false;
            open[i * s->n_actions + a] = rule == PLAN_OPEN;
            if (rule != PLAN_OPEN) people[i].rule = rule;
        }
    return true;
}

/* The names that an action's who may ask for, and each one's values. */
struct asked {
    const char       **names;
    size_t             n_features, n;
    struct plan_scores scores;
    float             *row;     /* [n] */
};

static bool ask_of(struct planning *p, struct asked *ret, struct err *err)
{
    const struct plan_setup *s = p->s;
    size_t n_features = feature_set_size(p->set);
    if (!plan_scores_read(s->store, log_n_names(s->log, DICTIONARY_IDENTITY), s->as_of_ms, p->arena, &ret->scores,
                          err))
        return false;
    ret->n_features = n_features, ret->n = n_features + ret->scores.n;
    ret->names = ARENA_ARRAY(p->arena, const char *, ret->n + 1);
    ret->row = ARENA_ARRAY(p->arena, float, ret->n + 1);
    for (size_t c = 0; c < ret->n; c++)
        ret->names[c] = c < n_features ? feature_names(p->set)[c] : ret->scores.names[c - n_features];
    return true;
}

/* Whom an action is meant for may not hang on a protected trait either. */
static bool is_fair(const struct planning *p, const struct expression *who, size_t n_features, struct err *err)
{
    size_t n;
    const uint32_t *columns = expression_columns(who, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; columns[i] < n_features && t < p->s->n_protected; t++)
            if (strcmp(feature_at(p->set, columns[i])->group, p->s->protected_traits[t]) == 0)
                return err_set(
                    err, ERR_INVALID,
                    "'%s' rests on '%s', which is protected: no action may hang on it; leave it out of who, "
                    "or out of protected",
                    feature_names(p->set)[columns[i]], p->s->protected_traits[t]);
    return true;
}

static bool find_open(struct planning *p, const size_t *rows, size_t n, bool *ret_open, struct err *err)
{
    size_t k = p->s->n_actions;
    struct asked asked = { 0 };
    if (!ask_of(p, &asked, err)) return false;
    for (size_t i = 0; i < n * k; i++) ret_open[i] = true;
    for (size_t a = 0; a < k; a++) {
        struct expression *compiled;
        bool ok = true;
        if (!p->s->who[a]) continue;
        if (!expression_compile(p->s->who[a], asked.names, asked.n, &compiled, err))
            return err_context(err, "action '%s': who", p->s->actions[a].name);
        ok = is_fair(p, compiled, asked.n_features, err);
        for (size_t i = 0; ok && i < n; i++) {
            memcpy(asked.row, values_of(p, rows[i]), asked.n_features * sizeof *asked.row);
            plan_scores_fill(&asked.scores, p->matrix.identity[rows[i]], asked.row + asked.n_features);
            ok = expression_test(compiled, asked.row, 1, &ret_open[i * k + a], err);
        }
        expression_free(compiled);
        if (!ok) return err_context(err, "action '%s': who", p->s->actions[a].name);
    }
    return true;
}

static bool today_people(struct planning *p, struct plan_made *made, size_t **ret_rows, bool **ret_open,
                         struct err *err)
{
    size_t n = 0, k = p->s->n_actions, *rows = ARENA_ARRAY(p->arena, size_t, p->matrix.n_rows + 1);
    for (size_t i = 0; i < p->matrix.n_rows; i++)
        if (p->matrix.cutoff[i] + 1u == p->n_cutoffs) rows[n++] = i;
    bool *open = ARENA_ARRAY(p->arena, bool, n * k + 1);
    made->rows = ARENA_ARRAY(p->arena, struct plan_row, n + 1), made->n_rows = n, made->features = p->features;
    *ret_rows = rows, *ret_open = open;
    made->margin = made->margin_least = made->margin_most = p->all_margin;
    for (size_t i = 0; i < n; i++)
        made->margin_least = fmin(made->margin_least, margin_of(p, rows[i])),
        made->margin_most = fmax(made->margin_most, margin_of(p, rows[i]));
    return find_open(p, rows, n, open, err) && find_allowed(p, rows, n, open, made->rows, err);
}

_Static_assert(PLAN_ACTIONS_MOST <= 32, "a bit for each action");

static uint32_t bits_of(const bool *open, size_t k)
{
    uint32_t bits = 0;
    for (size_t a = 0; a < k; a++) bits |= (uint32_t)open[a] << a;
    return bits;
}

/* Nothing and each open action alike. */
static void draw_alike(const struct plan_setup *s, struct plan_row *row)
{
    size_t n = 1, at;
    for (size_t a = 0; a < s->n_actions; a++) n += row->open >> a & 1;
    at = (size_t)(lot(s, row->identity, "arm") * (double)n);
    row->propensity = 1 / (double)n;
    for (size_t a = 0; a < s->n_actions && at > 0; a++)
        if ((row->open >> a & 1) && --at == 0) row->action = (uint8_t)(a + 1);
}

static void part_people(struct planning *p, struct plan_made *made, const size_t *rows, const bool *open)
{
    const struct plan_setup *s = p->s;
    for (size_t i = 0; i < made->n_rows; i++) {
        struct plan_row *row = &made->rows[i];
        uint32_t identity = p->matrix.identity[rows[i]];
        double share = made->is_pilot ? made->pilot.share : s->explore_share;
        *row = (struct plan_row){ .identity = identity,
                                  .rule = row->rule,
                                  .values = values_of(p, rows[i]),
                                  .order_value = order_value(p, values_of(p, rows[i])),
                                  .open = bits_of(open + i * s->n_actions, s->n_actions),
                                  .group = PLAN_PLANNED,
                                  .propensity = 1 };
        if (holdout_place(&s->holdout, s->identities, identity).is_held_out)
            row->group = PLAN_HOLDOUT;
        else if (row->open && lot(s, identity, "explore") < share)
            row->group = made->is_pilot ? PLAN_PILOT : PLAN_EXPLORE, draw_alike(s, row);
        made->n_planned += row->group == PLAN_PLANNED;
    }
}

static bool plan_people(struct planning *p, struct plan_made *made, const size_t *rows, const bool *open,
                        struct err *err)
{
    const struct plan_setup *s = p->s;
    size_t width = plan_features_width(p->features), k = s->n_actions, n = 0;
    float *values = ARENA_ARRAY(p->arena, float, made->n_planned * width + 1);
    double *worth = ARENA_ARRAY(p->arena, double, made->n_planned + 1),
           *margin = ARENA_ARRAY(p->arena, double, made->n_planned + 1);
    bool *is_open = ARENA_ARRAY(p->arena, bool, made->n_planned * k + 1);
    uint32_t *group = ARENA_ARRAY(p->arena, uint32_t, made->n_planned + 1);
    for (size_t i = 0; i < made->n_rows; i++) {
        if (made->rows[i].group != PLAN_PLANNED) continue;
        plan_features_fill(p->features, values_of(p, rows[i]), values + n * width);
        worth[n] = order_value(p, values_of(p, rows[i])), margin[n] = margin_of(p, rows[i]);
        group[n] = made->rows[i].identity < s->n_group_of ? s->group_of[made->rows[i].identity] : FAIR_NO_GROUP;
        memcpy(is_open + n++ * k, open + i * k, k * sizeof *is_open);
    }
    plan_features_blank_unseen(p->features, p->past_values, p->request.past.n, values, n);
    p->request.today = (struct plan_people){ .n = n, .values = values, .order_value = worth, .margin = margin };
    p->request.is_open = is_open;
    p->request.group = s->group_of ? group : NULL, p->request.n_groups = s->n_groups;
    p->request.most_disparity = s->most_disparity;
    if (!plan_make(&p->request, p->arena, &made->result, err)) return false;
    n = 0;
    for (size_t i = 0; i < made->n_rows; i++) {
        struct plan_row *row = &made->rows[i];
        if (row->group != PLAN_PLANNED) continue;
        const struct plan_choice *choice = &made->result.choices[n++];
        row->planned = row->action = choice->action, row->planned_profit = choice->profit,
        row->planned_cost = choice->cost, row->low = choice->low, row->high = choice->high;
        if (choice->action == 0) continue;
        bool is_withheld = lot(s, row->identity, "withhold") < s->withhold_share;
        row->propensity = is_withheld ? s->withhold_share : 1 - s->withhold_share;
        if (is_withheld) row->group = PLAN_WITHHELD, row->action = 0;
    }
    return true;
}

/* ---- the pilot ---- */

struct spending { double mean, variance; };

/* What a customer spends in a horizon.  NaN where a horizon ago nothing had been received: nobody knows it then.
 */
static struct spending spending_of(const struct planning *p)
{
    const struct plan_setup *s = p->s;
    size_t before = cutoff_of(p, s->as_of_ms - s->horizon_days * MS_PER_DAY), n = 0;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < p->matrix.n_rows; i++) {
        if (p->matrix.cutoff[i] != before) continue;
        size_t after = row_of(p, p->matrix.identity[i], p->n_cutoffs - 1);
        if (after == SIZE_MAX) continue;
        double spent = plan_features_amount(p->features, values_of(p, after)) -
                       plan_features_amount(p->features, values_of(p, i));
        n++, sum += spent, squares += spent * spent;
    }
    double mean = n ? sum / (double)n : (double)NAN;
    return (struct spending){ mean, n > 1 ? fmax(squares / (double)n - mean * mean, 0) : (double)NAN };
}

/* One of a pilot: they take part where the share is above their lot. */
struct drawn { double lot; uint8_t action; };

/* What such a share costs.  ret_n [n_actions + 1]: how many drew nothing and each action. */
static double count_drawn(const struct plan_setup *s, const struct drawn *drawn, size_t n_drawn, double share,
                          double mean, size_t *ret_n)
{
    double cost = 0;
    memset(ret_n, 0, (s->n_actions + 1) * sizeof *ret_n);
    for (size_t i = 0; i < n_drawn; i++) ret_n[drawn[i].action] += drawn[i].lot < share;
    for (size_t a = 0; a < s->n_actions; a++) {
        double taken_off = s->actions[a].discount * s->actions[a].redeemed;
        cost += (double)ret_n[a + 1] * (s->actions[a].contact_cost + (taken_off > 0 ? taken_off * mean : 0));
    }
    return cost;
}

/* As many take part as the share says, or as its budget and capacities allow: fewer of the same. */
static void draw_pilot(struct planning *p, struct plan_made *made, const size_t *rows, const bool *open)
{
    static const double smaller = .97, least = 1e-4;
    const struct plan_setup *s = p->s;
    const struct spending spending = spending_of(p);
    size_t *n = ARENA_ARRAY(p->arena, size_t, s->n_actions + 1), fewest = SIZE_MAX, n_drawn = 0;
    struct drawn *drawn = ARENA_ARRAY(p->arena, struct drawn, made->n_rows + 1);
    double cost;
    bool is_allowed;
    made->is_pilot = true, made->pilot.share = s->pilot_share, made->n_planned = 0;
    part_people(p, made, rows, open);
    for (size_t i = 0; i < made->n_rows; i++)
        if (made->rows[i].group == PLAN_PILOT)
            drawn[n_drawn++] = (struct drawn){ lot(s, made->rows[i].identity, "explore"), made->rows[i].action };
    double known = isnan(spending.mean) ? 0 : spending.mean;    /* else the budget bounds what contacts cost */
    do {
        cost = count_drawn(s, drawn, n_drawn, made->pilot.share, known, n);
        is_allowed = s->is_pilot_unbounded || !(cost > s->budget);
        for (size_t a = 0; a < s->n_actions; a++) is_allowed &= !((double)n[a + 1] > s->actions[a].capacity);
        if (!is_allowed) made->pilot.share = made->pilot.share > least ? smaller * made->pilot.share : 0;
    } while (!is_allowed);
    cost = count_drawn(s, drawn, n_drawn, made->pilot.share, spending.mean, n);
    if (made->pilot.share < s->pilot_share) made->n_planned = 0, part_people(p, made, rows, open);
    uint32_t open_to_some = 0;
    for (size_t i = 0; i < made->n_rows; i++) open_to_some |= made->rows[i].open;
    size_t arms = 1;
    for (size_t a = 0; a < s->n_actions; a++) {
        if (!(open_to_some >> a & 1)) continue;
        arms++;
        if (n[a + 1] < fewest) fewest = n[a + 1];
    }
    if (arms == 1 || n[0] < fewest) fewest = arms == 1 ? 0 : n[0];
    double spread = fabs(p->all_margin) * sqrt(spending.variance); /* of what a customer earns */
    made->pilot = (struct plan_pilot){ arms, fewest, (double)s->horizon_days / 7, cost,
                                       fewest ? 2.8015852 * spread * sqrt(2 / (double)fewest) : (double)NAN,
                                       made->pilot.share };
}

/* ---- all ---- */

static bool make(struct planning *p, struct plan_made *made, struct err *err)
{
    const struct plan_setup *s = p->s;
    size_t *rows;
    bool *open;
    struct err refused;
    if (!read_draws(p, err) || !read_experiments(p, err)) return false;
    choose_cutoffs(p);
    if (!look_at_log(p, err)) return false;
    past_people(p, made);
    p->request.n_columns = plan_features_width(p->features), p->request.n_actions = s->n_actions;
    p->request.actions = s->actions, p->request.margin = p->all_margin, p->request.budget = s->budget;
    p->request.half_life_ms = HALF_LIFE_HORIZONS * (double)s->horizon_days * (double)MS_PER_DAY;
    p->request.seed = s->seed, p->request.n_threads = s->n_threads;
    if (!today_people(p, made, &rows, &open, err)) return false;
    part_people(p, made, rows, open);
    if (made->n_past > 0) {
        if (plan_people(p, made, rows, open, &refused)) return true;
        if (refused.code != ERR_REFUSED) { *err = refused; return false; }
    }
    made->why_pilot = made->n_past == 0 ? "nothing was ever drawn by lot" : arena_copy(p->arena, refused.text);
    draw_pilot(p, made, rows, open);
    return true;
}

bool plan_from_log(const struct plan_setup *setup, struct arena *arena, struct plan_made *ret_made,
                   struct err *err)
{
    struct planning p = { .s = setup, .arena = arena };
    struct plan_made made = { 0 };
    bool ok = make(&p, &made, err);
    free(p.draws);
    if (ok) *ret_made = made;
    return ok;
}
