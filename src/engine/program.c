/* program.c - see program.h. */
#include "engine/program.h"

#include "base/json_write.h"
#include "base/words.h"
#include "learn/margins.h"
#include "experiment/comparison.h"
#include "math/numerics.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MONTHS_MOST = 600, EXPERIMENTS_MOST = 1000 };
enum { IS_OTHER, IS_HELD_OUT, IS_LEFT_OUT };

struct program {
    const struct assigning       *where;
    const struct history         *history;
    const struct program_options *options;
    struct arena *arena;
    int           first_month;          /* year * 12 + month */
    size_t        n_months, n_people, n_mixed;
    uint32_t     *person_of;            /* [identities] the number of its customer, from 1; 0: nobody */
    uint8_t      *group;                /* [n_people] */
    double       *profit;               /* [n_people x n_months] in cents */
    double *fixed; /* [n_months] in cents: what campaigns cost that is nobody's in particular */
    struct margins margins;
};

static int month_of(int64_t day)
{
    struct civil date = calendar_civil(day);
    return date.year * 12 + date.month - 1;
}

/* ---- who ---- */

/* Whoever did something under a name of its own: ret_acts [identities]. */
static bool find_acting(struct program *p, uint8_t *ret_acts, struct err *err)
{
    struct log_reader *reader = NULL;
    bool ok = log_reader_open(p->where->log, &reader, err);
    for (unsigned partition = 0; ok && partition < LOG_PARTITIONS; partition++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        struct events events;
        ok = log_read(reader, partition, LOG_IDENTITY, scratch, &events, err);
        for (size_t i = 0; ok && i < events.n; i++) ret_acts[events.identity[i]] = 1;
        arena_free(scratch);
    }
    log_reader_close(reader);
    return ok;
}

/* An address that came with somebody's id was never anybody in a group of its own. */
static bool is_mixed(const struct program *p, const uint8_t *acts, const uint32_t *members, size_t n)
{
    bool is_met[2] = { false };
    for (size_t i = 0; i < n; i++)
        if (acts[members[i]]) is_met[holdout_place_of(&p->where->holdout, &members[i], 1).is_held_out] = true;
    return is_met[0] && is_met[1];
}

static bool find_people(struct program *p, struct err *err)
{
    size_t n = log_n_names(p->where->log, DICTIONARY_IDENTITY);
    uint8_t *acts = ARENA_ARRAY(p->arena, uint8_t, n + 1);
    p->person_of = ARENA_ARRAY(p->arena, uint32_t, n + 1), p->group = ARENA_ARRAY(p->arena, uint8_t, n + 1);
    if (!find_acting(p, acts, err)) return false;
    for (uint32_t i = 1; i < n; i++) {
        size_t n_members;
        if (p->person_of[i]) continue;
        const uint32_t *members = identities_members(p->where->identities, i, &n_members);
        struct holdout_place place = holdout_place_of(&p->where->holdout, members, n_members);
        bool is_left_out = place.is_mixed && is_mixed(p, acts, members, n_members);
        p->group[p->n_people] = is_left_out ? IS_LEFT_OUT : place.is_held_out ? IS_HELD_OUT : IS_OTHER;
        p->n_mixed += is_left_out;
        p->n_people++;
        for (size_t m = 0; m < n_members; m++)
            if (members[m] < n) p->person_of[members[m]] = (uint32_t)p->n_people;
    }
    return true;
}

/* ---- their profit ---- */

static double *cell(struct program *p, uint32_t identity, int64_t day)
{
    int month = month_of(day) - p->first_month;
    if (month < 0 || (size_t)month >= p->n_months || !p->person_of[identity]) return NULL;
    return &p->profit[(p->person_of[identity] - 1) * p->n_months + (size_t)month];
}

static void add_orders(struct program *p)
{
    const struct history *h = p->history;
    int32_t since = (int32_t)calendar_day_of_ms(p->options->since_ms);
    for (size_t c = 0; c < h->n_customers; c++)
        for (size_t e = h->first[c]; e < h->first[c + 1]; e++) {
            double *at = h->day[e] >= since ? cell(p, h->identity[c], h->day[e]) : NULL;
            if (at)
                *at +=
                    (double)h->amount_cents[e] * costs_margin(p->options->costs, COST_OF_CHANNEL, NULL, h->day[e]);
        }
}

