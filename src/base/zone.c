/* zone.c - see zone.h.
 *
 * A zone file lists the changes up to some year, each with the type of time it begins; what holds after the last
 * one says a rule in its footer, in the form of the environment variable TZ (POSIX): two types of time and when in
 * a year each begins. */
#include "base/zone.h"

#include "base/calendar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MOST_BYTES = 1 << 18, CHANGES_MOST = 1 << 14, TYPES_MOST = 256, NAME_MOST_BYTES = 100 };
enum { HEADER_BYTES = 44, DAY_S = 86400, WEEK_DAYS = 7 };

/* No two places are further apart, and no clock was ever set by more. */
static const int64_t furthest_s = 26 * 3600;

struct type { int32_t offset_s; bool is_dst; };

enum yearly_by { BY_MONTH_WEEK_DAY, BY_JULIAN_DAY, BY_DAY_FROM_0 };
struct yearly { enum yearly_by by; int month, week, day; int32_t time_s; };     /* local, before the change */

struct zone {
    size_t             n_changes;
    const int64_t     *change_s;        /* [n_changes] ascending */
    const struct type *becomes;         /* [n_changes] */
    struct type        first;           /* before them all */
    bool               has_rule, has_dst;
    struct type        standard, daylight;
    struct yearly      daylight_begins, standard_begins;
};

static const struct zone utc = { .has_rule = true };
const struct zone *const zone_utc = &utc;

/* ---- the footer's rule ---- */

struct rule_reading { const char *at, *end; };

static bool take(struct rule_reading *r, char c)
{
    if (r->at == r->end || *r->at != c) return false;
    r->at++;
    return true;
}

static bool read_number(struct rule_reading *r, int most, int *ret_number)
{
    int number = 0;
    const char *began = r->at;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        number = 10 * number + (*r->at - '0');
        if (number > most) return false;
    }
    *ret_number = number;
    return r->at > began;
}

/* "CET" or "<+03>". */
static bool skip_abbreviation(struct rule_reading *r)
{
    const char *began = r->at;
    if (take(r, '<')) {
        while (r->at < r->end && *r->at != '>') r->at++;
        return take(r, '>');
    }
    while (r->at < r->end && (*r->at | 32) >= 'a' && (*r->at | 32) <= 'z') r->at++;
    return r->at - began >= 3;
}

/* "-1", "5:30", "167:59:59": hours may exceed a day (RFC 9636, 3.3.1). */
static bool read_clock(struct rule_reading *r, int32_t *ret_s)
{
    int hours, minutes = 0, seconds = 0;
    bool is_negative = take(r, '-');
    if (!is_negative) (void)take(r, '+');
    if (!read_number(r, 167, &hours)) return false;
    if (take(r, ':') && (!read_number(r, 59, &minutes) || (take(r, ':') && !read_number(r, 59, &seconds))))
        return false;
    *ret_s = (is_negative ? -1 : 1) * (3600 * hours + 60 * minutes + seconds);
    return true;
}

/* ",M3.5.0/2", ",J60", ",59/-1" */
static bool read_yearly(struct rule_reading *r, struct yearly *ret_yearly)
{
    struct yearly yearly = { .by = BY_DAY_FROM_0, .time_s = 2 * 3600 };
    bool ok = take(r, ',');
    if (ok && take(r, 'M')) {
        yearly.by = BY_MONTH_WEEK_DAY;
        ok = read_number(r, 12, &yearly.month) && take(r, '.') && read_number(r, 5, &yearly.week) &&
             take(r, '.') && read_number(r, 6, &yearly.day) && yearly.month >= 1 && yearly.week >= 1;
    } else if (ok && take(r, 'J')) {
        yearly.by = BY_JULIAN_DAY;
        ok = read_number(r, 365, &yearly.day) && yearly.day >= 1;
    } else if (ok) {
        ok = read_number(r, 365, &yearly.day);
    }
    if (ok && take(r, '/')) ok = read_clock(r, &yearly.time_s);
    *ret_yearly = yearly;
    return ok;
}

