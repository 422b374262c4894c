/* filters_date.c - the filter that tells a date, as strftime does, by the clock of the person's zone. */
#include "template/liquid.h"
#include "template/template.h"
#include "base/letters.h"

#include "base/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
                                      "September", "October", "November", "December" };
static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

/* "March 14, 2016", "14 March 2016", "Mar 14 2016 10:30" */
static bool read_named(struct text text, int64_t *ret_local_ms)
{
    char copy[64], word[20], clock[20] = "";
    int day = 0, year = 0, month = 0, n;
    int64_t clock_ms = 0;
    if (text.length >= sizeof copy) return false;
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    for (char *comma = copy; (comma = strchr(comma, ','));) *comma = ' ';
    n = sscanf(copy, "%19[A-Za-z.] %d %d %19s", word, &day, &year, clock);
    if (n < 3) n = sscanf(copy, "%d %19[A-Za-z.] %d %19s", &day, word, &year, clock);
    size_t length = n < 3 ? 0 : strlen(word);
    if (length > 0 && word[length - 1] == '.') length--;
    if (length < 3) return false;
    for (int i = 0; i < 12; i++)
        if (strncasecmp(word, months[i], length) == 0) month = i + 1;
    struct civil date = { year, month, day };
    if (month == 0 || !calendar_is_valid(date)) return false;
    if (*clock && !calendar_parse_clock(clock, strlen(clock), &clock_ms)) return false;
    *ret_local_ms = calendar_day(date) * MS_PER_DAY + clock_ms;
    return true;
}

static bool names_zone(struct text text)
{
    for (size_t i = 10; i < text.length; i++)
        if (text.at[i] == 'Z' || text.at[i] == '+' || text.at[i] == '-') return true;
    return false;
}

/* What a value means as an instant, by the clock of the zone where it names none. */
static bool read_instant(const struct liquid_call *call, const struct zone *zone, int64_t *ret_ms)
{
    const struct liquid_value *in = &call->in;
    int64_t seconds = in->kind == LIQUID_INT ? in->integer : 0;
    bool is_positive = in->kind == LIQUID_TEXT && in->text.length > 0 && in->text.at[0] != '-';
    if (in->kind == LIQUID_INT || (is_positive && text_int64(in->text, &seconds))) {
        if (seconds > INT64_C(253402300799) || seconds < INT64_C(-62135596800)) return false;
        *ret_ms = 1000 * seconds;
        return true;
    }
    if (in->kind != LIQUID_TEXT) return false;
    if (text_equal_ignoring_case(in->text, text_of("now")) ||
        text_equal_ignoring_case(in->text, text_of("today"))) {
        *ret_ms = call->liquid->options->now_ms;
        return true;
    }
    if (calendar_parse_iso(in->text.at, in->text.length, ret_ms)) {
        if (!names_zone(in->text)) *ret_ms = zone_time_ms(zone, *ret_ms);
        return true;
    }
    if (!read_named(text_trim(in->text), ret_ms)) return false;
    *ret_ms = zone_time_ms(zone, *ret_ms);
    return true;
}

/* ---- what a moment is called ---- */

struct moment {
    int64_t      time_ms, offset_ms;
    const char  *locale;            /* in whose words; NULL: English */
    bool         has_day;           /* a day of the month stands beside, by which some languages bend the month */
    struct civil date;
    int          hour, minute, second, millisecond;
    int          weekday;           /* 0 Monday */
    int          day_of_year;       /* from 1 */
    int          iso_week, iso_year;        /* ISO 8601: the week of a year's first Thursday is its first */
};

