/* condition_parts.c - see condition_parts.h. */
#include "condition/condition_parts.h"

#include <ctype.h>
#include <string.h>

struct splitting { struct text sql; const char *word; struct text *parts; size_t n, from; };

/* The end of what begins at `at`: a text or name in quotes, a word, or one letter. */
static size_t token_end(struct text sql, size_t at)
{
    unsigned char first = (unsigned char)sql.at[at];
    size_t end = at + 1;
    if (first == '\'' || first == '"' || first == '`') {
        while (end < sql.length && sql.at[end] != (char)first) end++;
        return end < sql.length ? end + 1 : end;
    }
    if (!isalpha(first) && first != '_' && first < 0x80) return end;
    while (end < sql.length && (isalnum((unsigned char)sql.at[end]) || sql.at[end] == '_' ||
                                (unsigned char)sql.at[end] >= 0x80))
        end++;
    return end;
}

static bool is_word(struct text sql, size_t at, size_t end, const char *word)
{
    return text_equal_ignoring_case((struct text){ sql.at + at, end - at }, text_of(word));
}

static void put_part(struct splitting *s, size_t until)
{
    if (s->n < CONDITION_PARTS_MOST)
        s->parts[s->n] = text_trim((struct text){ s->sql.at + s->from, until - s->from });
    s->n++;
}

/* All parts between the outermost occurrences of a word. */
static size_t split_at(struct splitting *s)
{
    int depth = 0;
    bool is_between = false;
    for (size_t at = 0, end; at < s->sql.length; at = end) {
        end = token_end(s->sql, at);
        char c = s->sql.at[at];
        if (c == '(' || is_word(s->sql, at, end, "case")) depth++;
        else if (c == ')' || is_word(s->sql, at, end, "end")) depth--;
        if (depth != 0) continue;
        if (is_word(s->sql, at, end, "between")) is_between = true;
        else if (is_between && is_word(s->sql, at, end, "and")) is_between = false;
        else if (is_word(s->sql, at, end, s->word)) {
            put_part(s, at);
            s->from = end;
        }
    }
    put_part(s, s->sql.length);
    return s->n;
}

size_t condition_parts(struct text sql, struct text *ret_parts, bool *ret_is_or)
{
    static const char *const words[] = { "or", "and" };
    for (size_t i = 0; i < 2; i++) {
        struct splitting s = { .sql = sql, .word = words[i], .parts = ret_parts };
        size_t n = split_at(&s);
        *ret_is_or = i == 0;
        if (n > 1 && n <= CONDITION_PARTS_MOST) return n;
    }
    *ret_is_or = false;
    ret_parts[0] = text_trim(sql);
    return 1;
}