static bool read_rule(struct text text, struct zone *zone)
{
    struct rule_reading r = { text.at, text.at + text.length };
    int32_t west_s;
    if (text.length == 0) return true;          /* the last change holds for ever */
    if (!skip_abbreviation(&r) || !read_clock(&r, &west_s)) return false;
    zone->has_rule = true;
    zone->standard = (struct type){ -west_s, false };
    if (r.at == r.end) return true;
    if (!skip_abbreviation(&r)) return false;
    zone->has_dst = true;
    zone->daylight = (struct type){ -west_s + 3600, true };
    if (r.at < r.end && *r.at != ',') {
        if (!read_clock(&r, &west_s)) return false;
        zone->daylight.offset_s = -west_s;
    }
    return read_yearly(&r, &zone->daylight_begins) && read_yearly(&r, &zone->standard_begins) && r.at == r.end;
}

static bool is_leap(int year) { return calendar_is_valid((struct civil){ year, 2, 29 }); }

/* The local second since 1970 at which it falls in a year. */
static int64_t yearly_s(const struct yearly *yearly, int year)
{
    int64_t day;
    if (yearly->by == BY_MONTH_WEEK_DAY) {
        int64_t first = calendar_day((struct civil){ year, yearly->month, 1 });
        int weekday = (calendar_weekday(first) + 1) % WEEK_DAYS;        /* 0 Sunday, as rules count */
        day = first + (yearly->day - weekday + WEEK_DAYS) % WEEK_DAYS + (yearly->week - 1) * WEEK_DAYS;
        if (yearly->week == 5 && calendar_civil(day).month != yearly->month) day -= WEEK_DAYS;
    } else {
        day = calendar_day((struct civil){ year, 1, 1 }) + yearly->day;
        if (yearly->by == BY_JULIAN_DAY && !(is_leap(year) && yearly->day >= 60)) day--; /* never counts 29 Feb */
    }
    return day * DAY_S + yearly->time_s;
}

struct turn { int64_t at_s; bool is_dst; };

/* The turns by the rule of a year and its neighbours, in order: a beginning of daylight saving after an end at the
 * same instant, so that a zone may have it all year. */
enum { TURNS = 6 };
static void turns_around(const struct zone *zone, int year, struct turn ret_turns[TURNS])
{
    size_t n = 0;
    for (int y = year - 1; y <= year + 1; y++) {
        ret_turns[n++] = (struct turn){ yearly_s(&zone->daylight_begins, y) - zone->standard.offset_s, true };
        ret_turns[n++] = (struct turn){ yearly_s(&zone->standard_begins, y) - zone->daylight.offset_s, false };
    }
    for (size_t i = 1; i < TURNS; i++)
        for (size_t j = i; j > 0; j--) {
            struct turn *a = &ret_turns[j - 1], *b = &ret_turns[j], was = *a;
            if (a->at_s < b->at_s || (a->at_s == b->at_s && (!a->is_dst || b->is_dst))) break;
            *a = *b, *b = was;
        }
}

/* The year of an instant, kept to those a calendar can count with its neighbours. */
static int year_of(int64_t time_s)
{
    const int64_t least = calendar_day((struct civil){ 3, 1, 1 }),
                  most = calendar_day((struct civil){ 9990, 1, 1 });
    int64_t day = time_s / DAY_S;
    return calendar_civil(day < least ? least : day > most ? most : day).year;
}

static struct type type_by_rule(const struct zone *zone, int64_t time_s)
{
    struct turn turns[TURNS];
    if (!zone->has_dst) return zone->standard;
    turns_around(zone, year_of(time_s), turns);
    bool is_dst = !turns[0].is_dst;
    for (size_t i = 0; i < TURNS && turns[i].at_s <= time_s; i++) is_dst = turns[i].is_dst;
    return is_dst ? zone->daylight : zone->standard;
}

/* ---- asking ---- */

/* How many changes lie at or before an instant. */
static size_t changes_until(const struct zone *zone, int64_t time_s)
{
    size_t low = 0, high = zone->n_changes;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->change_s[middle] <= time_s) low = middle + 1;
        else high = middle;
    }
    return low;
}

static struct type type_at(const struct zone *zone, int64_t time_s)
{
    size_t n = changes_until(zone, time_s);
    if (n == zone->n_changes && zone->has_rule) return type_by_rule(zone, time_s);
    return n > 0 ? zone->becomes[n - 1] : zone->first;
}

