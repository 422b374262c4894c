/* Calendar: days to dates and back, and the ISO forms. */
#include "base/calendar.h"
#include "support.h"

#include <string.h>

Test(calendar, every_day_of_three_thousand_years_round_trips)
{
    for (int64_t day = -365 * 900; day < 365 * 2100; day++) {
        struct civil date = calendar_civil(day);
        cr_assert(calendar_is_valid(date));
        cr_assert_eq(calendar_day(date), day);
    }
    cr_assert_eq(calendar_day((struct civil){ 2000, 3, 1 }), 11017);
    cr_assert_eq(calendar_weekday(calendar_day((struct civil){ 2011, 9, 9 })), 4, "a Friday");
}

Test(calendar, iso_forms_are_read_and_others_refused)
{
    static const struct { const char *text; int64_t want_ms; bool is_read; } cases[] = {
        { "1970-01-02", 86400000, true },
        { "1970-01-01 00:01", 60000, true },
        { "1970-01-01T00:00:01.5Z", 1500, true },
        { "1970-01-01T02:00:00+02:00", 0, true },
        { "2017-02-29", 0, false },
        { "1970-01-01T04:30:00-05:00", 34200000, true },
        { "1970-01-01T24:00:00", 0, false },
        { "1970-01-01T25:00:00", 0, false },
        { "1970-01-01T23:60:00", 0, false },
        { "1970-01-01 12:00 xx", 0, false },
        { "", 0, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got_ms = -1;
        bool is_read = calendar_parse_iso(cases[i].text, strlen(cases[i].text), &got_ms);
        cr_assert_eq(is_read, cases[i].is_read, "%s", cases[i].text);
        if (is_read) cr_assert_eq(got_ms, cases[i].want_ms, "%s", cases[i].text);
    }
}

Test(calendar, times_before_1970_fall_on_the_right_day)
{
    char text[21];
    calendar_format_ms(-1, text);
    cr_assert_str_eq(text, "1969-12-31T23:59:59Z");
}
