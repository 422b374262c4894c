/* Everybody's states made anew while events go on: nothing that came meanwhile is missing or there twice. */
#include "base/calendar.h"
#include "engine/service_support.h"
#include "govern/erasing.h"
#include "live/live.h"
#include "live/renewal.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

enum { RENEWALS = 3, BURST = 2500, PEOPLE = 40, ORDERS = 30, FOLLOWED = 5 };

struct renewing { struct service *service; int n; atomic_bool is_done; };

static void *renew(void *context)
{
    struct renewing *renewing = context;
    struct err err;
    for (int i = 0; i < renewing->n; i++) ASSERT_OK(renewal_run(renewing->service->renewal, &err), &err);
    atomic_store(&renewing->is_done, true);
    return NULL;
}

/* One order by one of a few people, which may be another version of one that is there. */
static struct message order_of(struct arena *arena, struct rng *rng, int64_t now_ms)
{
    struct message_line *lines = ARENA_ARRAY(arena, struct message_line, 1);
    int order = (int)rng_below(rng, ORDERS);
    const char *id = arena_format(arena, "shopify:order:%d", order);
    int64_t amount_cents = 1000 + (int64_t)rng_below(rng, 100000);
    lines[0] = (struct message_line){ text_of("boot"), amount_cents, 1000 };
    return (struct message){
        .type = MESSAGE_TRACK, .kind = text_of("order"), .user_id = text_of(arena_format(arena, "u%d", order % PEOPLE)),
        .anonymous_id = text_of(id), .message_id = text_of(id), .is_version = true, .version_ms = now_ms,
        .time_ms = now_ms - (order + 1) * MS_PER_DAY, .amount_cents = amount_cents, .quantity_milli = 1000,
        .lines = lines, .n_lines = 1, .properties = text_of("{}"), .raw = text_of("{}"),
    };
}

static struct message visit_of(struct arena *arena, struct rng *rng, int64_t now_ms, int number)
{
    bool is_traits = rng_below(rng, 10) == 0;
    return (struct message){
        .type = is_traits ? MESSAGE_IDENTIFY : MESSAGE_TRACK, .kind = text_of(is_traits ? "traits" : "visit"),
        .user_id = text_of(arena_format(arena, rng_below(rng, 3) ? "u%d" : "new %d", (int)rng_below(rng, PEOPLE))),
        .message_id = text_of(arena_format(arena, "v%d", number)), .time_ms = now_ms, .raw = text_of("{}"),
        .properties = text_of(is_traits ? "{\"city\":\"Bern\"}" : "{}"),
    };
}

static struct intake some(struct arena *arena, struct rng *rng, size_t n, int64_t now_ms, int *number)
{
    struct intake intake = { .messages = ARENA_ARRAY(arena, struct message, n), .n_messages = n };
    for (size_t i = 0; i < n; i++)
        intake.messages[i] = rng_below(rng, 8) ? visit_of(arena, rng, now_ms, ++*number) : order_of(arena, rng, now_ms);
    return intake;
}

static void send(struct service *service, struct rng *rng, size_t n, int64_t now_ms, int *number)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct intake intake = some(arena, rng, n, now_ms, number);
    struct ingest_outcome outcome = service_put(service, arena, &intake);
    cr_assert_eq(outcome.err.code, ERR_NONE, "%s", outcome.err.text);
}

struct erasure { struct service *service; const char *who; };

static bool erase(struct store *store, void *context, struct err *err)
{
    const struct erasure *erasure = context;
    struct service *service = erasure->service;
    struct erased erased;
    uint32_t identity;
    return service_customer(service, text_of(erasure->who), &identity, err) &&
           erasing_erase(service->erasing, store, identity, ingest_received_ms(service->ingest), &erased, err);
}

/* Everybody's features, and how many events they are made of. */
struct seen { uint64_t n_events; size_t n_customers, n_features; const char **names; uint32_t *customers; double *rows; };

static struct seen look(struct service *service, int64_t now_ms, struct arena *arena)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    const struct feature_set *set = live_set(service->live);
    size_t n = live_n_customers(service->live), n_features = feature_set_size(set);
    struct seen seen = { live_n_events(service->live), 0, n_features, ARENA_ARRAY(arena, const char *, n_features),
                         ARENA_ARRAY(arena, uint32_t, n), ARENA_ARRAY(arena, double, n * n_features) };
    for (size_t i = 0; i < n_features; i++) seen.names[i] = arena_copy(arena, feature_at(set, i)->name);
    for (uint32_t customer = 0; (customer = live_next(service->live, customer)) != 0; seen.n_customers++) {
        seen.customers[seen.n_customers] = customer;
        cr_assert(live_row_exact(service->live, customer, now_ms, seen.rows + seen.n_customers * n_features));
    }
    (void)pthread_rwlock_unlock(&service->lock);
    return seen;
}

static bool is_near(double a, double b) { return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * fabs(b); }

