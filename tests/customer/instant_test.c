/* Times in every format files use, and the texts that only look like one. */
#include "customer/instant.h"
#include "support.h"

#include <string.h>

Test(instant, every_format_reads_the_same_moment)
{
    static const struct {
        const char *format, *text;
    } cases[] = {
        { "YYYY-MM-DD", "2011-12-01 08:26:00" },
        { "YYYY-MM-DD", " 2011-12-01T08:26:00Z " },
        { "YYYY-MM-DD", "2011-12-01 09:26+01:00" },
        { "YYYY-MM-DD", "2011-12-01 08:26:00 UTC" },
        { "YYYY/MM/DD", "2011/12/1 8:26" },
        { "D.M.Y", "1.12.2011 08:26" },
        { "D/M/Y", "01/12/11 8:26 AM" },
        { "D-M-Y", "01-12-11 08:26:00.000" },
        { "M/D/Y", "12/1/2011 8:26" },
        { "M/D/Y", "12/01/2011 08:26:00 am" },
        { "D Mon Y", "01-Dec-2011 08:26" },
        { "D Mon Y", "1 dec 2011 08:26" },
        { "epoch-s", "1322727960" },
        { "epoch-s", "1322727960.5" },
        { "epoch-ms", "1322727960000" },
        { "epoch-ms", "/Date(1322727960000)/" },
        { "epoch-ms", "/Date(1322727960000+0100)/" },
        { "YYYY.MM.DD", "2011. 12. 01. 08:26" },
        { "YYYY-Www", "2011-W48-4 08:26" },
        { "YYYY-Www", "2011w484T08:26" },
        { "YYYY年M月D日", "2011年12月1日 08:26" },
        { "YYYY年M月D日", "2011년 12월 1일 08:26" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instant_reader reader = { 0 };
        int64_t got = -1;
        cr_assert(instant_find(cases[i].format, &reader.format), "%s", cases[i].format);
        cr_assert_str_eq(instant_name(reader.format), cases[i].format);
        for (int again = 0; again < 2; again++) { /* the second time from the remembered date */
            cr_assert(instant_read(&reader, text_of(cases[i].text), &got), "%s", cases[i].text);
            cr_assert_eq(got, INT64_C(1322727960000), "%s is %lld", cases[i].text, (long long)got);
        }
    }
}

Test(instant, dates_that_are_none_are_refused)
{
    static const struct {
        const char *format, *text;
    } cases[] = {
        { "YYYY-MM-DD", "2011-02-29" },
        { "YYYY-MM-DD", "2011-13-01" },
        { "YYYY-MM-DD", "01/12/2011" },
        { "YYYY-MM-DD", "2011-12-01x" },
        { "YYYY-MM-DD", "2011-12-01 25:00" },
        { "YYYY-MM-DD", "" },
        { "D/M/Y", "12/31/2011" },
        { "M/D/Y", "31/12/2011" },
        { "D.M.Y", "1.2" },
        { "yyyymmdd", "20110230" },
        { "yyyymmdd", "2011120" },
        { "epoch-s", "-5" },
        { "epoch-s", "12x" },
        { "epoch-ms", "99999999999999999" },
        { "epoch-ms", "/Date(1322727960000)" },
        { "epoch-ms", "/Date(1322727960000x)/" },
        { "epoch-ms", "/Date()/" },
        { "YYYY年M月D日", "2011年13月1日" },
        { "YYYY年M月D日", "2011年12月1" },
        { "YYYY-MM", "2011-13" },
        { "YYYY-Www", "2011-W53" },
        { "YYYY-Www", "2011-W00" },
        { "YYYY-Www", "2011-W48-8" },
        { "YYYY-Www", "2011-48" },
        { "YYYY-MM", "2011-12-01" },
        { "D/M/Y", "1/1/2011 13:00 PM" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instant_reader reader = { 0 };
        int64_t got;
        cr_assert(instant_find(cases[i].format, &reader.format));
        cr_assert(!instant_read(&reader, text_of(cases[i].text), &got), "%s", cases[i].text);
    }
    struct instant_format format;
    cr_assert(!instant_find("MM-YY", &format));
}

static void reads(const char *format, const char *text, int64_t want_ms)
{
    struct arena *arena = arena_new(1 << 20);
    struct instant_reader reader = { .zones.arena = arena };
    int64_t got = -1;
    cr_assert(instant_find(format, &reader.format), "%s", format);
    for (int again = 0; again < 2; again++) {
        cr_assert(instant_read(&reader, text_of(text), &got), "%s as %s", text, format);
        cr_assert_eq(got, want_ms, "%s as %s is %lld", text, format, (long long)got);
    }
    arena_free(arena);
}

Test(instant, a_week_begins_on_its_monday_and_the_first_has_the_years_first_thursday)
{
    reads("YYYY-Www", "2024-W05", INT64_C(1706486400000));      /* 2024-01-29 */
    reads("YYYY-Www", "2021-W01", INT64_C(1609718400000));      /* 2021-01-04 */
    reads("YYYY-Www", "2020-W53", INT64_C(1609113600000));      /* 2020-12-28 */
    reads("YYYY-Www", "2020-W01", INT64_C(1577664000000));      /* 2019-12-30 */
}

Test(instant, months_are_named_in_seven_languages_whole_or_short)
{
    static const char *const texts[] = {
        "January 3, 2024 9:00 AM",
        "Jan 3, 2024, 9:00:00 AM",
        "3 Jan 2024 09:00",
        "3-Jan-24 09:00",
        "2024-Jan-03 09:00",
        "Wed, 03 Jan 2024 09:00:00 +0000",
        "Wed Jan 03 09:00:00 +0000 2024",
        "Wed Jan 3 09:00:00 2024",
        "Wed Jan 03 2024 10:00:00 GMT+0100 (Central European Standard Time)",
        "3rd January 2024 at 9:00 am",
        "Mittwoch, 3. Januar 2024 um 09:00 Uhr",
        "3. J\xc3\xa4n. 2024, 9 Uhr",
        "3 januari 2024 09:00",
        "mercredi 3 janvier 2024 \xc3\xa0 09h00",
        "3 janv. 2024 09:00",
        "3 de enero de 2024 09:00",
        "3 ene. 2024 9:00 a. m.",
        "3 gennaio 2024 alle 09.00",
        "3 gen 2024 9.00",
        "3 de janeiro de 2024 09:00",
        "03/Jan/2024:09:00:00 +0000",
        "Jan 3, 2024, 9:00:00\xe2\x80\xaf"
        "AM",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) reads("D Mon Y", texts[i], INT64_C(1704272400000));
    static const struct {
        const char *text;
        int month;
    } months[] = {
        { "1 fevr. 2024", 2 },
        { "1 f\xc3\xa9vrier 2024", 2 },
        { "1 f\xe9vrier 2024", 2 },
        { "1 mrt 2024", 3 },
        { "1. M\xc3\xa4rz 2024", 3 },
        { "1 mar 2024", 3 },
        { "1 abr 2024", 4 },
        { "1 mei 2024", 5 },
        { "1 giu 2024", 6 },
        { "1 juin 2024", 6 },
        { "1 lug 2024", 7 },
        { "1 ao\xc3\xbbt 2024", 8 },
        { "1 ago 2024", 8 },
        { "1 set 2024", 9 },
        { "1 Okt. 2024", 10 },
        { "1 ottobre 2024", 10 },
        { "1 out 2024", 10 },
        { "1 nov 2024", 11 },
        { "1 d\xc3\xa9"
          "c. 2024",
          12 },
        { "1 Dez 2024", 12 },
        { "1 dic 2024", 12 },
    };
    for (size_t i = 0; i < sizeof months / sizeof *months; i++)
        reads("D Mon Y", months[i].text, calendar_day((struct civil){ 2024, months[i].month, 1 }) * MS_PER_DAY);
}

Test(instant, numbers_and_clocks_of_every_kind_give_the_same_moment)
{
    static const struct {
        const char *format, *text;
    } cases[] = {
        { "yyyymmddhhmmss", "20240103090000" },
        { "yyyymmddhhmm", "202401030900" },
        { "yyyymmdd", "20240103T090000Z" },
        { "yyyymmdd", "20240103T100000+0100" },
        { "epoch-us", "1704272400000000" },
        { "epoch-ns", "1704272400000000000" },
        { "excel", "45294.375" },
        { "excel", "45294,375" },
        { "M/D/Y", "1/3/2024, 9:00:00 AM" },
        { "D/M/Y", "03/01/2024 09.00" },
        { "D.M.Y", "3. 1. 2024 9:00" },
        { "D/M/Y", "03/01/2024 9 am" },
        { "YYYY-MM-DD", "2024-01-03 04:00:00 EST" },
        { "YYYY-MM-DD", "2024-01-03 04:00 America/New_York" },
        { "YYYY-MM-DD", "2024-01-03T10:00:00+01:00[Europe/Rome]" },
        { "YYYY-MM-DD", "2024-01-03 10:00:00 CET" },
        { "YYYY-MM-DD", "2024-01-03 01:00:00 PST" },
        { "%d.%m.%Y %H-%M", "03.01.2024 09-00" },
        { "%Y week %m day %d, %I%p", "2024 week 01 day 03, 09AM" },
        { "%Y-%m-%dT%H:%M:%S%z", "2024-01-03T10:00:00+0100" },
        { "%Y-%m-%d %H:%M:%S", "2024-01-03 09:00:00.123" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        reads(cases[i].format, cases[i].text, INT64_C(1704272400000));
    reads("YYYY-MM-DD", "2024-07-03 05:00 America/New_York", INT64_C(1719997200000)); /* in summer */
}

Test(instant, what_is_nearly_a_time_is_none)
{
    static const struct {
        const char *format, *text;
    } cases[] = {
        { "D Mon Y", "3 Foo 2024" },
        { "D Mon Y", "Jan 2024" },
        { "D Mon Y", "32 Jan 2024" },
        { "D Mon Y", "3 Jan 2024 25:00" },
        { "D Mon Y", "3 Jan Feb 2024" },
        { "D Mon Y", "order of 3 Jan 2024" },
        { "D Mon Y", "3 Jan 2024 about noon" },
        { "yyyymmddhhmmss", "20240103256000" },
        { "yyyymmddhhmmss", "2024010309000" },
        { "yyyymmdd", "20240103090000" },
        { "excel", "12" },
        { "excel", "abc" },
        { "YYYY-MM-DD", "2024-01-03 09:00 IST" },
        { "%d.%m.%Y", "03.01.2024 09:00" },
        { "YYYY-MM-DD", "2024-01-03 09:00 Nowhere/Place" },
        { "D/M/Y", "03/01/2024 9" },
        { "M/D/Y", "1/3/2024, 13:00 PM" },
        { "%d.%m.%Y", "31.02.2024" },
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instant_reader reader = { .zones.arena = arena };
        int64_t got;
        cr_assert(instant_find(cases[i].format, &reader.format));
        cr_assert(!instant_read(&reader, text_of(cases[i].text), &got), "%s as %s", cases[i].text,
                  cases[i].format);
    }
    arena_free(arena);
}