static bool is_same(struct type a, struct type b) { return a.offset_s == b.offset_s && a.is_dst == b.is_dst; }

static int64_t next_change_s(const struct zone *zone, int64_t after_s)
{
    struct type before = type_at(zone, after_s);
    for (size_t i = changes_until(zone, after_s); i < zone->n_changes; i++)
        if (!is_same(type_at(zone, zone->change_s[i]), before)) return zone->change_s[i];
    if (!zone->has_rule || !zone->has_dst) return INT64_MAX;
    int64_t from_s = zone->n_changes && zone->change_s[zone->n_changes - 1] > after_s ?
                         zone->change_s[zone->n_changes - 1] : after_s;
    struct turn turns[TURNS];
    turns_around(zone, year_of(from_s), turns);
    for (size_t i = 0; i < TURNS; i++)
        if (turns[i].at_s > from_s && !is_same(type_at(zone, turns[i].at_s), before)) return turns[i].at_s;
    return INT64_MAX;
}

static int64_t seconds_of(int64_t ms) { return ms / 1000 - (ms % 1000 < 0); }

int64_t zone_offset_ms(const struct zone *zone, int64_t time_ms)
{
    return INT64_C(1000) * type_at(zone, seconds_of(time_ms)).offset_s;
}

bool zone_is_dst(const struct zone *zone, int64_t time_ms) { return type_at(zone, seconds_of(time_ms)).is_dst; }

int64_t zone_local_ms(const struct zone *zone, int64_t time_ms) { return time_ms + zone_offset_ms(zone, time_ms); }

int64_t zone_next_change_ms(const struct zone *zone, int64_t time_ms)
{
    int64_t next_s = next_change_s(zone, seconds_of(time_ms));
    return next_s == INT64_MAX ? INT64_MAX : next_s * 1000;
}

/* Walks the spans of one offset near the local time: the first that shows it, or the gap that it falls into. */
int64_t zone_time_ms(const struct zone *zone, int64_t local_ms)
{
    int64_t local_s = seconds_of(local_ms), from_s = local_s - furthest_s;
    for (;;) {
        int64_t offset_s = type_at(zone, from_s).offset_s, next_s = next_change_s(zone, from_s);
        bool is_reached = local_s - offset_s >= from_s, is_last = next_s > local_s + furthest_s;
        if (is_last || (is_reached && local_s - offset_s < next_s)) return local_ms - 1000 * offset_s;
        if (is_reached && local_s < next_s + type_at(zone, next_s).offset_s) return local_ms - 1000 * offset_s;
        from_s = next_s;
    }
}

/* ---- files ---- */

struct counts { uint32_t n_utc, n_standard, n_leaps, n_changes, n_types, n_letters; };

static int64_t big_endian(const char *at, size_t n_bytes)
{
    uint64_t value = (unsigned char)at[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < n_bytes; i++) value = value << 8 | (unsigned char)at[i];
    return (int64_t)value;
}

/* Takes a header off the front of rest.  version 0 where it is of the first. */
static bool read_header(struct text *rest, struct counts *ret_counts, char *ret_version)
{
    if (rest->length < HEADER_BYTES || memcmp(rest->at, "TZif", 4) != 0) return false;
    uint32_t numbers[6];
    for (size_t i = 0; i < 6; i++) numbers[i] = (uint32_t)big_endian(rest->at + 20 + 4 * i, 4);
    *ret_version = rest->at[4];
    *ret_counts = (struct counts){ numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5] };
    rest->at += HEADER_BYTES, rest->length -= HEADER_BYTES;
    return ret_counts->n_changes <= CHANGES_MOST && ret_counts->n_types >= 1 &&
           ret_counts->n_types <= TYPES_MOST && ret_counts->n_letters <= FILE_MOST_BYTES &&
           ret_counts->n_leaps <= CHANGES_MOST && ret_counts->n_utc <= TYPES_MOST &&
           ret_counts->n_standard <= TYPES_MOST;
}

static size_t body_bytes(const struct counts *counts, size_t time_bytes)
{
    return counts->n_changes * (time_bytes + 1) + counts->n_types * 6 + counts->n_letters +
           counts->n_leaps * (time_bytes + 4) + counts->n_standard + counts->n_utc;
}

