/* Orders that come again with another content, as a shop's platform sends them: what was is replaced, whatever the
 * order of arrival, and a live row equals the one after a restart, which replays the log. */
#include "base/calendar.h"
#include "engine/service_support.h"
#include "live/live.h"
#include "log/correction.h"

#include <math.h>
#include <stdlib.h>

enum { ORDERS = 6, PEOPLE = 2, FEATURES_MOST = 2000 };

static const int64_t begin_ms = INT64_C(1790000000000);

/* What was said last of each order. */
struct order { bool is_sale; int64_t amount_cents, version_ms; };

static struct message version_of(struct arena *arena, int order, const struct order *said)
{
    struct message_line *lines = ARENA_ARRAY(arena, struct message_line, 2);
    char *updated = arena_alloc(arena, 21, 1);
    calendar_format_ms(said->version_ms, updated);
    lines[0] = (struct message_line){ text_of("boot"), said->amount_cents - 100, 1000 };
    lines[1] = (struct message_line){ text_of("sock"), 100, 2000 };
    const char *id = arena_format(arena, "shopify:order:%d", order);
    return (struct message){
        .type = MESSAGE_TRACK, .kind = text_of(said->is_sale ? "order" : "order_pending"),
        .user_id = text_of(arena_format(arena, "u%d", order % PEOPLE)), .anonymous_id = text_of(id),
        .message_id = text_of(id), .is_version = true, .version_ms = said->version_ms,
        .time_ms = begin_ms - (order + 1) * MS_PER_DAY, .amount_cents = said->amount_cents, .quantity_milli = 3000,
        .lines = lines, .n_lines = said->is_sale ? 2 : 0,
        .properties = text_of(arena_format(arena, "{\"updated_at\":\"%s\"}", updated)), .raw = text_of("{}"),
    };
}

/* One request of n versions; *ret_n_new: how many were news. */
static void send(struct service *service, const int *orders, const struct order *said, size_t n, size_t *ret_n_new)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct intake intake = { .messages = ARENA_ARRAY(arena, struct message, n), .n_messages = n };
    for (size_t i = 0; i < n; i++) intake.messages[i] = version_of(arena, orders[i], &said[i]);
    struct ingest_outcome outcome = service_put(service, arena, &intake);
    cr_assert_eq(outcome.err.code, ERR_NONE, "%s", outcome.err.text);
    *ret_n_new = outcome.n_accepted;
}

struct values { size_t n; const char *names[FEATURES_MOST]; double values[FEATURES_MOST]; };

static bool read_values(struct service *service, int person, int64_t as_of_ms, struct arena *arena, struct values *ret)
{
    uint32_t customer;
    struct err err;
    ret->n = 0;
    if (!service_customer(service, text_of(arena_format(arena, "u%d", person)), &customer, &err)) return false;
    (void)pthread_rwlock_rdlock(&service->lock);
    const struct feature_set *set = live_set(service->live);
    bool is_known = set && live_row_exact(service->live, customer, as_of_ms, ret->values);
    for (size_t i = 0; is_known && i < feature_set_size(set); i++)
        ret->names[ret->n++] = arena_copy(arena, feature_at(set, i)->name);
    (void)pthread_rwlock_unlock(&service->lock);
    return is_known;
}

static double value_of(const struct values *values, const char *name)
{
    for (size_t i = 0; i < values->n; i++)
        if (strcmp(values->names[i], name) == 0) return values->values[i];
    return NAN;
}

/* The features of orders are those of what was said last. */
static void check_truth(const struct values *values, int person, const struct order *orders)
{
    double n = 0, sum = 0, most = 0;
    for (int i = person; i < ORDERS; i += PEOPLE) {
        if (!orders[i].is_sale) continue;
        n++, sum += (double)orders[i].amount_cents / 100;
        most = fmax(most, (double)orders[i].amount_cents / 100);
    }
    cr_assert_eq(value_of(values, "order_count"), n, "%g orders of %g", value_of(values, "order_count"), n);
    cr_assert_float_eq(value_of(values, "order_amount_sum"), sum, 1e-6, "%g of %g", value_of(values, "order_amount_sum"),
                       sum);
    if (n > 0) cr_assert_eq(value_of(values, "order_amount_max"), most);
}

