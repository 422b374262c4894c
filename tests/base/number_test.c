/* Numbers as people write them: what is read, what it is worth, and what is none. */
#include "base/number.h"
#include "base/err.h"
#include "support.h"

Test(number, every_spelling_is_worth_the_same_as_a_number_and_as_money)
{
    static const struct {
        const char *text;
        char decimal;
        double want;
    } cases[] = {
        { "$1,067.09", '.', 1067.09 },
        { "394,60 \xe2\x82\xac", ',', 394.6 },
        { "394,60 \x80", ',', 394.6 }, /* the same in Windows-1252 */
        { "394,60\xc2\xa0\xe2\x82\xac", ',', 394.6 },
        { "\xc2\xa3"
          "12",
          '.', 12 },
        { "EUR 12", '.', 12 },
        { "12.5 usd", '.', 12.5 },
        { "US$ 7", '.', 7 },
        { "12,50 z\xc5\x82", ',', 12.5 },
        { "1 234,50 K\xc4\x8d", ',', 1234.5 },
        { "Rs. 12,34,567.50", '.', 1234567.5 },
        { "CHF 1\xe2\x80\x99"
          "234.50",
          '.', 1234.5 },
        { "CHF 12.\xe2\x80\x93", '.', 12 },
        { "12,-", ',', 12 },
        { "12,50-", ',', -12.5 },
        { "12.50-", '.', -12.5 },
        { "\xe2\x88\x92"
          "3",
          '.', -3 },
        { "\xe2\x80\x93"
          "3.5",
          '.', -3.5 },
        { "(5.00)", '.', -5 },
        { "($5.00)", '.', -5 },
        { "-$5.00", '.', -5 },
        { "$-5.00", '.', -5 },
        { "- 5", '.', -5 },
        { "23.6%", '.', 23.6 },
        { "-3 %", '.', -3 },
        { "1 234,5", ',', 1234.5 },
        { "1\xc2\xa0"
          "234,5",
          ',', 1234.5 },
        { "1\xe2\x80\xaf"
          "234,5",
          ',', 1234.5 },
        { "1\xe2\x80\x89"
          "234",
          ',', 1234 },
        { "1\xa0"
          "234,5",
          ',', 1234.5 },
        { "1.403,79 EUR", ',', 1403.79 },
        { "26 months", '.', 26 },
        { ".5 %", '.', 0.5 },
        { "1.5e3", '.', 1500 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = -1;
        int64_t cents = -1;
        cr_assert(number_double(text_of(cases[i].text), cases[i].decimal, &got), "%s", cases[i].text);
        ASSERT_NEAR(got, cases[i].want, 1e-9);
        cr_assert(number_cents(text_of(cases[i].text), cases[i].decimal, &cents), "%s", cases[i].text);
        ASSERT_NEAR((double)cents, cases[i].want * 100, 1e-6);
    }
}

Test(number, what_only_holds_digits_is_no_number)
{
    static const char *const refused[] = { "12.50 CR", "12.50 dr", "",
                                           "C536379",
                                           "SKU 12",
                                           "INV 1001",
                                           "R1001",
                                           "12abc",
                                           "10A",
                                           "2024-01-03",
                                           "1-2",
                                           "3 Jan 2024",
                                           "(5",
                                           "5)",
                                           "--5",
                                           "-5-",
                                           "09:30",
                                           "+49 170 123 4567",
                                           "12 Main St 5",
                                           "%",
                                           "$",
                                           "a@1.example",
                                           "1.2.3",
                                           "5 % off" };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        double value;
        int64_t cents;
        cr_assert(!number_double(text_of(refused[i]), '.', &value), "%s is %g", refused[i], value);
        cr_assert(!number_cents(text_of(refused[i]), '.', &cents), "%s", refused[i]);
    }
}

Test(number, the_sign_before_the_decimals_is_told_where_it_shows)
{
    static const struct {
        const char *text;
        int want;
    } cases[] = {
        { "394,60 \xe2\x82\xac", 1 },
        { "$1,067.09", -1 },
        { "1.403,79", 1 },
        { "1.234.567", 1 },
        { "1,234,567", -1 },
        { "1,234", 0 },
        { "1.234", 0 },
        { "0.500", -1 },
        { "0,500", 1 },
        { "12", 0 },
        { "12.5%", -1 },
        { "a,b", 0 },
        { "03.01.2024", 0 },
        { "1,5-", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(number_decimal_vote(text_of(cases[i].text)), cases[i].want, "%s", cases[i].text);
}

Test(number, words_behind_are_told_apart)
{
    struct number number;
    cr_assert(number_find(text_of("26 months"), &number) && number.unit == NUMBER_WORD);
    cr_assert(number_same_word(number.word, text_of("Month")));
    cr_assert(!number_same_word(number.word, text_of("years")));
    cr_assert(number_find(text_of("26 EUR"), &number) && number.unit == NUMBER_CURRENCY);
}
