/* Order histories and their summaries: the published toy log, CDNOW, refunds, any order of input. */
#include "support.h"

#include "feature/history.h"
#include "shops.h"

static int32_t day_of(int year, int month, int day)
{
    return (int32_t)calendar_day((struct civil){ year, month, day });
}

/* REFERENCE 1a: the log of lifetimes' tests/test_utils.py. */
static const struct { uint32_t identity; int month, day; int64_t cents; } toy[] = {
    { 1, 1, 1, 100 }, { 1, 2, 6, 200 },  { 2, 1, 1, 200 },  { 3, 1, 1, 300 },  { 3, 1, 2, 100 },
    { 3, 1, 5, 500 }, { 4, 1, 16, 600 }, { 4, 2, 2, 300 },  { 4, 2, 5, 300 },  { 5, 1, 16, 300 },
    { 5, 1, 17, 100 }, { 5, 1, 18, 800 }, { 6, 2, 2, 500 }
};
enum { N_TOY = sizeof toy / sizeof *toy };

static struct history toy_history(struct arena *arena, struct rng *shuffle)
{
    uint32_t order[N_TOY], identity[N_TOY];
    int32_t day[N_TOY];
    int64_t cents[N_TOY];
    for (uint32_t i = 0; i < N_TOY; i++) order[i] = i;
    if (shuffle) rng_shuffle(shuffle, order, N_TOY);
    for (int i = 0; i < N_TOY; i++) {
        identity[i] = toy[order[i]].identity;
        day[i] = day_of(2015, toy[order[i]].month, toy[order[i]].day);
        cents[i] = toy[order[i]].cents;
    }
    struct history history;
    history_build(identity, day, cents, N_TOY, arena, &history);
    return history;
}

static void expect_row(const struct summary *s, size_t i, double frequency, double recency, double age,
                       double monetary)
{
    cr_assert_eq(s->frequency[i], frequency, "customer %zu: frequency %g", i + 1, s->frequency[i]);
    cr_assert_eq(s->recency[i], recency, "customer %zu: recency %g", i + 1, s->recency[i]);
    cr_assert_eq(s->age[i], age, "customer %zu: age %g", i + 1, s->age[i]);
    cr_assert_eq(s->monetary[i], monetary, "customer %zu: monetary %g", i + 1, s->monetary[i]);
}

Test(history, the_toy_log_has_the_published_summary_in_any_order_of_input)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 20) {
        struct history history = toy_history(arena, &c.rng);
        struct summary summary;
        summary_build(&history,
                      &(struct summary_options){ PERIOD_DAY, 1, day_of(2015, 2, 7), day_of(2015, 2, 7) }, arena,
                      &summary);
        cr_assert_eq(summary.n, 6);
        expect_row(&summary, 0, 1, 36, 37, 2);
        expect_row(&summary, 1, 0, 0, 37, 0);
        expect_row(&summary, 2, 2, 4, 37, 3);
        expect_row(&summary, 3, 2, 20, 22, 3);
        expect_row(&summary, 4, 2, 2, 22, 4.5);
        expect_row(&summary, 5, 0, 0, 5, 0);
    }
    arena_free(arena);
}

Test(history, purchases_of_one_iso_week_count_once)
{
    static const double want[6][3] = { { 1, 5, 5 }, { 0, 0, 5 }, { 1, 1, 5 },
                                       { 1, 3, 3 }, { 0, 0, 3 }, { 0, 0, 0 } };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = toy_history(arena, NULL);
    struct summary summary;
    summary_build(&history, &(struct summary_options){ PERIOD_WEEK, 7, day_of(2015, 2, 7), day_of(2015, 2, 7) },
                  arena, &summary);
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(summary.frequency[i], want[i][0], "customer %zu", i + 1);
        cr_assert_eq(summary.recency[i], want[i][1], "customer %zu", i + 1);
        cr_assert_eq(summary.age[i], want[i][2], "customer %zu", i + 1);
    }
    arena_free(arena);
}

Test(history, purchases_of_one_month_count_once)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = toy_history(arena, NULL);
    struct summary summary;
    summary_build(&history,
                  &(struct summary_options){ PERIOD_MONTH, 30, day_of(2015, 2, 7), day_of(2015, 2, 7) }, arena,
                  &summary);
    expect_row(&summary, 2, 0, 0, 1, 0);
    expect_row(&summary, 3, 1, 1, 1, 6);
    arena_free(arena);
}

