/* Experiments over a running service: who gets which arm, who was exposed, and what it showed. */
#include "base/calendar.h"
#include "engine/measuring.h"
#include "engine/program.h"
#include "engine/service_support.h"
#include "store/sql.h"

static const char definition[] =
    "experiments:\n"
    "  - {name: mail, control: control, arms: {control: .5, mail: .5}, exposure: call, primary: margin, end: "
    "2024-12-01,\n"
    "     metrics: [{name: margin, event: order, kind: sum, of: amount, margin: .5, window: 28d},\n"
    "               {name: kept, event: order, kind: any, window: 28d},\n"
    "               {name: late, event: order, kind: count, window: 300d}],\n"
    "     covariate: {metric: margin, before: 30d}, guardrails: [{metric: unsubscribed, stop_above: .01}]}\n";

enum { PEOPLE = 400 };
#define BEGIN_MS (INT64_C(19800) * MS_PER_DAY)

struct trial_fixture { struct service *service; struct arena *arena; int64_t now_ms; struct design *design; };

static bool start(struct store *store, void *context, struct err *err)
{
    (void)context;
    return sql_experiment_put(store, text_of("mail"), text_of(definition), BEGIN_MS, err);
}

static void fixture_open(struct trial_fixture *fixture, const char *name)
{
    struct err err;
    *fixture = (struct trial_fixture){ .arena = arena_new(ARENA_NO_LIMIT), .now_ms = BEGIN_MS };
    fixture->service = service_of_test(support_path(name), &fixture->now_ms);
    fixture->service->holdout_share = .1;
    ASSERT_OK(ingest_run(fixture->service->ingest, start, NULL, &err), &err);
}

static void fixture_close(struct trial_fixture *fixture)
{
    service_close(fixture->service);
    arena_free(fixture->arena);
}

static void say(struct trial_fixture *fixture, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct trial_fixture *fixture, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct ingest_outcome outcome =
        service_send(fixture->service, arena_format(fixture->arena, "{\"batch\": [%s]}", text));
    cr_assert(outcome.n_accepted == 1, "%s", text);
}

static void order(struct trial_fixture *fixture, size_t person, int amount)
{
    static int n;
    say(fixture,
        "{\"type\": \"track\", \"messageId\": \"o%d\", \"userId\": \"u%zu\", \"event\": \"Order Completed\", "
        "\"properties\": {\"total\": %d}}",
        n++, person, amount);
}

struct exposing { struct trial_fixture *fixture; struct assigned_arm assignment; };

static bool put_exposure(struct store *store, void *context, struct err *err)
{
    const struct exposing *exposing = context;
    return assignment_expose(store, &exposing->assignment, exposing->fixture->now_ms, "call", err);
}

static struct assigning where_of(struct trial_fixture *fixture, struct store *store)
{
    struct service *s = fixture->service;
    return (struct assigning){ store, s->log, s->identities, { s->holdout_share, s->decision_salt }, s };
}

static struct assigned_arm ask(struct trial_fixture *fixture, const char *id, bool is_exposed)
{
    struct err err;
    struct store *store;
    struct experiment_record record;
    const struct yaml_node *root;
    struct exposing exposing = { .fixture = fixture };
    fixture->design = ARENA_NEW(fixture->arena, struct design);
    ASSERT_OK(service_read(fixture->service, &store, &err), &err);
    ASSERT_OK(experiment_find(store, "mail", fixture->arena, fixture->design, &record, &root, &err), &err);
    const struct assigning where = where_of(fixture, store);
    ASSERT_OK(assignment_make(&where, fixture->design, &record, id, fixture->now_ms, fixture->arena,
                              &exposing.assignment, &err),
              &err);
    service_read_done(fixture->service, store);
    if (is_exposed) ASSERT_OK(ingest_run(fixture->service->ingest, put_exposure, &exposing, &err), &err);
    return exposing.assignment;
}