/* Where margins are told of items, shops or channels: by how much an event's differs from everybody's. */
static void add_difference(struct program *p, const struct events *events, size_t i, uint32_t goal,
                           uint32_t refund)
{
    const struct program_options *o = p->options;
    uint16_t kind = events->kind[i];
    int64_t day = calendar_day_of_ms(events->time_ms[i]), amount = events->amount_cents[i];
    bool is_line = margins_is_line(&p->margins, kind),
         is_back = kind != 0 && (kind == refund || kind == p->margins.refund_item),
         is_known = events->time_ms[i] < o->as_of_ms && events->received_ms[i] < o->as_of_ms &&
                    !(events->replaced_ms && events->replaced_ms[i] < o->as_of_ms);
    if (!is_known || events->time_ms[i] < o->since_ms || (kind != goal && !is_back && !is_line)) return;
    double *at = cell(p, events->identity[i], day), share = margins_share(&p->margins, events, i);
    if (!is_line) share -= costs_margin(o->costs, COST_OF_CHANNEL, NULL, day);
    if (at) *at += share * (double)(is_back ? -llabs(amount) : amount);
}

static bool add_differences(struct program *p, struct err *err)
{
    uint32_t goal = 0, refund = 0;
    struct log_reader *reader = NULL;
    if (!margins_open(p->where->store, p->where->log, p->options->costs, p->options->as_of_ms, p->arena,
                      &p->margins, err))
        return false;
    if (!p->margins.varies) return true;
    (void)log_find(p->where->log, DICTIONARY_KIND, text_of(p->options->goal ? p->options->goal : "order"), &goal);
    (void)log_find(p->where->log, DICTIONARY_KIND, text_of("refund"), &refund);
    bool ok = log_reader_open(p->where->log, &reader, err);
    for (unsigned partition = 0; ok && partition < LOG_PARTITIONS; partition++) {
        struct arena *scratch = arena_new(ARENA_NO_LIMIT);
        struct events events;
        ok = log_read(reader, partition, LOG_RECEIVED | LOG_IDENTITY | LOG_AMOUNT | LOG_REPLACED | MARGINS_COLUMNS,
                      scratch, &events, err);
        for (size_t i = 0; ok && i < events.n; i++) add_difference(p, &events, i, goal, refund);
        arena_free(scratch);
    }
    log_reader_close(reader);
    return ok;
}

static int64_t first_day_of(int month)
{
    return calendar_day((struct civil){ month / 12, month % 12 + 1, 1 });
}

/* What is fixed and has no day is of the month in which its experiment began, else of the first. */
static bool month_of_campaign(struct program *p, const char *campaign, size_t *ret_month, struct err *err)
{
    struct sql_experiment_get row = { 0 };
    *ret_month = 0;
    if (!sql_experiment_get(p->where->store, text_of(campaign), &row, err)) return false;
    enum step step = sql_experiment_get_step(&row, err);
    int month = step == STEP_ROW ? month_of(calendar_day_of_ms(row.started_ms)) - p->first_month : 0;
    cursor_close(row.cursor);
    if (month > 0) *ret_month = (size_t)month;
    return step != STEP_FAIL;
}

static bool add_undated(struct program *p, const char *campaign, double amount, struct err *err)
{
    size_t month;
    if (!month_of_campaign(p, campaign, &month, err)) return false;
    if (month < p->n_months) p->fixed[month] += 100 * amount;
    return true;
}

/* An experiment's file may have costs of its own, which rule over the settings'. */
static bool add_own(struct program *p, const char *name, double *ret_own, struct err *err)
{
    struct design *design = ARENA_NEW(p->arena, struct design);
    struct experiment_record record;
    const struct yaml_node *root;
    struct costs costs;
    *ret_own = 0;
    if (!experiment_find(p->where->store, name, p->arena, design, &record, &root, err)) return false;
    const struct settings own = { NULL, root };
    if (!yaml_find(root, "costs")) return true;
    if (!costs_read(&own, p->options->currency, p->arena, &costs, err)) return false;
    *ret_own = costs_fixed(&costs, name);
    return add_undated(p, name, *ret_own, err);
}

static bool take_experiments(struct program *p, const char ***ret_names, size_t *ret_n, struct err *err)
{
    struct sql_experiment_all row;
    enum step step;
    const char **names = ARENA_ARRAY(p->arena, const char *, EXPERIMENTS_MOST);
    size_t n = 0;
    if (!sql_experiment_all(p->where->store, &row, err)) return false;
    while ((step = sql_experiment_all_step(&row, err)) == STEP_ROW)
        if (n < EXPERIMENTS_MOST) names[n++] = arena_copy(p->arena, row.name.at);
    cursor_close(row.cursor);
    *ret_names = names, *ret_n = n;
    return step == STEP_END;
}

