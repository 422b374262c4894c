/* RFM scores and groups. */
#include "support.h"

#include "model/rfm.h"

Test(rfm, equal_values_share_a_score_and_order_is_kept)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 50) {
        enum { N = 137 };
        double values[N];
        uint8_t score[N];
        for (int i = 0; i < N; i++) values[i] = (double)rng_below(&c.rng, 40);
        rfm_quintiles(values, N, arena, score);
        for (int i = 0; i < N; i++) {
            cr_assert(score[i] >= 1 && score[i] <= 5);
            for (int j = 0; j < i; j++) {
                if (values[i] == values[j]) cr_assert_eq(score[i], score[j]);
                if (values[i] > values[j]) cr_assert(score[i] >= score[j]);
            }
        }
    }
    arena_free(arena);
}

Test(rfm, different_values_make_five_equal_fifths)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    double values[100];
    uint8_t score[100];
    for (int i = 0; i < 100; i++) values[i] = (i * 37) % 100;
    rfm_quintiles(values, 100, arena, score);
    for (int i = 0; i < 100; i++) cr_assert_eq(score[i], 1 + (int)values[i] / 20);
    arena_free(arena);
}

Test(rfm, every_combination_of_scores_has_a_group_and_the_named_ones_are_where_one_expects)
{
    bool is_used[RFM_GROUPS] = { false };
    for (unsigned r = 1; r <= 5; r++)
        for (unsigned f = 1; f <= 5; f++)
            for (unsigned m = 1; m <= 5; m++) is_used[rfm_group_of(r, f, m)] = true;
    for (enum rfm_group s = 0; s < RFM_GROUPS; s++) {
        cr_assert(is_used[s] == (s != RFM_LEFT), "%s: scores name all groups but of those who left", rfm_name(s));
        cr_assert(strlen(rfm_rule(s)) > 10);
    }
    cr_assert_eq(rfm_group_of(5, 5, 5), RFM_CHAMPIONS);
    cr_assert_eq(rfm_group_of(1, 5, 5), RFM_CANNOT_LOSE);
    cr_assert_eq(rfm_group_of(2, 4, 3), RFM_AT_RISK);
    cr_assert_eq(rfm_group_of(5, 1, 1), RFM_NEW);
    cr_assert_eq(rfm_group_of(1, 1, 1), RFM_HIBERNATING);
}

Test(rfm, scores_rest_on_order_days_before_the_instant)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    struct rfm rfm;
    const uint32_t identity[] = { 1, 1, 2, 2, 2 };
    const int32_t day[] = { 10, 40, 5, 5, 90 };
    const int64_t cents[] = { 100, 200, 1000, 1000, 50 };
    history_build(identity, day, cents, 5, arena, &history);
    rfm_score(&history, 50, arena, &rfm);
    cr_assert_eq(rfm.recency_days[0], 10);
    cr_assert_eq(rfm.frequency[0], 2);
    cr_assert_eq(rfm.monetary_cents[0], 300);
    cr_assert_eq(rfm.recency_days[1], 45);
    cr_assert_eq(rfm.frequency[1], 1, "two orders of one day are one, and day 90 is not seen");
    cr_assert_eq(rfm.monetary_cents[1], 2000);
    arena_free(arena);
}
