/* calendar.c - see calendar.h. */
#include "base/calendar.h"

#include <stdio.h>

static bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

bool calendar_is_valid(struct civil date)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12 || date.day < 1) return false;
    return date.day <= days[date.month - 1] + (date.month == 2 && is_leap(date.year));
}

/* Years are counted from March, so that the leap day is the last of its year. */
int64_t calendar_day(struct civil date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = year / 400;       /* year >= 0 for every valid date */
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil calendar_civil(int64_t day)
{
    day += 719468;
    int64_t era = (day >= 0 ? day : day - 146096) / 146097;
    int64_t day_of_era = day - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct civil date = {
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
        .month = (int)(month < 10 ? month + 3 : month - 9),
    };
    date.year = (int)(year_of_era + era * 400 + (date.month <= 2));
    return date;
}

int64_t calendar_day_of_ms(int64_t time_ms)
{
    int64_t day = time_ms / MS_PER_DAY;
    return day - (time_ms % MS_PER_DAY < 0);
}

int calendar_weekday(int64_t day)
{
    int64_t from_thursday = (day + 3) % 7;      /* 1970-01-01 was a Thursday */
    return (int)(from_thursday < 0 ? from_thursday + 7 : from_thursday);
}

void calendar_format_day(int64_t day, char ret_text[11])
{
    struct civil date = calendar_civil(day);
    snprintf(ret_text, 11, "%04u-%02u-%02u", (unsigned)date.year % 10000, (unsigned)date.month % 100,
             (unsigned)date.day % 100);
}

void calendar_format_ms(int64_t time_ms, char ret_text[21])
{
    int64_t day = calendar_day_of_ms(time_ms);
    unsigned second = (unsigned)((time_ms - day * MS_PER_DAY) / 1000);
    char date[11];
    calendar_format_day(day, date);
    snprintf(ret_text, 21, "%s" "T%02u:%02u:%02uZ", date, second / 3600 % 24, second / 60 % 60, second % 60);
}

struct scan { const char *at, *end; };

static bool scan_digits(struct scan *scan, int least, int most, int *ret_value)
{
    int value = 0, n = 0;
    for (; n < most && scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9'; n++)
        value = value * 10 + (*scan->at++ - '0');
    *ret_value = value;
    return n >= least;
}

static bool scan_one_of(struct scan *scan, const char *allowed)
{
    for (; scan->at < scan->end && *allowed; allowed++)
        if (*scan->at == *allowed) { scan->at++; return true; }
    return false;
}

static bool scan_clock(struct scan *scan, int64_t *ret_ms)
{
    int hour, minute, second = 0, milli = 0;
    if (!scan_digits(scan, 1, 2, &hour) || !scan_one_of(scan, ":") || !scan_digits(scan, 2, 2, &minute))
        return false;
    if (scan_one_of(scan, ":")) {
        if (!scan_digits(scan, 2, 2, &second)) return false;
        if (scan_one_of(scan, ".,")) {
            const char *start = scan->at;
            if (!scan_digits(scan, 1, 3, &milli)) return false;
            for (long n = scan->at - start; n < 3; n++) milli *= 10;
            int finer;
            (void)scan_digits(scan, 0, 9, &finer);      /* below a millisecond: dropped */
        }
    }
    if (hour > 23 || minute > 59 || second > 60) return false;
    *ret_ms = ((hour * 60 + minute) * INT64_C(60) + second) * 1000 + milli;
    return true;
}

static bool scan_zone(struct scan *scan, int64_t *ret_offset_ms)
{
    *ret_offset_ms = 0;
    while (scan_one_of(scan, " ")) continue;
    if (scan->at == scan->end || scan_one_of(scan, "Zz")) return true;
    int sign = *scan->at == '-' ? -1 : 1, hour, minute = 0;
    if (scan->end - scan->at == 3 && scan->at[0] == 'U' && scan->at[1] == 'T' && scan->at[2] == 'C') {
        scan->at = scan->end;
        return true;
    }
    if (!scan_one_of(scan, "+-") || !scan_digits(scan, 2, 2, &hour)) return false;
    (void)scan_one_of(scan, ":");
    if (scan->at < scan->end && !scan_digits(scan, 2, 2, &minute)) return false;
    *ret_offset_ms = sign * (hour * 60 + minute) * INT64_C(60000);
    return hour <= 18 && minute <= 59;
}

static bool scan_half_of_day(struct scan *scan, int64_t *clock_ms)
{
    struct scan look = *scan;
    (void)scan_one_of(&look, " ");
    bool is_am = scan_one_of(&look, "Aa"), is_pm = !is_am && scan_one_of(&look, "Pp");
    if ((!is_am && !is_pm) || !scan_one_of(&look, "Mm")) return true;
    int64_t hour = *clock_ms / 3600000;
    if (hour < 1 || hour > 12) return false;
    *clock_ms += (is_am && hour == 12 ? -12 : is_pm && hour < 12 ? 12 : 0) * INT64_C(3600000);
    *scan = look;
    return true;
}

bool calendar_parse_clock(const char *text, size_t length, int64_t *ret_ms)
{
    struct scan scan = { text, text + length };
    int64_t clock_ms, offset_ms;
    if (!scan_clock(&scan, &clock_ms) || !scan_half_of_day(&scan, &clock_ms) || !scan_zone(&scan, &offset_ms))
        return false;
    *ret_ms = clock_ms - offset_ms;
    return scan.at == scan.end;
}

bool calendar_parse_iso(const char *text, size_t length, int64_t *ret_time_ms)
{
    struct scan scan = { text, text + length };
    struct civil date;
    if (!scan_digits(&scan, 4, 4, &date.year)) return false;
    if (!scan_one_of(&scan, "-/") || !scan_digits(&scan, 1, 2, &date.month)) return false;
    if (!scan_one_of(&scan, "-/") || !scan_digits(&scan, 1, 2, &date.day)) return false;
    if (!calendar_is_valid(date)) return false;
    int64_t clock_ms = 0, offset_ms = 0;
    if (scan_one_of(&scan, "Tt ")) {
        if (!scan_clock(&scan, &clock_ms) || !scan_zone(&scan, &offset_ms)) return false;
    }
    if (scan.at != scan.end) return false;
    *ret_time_ms = calendar_day(date) * MS_PER_DAY + clock_ms - offset_ms;
    return true;
}
