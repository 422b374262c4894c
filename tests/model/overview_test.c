/* overview_test.c - what a change of revenue came from. */
#include "model/overview.h"
#include "support.h"

static struct overview_period period(size_t n_buyers, uint64_t n_orders, double order_sum, int64_t went_back)
{
    return (struct overview_period){ .n_buyers = n_buyers, .n_orders = n_orders, .order_sum = order_sum,
                                     .revenue_cents = (int64_t)order_sum - went_back };
}

Test(overview, the_parts_of_a_change_add_up_to_it)
{
    struct overview_change change;
    const struct overview_period now = period(130, 260, 910000, 40000), before = period(100, 150, 600000, 10000);
    cr_assert(overview_change(&now, &before, &change));
    double sum = change.buyers + change.orders_each + change.order_value + change.went_back;
    ASSERT_NEAR(sum, (double)(now.revenue_cents - before.revenue_cents), 1e-6);
    cr_assert(change.buyers > 0 && change.orders_each > 0 && change.order_value < 0 && change.went_back == -30000);
}

Test(overview, what_alone_changed_is_all_of_a_change)
{
    struct overview_change change;
    const struct overview_period now = period(200, 400, 800000, 0), before = period(100, 200, 400000, 0);
    cr_assert(overview_change(&now, &before, &change));
    ASSERT_NEAR(change.buyers, 400000, 1e-6);
    ASSERT_NEAR(change.orders_each, 0, 1e-6);
    ASSERT_NEAR(change.order_value, 0, 1e-6);
}

Test(overview, nothing_came_from_anything_where_nothing_changed)
{
    struct overview_change change;
    const struct overview_period same = period(100, 200, 400000, 5000);
    cr_assert(overview_change(&same, &same, &change));
    cr_assert(change.buyers == 0 && change.orders_each == 0 && change.order_value == 0 && change.went_back == 0);
}

Test(overview, a_period_without_orders_is_not_divided)
{
    struct overview_change change;
    const struct overview_period now = period(10, 20, 1000, 0), none = period(0, 0, 0, 0);
    cr_assert_not(overview_change(&now, &none, &change));
    cr_assert_not(overview_change(&none, &now, &change));
}

Test(overview, revenue_lies_above_nothing_where_nothing_went_back)
{
    struct overview_period two = period(1, 2, 5700, 0), back = period(1, 2, 5700, 1000);
    two.squares = back.squares = 2 * 2850.0 * 2850;
    cr_assert_eq(overview_revenue(&two).low, 0);
    cr_assert_gt(overview_revenue(&two).high, 5700);
    cr_assert_lt(overview_revenue(&back).low, 0);
}
