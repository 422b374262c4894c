/* Numbers from text: exact, whole, and refused where they do not fit. */
#include "base/text.h"
#include "base/number.h"
#include "support.h"

#include <string.h>

Test(text, whole_numbers_reach_both_ends_and_no_further)
{
    int64_t value;
    cr_assert(text_int64(text_of(" -9223372036854775808 "), &value) && value == INT64_MIN);
    cr_assert(text_int64(text_of("9223372036854775807"), &value) && value == INT64_MAX);
    static const char *const refused[] = {
        "", "-", "+", "9223372036854775808", "-9223372036854775809", "1.0", "0x10", "1 2", "1e3"
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        cr_assert(!text_int64(text_of(refused[i]), &value), "%s", refused[i]);
}

Test(text, doubles_are_read_with_either_decimal_sign_and_groups)
{
    static const struct { const char *text; char decimal; double want;
    } cases[] = {
        { "0", '.', 0 },
        { "-12.5", '.', -12.5 },
        { ".2", '.', 0.2 },
        { "5.", '.', 5 },
        { "1,234,567.25", '.', 1234567.25 },
        { "1.234.567,25", ',', 1234567.25 },
        { "1 234,5", ',', 1234.5 },
        { "12'345.5", '.', 12345.5 },
        { "1,23,456", '.', 123456 },
        { "12,34,567.5", '.', 1234567.5 },
        { "1e3", '.', 1000 },
        { "1.5E-3", '.', 0.0015 },
        { "0.1", '.', 0.1 },
        { "123456789012345678", '.', 123456789012345678.0 },
        { "2.2250738585072014e-308", '.', 2.2250738585072014e-308 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = -1;
        cr_assert(text_double(text_of(cases[i].text), cases[i].decimal, &got), "%s", cases[i].text);
        cr_assert(!(got < cases[i].want) && !(got > cases[i].want), "%s is %.17g", cases[i].text, got);
    }
}

Test(text, what_is_no_number_is_refused)
{
    static const char *const refused[] = { "",         " ",     "nan",      "NaN",    "inf",     "-inf",
                                           "Infinity", "0x1p3", "123,45,678", "12 34 567", "1,2345", "12,34.5", "1..2",
                                           "1-2",      "e5",    "1e",       "1e 5",   "1e99999", "--1",
                                           "1,234,56", ",5",    "abc",      "12abc",  "1e400" };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        double value;
        cr_assert(!text_double(text_of(refused[i]), '.', &value), "%s is %g", refused[i], value);
    }
}

Test(text, money_is_exact_and_rounds_half_away_from_zero)
{
    static const struct { const char *text; char decimal; int64_t want;
    } cases[] = {
        { "11.77", '.', 1177 },     { "0.1", '.', 10 },
        { "-3.5", '.', -350 },      { "1,234.56", '.', 123456 },
        { "GBP 12", '.', 1200 },    { "12 EUR", '.', 1200 },
        { "$5", '.', 500 },         { "-$5.25", '.', -525 },
        { "(7.00)", '.', -700 },    { "12,50", ',', 1250 },
        { "1.234,5", ',', 123450 }, { "0.005", '.', 1 },
        { "-0.005", '.', -1 },      { "0.0049", '.', 0 },
        { "2.675", '.', 268 },      { "92233720368547758.07", '.', INT64_MAX },
        { "1e3", '.', 100000 },     { "\xe2\x82\xac 9", '.', 900 },
        { "+4", '.', 400 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = -1;
        cr_assert(number_cents(text_of(cases[i].text), cases[i].decimal, &got), "%s", cases[i].text);
        cr_assert_eq(got, cases[i].want, "%s is %lld", cases[i].text, (long long)got);
    }
}

Test(text, money_beyond_64_bits_is_refused)
{
    int64_t cents;
    static const char *const refused[] = {
        "92233720368547758.08", "1e17", "99999999999999999999", "inf", "nan", "", "12.3.4", "five"
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        cr_assert(!number_cents(text_of(refused[i]), '.', &cents), "%s", refused[i]);
}

/* The short way for plain numbers and the long way must not differ. */
Test(text, random_money_reads_as_it_was_written)
{
    EACH_CASE(c, 2000) {
        int64_t want = support_between(&c.rng, -INT64_C(9999999999), INT64_C(9999999999)), got = -1;
        char plain[64], padded[80];
        uint64_t size = (uint64_t)(want < 0 ? -want : want);
        snprintf(plain, sizeof plain, "%s%llu.%02llu", want < 0 ? "-" : "", (unsigned long long)(size / 100),
                 (unsigned long long)(size % 100));
        snprintf(padded, sizeof padded, "  %s0000000 ", plain);
        cr_assert(number_cents(text_of(plain), '.', &got) && got == want, "%s (seed %llu)", plain,
                  (unsigned long long)c.seed);
        cr_assert(number_cents(text_of(padded), '.', &got) && got == want, "%s (seed %llu)", padded,
                  (unsigned long long)c.seed);
    }
}

Test(text, other_units_keep_their_places)
{
    int64_t value;
    cr_assert(text_fixed(text_of("2.5"), '.', 3, &value) && value == 2500);
    cr_assert(text_fixed(text_of("0.00005"), '.', 4, &value) && value == 1);
    cr_assert(text_fixed(text_of("12345"), '.', -1, &value) && value == 1235);
    cr_assert(text_fixed(text_of("-4"), '.', -1, &value) && value == 0);
    cr_assert(text_fixed(text_of("123456789.123456789"), '.', 9, &value) &&
              value == INT64_C(123456789123456789));
}