static json_t *measure_at(struct trial_fixture *fixture, int64_t as_of_ms, const struct costs *costs)
{
    struct err err;
    struct store *store;
    struct experiment_record record = { BEGIN_MS, INT64_MAX };
    const struct measuring_options options = { .as_of_ms = as_of_ms, .costs = costs, .alpha = .05, .tuning = 5000,
                                               .correction = CORRECTION_HOLM, .seed = 1 };
    json_t *json;
    ASSERT_OK(service_read(fixture->service, &store, &err), &err);
    const struct assigning where = where_of(fixture, store);
    ASSERT_OK(measuring_run(&where, fixture->design, &record, &options, fixture->arena, &json, &err), &err);
    service_read_done(fixture->service, store);
    return json;
}

static json_t *measure(struct trial_fixture *fixture, int64_t as_of_ms)
{
    const struct costs costs = { .margin = 1 };
    return measure_at(fixture, as_of_ms, &costs);
}

static const json_t *result(const json_t *json, const char *metric)
{
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(json, "results"), i, row)
        if (strcmp(json_string_value(json_object_get(row, "metric")), metric) == 0) return row;
    cr_assert(false, "there is no result of %s", metric);
    return NULL;
}

static double at(const json_t *json, const char *key)
{
    cr_assert(json_is_number(json_object_get(json, key)), "%s", key);
    return json_number_value(json_object_get(json, key));
}

Test(measuring, each_person_counts_from_their_own_exposure_and_whoever_is_not_ripe_is_left_out)
{
    struct trial_fixture fixture;
    double sum[2] = { 0 }, n[2] = { 0 };
    size_t n_held_out = 0;
    fixture_open(&fixture, "measured.holdfast");
    for (size_t i = 0; i < PEOPLE; i++) {
        char id[16];
        snprintf(id, sizeof id, "u%zu", i);
        order(&fixture, i, 10);                            /* before: the covariate */
        fixture.now_ms += MS_PER_DAY / 100;
        struct assigned_arm a = ask(&fixture, id, true);
        if (a.assigned.reason == NOT_HELD_IN) { n_held_out++; continue; }
        cr_assert_eq(a.assigned.reason, ASSIGNED);
        bool is_mail = strcmp(a.arm, "mail") == 0;
        int amount = 20 + (int)(i % 7) + (is_mail ? 10 : 0);
        order(&fixture, i, amount);
        n[is_mail]++, sum[is_mail] += .5 * amount;
    }
    fixture.now_ms += 40 * MS_PER_DAY;
    order(&fixture, 1, 1000);                              /* after anybody's window */
    json_t *json = measure(&fixture, fixture.now_ms);
    const json_t *margin = result(json, "margin");
    cr_assert(n_held_out > 20 && n_held_out < 65, "%zu", n_held_out);
    ASSERT_NEAR(at(margin, "n"), n[1], 0);
    ASSERT_NEAR(at(margin, "n_control"), n[0], 0);
    ASSERT_NEAR(at(margin, "mean"), sum[1] / n[1], 1e-9);
    ASSERT_NEAR(at(margin, "control_mean"), sum[0] / n[0], 1e-9);
    ASSERT_NEAR(at(result(json, "kept"), "mean"), 1, 1e-12);
    ASSERT_NEAR(at(json_object_get(json_object_get(json, "health"), "immature"), "late"), n[0] + n[1], 0);
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(json, "verdict"), "word")), "better");
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(json, "verdict"), "arm")), "mail");
    cr_assert_eq(json_array_size(json_object_get(json, "guardrails")), 1);
    const json_t *course = json_object_get(json, "over_time"), *first = json_array_get(course, 0),
                 *last = json_array_get(course, 11);
    cr_assert_eq(json_array_size(course), 12);
    ASSERT_NEAR(at(json_object_get(last, "absolute"), "low"), at(json_object_get(margin, "absolute"), "low"), 1e-9);
    cr_assert(at(first, "n") < at(last, "n") && at(last, "n") == n[0] + n[1]);
    ASSERT_NEAR(at(json_array_get(json_object_get(margin, "adjusted"), 0), "theta"), 0, 1e-9);
    json_decref(json);
    fixture_close(&fixture);
}

