/* journey_condition.c - what conditions of a journey may say beside those of segments: `event.amount`, a property of
 * the event by which somebody entered, becomes the name "event.amount". */
#include "journey/journey_internal.h"

#include <ctype.h>
#include <string.h>

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

static size_t word_length(const char *at)
{
    size_t n = 0;
    while (is_word(at[n])) n++;
    return n;
}

const char *condition_sql(const char *text, struct arena *arena)
{
    size_t length = strlen(text), n = 0, n_bytes = 0;
    char *sql = ARENA_ARRAY(arena, char, 2 * length + 16);
    char quote = '\0';
    for (size_t i = 0; i < length; i += n) {
        n = 1;
        char c = text[i];
        if (quote) {
            if (c == quote) quote = '\0';
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (is_word(c)) {
            n = word_length(text + i);
            size_t m = n == 5 && memcmp(text + i, "event", 5) == 0 && text[i + 5] == '.' ? word_length(text + i + 6) : 0;
            if (m) {
                n = 6 + m;
                sql[n_bytes++] = '"';
                memcpy(sql + n_bytes, text + i, n);
                n_bytes += n;
                sql[n_bytes++] = '"';
                continue;
            }
        }
        memcpy(sql + n_bytes, text + i, n);
        n_bytes += n;
    }
    sql[n_bytes] = '\0';
    return sql;
}
