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

/* The number times 10^places, exact, places -1..9; more decimals are rounded half away from zero. */
bool text_fixed(struct text text, char decimal, int places, int64_t *ret_value);
/* Its common case, "-123.4": digits and the decimal sign once, no more decimals than places.  False: it is none of
 * these, and may be a number all the same. */
bool text_fixed_plain(struct text text, char decimal, int places, int64_t *ret_value);

#endif
