/* service_test.c - the whole of the live program but for HTTP: messages go in, customers, scores and decisions
 * come out. */
#include "base/secret.h"
#include "engine/customer_view.h"
#include "govern/erasing.h"
#include "hub/ingest.h"
#include "engine/learning.h"
#include "live/live.h"
#include "live/refresh.h"
#include "engine/service_support.h"

#include <stdlib.h>

static const char batch[] =
    "{\"batch\": ["
    "{\"type\": \"page\", \"messageId\": \"m1\", \"anonymousId\": \"a1\", \"name\": \"Home\"},"
    "{\"type\": \"identify\", \"messageId\": \"m2\", \"anonymousId\": \"a1\", \"userId\": \"u1\", \"traits\": "
    "{\"plan\": \"gold\", \"email\": \"ann@example.com\"}},"
    "{\"type\": \"track\", \"messageId\": \"m3\", \"userId\": \"u1\", \"event\": \"Order Completed\", "
    "\"properties\": "
    "{\"total\": 42.50, \"products\": [{\"product_id\": \"p9\", \"price\": 42.5, \"quantity\": 1}]}},"
    "{\"type\": \"track\", \"messageId\": \"m4\", \"event\": \"nobody\"}]}";

Test(service, what_is_sent_is_known_at_once_and_after_a_restart)
{
    const char *path = support_path("shop.holdfast");
    int64_t now_ms = 1790000000000;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    for (int round = 0; round < 2; round++) {
        struct err err;
        uint32_t customer, same;
        json_t *view;
        struct service *service = service_of_test(path, &now_ms);
        struct ingest_outcome outcome = service_send(service, batch);
        cr_assert_eq(outcome.err.code, ERR_NONE, "%s", outcome.err.text);
        cr_assert_eq(outcome.n_accepted, round == 0 ? 3 : 0);
        cr_assert_eq(outcome.n_repeated, round == 0 ? 0 : 3);
        cr_assert_eq(outcome.n_refused, 1);
        now_ms += 1000;
        ASSERT_OK(service_customer(service, text_of("u1"), &customer, &err), &err);
        ASSERT_OK(service_customer(service, text_of("anonymous:a1"), &same, &err), &err);
        cr_assert_eq(customer, same, "identify did not link");
        const struct customer_view_options options = { .as_of_ms = now_ms, .n_timeline = 10, .n_decisions = 5,
                                                       .n_features = 1 };
        ASSERT_OK(customer_view(service, customer, &options, arena, &view, &err), &err);
        cr_assert_str_eq(json_string_value(json_object_get(view, "customer")), "u1");
        cr_assert_str_eq(json_string_value(json_object_get(json_object_get(view, "traits"), "plan")), "gold");
        cr_assert_str_eq(json_string_value(json_object_get(json_object_get(view, "personal"), "email")),
                         "(hidden)");
        cr_assert_eq(json_array_size(json_object_get(view, "identities")), 3, "user, browser, hashed e-mail");
        cr_assert_eq(json_array_size(json_object_get(view, "timeline")), 4, "page, traits, order and its line");
        cr_assert(strstr(json_string_value(json_object_get(view, "missing")), "model"), "why there is no score");
        json_decref(view);
        service_close(service);
    }
    size_t n;
    char *bytes = support_read(arena, path, &n);
    cr_assert_null(memmem(bytes, n, "ann@example.com", 15), "an e-mail lies in the file");
    arena_free(arena);
}

Test(service, an_unknown_id_is_missing)
{
    int64_t now_ms = 1790000000000;
    struct err err;
    uint32_t customer;
    struct service *service = service_of_test(support_path("empty.holdfast"), &now_ms);
    ASSERT_FAILS(service_customer(service, text_of("u1"), &customer, &err), &err, ERR_MISSING, "nobody is known");
    service_close(service);
}

Test(service, training_on_too_little_says_what_is_missing)
{
    int64_t now_ms = 1790000000000;
    struct err err;
    struct service *service = service_of_test(support_path("little.holdfast"), &now_ms);
    (void)service_send(service, batch);
    const struct learning_ask ask = { .question = "churn" };
    ASSERT_OK(learning_train(service->learning, &ask, &err), &err);
    learning_settle(service->learning);
    struct learning_status status = learning_status(service->learning);
    cr_assert_eq(status.last.code, ERR_REFUSED, "%s", status.last.text);
    service_close(service);
}

/* The state of the only request of privacy. */
static const char *request_state(struct service *service, struct arena *arena)
{
    struct err err;
    struct store *store;
    struct privacy_request *requests;
    size_t n;
    ASSERT_OK(service_read(service, &store, &err), &err);
    ASSERT_OK(privacy_requests(store, PRIVACY_REQUESTS_USUAL, arena, &requests, &n, &err), &err);
    service_read_done(service, store);
    cr_assert_eq(n, 1);
    return requests[0].state;
}

static bool erase_job(struct store *store, void *context, struct err *err)
{
    struct service *service = context;
    struct erased erased;
    uint32_t identity;
    return log_find(service->log, DICTIONARY_IDENTITY, text_of("u1"), &identity) &&
           erasing_erase(service->erasing, store, identity, ingest_received_ms(service->ingest), &erased, err);
}

Test(service, an_erasure_is_done_by_itself)
{
    int64_t now_ms = 1790000000000;
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct service *service = service_of_test(support_path("erased.holdfast"), &now_ms);
    (void)service_send(service, batch);
    ASSERT_OK(ingest_run(service->ingest, erase_job, service, &err), &err);
    cr_assert(scheduler_settle(service->scheduler, 120000));
    cr_assert_str_eq(request_state(service, arena), "done");
    service_close(service);
    arena_free(arena);
}

