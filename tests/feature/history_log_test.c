/* Reading order histories from the log: equal to those from arrays, as of an instant, for any
 * number of threads. */
#include "support.h"

#include "feature/history.h"

enum { N_EVENTS = 1000, GOAL = 1, REFUND = 2 };

struct shop {
    uint32_t identity[N_EVENTS];
    uint16_t kind[N_EVENTS];
    int64_t  time_ms[N_EVENTS], received_ms[N_EVENTS], cents[N_EVENTS];
    uint64_t hash[N_EVENTS];
};

static void intern(struct log *log, enum dictionary dictionary, const char *text, uint32_t want)
{
    uint32_t index;
    struct err err;
    ASSERT_OK(log_intern(log, dictionary, text_of(text), &index, &err), &err);
    cr_assert_eq(index, want);
}

/* Orders, refunds and visits of 200 customers and of nobody, some received late. */
static void fill(struct shop *shop, struct rng *rng)
{
    for (int i = 0; i < N_EVENTS; i++) {
        shop->identity[i] = (uint32_t)rng_below(rng, 201);
        shop->kind[i] = (uint16_t)(1 + rng_below(rng, 3));
        shop->time_ms[i] = support_between(rng, 0, 300 * MS_PER_DAY);
        shop->received_ms[i] =
            shop->time_ms[i] + (rng_below(rng, 4) ? 0 : support_between(rng, 0, 90 * MS_PER_DAY));
        shop->cents[i] = support_between(rng, 1, 9999) * (shop->kind[i] == REFUND ? -1 : 1);
        shop->hash[i] = (uint64_t)i;
    }
}

static void append(struct log *log, struct store *store, struct shop *shop)
{
    char name[16];
    struct err err;
    intern(log, DICTIONARY_KIND, "order", GOAL);
    intern(log, DICTIONARY_KIND, "refund", REFUND);
    intern(log, DICTIONARY_KIND, "visit", 3);
    for (uint32_t i = 1; i <= 200; i++) {
        snprintf(name, sizeof name, "customer %u", i);
        intern(log, DICTIONARY_IDENTITY, name, i);
    }
    struct events events = { .n = N_EVENTS, .received_ms = shop->received_ms, .time_ms = shop->time_ms,
                             .identity = shop->identity, .kind = shop->kind, .amount_cents = shop->cents,
                             .message_hash = shop->hash };
    ASSERT_OK(store_begin(store, &err), &err);
    ASSERT_OK(log_append(log, &events, &err), &err);
    ASSERT_OK(store_commit(store, &err), &err);
}

static struct history wanted(const struct shop *shop, int64_t as_of_ms, struct arena *arena)
{
    uint32_t identity[N_EVENTS];
    int32_t day[N_EVENTS];
    int64_t cents[N_EVENTS];
    size_t n = 0;
    for (int i = 0; i < N_EVENTS; i++) {
        if (shop->kind[i] == 3 || shop->time_ms[i] >= as_of_ms || shop->received_ms[i] >= as_of_ms) continue;
        identity[n] = shop->identity[i];
        day[n] = (int32_t)calendar_day_of_ms(shop->time_ms[i]);
        cents[n++] = shop->cents[i];
    }
    struct history history;
    history_build(identity, day, cents, n, arena, &history);
    return history;
}

static void expect_equal(const struct history *a, const struct history *b)
{
    cr_assert_eq(a->n_customers, b->n_customers);
    size_t n = a->first[a->n_customers];
    cr_assert_eq(n, b->first[b->n_customers]);
    cr_assert_eq(memcmp(a->identity, b->identity, a->n_customers * sizeof *a->identity), 0);
    cr_assert_eq(memcmp(a->first, b->first, a->n_customers * sizeof *a->first), 0);
    cr_assert_eq(memcmp(a->day, b->day, n * sizeof *a->day), 0);
    cr_assert_eq(memcmp(a->orders, b->orders, n * sizeof *a->orders), 0);
    cr_assert_eq(memcmp(a->amount_cents, b->amount_cents, n * sizeof *a->amount_cents), 0);
    cr_assert_eq(a->first_day, b->first_day);
    cr_assert_eq(a->last_day, b->last_day);
    cr_assert_eq(a->refunded_cents, b->refunded_cents);
    cr_assert_eq(a->refund_left_cents, b->refund_left_cents);
}

Test(history_log, what_is_read_as_of_an_instant_is_what_had_happened_and_arrived_whatever_the_threads)
{
    static struct shop shop;
    struct rng rng = rng_new(11);
    struct store *store;
    struct log *log;
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    fill(&shop, &rng);
    ASSERT_OK(store_open(support_path("shop.holdfast"), STORE_CREATE, &store, &err), &err);
    ASSERT_OK(log_open(store, &log, &err), &err);
    append(log, store, &shop);
    static const int64_t days[] = { 0, 100, 1000 };
    for (int i = 0; i < 3; i++) {
        struct history want = wanted(&shop, days[i] * MS_PER_DAY, arena), got;
        for (unsigned n_threads = 1; n_threads <= 4; n_threads += 3) {
            struct history_options options = { .goal_kind = GOAL, .refund_kind = REFUND, .as_of_ms = days[i] * MS_PER_DAY,
                                               .n_threads = n_threads };
            ASSERT_OK(history_read(log, &options, arena, &got, &err), &err);
            expect_equal(&got, &want);
        }
    }
    size_t customer;
    struct history all;
    const struct history_options at_last = { .goal_kind = GOAL, .refund_kind = REFUND, .as_of_ms = INT64_MAX,
                                             .n_threads = 2 };
    ASSERT_OK(history_read(log, &at_last, arena, &all, &err), &err);
    for (size_t i = 0; i < all.n_customers; i++)
        cr_assert(history_find(&all, all.identity[i], &customer) && customer == i);
    cr_assert(!history_find(&all, 0, &customer));
    cr_assert(!history_find(&all, 5000, &customer));
    log_close(log);
    store_close(store);
    arena_free(arena);
}