/* A set that is chosen anew may have others, and counts decay from another instant on. */
static void are_same(const struct seen *a, const struct seen *b)
{
    size_t n_both = 0;
    cr_assert_eq(a->n_events, b->n_events, "of %llu events, then of %llu", (unsigned long long)a->n_events,
                 (unsigned long long)b->n_events);
    cr_assert_eq(a->n_customers, b->n_customers);
    for (size_t f = 0, g; f < a->n_features; f++) {
        for (g = 0; g < b->n_features && strcmp(a->names[f], b->names[g]) != 0;) g++;
        for (size_t c = 0; g < b->n_features && c < a->n_customers; c++) {
            double one = a->rows[c * a->n_features + f], other = b->rows[c * b->n_features + g];
            cr_assert(is_near(one, other), "%s of customer %u: %.17g, then %.17g", a->names[f], a->customers[c], one, other);
        }
        n_both += g < b->n_features;
    }
    cr_assert_gt(n_both, 20);
}

static size_t n_traits_of(struct service *service, uint32_t identity)
{
    struct live_trait *traits;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t n = live_traits(service->live, identity, arena, &traits);
    (void)pthread_rwlock_unlock(&service->lock);
    arena_free(arena);
    return n;
}

Test(renewal, what_comes_while_everybody_is_folded_anew_is_neither_missing_nor_there_twice, .timeout = 200)
{
    int64_t now_ms = INT64_C(20000) * MS_PER_DAY;
    const char *path = support_path("renewed.holdfast");
    struct err err;
    struct rng rng = rng_new(3);
    int number = 0, n_erased = 0;
    service_import(path, now_ms);
    struct service *service = service_of_test(path, &now_ms);
    struct renewing renewing = { .service = service, .n = RENEWALS };
    pthread_t thread;
    send(service, &rng, 500, now_ms, &number);
    cr_assert_eq(pthread_create(&thread, NULL, renew, &renewing), 0);
    while (!atomic_load(&renewing.is_done)) {
        now_ms += 1000;
        send(service, &rng, rng_below(&rng, 20) ? 1 + rng_below(&rng, 20) : BURST, now_ms, &number);
        struct erasure erasure = { service, n_erased == 0 ? "u1" : "u2" };
        if (n_erased < 2 && number > 500 + 20 * n_erased) {
            uint32_t identity;
            ASSERT_OK(service_customer(service, text_of(erasure.who), &identity, &err), &err);
            ASSERT_OK(ingest_run(service->ingest, erase, &erasure, &err), &err);
            cr_assert_eq(n_traits_of(service, identity), 0, "traits of somebody erased are in memory");
            n_erased++;
        }
    }
    (void)pthread_join(thread, NULL);
    cr_assert_eq(n_erased, 2, "%d messages", number);
    now_ms += 1000;
    send(service, &rng, 100, now_ms, &number);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct seen before = look(service, now_ms, arena);
    ASSERT_OK(renewal_run(service->renewal, &err), &err);       /* nothing comes: a replay and no more */
    struct seen after = look(service, now_ms, arena);
    are_same(&before, &after);
    arena_free(arena);
    service_close(service);
}

static void have_taken(void *context, const struct ingest_outcome *outcome)
{
    (void)context;
    cr_assert_eq(outcome->err.code, ERR_NONE, "%s", outcome->err.text);
}

/* The exchange finds itself behind all that waits, more than it folds itself. */
Test(renewal, what_is_followed_beside_the_writer_is_folded_as_it_came, .timeout = 100)
{
    int64_t now_ms = INT64_C(20000) * MS_PER_DAY;
    const char *path = support_path("followed.holdfast");
    struct err err;
    struct rng rng = rng_new(4);
    int number = 0;
    struct service *service = service_of_test(path, &now_ms);
    struct renewing renewing = { .service = service, .n = 1 };
    pthread_t thread;
    send(service, &rng, 500, now_ms, &number);
    cr_assert_eq(pthread_create(&thread, NULL, renew, &renewing), 0);
    for (int i = 0; i < FOLLOWED; i++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct intake intake = some(arena, &rng, BURST, now_ms + 1000, &number);
        now_ms += 1000;
        ASSERT_OK(ingest_put(service->ingest, arena, &intake, text_of("test"), have_taken, NULL, &err), &err);
    }
    (void)pthread_join(thread, NULL);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct seen before = look(service, now_ms, arena);
    ASSERT_OK(renewal_run(service->renewal, &err), &err);
    struct seen after = look(service, now_ms, arena);
    are_same(&before, &after);
    arena_free(arena);
    service_close(service);
}

Test(renewal, who_asks_with_every_group_has_asked_once_until_it_is_done)
{
    int64_t now_ms = INT64_C(20000) * MS_PER_DAY;
    struct err err;
    struct service *service = service_of_test(support_path("asked.holdfast"), &now_ms);
    uint64_t generation = live_generation(service->live);
    (void)pthread_rwlock_wrlock(&service->lock);        /* without which no renewal comes to its end */
    cr_assert(renewal_ask_if_idle(service->renewal));
    for (int i = 0; i < 3; i++) cr_assert_not(renewal_ask_if_idle(service->renewal));
    (void)pthread_rwlock_unlock(&service->lock);
    ASSERT_OK(renewal_run(service->renewal, &err), &err);
    cr_assert_leq(live_generation(service->live), generation + 2);
    cr_assert(renewal_ask_if_idle(service->renewal));
    service_close(service);
}
