/* Zones against zdump, and what clocks do in spring and autumn. */
#include "base/calendar.h"
#include "base/zone.h"
#include "support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char folder[] = "/usr/share/zoneinfo";

static const struct zone *open_zone(struct arena *arena, const char *name)
{
    const struct zone *zone;
    struct err err;
    ASSERT_OK(zone_open(folder, text_of(name), arena, &zone, &err), &err);
    return zone;
}

static int64_t ms(const char *iso)
{
    int64_t time_ms;
    cr_assert(calendar_parse_iso(iso, strlen(iso), &time_ms), "%s", iso);
    return time_ms;
}

/* ---- zdump ---- */

static char names[1000][64];
static size_t n_names;

static int add_name(const char *path, const struct stat *status, int kind)
{
    const char *name = path + sizeof folder;
    (void)status;
    if (kind != FTW_F || strncmp(name, "posix/", 6) == 0 || strncmp(name, "right/", 6) == 0) return 0;
    char magic[4] = "";
    FILE *file = fopen(path, "rb");
    if (file && fread(magic, 1, 4, file) == 4 && memcmp(magic, "TZif", 4) == 0 && strlen(name) < sizeof *names &&
        n_names < sizeof names / sizeof *names)
        memcpy(names[n_names++], name, strlen(name) + 1);
    if (file) fclose(file);
    return 0;
}

static int month_of(const char *name)
{
    static const char all[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    return (int)(strstr(all, name) - all) / 3 + 1;
}

/* Every instant that zdump tells of has its offset, and our changes between are none but its. */
static void compare_with_zdump(const char *name)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct zone *zone = open_zone(arena, name);
    char line[300];
    const char *command = arena_format(arena, "zdump -v -c 1900,2038 %s", name);
    FILE *pipe = popen(command, "r");
    int64_t last_ms = INT64_MIN;
    size_t n = 0;
    while (fgets(line, sizeof line, pipe)) {
        char month[4];
        int day, hour, minute, second, year, is_dst;
        long offset_s;
        const char *dst = strstr(line, "isdst=");
        if (!dst || sscanf(line, "%*s %*s %3s %d %d:%d:%d %d", month, &day, &hour, &minute, &second, &year) != 6 ||
            sscanf(dst, "isdst=%d gmtoff=%ld", &is_dst, &offset_s) != 2 || year < 1 || year > 2100)
            continue;
        int64_t at_ms = calendar_day((struct civil){ year, month_of(month), day }) * MS_PER_DAY +
                        INT64_C(1000) * (3600 * hour + 60 * minute + second);
        cr_assert_eq(zone_offset_ms(zone, at_ms), 1000 * offset_s, "%s: %s", name, line);
        cr_assert_eq(zone_is_dst(zone, at_ms), is_dst != 0, "%s: %s", name, line);
        if (last_ms != INT64_MIN && at_ms > last_ms + 1000)
            cr_assert_geq(zone_next_change_ms(zone, last_ms), at_ms, "%s changes where zdump does not: %s", name,
                          line);
        last_ms = at_ms;
        n++;
    }
    cr_assert_eq(pclose(pipe), 0);
    cr_assert(n > 0 || zone_next_change_ms(zone, 0) == INT64_MAX, "zdump said nothing of %s", name);
    arena_free(arena);
}

Test(zone, every_zone_changes_when_zdump_says_until_2037)
{
    cr_assert_eq(ftw(folder, add_name, 20), 0);
    cr_assert_gt(n_names, 300);
    for (size_t i = 0; i < n_names; i++) compare_with_zdump(names[i]);
}

/* ---- local times ---- */

Test(zone, a_skipped_time_keeps_the_offset_before_it_and_of_a_repeated_one_the_first_counts)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    static const struct { const char *zone, *local, *utc; } cases[] = {
        { "Europe/Berlin", "2027-03-28T02:30:00", "2027-03-28T01:30:00Z" },     /* is 03:30 there */
        { "Europe/Berlin", "2027-03-28T01:59:59", "2027-03-28T00:59:59Z" },
        { "Europe/Berlin", "2027-03-28T03:00:00", "2027-03-28T01:00:00Z" },
        { "Europe/Berlin", "2027-10-31T02:30:00", "2027-10-31T00:30:00Z" },
        { "Europe/Berlin", "2027-10-31T03:00:00", "2027-10-31T02:00:00Z" },
        { "America/New_York", "2027-11-07T01:30:00", "2027-11-07T05:30:00Z" },
        { "Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z" },      /* the day that was left out */
        { "Australia/Lord_Howe", "2027-04-04T01:45:00", "2027-04-03T14:45:00Z" },       /* half an hour twice */
        { "America/Sao_Paulo", "2018-11-04T00:00:00", "2018-11-04T03:00:00Z" },         /* midnight was skipped */
        { "Asia/Kathmandu", "2027-01-01T00:00:00", "2026-12-31T18:15:00Z" },
        { "Europe/Dublin", "2060-07-01T12:00:00", "2060-07-01T11:00:00Z" },     /* by the footer's rule */
        { "America/Nuuk", "2040-03-24T22:30:00", "2040-03-25T00:30:00Z" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char found[21];
        calendar_format_ms(zone_time_ms(open_zone(arena, cases[i].zone), ms(cases[i].local)), found);
        cr_assert_str_eq(found, cases[i].utc, "%s %s", cases[i].zone, cases[i].local);
    }
    arena_free(arena);
}

Test(zone, every_instant_comes_back_from_its_local_time_but_for_what_the_clock_shows_twice)
{
    static const char *const places[] = { "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Casablanca",
                                          "America/Asuncion", "Africa/Cairo", "Asia/Almaty", "Australia/Lord_Howe",
                                          "Pacific/Apia", "Antarctica/Troll" };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        const struct zone *zone = open_zone(arena, places[p]);
        EACH_CASE(c, 2000) {
            int64_t time_ms = (int64_t)rng_below(&c.rng, UINT64_C(130) * 366 * MS_PER_DAY) - 60 * 366 * MS_PER_DAY;
            int64_t back_ms = zone_time_ms(zone, zone_local_ms(zone, time_ms));
            cr_assert_eq(zone_local_ms(zone, back_ms), zone_local_ms(zone, time_ms), "%s", places[p]);
            cr_assert_leq(back_ms, time_ms, "%s: a later one of two was taken", places[p]);
        }
    }
    arena_free(arena);
}

Test(zone, what_is_no_name_reaches_no_file)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct zone *zone;
    struct err err;
    static const char *const wrong[] = { "../../etc/passwd", "/etc/passwd", "", "Europe//Berlin", "Europe/", ".",
                                         "Europe/Berlin\n", "zone.tab" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ASSERT_FAILS(zone_open(folder, text_of(wrong[i]), arena, &zone, &err), &err, ERR_INVALID,
                     "is no time zone");
    ASSERT_FAILS(zone_open(folder, text_of("Europe/Atlantis"), arena, &zone, &err), &err, ERR_INVALID,
                 "there is no time zone 'Europe/Atlantis'");
    ASSERT_FAILS(zone_open(folder, text_of("Europe"), arena, &zone, &err), &err, ERR_INVALID,
                 "there is no time zone");
    ASSERT_FAILS(zone_open(folder, text_of("tzdata"), arena, &zone, &err), &err, ERR_INVALID,
                 "there is no time zone");
    cr_assert_eq(zone_local_ms(zone_utc, 12345), 12345);
    cr_assert_eq(zone_time_ms(zone_utc, 12345), 12345);
    arena_free(arena);
}
