/* The fold: every operator against its definition, whatever the order of arrival, chunking and merging. */
#include "feature/feature_support.h"
#include "base/calendar.h"

#include <stdlib.h>
#include <string.h>

enum { END_DAY = 15600 };

static int compare_known(const void *a_pointer, const void *b_pointer)
{
    const struct fold_event *a = a_pointer, *b = b_pointer;
    return a->known_ms < b->known_ms ? -1 : a->known_ms > b->known_ms;
}

/* One customer's random events, in order of known_ms. */
static size_t draw(struct diary *diary, struct rng *rng, struct noted *noted, struct fold_event *events,
                   size_t n, int64_t n_days)
{
    for (size_t i = 0; i < n; i++) {
        noted[i] = diary_random(diary, rng, 1, END_DAY * MS_PER_DAY, n_days, true);
        noted[i].received_ms += noted[i].received_ms % 1000 ? 0 : (int64_t)i;       /* no ties */
        events[i] = diary_fold_event(diary, &noted[i]);
    }
    qsort(events, n, sizeof *events, compare_known);
    return n;
}

static float *read_row(struct diary *diary, const struct fold_state *state, const struct feature_set *set,
                       int64_t as_of_ms)
{
    float *row = ARENA_ARRAY(diary->arena, float, feature_set_size(set));
    struct fold_moment moment = fold_moment_at(set, as_of_ms);
    fold_read(state, &moment, row);
    return row;
}

static void assert_rows_close(const struct feature_set *set, const float *a, const float *b, double tolerance)
{
    for (size_t i = 0; i < feature_set_size(set); i++)
        cr_assert(is_close((double)a[i], (double)b[i], tolerance), "%s: %.9g and %.9g (seed %llu)",
                  set->names[i], (double)a[i], (double)b[i], (unsigned long long)support_seed());
}

Test(fold, every_operator_equals_its_definition)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    struct fold_state *state = fold_new(set);
    EACH_CASE(c, 60) {
        struct noted noted[300];
        struct fold_event events[300];
        size_t n = draw(&diary, &c.rng, noted, events, rng_below(&c.rng, 300),
                        1 + (int64_t)rng_below(&c.rng, 900));
        int64_t as_of_ms = END_DAY * MS_PER_DAY - support_between(&c.rng, -30, 100) * MS_PER_DAY / 3;
        size_t n_known = 0;
        while (n_known < n && events[n_known].known_ms < as_of_ms) n_known++;
        fold_begin(state);
        fold_update(state, events, n_known);
        float *row = read_row(&diary, state, set, as_of_ms);
        for (size_t i = 0; i < feature_set_size(set); i++) {
            double slow = slow_feature(set, i, noted, n, diary_customer(&diary, 1), as_of_ms);
            cr_assert(is_close((double)row[i], slow, 2e-6),
                      "%s is %.9g, by its definition %.9g (seed %llu)", set->names[i], (double)row[i],
                      slow, (unsigned long long)support_seed());
        }
    }
    fold_free(state);
    diary_close(&diary);
}

Test(fold, any_chunking_gives_bit_equal_features)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    EACH_CASE(c, 40) {
        struct noted noted[200];
        struct fold_event events[200];
        size_t n = draw(&diary, &c.rng, noted, events, 200, 700), size = feature_set_size(set) * sizeof(float);
        struct fold_state *whole = fold_new(set), *parts = fold_new(set);
        fold_update(whole, events, n);
        for (size_t from = 0, step; from < n; from += step) {
            step = 1 + rng_below(&c.rng, n - from);
            fold_update(parts, events + from, step);
        }
        cr_assert(memcmp(read_row(&diary, whole, set, END_DAY * MS_PER_DAY),
                         read_row(&diary, parts, set, END_DAY * MS_PER_DAY), size) == 0, "seed %llu",
                         (unsigned long long)support_seed());
        fold_free(whole);
        fold_free(parts);
    }
    diary_close(&diary);
}