Test(measuring, visitors_keep_their_arm_when_identified_and_two_of_different_arms_are_mixed)
{
    struct trial_fixture fixture;
    const char *arms[2] = { NULL, NULL };
    char ids[2][32];
    fixture_open(&fixture, "mixed.holdfast");
    fixture.service->holdout_share = 0;
    for (size_t i = 0; !arms[0] || !arms[1]; i++) {     /* one of each arm */
        char id[32];
        snprintf(id, sizeof id, "anonymous:v%zu", i);
        say(&fixture,
            "{\"type\": \"track\", \"messageId\": \"v%zu\", \"anonymousId\": \"v%zu\", \"event\": \"visit\"}", i,
            i);
        struct assigned_arm a = ask(&fixture, id, false);
        size_t arm = strcmp(a.arm, "mail") == 0;
        if (arms[arm]) continue;
        arms[arm] = a.arm;
        snprintf(ids[arm], sizeof ids[arm], "%s", id);
        a = ask(&fixture, id, true);
        say(&fixture,
            "{\"type\": \"identify\", \"messageId\": \"i%zu\", \"anonymousId\": \"v%zu\", \"userId\": "
            "\"known%zu\"}",
            i, i, arm);
        snprintf(id, sizeof id, "known%zu", arm);
        struct assigned_arm known = ask(&fixture, id, true);
        cr_assert_str_eq(known.arm, a.arm);
        cr_assert_str_eq(known.unit, a.unit, "the identity seen first is hashed");
        fixture.now_ms += 1000;
    }
    struct err err;
    uint32_t one, other;
    ASSERT_OK(service_customer(fixture.service, text_of("known0"), &one, &err), &err);
    ASSERT_OK(service_customer(fixture.service, text_of("known1"), &other, &err), &err);
    say(&fixture,
        "{\"type\": \"alias\", \"messageId\": \"a\", \"previousId\": \"known1\", \"userId\": \"known0\"}");
    struct assigned_arm both = ask(&fixture, "known0", true), again = ask(&fixture, "known1", false);
    cr_assert_eq(both.assigned.reason, IS_MIXED);
    cr_assert_str_eq(both.arm, again.arm);
    fixture_close(&fixture);
}

/* Two lines: 10 (once 20) of an item of which half is left, 30 of one of which a tenth is. */
Test(measuring, what_is_left_of_an_order_is_by_its_items_where_margins_are_told_by_item)
{
    struct trial_fixture fixture;
    struct cost_row rows[] = { { 0, COST_MARGIN, { "apple" }, .5 }, { 0, COST_MARGIN, { "saw" }, .1 } };
    const struct costs costs = { .margin = .4, .rows = rows, .n_rows = 2 };
    fixture_open(&fixture, "items.holdfast");
    fixture.service->holdout_share = 0;
    for (size_t i = 0; i < 30; i++) {
        order(&fixture, i, 1);
        fixture.now_ms += 1000;
        (void)ask(&fixture, arena_format(fixture.arena, "u%zu", i), true);
        say(&fixture,
            "{\"type\": \"track\", \"messageId\": \"p%zu\", \"userId\": \"u%zu\", \"event\": "
            "\"Order Completed\", \"properties\": {\"total\": %d, \"products\": [{\"product_id\": \"apple\", "
            "\"price\": %d, \"quantity\": 1}, {\"product_id\": \"saw\", \"price\": 30, \"quantity\": 1}]}}",
            i, i, i == 0 ? 50 : 40, i == 0 ? 20 : 10);
    }
    fixture.now_ms += 40 * MS_PER_DAY;
    fixture.design->metrics[fixture.design->primary].has_margin = false;
    json_t *json = measure_at(&fixture, fixture.now_ms, &costs);
    const json_t *margin = result(json, "margin");
    double sum = at(margin, "mean") * at(margin, "n") + at(margin, "control_mean") * at(margin, "n_control");
    ASSERT_NEAR(sum, 29 * (.5 * 10 + .1 * 30) + .5 * 20 + .1 * 30, 1e-9);
    json_decref(json);
    fixture_close(&fixture);
}

static json_t *program_of(struct trial_fixture *fixture)
{
    struct err err;
    struct store *store;
    struct history history;
    uint32_t kind;
    const struct costs costs = { .margin = 1 };
    struct log *log = fixture->service->log;
    cr_assert(log_find(log, DICTIONARY_KIND, text_of("order"), &kind));
    const struct history_options orders = { .goal_kind = (uint16_t)kind, .as_of_ms = fixture->now_ms, .n_threads = 1 };
    const struct program_options options = {
        .since_ms = BEGIN_MS, .as_of_ms = fixture->now_ms, .costs = &costs, .alpha = .05
    };
    json_t *json;
    ASSERT_OK(history_read(log, &orders, fixture->arena, &history, &err), &err);
    ASSERT_OK(service_read(fixture->service, &store, &err), &err);
    const struct assigning where = where_of(fixture, store);
    ASSERT_OK(program_run(&where, &history, &options, fixture->arena, &json, &err), &err);
    service_read_done(fixture->service, store);
    return json;
}

