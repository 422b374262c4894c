/* question_view.c - see question_view.h. */
#include "engine/question_view.h"

#include "engine/service.h"
#include "learn/report.h"
#include "live/live.h"
#include "store/sql.h"
#include "table/import_record.h"

#include <math.h>
#include <string.h>

enum { CUSTOMERS_A_SLICE = 16384 };

/* Everybody, by identity. */
struct everybody {
    size_t   n;
    double  *if_stays_cents;    /* 0 where not known */
    bool    *has_left;          /* of a table: its label says so; others who left may be asked what they will do */
    double  *answer;            /* NaN: not asked */
    size_t   n_asked, n_customers;
    double   sum;
};

static bool read_worth(struct store *store, const char *question, struct everybody *all, struct err *err)
{
    struct sql_score_of_question row;
    enum step step;
    if (!sql_score_of_question(store, text_of(question), &row, err)) return false;
    while ((step = sql_score_of_question_step(&row, err)) == STEP_ROW) {
        if (row.identity <= 0 || (size_t)row.identity >= all->n) continue;
        if (row.value_if_stays_cents.kind != VALUE_NULL)
            all->if_stays_cents[row.identity] = (double)value_as_int(row.value_if_stays_cents);
        all->has_left[row.identity] = strcmp(value_as_text(row.stage), "left") == 0;
    }
    cursor_close(row.cursor);
    return step == STEP_END;
}

/* False: the question is in force no more. */
static bool read_answers(struct service *service, const char *question, struct everybody *all)
{
    uint32_t customer = 0;
    size_t model;
    bool is_known;
    do {
        (void)pthread_rwlock_rdlock(&service->lock);
        is_known = live_model_of(service->live, question, &model);
        for (size_t i = 0; is_known && i < CUSTOMERS_A_SLICE; i++) {
            customer = live_next(service->live, customer);
            if (customer == 0 || customer >= all->n) break;
            all->n_customers++;
            all->answer[customer] = live_score(service->live, model, customer).prediction;
            if (all->has_left[customer]) all->answer[customer] = (double)NAN;
            if (isnan(all->answer[customer])) continue;
            all->n_asked++;
            all->sum += all->answer[customer];
        }
        (void)pthread_rwlock_unlock(&service->lock);
    } while (is_known && customer != 0 && customer < all->n);
    return is_known;
}

static void spread_out(const struct everybody *all, size_t spread[SPREAD_BARS])
{
    for (size_t i = 0; i < all->n; i++) {
        double chance = all->answer[i];
        if (chance >= 0 && chance <= 1) spread[chance < 1 ? (size_t)(chance * SPREAD_BARS) : SPREAD_BARS - 1]++;
    }
}

static const char *copied(struct arena *arena, const char *text) { return text ? arena_copy(arena, text) : NULL; }

/* What a sentence needs of the model, which may be replaced once the lock is let go.  False: there is none. */
static bool copy_model(struct service *service, const char *question, struct arena *arena, struct trained *ret_trained,
                       struct backtest *ret_backtest)
{
    size_t model;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_known = live_model_of(service->live, question, &model);
    if (is_known) {
        const struct trained *trained = live_model(service->live, model);
        struct question copy = trained->question;
        copy.name = copied(arena, copy.name), copy.goal = copied(arena, copy.goal), copy.who = copied(arena, copy.who);
        copy.target = copied(arena, copy.target), copy.yes = copied(arena, copy.yes), copy.why = copied(arena, copy.why);
        *ret_trained = (struct trained){ .question = copy, .as_of_ms = trained->as_of_ms };
        *ret_backtest = (struct backtest){ 0 };
        (void)backtest_read(json_object_get(trained->evidence, "backtest"), arena, ret_backtest);
    }
    (void)pthread_rwlock_unlock(&service->lock);
    return is_known;
}

static struct at_risk risk_of(const struct everybody *all, const struct backtest *backtest)
{
    struct at_risk risk = { .customers = all->n_asked, .backtest = *backtest };
    for (size_t i = 0; i < all->n; i++) risk.has_money |= !isnan(all->answer[i]) && all->if_stays_cents[i] > 0;
    risk.leavers = backtest_leavers(backtest, stakes_sum(all->answer, NULL, all->n));
    risk.cents = backtest_cents(backtest, stakes_sum(all->answer, all->if_stays_cents, all->n));
    return risk;
}

static bool read_all(struct service *service, struct store *store, const char *question, struct arena *arena,
                     struct question_view *view, struct err *err)
{
    struct import_record import = { .currency = "" };
    struct trained trained;
    struct backtest backtest;
    struct everybody all = { .n = 0 };
    (void)pthread_rwlock_rdlock(&service->lock);
    all.n = log_n_names(service->log, DICTIONARY_IDENTITY);
    (void)pthread_rwlock_unlock(&service->lock);
    all.if_stays_cents = ARENA_ARRAY(arena, double, all.n + 1);
    all.has_left = ARENA_ARRAY(arena, bool, all.n + 1);
    all.answer = ARENA_ARRAY(arena, double, all.n + 1);
    for (size_t i = 0; i < all.n; i++) all.answer[i] = (double)NAN;
    if ((!import_latest(store, arena, &import, err) && err->code != ERR_MISSING) ||
        !read_worth(store, question, &all, err))
        return false;
    bool is_known = copy_model(service, question, arena, &trained, &backtest);
    if (is_known && trained.question.kind != QUESTION_TRAIT) memset(all.has_left, 0, all.n * sizeof *all.has_left);
    if (!is_known || !read_answers(service, question, &all))
        return err_set(err, ERR_MISSING, "no model of the question '%s' is in force", question);
    view->is_chance = trained.question.kind != QUESTION_SPEND;
    struct at_risk risk = { 0 };
    if (question_is_churn(&trained.question)) risk = risk_of(&all, &backtest), view->at_risk = at_risk_json(&risk);
    if (view->is_chance) spread_out(&all, view->spread);
    /* The report's words, by the terms that the model was looked back on with. */
    const struct scores scores = { .n_asked = all.n_asked, .n_customers = all.n_customers, .expected_yes = all.sum,
                                   .at_risk = risk };
    const struct score_options options = { .value_horizon_days = backtest.terms.horizon_days };
    const struct report_input input = { .import = &import, .trained = &trained, .scores = &scores, .options = &options };
    view->headline = report_headline(&input, arena);
    return true;
}

bool question_view(struct service *service, const char *question, struct arena *arena, struct question_view *ret_view,
                   struct err *err)
{
    struct store *store;
    struct question_view view = { .headline = "" };
    if (!service_read(service, &store, err)) return false;
    bool ok = read_all(service, store, question, arena, &view, err);
    service_read_done(service, store);
    if (ok) *ret_view = view;
    return ok;
}