/* Sends one message as it stands. */
static struct ingest_outcome send_message(struct service *service, const struct message *message)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct message *copy = ARENA_NEW(arena, struct message);
    *copy = *message;
    const struct intake intake = { .messages = copy, .n_messages = 1 };
    return service_put(service, arena, &intake);
}

Test(service, what_a_message_asks_to_erase_is_erased_by_itself)
{
    int64_t now_ms = 1790000000000;
    struct err err;
    uint32_t customer;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct service *service = service_of_test(support_path("asked.holdfast"), &now_ms);
    (void)service_send(service, batch);
    const struct message ask = { .type = MESSAGE_ERASE, .user_id = text_of("u1") };
    cr_assert_eq(send_message(service, &ask).n_accepted, 1);
    cr_assert(scheduler_settle(service->scheduler, 120000));
    cr_assert_str_eq(request_state(service, arena), "done");
    ASSERT_FAILS(service_customer(service, text_of("u1"), &customer, &err), &err, ERR_MISSING, "nobody is known");
    service_close(service);
    arena_free(arena);
}

/* A history whose last event lies in the future, as an imported file may tell of one. */
static void write_history(const char *path, int64_t time_ms)
{
    struct err err;
    struct store *store;
    struct log *log;
    uint32_t identity, kind_index;
    ASSERT_OK(store_open(path, STORE_CREATE, &store, &err), &err);
    ASSERT_OK(log_open(store, &log, &err), &err);
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(log_intern(log, DICTIONARY_IDENTITY, text_of("u1"), &identity, &err), &err);
    ASSERT_OK(log_intern(log, DICTIONARY_KIND, text_of("visit"), &kind_index, &err), &err);
    int64_t times_ms[] = { time_ms - INT64_C(86400000) * 3, time_ms };
    uint32_t identities[] = { identity, identity };
    uint16_t kinds[] = { (uint16_t)kind_index, (uint16_t)kind_index };
    const struct events events = { .n = 2, .received_ms = times_ms, .time_ms = times_ms, .identity = identities,
                                   .kind = kinds };
    ASSERT_OK(log_append(log, &events, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
    log_close(log);
    store_close(store);
}

Test(service, an_event_of_tomorrow_counts_tomorrow_though_nothing_else_comes)
{
    int64_t now_ms = 1790000000000, day_ms = 86400000;
    const char *path = support_path("tomorrow.holdfast");
    write_history(path, now_ms + day_ms);
    struct service *service = service_of_test(path, &now_ms);
    cr_assert(scheduler_settle(service->scheduler, 120000));
    cr_assert_eq(live_n_events(service->live), 1, "the other has not happened yet");
    now_ms += day_ms;
    cr_assert(scheduler_settle(service->scheduler, 120000));
    cr_assert_eq(live_n_events(service->live), 2);
    service_close(service);
}

Test(service, a_clock_that_jumps_a_year_ahead_and_back_loses_nothing)
{
    static const int64_t year_ms = INT64_C(365) * 24 * 3600 * 1000;
    const char *path = support_path("jump.holdfast");
    int64_t now_ms = 1790000000000;
    struct service *service = service_of_test(path, &now_ms);
    (void)service_send(
        service,
        "{\"batch\": [{\"type\": \"track\", \"messageId\": \"j1\", \"userId\": \"u1\", \"event\": \"Visit\"}]}");
    now_ms += year_ms;
    (void)service_send(
        service,
        "{\"batch\": [{\"type\": \"track\", \"messageId\": \"j2\", \"userId\": \"u1\", \"event\": \"Visit\"}]}");
    cr_assert(scheduler_settle(service->scheduler, 120000));
    now_ms -= year_ms;
    cr_assert(scheduler_settle(service->scheduler, 120000));
    for (int round = 0; round < 2; round++) {
        struct ingest_outcome outcome = service_send(service, "{\"batch\": ["
            "{\"type\": \"track\", \"messageId\": \"j2\", \"userId\": \"u1\", \"event\": \"Visit\"},"
            "{\"type\": \"track\", \"messageId\": \"j3\", \"userId\": \"u2\", \"event\": \"Visit\"}]}");
        cr_assert_eq(outcome.err.code, ERR_NONE, "%s", outcome.err.text);
        cr_assert_eq(outcome.n_accepted, round == 0 ? 1 : 0);
        cr_assert(scheduler_settle(service->scheduler, 120000));
        if (round == 0) service_close(service), service = service_of_test(path, &now_ms);
    }
    service_close(service);
}

static void write_settings(const char *text)
{
    FILE *file = fopen(support_path("holdfast.yaml"), "wb");
    cr_assert(file);
    fputs(text, file);
    cr_assert_eq(fclose(file), 0);
}

Test(service, settings_are_read_anew_with_the_control_groups_share_or_stay_as_they_were)
{
    struct err err;
    int64_t now_ms = 1790000000000;
    write_settings("holdout_share: .1\n");
    struct service *service = service_of_test(support_path("shop.holdfast"), &now_ms);
    ASSERT_NEAR(service->holdout_share, .1, 0);
    write_settings("holdout_share: .3\ntopics: {news: {basis: consent}}\n");
    ASSERT_OK(service_reload_settings(service, &err), &err);
    ASSERT_NEAR(service->holdout_share, .3, 0);
    write_settings("holdout_share: 3\n");
    ASSERT_FAILS(service_reload_settings(service, &err), &err, ERR_INVALID, "holdout_share");
    ASSERT_NEAR(service->holdout_share, .3, 0);
    service_close(service);
}
