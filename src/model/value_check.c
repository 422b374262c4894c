/* How a fit to the calibration period fared in the holdout, and the JSON of it all; see value.h. */
#include "model/value.h"
#include "base/json_write.h"
#include "model/value_internal.h"

#include "base/words.h"
#include "math/numerics.h"

#include <math.h>

static const double refuse_off = 0.5;       /* total of the holdout off by more than half: not to be used */
static const double warn_off = 0.2;

/* Repeat purchases per unit of calendar time, over all customers of the calibration. */
static void track(const struct history *history, const struct summary *summary, struct arena *arena,
                  struct value_model *value)
{
    double unit = unit_days(value->unit);
    size_t n_days = (size_t)(value->as_of_day - value->first_day + 1), n = (size_t)((double)n_days / unit);
    double *age = ARENA_ARRAY(arena, double, n_days + 1), *expected = ARENA_ARRAY(arena, double, n_days + 1);
    double *born = ARENA_ARRAY(arena, double, n_days + 1);
    struct tracking_row *rows = ARENA_ARRAY(arena, struct tracking_row, n + 1);
    for (size_t d = 0; d < n_days; d++) age[d] = (double)(d + 1) / unit;
    orders_expected_alive(&value->calibration, 0, 0, age, n_days, expected);
    for (size_t i = 0; i < summary->n; i++) {
        size_t from = history->first[summary->customer[i]], end = history->first[summary->customer[i] + 1];
        born[history->day[from] - value->first_day]++;
        for (size_t e = from + 1; e < end && history->day[e] <= value->as_of_day; e++) {
            size_t period = (size_t)((history->day[e] - value->first_day) / unit);
            if (period < n) rows[period].actual++;
        }
    }
    for (size_t k = 0; k < n; k++) {
        size_t end = (size_t)((double)(k + 1) * unit);
        rows[k].period = (unsigned)(k + 1);
        for (size_t d = 0; d < end; d++) rows[k].expected_total += born[d] * expected[end - d - 1];
        rows[k].actual_total = rows[k].actual + (k ? rows[k - 1].actual_total : 0);
        rows[k].expected = rows[k].expected_total - (k ? rows[k - 1].expected_total : 0);
    }
    value->tracking = rows;
    value->n_tracking = n;
}

/* What the calibration's fit expects of each in the holdout: [n]. */
static double *expected_in_holdout(const struct summary *summary, unsigned n_threads, struct arena *arena,
                                   const struct value_model *value)
{
    double t = (value->as_of_day - value->calibration_end_day) / unit_days(value->unit);
    size_t *row;
    const double *curves = value_curves(&value->calibration, summary, &t, 1, n_threads, arena, &row);
    double *expected = ARENA_ARRAY(arena, double, summary->n + 1);
    for (size_t i = 0; i < summary->n; i++)
        expected[i] = curves[row[i]] * orders_alive(&value->calibration, summary, i);
    return expected;
}

static void check_customers(const struct summary *summary, const double *expected_orders, struct value_model *value)
{
    double t = (value->as_of_day - value->calibration_end_day) / unit_days(value->unit);
    for (size_t i = 0; i < summary->n; i++) {
        double frequency = summary->frequency[i], age = summary->age[i], actual = summary->holdout[i];
        double expected = expected_orders[i];
        double naive = age > 0 ? frequency / age * t : 0;
        struct frequency_row *bin = &value->by_frequency[(size_t)fmin(frequency, VALUE_FREQUENCIES - 1)];
        bin->customers++;
        bin->actual += actual;
        bin->expected += expected;
        value->holdout_actual += actual;
        value->holdout_expected += expected;
        value->holdout_error += fabs(actual - expected) / (double)summary->n;
        value->naive_error += fabs(actual - naive) / (double)summary->n;
    }
    for (size_t i = 0; i < VALUE_FREQUENCIES; i++) {
        struct frequency_row *bin = &value->by_frequency[i];
        if (bin->customers == 0) continue;
        bin->actual /= (double)bin->customers;
        bin->expected /= (double)bin->customers;
    }
}

