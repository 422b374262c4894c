/* number.h - numbers as people write them, taken out of what stands around them.
 *
 * "$1,067.09", "394,60 €", "EUR 12", "(5.00)", "12,50-", "−3", "23.6 %", "1 234,5" with any blank, "1'234.50",
 * "12,34,567", "26 months", "CHF 12.–".  What a column is judged by is what its rows are read with. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/text.h"

enum number_unit { NUMBER_PLAIN, NUMBER_CURRENCY, NUMBER_PERCENT, NUMBER_WORD };

enum { NUMBER_BYTES = 480 };

struct number {
    char             digits[NUMBER_BYTES];      /* with sign, groups and decimals, in ASCII */
    size_t           n;
    enum number_unit unit;
    struct text      word;                      /* of NUMBER_WORD, in the text given */
};

/* False: around the digits stands something else, or there are none.  Whether the digits are a number says
 * text_double.  UTF-8 or Latin-1. */
bool number_find(struct text text, struct number *ret_number);

/* number_find and then text_double. */
bool number_double(struct text text, char decimal, double *ret_value);

/* An amount of money in cents, exact: "1,234.56", "-3.5", "GBP 12", "12,50" with decimal ','. */
bool number_cents(struct text text, char decimal, int64_t *ret_cents);

/* The same with other units, as text_fixed has them: places is 2 for cents. */
bool number_fixed(struct text text, char decimal, int places, int64_t *ret_value);

/* Whether two words count the same thing: "month", "months". */
bool number_same_word(struct text a, struct text b);

/* What the sign before the decimals seems to be: 1 a comma, -1 a point, 0 it does not say.  "1,234" does not. */
int number_decimal_vote(struct text text);

/* Whether three letters are the code of a currency that there is, or was. */
bool number_is_currency_code(struct text word);

#endif