/* Every feature that both know has the same bits. */
static void check_same(const struct values *a, const struct values *b)
{
    size_t n_both = 0;
    for (size_t i = 0; i < a->n; i++) {
        double other = value_of(b, a->names[i]);
        for (size_t k = 0; k < b->n; k++) n_both += strcmp(b->names[k], a->names[i]) == 0;
        cr_assert(memcmp(&other, &a->values[i], sizeof other) == 0 || (isnan(other) && isnan(a->values[i])),
                  "%s: %.17g, then %.17g", a->names[i], a->values[i], other);
    }
    cr_assert_gt(n_both, 10);
}

static void check(struct service **service, const char *path, int64_t *now_ms, const struct order *orders)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    static struct values before[PEOPLE], after;
    struct err err;
    ASSERT_OK(service_reload(*service, &err), &err);
    for (int p = 0; p < PEOPLE; p++) cr_assert(read_values(*service, p, *now_ms, arena, &before[p]));
    service_close(*service);
    *service = service_of_test(path, now_ms);
    for (int p = 0; p < PEOPLE; p++) {
        check_truth(&before[p], p, orders);
        cr_assert(read_values(*service, p, *now_ms, arena, &after));
        check_same(&before[p], &after);
    }
    arena_free(arena);
}

static void check_live(struct service *service, int64_t now_ms, const struct order *orders)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    static struct values values;
    for (int p = 0; p < PEOPLE; p++)
        if (read_values(service, p, now_ms, arena, &values) && !isnan(value_of(&values, "order_count")))
            check_truth(&values, p, orders);
    arena_free(arena);
}

Test(order_version, the_newest_content_of_an_order_holds_live_and_after_a_restart)
{
    EACH_CASE(c, 2) {
        const char *path = support_path(c.index ? "versions1.holdfast" : "versions0.holdfast");
        int64_t now_ms = begin_ms;
        struct order orders[ORDERS] = { { false, 0, 0 } };
        struct service *service = service_of_test(path, &now_ms);
        int all[ORDERS] = { 0, 1, 2, 3, 4, 5 };
        size_t n_new;
        for (int i = 0; i < ORDERS; i++) orders[i] = (struct order){ true, 1000 * (i + 1), now_ms };
        send(service, all, orders, ORDERS, &n_new);
        cr_assert_eq(n_new, ORDERS);
        check(&service, path, &now_ms, orders);
        for (int step = 0; step < 25; step++) {
            int which[3];
            struct order said[3];
            size_t n = 1 + rng_below(&c.rng, 3);
            now_ms += 60000;
            for (size_t i = 0; i < n; i++) {
                which[i] = (int)rng_below(&c.rng, ORDERS);
                bool is_late = rng_below(&c.rng, 4) == 0;
                said[i] = (struct order){ rng_below(&c.rng, 5) > 0, 1000 + 500 * (int64_t)rng_below(&c.rng, 4),
                                          is_late ? begin_ms - 60000 : now_ms + (int64_t)i * 1000 };
                if (!is_late) orders[which[i]] = said[i];
            }
            send(service, which, said, n, &n_new);
            check_live(service, now_ms + 10000, orders);
        }
        now_ms += MS_PER_DAY;
        check(&service, path, &now_ms, orders);
        service_close(service);
    }
}

Test(order_version, the_same_content_again_is_no_news_and_an_earlier_one_again_is)
{
    int64_t now_ms = begin_ms;
    struct service *service = service_of_test(support_path("again.holdfast"), &now_ms);
    const int order = 1;
    const struct { int64_t amount_cents, version_ms; size_t n_new; } steps[] = {
        { 5000, 0, 1 }, { 5000, 60000, 0 }, { 2000, 120000, 1 }, { 5000, 180000, 1 }, { 5000, 240000, 0 },
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct order said = { true, steps[i].amount_cents, begin_ms + steps[i].version_ms };
        size_t n_new;
        send(service, &order, &said, 1, &n_new);
        cr_assert_eq(n_new, steps[i].n_new, "step %zu", i);
    }
    service_close(service);
}