/* Expected spend of each, and what they spent in as long a time before, against what they then spent. */
static void check_spend(const struct history *history, const struct summary *summary, const double *expected_orders,
                        struct arena *arena, struct value_model *value)
{
    int32_t days = value->as_of_day - value->calibration_end_day;
    double gain = 0, squares = 0, n = (double)summary->n;
    const int64_t *past_cents = value_past_spend(history, value->calibration_end_day, days, arena);
    value->spend_error = value->past_spend_error = 0;
    for (size_t i = 0; i < summary->n; i++) {
        double expected = expected_orders[i] *
                          value_of_order(history, summary->customer[i], value->calibration_end_day,
                                         value->has_spend ? &value->calibration_spend : NULL);
        double actual = summary->holdout[i] * summary->holdout_monetary[i];
        double error = fabs(actual - expected),
               past_error = fabs(actual - (double)past_cents[summary->customer[i]] / 100);
        value->spend_error += error / n;
        value->past_spend_error += past_error / n;
        gain += (past_error - error) / n;
        squares += (past_error - error) * (past_error - error) / n;
    }
    value->past_is_as_good = gain < 1.96 * sqrt(fmax(0, squares - gain * gain) / n);
}

/* Gamma-Gamma supposes that spend per order and number of orders have nothing to do with each other. */
static double spend_correlation(const struct summary *summary, struct arena *arena)
{
    double *frequency = ARENA_ARRAY(arena, double, summary->n + 1),
           *mean = ARENA_ARRAY(arena, double, summary->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < summary->n; i++) {
        if (summary->frequency[i] == 0) continue;
        frequency[n] = summary->frequency[i];
        mean[n++] = summary->monetary[i];
    }
    return correlation(frequency, mean, n);
}

static void judge(struct arena *arena, struct value_model *value)
{
    double off = value->holdout_expected / fmax(value->holdout_actual, 1) - 1;
    double noise = 3 * sqrt(value->holdout_actual + 1),
           gap = fabs(value->holdout_expected - value->holdout_actual);
    char end[11];
    calendar_format_day(value->calibration_end_day, end);
    const char *base = arena_format(
        arena,
        "Fitted to orders up to %s, the model expected %s further order days of those customers; there were %s "
        "(%+.0f %%)",
        end, words_count(arena, value->holdout_expected), words_count(arena, value->holdout_actual), 100 * off);
    bool is_beaten = value->holdout_error >= value->naive_error;
    if (fabs(off) > refuse_off && gap > noise) {
        value->refusal = arena_format(arena, "%s. That is too far off to put a value on customers.", base);
        value->holdout_note = value->refusal;
        return;
    }
    value->holdout_note = arena_format(
        arena,
        "%s%s. Per customer it is off by %.2f on average, %s %.2f if everyone had gone on at their past rate.",
        base, fabs(off) > warn_off && gap > noise ? ", so take its totals with care" : "", value->holdout_error,
        is_beaten ? "no better than" : "against", value->naive_error);
    if (value->past_spend_error > 0)
        value->holdout_note = arena_format(
            arena,
            "%s In money it is off by %.2f per customer on average; taking what each spent in as long a time before is "
            "off by %.2f%s.", value->holdout_note, value->spend_error, value->past_spend_error,
            value->past_is_as_good ? ": that plain figure is as good here" : "");
}

void value_check_holdout(const struct history *history, const struct value_options *options,
                         const struct summary *summary, struct arena *arena, struct value_model *value)
{
    if (!options->is_lean) track(history, summary, arena, value);
    const double *expected = expected_in_holdout(summary, options->n_threads, arena, value);
    check_customers(summary, expected, value);
    if (!options->is_lean) check_spend(history, summary, expected, arena, value);
    value->spend_correlation = spend_correlation(summary, arena);
    judge(arena, value);
}

/* ---- JSON -------------------------------------------------------------------------------------- */

static json_t *day_json(int32_t day)
{
    char text[11];
    calendar_format_day(day, text);
    return json_string(text);
}

static json_t *bgnbd_json(const struct bgnbd_fit *fit)
{
    json_t *se = json_pack("{so so so so}", "r", number_json(fit->se.r), "alpha", number_json(fit->se.alpha), "a",
                           number_json(fit->se.a), "b", number_json(fit->se.b));
    return json_pack("{sf sf sf so sf so ss?}", "r", fit->model.r, "alpha", fit->model.alpha, "a", fit->model.a,
                     "b", fit->model.a > 0 ? json_real(fit->model.b) : json_null(), "log_likelihood",
                     fit->log_likelihood, "se", se, "se_missing", fit->se_missing);
}

static json_t *pareto_nbd_json(const struct pareto_nbd_fit *fit)
{
    json_t *se = json_pack("{so so so so}", "r", number_json(fit->se.r), "alpha", number_json(fit->se.alpha), "s",
                           number_json(fit->se.s), "beta", number_json(fit->se.beta));
    return json_pack("{sf sf sf sf sf so ss?}", "r", fit->model.r, "alpha", fit->model.alpha, "s", fit->model.s,
                     "beta", fit->model.beta, "log_likelihood", fit->log_likelihood, "se", se, "se_missing",
                     fit->se_missing);
}