static struct moment moment_of(const struct zone *zone, int64_t time_ms)
{
    int64_t local_ms = zone_local_ms(zone, time_ms), day = calendar_day_of_ms(local_ms),
            into_ms = local_ms - day * MS_PER_DAY;
    struct moment m = { .time_ms = time_ms, .offset_ms = local_ms - time_ms, .date = calendar_civil(day) };
    m.hour = (int)(into_ms / 3600000), m.minute = (int)(into_ms / 60000 % 60);
    m.second = (int)(into_ms / 1000 % 60), m.millisecond = (int)(into_ms % 1000);
    m.weekday = calendar_weekday(day);
    m.day_of_year = (int)(day - calendar_day((struct civil){ m.date.year, 1, 1 })) + 1;
    int64_t thursday = day - m.weekday + 3;
    m.iso_year = calendar_civil(thursday).year;
    m.iso_week = (int)((thursday - calendar_day((struct civil){ m.iso_year, 1, 1 })) / 7) + 1;
    return m;
}

struct number { int value, width; char pad; };

/* The directives that are numbers.  False: the letter is none of them. */
static bool number_of(const struct moment *m, char letter, struct number *ret_number)
{
    const int hour_of_12 = (m->hour + 11) % 12 + 1, sunday = (m->weekday + 1) % 7;
    const struct { char letter; struct number number; } all[] = {
        { 'Y', { m->date.year, 1, '0' } },          { 'C', { m->date.year / 100, 2, '0' } },
        { 'y', { m->date.year % 100, 2, '0' } },    { 'm', { m->date.month, 2, '0' } },
        { 'd', { m->date.day, 2, '0' } },           { 'e', { m->date.day, 2, ' ' } },
        { 'j', { m->day_of_year, 3, '0' } },        { 'H', { m->hour, 2, '0' } },
        { 'k', { m->hour, 2, ' ' } },               { 'I', { hour_of_12, 2, '0' } },
        { 'l', { hour_of_12, 2, ' ' } },            { 'M', { m->minute, 2, '0' } },
        { 'S', { m->second, 2, '0' } },             { 'L', { m->millisecond, 3, '0' } },
        { 'u', { m->weekday + 1, 1, '0' } },        { 'w', { sunday, 1, '0' } },
        { 'V', { m->iso_week, 2, '0' } },           { 'G', { m->iso_year, 1, '0' } },
        { 'U', { (m->day_of_year + 6 - sunday) / 7, 2, '0' } },
        { 'W', { (m->day_of_year + 6 - m->weekday) / 7, 2, '0' } },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].letter == letter) {
            *ret_number = all[i].number;
            return true;
        }
    return false;
}

/* What the person's language calls it; NULL: it is told in English. */
static const char *local_word_of(const struct moment *m, char letter, struct arena *arena)
{
    const char *pattern = letter == 'B'                    ? m->has_day ? "MMMM" : "LLLL"
                          : letter == 'b' || letter == 'h' ? m->has_day ? "MMM" : "LLL"
                          : letter == 'A'                  ? "EEEE"
                          : letter == 'a'                  ? "EEE"
                          : letter == 'p'                  ? "a" : NULL;
    struct text word;
    if (!m->locale || !pattern || !letters_date_word(arena, m->time_ms + m->offset_ms, pattern, m->locale, &word))
        return NULL;
    return arena_format(arena, "%.*s", (int)word.length, word.at);
}

