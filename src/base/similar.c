/* similar.c - edit distance without regard to case; see similar.h. */
#include "base/similar.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { MOST_LENGTH = 64, MOST_SHOWN = 3, MOST_LISTED = 10 };

static size_t least_of(size_t a, size_t b) { return a < b ? a : b; }

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][MOST_LENGTH + 1], n_a = strnlen(a, MOST_LENGTH), n_b = strnlen(b, MOST_LENGTH);
    for (size_t j = 0; j <= n_b; j++) rows[0][j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t *above = rows[(i - 1) % 3], *here = rows[i % 3], *two_above = rows[(i + 1) % 3];
        here[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);
            here[j] = least_of(least_of(above[j] + 1, here[j - 1] + 1), above[j - 1] + (ca != cb));
            bool is_swap = i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
                           tolower((unsigned char)a[i - 2]) == cb;
            if (is_swap) here[j] = least_of(here[j], two_above[j - 2] + 1);
        }
    }
    return rows[n_a % 3][n_b];
}

/* 0 the same but for case; a part of the other counts as close. */
static size_t farness(const char *wanted, const char *name)
{
    size_t far = distance(wanted, name);
    if (far > 1 && strlen(wanted) >= 3 &&
        (strcasestr(name, wanted) || (strlen(name) >= 3 && strcasestr(wanted, name))))
        far = 1;
    return far;
}

static const char *list(const char *const *names, size_t n_names, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < n_names && i < MOST_LISTED; i++)
        text = arena_format(arena, "%s%s%.60s", text, i ? ", " : "; there are: ", names[i]);
    return n_names > MOST_LISTED ? arena_format(arena, "%s ... (%zu in all)", text, n_names) : text;
}

const char *similar_names(const char *wanted, const char *const *names, size_t n_names, struct arena *arena)
{
    const char *text = "";
    size_t n_shown = 0, limit = 1 + strlen(wanted) / 4;
    for (size_t far = 0; far <= limit && n_shown < MOST_SHOWN; far++)
        for (size_t i = 0; i < n_names && n_shown < MOST_SHOWN; i++)
            if (farness(wanted, names[i]) == far)
                text = arena_format(arena, "%s%s'%.60s'", text, n_shown++ ? " or " : "; did you mean ", names[i]);
    return n_shown ? arena_format(arena, "%s?", text) : list(names, n_names, arena);
}
