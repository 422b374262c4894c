/* words.c - see words.h. */
#include "engine/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *words_count(struct arena *arena, int64_t count)
{
    char digits[32], *grouped = arena_alloc(arena, 48, 1), *to = grouped;
    snprintf(digits, sizeof digits, "%lld", (long long)count);
    const char *from = digits;
    if (*from == '-') *to++ = *from++;
    for (size_t left = strlen(from); left > 0; left--) {
        *to++ = *from++;
        if (left > 1 && left % 3 == 1) *to++ = ',';
    }
    return grouped;
}

const char *words_money(struct arena *arena, const char *currency, int64_t cents)
{
    const char *space = *currency ? " " : "";
    if (llabs(cents) >= 10000) return arena_format(arena, "%s%s%s", currency, space, words_count(arena, (cents + (cents < 0 ? -50 : 50)) / 100));
    return arena_format(arena, "%s%s%.2f", currency, space, (double)cents / 100);
}

const char *words_share(struct arena *arena, double share)
{
    double percent = 100 * share;
    return arena_format(arena, fabs(percent) < 1 && percent != 0 ? "%.1f %%" : "%.0f %%", percent);
}
