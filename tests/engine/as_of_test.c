/* as_of_test.c - a server over a history that ended long ago: what stands, since when, and until when. */
#include "base/calendar.h"
#include "engine/customer_view.h"
#include "engine/learning.h"
#include "engine/service_support.h"
#include "live/live.h"
#include "live/refresh.h"

#include <math.h>

#define ENDED_MS (INT64_C(16000) * MS_PER_DAY)
#define TODAY_MS (INT64_C(20000) * MS_PER_DAY)

static struct service *open_as_of(const char *path, int64_t *now_ms, enum as_of_choice choice)
{
    struct err err;
    struct service *service = service_of_test(path, now_ms);
    if (choice != AS_OF_UNDECIDED) ASSERT_OK(service_choose_as_of(service, choice, NULL, &err), &err);
    cr_assert(refresh_settle(service->refresh, 60000), "the scores do not settle");
    return service;
}

static void train(struct service *service)
{
    struct err err;
    const struct learning_ask ask = { .horizon_days = 30 };
    ASSERT_OK(learning_train(service->learning, &ask, &err), &err);
    learning_settle(service->learning);
    struct learning_status status = learning_status(service->learning);
    cr_assert_eq(status.last.code, ERR_NONE, "%s", status.last.text);
    cr_assert(refresh_settle(service->refresh, 60000), "the scores do not settle");
}

/* Of everybody with an answer: how many, their sum, and the instants of the first and the last. */
struct answers { size_t n; double sum; int64_t first_ms, last_ms; uint32_t customer; };

static struct answers answers_of(struct service *service)
{
    struct answers answers = { .first_ms = INT64_MAX };
    (void)pthread_rwlock_rdlock(&service->lock);
    for (uint32_t customer = 0; (customer = live_next(service->live, customer)) != 0;) {
        struct live_score score = live_score(service->live, 0, customer);
        if (isnan(score.prediction)) continue;
        answers.n++, answers.sum += score.prediction, answers.customer = customer;
        if (score.scored_ms < answers.first_ms) answers.first_ms = score.scored_ms;
        if (score.scored_ms > answers.last_ms) answers.last_ms = score.scored_ms;
    }
    (void)pthread_rwlock_unlock(&service->lock);
    return answers;
}

static json_t *view_of(struct service *service, uint32_t customer, struct arena *arena)
{
    struct err err;
    json_t *view;
    const struct customer_view_options options = { .as_of_ms = clock_now_ms(&service->options.clock) };
    ASSERT_OK(customer_view(service, customer, &options, arena, &view, &err), &err);
    return view;
}

static void assert_same(struct answers then, struct answers now)
{
    cr_assert_eq(then.n, now.n, "%zu were answered for, now %zu", then.n, now.n);
    cr_assert_eq(then.sum, now.sum);
    cr_assert_eq(then.first_ms, now.first_ms);
    cr_assert_eq(then.last_ms, now.last_ms);
}

/* Whole passes over everybody. */
static void let_days_pass(struct service *service, int64_t *now_ms, int64_t n_days)
{
    *now_ms += n_days * MS_PER_DAY;
    refresh_anew(service->refresh);
    cr_assert(refresh_settle(service->refresh, 60000), "the scores do not settle");
}

Test(as_of, a_history_that_ended_is_answered_for_as_of_its_end_until_somebody_says_otherwise, .timeout = 300)
{
    int64_t now_ms = TODAY_MS;
    const char *path = support_path("old.holdfast");
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    service_import(path, ENDED_MS);
    struct service *service = open_as_of(path, &now_ms, AS_OF_UNDECIDED);
    struct as_of as_of = service_as_of(service);
    cr_assert(as_of_is_asked(&as_of));
    cr_assert_not(as_of_is_still(&as_of));
    cr_assert(as_of.end_ms <= ENDED_MS && as_of.end_ms > ENDED_MS - 2 * MS_PER_DAY);
    train(service);
    struct answers first = answers_of(service);
    cr_assert_gt(first.n, 20, "the customers are blank: %zu", first.n);
    cr_assert_eq(first.first_ms, as_of.end_ms);
    cr_assert_eq(first.last_ms, as_of.end_ms);
    let_days_pass(service, &now_ms, 400);
    assert_same(first, answers_of(service));
    json_t *view = view_of(service, first.customer, arena);
    cr_assert_eq(json_integer_value(json_object_get(view, "as_of_ms")), as_of.end_ms);
    cr_assert_gt(json_array_size(json_object_get(view, "reasons")), 0);
    json_decref(view);
    service_close(service);
    service = open_as_of(path, &now_ms, AS_OF_UNDECIDED);
    assert_same(first, answers_of(service));
    service_close(service);
    arena_free(arena);
}