static json_t *gamma_gamma_json(const struct gamma_gamma_fit *fit)
{
    json_t *se = json_pack("{so so so}", "p", number_json(fit->se.p), "q", number_json(fit->se.q), "gamma",
                           number_json(fit->se.gamma));
    return json_pack("{sf sf sf sf so ss? sI}", "p", fit->model.p, "q", fit->model.q, "gamma", fit->model.gamma,
                     "log_likelihood", fit->log_likelihood, "se", se, "se_missing", fit->se_missing,
                     "customers", (json_int_t)fit->n_used);
}

static json_t *tracking_json(const struct value_model *value)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < value->n_tracking; i++) {
        const struct tracking_row *row = &value->tracking[i];
        json_array_append_new(rows, json_pack("{sI sf sf sf sf}", "period", (json_int_t)row->period, "actual",
                                              row->actual, "expected", row->expected, "actual_total",
                                              row->actual_total, "expected_total", row->expected_total));
    }
    return rows;
}

static json_t *by_frequency_json(const struct value_model *value)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < VALUE_FREQUENCIES; i++) {
        const struct frequency_row *row = &value->by_frequency[i];
        json_array_append_new(rows, json_pack("{sI sI sf sf}", "frequency", (json_int_t)i, "customers",
                                              (json_int_t)row->customers, "actual", row->actual, "expected",
                                              row->expected));
    }
    return rows;
}

static json_t *alive_histogram(const struct value_model *value)
{
    enum { BINS = 10 };
    json_int_t counts[BINS] = { 0 };
    if (!value->beside.is_known) return json_null();
    for (size_t i = 0; i < value->n_customers; i++)
        counts[(size_t)fmin(value->beside.p_alive[i] * BINS, BINS - 1)]++;
    json_t *bins = json_array();
    for (int i = 0; i < BINS; i++)
        json_array_append_new(bins, json_pack("{sf sf sI}", "from", i / (double)BINS, "to",
                                              (i + 1) / (double)BINS, "customers", counts[i]));
    return bins;
}

json_t *value_json(const struct value_model *value)
{
    json_t *spend = value->has_spend ? gamma_gamma_json(&value->calibration_spend) : json_null();
    json_t *refit_spend = value->has_spend ? gamma_gamma_json(&value->refit_spend) : json_null();
    json_t *holdout =
        json_pack("{sf sf sf sf}", "actual", value->holdout_actual, "expected", value->holdout_expected,
                  "error", value->holdout_error, "naive_error", value->naive_error);
    json_object_set_new(holdout, "spend_error", number_json(value->spend_error));
    json_object_set_new(holdout, "past_spend_error", number_json(value->past_spend_error));
    json_object_set_new(holdout, "past_is_as_good", json_boolean(value->past_is_as_good));
    bool is_pareto = value->calibration.kind == ORDERS_PARETO_NBD;
    json_t *calibration = is_pareto ? json_null() : bgnbd_json(&value->calibration.bgnbd);
    json_t *refit = is_pareto ? json_null() : bgnbd_json(&value->refit.bgnbd);
    json_t *json =
        json_pack("{ss ss ss? ss ss? so so ss? s{so so} so sI so so so ss so sI sf sf sI so}", "sentence",
                  value->sentence, "unit", unit_word(value->unit), "refused", value->refusal, "model",
                  orders_model_name(value->calibration.kind), "model_note", value->orders_model_why, "bgnbd",
                  calibration, "gamma_gamma", spend, "spend_missing", value->spend_missing,
                  "refit", "bgnbd", refit, "gamma_gamma", refit_spend, "calibration_end",
                  day_json(value->calibration_end_day), "customers", (json_int_t)value->n_calibration,
                  "spend_correlation", number_json(value->spend_correlation), "tracking", tracking_json(value),
                  "by_frequency", by_frequency_json(value), "holdout_note", value->holdout_note, "holdout",
                  holdout, "total_cents", (json_int_t)value->total_cents, "total_orders", value->total_orders,
                  "discount_yearly", value->discount_yearly, "horizon_days", (json_int_t)value->horizon_days,
                  "p_alive_histogram", alive_histogram(value));
    if (is_pareto) json_object_set_new(json, "pareto_nbd", pareto_nbd_json(&value->calibration.pareto));
    json_object_set_new(json, "left", json_integer((json_int_t)value->n_left));
    json_object_set_new(json, "active", value->beside.is_known ? json_real(value->beside.n_active) : json_null());
    json_object_set_new(json, "active_missing",
                        value->beside.missing ? json_string(value->beside.missing) : json_null());
    return json;
}