Test(history, the_calibration_end_is_inclusive_and_the_rest_is_holdout)
{
    static const double holdout[5] = { 1, 0, 0, 2, 0 }, monetary[5] = { 0, 0, 3, 0, 4.5 },
                        later[5] = { 2, 0, 0, 3, 0 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = toy_history(arena, NULL);
    struct summary s;
    summary_build(&history, &(struct summary_options){ PERIOD_DAY, 1, day_of(2015, 2, 1), day_of(2015, 2, 7) },
                  arena, &s);
    cr_assert_eq(s.n, 5, "customer 6 came after the calibration");
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(s.holdout[i], holdout[i], "customer %zu", i + 1);
        cr_assert_eq(s.monetary[i], monetary[i], "customer %zu", i + 1);
        cr_assert_eq(s.holdout_monetary[i], later[i], "customer %zu", i + 1);
    }
    summary_build(&history, &(struct summary_options){ PERIOD_DAY, 1, day_of(2015, 2, 2), day_of(2015, 2, 7) },
                  arena, &s);
    cr_assert_eq(s.n, 6, "an order on the last day of the calibration belongs to it");
    cr_assert_eq(s.frequency[3], 1);
    arena_free(arena);
}

Test(history, orders_of_one_day_are_one_purchase_and_the_unknown_customer_is_left_out)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    history_build((const uint32_t[]){ 7, 0, 7 }, (const int32_t[]){ 5, 5, 5 },
                  (const int64_t[]){ 100, 900, 50 }, 3, arena, &history);
    cr_assert_eq(history.n_customers, 1);
    cr_assert_eq(history.first[1], 1);
    cr_assert_eq(history.orders[0], 2);
    cr_assert_eq(history.amount_cents[0], 150);
    struct summary s;
    summary_build(&history, &(struct summary_options){ PERIOD_DAY, 1, 9, 9 }, arena, &s);
    expect_row(&s, 0, 0, 0, 4, 0);
    arena_free(arena);
}

Test(history, a_refund_lowers_the_latest_earlier_orders_but_never_below_zero)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history;
    const uint32_t identity[] = { 1, 1, 1, 1, 1, 2 };
    const int32_t day[] = { 10, 12, 15, 20, 5, 3 };
    const int64_t cents[] = { 1000, 500, -700, 2000, -40, -10 };
    history_build(identity, day, cents, 6, arena, &history);
    cr_assert_eq(history.n_customers, 1, "a customer with refunds only has no history");
    cr_assert_eq(history.first[1], 3);
    cr_assert_eq(history.amount_cents[0], 800);
    cr_assert_eq(history.amount_cents[1], 0);
    cr_assert_eq(history.amount_cents[2], 2000, "a refund never lowers a later order");
    cr_assert_eq(history.refunded_cents, 700);
    cr_assert_eq(history.refund_left_cents, 50);
    arena_free(arena);
}

Test(history, cdnow_gives_the_published_counts)
{
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = shop_cdnow(path, arena);
    struct summary s;
    cr_assert_eq(history.n_customers, 2357);
    cr_assert_eq(history.first[2357], 6696);
    summary_build(&history,
                  &(struct summary_options){ PERIOD_DAY, 7, day_of(1997, 9, 30), day_of(1998, 6, 30) }, arena,
                  &s);
    double repeats = 0, holdout = 0, money = 0;
    size_t by_frequency[8] = { 0 };
    for (size_t i = 0; i < s.n; i++) {
        repeats += s.frequency[i];
        holdout += s.holdout[i];
        money += s.monetary[i];
        by_frequency[s.frequency[i] > 7 ? 7 : (size_t)s.frequency[i]]++;
    }
    static const size_t want[8] = { 1411, 439, 214, 100, 62, 38, 29, 64 };
    cr_assert_eq(s.n, 2357);
    cr_assert_eq(repeats, 2457);
    cr_assert_eq(holdout, 1882);
    for (int i = 0; i < 8; i++) cr_assert_eq(by_frequency[i], want[i], "frequency %d: %zu", i, by_frequency[i]);
    ASSERT_NEAR(s.recency[0], 30.428571, 1e-6);
    ASSERT_NEAR(s.age[0], 38.857143, 1e-6);
    ASSERT_NEAR(s.monetary[0], 22.345, 1e-9);
    ASSERT_NEAR(money / 946, 35.0778475, 1e-6);
    arena_free(arena);
}
