/* instant.c - see instant.h. */
#include "customer/instant.h"

#include "base/calendar.h"

#include <string.h>
#include <time.h>

/* Of two that read a text alike the one that stands first is taken. */
#define FORMAT(kind, sign) { .order = (kind), .separator = (sign) }
const struct instant_format instant_formats[] = {
    FORMAT(INSTANT_YMD, '-'),   FORMAT(INSTANT_YMD, '/'),    FORMAT(INSTANT_YMD, '.'),
    FORMAT(INSTANT_DMY, '.'),   FORMAT(INSTANT_DMY, '/'),    FORMAT(INSTANT_DMY, '-'),
    FORMAT(INSTANT_MDY, '/'),   FORMAT(INSTANT_MDY, '-'),    FORMAT(INSTANT_MDY, '.'),
    FORMAT(INSTANT_NAMED, ' '), FORMAT(INSTANT_COMPACT, 0),  FORMAT(INSTANT_STAMP, 0),
    FORMAT(INSTANT_EPOCH_S, 0), FORMAT(INSTANT_EPOCH_MS, 0), FORMAT(INSTANT_EPOCH_US, 0),
    FORMAT(INSTANT_EPOCH_NS, 0), FORMAT(INSTANT_SERIAL, 0),
    FORMAT(INSTANT_SIGNS, 0),   FORMAT(INSTANT_MONTH, '-'),
    FORMAT(INSTANT_WEEK, '-'),
};
const unsigned n_instant_formats = sizeof instant_formats / sizeof *instant_formats;

static const char *const names[] = {
    "YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD",     "D.M.Y",   "D/M/Y",    "D-M-Y",    "M/D/Y",    "M-D-Y", "M.D.Y",
    "D Mon Y",    "yyyymmdd",   "yyyymmddhhmmss", "epoch-s", "epoch-ms", "epoch-us", "epoch-ns", "excel",
    "YYYY年M月D日", "YYYY-MM", "YYYY-Www",
};

static bool instant_format_equal(struct instant_format a, struct instant_format b)
{
    return a.order == b.order && a.separator == b.separator;
}

const char *instant_name(struct instant_format format)
{
    if (format.order == INSTANT_PATTERN) return format.pattern;
    for (unsigned i = 0; i < n_instant_formats; i++)
        if (instant_format_equal(instant_formats[i], format)) return names[i];
    return "";
}

bool instant_find(const char *name, struct instant_format *ret_format)
{
    static const struct { const char *alias, *name; } aliases[] = {
        { "ISO", "YYYY-MM-DD" }, { "D-Mon-Y", "D Mon Y" }, { "Mon D Y", "D Mon Y" }, { "Mon D, Y", "D Mon Y" },
        { "yyyymmddhhmm", "yyyymmddhhmmss" }, { "serial", "excel" },
    };
    if (strchr(name, '%')) {
        *ret_format = (struct instant_format){ .order = INSTANT_PATTERN, .pattern = name };
        return true;
    }
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (text_equal_ignoring_case(text_of(name), text_of(aliases[i].alias))) name = aliases[i].name;
    for (unsigned i = 0; i < n_instant_formats; i++)
        if (text_equal_ignoring_case(text_of(name), text_of(names[i]))) {
            *ret_format = instant_formats[i];
            return true;
        }
    return false;
}

bool instant_is_number(struct instant_format format)
{
    return format.order >= INSTANT_COMPACT && format.order <= INSTANT_SERIAL;
}

struct scan { const char *at, *end; };

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* A run of digits, at most as long as most; returns how many, 0 for none. */
static int scan_number(struct scan *scan, int most, int *ret_value)
{
    int value = 0, n = 0;
    for (; n < most && scan->at < scan->end && is_digit(*scan->at); n++)
        value = value * 10 + (*scan->at++ - '0');
    *ret_value = value;
    return n;
}

/* A blank may follow, as in "3. 1. 2024". */
static bool scan_char(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c) return false;
    scan->at++;
    if (c == '.' && scan->at < scan->end && *scan->at == ' ') scan->at++;
    return true;
}

static bool scan_year(struct scan *scan, int *ret_year)
{
    int n = scan_number(scan, 4, ret_year);
    if (n == 2) *ret_year = instant_year_of_two(*ret_year);
    return n == 2 || n == 4;
}

