#include "journey/habit.h"

#include "support.h"

#include <criterion/criterion.h>

TestSuite(habit, .timeout = 300);

Test(habit, orders_visits_and_clicks_tell_and_opens_never_do)
{
    static const char *const told[] = { "order",         "page",          "Product Viewed", "screen_view",
                                        "productClicked", "Email Clicked", "Email Link Clicked", "login",
                                        "cart" };
    static const char *const silent[] = { "Email Opened", "email_open", "Email Sent", "Email Viewed", "traits",
                                          "order_cancelled", "Push Delivered", "Task Done", "refund", "",
                                          "Unsubscribed" };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        cr_expect(habit_is_told_by(text_of(told[i])), "%s", told[i]);
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        cr_expect(!habit_is_told_by(text_of(silent[i])), "%s", silent[i]);
}

Test(habit, days_without_an_hour_do_not_tell_that_somebody_buys_at_midnight)
{
    struct habit habit = { 0 };
    int64_t clock_ms, day_ms = 24 * 3600000;
    for (int day = 0; day < 30; day++) habit_add(&habit, zone_utc, day * day_ms);
    cr_expect(!habit_hour(&habit, &clock_ms));
    cr_expect_eq(habit.n, 0);
}

Test(habit, the_hour_with_most_is_learned_from_five_events_on)
{
    struct habit habit = { 0 };
    int64_t clock_ms, hour_ms = 3600000, evening_ms = 20 * hour_ms + 59 * 60000;
    for (int day = 0; day < 3; day++) habit_add(&habit, zone_utc, day * 24 * hour_ms + evening_ms);
    habit_add(&habit, zone_utc, -hour_ms);      /* 23:00 of the day before 1970 */
    cr_expect(!habit_hour(&habit, &clock_ms));
    habit_add(&habit, zone_utc, 9 * hour_ms);
    cr_assert(habit_hour(&habit, &clock_ms));
    cr_expect_eq(clock_ms, 20 * hour_ms);
}
