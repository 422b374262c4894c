/* instant_words.c - see instant_words.h. */
#include "customer/instant_words.h"

#include "base/zone.h"

#include <stdio.h>

static const char zone_folder[] = "/usr/share/zoneinfo";

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool is_ascii_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

static void advance(struct text *text, size_t n) { text->at += n, text->length -= n; }

/* Blanks, no-break and thin ones too: JavaScript writes them before AM. */
static size_t blank_bytes(struct text text)
{
    static const char *const blanks[] = { " ", "\t", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xa0" };
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        size_t n = strlen(blanks[i]);
        if (text.length >= n && memcmp(text.at, blanks[i], n) == 0) return n;
    }
    return 0;
}

static size_t skip_blanks(struct text *text)
{
    size_t n, all = 0;
    while ((n = blank_bytes(*text)) > 0) advance(text, n), all += n;
    return all;
}

static size_t read_digits(struct text *text, size_t most, int *ret_value)
{
    size_t n = 0;
    int value = 0;
    while (n < most && n < text->length && is_digit(text->at[n])) value = 10 * value + (text->at[n++] - '0');
    advance(text, n);
    *ret_value = value;
    return n;
}

/* ---- Words ---- */

enum { WORD_BYTES = 24 };

/* The letters at the start, in lower case and without accents; 0: there are none, or too many.  The letters of
 * the Latin-1 supplement are C3 xx in UTF-8 and one byte, 40 hexadecimal higher, in Latin-1. */
static size_t read_word(struct text *text, char ret_word[WORD_BYTES])
{
    static const char folded[] =
        "aaaaaaaceeeeiiiidnooooo.ouuuuyts"; /* of C3 A0 to C3 BF, and of their capitals */
    size_t n = 0;
    while (text->length > 0) {
        unsigned char c = (unsigned char)*text->at;
        size_t bytes = 1;
        if (is_ascii_letter((char)c)) {
            c = (unsigned char)(c | 32);
        } else if (c == 0xC3 && text->length > 1 && (unsigned char)text->at[1] >= 0x80) {
            c = (unsigned char)folded[(unsigned char)text->at[1] & 0x1F];
            bytes = 2;
        } else if (c >= 0xC0) {
            c = (unsigned char)folded[c & 0x1F];
        } else {
            break;
        }
        if (n + 1 == WORD_BYTES) return 0;
        ret_word[n++] = (char)c;
        advance(text, bytes);
    }
    ret_word[n] = 0;
    return n;
}

static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; n > 0 && (at = strstr(at, word)); at += n)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0)) return true;
    return false;
}

/* 1 to 12, or 0. */
static int month_of(const char *word)
{
    static const char *const months[] = {
        "jan january januar janner jaenner januari janvier janv enero ene gennaio gen janeiro",
        "feb february februar februari fevrier fevr fev febrero febbraio fevereiro",
        "mar march marz maerz maart mrt mars marzo marco mrz",
        "apr april avril avr abril abr aprile",
        "may mai mei mayo maggio mag maio",
        "jun june juni juin junio giugno giu junho",
        "jul july juli juillet juil julio luglio lug julho",
        "aug august augustus aout aou agosto ago",
        "sep sept september septembre septiembre setiembre settembre set setembro",
        "oct october oktober okt octobre octubre ottobre ott outubro out",
        "nov november novembre noviembre novembro",
        "dec december dezember dez decembre diciembre dic dicembre dezembro",
    };
    for (int m = 0; m < 12; m++)
        if (has_word(months[m], word)) return m + 1;
    return 0;
}

/* Between the parts of a date, behind a day's number, or before all: days of the week. */
static bool is_filler(const char *word)
{
    return has_word("de del di of den der le the d st nd rd th er o a", word);
}

static bool is_weekday(const char *word)
{
    return has_word(
        "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday "
        "mo montag di dienstag mi mittwoch do donnerstag fr freitag sa samstag sonnabend so sonntag "
        "ma maandag dinsdag wo woensdag donderdag vr vrijdag za zaterdag zo zondag "
        "lun lundi mar mardi mer mercredi jeu jeudi ven vendredi sam samedi dim dimanche "
        "lunes martes mie miercoles jue jueves vie viernes sab sabado dom domingo "
        "lunedi martedi mercoledi giovedi gio venerdi sabato domenica "
        "seg segunda ter terca qua quarta qui quinta sex sexta feira",
        word);
}

