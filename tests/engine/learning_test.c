/* learning_test.c - training beside the live traffic, over the history of a simulated shop. */
#include "base/calendar.h"
#include "engine/customer_view.h"
#include "engine/eligibility.h"
#include "engine/learning.h"
#include "engine/service_support.h"
#include "live/live.h"
#include "live/refresh.h"

#include <sched.h>
#include <sqlite3.h>

static void train(struct service *service, const char *question)
{
    struct err err;
    struct learning_ask ask = { .horizon_days = 30 };
    snprintf(ask.question, sizeof ask.question, "%s", question);
    ASSERT_OK(learning_train(service->learning, &ask, &err), &err);
    learning_settle(service->learning);
    struct learning_status status = learning_status(service->learning);
    cr_assert_eq(status.last.code, ERR_NONE, "%s: %s", question, status.last.text);
    cr_assert(refresh_settle(service->refresh, 60000), "the scores do not settle");
}

static struct live_score score_of(struct service *service, const char *question, uint32_t customer)
{
    size_t model;
    (void)pthread_rwlock_rdlock(&service->lock);
    cr_assert(live_model_of(service->live, question, &model), "'%s' is not in force", question);
    struct live_score score = live_score(service->live, model, customer);
    (void)pthread_rwlock_unlock(&service->lock);
    return score;
}

/* Whom both questions ask. */
static uint32_t somebody_asked(struct service *service)
{
    uint32_t customer = 0;
    do {
        (void)pthread_rwlock_rdlock(&service->lock);
        customer = live_next(service->live, customer);
        (void)pthread_rwlock_unlock(&service->lock);
        cr_assert_neq(customer, 0, "nobody has a score");
    } while (isnan(score_of(service, "churn", customer).prediction) ||
             isnan(score_of(service, "spend", customer).prediction));
    return customer;
}

static void buys(struct service *service, uint32_t customer)
{
    char body[512];
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, customer);
    snprintf(body, sizeof body,
             "{\"batch\": [{\"type\": \"track\", \"messageId\": \"b%u\", \"userId\": \"%.*s\", "
             "\"event\": \"Order Completed\", \"properties\": {\"total\": 500}}]}",
             customer, (int)name.length, name.at);
    (void)pthread_rwlock_unlock(&service->lock);
    cr_assert_eq(service_send(service, body).n_accepted, 1);
    cr_assert(refresh_settle(service->refresh, 60000));
}

static bool holds(struct service *service, uint32_t customer, int64_t now_ms, const char *condition)
{
    struct err err;
    bool hold;
    size_t index;
    ASSERT_OK(conditions_hold(service, customer, now_ms, &condition, 1, &hold, &index, &err), &err);
    return hold;
}

static void assert_view(struct service *service, uint32_t customer, int64_t now_ms)
{
    struct err err;
    json_t *view;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct customer_view_options options = { .as_of_ms = now_ms };
    ASSERT_OK(customer_view(service, customer, &options, arena, &view, &err), &err);
    const json_t *scores = json_object_get(view, "scores"), *spend = json_object_get(scores, "spend");
    double churn = json_number_value(json_object_get(json_object_get(scores, "churn"), "value"));
    cr_assert(churn > 0 && churn < 1, "%g", churn);
    cr_assert(json_number_value(json_object_get(spend, "value")) > 1);
    cr_assert_str_eq(json_string_value(json_object_get(spend, "kind")), "spend");
    cr_assert(json_object_get(view, "reasons") == json_object_get(json_object_get(scores, "churn"), "reasons") ||
              json_equal(json_object_get(view, "reasons"),
                         json_object_get(json_object_get(scores, "churn"), "reasons")));
    cr_assert(json_is_string(json_object_get(view, "rfm_group")) &&
              json_is_string(json_object_get(view, "stage")));
    json_decref(view);
    arena_free(arena);
}

Test(learning, a_second_question_trained_live_is_in_force_beside_the_first_and_both_follow_an_order,
     .timeout = 300)
{
    int64_t now_ms = INT64_C(20000) * MS_PER_DAY;
    const char *path = support_path("trained.holdfast");
    service_import(path, now_ms);
    struct service *service = service_of_test(path, &now_ms);
    train(service, "churn");
    train(service, "spend");
    uint32_t customer = somebody_asked(service);
    struct live_score churn = score_of(service, "churn", customer), spend = score_of(service, "spend", customer);
    now_ms += 60000;
    buys(service, customer);
    cr_assert_neq(score_of(service, "churn", customer).prediction, churn.prediction,
                  "churn does not see the order");
    cr_assert_neq(score_of(service, "spend", customer).prediction, spend.prediction,
                  "spend does not see the order");
    cr_assert_eq(score_of(service, "churn", customer).scored_ms, now_ms);
    cr_assert(holds(service, customer, now_ms, "churn between 0 and 1 and spend > 1 and value_12m_cents >= 0"));
    cr_assert(holds(service, customer, now_ms,
                    "rfm_group <> '' and stage <> '' and (cluster is null or cluster <> '')"));
    cr_assert_not(holds(service, customer, now_ms, "stage = 'none such'"));
    assert_view(service, customer, now_ms);
    service_close(service);
    service = service_of_test(path, &now_ms);
    cr_assert_not(isnan(score_of(service, "churn", customer).prediction), "the scores outlive the server");
    cr_assert_not(isnan(score_of(service, "spend", customer).prediction));
    service_close(service);
}

