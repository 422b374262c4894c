/* The value work for a whole shop; see value.h. */
#include "model/value.h"
#include "model/value_internal.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "base/parallel.h"
#include "base/words.h"
#include "math/numerics.h"

#include <assert.h>
#include <math.h>

enum { LEAST_REPEATERS = 30, STEP_DAYS = 30, HORIZON_MAX_DAYS = 3650, LEAN_CUSTOMERS = 10000 };
static const double days_per_year = 365.25;

double unit_days(enum unit unit)
{
    static const double days[] = { [UNIT_DAY] = 1, [UNIT_WEEK] = 7, [UNIT_MONTH] = 30 };
    return days[unit];
}

const char *unit_word(enum unit unit)
{
    static const char *const words[] = { [UNIT_DAY] = "day", [UNIT_WEEK] = "week", [UNIT_MONTH] = "month" };
    return words[unit];
}

bool unit_parse(const char *word, enum unit *ret_unit)
{
    for (enum unit unit = UNIT_DAY; unit <= UNIT_MONTH; unit++)
        if (strcmp(word, unit_word(unit)) == 0) {
            *ret_unit = unit;
            return true;
        }
    return false;
}

/* ---- expected purchases of many customers ------------------------------------------------------ */

double orders_alive(const struct orders_fit *fit, const struct summary *summary, size_t i)
{
    double frequency = summary->frequency[i], recency = summary->recency[i], age = summary->age[i];
    if (summary->has_left[i]) return 0;
    return fit->kind == ORDERS_PARETO_NBD ? pareto_nbd_alive(&fit->pareto.model, frequency, recency, age)
                                          : bgnbd_alive(&fit->bgnbd.model, frequency, recency, age);
}

void orders_expected_alive(const struct orders_fit *fit, double frequency, double age, const double *t,
                           size_t n, double *ret_expected)
{
    if (fit->kind != ORDERS_PARETO_NBD) {
        bgnbd_expected_alive(&fit->bgnbd.model, frequency, age, t, n, ret_expected);
        return;
    }
    for (size_t i = 0; i < n; i++)
        ret_expected[i] = pareto_nbd_expected_alive(&fit->pareto.model, frequency, age, t[i]);
}

/* If alive, what is to come depends on frequency and age only, so it is computed once for each
 * distinct pair of them. */
struct pair { double frequency, age; size_t customer; };

struct curves {
    const struct orders_fit *fit;
    const double            *t;
    size_t                   n_t;
    const double            *ages;          /* [distinct pairs], rising within a run */
    struct run { double frequency; size_t first, n; } *runs;        /* pairs of one frequency */
    double                  *expected;      /* [distinct pairs x n_t] */
};