int instant_year_of_two(int digits) { return digits + (digits < 70 ? 2000 : 1900); }

/* The parts of a date as they come. */
struct parts {
    int day, month, year;
    bool has_any, has_year;
    struct text clock;
};

static bool take_number(struct text *text, struct parts *parts)
{
    int value;
    struct text look = *text;
    size_t n = read_digits(&look, 5, &value);
    bool is_clock = n <= 2 && parts->day && parts->month && !parts->has_year && look.length > 2 &&
                    *look.at == ':' && is_digit(look.at[1]);
    if (is_clock) { /* the year stands behind the clock and its zone */
        size_t length = text->length;
        while (length > 0 && is_digit(text->at[length - 1])) length--;
        if (text->length - length != 4 || length == 0) return false;
        parts->clock = text_trim((struct text){ text->at, length });
        advance(text, length);
        return true;
    }
    if (n == 4 && !parts->has_year) parts->year = value, parts->has_year = true;
    else if (n <= 2 && !parts->day) parts->day = value;
    else if (n == 2 && !parts->has_year) parts->year = instant_year_of_two(value), parts->has_year = true;
    else return false;
    *text = look;
    return true;
}

static bool take_word(struct text *text, struct parts *parts)
{
    char word[WORD_BYTES];
    if (read_word(text, word) == 0) return false;
    int month = parts->month ? 0 : month_of(word);
    if (!parts->has_any && is_weekday(word) && (!month || strcmp(word, "mar") != 0)) return true;
    if (month) {
        parts->month = month;
        return true;
    }
    return parts->has_any ? is_filler(word) : is_weekday(word);
}

bool instant_named_date(struct text text, struct civil *ret_date, struct text *ret_clock, struct text *ret_rest)
{
    struct parts parts = { 0 };
    while (!parts.day || !parts.month || !parts.has_year) {
        size_t n = blank_bytes(text);
        if (text.length == 0) return false;
        if (n > 0) {
            advance(&text, n);
            continue;
        }
        if (strchr(",.-/'", *text.at)) {
            advance(&text, 1);
            continue;
        }
        bool is_number = is_digit(*text.at);
        if (!(is_number ? take_number(&text, &parts) : take_word(&text, &parts))) return false;
        parts.has_any |= parts.day || parts.month || parts.has_year;
    }
    *ret_date = (struct civil){ parts.year, parts.month, parts.day };
    *ret_clock = parts.clock;
    *ret_rest = text;
    return calendar_is_valid(*ret_date);
}

bool instant_named_month(struct text text, struct civil *ret_first)
{
    char word[WORD_BYTES];
    int year;
    int month = read_word(&text, word) > 0 ? month_of(word) : 0;
    if (month && text.length > 0 && strchr(" -/.'", *text.at)) advance(&text, 1);
    skip_blanks(&text);
    size_t n = read_digits(&text, 4, &year);
    if (!month || text.length > 0 || (n != 4 && n != 2)) return false;
    *ret_first = (struct civil){ n == 4 ? year : instant_year_of_two(year), month, 1 };
    return calendar_is_valid(*ret_first);
}

/* ---- Clocks ---- */

/* "9:00:00", "09.00", "9h30", "090000", "9" (only before am or pm): *ret_is_bare. */
static bool read_time(struct text *text, int64_t *ret_ms, bool *ret_is_bare)
{
    int hour, minute = 0, second = 0, milli = 0;
    struct text start = *text;
    size_t n = read_digits(text, 7, &hour);
    *ret_is_bare = false;
    if (n == 4 || n == 6) {
        *text = start;
        read_digits(text, 2, &hour);
        read_digits(text, 2, &minute);
        read_digits(text, 2, &second);
    } else if (n == 1 || n == 2) {
        char sign = text->length > 1 && is_digit(text->at[1]) ? (char)*text->at : 0;
        *ret_is_bare = sign != ':' && sign != '.' && (sign | 32) != 'h';
        if (!*ret_is_bare) {
            advance(text, 1);
            if (read_digits(text, 2, &minute) != 2) return false;
            if (text->length > 1 && (*text->at == ':' || *text->at == sign || *text->at == 'm') &&
                is_digit(text->at[1])) {
                advance(text, 1);
                if (read_digits(text, 2, &second) != 2) return false;
            }
        }
    } else {
        return false;
    }
    if (text->length > 1 && (*text->at == '.' || *text->at == ',') && is_digit(text->at[1])) {
        int finer;
        advance(text, 1);
        for (size_t i = read_digits(text, 3, &milli); i < 3; i++) milli *= 10;
        read_digits(text, 9, &finer);
    }
    *ret_ms = ((hour * 60 + minute) * INT64_C(60) + second) * 1000 + milli;
    return hour <= 23 && minute <= 59 && second <= 60;
}