static int64_t count_rows(const char *path, const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, query, -1, &statement, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return n;
}

static void newcomer(struct service *service, int number)
{
    char body[256];
    snprintf(body, sizeof body,
             "{\"batch\": [{\"type\": \"track\", \"messageId\": \"n%d\", \"userId\": \"newcomer %d\", "
             "\"event\": \"visit %d\"}]}", number, number, number % 7);
    cr_assert_eq(service_send(service, body).n_accepted, 1);
}

Test(learning, a_model_is_trained_while_people_come_whom_nobody_knew, .timeout = 300)
{
    int64_t now_ms = INT64_C(20000) * MS_PER_DAY;
    const char *path = support_path("newcomers.holdfast");
    struct err err;
    service_import(path, now_ms);
    struct service *service = service_of_test(path, &now_ms);
    const struct learning_ask ask = { .question = "churn", .horizon_days = 30, .who = "http:ann" };
    ASSERT_OK(learning_train(service->learning, &ask, &err), &err);
    int number = 0;
    while (learning_status(service->learning).state != LEARNING_TRAINING) newcomer(service, number++);
    for (int i = 0; i < 50; i++) newcomer(service, number++);       /* and its scores will look at the log again */
    learning_settle(service->learning);
    cr_assert_eq(learning_status(service->learning).last.code, ERR_NONE, "%s",
                 learning_status(service->learning).last.text);
    service_close(service);
    cr_assert_eq(count_rows(path, "SELECT count(*) FROM audit WHERE what = 'train' AND who = 'http:ann'"), 1);
}

Test(learning, a_service_that_closes_gives_up_the_training_at_work_and_keeps_nothing_of_it, .timeout = 300)
{
    int64_t now_ms = INT64_C(20000) * MS_PER_DAY;
    const char *path = support_path("given_up.holdfast");
    struct err err;
    service_import(path, now_ms);
    struct service *service = service_of_test(path, &now_ms);
    const struct learning_ask ask = { .question = "churn", .horizon_days = 30, .who = "http:ann" };
    ASSERT_OK(learning_train(service->learning, &ask, &err), &err);
    while (learning_status(service->learning).state != LEARNING_TRAINING) sched_yield();
    service_close(service);
    cr_assert_eq(count_rows(path, "SELECT count(*) FROM model"), 0, "closing waited until a model was made");
    cr_assert_eq(count_rows(path, "SELECT count(*) FROM audit WHERE what = 'train'"), 0);
}

/* A service that trains by itself. */
static struct service *eager_service(const char *path, int64_t *now_ms)
{
    struct err err;
    struct service *plain = service_of_test(path, now_ms), *service;
    struct service_options options = plain->options;
    service_close(plain);
    options.is_learning = true;
    ASSERT_OK(service_open(&options, &service, &err), &err);
    cr_assert(scheduler_settle(service->scheduler, 200000), "it does not look around");
    return service;
}

static int64_t learned_ms(struct service *service)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    const struct trained *trained = live_trained(service->live);
    int64_t as_of_ms = trained ? trained->as_of_ms : 0;
    (void)pthread_rwlock_unlock(&service->lock);
    return as_of_ms;
}

static void hundred_visits(struct service *service)
{
    char body[8192];
    size_t n = (size_t)snprintf(body, sizeof body, "{\"batch\": [");
    for (int i = 0; i < 100 && n < sizeof body; i++)
        n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"type\": \"track\", \"userId\": \"u%d\", \"event\": \"visit\"}",
                              i ? ", " : "", i);
    snprintf(body + n, sizeof body - n, "]}");
    cr_assert_eq(service_send(service, body).n_accepted, 100);
}