static int compare_pairs(const void *left, const void *right)
{
    const struct pair *a = left, *b = right;
    if (a->frequency != b->frequency) return a->frequency < b->frequency ? -1 : 1;
    if (a->age != b->age) return a->age < b->age ? -1 : 1;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

static void curve_job(void *context, size_t item, unsigned thread)
{
    (void)thread;
    struct curves *c = context;
    const struct run *run = &c->runs[item];
    double *expected = c->expected + run->first * c->n_t;
    if (c->fit->kind != ORDERS_PARETO_NBD) {
        bgnbd_expected_ages(&c->fit->bgnbd.model, run->frequency, c->ages + run->first, run->n, c->t, c->n_t, expected);
        return;
    }
    for (size_t i = 0; i < run->n; i++)
        orders_expected_alive(c->fit, run->frequency, c->ages[run->first + i], c->t, c->n_t, expected + i * c->n_t);
}

const double *value_curves(const struct orders_fit *fit, const struct summary *summary, const double *t,
                           size_t n_t, unsigned n_threads, struct arena *arena, size_t **ret_row)
{
    struct pair *pairs = ARENA_ARRAY(arena, struct pair, summary->n + 1);
    double *ages = ARENA_ARRAY(arena, double, summary->n + 1);
    struct run *runs = ARENA_ARRAY(arena, struct run, summary->n + 1);
    size_t *row = ARENA_ARRAY(arena, size_t, summary->n + 1), n_distinct = 0, n_runs = 0;
    for (size_t i = 0; i < summary->n; i++)
        pairs[i] = (struct pair){ summary->frequency[i], summary->age[i], i };
    qsort(pairs, summary->n, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < summary->n; i++) {
        bool is_other = i == 0 || pairs[i].frequency != pairs[i - 1].frequency;
        if (is_other) runs[n_runs++] = (struct run){ pairs[i].frequency, n_distinct, 0 };
        if (is_other || pairs[i].age != pairs[i - 1].age) {
            ages[n_distinct++] = pairs[i].age;
            runs[n_runs - 1].n++;
        }
        row[pairs[i].customer] = n_distinct - 1;
    }
    struct curves curves = { fit, t, n_t, ages, runs, ARENA_ARRAY(arena, double, n_distinct *n_t + 1) };
    parallel_for(n_threads, n_runs, curve_job, &curves);
    *ret_row = row;
    return curves.expected;
}

/* ---- the fit ----------------------------------------------------------------------------------- */

static size_t count_repeaters(const struct summary *summary)
{
    size_t n = 0;
    for (size_t i = 0; i < summary->n; i++) n += summary->frequency[i] > 0;
    return n;
}

static bool choose_days(const struct history *history, const struct value_options *options,
                        struct value_model *value, struct err *err)
{
    char first[11], last[11], given[11];
    int32_t span = options->as_of_day - history->first_day;
    if (history->n_customers == 0) return err_set(err, ERR_REFUSED, "no customer has ordered");
    value->first_day = history->first_day;
    value->as_of_day = options->as_of_day;
    value->calibration_end_day = options->calibration_end_day;
    calendar_format_day(history->first_day, first);
    calendar_format_day(options->as_of_day, last);
    if (options->calibration_end_day == VALUE_CHOOSE_DAY)
        value->calibration_end_day = history->first_day + span * 3 / 5;
    else if (value->calibration_end_day <= history->first_day
             || value->calibration_end_day >= options->as_of_day) {
        calendar_format_day(value->calibration_end_day, given);
        return err_set(err, ERR_INVALID,
                       "the calibration end %s is not inside the history, which goes from %s to %s", given,
                       first, last);
    }
    double least = 4 * unit_days(options->unit);
    if (span < least || span < 28)
        return err_set(err, ERR_REFUSED,
                       "the history from %s to %s is %d days long; %.0f are needed to learn how "
                       "customers come back",
                       first, last, span, fmax(least, 28));
    return true;
}

const char *orders_model_name(enum orders_model model)
{
    static const char *const names[] = {
        [ORDERS_BGNBD] = "BG/NBD", [ORDERS_MBGNBD] = "MBG/NBD", [ORDERS_NBD] = "NBD",
        [ORDERS_PARETO_NBD] = "Pareto/NBD"
    };
    return names[model];
}

/* Every k-th customer of very many: enough to fit four parameters to. */
static struct summary thinned(const struct summary *summary, size_t n_most, struct arena *arena)
{
    struct summary few = *summary;
    size_t step = (summary->n + n_most - 1) / n_most;
    if (step < 2) return few;
    few.frequency = ARENA_ARRAY(arena, double, n_most);
    few.recency = ARENA_ARRAY(arena, double, n_most);
    few.age = ARENA_ARRAY(arena, double, n_most);
    few.monetary = ARENA_ARRAY(arena, double, n_most);
    few.n = 0;
    for (size_t i = 0; i < summary->n; i += step, few.n++) {
        few.frequency[few.n] = summary->frequency[i];
        few.recency[few.n] = summary->recency[i];
        few.age[few.n] = summary->age[i];
        few.monetary[few.n] = summary->monetary[i];
    }
    return few;
}

/* Fits ret_fit->kind or, where that has no maximum, the next kind that has one; *ret_why is left alone
 * if it is the first. */
static bool fit_orders(const struct summary *summary, unsigned n_threads, struct arena *arena,
                       const char **ret_why, struct orders_fit *ret_fit, struct err *err)
{
    struct bgnbd_data data = { summary->frequency, summary->recency, summary->age, summary->n };
    struct err why = { 0 };
    if (ret_fit->kind == ORDERS_PARETO_NBD) return pareto_nbd_fit(&data, n_threads, &ret_fit->pareto, err);
    for (;; ++ret_fit->kind) {
        bool is_modified = ret_fit->kind == ORDERS_MBGNBD;
        bool ok = ret_fit->kind == ORDERS_NBD ? bgnbd_fit_stayers(&data, &ret_fit->bgnbd, err)
                                              : bgnbd_fit(&data, is_modified, n_threads, &ret_fit->bgnbd, err);
        if (ok) break;
        if (err->code != ERR_REFUSED || ret_fit->kind == ORDERS_NBD) return false;
        if (why.code == ERR_NONE) why = *err;
    }
    if (why.code != ERR_NONE)
        *ret_why = arena_format(arena, "BG/NBD finds no best fit to these orders (%s). %s stands in, where %s.",
                                why.text, orders_model_name(ret_fit->kind),
                                ret_fit->kind == ORDERS_NBD
                                    ? "customers differ in how often they order and nobody leaves for good"
                                    : "customers may leave after their very first order too");
    return true;
}

/* Gamma-Gamma where it fits; elsewhere the sentence why not. */
static bool fit_spend(const struct summary *summary, unsigned n_threads, struct arena *arena,
                      struct gamma_gamma_fit *ret_fit, const char **ret_missing)
{
    struct err err;
    if (gamma_gamma_fit(summary->frequency, summary->monetary, summary->n, n_threads, ret_fit, &err))
        return true;
    *ret_missing =
        arena_format(arena, "Each customer's own mean order stands for their spend, because %s.", err.text);
    return false;
}

static size_t fit_most(const struct value_options *options)
{
    return options->is_lean ? LEAN_CUSTOMERS : SIZE_MAX / 2;
}

static bool fit_calibration(const struct history *history, const struct value_options *options,
                            struct arena *arena, struct value_model *value, struct summary *ret_summary,
                            struct err *err)
{
    struct summary_options cut = { PERIOD_DAY, unit_days(options->unit), value->calibration_end_day,
                                   options->as_of_day };
    char end[11];
    calendar_format_day(value->calibration_end_day, end);
    summary_build(history, &cut, arena, ret_summary);
    size_t n_repeaters = count_repeaters(ret_summary);
    if (n_repeaters < LEAST_REPEATERS)
        return err_set(err, ERR_REFUSED,
                       "only %zu customer%s ordered on a second day up to %s; at least %d are needed to "
                       "predict how they go on",
                       n_repeaters, n_repeaters == 1 ? "" : "s", end, (int)LEAST_REPEATERS);
    struct summary fitted = thinned(ret_summary, fit_most(options), arena);
    if (!fit_orders(&fitted, options->n_threads, arena, &value->orders_model_why, &value->calibration, err))
        return err_context(err, "no model of orders fits the customers up to %s", end);
    const char *missing;
    value->n_calibration = ret_summary->n;
    value->has_spend = fit_spend(&fitted, options->n_threads, arena, &value->calibration_spend, &missing);
    return true;
}

double value_of_order(const struct history *history, size_t customer, int32_t last_day,
                      const struct gamma_gamma_fit *fit)
{
    double sum = 0, n = 0;
    size_t from = history->first[customer], end = history->first[customer + 1];
    for (size_t i = from; i < end && history->day[i] <= last_day; i++, n++)
        sum += (double)history->amount_cents[i] / 100;
    double mean = n > 0 ? sum / n : 0;
    return fit ? gamma_gamma_expected(&fit->model, n, mean) : mean;
}

static double discounted(const double *expected, const double *factor, size_t n_steps)
{
    double sum = 0;
    for (size_t i = 0; i < n_steps; i++) sum += (expected[i] - (i ? expected[i - 1] : 0)) * factor[i];
    return sum;
}

/* Numbers per customer from the fit to everything. */
static void predict(const struct history *history, const struct value_options *options,
                    const struct summary *summary, struct arena *arena, struct value_model *value)
{
    enum { STEPS_MAX = HORIZON_MAX_DAYS / STEP_DAYS + 1 };
    double t[STEPS_MAX], factor[STEPS_MAX];
    size_t n_steps = 0, *row;
    for (int32_t day = 0; day < options->horizon_days;) {
        day = day + STEP_DAYS < options->horizon_days ? day + STEP_DAYS : options->horizon_days;
        t[n_steps] = day / unit_days(options->unit);
        factor[n_steps++] = pow(1 + options->discount_yearly, -day / days_per_year);
    }
    const struct orders_fit *fit = &value->refit;
    const double *curves = value_curves(fit, summary, t, n_steps, options->n_threads, arena, &row);
    value->p_alive = ARENA_ARRAY(arena, double, summary->n + 1);
    value->expected_orders = ARENA_ARRAY(arena, double, summary->n + 1);
    value->expected_spend_cents = ARENA_ARRAY(arena, int64_t, summary->n + 1);
    value->if_stays_cents = ARENA_ARRAY(arena, int64_t, summary->n + 1);
    for (size_t i = 0; i < summary->n; i++) {
        double alive = orders_alive(fit, summary, i);
        double spend = value_of_order(history, summary->customer[i], options->as_of_day,
                                      value->has_spend ? &value->refit_spend : NULL);
        const double *curve = curves + row[i] * n_steps;
        value->p_alive[i] = value->refit.kind == ORDERS_NBD && alive > 0 ? (double)NAN : alive;
        value->n_left += summary->has_left[i];
        value->expected_orders[i] = alive * curve[n_steps - 1];
        double if_stays = discounted(curve, factor, n_steps) * spend * 100;
        value->if_stays_cents[i] = llround(if_stays);
        value->expected_spend_cents[i] = llround(alive * if_stays);
        value->total_orders += value->expected_orders[i];
        value->total_cents += value->expected_spend_cents[i];
    }
    value->n_customers = summary->n;
}

enum { BESIDE_CUSTOMERS = 20000 };

/* All purchases to come, if alive and after the frequency and age that are the rate's, over that rate: it depends on age alone. */
static double discounted_of_age(const struct pareto_nbd *model, double age, double discount, struct hash_map *known,
                                double *values, size_t *n_values)
{
    uint64_t *place = hash_map_put(known, hash_bytes(&age, sizeof age, 0));
    if (*place == 0) {
        values[(*n_values)++] = pareto_nbd_discounted_alive(model, 0, age, discount) / model->r;
        *place = *n_values;
    }
    return values[*place - 1];
}

static void look_at_all(const struct summary *summary, double t, double discount, struct arena *arena,
                        struct value_beside *beside)
{
    const struct pareto_nbd *model = &beside->fit.model;
    struct hash_map known = { 0 };
    double *values = ARENA_ARRAY(arena, double, summary->n + 1);
    size_t n_values = 0;
    for (size_t i = 0; i < summary->n; i++) {
        double frequency = summary->frequency[i], age = summary->age[i];
        if (summary->has_left[i]) beside->p_alive[i] = 0;
        double alive = beside->p_alive[i];
        beside->n_active += alive;
        beside->expected_orders[i] = alive * pareto_nbd_expected_alive(model, frequency, age, t);
        beside->dert[i] = summary->has_left[i] ? 0
                          : discount > 0       ? alive * (model->r + frequency) *
                                               discounted_of_age(model, age, discount, &known, values, &n_values)
                                               : (double)NAN;
    }
    hash_map_free(&known);
}

/* Pareto/NBD's own view of everybody, on the same summary. */
static void look_beside(const struct value_options *options, const struct summary *summary, struct arena *arena,
                        struct value_model *value)
{
    struct value_beside *beside = &value->beside;
    struct summary fitted = thinned(summary, BESIDE_CUSTOMERS, arena);
    struct bgnbd_data data = { fitted.frequency, fitted.recency, fitted.age, fitted.n },
                      everybody = { summary->frequency, summary->recency, summary->age, summary->n };
    struct err err;
    if (value->refit.kind == ORDERS_PARETO_NBD) beside->fit = value->refit.pareto;
    else if (!pareto_nbd_fit(&data, options->n_threads, &beside->fit, &err)) {
        beside->missing = arena_format(arena, "Pareto/NBD finds no best fit to these orders: %s", err.text);
        return;
    }
    double t = options->horizon_days / unit_days(options->unit);
    double rate = log1p(options->discount_yearly) * unit_days(options->unit) / days_per_year;
    beside->p_alive = ARENA_ARRAY(arena, double, summary->n + 1);
    beside->expected_orders = ARENA_ARRAY(arena, double, summary->n + 1);
    beside->dert = ARENA_ARRAY(arena, double, summary->n + 1);
    pareto_nbd_alive_all(&beside->fit.model, &everybody, options->n_threads, beside->p_alive);
    look_at_all(summary, t, rate, arena, beside);
    beside->is_known = true;
}

static const char *say(const struct value_model *value, const char *currency, struct arena *arena)
{
    if (value->refusal) return value->refusal;
    const char *worth =
        value->total_cents
            ? arena_format(arena, " worth about %s today",
                           words_money_rough(arena, (double)value->total_cents, currency))
            : "";
    const char *orders = arena_format(arena, "order on %s days in all over the next %s%s",
                                      words_rough(arena, value->total_orders),
                                      words_days(arena, value->horizon_days), worth);
    const char *customers = words_count(arena, (double)value->n_customers), *left = "";
    if (value->n_left > 0)
        left = arena_format(
            arena, " %s %s left by an event and %s worth nothing from now on, until they order again.",
            words_count(arena, (double)value->n_left), value->n_left == 1 ? "has" : "have",
            value->n_left == 1 ? "is" : "are");
    if (value->refit.kind == ORDERS_NBD)
        return arena_format(arena, "%s; the %s customers are expected to %s.%s",
                            value->n_left > 0 ? "Nobody is seen to leave for good without saying so"
                                              : "Nobody is seen to leave for good",
                            customers, orders, left);
    if (!value->beside.is_known)
        return arena_format(arena, "The %s customers who ever ordered are expected to %s.%s", customers, orders,
                            left);
    return arena_format(arena,
                        "Of the %s customers who ever ordered about %s have not left for good, by Pareto/NBD; "
                        "all together are expected to %s.%s",
                        customers, words_rough(arena, value->beside.n_active), orders, left);
}

bool value_fit(const struct history *history, const struct value_options *options, struct arena *arena,
               struct value_model *ret_value, struct err *err)
{
    assert(options->horizon_days > 0 && options->horizon_days <= HORIZON_MAX_DAYS
           && options->discount_yearly > -1);
    struct value_model value = { .unit = options->unit, .horizon_days = options->horizon_days,
                                 .discount_yearly = options->discount_yearly };
    value.calibration.kind = options->is_pareto ? ORDERS_PARETO_NBD : ORDERS_BGNBD;
    struct summary summary;
    if (!choose_days(history, options, &value, err)) return false;
    if (!fit_calibration(history, options, arena, &value, &summary, err)) return false;
    value_check_holdout(history, options, &summary, arena, &value);
    struct summary_options everything = { PERIOD_DAY, unit_days(options->unit), options->as_of_day,
                                          options->as_of_day };
    summary_build(history, &everything, arena, &summary);
    value.refit.kind = value.calibration.kind;
    struct summary fitted = thinned(&summary, fit_most(options), arena);
    if (!fit_orders(&fitted, options->n_threads, arena, &value.orders_model_why, &value.refit, err))
        return err_context(err, "no model of orders fits all customers");
    value.has_spend = fit_spend(&fitted, options->n_threads, arena, &value.refit_spend, &value.spend_missing)
                      && value.has_spend;
    if (!value.refusal) predict(history, options, &summary, arena, &value);
    if (!value.refusal && !options->is_lean) look_beside(options, &summary, arena, &value);
    value.sentence = say(&value, options->currency, arena);
    *ret_value = value;
    return true;
}

int64_t *value_if_stays(const struct history *history, const struct value_options *options, struct arena *arena,
                        const char **ret_why)
{
    struct value_model value;
    struct err err = { 0 };
    bool ok = value_fit(history, options, arena, &value, &err);
    *ret_why = !ok ? arena_copy(arena, err.text) : value.refusal ? value.refusal : value.spend_missing;
    return *ret_why ? value_past_spend(history, options->as_of_day, options->horizon_days, arena)
                    : value.if_stays_cents;
}

int64_t *value_past_spend(const struct history *history, int32_t as_of_day, int32_t horizon_days,
                          struct arena *arena)
{
    int64_t *cents = ARENA_ARRAY(arena, int64_t, history->n_customers + 1);
    for (size_t c = 0; c < history->n_customers; c++)
        for (size_t i = history->first[c]; i < history->first[c + 1]; i++)
            if (history->day[i] <= as_of_day && history->day[i] > as_of_day - horizon_days)
                cents[c] += history->amount_cents[i];
    return cents;
}

double value_discounted(const struct bgnbd *model, const struct gamma_gamma *spend, double frequency,
                        double recency, double age, double monetary, double step, unsigned n_steps,
                        double discount)
{
    enum { STEPS_MAX = 240 };
    double t[STEPS_MAX] = { 0 }, factor[STEPS_MAX], expected[STEPS_MAX];
    assert(n_steps > 0 && n_steps <= STEPS_MAX);
    for (unsigned i = 0; i < n_steps; i++) {
        t[i] = step * (i + 1);
        factor[i] = pow(1 + discount, -(double)(i + 1));
    }
    bgnbd_expected_alive(model, frequency, age, t, n_steps, expected);
    return bgnbd_alive(model, frequency, recency, age) * discounted(expected, factor, n_steps)
           * gamma_gamma_expected(spend, frequency, monetary);
}
