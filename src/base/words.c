/* Numbers as people read them; see words.h. */
#include "base/words.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

const char *words_count(struct arena *arena, double value)
{
    char digits[400], text[540];
    int length = snprintf(digits, sizeof digits, "%.0f", fabs(value)), at = 0;
    if (!isfinite(value)) return "unknown";
    if (value <= -0.5) text[at++] = '-';
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return arena_copy(arena, text);
}

const char *words_rough(struct arena *arena, double value)
{
    double size = fabs(value);
    if (size < 100 && size != floor(size)) return arena_format(arena, size < 10 ? "%.2f" : "%.1f", value);
    double unit = size < 1000 ? 1 : pow(10, floor(log10(size)) - 2);
    return words_count(arena, round(value / unit) * unit);
}

const char *words_money(struct arena *arena, double cents, const char *currency)
{
    const char *space = currency && *currency ? " " : "";
    if (fabs(cents) >= 10000)
        return arena_format(arena, "%s%s%s", currency ? currency : "", space, words_count(arena, cents / 100));
    return arena_format(arena, "%s%s%.2f", currency ? currency : "", space, cents / 100);
}

const char *words_money_rough(struct arena *arena, double cents, const char *currency)
{
    const char *space = currency && *currency ? " " : "";
    return arena_format(arena, "%s%s%s", currency ? currency : "", space, words_rough(arena, cents / 100));
}

const char *words_share(struct arena *arena, double share)
{
    double percent = 100 * share;
    bool is_small = fabs(percent) < 2 && percent != 0;
    if (percent > 0 && percent < 0.05) return "less than 0.1 %";
    return arena_format(arena, is_small ? "%.1f %%" : "%.0f %%", percent);
}

const char *words_days(struct arena *arena, double days)
{
    if (days == 1) return "1 day";
    if (days < 10 && days != floor(days)) return arena_format(arena, "%.1f days", days);
    return arena_format(arena, "%s days", words_count(arena, days));
}

const char *words_shell(struct arena *arena, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:/+@%";
    if (*word && strspn(word, plain) == strlen(word)) return word;
    char *quoted = ARENA_ARRAY(arena, char, 4 * strlen(word) + 3), *at = quoted;
    *at++ = '\'';
    for (; *word; word++) {
        *at++ = *word;
        if (*word != '\'') continue;
        memcpy(at, "\\''", 3);      /* that one ended the quotation: one by itself, and it begins again */
        at += 3;
    }
    *at++ = '\'';
    *at = '\0';
    return quoted;
}