/* Packed and unpacked anywhere between events, as live states are, and merged from there. */
Test(fold, a_packed_state_is_the_same_state)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    struct fold_state *straight = fold_new(set), *packed = fold_new(set), *sum = fold_new(set), *other = fold_new(set);
    unsigned char *bytes = malloc(fold_packed_most(set) + 8);
    EACH_CASE(c, 60) {
        struct noted noted[200];
        struct fold_event events[200];
        int64_t n_days = 1 + (int64_t)rng_below(&c.rng, 2000);
        size_t n = draw(&diary, &c.rng, noted, events, rng_below(&c.rng, 200), n_days);
        size_t size = feature_set_size(set) * sizeof(float);
        fold_begin(straight);
        fold_begin(packed);
        fold_update(straight, events, n);
        for (size_t i = 0; i < n; i++) {
            fold_update(packed, &events[i], 1);
            if (rng_below(&c.rng, 2)) continue;
            size_t n_bytes = fold_pack(packed, bytes);
            cr_assert_leq(n_bytes, fold_packed_most(set));
            fold_unpack(rng_below(&c.rng, 2) ? packed : other, bytes);
            fold_unpack(packed, bytes);
        }
        cr_assert(memcmp(read_row(&diary, straight, set, END_DAY * MS_PER_DAY),
                         read_row(&diary, packed, set, END_DAY * MS_PER_DAY), size) == 0, "seed %llu",
                  (unsigned long long)support_seed());
        fold_merge(sum, straight);
        float *merged = read_row(&diary, sum, set, END_DAY * MS_PER_DAY);
        (void)fold_pack(sum, bytes);
        fold_unpack(sum, bytes);
        cr_assert(memcmp(merged, read_row(&diary, sum, set, END_DAY * MS_PER_DAY), size) == 0, "seed %llu",
                  (unsigned long long)support_seed());
    }
    fold_free(straight), fold_free(packed), fold_free(sum), fold_free(other);
    free(bytes);
    diary_close(&diary);
}

/* Every other day for 200 days: a packed state keeps a byte for each. */
Test(fold, a_day_takes_a_byte_of_a_packed_state)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    struct fold_state *state = fold_new(set);
    struct noted noted = { .time_ms = (END_DAY - 300) * MS_PER_DAY, .identity = diary_customer(&diary, 1),
                           .kind = "view", .item = "", .properties = "" };
    struct fold_event event = diary_fold_event(&diary, &noted);
    unsigned char *bytes = malloc(fold_packed_most(set));
    fold_update(state, &event, 1);
    size_t n_first = fold_pack(state, bytes), n_uses = 2;       /* of the kind, and of all events */
    for (int day = 0; day < 100; day++) {
        event.time_ms += 2 * MS_PER_DAY;
        fold_update(state, &event, 1);
    }
    cr_assert_leq(fold_pack(state, bytes), n_first + n_uses * (100 + 20));
    fold_free(state);
    free(bytes);
    diary_close(&diary);
}

/* Traits are the exception: what was received last counts. */
Test(fold, the_order_of_arrival_does_not_matter)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    EACH_CASE(c, 40) {
        struct noted noted[200];
        struct fold_event events[200];
        size_t n = draw(&diary, &c.rng, noted, events, 200, 360), kept = 0;
        for (size_t i = 0; i < n; i++) if (!events[i].properties.length) events[kept++] = events[i];
        struct fold_state *straight = fold_new(set), *shuffled = fold_new(set);
        fold_update(straight, events, kept);
        for (size_t i = kept; i > 1; i--) {
            size_t other = rng_below(&c.rng, i);
            struct fold_event swap = events[i - 1];
            events[i - 1] = events[other], events[other] = swap;
        }
        fold_update(shuffled, events, kept);
        assert_rows_close(set, read_row(&diary, straight, set, END_DAY * MS_PER_DAY),
                          read_row(&diary, shuffled, set, END_DAY * MS_PER_DAY), 2e-7);
        fold_free(straight);
        fold_free(shuffled);
    }
    diary_close(&diary);
}

static void assert_merges(struct diary *diary, const struct feature_set *set, struct rng *rng,
                          int64_t n_days, bool is_disjoint)
{
    struct noted noted[240];
    struct fold_event events[240];
    size_t n = draw(diary, rng, noted, events, rng_below(rng, 240), n_days), split = rng_below(rng, n + 1);
    struct fold_state *whole = fold_new(set), *a = fold_new(set), *b = fold_new(set);
    fold_update(whole, events, n);
    for (size_t i = 0; i < n; i++)
        fold_update(is_disjoint ? (i < split ? a : b) : rng_below(rng, 2) ? a : b, &events[i], 1);
    if (rng_below(rng, 2)) { struct fold_state *swap = a; a = b, b = swap; }
    fold_merge(a, b);
    assert_rows_close(set, read_row(diary, whole, set, END_DAY * MS_PER_DAY),
                      read_row(diary, a, set, END_DAY * MS_PER_DAY), 1e-6);
    fold_free(whole);
    fold_free(a);
    fold_free(b);
}

Test(fold, merging_two_states_equals_folding_both)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    EACH_CASE(c, 60) assert_merges(&diary, set, &c.rng, 1 + (int64_t)rng_below(&c.rng, 320), false);
    diary_close(&diary);
}

/* Both longer than the list of days, and on the same days: two devices of years. */
Test(fold, merging_two_long_histories_of_the_same_days_is_exact)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    EACH_CASE(c, 60) assert_merges(&diary, set, &c.rng, 400 + (int64_t)rng_below(&c.rng, 1200), false);
    diary_close(&diary);
}

