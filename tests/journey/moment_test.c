/* Days, clocks, windows and quiet hours, above all where the clock is changed. */
#include "base/zones.h"
#include "journey/moment.h"
#include "support.h"

#include <string.h>

static struct arena *arena;

static const struct zone *open_zone(const char *name)
{
    const struct zone *zone;
    struct err err;
    if (!arena) arena = arena_new(ARENA_NO_LIMIT);
    ASSERT_OK(zone_open(ZONES_FOLDER, text_of(name), arena, &zone, &err), &err);
    return zone;
}

static int64_t ms(const char *iso)
{
    int64_t time_ms;
    cr_assert(calendar_parse_iso(iso, strlen(iso), &time_ms), "%s", iso);
    return time_ms;
}

#define ASSERT_AT(zone, got, want)                                               \
    do {                                                                         \
        char text[MOMENT_TEXT_BYTES];                                            \
        moment_format(zone, got, text);                                          \
        cr_assert_str_eq(text, want);                                            \
    } while (0)

static const char *const names[] = {
    "Europe/Berlin",    "America/New_York",    "America/Sao_Paulo",   "America/Asuncion", "Africa/Cairo",
    "Asia/Almaty",      "America/Mexico_City", "Australia/Lord_Howe", "Asia/Kathmandu",   "Pacific/Apia",
    "America/Havana",   "Asia/Tehran",         "Africa/Casablanca",   "Europe/Dublin",    "Pacific/Chatham",
    "America/St_Johns", "Asia/Gaza",           "America/Santiago",    "Antarctica/Troll", "Asia/Beirut",
};
enum { ZONES = sizeof names / sizeof *names };
#define HOUR_MS INT64_C(3600000)

Test(journey, a_day_is_the_same_local_time_and_24_hours_are_elapsed)
{
    const struct zone *berlin = open_zone("Europe/Berlin");
    ASSERT_AT(berlin, moment_after(berlin, ms("2027-03-27T11:00:00Z"), (struct span){ 0, 1 }),
              "2027-03-28T12:00:00+02:00");
    ASSERT_AT(berlin, moment_after(berlin, ms("2027-03-27T11:00:00Z"), (struct span){ 24 * HOUR_MS, 0 }),
              "2027-03-28T13:00:00+02:00");
}

Test(journey, a_time_that_the_clock_skips_keeps_the_offset_before_and_of_one_shown_twice_the_first_counts)
{
    const struct zone *berlin = open_zone("Europe/Berlin");
    ASSERT_AT(berlin, moment_clock(berlin, ms("2027-03-28T00:00:00Z"), 5 * HOUR_MS / 2),
              "2027-03-28T03:30:00+02:00");
    ASSERT_AT(berlin, moment_clock(berlin, ms("2027-10-30T23:00:00Z"), 5 * HOUR_MS / 2),
              "2027-10-31T02:30:00+02:00");
}

Test(journey, quiet_hours_end_when_the_clock_jumps_over_their_end)
{
    const struct zone *berlin = open_zone("Europe/Berlin");
    const struct hours quiet = { 0, 21 * HOUR_MS, 5 * HOUR_MS / 2 };
    ASSERT_AT(berlin, moment_outside(berlin, ms("2027-03-27T22:00:00Z"), &quiet), "2027-03-28T03:00:00+02:00");
}

Test(journey, quiet_hours_begin_again_when_the_clock_shows_them_again)
{
    const struct zone *berlin = open_zone("Europe/Berlin");
    const struct hours quiet = { 0, 21 * HOUR_MS, 5 * HOUR_MS / 2 };
    ASSERT_AT(berlin, moment_outside(berlin, ms("2027-10-31T00:00:00Z"), &quiet), "2027-10-31T02:30:00+02:00");
    ASSERT_AT(berlin, moment_outside(berlin, ms("2027-10-31T01:10:00Z"), &quiet), "2027-10-31T02:30:00+01:00");
}