Test(as_of, who_does_something_is_answered_for_as_of_then_and_nobody_else_falls_silent, .timeout = 300)
{
    int64_t now_ms = TODAY_MS;
    char body[512];
    const char *path = support_path("old.holdfast");
    service_import(path, ENDED_MS);
    struct service *service = open_as_of(path, &now_ms, AS_OF_UNDECIDED);
    train(service);
    struct answers first = answers_of(service);
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, first.customer);
    snprintf(body, sizeof body,
             "{\"batch\": [{\"type\": \"track\", \"messageId\": \"b\", \"userId\": \"%.*s\", "
             "\"event\": \"Order Completed\", \"properties\": {\"total\": 500}}]}",
             (int)name.length, name.at);
    (void)pthread_rwlock_unlock(&service->lock);
    cr_assert_eq(service_send(service, body).n_accepted, 1);
    cr_assert(refresh_settle(service->refresh, 60000));
    struct answers now = answers_of(service);
    cr_assert_eq(now.n, first.n);
    cr_assert_eq(now.last_ms, now_ms, "an order of today was not seen");
    cr_assert_eq(now.first_ms, first.first_ms);
    service_close(service);
}

Test(as_of, from_today_on_imported_answers_stay_until_better_ones_replace_them, .timeout = 300)
{
    int64_t now_ms = TODAY_MS;
    struct err err;
    const char *path = support_path("old.holdfast");
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    service_import(path, ENDED_MS);
    struct service *service = open_as_of(path, &now_ms, AS_OF_LAST_EVENT);
    train(service);
    struct answers first = answers_of(service);
    struct as_of as_of = service_as_of(service);
    cr_assert(as_of_is_still(&as_of));
    cr_assert_eq(service_instant_ms(service), as_of.end_ms);
    ASSERT_OK(service_choose_as_of(service, AS_OF_NOW, NULL, &err), &err);
    let_days_pass(service, &now_ms, 0);
    cr_assert_eq(service_instant_ms(service), now_ms);
    assert_same(first, answers_of(service));
    json_t *view = view_of(service, first.customer, arena), *scores = json_object_get(view, "scores");
    cr_assert_eq(json_integer_value(json_object_get(view, "as_of_ms")), now_ms);
    cr_assert_eq(json_integer_value(json_object_get(json_object_get(scores, "churn"), "scored_ms")), as_of.end_ms,
                 "an answer of then must say so");
    json_decref(view);
    now_ms += 2 * MS_PER_DAY;           /* everybody is to be valued anew, and there is nobody to ask */
    cr_assert(scheduler_settle(service->scheduler, 60000));
    struct learning_status status = learning_status(service->learning);
    cr_assert_eq(status.last.code, ERR_REFUSED, "nobody can be asked, and that was not said");
    cr_assert_not_null(strstr(status.last.text, "nobody had any"), "%s", status.last.text);
    assert_same(first, answers_of(service));
    service_close(service);
    service = open_as_of(path, &now_ms, AS_OF_UNDECIDED);
    as_of = service_as_of(service);
    cr_assert_eq(as_of.choice, AS_OF_NOW, "what was chosen is forgotten");
    assert_same(first, answers_of(service));
    service_close(service);
    arena_free(arena);
}

Test(as_of, a_history_that_goes_on_asks_nothing)
{
    int64_t now_ms = TODAY_MS;
    const char *path = support_path("new.holdfast");
    service_import(path, TODAY_MS - 3 * MS_PER_DAY);
    struct service *service = open_as_of(path, &now_ms, AS_OF_UNDECIDED);
    struct as_of as_of = service_as_of(service);
    cr_assert_not(as_of_is_asked(&as_of));
    cr_assert_eq(service_instant_ms(service), now_ms);
    service_close(service);
}
