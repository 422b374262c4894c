/* deciding_test.c - decisions over a running service: written down once, standing for a window. */
#include "base/calendar.h"
#include "engine/deciding.h"
#include "engine/service_support.h"
#include "store/sql.h"

#include <jansson.h>
#include <pthread.h>

static const struct deciding_candidate two[] = { { .action = "coupon" }, { .action = "call" } };
static const struct deciding_candidate three[] = { { .action = "coupon" },
                                                   { .action = "call" },
                                                   { .action = "gift" } };

struct fixture { struct service *service; struct arena *arena; int64_t now_ms; };

static void fixture_open(struct fixture *fixture, const char *name)
{
    *fixture = (struct fixture){ .arena = arena_new(ARENA_NO_LIMIT), .now_ms = INT64_C(20000) * MS_PER_DAY };
    fixture->service = service_of_test(support_path(name), &fixture->now_ms);
    fixture->service->holdout_share = 0;
}

static void fixture_close(struct fixture *fixture)
{
    service_close(fixture->service);
    arena_free(fixture->arena);
}

static void identify(struct fixture *fixture, const char *user, const char *zone)
{
    const char *body =
        arena_format(fixture->arena,
                     "{\"batch\": [{\"type\": \"identify\", \"messageId\": \"i %s\", \"userId\": \"%s\", "
                     "\"traits\": {\"timezone\": \"%s\"}}]}",
                     user, user, zone);
    cr_assert_eq(service_send(fixture->service, body).n_accepted, 1);
}

struct waiting { pthread_mutex_t mutex; pthread_cond_t changed; bool is_done; struct err result; };

static void is_kept(void *context, const struct err *result)
{
    struct waiting *waiting = context;
    pthread_mutex_lock(&waiting->mutex);
    waiting->result = *result;
    waiting->is_done = true;
    pthread_cond_signal(&waiting->changed);
    pthread_mutex_unlock(&waiting->mutex);
}