Test(journey, the_29_of_february_is_the_28_in_other_years)
{
    const struct zone *berlin = open_zone("Europe/Berlin");
    int64_t day = calendar_day((struct civil){ 1992, 2, 29 });
    ASSERT_AT(berlin, moment_yearly(berlin, ms("2027-01-01T00:00:00Z"), day, 0, 9 * HOUR_MS),
              "2027-02-28T09:00:00+01:00");
    ASSERT_AT(berlin, moment_yearly(berlin, ms("2028-01-01T00:00:00Z"), day, 0, 9 * HOUR_MS),
              "2028-02-29T09:00:00+01:00");
}

Test(journey, a_schedule_of_the_31_comes_on_the_last_day_of_shorter_months)
{
    const struct zone *utc = zone_utc;
    const struct trigger trigger = {
        .kind = TRIGGER_SCHEDULE, .every = EVERY_MONTH, .on = 31, .clock_ms = 9 * HOUR_MS
    };
    ASSERT_AT(utc, moment_scheduled(utc, ms("2027-01-31T09:00:00Z"), &trigger), "2027-02-28T09:00:00+00:00");
    ASSERT_AT(utc, moment_scheduled(utc, ms("2027-02-28T09:00:00Z"), &trigger), "2027-03-31T09:00:00+00:00");
}

/* Minute by minute: nothing earlier would have done. */
static void is_first(const struct zone *zone, int64_t from_ms, const struct hours *hours)
{
    int64_t outside_ms = moment_outside(zone, from_ms, hours), inside_ms = moment_inside(zone, from_ms, hours);
    cr_assert(!moment_is_inside(zone, outside_ms, hours));
    cr_assert(moment_is_inside(zone, inside_ms, hours));
    for (int64_t at = from_ms; at < outside_ms; at += 60000) cr_assert(moment_is_inside(zone, at, hours));
    for (int64_t at = from_ms; at < inside_ms; at += 60000) cr_assert(!moment_is_inside(zone, at, hours));
}

Test(journey, windows_open_and_close_by_what_the_clock_reads_around_every_change_of_twenty_zones)
{
    static const struct hours all[] = { { 0, 21 * HOUR_MS, 8 * HOUR_MS },
                                        { 1 << 0 | 1 << 4, 9 * HOUR_MS, 18 * HOUR_MS },
                                        { 0, 0, 3 * HOUR_MS / 2 },
                                        { 1 << 6, 23 * HOUR_MS, 2 * HOUR_MS } };
    for (size_t z = 0; z < ZONES; z++) {
        const struct zone *zone = open_zone(names[z]);
        int64_t change_ms = zone_next_change_ms(zone, ms("2020-01-01"));
        for (int n = 0; n < 6 && change_ms != INT64_MAX; n++, change_ms = zone_next_change_ms(zone, change_ms))
            for (size_t h = 0; h < sizeof all / sizeof *all; h++)
                for (int64_t at = -30; at <= 30; at += 6)
                    is_first(zone, change_ms + at * HOUR_MS + 7 * 60000, &all[h]);
    }
}

Test(journey, the_next_local_day_begins_where_the_date_first_reads_it)
{
    for (size_t z = 0; z < ZONES; z++) {
        const struct zone *zone = open_zone(names[z]);
        int64_t change_ms = zone_next_change_ms(zone, ms("2020-01-01"));
        for (int n = 0; n < 6 && change_ms != INT64_MAX; n++, change_ms = zone_next_change_ms(zone, change_ms))
            for (int64_t at = -30; at <= 30; at++) {
                int64_t from_ms = change_ms + at * HOUR_MS, next_ms = moment_next_day(zone, from_ms);
                cr_assert(moment_day(zone, next_ms) > moment_day(zone, from_ms));
                cr_assert(moment_day(zone, next_ms - 1) <= moment_day(zone, from_ms), "%s", names[z]);
            }
    }
}
