/* Times in every format files use, and the texts that only look like one. */
#include "customer/instant.h"
#include "support.h"

#include <string.h>

Test(instant, every_format_reads_the_same_moment)
{
    static const struct { const char *format, *text; } cases[] = {
        { "YYYY-MM-DD", "2011-12-01 08:26:00" },  { "YYYY-MM-DD", " 2011-12-01T08:26:00Z " },
        { "YYYY-MM-DD", "2011-12-01 09:26+01:00" }, { "YYYY-MM-DD", "2011-12-01 08:26:00 UTC" },
        { "YYYY/MM/DD", "2011/12/1 8:26" },       { "D.M.Y", "1.12.2011 08:26" },
        { "D/M/Y", "01/12/11 8:26 AM" },          { "D-M-Y", "01-12-11 08:26:00.000" },
        { "M/D/Y", "12/1/2011 8:26" },            { "M/D/Y", "12/01/2011 08:26:00 am" },
        { "D-Mon-Y", "01-Dec-2011 08:26" },       { "D Mon Y", "1 dec 2011 08:26" },
        { "epoch-s", "1322727960" },              { "epoch-s", "1322727960.5" },
        { "epoch-ms", "1322727960000" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instant_reader reader = { 0 };
        int64_t got = -1;
        cr_assert(instant_find(cases[i].format, &reader.format), "%s", cases[i].format);
        cr_assert_str_eq(instant_name(reader.format), cases[i].format);
        for (int again = 0; again < 2; again++) {       /* the second time from the remembered date */
            cr_assert(instant_read(&reader, text_of(cases[i].text), &got), "%s", cases[i].text);
            cr_assert_eq(got, INT64_C(1322727960000), "%s is %lld", cases[i].text, (long long)got);
        }
    }
}

Test(instant, dates_that_are_none_are_refused)
{
    static const struct { const char *format, *text; } cases[] = {
        { "YYYY-MM-DD", "2011-02-29" }, { "YYYY-MM-DD", "2011-13-01" }, { "YYYY-MM-DD", "01/12/2011" },
        { "YYYY-MM-DD", "2011-12-01x" }, { "YYYY-MM-DD", "2011-12-01 25:00" }, { "YYYY-MM-DD", "" },
        { "D/M/Y", "12/31/2011" }, { "M/D/Y", "31/12/2011" }, { "D.M.Y", "1.2" }, { "yyyymmdd", "20110230" },
        { "yyyymmdd", "2011120" }, { "epoch-s", "-5" }, { "epoch-s", "12x" }, { "epoch-ms", "99999999999999999" },
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