static bool read_body(const char *at, const struct counts *counts, size_t time_bytes, struct arena *arena,
                      struct zone *zone)
{
    const char *indexes = at + counts->n_changes * time_bytes, *types = indexes + counts->n_changes;
    int64_t *change_s = ARENA_ARRAY(arena, int64_t, counts->n_changes + 1);
    struct type all[TYPES_MOST], *becomes = ARENA_ARRAY(arena, struct type, counts->n_changes + 1);
    for (size_t i = 0; i < counts->n_types; i++) {
        all[i] = (struct type){ (int32_t)big_endian(types + 6 * i, 4), types[6 * i + 4] != 0 };
        if (all[i].offset_s <= -furthest_s || all[i].offset_s >= furthest_s) return false;
    }
    for (size_t i = 0; i < counts->n_changes; i++) {
        size_t type = (unsigned char)indexes[i];
        change_s[i] = big_endian(at + i * time_bytes, time_bytes);
        if (type >= counts->n_types || (i > 0 && change_s[i] <= change_s[i - 1])) return false;
        becomes[i] = all[type];
    }
    zone->n_changes = counts->n_changes;
    zone->change_s = change_s;
    zone->becomes = becomes;
    zone->first = all[0];
    return true;
}

bool zone_read(struct text bytes, struct arena *arena, const struct zone **ret_zone, struct err *err)
{
    struct zone *zone = ARENA_ARRAY(arena, struct zone, 1);
    struct counts counts;
    char version;
    bool ok = read_header(&bytes, &counts, &version) && body_bytes(&counts, 4) <= bytes.length;
    if (ok && version >= '2') {         /* the same again with wide instants, and a footer */
        bytes.at += body_bytes(&counts, 4), bytes.length -= body_bytes(&counts, 4);
        ok = read_header(&bytes, &counts, &version) && body_bytes(&counts, 8) <= bytes.length &&
             read_body(bytes.at, &counts, 8, arena, zone);
        struct text footer = { bytes.at + body_bytes(&counts, 8), bytes.length - body_bytes(&counts, 8) };
        const char *end = ok && footer.length > 1 ? memchr(footer.at + 1, '\n', footer.length - 1) : NULL;
        ok = ok && end && footer.at[0] == '\n' &&
             read_rule((struct text){ footer.at + 1, (size_t)(end - footer.at) - 1 }, zone);
    } else if (ok) {
        ok = read_body(bytes.at, &counts, 4, arena, zone);
    }
    if (!ok) return err_set(err, ERR_INVALID, "this is no zone file");
    *ret_zone = zone;
    return true;
}

bool zone_is_name(struct text name)
{
    bool is_word = false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i];
        if (c == '/' && !is_word) return false;
        bool is_letter =
            (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '+' || c == '-';
        if (c != '/' && !is_letter) return false;
        is_word = c != '/';
    }
    return is_word && name.length <= NAME_MOST_BYTES;
}

bool zone_open(const char *folder, struct text name, struct arena *arena, const struct zone **ret_zone,
               struct err *err)
{
    if (!zone_is_name(name))
        return err_set(err, ERR_INVALID, "'%.*s' is no time zone; one is called like Europe/Berlin",
                       (int)(name.length < NAME_MOST_BYTES ? name.length : NAME_MOST_BYTES), name.at);
    const char *path = arena_format(arena, "%s/%.*s", folder, (int)name.length, name.at);
    FILE *file = fopen(path, "rb");
    if (!file)
        return errno == ENOENT || errno == ENOTDIR
                   ? err_set(err, ERR_INVALID, "there is no time zone '%.*s'", (int)name.length, name.at)
                   : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    char *bytes = ARENA_ARRAY(arena, char, FILE_MOST_BYTES);
    size_t length = fread(bytes, 1, FILE_MOST_BYTES, file);
    bool is_read = !ferror(file);       /* a folder opens and cannot be read */
    fclose(file);
    if (!is_read) return err_set(err, ERR_INVALID, "there is no time zone '%.*s'", (int)name.length, name.at);
    return zone_read((struct text){ bytes, length }, arena, ret_zone, err) ||
           err_context(err, "time zone %.*s", (int)name.length, name.at);
}