/* "年", or its Korean sister; blanks may follow. */
static bool scan_sign(struct scan *scan, const char *sign, const char *sister)
{
    if ((size_t)(scan->end - scan->at) < 3 || (memcmp(scan->at, sign, 3) != 0 && memcmp(scan->at, sister, 3) != 0))
        return false;
    for (scan->at += 3; scan->at < scan->end && *scan->at == ' ' && scan->at + 1 < scan->end && is_digit(scan->at[1]);)
        scan->at++;
    return true;
}

static bool scan_signs(struct scan *scan, struct civil *ret_date)
{
    bool is_date = scan_number(scan, 4, &ret_date->year) == 4 && scan_sign(scan, "年", "년") &&
                   scan_number(scan, 2, &ret_date->month) && scan_sign(scan, "月", "월") &&
                   scan_number(scan, 2, &ret_date->day);
    if (!is_date || (size_t)(scan->end - scan->at) < 3) return false;
    bool has_end = memcmp(scan->at, "日", 3) == 0 || memcmp(scan->at, "일", 3) == 0;
    scan->at += has_end ? 3 : 0;
    return has_end;
}

/* The week of a year's first Thursday is its first. */
static bool scan_week(struct scan *scan, struct civil *ret_date)
{
    int year, week, weekday = 1;
    if (scan_number(scan, 4, &year) != 4 || year < 1900 || year > 2100) return false;
    bool is_spaced = scan_char(scan, '-');
    if (scan->at == scan->end || (*scan->at != 'W' && *scan->at != 'w')) return false;
    scan->at++;
    if (scan_number(scan, 2, &week) != 2 || week < 1) return false;
    bool has_day = is_spaced ? scan_char(scan, '-') : scan->at < scan->end && is_digit(*scan->at);
    if (has_day && scan_number(scan, 1, &weekday) != 1) return false;
    if (weekday < 1 || weekday > 7) return false;
    int64_t fourth = calendar_day((struct civil){ year, 1, 4 }), next = calendar_day((struct civil){ year + 1, 1, 4 });
    int64_t monday = fourth - calendar_weekday(fourth) + (week - 1) * INT64_C(7);
    if (monday >= next - calendar_weekday(next)) return false;
    *ret_date = calendar_civil(monday + weekday - 1);
    return true;
}

static bool scan_date(struct scan *scan, struct instant_format format, struct civil *ret)
{
    struct civil date;
    switch (format.order) {
    case INSTANT_YMD:
        if (scan_number(scan, 4, &date.year) != 4 || !scan_char(scan, format.separator) ||
            !scan_number(scan, 2, &date.month) || !scan_char(scan, format.separator) ||
            !scan_number(scan, 2, &date.day))
            return false;
        if (format.separator == '.' && scan->at < scan->end && *scan->at == '.') scan->at++;
        break;
    case INSTANT_SIGNS:
        if (!scan_signs(scan, &date)) return false;
        break;
    case INSTANT_WEEK:
        if (!scan_week(scan, &date)) return false;
        break;
    case INSTANT_MONTH:
        if (instant_named_month((struct text){ scan->at, (size_t)(scan->end - scan->at) }, &date)) {
            scan->at = scan->end;
            break;
        }
        date.day = 1;
        if (scan_number(scan, 4, &date.year) != 4 || date.year < 1900 || date.year > 2100 ||
            !scan_char(scan, format.separator) || scan_number(scan, 2, &date.month) != 2 || scan->at < scan->end)
            return false;
        break;
    case INSTANT_MDY:
        if (!scan_number(scan, 2, &date.month) || !scan_char(scan, format.separator) ||
            !scan_number(scan, 2, &date.day) || !scan_char(scan, format.separator) ||
            !scan_year(scan, &date.year))
            return false;
        break;
    case INSTANT_DMY:
        if (!scan_number(scan, 2, &date.day) || !scan_char(scan, format.separator) ||
            !scan_number(scan, 2, &date.month) || !scan_char(scan, format.separator) ||
            !scan_year(scan, &date.year))
            return false;
        break;
    case INSTANT_COMPACT:
    case INSTANT_STAMP:
        if (scan_number(scan, 4, &date.year) != 4 || scan_number(scan, 2, &date.month) != 2 ||
            scan_number(scan, 2, &date.day) != 2)
            return false;
        break;
    case INSTANT_NAMED:
    case INSTANT_EPOCH_S:
    case INSTANT_EPOCH_MS:
    case INSTANT_EPOCH_US:
    case INSTANT_EPOCH_NS:
    case INSTANT_SERIAL:
    case INSTANT_PATTERN:
    default:
        return false;
    }
    *ret = date;
    return calendar_is_valid(date);
}

