/* journey_condition.c - what conditions of a journey may say beside those of segments: `event.amount`, a property
 * of the event by which somebody entered, becomes the name "event.amount". */
#include "journey/journey_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

static size_t word_length(const char *at)
{
    size_t n = 0;
    while (is_word(at[n])) n++;
    return n;
}

static bool is_keyword(const char *at, size_t length)
{
    static const char *const words[] = { "and",    "or",      "not",   "in",      "is",      "null",     "like",
                                         "glob",   "between", "case",  "when",    "then",    "else",     "end",
                                         "cast",   "as",      "text",  "integer", "real",    "collate",  "nocase",
                                         "escape", "true",    "false", "isnull",  "notnull", "distinct", "from" };
    for (size_t i = 0; i < COUNT(words); i++)
        if (strlen(words[i]) == length && strncasecmp(at, words[i], length) == 0) return true;
    return false;
}

static void add_name(const char *at, size_t length, struct arena *arena, const char **names, size_t *n)
{
    const char *name = arena_format(arena, "%.*s", (int)length, at);
    for (size_t i = 0; i < *n; i++)
        if (strcasecmp(names[i], name) == 0) return;
    names[(*n)++] = name;
}

size_t condition_names(const char *sql, struct arena *arena, const char *const **ret_names)
{
    size_t length = strlen(sql), n = 0;
    const char **names = ARENA_ARRAY(arena, const char *, length + 1);
    for (const char *at = sql; *at;) {
        const char *end = *at == '\'' || *at == '"' ? strchr(at + 1, *at) : NULL;
        if (end) {
            if (*at == '"') add_name(at + 1, (size_t)(end - at) - 1, arena, names, &n);
            at = end + 1;
            continue;
        }
        size_t word = isdigit((unsigned char)*at) ? 0 : word_length(at);
        if (word == 0) {
            while (isdigit((unsigned char)*at) && is_word(at[1])) at++;
            at++;
            continue;
        }
        if (at[word + strspn(at + word, " ")] != '(' && !is_keyword(at, word))
            add_name(at, word, arena, names, &n);
        at += word;
    }
    *ret_names = names;
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
            size_t m =
                n == 5 && memcmp(text + i, "event", 5) == 0 && text[i + 5] == '.' ? word_length(text + i + 6) : 0;
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