static bool take_fixed(struct program *p, struct err *err)
{
    const struct costs *costs = p->options->costs;
    const char **names;
    size_t n;
    p->fixed = ARENA_ARRAY(p->arena, double, p->n_months + 1);
    for (size_t m = 0; m < p->n_months; m++) {
        int64_t from = first_day_of(p->first_month + (int)m), until = first_day_of(p->first_month + (int)m + 1),
                since = calendar_day_of_ms(p->options->since_ms), end = calendar_day_of_ms(p->options->as_of_ms);
        p->fixed[m] = 100 * costs_campaigns(costs, from > since ? from : since, until < end ? until : end);
    }
    if (!take_experiments(p, &names, &n, err)) return false;
    double *own = ARENA_ARRAY(p->arena, double, n + 1);
    for (size_t i = 0; i < n; i++)
        if (!add_own(p, names[i], &own[i], err)) return false;
    for (size_t i = 0; i < costs->n_fixed; i++) {
        const struct cost_fixed *fixed = &costs->fixed[i];
        bool is_known = fixed->day != INT64_MIN;
        for (size_t k = 0; k < n && !is_known; k++)
            is_known = own[k] > 0 && strcmp(names[k], fixed->campaign) == 0;
        if (!is_known && !add_undated(p, fixed->campaign, fixed->amount, err)) return false;
    }
    return true;
}

