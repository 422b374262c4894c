/* backtest.c - see backtest.h. */
#include "learn/backtest.h"

#include "base/calendar.h"
#include "feature/history.h"
#include "model/predictor.h"
#include "model/value.h"

#include <math.h>

enum { ROWS_MOST = 20000 };     /* to learn from: a backtest need not be as sharp as what it tests */

struct backtesting {
    const struct backtest_request *request;
    struct arena                  *scratch;     /* of one instant */
    size_t                         cutoff, from, to;        /* the instant at hand and its rows */
    const struct stakes_check     *leavers, *cents;         /* of the instants before */
};

static struct sample rows_of(const struct backtest_request *request, size_t from, size_t to)
{
    const struct matrix *m = request->matrix;
    return (struct sample){
        .values = m->values + from * m->n_columns, .n_rows = to - from, .n_columns = m->n_columns,
        .labels = m->labels + from, .group = request->group + from, .cutoff = m->cutoff + from,
        .names = request->names,
    };
}

/* All rows of every k-th customer. */
static struct sample thinned(const struct sample *all, struct arena *arena)
{
    size_t step = (all->n_rows + ROWS_MOST - 1) / ROWS_MOST, n = 0;
    if (step < 2) return *all;
    uint32_t *places = ARENA_ARRAY(arena, uint32_t, all->n_rows),
             *group = ARENA_ARRAY(arena, uint32_t, all->n_rows);
    float *labels = ARENA_ARRAY(arena, float, all->n_rows);
    uint16_t *cutoff = ARENA_ARRAY(arena, uint16_t, all->n_rows);
    for (size_t i = 0; i < all->n_rows; i++) {
        if (all->group[i] % step != 0) continue;
        places[n] = (uint32_t)i, labels[n] = all->labels[i], group[n] = all->group[i], cutoff[n] = all->cutoff[i];
        n++;
    }
    return (struct sample){ .values = all->values, .places = places, .n_rows = n, .n_columns = all->n_columns,
                            .labels = labels, .group = group, .cutoff = cutoff, .names = all->names };
}

/* The chances of the instant's rows by what was known then; NULL where nothing could be learned yet.  Those of the
 * held-out instant are the ones the model was judged by. */
static const double *chances(const struct backtesting *b)
{
    const struct backtest_request *request = b->request;
    const struct matrix *m = request->matrix;
    int64_t horizon_ms = request->question->horizon_days * MS_PER_DAY;
    if (b->cutoff + 1 == request->n_cutoffs) return request->selection->predicted;
    size_t known = 0;
    while (known < b->from && request->cutoffs_ms[m->cutoff[known]] + horizon_ms <= request->cutoffs_ms[b->cutoff])
        known++;
    struct predictor *predictor;
    struct err not_enough;
    const struct sample all = rows_of(request, 0, known), learned = thinned(&all, b->scratch);
    if (known == 0 || !predictor_fit(request->selection->settings, &learned, request->seed, request->n_threads,
                                     b->scratch, &predictor, &not_enough))
        return NULL;
    double *chance = ARENA_ARRAY(b->scratch, double, b->to - b->from + 1);
    predictor_predict(predictor, m->values + b->from * m->n_columns, b->to - b->from, request->n_threads, chance);
    return chance;
}

/* What each row's customer would have been said to spend, by the orders known then. */
static bool stakes_at(const struct backtesting *b, double **ret_stake, struct err *err)
{
    const struct backtest_request *request = b->request;
    int64_t at_ms = request->cutoffs_ms[b->cutoff];
    uint32_t refund_kind = 0;
    (void)log_find(request->log, DICTIONARY_KIND, text_of("refund"), &refund_kind);
    const struct history_options reading = {
        .goal_kind = request->question->goal_kind, .refund_kind = (uint16_t)refund_kind, .as_of_ms = at_ms,
        .n_threads = request->n_threads,
    };
    struct history history;
    double *stake = ARENA_ARRAY(b->scratch, double, b->to - b->from + 1);
    if (!history_read(request->log, &reading, b->scratch, &history, err)) return false;
    const struct value_options terms = {
        .as_of_day = (int32_t)calendar_day_of_ms(at_ms - 1), .unit = UNIT_WEEK, .is_lean = true,
        .calibration_end_day = VALUE_CHOOSE_DAY, .horizon_days = (int32_t)request->terms.horizon_days,
        .discount_yearly = request->terms.discount_yearly, .n_threads = request->n_threads,
    };
    const char *why;
    const int64_t *cents = value_if_stays(&history, &terms, b->scratch, &why);
    for (size_t i = b->from; i < b->to; i++) {
        size_t customer;
        if (history_find(&history, request->matrix->identity[i], &customer))
            stake[i - b->from] = (double)cents[customer];
    }
    *ret_stake = stake;
    return true;
}

static double lost(const float *labels, const double *stake, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += labels[i] > 0 ? stake ? stake[i] : 1 : 0;
    return sum;
}

static bool look_back(const struct backtesting *b, size_t n_before, struct backtest_row *ret_row, bool *ret_is_row,
                      struct err *err)
{
    size_t n = b->to - b->from;
    const float *labels = b->request->matrix->labels + b->from;
    const double *chance = chances(b);
    double *stake;
    *ret_is_row = chance != NULL;
    if (!chance) return true;
    if (!stakes_at(b, &stake, err)) return false;
    struct backtest_row row = {
        .as_of_ms = b->request->cutoffs_ms[b->cutoff], .n_asked = n,
        .leavers = { stakes_sum(chance, NULL, n), lost(labels, NULL, n) },
        .cents = { stakes_sum(chance, stake, n), lost(labels, stake, n) },
    };
    row.leavers_then = forecast_of(row.leavers.stakes, b->leavers, n_before);
    row.cents_then = forecast_of(row.cents.stakes, b->cents, n_before);
    *ret_row = row;
    return true;
}