/* What stands within "/Date(1700000000000+0100)/": the offset is one of display only. */
static struct text without_wrap(struct text text)
{
    const char *const begin = "/Date(";
    size_t n = 6;
    if (text.length < 9 || memcmp(text.at, begin, n) != 0 || memcmp(text.at + text.length - 2, ")/", 2) != 0)
        return text;
    while (n < text.length && is_digit(text.at[n])) n++;
    struct text inner = { text.at + 6, n - 6 };
    bool has_offset = text.length == n + 7 && (text.at[n] == '+' || text.at[n] == '-');
    return text.length == n + 2 || has_offset ? inner : text;
}

static bool read_epoch(enum instant_order order, struct text text, int64_t *ret_time_ms)
{
    const int64_t most_ms = INT64_C(253402300799999);       /* the end of the year 9999 */
    int64_t value, times = order == INSTANT_EPOCH_S ? 1000 : 1,
            parts = order == INSTANT_EPOCH_US ? 1000 : order == INSTANT_EPOCH_NS ? 1000000 : 1;
    if (order == INSTANT_EPOCH_MS) text = without_wrap(text);
    const char *point = text.length > 0 ? memchr(text.at, '.', text.length) : NULL;
    if (point) {                                            /* a fraction: finer than we keep */
        for (const char *c = point + 1; c < text.at + text.length; c++)
            if (!is_digit(*c)) return false;
        text.length = (size_t)(point - text.at);
    }
    if (!text_int64(text, &value) || value < 0 || value / parts > most_ms / times) return false;
    *ret_time_ms = value / parts * times;
    return true;
}

/* To the second: a day's fraction has no more digits than that. */
static bool read_serial(struct text text, int64_t *ret_time_ms)
{
    double days;
    if (!text_double(text, memchr(text.at, ',', text.length) ? ',' : '.', &days) || days < 61 || days > 2958465)
        return false;
    *ret_time_ms = (int64_t)((days - 25569) * 86400 + (days < 25569 ? -0.5 : 0.5)) * 1000;
    return true;
}

static bool read_pattern(const char *pattern, struct text text, int64_t *ret_time_ms)
{
    char copy[128];
    struct tm tm = { .tm_mday = 1, .tm_year = 70 };
    if (text.length >= sizeof copy) return false;
    memcpy(copy, text.at, text.length);
    copy[text.length] = 0;
    const char *rest = strptime(copy, pattern, &tm);
    if (!rest) return false;
    if (*rest == '.' && is_digit(rest[1]))      /* a fraction, which strptime does not know */
        for (rest++; is_digit(*rest);) rest++;
    struct civil date = { tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday };
    if (*rest || !calendar_is_valid(date)) return false;
    int64_t clock_s = tm.tm_hour * INT64_C(3600) + tm.tm_min * 60 + tm.tm_sec - tm.tm_gmtoff;
    *ret_time_ms = calendar_day(date) * MS_PER_DAY + clock_s * 1000;
    return true;
}

static bool read_named(struct instant_reader *reader, struct text text, int64_t *ret_time_ms)
{
    struct civil date;
    struct text inner, rest;
    char spaced[64];
    int64_t clock_ms;
    if (!instant_named_date(text, &date, &inner, &rest)) return false;
    if (inner.length > 0) {
        if (rest.length > 0 || inner.length >= sizeof spaced) return false;
        spaced[0] = ' ';
        memcpy(spaced + 1, inner.at, inner.length);
        rest = (struct text){ spaced, inner.length + 1 };
    }
    int64_t day = calendar_day(date);
    if (!instant_clock(rest, day, &reader->zones, &clock_ms)) return false;
    *ret_time_ms = day * MS_PER_DAY + clock_ms;
    return true;
}

