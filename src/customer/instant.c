/* instant.c - see instant.h. */
#include "customer/instant.h"

#include "base/calendar.h"

#include <string.h>

const struct instant_format instant_formats[] = {
    { INSTANT_YMD, '-' }, { INSTANT_YMD, '/' }, { INSTANT_YMD, '.' },
    { INSTANT_DMY, '.' }, { INSTANT_DMY, '/' }, { INSTANT_DMY, '-' },
    { INSTANT_MDY, '/' }, { INSTANT_MDY, '-' }, { INSTANT_MDY, '.' },
    { INSTANT_DAY_NAME_YEAR, '-' }, { INSTANT_DAY_NAME_YEAR, ' ' },
    { INSTANT_COMPACT, 0 }, { INSTANT_EPOCH_S, 0 }, { INSTANT_EPOCH_MS, 0 },
};
const unsigned n_instant_formats = sizeof instant_formats / sizeof *instant_formats;

static const char *const names[] = {
    "YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "D.M.Y",   "D/M/Y",    "D-M-Y",   "M/D/Y",
    "M-D-Y",      "M.D.Y",      "D-Mon-Y",    "D Mon Y", "yyyymmdd", "epoch-s", "epoch-ms",
};

const char *instant_name(struct instant_format format)
{
    for (unsigned i = 0; i < n_instant_formats; i++)
        if (instant_formats[i].order == format.order && instant_formats[i].separator == format.separator)
            return names[i];
    return "";
}

bool instant_find(const char *name, struct instant_format *ret_format)
{
    for (unsigned i = 0; i < n_instant_formats; i++)
        if (text_equal_ignoring_case(text_of(name), text_of(names[i]))) {
            *ret_format = instant_formats[i];
            return true;
        }
    if (text_equal_ignoring_case(text_of(name), text_of("ISO"))) {
        *ret_format = instant_formats[0];
        return true;
    }
    return false;
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

static bool scan_char(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c) return false;
    scan->at++;
    return true;
}

static bool scan_month_name(struct scan *scan, int *ret_month)
{
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (scan->end - scan->at < 3) return false;
    for (int m = 0; m < 12; m++) {
        if (!text_equal_ignoring_case((struct text){ scan->at, 3 }, (struct text){ months + 3 * m, 3 }))
            continue;
        *ret_month = m + 1;
        scan->at += 3;
        return true;
    }
    return false;
}

static bool scan_year(struct scan *scan, int *ret_year)
{
    int n = scan_number(scan, 4, ret_year);
    if (n == 2) *ret_year += *ret_year < 70 ? 2000 : 1900;
    return n == 2 || n == 4;
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
    case INSTANT_DAY_NAME_YEAR:
        if (!scan_number(scan, 2, &date.day) || !scan_char(scan, format.separator) ||
            !scan_month_name(scan, &date.month) || !scan_char(scan, format.separator) ||
            !scan_year(scan, &date.year))
            return false;
        break;
    case INSTANT_COMPACT:
        if (scan_number(scan, 4, &date.year) != 4 || scan_number(scan, 2, &date.month) != 2 ||
            scan_number(scan, 2, &date.day) != 2) return false;
        break;
    case INSTANT_EPOCH_S:
    case INSTANT_EPOCH_MS:
    default:
        return false;
    }
    *ret = date;
    return calendar_is_valid(date);
}

static bool read_epoch(struct instant_format format, struct text text, int64_t *ret_time_ms)
{
    const int64_t unit_ms = format.order == INSTANT_EPOCH_S ? 1000 : 1;
    int64_t value, most_ms = INT64_C(253402300799999);      /* the end of the year 9999 */
    const char *point = text.length > 0 ? memchr(text.at, '.', text.length) : NULL;
    if (point) {                                            /* a fraction: finer than we keep */
        for (const char *c = point + 1; c < text.at + text.length; c++)
            if (!is_digit(*c)) return false;
        text.length = (size_t)(point - text.at);
    }
    if (!text_int64(text, &value) || value < 0 || value > most_ms / unit_ms) return false;
    *ret_time_ms = value * unit_ms;
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

bool instant_read(struct instant_reader *reader, struct text text, int64_t *ret_time_ms)
{
    text = text_trim(text);
    if (reader->format.order == INSTANT_EPOCH_S || reader->format.order == INSTANT_EPOCH_MS)
        return read_epoch(reader->format, text, ret_time_ms);
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
        if (*scan.at != ' ' && *scan.at != 'T' && *scan.at != 't') return false;
        scan.at++;
        size_t n = (size_t)(scan.end - scan.at);
        if (!read_plain_clock(scan.at, n, &clock_ms) && !calendar_parse_clock(scan.at, n, &clock_ms))
            return false;
    }
    *ret_time_ms = day_ms + clock_ms;
    return true;
}