/* Which cutoffs are looked back at: counted from the held-out one those at least a horizon apart, as what happened
 * after two that are closer is partly the same. */
static uint8_t *apart(const struct backtest_request *request, struct arena *arena)
{
    uint8_t *is_chosen = ARENA_ARRAY(arena, uint8_t, request->n_cutoffs);
    int64_t horizon_ms = request->question->horizon_days * MS_PER_DAY, next_ms = INT64_MAX;
    for (size_t i = request->n_cutoffs; i-- > 0;) {
        is_chosen[i] = next_ms == INT64_MAX || request->cutoffs_ms[i] + horizon_ms <= next_ms;
        if (is_chosen[i]) next_ms = request->cutoffs_ms[i];
    }
    return is_chosen;
}

bool backtest_run(const struct backtest_request *request, struct arena *arena, struct backtest *ret_backtest,
                  struct err *err)
{
    const struct matrix *m = request->matrix;
    struct backtest result = { request->terms, ARENA_ARRAY(arena, struct backtest_row, request->n_cutoffs), 0 };
    struct stakes_check *leavers = ARENA_ARRAY(arena, struct stakes_check, request->n_cutoffs),
                        *cents = ARENA_ARRAY(arena, struct stakes_check, request->n_cutoffs);
    struct backtesting b = { .request = request, .leavers = leavers, .cents = cents };
    const uint8_t *is_chosen = apart(request, arena);
    for (b.cutoff = 0; b.cutoff < request->n_cutoffs; b.cutoff++) {
        b.from = b.to;
        while (b.to < m->n_rows && m->cutoff[b.to] == b.cutoff) b.to++;
        if (b.from == b.to || !is_chosen[b.cutoff]) continue;
        bool is_row;
        struct backtest_row *row = &result.rows[result.n_rows];
        b.scratch = arena_new(ARENA_NO_LIMIT);
        bool ok = look_back(&b, result.n_rows, row, &is_row, err);
        arena_free(b.scratch);
        if (!ok) return err_context(err, "looking back");
        if (!is_row) continue;
        leavers[result.n_rows] = row->leavers, cents[result.n_rows] = row->cents;
        result.n_rows++;
    }
    *ret_backtest = result;
    return true;
}

static struct forecast forecast_by(const struct backtest *backtest, struct stakes stakes, bool is_money)
{
    enum { CHECKS_MOST = 64 };
    struct stakes_check checks[CHECKS_MOST];
    size_t n = 0;
    for (size_t i = 0; i < backtest->n_rows && n < CHECKS_MOST; i++)
        checks[n++] = is_money ? backtest->rows[i].cents : backtest->rows[i].leavers;
    return forecast_of(stakes, checks, n);
}

struct forecast backtest_leavers(const struct backtest *backtest, struct stakes stakes)
{
    return forecast_by(backtest, stakes, false);
}

struct forecast backtest_cents(const struct backtest *backtest, struct stakes stakes)
{
    return forecast_by(backtest, stakes, true);
}

/* ---- as JSON ------------------------------------------------------------------------------------- */

static json_t *check_json(const struct stakes_check *check)
{
    return json_pack("[f, f, f]", check->stakes.expected, check->stakes.variance, check->actual);
}

static bool check_read(const json_t *json, struct stakes_check *ret_check)
{
    struct stakes_check *c = ret_check;
    return json_unpack((json_t *)(uintptr_t)json, "[F, F, F]", &c->stakes.expected, &c->stakes.variance,
                       &c->actual) == 0;
}

json_t *backtest_json(const struct backtest *backtest)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < backtest->n_rows; i++) {
        const struct backtest_row *row = &backtest->rows[i];
        json_array_append_new(rows, json_pack("{s:I, s:I, s:o, s:o}", "as_of_ms", (json_int_t)row->as_of_ms,
                                              "asked", (json_int_t)row->n_asked, "leavers",
                                              check_json(&row->leavers), "cents", check_json(&row->cents)));
    }
    return json_pack("{s:I, s:f, s:o}", "value_horizon_days", (json_int_t)backtest->terms.horizon_days,
                     "discount_yearly", backtest->terms.discount_yearly, "rows", rows);
}

bool backtest_read(const json_t *json, struct arena *arena, struct backtest *ret_backtest)
{
    const json_t *rows = json_object_get(json, "rows"), *at;
    size_t index, n = json_array_size(rows);
    struct backtest result = { .rows = ARENA_ARRAY(arena, struct backtest_row, n + 1) };
    struct stakes_check *leavers = ARENA_ARRAY(arena, struct stakes_check, n + 1),
                        *cents = ARENA_ARRAY(arena, struct stakes_check, n + 1);
    result.terms.horizon_days = json_integer_value(json_object_get(json, "value_horizon_days"));
    result.terms.discount_yearly = json_number_value(json_object_get(json, "discount_yearly"));
    json_array_foreach(rows, index, at) {
        struct backtest_row *row = &result.rows[index];
        row->as_of_ms = json_integer_value(json_object_get(at, "as_of_ms"));
        row->n_asked = (size_t)json_integer_value(json_object_get(at, "asked"));
        if (!check_read(json_object_get(at, "leavers"), &row->leavers) ||
            !check_read(json_object_get(at, "cents"), &row->cents))
            return false;
        leavers[index] = row->leavers, cents[index] = row->cents;
        row->leavers_then = forecast_of(row->leavers.stakes, leavers, index);
        row->cents_then = forecast_of(row->cents.stakes, cents, index);
    }
    result.n_rows = n;
    *ret_backtest = result;
    return json_is_array(rows);
}