/* Decides and waits until it is written down; the answer. */
static json_t *decide(struct fixture *fixture, const char *user, const struct deciding_candidate *candidates,
                      size_t n, int64_t window_days, const char *purpose)
{
    struct err err;
    const char *field;
    struct decided decided;
    struct waiting waiting = { .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
    const struct deciding_ask ask = { .customer = user, .placement = "cart", .purpose = purpose,
                                      .candidates = candidates, .n_candidates = n, .window_days = window_days,
                                      .at_ms = fixture->now_ms };
    struct deciding_job job = { fixture->service, &decided, is_kept, &waiting };
    ASSERT_OK(deciding_make(fixture->service, &ask, fixture->arena, &decided, &field, &err), &err);
    ASSERT_OK(deciding_keep(&job, &err), &err);
    pthread_mutex_lock(&waiting.mutex);
    while (!waiting.is_done) pthread_cond_wait(&waiting.changed, &waiting.mutex);
    pthread_mutex_unlock(&waiting.mutex);
    cr_assert_eq(waiting.result.code, ERR_NONE, "%s", waiting.result.text);
    return json_loads(decided.standing.answer, 0, NULL);
}

static const char *word(const json_t *answer, const char *key)
{
    const char *text = json_string_value(json_object_get(answer, key));
    return text ? text : "";
}

static void assert_same(const json_t *first, const json_t *second, bool is_same)
{
    cr_assert_eq(strcmp(word(first, "decision_id"), word(second, "decision_id")) == 0, is_same);
    cr_assert_eq(json_is_true(json_object_get(second, "sticky")), is_same);
    if (is_same) cr_assert_str_eq(word(first, "action"), word(second, "action"));
}

/* The window that the newest decision stands for, as it begins, and its rule; "" for none. */
static void assert_kept(struct fixture *fixture, const char *customer_name, const char *window, const char *rule)
{
    struct err err;
    struct store *store;
    struct sql_decisions_of row;
    uint32_t customer;
    ASSERT_OK(service_customer(fixture->service, text_of(customer_name), &customer, &err), &err);
    ASSERT_OK(service_read(fixture->service, &store, &err), &err);
    ASSERT_OK(sql_decisions_of(store, customer, 1, &row, &err), &err);
    cr_assert_eq(sql_decisions_of_step(&row, &err), STEP_ROW);
    const char *kept = value_as_text(row.window), *kept_rule = value_as_text(row.rule);
    cr_assert(strncmp(kept, window, strlen(window)) == 0 && (*window || !*kept), "%s", kept);
    cr_assert_str_eq(kept_rule, rule);
    cursor_close(row.cursor);
    service_read_done(fixture->service, store);
}

static int64_t n_decisions(struct fixture *fixture)
{
    struct err err;
    struct store *store;
    struct sql_decisions_of row;
    uint32_t customer;
    int64_t n = 0;
    ASSERT_OK(service_customer(fixture->service, text_of("ann"), &customer, &err), &err);
    ASSERT_OK(service_read(fixture->service, &store, &err), &err);
    ASSERT_OK(sql_decisions_of(store, customer, 1000, &row, &err), &err);
    while (sql_decisions_of_step(&row, &err) == STEP_ROW) n++;
    cursor_close(row.cursor);
    service_read_done(fixture->service, store);
    return n;
}

Test(deciding, whoever_asks_again_within_the_window_gets_the_decision_made_before)
{
    struct fixture fixture;
    fixture_open(&fixture, "again.holdfast");
    identify(&fixture, "ann", "UTC");
    json_t *first = decide(&fixture, "ann", two, 2, 1, NULL);
    cr_assert_str_eq(word(first, "window"), "1d");
    cr_assert_str_eq(word(first, "policy"), "pilot");
    cr_assert_str_eq(word(first, "policy_version"), "1");
    cr_assert(json_is_false(json_object_get(first, "sticky")) && json_is_null(json_object_get(first, "rule")));
    assert_kept(&fixture, "ann", "1d ", "");
    fixture.now_ms += MS_PER_DAY - 1;
    json_t *again = decide(&fixture, "ann", two, 2, 1, NULL);
    assert_same(first, again, true);
    cr_assert(json_equal(json_object_get(first, "at_ms"), json_object_get(again, "at_ms")), "it was made then");
    json_t *wider = decide(&fixture, "ann", three, 3, 1, NULL);
    assert_same(first, wider, false);
    cr_assert_eq(n_decisions(&fixture), 2, "what was asked again is not another decision");
    fixture.now_ms++;
    json_t *tomorrow = decide(&fixture, "ann", two, 2, 1, NULL);
    assert_same(first, tomorrow, false);
    json_decref(first), json_decref(again), json_decref(wider), json_decref(tomorrow);
    fixture_close(&fixture);
}

Test(deciding, who_signs_in_within_the_window_keeps_what_the_visitor_was_given)
{
    static const char *const first_of[] = { "anonymous:v1", "bea" };
    for (size_t i = 0; i < 2; i++) {        /* whichever of their ids was seen first */
        struct fixture fixture;
        fixture_open(&fixture, i ? "signs_in.holdfast" : "signed_in.holdfast");
        if (i) identify(&fixture, "bea", "UTC");
        cr_assert_eq(service_send(fixture.service, "{\"batch\": [{\"type\": \"track\", \"messageId\": \"v\", \"event\": \"visit\", "
                                                   "\"anonymousId\": \"v1\"}]}").n_accepted, 1);
        json_t *visitor = decide(&fixture, "anonymous:v1", two, 2, 1, NULL);
        cr_assert_eq(service_send(fixture.service, "{\"batch\": [{\"type\": \"identify\", \"messageId\": \"s\", \"anonymousId\": "
                                                   "\"v1\", \"userId\": \"bea\"}]}").n_accepted, 1);
        json_t *known = decide(&fixture, "bea", two, 2, 1, NULL), *wider = decide(&fixture, "bea", three, 3, 1, NULL);
        assert_same(visitor, known, true);
        assert_same(visitor, wider, false);
        fixture.now_ms += MS_PER_DAY;
        json_t *tomorrow = decide(&fixture, "bea", two, 2, 1, NULL);
        cr_assert(json_is_false(json_object_get(tomorrow, "sticky")), "%s", first_of[i]);
        cr_assert_str_eq(word(tomorrow, "customer"), "bea");
        json_decref(visitor), json_decref(known), json_decref(wider), json_decref(tomorrow);
        fixture_close(&fixture);
    }
}

Test(deciding, a_day_begins_when_it_does_where_the_customer_lives)
{
    struct fixture fixture;
    fixture_open(&fixture,
                 "zone.holdfast"); /* 2024-10-04 00:00 UTC: 13:00 in Auckland, 17:00 of the third in Los Angeles */
    identify(&fixture, "ann", "Pacific/Auckland");
    identify(&fixture, "bob", "America/Los_Angeles");
    json_t *ann = decide(&fixture, "ann", two, 2, 1, NULL), *bob = decide(&fixture, "bob", two, 2, 1, NULL);
    fixture.now_ms += 8 * 3600000;
    json_t *ann_later = decide(&fixture, "ann", two, 2, 1, NULL),
           *bob_later = decide(&fixture, "bob", two, 2, 1, NULL);
    assert_same(ann, ann_later, true);
    assert_same(bob, bob_later, false);
    json_decref(ann), json_decref(bob), json_decref(ann_later), json_decref(bob_later);
    fixture_close(&fixture);
}

Test(deciding, a_longer_window_stands_for_its_days_and_none_is_drawn_each_time)
{
    struct fixture fixture;
    size_t n_sticky = 0, n_coupons = 0;
    fixture_open(&fixture, "week.holdfast");
    identify(&fixture, "ann", "UTC");
    json_t *week = NULL;
    for (int day = 0; day < 21; day++, fixture.now_ms += MS_PER_DAY) {
        json_t *answer = decide(&fixture, "ann", two, 2, 7, NULL);
        n_sticky += json_is_true(json_object_get(answer, "sticky"));
        json_decref(week), week = answer;
    }
    cr_assert_str_eq(word(week, "window"), "7d");
    cr_assert(n_sticky == 18 || n_sticky == 17, "%zu of 21 days in 3 or 4 windows", n_sticky);
    for (int i = 0; i < 60; i++) {
        json_t *answer = decide(&fixture, "ann", two, 2, 0, NULL);
        cr_assert(json_is_false(json_object_get(answer, "sticky")));
        cr_assert_str_eq(word(answer, "window"), "0");
        n_coupons += strcmp(word(answer, "action"), "coupon") == 0;
        json_decref(answer);
    }
    cr_assert(n_coupons > 4 && n_coupons < 40, "%zu of 60", n_coupons);
    assert_kept(&fixture, "ann", "", "");
    json_decref(week);
    fixture_close(&fixture);
}

Test(deciding, who_says_no_within_the_window_gets_nothing_though_a_coupon_stood)
{
    struct fixture fixture;
    fixture_open(&fixture, "no.holdfast");
    identify(&fixture, "ann", "UTC");
    json_t *before = decide(&fixture, "ann", two, 2, 1, "email");
    cr_assert_str_eq(word(before, "policy"), "pilot");
    cr_assert_eq(service_send(fixture.service,
                              "{\"batch\": [{\"type\": \"identify\", \"messageId\": \"no\", \"userId\": \"ann\", "
                              "\"context\": {\"consent\": {\"categoryPreferences\": {\"email\": false}}}}]}")
                     .n_accepted,
                 1);
    fixture.now_ms++;
    json_t *after = decide(&fixture, "ann", two, 2, 1, "email");
    assert_kept(&fixture, "ann", "1d ", "consent");
    json_t *without = decide(&fixture, "ann", two, 2, 1, NULL);
    cr_assert_str_eq(word(after, "rule"), "consent");
    cr_assert_str_eq(word(after, "action"), "nothing");
    assert_same(before, without, true);
    json_decref(before), json_decref(after), json_decref(without);
    fixture_close(&fixture);
}

Test(deciding, a_segment_that_there_is_not_is_named)
{
    struct fixture fixture;
    struct err err;
    const char *field;
    struct decided decided;
    const struct deciding_candidate candidates[] = { { "coupon", "no such", NULL } };
    const struct deciding_ask ask = { .customer = "ann", .placement = "cart", .candidates = candidates,
                                      .n_candidates = 1, .window_days = 1, .at_ms = 1 };
    fixture_open(&fixture, "segment.holdfast");
    identify(&fixture, "ann", "UTC");
    ASSERT_FAILS(deciding_make(fixture.service, &ask, fixture.arena, &decided, &field, &err), &err, ERR_MISSING,
                 "there is no segment 'no such'");
    cr_assert_str_eq(field, "candidates");
    fixture_close(&fixture);
}
