/* json_begin.c - how the JSON of a file begins: a record a line, a list of them, or an object around a list; see
 * json_rows.h. */
#include "base/json_rows.h"

#include <string.h>

static const char *past_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
    return at;
}

/* Behind the value at `at`, by quotes, braces and brackets alone; end: it is not all there. */
static const char *past_value(const char *at, const char *end)
{
    size_t depth = 0;
    for (bool is_quoted = false; at < end; at++) {
        if (is_quoted && *at == '\\') at++;
        else if (*at == '"') is_quoted = !is_quoted;
        else if (is_quoted) continue;
        else if (*at == '{' || *at == '[') depth++;
        else if (depth == 0 && (*at == ',' || *at == '}' || *at == ']')) return at;
        else if (*at == '}' || *at == ']') depth--;
    }
    return end;
}

/* Behind the brace that closes the object at `at`; NULL: it is not all there. */
static const char *past_object(const char *at, const char *end)
{
    const char *inside = past_value(at + 1, end);
    while (inside < end && *inside != '}') inside = past_value(inside + 1, end);
    return inside < end ? inside + 1 : NULL;
}

static bool is_one_of(struct text name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal_ignoring_case(name, text_of(names[i]))) return true;
    return false;
}

/* The bracket of the list of objects that the object at `at` holds under a name that such lists have, or that is
 * long; NULL: none. */
static const char *enveloped_list(const char *at, const char *end)
{
    static const char *const lists[] = { "orders",  "data",  "items",     "results",      "records",
                                         "events",  "rows",  "customers", "transactions", "payments",
                                         "charges", "deals", "value",     "batch",        "edges",
                                         "nodes",   "hits" };
    static const char *const wraps[] = { "data", "result", "response", "body", "payload" };
    at = past_space(at + 1, end);
    while (at < end && *at == '"') {
        const char *close = memchr(at + 1, '"', (size_t)(end - at - 1));
        if (!close) return NULL;
        struct text name = { at + 1, (size_t)(close - at - 1) };
        at = past_space(close + 1, end);
        if (at >= end || *at != ':') return NULL;
        at = past_space(at + 1, end);
        const char *inner = at < end ? past_space(at + 1, end) : end;
        if (at < end && *at == '[' && inner < end && *inner == '{') {
            const char *fifth = inner;
            for (int i = 0; i < 4 && fifth < end && *fifth == '{'; i++) {
                fifth = past_space(past_value(fifth, end), end);
                if (fifth < end && *fifth == ',') fifth = past_space(fifth + 1, end);
            }
            if (is_one_of(name, lists, sizeof lists / sizeof *lists) || fifth >= end || *fifth == '{') return at;
        } else if (at < end && *at == '{' && (is_one_of(name, wraps, sizeof wraps / sizeof *wraps) ||
                                              is_one_of(name, lists, sizeof lists / sizeof *lists))) {
            const char *found = enveloped_list(at, end);
            if (found) return found;
        }
        at = past_space(past_value(at, end), end);
        if (at >= end || *at != ',') return NULL;
        at = past_space(at + 1, end);
    }
    return NULL;
}

bool json_rows_begin(struct text text, bool *ret_is_spread, size_t *ret_skip)
{
    const char *end = text.at + text.length, *at = past_space(text.at, end);
    *ret_skip = 0;
    if (at == end || (*at != '{' && *at != '[')) return false;
    const char *next = past_space(at + 1, end);
    if (next == end || (*at == '{' ? *next != '"' && *next != '}' : *next != '{')) return false;
    const char *close = *at == '{' ? past_object(at, end) : NULL;
    if (*at == '{' && (!close || past_space(close, end) == end)) {      /* one object is all that is seen */
        const char *list = enveloped_list(at, end);
        if (list) *ret_skip = (size_t)(list - text.at);
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at)), *last = newline ? newline : end;
    while (last > at && (last[-1] == ' ' || last[-1] == '\r' || last[-1] == '\t')) last--;
    *ret_is_spread = *at == '[' || *ret_skip > 0 || (newline && last[-1] != '}');
    return true;
}
