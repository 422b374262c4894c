/* Timeline, cohorts and retention on a small shop counted by hand, and on random ones. */
#include "support.h"

#include "model/cohort.h"

static int32_t day_of(int month, int day)
{
    return (int32_t)calendar_day((struct civil){ 2021, month, day });
}

/* Customers 1 and 2 begin in January, 3 in February; as of 20 April. */
static struct history small_shop(struct arena *arena)
{
    const uint32_t identity[] = { 1, 1, 1, 2, 3, 3, 1 };
    const int32_t day[] = { day_of(1, 1), day_of(1, 20), day_of(3, 5), day_of(1, 31),
                            day_of(2, 3), day_of(4, 10), day_of(1, 1) };
    const int64_t cents[] = { 100, 200, 300, 400, 500, 600, 50 };
    struct history history;
    history_build(identity, day, cents, 7, arena, &history);
    return history;
}

Test(cohort, the_timeline_counts_orders_customers_and_partial_months)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = small_shop(arena);
    struct cohorts c;
    cohorts_build(&history, day_of(4, 20), 30, arena, &c);
    cr_assert_eq(c.n_timeline, 4);
    cr_assert_eq(c.timeline[0].orders, 4);
    cr_assert_eq(c.timeline[0].customers, 2);
    cr_assert_eq(c.timeline[0].new_customers, 2);
    cr_assert_eq(c.timeline[0].revenue_cents, 750);
    cr_assert(!c.timeline[0].is_partial, "the history begins on the first");
    cr_assert_eq(c.timeline[1].new_customers, 1);
    cr_assert_eq(c.timeline[2].customers, 1);
    cr_assert_eq(c.timeline[2].new_customers, 0);
    cr_assert(c.timeline[3].is_partial, "April is not over");
    arena_free(arena);
}

Test(cohort, cohorts_show_who_came_back_and_leave_out_the_month_that_is_not_over)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = small_shop(arena);
    struct cohorts c;
    cohorts_build(&history, day_of(4, 20), 30, arena, &c);
    cr_assert_eq(c.cohorts[0].customers, 2);
    cr_assert_eq(c.cohorts[0].n_months, 3);
    cr_assert_eq(c.cohorts[0].retained[0], 1);
    cr_assert_eq(c.cohorts[0].retained[1], 0);
    cr_assert_eq(c.cohorts[0].retained[2], .5);
    cr_assert_eq(c.cohorts[1].n_months, 2);
    cohorts_build(&history, day_of(4, 30), 30, arena, &c);
    cr_assert_eq(c.cohorts[1].n_months, 3, "April is complete now");
    cr_assert_eq(c.cohorts[1].retained[2], 1);
    json_t *json = cohorts_json(&c);
    cr_assert_eq(json_array_size(json_object_get(json, "rows")), 2,
                 "months without new customers are no cohorts");
    json_decref(json);
    arena_free(arena);
}

/* With 30 days to lapse as of 20 April: 1 orders on days 0 and 19, then is quiet from 20 January to
 * 5 March: stopped at 19.  2 stopped at 0.  3 is quiet from 3 February on: stopped at 0. */
Test(cohort, retention_is_the_kaplan_meier_estimate)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = small_shop(arena);
    struct cohorts c;
    cohorts_build(&history, day_of(4, 20), 30, arena, &c);
    ASSERT_NEAR(c.retention[0].share, 1.0 / 3, 1e-12);
    cr_assert(c.retention[0].low > 0 && c.retention[0].low < 1.0 / 3 && c.retention[0].high > 1.0 / 3);
    ASSERT_NEAR(c.retention[c.n_retention - 1].share, 0, 1e-12);
    cr_assert_eq(c.retention[c.n_retention - 1].day, 19);
    /* With 70 days: 1 is quiet since 5 March and seen for 40 days, 2 stopped at 0, 3 seen for 7. */
    cohorts_build(&history, day_of(4, 20), 70, arena, &c);
    ASSERT_NEAR(c.retention[0].share, 2.0 / 3, 1e-12);
    ASSERT_NEAR(c.retention[c.n_retention - 1].share, 2.0 / 3, 1e-12);
    cr_assert_eq(c.retention[c.n_retention - 1].day, 39);
    arena_free(arena);
}

Test(cohort, sums_agree_and_retention_never_rises)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(r, 30) {
        enum { N = 300 };
        uint32_t identity[N];
        int32_t day[N];
        int64_t cents[N], total = 0;
        for (int i = 0; i < N; i++) {
            identity[i] = 1 + (uint32_t)rng_below(&r.rng, 60);
            day[i] = (int32_t)support_between(&r.rng, 18000, 18500);
            total += cents[i] = support_between(&r.rng, 0, 9999);
        }
        struct history history;
        struct cohorts c;
        uint64_t orders = 0;
        size_t new_customers = 0, customers = 0;
        history_build(identity, day, cents, N, arena, &history);
        cohorts_build(&history, history.last_day, 60, arena, &c);
        for (size_t i = 0; i < c.n_timeline; i++) {
            orders += c.timeline[i].orders;
            new_customers += c.timeline[i].new_customers;
            total -= c.timeline[i].revenue_cents;
        }
        for (size_t i = 0; i < c.n_cohorts; i++) {
            customers += c.cohorts[i].customers;
            if (c.cohorts[i].customers) cr_assert_eq(c.cohorts[i].retained[0], 1);
        }
        cr_assert_eq(orders, N);
        cr_assert_eq(total, 0);
        cr_assert_eq(new_customers, history.n_customers);
        cr_assert_eq(customers, history.n_customers);
        for (size_t i = 0; i < c.n_retention; i++) {
            const struct retention_row *row = &c.retention[i];
            cr_assert(row->low <= row->share && row->share <= row->high && row->low >= 0 && row->high <= 1);
            cr_assert(i == 0 || row->share <= c.retention[i - 1].share);
        }
        arena_reset(arena);
    }
    arena_free(arena);
}