/* Days that come years late, among others and between them, are days like others, packed on the way or not. */
Test(fold, what_comes_years_late_counts_as_if_it_had_come_in_time)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    size_t most = fold_packed_most(set) + 8;
    EACH_CASE(c, 30) {
        struct noted noted[150];
        struct fold_event events[150];
        struct fold_state *in_time = fold_new(set), *late = fold_new(set);
        unsigned char *bytes = malloc(most);
        for (size_t i = 0; i < 150; i++) {
            do noted[i] = diary_random(&diary, &c.rng, 1, END_DAY * MS_PER_DAY, 2000, false);
            while (strcmp(noted[i].kind, "traits") == 0);
            events[i] = diary_fold_event(&diary, &noted[i]);
        }
        for (size_t i = 0; i < 150; i++) {      /* in any order */
            fold_update(late, &events[i], 1);
            if (rng_below(&c.rng, 20) > 0) continue;
            cr_assert_leq(fold_pack(late, bytes), most);
            fold_begin(late);
            fold_unpack(late, bytes);
        }
        qsort(events, 150, sizeof *events, compare_known);
        fold_update(in_time, events, 150);
        assert_rows_close(set, read_row(&diary, in_time, set, END_DAY * MS_PER_DAY),
                          read_row(&diary, late, set, END_DAY * MS_PER_DAY), 1e-6);
        fold_free(in_time);
        fold_free(late);
        free(bytes);
    }
    diary_close(&diary);
}

/* Longer than the list of days, one state's history after the other's: a visitor who became a customer. */
static void no_lateness(struct noted *noted) { noted->received_ms = noted->time_ms; }

Test(fold, merging_a_long_history_with_a_later_one_is_exact)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    EACH_CASE(c, 60) {
        struct noted noted[150];
        struct fold_event events[150];
        for (size_t i = 0; i < 150; i++) {
            noted[i] = diary_random(&diary, &c.rng, 1, END_DAY * MS_PER_DAY, 1500, false);
            no_lateness(&noted[i]);
            events[i] = diary_fold_event(&diary, &noted[i]);
        }
        qsort(events, 150, sizeof *events, compare_known);
        size_t split = 1 + rng_below(&c.rng, 148);
        while (split < 149 &&
               calendar_day_of_ms(events[split].time_ms) == calendar_day_of_ms(events[split - 1].time_ms))
            split++;
        struct fold_state *whole = fold_new(set), *early = fold_new(set), *late = fold_new(set);
        fold_update(whole, events, 150);
        fold_update(early, events, split);
        fold_update(late, events + split, 150 - split);
        bool is_early_first = rng_below(&c.rng, 2);
        fold_merge(is_early_first ? early : late, is_early_first ? late : early);
        assert_rows_close(set, read_row(&diary, whole, set, END_DAY * MS_PER_DAY),
                          read_row(&diary, is_early_first ? early : late, set, END_DAY * MS_PER_DAY), 1e-6);
        fold_free(whole);
        fold_free(early);
        fold_free(late);
    }
    diary_close(&diary);
}

Test(fold, decay_factors_equal_exp2_to_the_last_digits)
{
    struct decay_table *table = calloc(1, sizeof *table);
    decay_table_fill(table, 15000);
    EACH_CASE(c, 3000) {
        int64_t time_ms = 15000 * MS_PER_DAY + support_between(&c.rng, -3000 * MS_PER_DAY, 3000 * MS_PER_DAY);
        double factor[DECAYS];
        decay_factors(table, time_ms, factor);
        for (int h = 0; h < DECAYS; h++) {
            double exact = exp2((double)(time_ms - table->landmark_ms) / (double)MS_PER_DAY / decay_days[h]);
            cr_assert(fabs(factor[h] / exact - 1) < 1e-13, "%.17g, exactly %.17g", factor[h], exact);
        }
    }
    free(table);
}

Test(fold, an_event_of_a_kind_made_after_the_set_only_counts_among_all_events)
{
    struct diary diary = diary_open();
    struct feature_set *set = diary_full_set(&diary);
    struct noted noted = { .kind = "brand new", .item = "", .properties = "", .time_ms = 15000 * MS_PER_DAY,
                           .received_ms = 15000 * MS_PER_DAY, .identity = diary_customer(&diary, 1) };
    diary_append(&diary, &noted, 1);
    struct fold_event event = diary_fold_event(&diary, &noted);
    struct fold_state *state = fold_new(set);
    fold_update(state, &event, 1);
    float *row = read_row(&diary, state, set, 15001 * MS_PER_DAY);
    size_t orders, events;
    cr_assert(feature_find(set, "order_count", &orders) && feature_find(set, "event_count", &events));
    cr_assert_eq(row[orders], 0);
    cr_assert_eq(row[events], 1);
    fold_free(state);
    diary_close(&diary);
}
