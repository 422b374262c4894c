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

static bool has_traits(const struct diary *diary, const struct fold_event *event)
{
    return text_equal(log_name(diary->log, DICTIONARY_KIND, event->kind), text_of("traits"));
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
        while (n_kept < n && few_add(&few, &events[n_kept], has_traits(&diary, &events[n_kept]))) {
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

/* However many kinds there are, and wherever in time. */
Test(live_few, whatever_is_kept_is_given_back)
{
    EACH_CASE(c, 200) {
        struct fold_event events[FEW_EVENTS_MOST], again[FEW_EVENTS_MOST];
        struct few few = { 0 };
        size_t n = 0;
        for (;; n++) {
            bool is_far = rng_below(&c.rng, 10) == 0;
            int64_t time_ms = is_far ? support_between(&c.rng, INT64_MIN / 200, INT64_MAX / 200)
                                     : support_between(&c.rng, -1000000, 1000000);
            struct fold_event event = { .time_ms = time_ms, .known_ms = time_ms, .properties = { "", 0 },
                                        .kind = (uint16_t)(rng_below(&c.rng, 3) ? rng_below(&c.rng, 3)
                                                                                : rng_below(&c.rng, 65536)) };
            if (rng_below(&c.rng, 2)) event.amount_cents = support_between(&c.rng, INT64_MIN / 2, INT64_MAX / 2);
            if (rng_below(&c.rng, 2)) event.quantity_milli = support_between(&c.rng, -5000, 5000);
            if (rng_below(&c.rng, 2)) event.item_hash = rng_uint64(&c.rng);
            if (!few_add(&few, &event, false)) break;
            events[n] = event;
        }
        cr_assert(n > 0 && n <= FEW_EVENTS_MOST);
        cr_assert_eq(few_events(few.bytes, n, again), few.bytes + few.n_bytes);
        for (size_t i = 0; i < n; i++)
            cr_assert(again[i].time_ms == events[i].time_ms && again[i].kind == events[i].kind &&
                      again[i].amount_cents == events[i].amount_cents &&
                      again[i].quantity_milli == events[i].quantity_milli &&
                      again[i].item_hash == item_hash_short(events[i].item_hash), "event %zu, seed %llu", i,
                      (unsigned long long)support_seed());
    }
}

/* A shop's history to the second: visits of a few pages every few days, an order at the end of some. */
Test(live_few, an_event_of_a_shop_takes_four_bytes)
{
    struct rng rng = rng_new(support_seed());
    struct few few = { 0 };
    int64_t time_ms = END_DAY * MS_PER_DAY;
    enum { VISIT = 1, PAGE, ORDER };
    while (few.n < 100) {
        time_ms += support_between(&rng, 1, 10 * 86400) * 1000;
        cr_assert(few_add(&few, &(struct fold_event){ .time_ms = time_ms, .kind = VISIT }, false));
        for (uint64_t pages = rng_below(&rng, 4); pages > 0; pages--) {
            time_ms += support_between(&rng, 1, 120) * 1000;
            cr_assert(few_add(&few, &(struct fold_event){ .time_ms = time_ms, .kind = PAGE,
                                                          .item_hash = rng_uint64(&rng) }, false));
        }
        if (rng_below(&rng, 3)) continue;
        cr_assert(few_add(&few, &(struct fold_event){ .time_ms = time_ms, .kind = ORDER, .amount_cents = 3999,
                                                      .item_hash = rng_uint64(&rng) }, false));
    }
    cr_assert_leq(few.n_bytes, 4 * few.n + 20);
}