/* "08:26:00", the usual clock. */
static inline bool read_plain_clock(const char *at, size_t length, int64_t *ret_ms)
{
    if (length != 8 || at[2] != ':' || at[5] != ':') return false;
    for (int i = 0; i < 8; i++)
        if (i != 2 && i != 5 && !is_digit(at[i])) return false;
    int hour = (at[0] - '0') * 10 + at[1] - '0', minute = (at[3] - '0') * 10 + at[4] - '0';
    int second = (at[6] - '0') * 10 + at[7] - '0';
    if (hour > 23 || minute > 59 || second > 59) return false;
    *ret_ms = (hour * 3600 + minute * 60 + second) * INT64_C(1000);
    return true;
}

static bool read_date_and_clock(struct instant_reader *reader, struct text text, int64_t *ret_time_ms)
{
    struct scan scan = { text.at, text.at + text.length };
    int64_t day_ms, clock_ms = 0;
    bool is_ten = text.length >= 10 && (text.length == 10 || !is_digit(text.at[10]));
    if (is_ten && reader->has_last && memcmp(text.at, reader->last_date, 10) == 0) {
        day_ms = reader->last_day_ms;
        scan.at += 10;
    } else {
        struct civil date;
        if (!scan_date(&scan, reader->format, &date)) return false;
        day_ms = calendar_day(date) * MS_PER_DAY;
        if (scan.at - text.at == 10) {
            memcpy(reader->last_date, text.at, 10);
            reader->last_day_ms = day_ms;
            reader->has_last = true;
        }
    }
    if (scan.at < scan.end) {
        size_t n = (size_t)(scan.end - scan.at - 1);
        bool is_plain = (*scan.at == ' ' || *scan.at == 'T' || *scan.at == 't') &&
                        (read_plain_clock(scan.at + 1, n, &clock_ms) ||
                         calendar_parse_clock(scan.at + 1, n, &clock_ms));
        struct text rest = { scan.at, (size_t)(scan.end - scan.at) };
        if (!is_plain && !instant_clock(rest, day_ms / MS_PER_DAY, &reader->zones, &clock_ms)) return false;
    }
    *ret_time_ms = day_ms + clock_ms;
    return true;
}

/* "20240103090000": 12 or 14 digits. */
static bool read_stamp(struct instant_reader *reader, struct text text, int64_t *ret_time_ms)
{
    char spaced[17];
    if (text.length != 12 && text.length != 14) return false;
    for (size_t i = 0; i < text.length; i++)
        if (!is_digit(text.at[i])) return false;
    memcpy(spaced, text.at, 8);
    spaced[8] = 'T';
    memcpy(spaced + 9, text.at + 8, text.length - 8);
    return read_date_and_clock(reader, (struct text){ spaced, text.length + 1 }, ret_time_ms);
}

bool instant_read(struct instant_reader *reader, struct text text, int64_t *ret_time_ms)
{
    text = text_trim(text);
    bool ok = false;
    switch (reader->format.order) {
    case INSTANT_EPOCH_S:
    case INSTANT_EPOCH_MS:
    case INSTANT_EPOCH_US:
    case INSTANT_EPOCH_NS: ok = read_epoch(reader->format.order, text, ret_time_ms); break;
    case INSTANT_SERIAL:   ok = text.length > 0 && read_serial(text, ret_time_ms); break;
    case INSTANT_PATTERN:  ok = read_pattern(reader->format.pattern, text, ret_time_ms); break;
    case INSTANT_NAMED:    ok = read_named(reader, text, ret_time_ms); break;
    case INSTANT_STAMP:    ok = read_stamp(reader, text, ret_time_ms); break;
    case INSTANT_YMD:
    case INSTANT_SIGNS:
    case INSTANT_MONTH:
    case INSTANT_WEEK:
    case INSTANT_MDY:
    case INSTANT_DMY:
    case INSTANT_COMPACT:
    default:               ok = read_date_and_clock(reader, text, ret_time_ms); break;
    }
    if (ok || !reader->format.other) return ok;
    struct instant_reader second = { .format = *reader->format.other, .zones = reader->zones };
    return instant_read(&second, text, ret_time_ms);
}
