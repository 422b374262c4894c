/* text.h - views of bytes, and the numbers read from them.
 *
 * A text is borrowed and not NUL-terminated; its header says until when it holds. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text { const char *at; size_t length; };

#define TEXT(literal) { (literal), sizeof(literal) - 1 }        /* initialises one, in tables */

/* Both stand here so that the length of a literal is known when it is compiled. */
static inline struct text text_of(const char *terminated)       /* NULL gives the empty text */
{
    return (struct text){ terminated ? terminated : "", terminated ? strlen(terminated) : 0 };
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool        text_equal_ignoring_case(struct text a, struct text b);    /* ASCII case */
struct text text_trim(struct text text);                /* without spaces, tabs, CR at both ends */

/* The whole text, trimmed, as a number; false if it is anything else or does not fit.
 * text_double refuses NaN, infinities and hexadecimal.  decimal is '.' or ','; the other of the
 * two, a space or an apostrophe may stand between groups of three digits, a comma as in 12,34,567 too. */
bool text_int64(struct text text, int64_t *ret_value);
bool text_double(struct text text, char decimal, double *ret_value);

/* An amount of money in cents, exact, as number.h has it: "1,234.56", "-3.5", "GBP 12", "12,50" with decimal ','.
 * More than two decimals are rounded half away from zero. */
bool text_cents(struct text text, char decimal, int64_t *ret_cents);

/* The same with other units: the number times 10^places, places -1..9 (2 for cents). */
bool text_fixed(struct text text, char decimal, int places, int64_t *ret_value);

#endif
