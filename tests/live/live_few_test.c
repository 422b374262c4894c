/* The first events of an identity as few bytes: the state made from them is that of the events themselves. */
#include "live/live_internal.h"
#include "feature/feature_support.h"
#include "base/calendar.h"

#include <stdlib.h>

enum { END_DAY = 15600 };

/* Events as files and clients have them: to the day, the minute, the second or the millisecond. */
static size_t draw(struct diary *diary, struct rng *rng, struct fold_event *events, size_t n)
{
    static const int64_t units_ms[] = { MS_PER_DAY, 60000, 1000, 1 };
    int64_t unit_ms = units_ms[rng_below(rng, 4)], n_days = 1 + (int64_t)rng_below(rng, 900);
    for (size_t i = 0; i < n; i++) {
        struct noted noted = diary_random(diary, rng, 1, END_DAY * MS_PER_DAY, n_days, true);
        if (rng_below(rng, 60) == 0) unit_ms = 1;
        noted.time_ms -= noted.time_ms % unit_ms;
        events[i] = diary_fold_event(diary, &noted);
    }
    return n;
}

Test(live_few, the_state_of_kept_events_is_that_of_the_events)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    struct fold_state *state = fold_new(set);
    size_t most = fold_packed_most(set), n_events = 0;
    unsigned char *straight = malloc(most), *kept = malloc(most);
    EACH_CASE(c, 200) {
        struct fold_event events[FEW_EVENTS_MOST], again[FEW_EVENTS_MOST];
        struct few few = { 0 };
        size_t n = draw(&diary, &c.rng, events, rng_below(&c.rng, FEW_EVENTS_MOST + 1)), n_kept = 0;
        while (n_kept < n && few_add(&few, &events[n_kept], feature_set_parts_of(set, events[n_kept].kind))) {
            n_kept++;
            unsigned char bytes[FEW_BYTES_MOST + FEW_BEYOND];
            memcpy(bytes, few.bytes, few.n_bytes);
            if (rng_below(&c.rng, 4) == 0) few_load(&few, bytes, n_kept);
        }
        cr_assert_eq(few.n, n_kept);
        (void)few_events(few.bytes, few.n, again);
        fold_begin(state);
        fold_update(state, events, n_kept);
        size_t n_bytes = fold_pack(state, straight);
        fold_begin(state);
        fold_update(state, again, n_kept);
        cr_assert_eq(fold_pack(state, kept), n_bytes, "seed %llu", (unsigned long long)support_seed());
        cr_assert(memcmp(straight, kept, n_bytes) == 0, "seed %llu", (unsigned long long)support_seed());
        n_events += n_kept;
    }
    cr_assert_gt(n_events, 5000);
    free(straight);
    free(kept);
    fold_free(state);
    diary_close(&diary);
}

static struct fold_event any_event(struct rng *rng)
{
    static const char properties[] = "{\"age\": 42, \"plan\": \"gold\", \"note\": \"...\"}";
    bool is_far = rng_below(rng, 10) == 0;
    int64_t time_ms = is_far ? support_between(rng, INT64_MIN / 200, INT64_MAX / 200)
                             : support_between(rng, -1000000, 1000000);
    struct fold_event event = { .time_ms = time_ms, .known_ms = time_ms, .properties = { "", 0 },
                                .kind = (uint16_t)(rng_below(rng, 3) ? rng_below(rng, 3) : rng_below(rng, 65536)) };
    if (rng_below(rng, 2)) event.known_ms += support_between(rng, 0, 1000000);
    if (rng_below(rng, 2)) event.amount_cents = support_between(rng, INT64_MIN / 2, INT64_MAX / 2);
    if (rng_below(rng, 2)) event.quantity_milli = support_between(rng, -5000, 5000);
    if (rng_below(rng, 2)) event.item_hash = rng_below(rng, 4) ? rng_uint64(rng) : rng_below(rng, 0x10000);
    if (rng_below(rng, 3) == 0) event.properties = (struct text){ properties, rng_below(rng, sizeof properties) };
    return event;
}

/* What is left of an event of which only some parts are kept. */
static struct fold_event reduced(struct fold_event event, unsigned parts)
{
    if (!(parts & PART_KNOWN)) event.known_ms = event.time_ms;
    if (!(parts & PART_AMOUNT)) event.amount_cents = 0;
    if (!(parts & PART_QUANTITY)) event.quantity_milli = 0;
    if (!(parts & PART_ITEM)) event.item_hash = parts & PART_ITEM_SHORT ? item_hash_short(event.item_hash) : 0;
    if (!(parts & PART_PROPERTIES)) event.properties = (struct text){ "", 0 };
    return event;
}

