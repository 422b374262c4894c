/* letters.h - letters of any script in UTF-8, and amounts as people of a place write them, by ICU. */
#ifndef BASE_LETTERS_H
#define BASE_LETTERS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* All live in the arena; text that is no UTF-8 comes back as it is. */
struct text letters_upper(struct arena *arena, struct text text);
struct text letters_lower(struct arena *arena, struct text text);

/* A name that conditions in SQL can use unquoted, where it does not begin with a digit: "Add to cart" is add_to_cart, "Kündigung" is
 * kündigung.  "" of a name without letters and digits. */
const char *letters_slug(struct arena *arena, const char *name);

size_t letters_valid_utf8(struct text text);        /* how many of its first bytes are UTF-8 */
size_t letters_count(struct text text);
size_t letters_bytes(struct text text, size_t n_letters);      /* of its first letters */

/* An amount as a locale ("de-AT") writes it; currency has three letters.  False: it cannot be written. */
bool letters_money(struct arena *arena, double amount, const char *currency, const char *locale,
                   struct text *ret_text) MUST_CHECK;

/* What a locale calls a day's month or weekday, or half of an hour's day, by a pattern of Unicode's (UTS 35): "MMMM" beside a day,
 * "LLLL" alone, "EEEE", "a".  False: it cannot be told. */
bool letters_date_word(struct arena *arena, int64_t local_ms, const char *pattern, const char *locale,
                       struct text *ret_text) MUST_CHECK;

#endif