Test(learning, a_model_is_trained_by_itself_and_again_a_week_later_and_says_when_and_why, .timeout = 500)
{
    int64_t now_ms = INT64_C(20000) * MS_PER_DAY;
    const char *path = support_path("eager.holdfast");
    service_import(path, now_ms);
    struct service *service = eager_service(path, &now_ms);
    struct learning_status status = learning_status(service->learning);
    cr_assert_eq(status.last.code, ERR_NONE, "%s", status.last.text);
    int64_t first_ms = learned_ms(service);
    cr_assert_eq(first_ms, now_ms, "the first model did not come by itself");
    cr_assert_not(status.next.is_due);
    cr_assert_not_null(strstr(status.next.why, "once 100 more events have come"), "%s", status.next.why);
    hundred_visits(service);
    now_ms += 6000;
    cr_assert(scheduler_settle(service->scheduler, 200000));
    status = learning_status(service->learning);
    cr_assert_eq(status.next.at_ms, first_ms + 7 * MS_PER_DAY, "%s", status.next.why);
    cr_assert_eq(learned_ms(service), first_ms, "it learned again within the week");
    now_ms = first_ms + 7 * MS_PER_DAY;
    cr_assert(scheduler_settle(service->scheduler, 200000));
    status = learning_status(service->learning);
    cr_assert_eq(learned_ms(service), now_ms, "a week later it did not learn again: %s %s", status.next.why,
                 status.judged);
    service_close(service);
}

/* With the database closed. */
static void change(const char *path, const char *sql)
{
    sqlite3 *database;
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(database));
    sqlite3_close(database);
}

/* Every second customer buys: what comes then no model foretells. */
static void buy_by_lot(struct service *service)
{
    static char body[200000];
    size_t n = (size_t)snprintf(body, sizeof body, "{\"batch\": [");
    uint32_t customer = 0;
    (void)pthread_rwlock_rdlock(&service->lock);
    for (int i = 0; (customer = live_next(service->live, customer)) != 0 && n + 300 < sizeof body; i++) {
        struct text name = log_name(service->log, DICTIONARY_IDENTITY, customer);
        if (customer * 2654435761u >> 31)
            n += (size_t)snprintf(body + n, sizeof body - n,
                                  "%s{\"type\": \"track\", \"userId\": \"%.*s\", \"event\": \"Order Completed\", "
                                  "\"properties\": {\"total\": 5}}", body[n - 1] == '[' ? "" : ", ", (int)name.length, name.at);
    }
    (void)pthread_rwlock_unlock(&service->lock);
    snprintf(body + n, sizeof body - n, "]}");
    cr_assert_geq(service_send(service, body).n_accepted, 100);
}

/* What foretells spending is put in the place of what foretells who leaves. */
Test(learning, what_a_server_trains_by_itself_waits_in_the_shadow_until_it_is_shown_to_be_better, .timeout = 500)
{
    const int64_t first_ms = INT64_C(20000) * MS_PER_DAY, trained_ms = first_ms + 31 * MS_PER_DAY;
    int64_t now_ms = first_ms;
    const char *path = support_path("shadow.holdfast");
    service_import(path, now_ms);
    struct service *service = service_of_test(path, &now_ms);
    train(service, "spend");
    now_ms += 10 * MS_PER_DAY;
    buy_by_lot(service);
    now_ms = trained_ms - MS_PER_DAY;
    hundred_visits(service);        /* else time would stand */
    service_close(service);
    change(path, "UPDATE model SET question = 'churn', as_of_ms = as_of_ms + 2 * 86400000, "
                 "question_json = json_set(question_json, '$.name', 'churn', '$.kind', 0, '$.meaning', 0), "
                 "evidence = json_set(evidence, '$.models', json('[{\"name\": \"planted\", "
                 "\"chosen\": true, \"auc\": {\"value\": 0.9, \"low\": 0.8, \"high\": 1}}]'))");
    now_ms = trained_ms;
    service = eager_service(path, &now_ms);
    struct learning_status status = learning_status(service->learning);
    cr_assert_not_null(strstr(status.judged, "churn: It stays in the shadow, for it ranks no better than lot"), "'%s' %s %s",
                       status.judged, status.last.text, status.next.why);
    cr_assert_eq(learned_ms(service), first_ms + 2 * MS_PER_DAY, "it is in force all the same");
    cr_assert_not(status.next.is_due, "it is trained again and again: %s", status.next.why);
    service_close(service);
    change(path, "UPDATE model SET as_of_ms = as_of_ms - 100 * 86400000, "
                 "evidence = json_set(evidence, '$.n_events', 10000000)");
    now_ms = first_ms;
    service = eager_service(path, &now_ms);
    now_ms += MS_PER_DAY + 6000;
    cr_assert(scheduler_settle(service->scheduler, 200000));
    status = learning_status(service->learning);
    cr_assert_not_null(strstr(status.judged, "It is better"), "'%s' %s", status.judged, status.next.why);
    cr_assert_eq(learned_ms(service), trained_ms - 100 * MS_PER_DAY, "the one that waited is not in force");
    service_close(service);
}
