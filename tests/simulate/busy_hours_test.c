/* busy_hours_test.c - the shop's clock runs fast when it is busy, and one day a day on average. */
#include "support.h"

#include "base/calendar.h"
#include "simulate/busy_hours.h"

Test(busy_hours, an_instant_and_its_busy_time_lead_to_each_other)
{
    struct busy_hours *hours = busy_hours_new(19000, 200, true);
    EACH_CASE(c, 300) {
        int64_t time_ms = busy_hours_begin_ms(hours) + support_between(&c.rng, 0, 200 * MS_PER_DAY - 1);
        ASSERT_NEAR(busy_hours_at(hours, busy_hours_until(hours, time_ms)) - time_ms, 0, 2);
    }
    ASSERT_NEAR(busy_hours_until(hours, busy_hours_end_ms(hours)), 200, 1e-9);
    cr_assert_eq(busy_hours_until(hours, busy_hours_begin_ms(hours) - 5), 0);
    cr_assert_eq(busy_hours_at(hours, 0), busy_hours_begin_ms(hours));
    cr_assert_lt(busy_hours_at(hours, 199.9999999999), busy_hours_end_ms(hours));
    busy_hours_free(hours);
}

Test(busy_hours, december_evenings_pass_more_busy_time_than_january_nights)
{
    int64_t january = calendar_day((struct civil){ 2024, 1, 10 }),
            december = calendar_day((struct civil){ 2024, 12, 11 });
    struct busy_hours *hours = busy_hours_new(calendar_day((struct civil){ 2024, 1, 1 }), 366, true);
    int64_t night_ms = january * MS_PER_DAY + 3 * 3600000, evening_ms = december * MS_PER_DAY + 20 * 3600000;
    double night = busy_hours_until(hours, night_ms + 3600000) - busy_hours_until(hours, night_ms);
    double evening = busy_hours_until(hours, evening_ms + 3600000) - busy_hours_until(hours, evening_ms);
    ASSERT_NEAR(evening / night, 1.43 * 1.85 / (0.78 * 0.08), 1e-6);
    busy_hours_free(hours);
}

Test(busy_hours, without_seasons_busy_time_is_real_time)
{
    struct busy_hours *hours = busy_hours_new(0, 100, false);
    ASSERT_NEAR(busy_hours_until(hours, 12345678), 12345678.0 / (double)MS_PER_DAY, 1e-9);
    cr_assert_eq(busy_hours_at(hours, 50), 50 * MS_PER_DAY);
    busy_hours_free(hours);
}
