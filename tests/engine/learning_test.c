/* learning_test.c - training beside the live traffic, over the history of a simulated shop. */
#include "base/calendar.h"
#include "engine/customer_view.h"
#include "engine/eligibility.h"
#include "engine/learning.h"
#include "engine/service_support.h"
#include "live/live.h"
#include "live/refresh.h"

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
    char body[8192];
    size_t n = (size_t)snprintf(body, sizeof body, "{\"batch\": [");
    for (int i = 0; i < 100 && n < sizeof body; i++)
        n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"type\": \"track\", \"userId\": \"u%d\", \"event\": \"visit\"}",
                              i ? ", " : "", i);
    snprintf(body + n, sizeof body - n, "]}");
    cr_assert_eq(service_send(service, body).n_accepted, 100);
    now_ms += 6000;
    cr_assert(scheduler_settle(service->scheduler, 200000));
    status = learning_status(service->learning);
    cr_assert_eq(status.next.at_ms, first_ms + 7 * MS_PER_DAY, "%s", status.next.why);
    cr_assert_eq(learned_ms(service), first_ms, "it learned again within the week");
    now_ms = first_ms + 7 * MS_PER_DAY;
    cr_assert(scheduler_settle(service->scheduler, 200000));
    cr_assert_eq(learned_ms(service), now_ms, "a week later it did not learn again: %s",
                 learning_status(service->learning).next.why);
    service_close(service);
}
