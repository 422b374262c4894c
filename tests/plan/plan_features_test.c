/* plan_features_test.c - what past people say of today's. */
#include "plan/plan_features.h"
#include "feature/feature_support.h"

#include "base/rng.h"

#include <string.h>

enum { PAST = 3000, TODAY = 1000, ORDERS = 40 };

struct shop {
    struct diary          diary;
    struct feature_set   *set;
    struct plan_features *features;
    size_t                recency, width, raw_width;
    float                *past, *today;     /* as filled */
};

static struct shop shop_open(void)
{
    struct err err;
    struct rng rng = rng_new(5);
    struct shop s = { .diary = diary_open() };
    struct noted noted[ORDERS];
    for (size_t i = 0; i < ORDERS; i++) noted[i] = diary_random(&s.diary, &rng, 9, 1400000000000, 300, false);
    diary_append(&s.diary, noted, ORDERS);
    s.set = diary_full_set(&s.diary);
    ASSERT_OK(plan_features_new(s.set, "order", NULL, 0, s.diary.arena, &s.features, &err), &err);
    cr_assert(feature_of_kind(s.set, "order", "recency_days", &s.recency));
    s.width = plan_features_width(s.features), s.raw_width = feature_set_size(s.set);
    s.past = ARENA_ARRAY(s.diary.arena, float, PAST * s.width);
    s.today = ARENA_ARRAY(s.diary.arena, float, TODAY * s.width);
    return s;
}

/* People of whom all values lie between 1 and 2, but their days since an order so many later. */
static void people(const struct shop *s, float *values, size_t n, struct rng *rng, double days_later)
{
    float *raw = ARENA_ARRAY(s->diary.arena, float, s->raw_width);
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < s->raw_width; c++) raw[c] = 1 + (float)rng_uniform(rng);
        raw[s->recency] = (float)(1 + 9 * rng_uniform(rng) + days_later);
        plan_features_fill(s->features, raw, values + i * s->width);
    }
}

/* Which columns change with the days since an order.  ret [width]; how many. */
static size_t columns_of_recency(const struct shop *s, bool *ret)
{
    size_t n = 0;
    struct arena *arena = s->diary.arena;
    float *raw = ARENA_ARRAY(arena, float, s->raw_width), *a = ARENA_ARRAY(arena, float, s->width),
          *b = ARENA_ARRAY(arena, float, s->width);
    for (size_t c = 0; c < s->raw_width; c++) raw[c] = 1;
    plan_features_fill(s->features, raw, a), raw[s->recency] = 9, plan_features_fill(s->features, raw, b);
    for (size_t c = 0; c < s->width; c++) n += ret[c] = a[c] < b[c] || a[c] > b[c];
    return n;
}

static bool is_blank(const float *values, size_t n, size_t width, size_t column)
{
    for (size_t i = 0; i < n; i++)
        if (values[i * width + column] < 0 || values[i * width + column] > 0) return false;
    return true;
}

Test(plan_features, what_most_people_have_and_no_past_one_had_is_left_out)
{
    struct shop s = shop_open();
    struct rng rng = rng_new(1);
    bool *is_of_recency = ARENA_ARRAY(s.diary.arena, bool, s.width);
    size_t n = columns_of_recency(&s, is_of_recency);
    people(&s, s.past, PAST, &rng, 0), people(&s, s.today, TODAY, &rng, 28);
    for (size_t i = 0; i < PAST / 10; i++)      /* a few had not ordered for longer either */
        people(&s, s.past + i * s.width, 1, &rng, 20 + 4 * rng_uniform(&rng));
    plan_features_blank_unseen(s.features, s.past, PAST, s.today, TODAY);
    cr_assert(n > 1 && n < s.width);
    for (size_t c = 0; c < s.width; c++) {
        cr_assert_eq(is_blank(s.past, PAST, s.width, c), is_of_recency[c], "past column %zu", c);
        cr_assert_eq(is_blank(s.today, TODAY, s.width, c), is_of_recency[c], "column %zu of today", c);
    }
    diary_close(&s.diary);
}

Test(plan_features, what_has_merely_shifted_still_counts)
{
    struct shop s = shop_open();
    struct rng rng = rng_new(2);
    people(&s, s.past, PAST, &rng, 0), people(&s, s.today, TODAY, &rng, 3);
    plan_features_blank_unseen(s.features, s.past, PAST, s.today, TODAY);
    for (size_t c = 0; c < s.width; c++) cr_assert(!is_blank(s.past, PAST, s.width, c), "column %zu", c);
    plan_features_blank_unseen(s.features, s.past, PAST, s.today, 0);
    for (size_t c = 0; c < s.width; c++) cr_assert(!is_blank(s.past, PAST, s.width, c), "column %zu", c);
    diary_close(&s.diary);
}

/* What decays comes in lumps: of those who did something last month, and the month before. */
Test(plan_features, lumps_that_have_moved_a_little_still_count)
{
    struct shop s = shop_open();
    struct rng rng = rng_new(3);
    people(&s, s.past, PAST, &rng, 0), people(&s, s.today, TODAY, &rng, 0);
    size_t column = 0;
    bool *is_of_recency = ARENA_ARRAY(s.diary.arena, bool, s.width);
    columns_of_recency(&s, is_of_recency);
    while (!is_of_recency[column]) column++;
    for (size_t i = 0; i < PAST; i++) s.past[i * s.width + column] = 1 + (float)(i % 3);
    for (size_t i = 0; i < TODAY; i++) s.today[i * s.width + column] = 1.1F + (float)(i % 3);
    plan_features_blank_unseen(s.features, s.past, PAST, s.today, TODAY);
    cr_assert(!is_blank(s.past, PAST, s.width, column));
    diary_close(&s.diary);
}
