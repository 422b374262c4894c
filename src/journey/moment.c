/* moment.c - see moment.h. */
#include "journey/moment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS_AHEAD = 9, STRETCHES_MOST = 64 };

int64_t moment_day(const struct zone *zone, int64_t time_ms)
{
    return calendar_day_of_ms(zone_local_ms(zone, time_ms));
}

int64_t moment_week(const struct zone *zone, int64_t time_ms)
{
    int64_t day = moment_day(zone, time_ms);
    return day - calendar_weekday(day);
}

int64_t moment_of(const struct zone *zone, int64_t day, int64_t clock_ms)
{
    return zone_time_ms(zone, day * MS_PER_DAY + clock_ms);
}

int64_t moment_after(const struct zone *zone, int64_t time_ms, struct span span)
{
    if (span.days == 0) return time_ms + span.ms;
    int64_t later_ms = zone_time_ms(zone, zone_local_ms(zone, time_ms) + span.days * MS_PER_DAY);
    return later_ms > time_ms ? later_ms : time_ms;
}

int64_t moment_clock(const struct zone *zone, int64_t time_ms, int64_t clock_ms)
{
    for (int64_t day = moment_day(zone, time_ms) - 1;; day++) {
        int64_t at_ms = moment_of(zone, day, clock_ms);
        if (at_ms >= time_ms) return at_ms;
    }
}

int64_t moment_yearly(const struct zone *zone, int64_t time_ms, int64_t day, int64_t shift_days, int64_t clock_ms)
{
    struct civil date = calendar_civil(day);
    int year = calendar_civil(moment_day(zone, time_ms)).year - 1;
    for (;; year++) {
        struct civil anniversary = { year, date.month, date.day };
        if (!calendar_is_valid(anniversary)) anniversary.day = 28;
        int64_t at_ms = moment_of(zone, calendar_day(anniversary) + shift_days, clock_ms);
        if (at_ms >= time_ms && year >= date.year) return at_ms;
    }
}

/* ---- what the clock reads ---- */

static bool is_among(unsigned days, int64_t day) { return days == 0 || (days >> calendar_weekday(day) & 1); }

static bool reads_inside(const struct hours *hours, int64_t local_ms)
{
    int64_t day = calendar_day_of_ms(local_ms), clock_ms = local_ms - day * MS_PER_DAY;
    if (hours->from_ms == hours->to_ms) return is_among(hours->days, day);
    if (hours->from_ms < hours->to_ms)
        return clock_ms >= hours->from_ms && clock_ms < hours->to_ms && is_among(hours->days, day);
    return (clock_ms >= hours->from_ms && is_among(hours->days, day)) ||
           (clock_ms < hours->to_ms && is_among(hours->days, day - 1));
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The first local time from local_ms on, while the clock goes on evenly. */
static int64_t first_reading(const struct hours *hours, int64_t local_ms, bool is_inside)
{
    if (reads_inside(hours, local_ms) == is_inside) return local_ms;
    int64_t today = calendar_day_of_ms(local_ms);
    for (int64_t day = today; day < today + DAYS_AHEAD; day++) {
        int64_t at[] = { day * MS_PER_DAY, day * MS_PER_DAY + hours->from_ms, day * MS_PER_DAY + hours->to_ms };
        qsort(at, 3, sizeof *at, compare_times);
        for (size_t i = 0; i < 3; i++)
            if (at[i] > local_ms && reads_inside(hours, at[i]) == is_inside) return at[i];
    }
    return MOMENT_NEVER;
}

/* Between two changes of the clock it goes on evenly. */
static int64_t first_instant(const struct zone *zone, int64_t time_ms, const struct hours *hours, bool is_inside)
{
    for (int i = 0; i < STRETCHES_MOST; i++) {
        int64_t change_ms = zone_next_change_ms(zone, time_ms), offset_ms = zone_offset_ms(zone, time_ms);
        int64_t local_ms = first_reading(hours, time_ms + offset_ms, is_inside);
        if (local_ms != MOMENT_NEVER && (change_ms == INT64_MAX || local_ms - offset_ms < change_ms))
            return local_ms - offset_ms;
        if (change_ms == INT64_MAX) return MOMENT_NEVER;
        time_ms = change_ms;
    }
    return MOMENT_NEVER;
}

int64_t moment_inside(const struct zone *zone, int64_t time_ms, const struct hours *hours)
{
    return first_instant(zone, time_ms, hours, true);
}

int64_t moment_outside(const struct zone *zone, int64_t time_ms, const struct hours *hours)
{
    return first_instant(zone, time_ms, hours, false);
}

bool moment_is_inside(const struct zone *zone, int64_t time_ms, const struct hours *hours)
{
    return reads_inside(hours, zone_local_ms(zone, time_ms));
}

/* ---- days and weeks ---- */

static int64_t first_of_day(const struct zone *zone, int64_t time_ms, int64_t day)
{
    for (int i = 0; i < STRETCHES_MOST; i++) {
        int64_t change_ms = zone_next_change_ms(zone, time_ms), offset_ms = zone_offset_ms(zone, time_ms);
        int64_t local_ms = time_ms + offset_ms > day * MS_PER_DAY ? time_ms + offset_ms : day * MS_PER_DAY;
        if (change_ms == INT64_MAX || local_ms - offset_ms < change_ms) return local_ms - offset_ms;
        time_ms = change_ms;
    }
    return time_ms;
}

int64_t moment_next_day(const struct zone *zone, int64_t time_ms)
{
    return first_of_day(zone, time_ms, moment_day(zone, time_ms) + 1);
}

int64_t moment_next_week(const struct zone *zone, int64_t time_ms)
{
    return first_of_day(zone, time_ms, moment_week(zone, time_ms) + 7);
}

static bool is_on(const struct trigger *trigger, int64_t day)
{
    struct civil date = calendar_civil(day), tomorrow = calendar_civil(day + 1);
    switch (trigger->every) {
    case EVERY_DAY: return true;
    case EVERY_WEEK: return (unsigned)calendar_weekday(day) == trigger->on;
    case EVERY_MONTH:
        return (unsigned)date.day == trigger->on || ((unsigned)date.day < trigger->on && tomorrow.day == 1);
    case EVERY_ONCE: case EVERY_YEAR: break;
    }
    return false;
}

int64_t moment_scheduled(const struct zone *zone, int64_t time_ms, const struct trigger *trigger)
{
    if (trigger->every == EVERY_ONCE) {
        int64_t at_ms = zone_time_ms(zone, trigger->at_local_ms);
        return at_ms > time_ms ? at_ms : MOMENT_NEVER;
    }
    int64_t today = moment_day(zone, time_ms);
    for (int64_t day = today - 1; day < today + 40; day++) {
        int64_t at_ms = is_on(trigger, day) ? moment_of(zone, day, trigger->clock_ms) : MOMENT_NEVER;
        if (at_ms > time_ms && at_ms != MOMENT_NEVER) return at_ms;
    }
    return MOMENT_NEVER;
}

void moment_format(const struct zone *zone, int64_t time_ms, char ret_text[MOMENT_TEXT_BYTES])
{
    int64_t offset_ms = zone_offset_ms(zone, time_ms), minutes = offset_ms / 60000;
    char local[21];
    calendar_format_ms(time_ms + offset_ms, local);
    snprintf(ret_text, MOMENT_TEXT_BYTES, "%.19s%c%02d:%02d", local, offset_ms < 0 ? '-' : '+',
             (int)(llabs(minutes) / 60), (int)(llabs(minutes) % 60));
}
