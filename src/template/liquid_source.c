/* liquid_source.c - a template's text cut into what stands as it is, {{ values }} and {% tags %}. */
#include "template/liquid_source.h"

#include <string.h>

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static struct text trimmed(struct text text)
{
    while (text.length > 0 && is_space(text.at[0])) text.at++, text.length--;
    while (text.length > 0 && is_space(text.at[text.length - 1])) text.length--;
    return text;
}

/* The line of a place that the source has come to; counted on from the last one asked. */
static size_t line_of(struct liquid_source *source, const char *place)
{
    for (; source->counted < place; source->counted++) source->line += *source->counted == '\n';
    return source->line;
}

static const char *find(const char *at, const char *end, const char *sign)
{
    return memmem(at, (size_t)(end - at), sign, strlen(sign));
}

/* The next {{ or {%, or the end. */
static const char *next_opening(const char *at, const char *end)
{
    for (; at + 1 < end; at++) {
        at = memchr(at, '{', (size_t)(end - at) - 1);
        if (!at) return end;
        if (at[1] == '{' || at[1] == '%') return at;
    }
    return end;
}

static void read_plain(struct liquid_source *source, struct liquid_token *token)
{
    const char *end = next_opening(source->at, source->end);
    struct text text = { source->at, (size_t)(end - source->at) };
    if (source->trims)
        while (text.length > 0 && is_space(text.at[0])) text.at++, text.length--;
    if (source->end - end > 2 && end[2] == '-')
        while (text.length > 0 && is_space(text.at[text.length - 1])) text.length--;
    source->trims = false;
    source->at = end;
    *token = (struct liquid_token){ .kind = TOKEN_PLAIN, .text = text, .line = line_of(source, end) };
}

/* Splits a tag's inside into its name and the rest. */
static void split_tag(struct text inside, struct liquid_token *token)
{
    size_t n = 0;
    if (inside.length > 0 && inside.at[0] == '#') n = 1;
    else
        while (n < inside.length && !is_space(inside.at[n]) &&
               (inside.at[n] == '_' || (inside.at[n] | 32) >= 'a') && (inside.at[n] | 32) <= 'z')
            n++;
    token->name = (struct text){ inside.at, n };
    token->text = trimmed((struct text){ inside.at + n, inside.length - n });
}

static bool read_braces(struct liquid_source *source, struct liquid_token *token, struct err *err)
{
    bool is_tag = source->at[1] == '%';
    const char *began = source->at, *end = find(began + 2, source->end, is_tag ? "%}" : "}}");
    *token = (struct liquid_token){ .kind = is_tag ? TOKEN_TAG : TOKEN_VALUE, .line = line_of(source, began) };
    if (!end) return err_set(err, ERR_INVALID, is_tag ? "a {%% has no %%} behind it" : "a {{ has no }} behind it");
    struct text inside = { began + 2, (size_t)(end - began) - 2 };
    if (inside.length > 0 && inside.at[0] == '-') inside.at++, inside.length--;
    source->trims = inside.length > 0 && inside.at[inside.length - 1] == '-';
    inside.length -= source->trims;
    source->at = end + 2;
    if (is_tag) split_tag(trimmed(inside), token);
    else token->text = trimmed(inside);
    return true;
}

/* A line of a liquid tag is a tag. */
static void read_line(struct liquid_source *source, struct liquid_token *token)
{
    struct text line = { source->at, 0 };
    while (line.length == 0 && source->at < source->end) {
        const char *end = memchr(source->at, '\n', (size_t)(source->end - source->at));
        if (!end) end = source->end;
        line = trimmed((struct text){ source->at, (size_t)(end - source->at) });
        source->at = end < source->end ? end + 1 : end;
    }
    *token = (struct liquid_token){ .kind = line.length ? TOKEN_TAG : TOKEN_END };
    token->line = line_of(source, line.length ? line.at : source->end);
    if (line.length) split_tag(line, token);
}

bool source_next(struct liquid_source *source, struct liquid_token *token, struct err *err)
{
    if (source->is_lines) {
        read_line(source, token);
        return true;
    }
    while (source->at < source->end && next_opening(source->at, source->end) != source->at) {
        read_plain(source, token);
        if (token->text.length > 0) return true;
    }
    if (source->at < source->end) return read_braces(source, token, err);
    *token = (struct liquid_token){ .kind = TOKEN_END, .line = line_of(source, source->end) };
    return true;
}

bool source_skip(struct liquid_source *source, const char *name, struct text *ret_text)
{
    const char *began = source->at;
    for (const char *at = began; (at = find(at, source->end, "{%")); at += 2) {
        const char *inside = at + 2, *end;
        bool trims_before = inside < source->end && *inside == '-';
        inside += trims_before;
        while (inside < source->end && is_space(*inside)) inside++;
        size_t n = strlen(name);
        if ((size_t)(source->end - inside) < n || memcmp(inside, name, n) != 0) continue;
        for (end = inside + n; end < source->end && is_space(*end);) end++;
        bool trims_after = source->end - end > 2 && *end == '-';
        end += trims_after;
        if (source->end - end < 2 || memcmp(end, "%}", 2) != 0) continue;
        struct text text = { began, (size_t)(at - began) };
        if (source->trims)
            while (text.length > 0 && is_space(text.at[0])) text.at++, text.length--;
        if (trims_before)
            while (text.length > 0 && is_space(text.at[text.length - 1])) text.length--;
        source->trims = trims_after;
        source->at = end + 2;
        if (ret_text) *ret_text = text;
        return true;
    }
    return false;
}