static bool take_messages(struct program *p, struct err *err)
{
    struct sql_program_messages row;
    enum step step;
    size_t n = log_n_names(p->where->log, DICTIONARY_IDENTITY);
    if (!sql_program_messages(p->where->store, p->options->since_ms, p->options->as_of_ms, &row, err))
        return false;
    while ((step = sql_program_messages_step(&row, err)) == STEP_ROW) {
        int64_t day = calendar_day_of_ms(row.sent_ms);
        double *at = row.identity > 0 && (uint64_t)row.identity < n ? cell(p, (uint32_t)row.identity, day) : NULL;
        if (at) *at -= 100 * costs_contact(p->options->costs, row.channel.at, day);
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

/* ---- the two groups ---- */

/* Months from .. until - 1 of everybody of a group. */
static struct arm_sample sample_of(const struct program *p, uint8_t group, size_t from, size_t until)
{
    struct arm_sample s = { 0 };
    for (size_t i = 0; i < p->n_people; i++) {
        double sum = 0;
        if (p->group[i] != group) continue;
        for (size_t m = from; m < until; m++) sum += p->profit[i * p->n_months + m];
        double d = sum - s.mean;
        s.n++, s.mean += d / s.n, s.variance += d * (sum - s.mean);
    }
    s.variance /= fmax(1, s.n - 1);
    return s;
}

static json_t *interval(struct estimate e)
{
    return json_pack("{s:o, s:o, s:o}", "value", number_json(e.value), "low", number_json(e.low), "high",
                     number_json(e.high));
}

/* Of n people, less what is nobody's in particular. */
static struct estimate in_all(struct estimate e, double n, double fixed)
{
    return (struct estimate){ e.value * n - fixed, e.se * n, e.low * n - fixed, e.high * n - fixed };
}

/* The least control group that would find an effect four times out of five beside so many others; NaN: none would.
 */
static double least_holdout(struct arm_sample holdout, struct arm_sample others, double effect, double alpha)
{
    double all = holdout.n + others.n, se = fabs(effect) / (normal_quantile(1 - alpha / 2) + normal_quantile(.8));
    for (double n = 2; n < all / 2; n = ceil(n * 1.02))
        if (holdout.variance / n + others.variance / (all - n) <= se * se) return n;
    return NAN;
}

static json_t *span_json(const struct program *p, size_t from, size_t until)
{
    struct arm_sample holdout = sample_of(p, IS_HELD_OUT, from, until),
                      others = sample_of(p, IS_OTHER, from, until);
    double unused, fixed = 0;
    struct estimate e = welch(holdout, others, p->options->alpha, &unused);
    for (size_t m = from; m < until; m++) fixed += p->fixed[m];
    return json_pack("{s:I, s:I, s:o, s:o, s:f}", "holdout", (json_int_t)holdout.n, "others", (json_int_t)others.n,
                     "incremental_profit_cents", interval(in_all(e, others.n, fixed)), "forgone_cents",
                     number_json(e.value * holdout.n), "fixed_cents", fixed);
}

/* A loss is said as an amount that is lost, not as one below nothing that is earned. */
static json_t *said(const struct program *p, const char *since, struct arm_sample holdout, struct estimate all,
                    double forgone)
{
    const struct program_options *o = p->options;
    bool is_lost = all.high < 0;
    double sign = is_lost ? -1 : 1;
    const char *word = is_lost ? "lost" : all.low > 0 ? "earned" : "is not shown to have earned";
    return json_sprintf(
        "Since %s the program %s %s (%g %% interval: %s to %s) %s what the control group's customers "
        "bring; holding out %.0f customers %s %s.",
        since, word, words_money(p->arena, sign * all.value, o->currency), 100 * (1 - o->alpha),
        words_money(p->arena, sign * (is_lost ? all.high : all.low), o->currency),
        words_money(p->arena, sign * (is_lost ? all.low : all.high), o->currency),
        is_lost ? "against" : "beyond", holdout.n,
        forgone >= 0 ? "cost" : "saved", words_money(p->arena, fabs(forgone), o->currency));
}

static json_t *so_far_json(const struct program *p)
{
    struct arm_sample holdout = sample_of(p, IS_HELD_OUT, 0, p->n_months),
                      others = sample_of(p, IS_OTHER, 0, p->n_months);
    double p_value, wished = p->options->effect_cents, fixed = 0;
    struct estimate e = welch(holdout, others, p->options->alpha, &p_value);
    if (wished == 0) wished = e.value;
    double least = least_holdout(holdout, others, wished, p->options->alpha);
    char since[11];
    calendar_format_day(calendar_day_of_ms(p->options->since_ms), since);
    json_t *json = span_json(p, 0, p->n_months);
    for (size_t m = 0; m < p->n_months; m++) fixed += p->fixed[m];
    json_object_set_new(json, "since", json_string(since));
    json_object_set_new(json, "per_customer_cents", interval(e));
    json_object_set_new(json, "p", number_json(p_value));
    json_object_set_new(json, "mixed", json_integer((json_int_t)p->n_mixed));
    json_object_set_new(json, "wished_cents", number_json(wished));
    json_object_set_new(json, "holdout_needed", isnan(least) ? json_null() : json_integer((json_int_t)least));
    json_object_set_new(json, "sentence",
                        said(p, since, holdout, in_all(e, others.n, fixed), e.value * holdout.n));
    return json;
}

bool program_begin(struct store *store, int64_t *ret_since_ms, struct err *err)
{
    struct sql_program_begin row = { 0 };
    *ret_since_ms = 0;
    if (!sql_program_begin(store, &row, err)) return false;
    enum step step = sql_program_begin_step(&row, err);
    if (step == STEP_ROW && row.first_ms.kind == VALUE_INT) *ret_since_ms = row.first_ms.i;
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    return *ret_since_ms > 0 ||
           err_set(err, ERR_REFUSED, "nothing was decided, tried or sent yet, so there is no program to measure");
}

bool program_run(const struct assigning *where, const struct history *history,
                 const struct program_options *options, struct arena *arena, json_t **ret_json, struct err *err)
{
    struct program_options own = *options;
    struct program p = { .where = where, .history = history, .options = &own, .arena = arena };
    size_t n[3] = { 0 };
    if (own.since_ms <= 0 && !program_begin(where->store, &own.since_ms, err)) return false;
    if (own.since_ms >= own.as_of_ms)
        return err_set(err, ERR_INVALID, "the program begins after the day that it is looked at");
    p.first_month = month_of(calendar_day_of_ms(own.since_ms));
    p.n_months = (size_t)(month_of(calendar_day_of_ms(own.as_of_ms - 1)) - p.first_month + 1);
    if (p.n_months > MONTHS_MOST) return err_set(err, ERR_INVALID, "more than %d months", MONTHS_MOST);
    if (!find_people(&p, err)) return false;
    for (size_t i = 0; i < p.n_people; i++) n[p.group[i]]++;
    if (n[IS_HELD_OUT] < 2 || n[IS_OTHER] < 2)
        return err_set(err, ERR_REFUSED,
                       "the control group has %zu customers and the others are %zu: both are needed; "
                       "holdout_share in the settings says how large it is",
                       n[IS_HELD_OUT], n[IS_OTHER]);
    p.profit = ARENA_ARRAY(arena, double, p.n_people * p.n_months + 1);
    add_orders(&p);
    if (!take_fixed(&p, err) || !add_differences(&p, err) || !take_messages(&p, err)) return false;
    json_t *months = json_array();
    for (size_t m = 0; m < p.n_months; m++) {
        json_t *row = span_json(&p, m, m + 1), *so_far = span_json(&p, 0, m + 1);
        json_object_set(row, "so_far_cents", json_object_get(so_far, "incremental_profit_cents"));
        json_decref(so_far);
        int month = p.first_month + (int)m;
        json_object_set_new(row, "month", json_sprintf("%04d-%02d", month / 12, month % 12 + 1));
        json_array_append_new(months, row);
    }
    *ret_json = json_pack("{s:o, s:o}", "months", months, "so_far", so_far_json(&p));
    return true;
}