static const char *word_of(const struct moment *m, char letter, struct arena *arena)
{
    int minutes = (int)(m->offset_ms / 60000);
    const char *local = local_word_of(m, letter, arena);
    if (local) return local;
    switch (letter) {
    case 'B': return months[m->date.month - 1];
    case 'b':
    case 'h': return arena_format(arena, "%.3s", months[m->date.month - 1]);
    case 'A': return days[m->weekday];
    case 'a': return arena_format(arena, "%.3s", days[m->weekday]);
    case 'p': return m->hour < 12 ? "AM" : "PM";
    case 'P': return m->hour < 12 ? "am" : "pm";
    case 'n': return "\n";
    case 't': return "\t";
    case '%': return "%";
    case 's': return arena_format(arena, "%" PRId64, (m->time_ms - m->millisecond) / 1000);
    case 'Z':
        if (minutes == 0) return "UTC";
        /* fall through */
    case 'z':
        return arena_format(arena, "%c%02d%02d", minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
    default: return NULL;
    }
}

/* The directives that stand for several. */
static const char *format_of(char letter)
{
    switch (letter) {
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'T':
    case 'X': return "%H:%M:%S";
    case 'R': return "%H:%M";
    case 'r': return "%I:%M:%S %p";
    case 'c': return "%a %b %e %H:%M:%S %Y";
    default: return NULL;
    }
}

static bool put_format(struct liquid_buffer *out, struct text format, const struct moment *m);

/* One directive; flag is '-' no padding, '0' or '_' (a blank) for padding, '^' capitals, or 0.  *ret_is false:
 * there is none of that letter. */
static bool put_directive(struct liquid_buffer *out, char letter, char flag, const struct moment *m, bool *ret_is)
{
    struct arena *arena = out->liquid->arena;
    struct number number;
    const char *word = word_of(m, letter, arena), *several = format_of(letter);
    *ret_is = true;
    if (several) return put_format(out, text_of(several), m);
    if (word) return liquid_put(out, flag == '^' ? letters_upper(arena, text_of(word)) : text_of(word));
    *ret_is = number_of(m, letter, &number);
    if (!*ret_is) return true;
    if (flag == '-') number.width = 1;
    char pad = flag == '_' ? ' ' : flag == '0' ? '0' : number.pad;
    return liquid_put(out, text_of(pad == '0' ? arena_format(arena, "%0*d", number.width, number.value)
                                              : arena_format(arena, "%*d", number.width, number.value)));
}

static bool put_format(struct liquid_buffer *out, struct text format, const struct moment *m)
{
    for (size_t i = 0; i < format.length; i++) {
        size_t at = i;
        char flag = 0;
        bool is = false;
        if (format.at[i] == '%') {
            if (i + 2 < format.length && memchr("-0_^", format.at[i + 1], 4)) flag = format.at[++at];
            if (at + 1 < format.length && !put_directive(out, format.at[++at], flag, m, &is)) return false;
        }
        if (is) i = at;
        else if (!liquid_put(out, (struct text){ format.at + i, 1 })) return false;
    }
    return true;
}

static bool has_day_in(struct text format)
{
    for (size_t i = 0; i + 1 < format.length; i++) {
        if (format.at[i] != '%') continue;
        size_t at = i + 1 + (i + 2 < format.length && memchr("-0_^", format.at[i + 1], 4));
        if (format.at[at] == 'd' || format.at[at] == 'e') return true;
    }
    return false;
}

/* NULL: English, as the filter speaks by itself. */
static const char *locale_of(const struct liquid_call *call, char *room, size_t size)
{
    const char *told = call->liquid->options->locale;
    if (!told || strncasecmp(told, "en", 2) == 0) return NULL;
    snprintf(room, size, "%s", told);
    return strcspn(room, "@") == strlen(room) ? room : NULL;
}

static bool run_date(const struct liquid_call *call, struct liquid_value *ret_value)
{
    const struct zone *zone = call->liquid->options->zone ? call->liquid->options->zone : zone_utc;
    struct liquid_buffer buffer = { .liquid = call->liquid };
    struct text format;
    int64_t time_ms;
    *ret_value = call->in;
    if (!liquid_print(call->liquid, &call->arguments[0], &format)) return false;
    if (format.length == 0 || !read_instant(call, zone, &time_ms)) return true;
    struct moment m = moment_of(zone, time_ms);
    char locale[32];
    m.locale = locale_of(call, locale, sizeof locale);
    m.has_day = has_day_in(format);
    if (!put_format(&buffer, format, &m)) return false;
    *ret_value = liquid_text(liquid_put_text(&buffer));
    return true;
}

const struct liquid_filter liquid_filters_date[] = {
    { "date", 1, 1, run_date },
    { 0 },
};