/* Else nine in ten of those who are held out and gave an address would be left out of the program, and few others. */
Test(measuring, an_address_makes_nobody_mixed_and_two_people_of_different_groups_are)
{
    enum { N = 120, PAIRS = 30 };
    struct trial_fixture fixture;
    struct err err;
    size_t n_mixed = 0;
    bool is_out[N];
    fixture_open(&fixture, "program.holdfast");
    for (size_t i = 0; i < N; i++) {
        uint32_t id;
        order(&fixture, i, 10);
        say(&fixture,
            "{\"type\": \"identify\", \"messageId\": \"e%zu\", \"userId\": \"u%zu\", "
            "\"traits\": {\"email\": \"u%zu@example.org\"}}",
            i, i, i);
        const char *name = arena_format(fixture.arena, "u%zu", i);
        ASSERT_OK(service_customer(fixture.service, text_of(name), &id, &err), &err);
        const struct holdout holdout = { fixture.service->holdout_share, fixture.service->decision_salt };
        is_out[i] = holdout_place(&holdout, fixture.service->identities, id).is_held_out;
    }
    fixture.now_ms += MS_PER_DAY;
    json_t *json = program_of(&fixture), *so_far = json_object_get(json, "so_far");
    cr_assert_eq(at(so_far, "mixed"), 0);
    cr_assert_eq(at(so_far, "holdout") + at(so_far, "others"), N);
    json_decref(json);
    for (size_t i = 0; i < PAIRS; i++) {
        say(&fixture,
            "{\"type\": \"alias\", \"messageId\": \"a%zu\", \"previousId\": \"u%zu\", \"userId\": \"u%zu\"}", i,
            2 * i + 1, 2 * i);
        n_mixed += is_out[2 * i] != is_out[2 * i + 1];
    }
    json = program_of(&fixture), so_far = json_object_get(json, "so_far");
    cr_assert(n_mixed > 0);
    cr_assert_eq(at(so_far, "mixed"), n_mixed, "%g %zu", at(so_far, "mixed"), n_mixed);
    json_decref(json);
    fixture_close(&fixture);
}

Test(measuring, conditions_of_who_takes_part_are_asked_of_live_states)
{
    struct trial_fixture fixture;
    struct err err;
    struct store *store;
    struct assigned_arm a;
    fixture_open(&fixture, "who.holdfast");
    fixture.service->holdout_share = 0;
    say(&fixture,
        "{\"type\": \"identify\", \"messageId\": \"a\", \"userId\": \"ann\", \"traits\": {\"plan\": \"pro\"}}");
    say(&fixture,
        "{\"type\": \"identify\", \"messageId\": \"b\", \"userId\": \"bob\", \"traits\": {\"plan\": \"free\"}}");
    (void)ask(&fixture, "ann", false);
    struct experiment_record record = { 0, INT64_MAX };
    fixture.design->who = "plan = 'pro'";
    ASSERT_OK(service_read(fixture.service, &store, &err), &err);
    const struct assigning where = where_of(&fixture, store);
    ASSERT_OK(assignment_make(&where, fixture.design, &record, "ann", fixture.now_ms, fixture.arena, &a, &err),
              &err);
    cr_assert_eq(a.assigned.reason, ASSIGNED);
    ASSERT_OK(assignment_make(&where, fixture.design, &record, "bob", fixture.now_ms, fixture.arena, &a, &err),
              &err);
    cr_assert_eq(a.assigned.reason, NOT_ELIGIBLE);
    ASSERT_OK(assignment_make(&where, fixture.design, &record, "nobody", fixture.now_ms, fixture.arena, &a, &err),
              &err);
    cr_assert_eq(a.assigned.reason, NOT_ELIGIBLE);
    service_read_done(fixture.service, store);
    fixture_close(&fixture);
}
