/* Lists of items against what customers then did. */
#include "recommend/list_metrics.h"
#include "support.h"

/* gorse, model/cf/evaluator_test.go. */
Test(list_metrics, gorse_s_toy_values_come_out)
{
    static const uint32_t list[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    static const uint32_t even[] = { 1, 3, 5, 7 }, spread[] = { 1, 3, 15, 17, 19 }, late[] = { 1, 3, 7, 9 };
    double values[LIST_METRICS];
    list_judge(list, 10, 10, even, 4, values);
    ASSERT_NEAR(values[LIST_NDCG], 0.6766372989, 1e-9);
    ASSERT_NEAR(values[LIST_PRECISION], 0.4, 1e-12);
    list_judge(list, 10, 10, spread, 5, values);
    ASSERT_NEAR(values[LIST_RECALL], 0.4, 1e-12);
    list_judge(list, 10, 10, late, 4, values);
    ASSERT_NEAR(values[LIST_MAP], 0.44375, 1e-12);
}

/* Microsoft's Recommenders, tests/unit/recommenders/evaluation/conftest.py. */
Test(list_metrics, the_fixture_of_microsoft_s_recommenders_comes_out)
{
    static const uint32_t truth_1[] = { 1, 2, 3 }, truth_2[] = { 1, 4, 5, 6, 7 },
                          truth_3[] = { 2, 5, 6, 8, 9, 10, 11, 12, 13, 14 };
    static const uint32_t list_1[] = { 3, 10, 12 }, list_2[] = { 10, 3, 5, 11, 13 },
                          list_3[] = { 4, 10, 7, 13, 1, 3, 5, 2, 11, 14 };
    double sums[LIST_METRICS] = { 0 }, values[LIST_METRICS];
    const struct { const uint32_t *truth, *list; size_t n_truth, n; } users[] = {
        { truth_1, list_1, 3, 3 }, { truth_2, list_2, 5, 5 }, { truth_3, list_3, 10, 10 } };
    for (size_t u = 0; u < 3; u++) {
        list_judge(users[u].list, users[u].n, 10, users[u].truth, users[u].n_truth, values);
        for (int m = 0; m < LIST_METRICS; m++) sums[m] += values[m] / 3;
    }
    ASSERT_NEAR(sums[LIST_NDCG], 0.38172, 1e-5);
    ASSERT_NEAR(sums[LIST_MAP], 0.23613, 1e-5);
    ASSERT_NEAR(sums[LIST_PRECISION], 0.26666, 1e-5);
    ASSERT_NEAR(sums[LIST_RECALL], 0.37777, 1e-5);
}

Test(list_metrics, coverage_and_novelty_of_the_diversity_toy_come_out)
{
    static const uint32_t shown[] = { 2, 2, 1, 1, 0 };      /* of five items, over three customers */
    static const uint32_t had[] = { 1, 1, 2, 1, 3 };
    ASSERT_NEAR(lists_coverage(shown, 5), 0.8, 1e-12);
    ASSERT_NEAR(lists_novelty(shown, had, 5), 2.83333, 1e-5);
}

Test(list_metrics, gini_is_0_where_all_items_are_shown_alike_and_near_1_where_one_is)
{
    static const uint32_t alike[] = { 5, 5, 5, 5 }, one[] = { 0, 0, 0, 8 }, none[] = { 0, 0 };
    ASSERT_NEAR(lists_gini(alike, 4), 0, 1e-12);
    ASSERT_NEAR(lists_gini(one, 4), 0.75, 1e-12);
    ASSERT_NEAR(lists_gini(none, 2), 0, 1e-12);
}

Test(list_metrics, an_empty_list_is_worth_nothing_and_everything_stays_between_0_and_1)
{
    EACH_CASE(c, 200) {
        uint32_t list[20], truth[20], n = 0, n_truth = 0;
        double values[LIST_METRICS];
        for (uint32_t i = 0; i < 20; i++)
            if (rng_below(&c.rng, 2)) truth[n_truth++] = i;
        for (uint32_t i = 0; i < 20; i++) list[i] = i;
        rng_shuffle(&c.rng, list, 20);
        n = (uint32_t)rng_below(&c.rng, 21);
        list_judge(list, n, 10, truth, n_truth, values);
        for (int m = 0; m < LIST_METRICS; m++)
            cr_assert(values[m] >= 0 && values[m] <= 1 && (n > 0 || values[m] <= 0));
    }
}