/* "AM", "p.m.", "a. m.".  False if it is there and the hour cannot be. */
static bool read_half(struct text *text, int64_t *ms, bool *ret_is_there)
{
    struct text look = *text;
    *ret_is_there = false;
    skip_blanks(&look);
    if (look.length < 2) return true;
    char half = (char)(*look.at | 32);
    if (half != 'a' && half != 'p') return true;
    advance(&look, 1);
    if (*look.at == '.') advance(&look, 1);
    skip_blanks(&look);
    if (look.length == 0 || (*look.at | 32) != 'm') return true;
    advance(&look, 1);
    if (look.length > 0 && is_ascii_letter(*look.at)) return true;
    if (look.length > 0 && *look.at == '.') advance(&look, 1);
    int64_t hour = *ms / 3600000;
    if (hour < 1 || hour > 12) return false;
    if (half == 'a' && hour == 12) *ms -= 12 * INT64_C(3600000);
    if (half == 'p' && hour < 12) *ms += 12 * INT64_C(3600000);
    *text = look;
    *ret_is_there = true;
    return true;
}

/* Names that mean one offset everywhere they are used; IST, CST of China and others do not. */
static bool named_offset(struct text name, int *ret_minutes)
{
    static const struct {
        const char *name;
        int minutes;
    } zones[] = {
        { "Z", 0 },      { "UTC", 0 },    { "GMT", 0 },    { "UT", 0 },     { "WET", 0 },     { "WEST", 60 },
        { "BST", 60 },   { "CET", 60 },   { "MEZ", 60 },   { "CEST", 120 }, { "MESZ", 120 },  { "EET", 120 },
        { "EEST", 180 }, { "MSK", 180 },  { "EST", -300 }, { "EDT", -240 }, { "CST", -360 },  { "CDT", -300 },
        { "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 }, { "AKST", -540 }, { "AKDT", -480 },
        { "HST", -600 }, { "JST", 540 },  { "KST", 540 },  { "AEST", 600 }, { "AEDT", 660 },  { "ACST", 570 },
        { "AWST", 480 }, { "NZST", 720 }, { "NZDT", 780 }, { "SGT", 480 },  { "HKT", 480 },
    };
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (text_equal_ignoring_case(name, text_of(zones[i].name))) {
            *ret_minutes = zones[i].minutes;
            return true;
        }
    return false;
}

static bool signed_offset(struct text *text, int *ret_minutes)
{
    int hour = 0, minute = 0;
    struct text look = *text;
    if (look.length < 2 || (*look.at != '+' && *look.at != '-')) return false;
    int sign = *look.at == '-' ? -1 : 1;
    advance(&look, 1);
    size_t n = read_digits(&look, 2, &hour);
    if (n == 0) return false;
    if (look.length > 2 && *look.at == ':') advance(&look, 1);
    if (look.length > 0 && is_digit(*look.at) && read_digits(&look, 2, &minute) != 2) return false;
    if (hour > 18 || minute > 59) return false;
    *ret_minutes = sign * (60 * hour + minute);
    *text = look;
    return true;
}

/* "Europe/Rome": local time there. */
static bool place_offset(struct text name, int64_t local_ms, struct instant_zones *zones, int64_t *ret_offset_ms)
{
    struct err err;
    if (!zones || !zones->arena || name.length >= sizeof zones->name || !memchr(name.at, '/', name.length) ||
        !zone_is_name(name))
        return false;
    if (!text_equal(name, text_of(zones->name))) {
        const struct zone *zone;
        if (!zone_open(zone_folder, name, zones->arena, &zone, &err)) return false;
        memcpy(zones->name, name.at, name.length);
        zones->name[name.length] = 0;
        zones->zone = zone;
    }
    *ret_offset_ms = local_ms - zone_time_ms(zones->zone, local_ms);
    return true;
}

/* What follows a time: nothing, an offset, a name, both, and a remark in parentheses. */
static bool read_zone(struct text text, int64_t local_ms, struct instant_zones *zones, int64_t *ret_offset_ms)
{
    int minutes = 0, more = 0;
    skip_blanks(&text);
    *ret_offset_ms = 0;
    if (text.length > 2 && text.at[text.length - 1] == ')') {
        const char *open = memchr(text.at, '(', text.length);
        if (!open) return false;
        struct text remark = { open + 1, (size_t)(text.at + text.length - open) - 2 };
        bool is_alone = open == text.at;
        text = is_alone ? remark : text_trim((struct text){ text.at, (size_t)(open - text.at) });
    } else if (text.length > 2 && *text.at == '[' && text.at[text.length - 1] == ']') {
        text = (struct text){ text.at + 1, text.length - 2 };
    }
    if (text.length == 0) return true;
    if (signed_offset(&text, &minutes)) {
        skip_blanks(&text);
        *ret_offset_ms = minutes * INT64_C(60000);
        return text.length == 0 || named_offset(text, &more) || *text.at == '[';
    }
    size_t n = 0;
    while (n < text.length && is_ascii_letter(text.at[n])) n++;
    if (n < text.length && text.at[n] != '+' && text.at[n] != '-') n = text.length;
    if (place_offset(text, local_ms, zones, ret_offset_ms)) return true;
    struct text name = { text.at, n }, rest = { text.at + n, text.length - n };
    if (text_equal_ignoring_case(name, text_of("Uhr")) || text_equal_ignoring_case(name, text_of("h")))
        return n == text.length;
    if (!named_offset(name, &minutes)) return false;
    if (rest.length > 0 && (minutes != 0 || !signed_offset(&rest, &minutes) || rest.length > 0)) return false;
    *ret_offset_ms = minutes * INT64_C(60000);
    return true;
}

/* What instant_clock reads, behind its separator. */
static bool read_clock(struct text text, int64_t day, struct instant_zones *zones, int64_t *ret_ms)
{
    int64_t ms = 0, offset_ms = 0;
    bool is_bare, has_half;
    char word[WORD_BYTES];
    if (!is_digit(*text.at)) {
        struct text look = text;
        if (read_word(&look, word) == 0) return false;
        if (has_word("at um a om alle as ore", word)) {
            text = look;
            skip_blanks(&text);
        }
    }
    if (text.length == 0) return false;
    if (!is_digit(*text.at)) { /* a zone without a clock, as "2024-01-03 UTC" */
        if (!read_zone(text, day * MS_PER_DAY, zones, &offset_ms)) return false;
        *ret_ms = -offset_ms;
        return true;
    }
    bool is_hour = text.length == 2;        /* "2024-02-20 09" */
    if (!read_time(&text, &ms, &is_bare) || !read_half(&text, &ms, &has_half)) return false;
    if (is_bare && !has_half && !is_hour) {
        struct text rest = text;
        skip_blanks(&rest);
        if (!text_equal_ignoring_case(rest, text_of("Uhr")) && !text_equal_ignoring_case(rest, text_of("h")))
            return false;
    }
    if (!read_zone(text, day * MS_PER_DAY + ms, zones, &offset_ms)) return false;
    *ret_ms = ms - offset_ms;
    return true;
}

bool instant_clock(struct text text, int64_t day, struct instant_zones *zones, int64_t *ret_ms)
{
    *ret_ms = 0;
    if (text.length > 0 && *text.at == ',') advance(&text, 1);
    if (text.length > 1 && (*text.at == 'T' || *text.at == 't' || *text.at == ':') && is_digit(text.at[1]))
        advance(&text, 1);
    else if (skip_blanks(&text) == 0 && text.length > 0) return false;
    return text.length == 0 || read_clock(text, day, zones, ret_ms);
}

bool instant_time_of_day(struct text text, int64_t *ret_ms)
{
    struct instant_zones none = { 0 };
    text = text_trim(text);
    return text.length > 3 && is_digit(*text.at) && memchr(text.at, ':', 3) && read_clock(text, 0, &none, ret_ms) &&
           *ret_ms >= 0 && *ret_ms < MS_PER_DAY;
}
