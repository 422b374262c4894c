/* program.c - see program.h. */
#include "engine/program.h"

#include "base/json_write.h"
#include "base/words.h"
#include "experiment/comparison.h"
#include "math/numerics.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>

enum { MONTHS_MOST = 600 };
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
};

static int month_of(int64_t day)
{
    struct civil date = calendar_civil(day);
    return date.year * 12 + date.month - 1;
}

/* ---- who ---- */

static void find_people(struct program *p)
{
    size_t n = log_n_names(p->where->log, DICTIONARY_IDENTITY);
    p->person_of = ARENA_ARRAY(p->arena, uint32_t, n + 1), p->group = ARENA_ARRAY(p->arena, uint8_t, n + 1);
    for (uint32_t i = 1; i < n; i++) {
        size_t n_members;
        if (p->person_of[i]) continue;
        const uint32_t *members = identities_members(p->where->identities, i, &n_members);
        struct holdout_place place = holdout_place_of(&p->where->holdout, members, n_members);
        p->group[p->n_people] = place.is_mixed ? IS_LEFT_OUT : place.is_held_out ? IS_HELD_OUT : IS_OTHER;
        p->n_mixed += place.is_mixed;
        p->n_people++;
        for (size_t m = 0; m < n_members; m++)
            if (members[m] < n) p->person_of[members[m]] = (uint32_t)p->n_people;
    }
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

static json_t *interval(struct estimate e, double by)
{
    return json_pack("{s:o, s:o, s:o}", "value", number_json(e.value * by), "low", number_json(e.low * by), "high",
                     number_json(e.high * by));
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
    double unused;
    struct estimate e = welch(holdout, others, p->options->alpha, &unused);
    return json_pack("{s:I, s:I, s:o, s:o}", "holdout", (json_int_t)holdout.n, "others", (json_int_t)others.n,
                     "incremental_profit_cents", interval(e, others.n), "forgone_cents",
                     number_json(e.value * holdout.n));
}

/* A loss is said as an amount that is lost, not as one below nothing that is earned. */
static json_t *said(const struct program *p, const char *since, struct arm_sample holdout,
                    struct arm_sample others, struct estimate e)
{
    const struct program_options *o = p->options;
    bool is_lost = e.high < 0, is_forgone = e.value >= 0;
    double sign = is_lost ? -1 : 1;
    const char *word = is_lost ? "lost" : e.low > 0 ? "earned" : "is not shown to have earned";
    return json_sprintf(
        "Since %s the program %s %s (%g %% interval: %s to %s) %s what the control group's customers "
        "bring; holding out %.0f customers %s %s.",
        since, word, words_money(p->arena, sign * e.value * others.n, o->currency), 100 * (1 - o->alpha),
        words_money(p->arena, sign * (is_lost ? e.high : e.low) * others.n, o->currency),
        words_money(p->arena, sign * (is_lost ? e.low : e.high) * others.n, o->currency),
        is_lost ? "against" : "beyond", holdout.n,
        is_forgone ? "cost" : "saved", words_money(p->arena, fabs(e.value) * holdout.n, o->currency));
}

static json_t *so_far_json(const struct program *p)
{
    struct arm_sample holdout = sample_of(p, IS_HELD_OUT, 0, p->n_months),
                      others = sample_of(p, IS_OTHER, 0, p->n_months);
    double p_value, wished = p->options->effect_cents;
    struct estimate e = welch(holdout, others, p->options->alpha, &p_value);
    if (wished == 0) wished = e.value;
    double least = least_holdout(holdout, others, wished, p->options->alpha);
    char since[11];
    calendar_format_day(calendar_day_of_ms(p->options->since_ms), since);
    json_t *json = span_json(p, 0, p->n_months);
    json_object_set_new(json, "since", json_string(since));
    json_object_set_new(json, "per_customer_cents", interval(e, 1));
    json_object_set_new(json, "p", number_json(p_value));
    json_object_set_new(json, "mixed", json_integer((json_int_t)p->n_mixed));
    json_object_set_new(json, "wished_cents", number_json(wished));
    json_object_set_new(json, "holdout_needed", isnan(least) ? json_null() : json_integer((json_int_t)least));
    json_object_set_new(json, "sentence", said(p, since, holdout, others, e));
    return json;
}

static bool find_begin(struct program *p, struct program_options *options, struct err *err)
{
    struct sql_program_begin row = { 0 };
    if (options->since_ms > 0) return true;
    if (!sql_program_begin(p->where->store, &row, err)) return false;
    enum step step = sql_program_begin_step(&row, err);
    if (step == STEP_ROW && row.first_ms.kind == VALUE_INT) options->since_ms = row.first_ms.i;
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    return options->since_ms > 0 || err_set(err, ERR_REFUSED,
                                            "nothing was decided, tried or sent yet, so there is no "
                                            "program to measure; --since DATE measures from a day on");
}

bool program_run(const struct assigning *where, const struct history *history,
                 const struct program_options *options, struct arena *arena, json_t **ret_json, struct err *err)
{
    struct program_options own = *options;
    struct program p = { .where = where, .history = history, .options = &own, .arena = arena };
    size_t n[3] = { 0 };
    if (!find_begin(&p, &own, err)) return false;
    if (own.since_ms >= own.as_of_ms)
        return err_set(err, ERR_INVALID, "the program begins after the day that it is looked at");
    p.first_month = month_of(calendar_day_of_ms(own.since_ms));
    p.n_months = (size_t)(month_of(calendar_day_of_ms(own.as_of_ms - 1)) - p.first_month + 1);
    if (p.n_months > MONTHS_MOST) return err_set(err, ERR_INVALID, "more than %d months", MONTHS_MOST);
    find_people(&p);
    for (size_t i = 0; i < p.n_people; i++) n[p.group[i]]++;
    if (n[IS_HELD_OUT] < 2 || n[IS_OTHER] < 2)
        return err_set(err, ERR_REFUSED,
                       "the control group has %zu customers and the others are %zu: both are needed; "
                       "holdout_share in the settings says how large it is",
                       n[IS_HELD_OUT], n[IS_OTHER]);
    p.profit = ARENA_ARRAY(arena, double, p.n_people * p.n_months + 1);
    add_orders(&p);
    if (!take_messages(&p, err)) return false;
    json_t *months = json_array();
    for (size_t m = 0; m < p.n_months; m++) {
        json_t *row = span_json(&p, m, m + 1);
        int month = p.first_month + (int)m;
        json_object_set_new(row, "month", json_sprintf("%04d-%02d", month / 12, month % 12 + 1));
        json_array_append_new(months, row);
    }
    *ret_json = json_pack("{s:o, s:o}", "months", months, "so_far", so_far_json(&p));
    return true;
}