/* However many kinds there are, and wherever in time, also after the unit of times has changed. */
Test(live_few, the_parts_that_are_kept_are_given_back)
{
    EACH_CASE(c, 400) {
        struct fold_event events[FEW_EVENTS_MOST], again[FEW_EVENTS_MOST];
        struct few few = { 0 };
        unsigned parts = rng_below(&c.rng, 2) ? PARTS_ALL : (unsigned)rng_below(&c.rng, PARTS_ALL + 1);
        size_t n = 0;
        for (;; n++) {
            struct fold_event event = any_event(&c.rng);
            if (!few_add(&few, &event, parts)) break;
            events[n] = reduced(event, parts);
        }
        cr_assert(n > 0 && n <= FEW_EVENTS_MOST);
        cr_assert_eq(few_events(few.bytes, n, again), few.bytes + few.n_bytes);
        for (size_t i = 0; i < n; i++)
            cr_assert(again[i].time_ms == events[i].time_ms && again[i].kind == events[i].kind &&
                      again[i].known_ms == events[i].known_ms && again[i].amount_cents == events[i].amount_cents &&
                      again[i].quantity_milli == events[i].quantity_milli &&
                      again[i].item_hash == events[i].item_hash &&
                      text_equal(again[i].properties, events[i].properties), "event %zu, parts %u, seed %llu", i,
                      parts, (unsigned long long)support_seed());
    }
}

/* The state of one operator, as bytes. */
static size_t state_of(const struct operator_use *use, const struct fold_event *events, size_t n, bool is_reduced,
                       unsigned char *ret_bytes)
{
    size_t n_bytes = use->operator->state_bytes * (use->traits ? use->n_traits : 1);
    void *state = calloc(1, n_bytes);
    for (size_t i = 0; i < n; i++) {
        struct fold_event event = is_reduced ? reduced(events[i], use->operator->parts) : events[i];
        use->operator->update(state, &event, use);
    }
    if (use->operator->pack) n_bytes = (size_t)(use->operator->pack(state, ret_bytes) - ret_bytes);
    else memcpy(ret_bytes, state, n_bytes);
    if (use->operator->clear) use->operator->clear(state, true);
    free(state);
    return n_bytes;
}

/* One that looks at more than it says would lose it between a start and the next. */
Test(live_few, each_operator_looks_at_no_part_of_an_event_but_those_it_names)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    size_t most = fold_packed_most(set) + set->state_bytes;
    unsigned char *whole = malloc(most), *less = malloc(most);
    EACH_CASE(c, 50) {
        struct fold_event events[40];
        for (size_t i = 0; i < 40; i++) {
            struct noted noted = diary_random(&diary, &c.rng, 1, END_DAY * MS_PER_DAY, 400, true);
            events[i] = diary_fold_event(&diary, &noted);
            events[i].item_hash = rng_uint64(&c.rng);
            if (rng_below(&c.rng, 2)) events[i].properties = text_of("{\"age\": 42, \"plan\": \"gold\"}");
        }
        for (size_t u = 0; u < set->n_uses; u++) {
            const struct operator_use *use = &set->uses[u];
            size_t n_bytes = state_of(use, events, 40, false, whole);
            cr_assert_eq(state_of(use, events, 40, true, less), n_bytes, "%s", use->operator->name);
            cr_assert(memcmp(whole, less, n_bytes) == 0, "%s", use->operator->name);
        }
    }
    free(whole);
    free(less);
    diary_close(&diary);
}

/* A shop's history to the second: visits of a few pages every few days, an order at the end of some. */
Test(live_few, an_event_of_a_shop_takes_four_bytes)
{
    struct rng rng = rng_new(support_seed());
    struct few few = { 0 };
    int64_t time_ms = END_DAY * MS_PER_DAY;
    enum { VISIT = 1, PAGE, ORDER, SHOP_PARTS = PART_AMOUNT | PART_QUANTITY | PART_ITEM_SHORT };
    while (few.n < 100) {
        time_ms += support_between(&rng, 1, 10 * 86400) * 1000;
        cr_assert(few_add(&few, &(struct fold_event){ .time_ms = time_ms, .kind = VISIT }, SHOP_PARTS));
        for (uint64_t pages = rng_below(&rng, 4); pages > 0; pages--) {
            time_ms += support_between(&rng, 1, 120) * 1000;
            cr_assert(few_add(&few, &(struct fold_event){ .time_ms = time_ms, .kind = PAGE,
                                                          .item_hash = rng_uint64(&rng) }, SHOP_PARTS));
        }
        if (rng_below(&rng, 3)) continue;
        cr_assert(few_add(&few, &(struct fold_event){ .time_ms = time_ms, .kind = ORDER, .amount_cents = 3999,
                                                      .item_hash = rng_uint64(&rng) }, SHOP_PARTS));
    }
    cr_assert_leq(few.n_bytes, 4 * few.n + 20);
}
