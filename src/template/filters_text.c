/* filters_text.c - filters that make texts of texts. */
#include "template/liquid.h"
#include "template/template.h"
#include "base/letters.h"

#include <string.h>

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }

/* ---- what a filter is given ---- */

static bool text_in(const struct liquid_call *call, struct text *ret_text)
{
    return liquid_print(call->liquid, &call->in, ret_text);
}

static bool argument_text(const struct liquid_call *call, size_t i, struct text *ret_text)
{
    return liquid_print(call->liquid, &call->arguments[i], ret_text);
}

static bool give(struct liquid_value *ret_value, struct text text)
{
    *ret_value = liquid_text(text);
    return true;
}

static struct text from(struct text text, size_t at) { return (struct text){ text.at + at, text.length - at }; }
static struct text until(struct text text, size_t n) { return (struct text){ text.at, n }; }

/* ---- letters ---- */

static bool run_upcase(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    return text_in(call, &text) && liquid_spend(call->liquid, 0, 3 * text.length) &&
           give(ret_value, letters_upper(call->liquid->arena, text));
}

static bool run_downcase(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    return text_in(call, &text) && liquid_spend(call->liquid, 0, 3 * text.length) &&
           give(ret_value, letters_lower(call->liquid->arena, text));
}

static bool run_capitalize(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    struct liquid_buffer buffer = { .liquid = call->liquid };
    if (!text_in(call, &text)) return false;
    size_t first = letters_bytes(text, 1);
    return liquid_spend(call->liquid, 0, 3 * text.length) &&
           liquid_put(&buffer, letters_upper(call->liquid->arena, until(text, first))) &&
           liquid_put(&buffer, letters_lower(call->liquid->arena, from(text, first))) &&
           give(ret_value, liquid_put_text(&buffer));
}

/* ---- both ends ---- */

static struct text strip_left(struct text text)
{
    while (text.length > 0 && is_space(text.at[0])) text = from(text, 1);
    return text;
}

static struct text strip_right(struct text text)
{
    while (text.length > 0 && is_space(text.at[text.length - 1])) text.length--;
    return text;
}

static bool run_strip(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    return text_in(call, &text) && give(ret_value, strip_left(strip_right(text)));
}

static bool run_lstrip(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    return text_in(call, &text) && give(ret_value, strip_left(text));
}

static bool run_rstrip(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    return text_in(call, &text) && give(ret_value, strip_right(text));
}

static bool joined(const struct liquid_call *call, const struct liquid_value *a, const struct liquid_value *b,
                   struct liquid_value *ret_value)
{
    struct text first, second;
    struct liquid_buffer buffer = { .liquid = call->liquid };
    if (!liquid_print(call->liquid, a, &first) || !liquid_print(call->liquid, b, &second) ||
        !liquid_put(&buffer, first) || !liquid_put(&buffer, second))
        return false;
    *ret_value = liquid_text(liquid_put_text(&buffer));
    ret_value->is_safe = a->is_safe && b->is_safe;
    return true;
}

static bool run_append(const struct liquid_call *call, struct liquid_value *ret_value)
{
    return joined(call, &call->in, &call->arguments[0], ret_value);
}

static bool run_prepend(const struct liquid_call *call, struct liquid_value *ret_value)
{
    return joined(call, &call->arguments[0], &call->in, ret_value);
}

/* ---- replacing ---- */

enum which { WHICH_ALL, WHICH_FIRST, WHICH_LAST };

static const char *find_last(struct text text, struct text part)
{
    for (size_t i = text.length + 1; i-- > 0;)
        if (text.length - i >= part.length && (part.length == 0 || memcmp(text.at + i, part.at, part.length) == 0))
            return text.at + i;
    return NULL;
}

static bool replaced(const struct liquid_call *call, enum which which, bool is_removed,
                     struct liquid_value *ret_value)
{
    struct text text, part, other = text_of("");
    struct liquid_buffer buffer = { .liquid = call->liquid };
    if (!text_in(call, &text) || !argument_text(call, 0, &part)) return false;
    if (!is_removed && call->n > 1 && !argument_text(call, 1, &other)) return false;
    const char *found =
        which == WHICH_LAST ? find_last(text, part) : memmem(text.at, text.length, part.at, part.length);
    while (found) {
        size_t before = (size_t)(found - text.at), step = part.length;
        if (!liquid_put(&buffer, until(text, before)) || !liquid_put(&buffer, other)) return false;
        text = from(text, before + step);
        if (which != WHICH_ALL) break;
        if (step == 0) {                /* nothing is found before each letter and behind the last */
            if (text.length == 0) break;
            if (!liquid_put(&buffer, until(text, letters_bytes(text, 1)))) return false;
            text = from(text, letters_bytes(text, 1));
            found = text.at;
            continue;
        }
        found = memmem(text.at, text.length, part.at, part.length);
    }
    return liquid_put(&buffer, text) && give(ret_value, liquid_put_text(&buffer));
}

#define REPLACING(name, which, is_removed)                                                                        \
    static bool run_##name(const struct liquid_call *call, struct liquid_value *ret_value)                        \
    {                                                                                                             \
        return replaced(call, which, is_removed, ret_value);                                                      \
    }
REPLACING(replace, WHICH_ALL, false)
REPLACING(replace_first, WHICH_FIRST, false)
REPLACING(replace_last, WHICH_LAST, false)
REPLACING(remove, WHICH_ALL, true)
REPLACING(remove_first, WHICH_FIRST, true)
REPLACING(remove_last, WHICH_LAST, true)

/* ---- lines and markup ---- */

static bool swap_newlines(const struct liquid_call *call, struct text text, struct text other,
                          struct text *ret_text)
{
    struct liquid_buffer buffer = { .liquid = call->liquid };
    size_t begins = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] != '\n') continue;
        size_t end = i > begins && text.at[i - 1] == '\r' ? i - 1 : i;
        if (!liquid_put(&buffer, (struct text){ text.at + begins, end - begins }) || !liquid_put(&buffer, other))
            return false;
        begins = i + 1;
    }
    *ret_text = liquid_put_text(&buffer);
    if (!liquid_put(&buffer, from(text, begins))) return false;
    *ret_text = liquid_put_text(&buffer);
    return true;
}

static bool run_strip_newlines(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    return text_in(call, &text) && swap_newlines(call, text, text_of(""), &text) && give(ret_value, text);
}

static bool run_newline_to_br(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    bool is_html = call->liquid->options->is_html, is_safe = call->in.kind == LIQUID_TEXT && call->in.is_safe;
    if (!text_in(call, &text) || (is_html && !is_safe && !liquid_escape(call->liquid, text, false, &text)))
        return false;
    if (!swap_newlines(call, text, text_of("<br />\n"), &text)) return false;
    *ret_value = liquid_text(text);
    ret_value->is_safe = is_html;
    return true;
}

/* How much of the text is a block that begins like that: up to and with its end; 0 if it is none. */
static size_t block_bytes(struct text text, const char *begin, const char *end)
{
    size_t n = strlen(begin);
    if (text.length < n || memcmp(text.at, begin, n) != 0) return 0;
    const char *found = memmem(text.at + n, text.length - n, end, strlen(end));
    return found ? (size_t)(found - text.at) + strlen(end) : 0;
}

static bool run_strip_html(const struct liquid_call *call, struct liquid_value *ret_value)
{
    static const struct { const char *begin, *end; } blocks[] = {
        { "<script", "</script>" }, { "<!--", "-->" }, { "<style", "</style>" }, { "<", ">" } };
    struct text text;
    struct liquid_buffer buffer = { .liquid = call->liquid };
    if (!text_in(call, &text)) return false;
    while (text.length > 0) {
        const char *mark = memchr(text.at, '<', text.length);
        size_t before = mark ? (size_t)(mark - text.at) : text.length, n = 0;
        if (!liquid_put(&buffer, until(text, before))) return false;
        text = from(text, before);
        for (size_t i = 0; n == 0 && i < sizeof blocks / sizeof *blocks; i++)
            n = block_bytes(text, blocks[i].begin, blocks[i].end);
        if (n == 0 && text.length > 0 && !liquid_put(&buffer, until(text, n = 1))) return false;
        text = from(text, n);
    }
    return give(ret_value, liquid_put_text(&buffer));
}

static bool run_escape(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    *ret_value = call->in;
    if (call->in.kind == LIQUID_NIL) return true;
    if (!text_in(call, &text) || !liquid_escape(call->liquid, text, false, &text)) return false;
    *ret_value = liquid_text(text);
    return ret_value->is_safe = true;
}

static bool run_escape_once(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    if (!text_in(call, &text) || !liquid_escape(call->liquid, text, true, &text)) return false;
    *ret_value = liquid_text(text);
    return ret_value->is_safe = true;
}

/* Says that a text is markup by itself and is not to be escaped. */
static bool run_raw(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    if (!text_in(call, &text)) return false;
    *ret_value = liquid_text(text);
    return ret_value->is_safe = true;
}

/* ---- parts ---- */

static bool argument_whole(const struct liquid_call *call, size_t i, int64_t *ret_integer)
{
    return liquid_whole(&call->arguments[i], ret_integer) ||
           liquid_fail(call->liquid, "value %zu is no whole number", i + 1);
}

static bool run_slice(const struct liquid_call *call, struct liquid_value *ret_value)
{
    int64_t at, n = 1;
    struct text text;
    if (!argument_whole(call, 0, &at)) return false;
    if (call->n > 1 && call->arguments[1].kind != LIQUID_NIL && !argument_whole(call, 1, &n)) return false;
    bool is_list = call->in.kind == LIQUID_LIST || call->in.kind == LIQUID_RANGE;
    struct liquid_value items = call->in;
    if (is_list ? !liquid_items(call->liquid, &call->in, &items) : !text_in(call, &text)) return false;
    int64_t length = (int64_t)(is_list ? items.list.n : letters_count(text));
    if (at < 0) at += length;
    if (at < 0 || at > length || n < 0) at = n = 0;
    if (n > length - at) n = length - at;
    if (is_list) {
        *ret_value = items;
        ret_value->list.items = n ? items.list.items + at : NULL, ret_value->list.n = (size_t)n;
        return true;
    }
    text = from(text, letters_bytes(text, (size_t)at));
    return give(ret_value, until(text, letters_bytes(text, (size_t)n)));
}

static bool length_and_end(const struct liquid_call *call, int64_t otherwise, int64_t *ret_length,
                           struct text *ret_end)
{
    *ret_length = otherwise;
    *ret_end = text_of("...");
    if (call->n > 0 && !argument_whole(call, 0, ret_length)) return false;
    return call->n < 2 || argument_text(call, 1, ret_end);
}

static bool run_truncate(const struct liquid_call *call, struct liquid_value *ret_value)
{
    int64_t most;
    struct text text, end;
    struct liquid_buffer buffer = { .liquid = call->liquid };
    *ret_value = call->in;
    if (call->in.kind == LIQUID_NIL) return true;
    if (!text_in(call, &text) || !length_and_end(call, 50, &most, &end)) return false;
    if ((int64_t)letters_count(text) <= most) return give(ret_value, text);
    int64_t kept = most - (int64_t)letters_count(end);
    return liquid_put(&buffer, until(text, letters_bytes(text, kept > 0 ? (size_t)kept : 0))) &&
           liquid_put(&buffer, end) && give(ret_value, liquid_put_text(&buffer));
}

static bool run_truncatewords(const struct liquid_call *call, struct liquid_value *ret_value)
{
    int64_t most, n = 0;
    struct text text, end, rest;
    struct liquid_buffer buffer = { .liquid = call->liquid };
    *ret_value = call->in;
    if (call->in.kind == LIQUID_NIL) return true;
    if (!text_in(call, &text) || !length_and_end(call, 15, &most, &end)) return false;
    if (most < 1) most = 1;
    for (rest = strip_left(text); rest.length > 0; rest = strip_left(rest)) {
        size_t word = 0;
        while (word < rest.length && !is_space(rest.at[word])) word++;
        if ((n++ > 0 && !liquid_put(&buffer, text_of(" "))) || !liquid_put(&buffer, until(rest, word)))
            return false;
        rest = from(rest, word);
        /* As Ruby has it blanks behind the last word are something left out, too. */
        if (n == most && rest.length > 0)
            return liquid_put(&buffer, end) && give(ret_value, liquid_put_text(&buffer));
    }
    return give(ret_value, text);
}

/* ---- a text into items ---- */

struct pieces { struct liquid_value *items; size_t n, room; };

static bool add_piece(struct liquid *liquid, struct pieces *pieces, struct text text)
{
    if (!liquid_spend(liquid, 1, 0)) return false;
    if (pieces->n == pieces->room) {
        struct liquid_value *had = pieces->items;
        pieces->room = 2 * pieces->room + 8;
        pieces->items = ARENA_ARRAY(liquid->arena, struct liquid_value, pieces->room);
        if (pieces->n > 0) memcpy(pieces->items, had, pieces->n * sizeof *had);
    }
    pieces->items[pieces->n++] = liquid_text(text);
    return true;
}

static bool split_words(struct liquid *liquid, struct text text, struct pieces *pieces)
{
    for (text = strip_left(text); text.length > 0; text = strip_left(text)) {
        size_t n = 0;
        while (n < text.length && !is_space(text.at[n])) n++;
        if (!add_piece(liquid, pieces, until(text, n))) return false;
        text = from(text, n);
    }
    return true;
}

static bool run_split(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text, by;
    struct pieces pieces = { 0 };
    if (!text_in(call, &text) || !argument_text(call, 0, &by)) return false;
    bool ok = true;
    if (by.length == 1 && by.at[0] == ' ') {
        ok = split_words(call->liquid, text, &pieces);
    } else {
        while (ok && text.length > 0) {
            const char *found = by.length ? memmem(text.at, text.length, by.at, by.length) : NULL;
            size_t n = by.length == 0 ? letters_bytes(text, 1) : found ? (size_t)(found - text.at) : text.length;
            ok = add_piece(call->liquid, &pieces, until(text, n));
            text = from(text, n + (found ? by.length : 0));
        }
        while (pieces.n > 0 && pieces.items[pieces.n - 1].text.length == 0) pieces.n--;
    }
    *ret_value = (struct liquid_value){ .kind = LIQUID_LIST, .list = { pieces.items, pieces.n } };
    return ok;
}

/* ---- what stands for nothing ---- */

static bool run_default(const struct liquid_call *call, struct liquid_value *ret_value)
{
    bool allows_false = false;
    for (size_t i = 0; i < call->n_named; i++)
        if (text_equal(call->named[i].key, text_of("allow_false")))
            allows_false = liquid_is_truthy(&call->named[i].value);
    bool is_false = call->in.kind == LIQUID_BOOL && !call->in.yes;
    bool is_nothing = call->in.kind == LIQUID_NIL || (is_false && !allows_false) || liquid_is_empty(&call->in) ||
                      call->in.kind == LIQUID_EMPTY || call->in.kind == LIQUID_BLANK;
    *ret_value = !is_nothing ? call->in : call->n > 0 ? call->arguments[0] : liquid_text(text_of(""));
    return true;
}

const struct liquid_filter liquid_filters_text[] = {
    { "upcase", 0, 0, run_upcase },
    { "downcase", 0, 0, run_downcase },
    { "capitalize", 0, 0, run_capitalize },
    { "strip", 0, 0, run_strip },
    { "lstrip", 0, 0, run_lstrip },
    { "rstrip", 0, 0, run_rstrip },
    { "append", 1, 1, run_append },
    { "prepend", 1, 1, run_prepend },
    { "replace", 1, 2, run_replace },
    { "replace_first", 1, 2, run_replace_first },
    { "replace_last", 2, 2, run_replace_last },
    { "remove", 1, 1, run_remove },
    { "remove_first", 1, 1, run_remove_first },
    { "remove_last", 1, 1, run_remove_last },
    { "strip_newlines", 0, 0, run_strip_newlines },
    { "newline_to_br", 0, 0, run_newline_to_br },
    { "strip_html", 0, 0, run_strip_html },
    { "escape", 0, 0, run_escape },
    { "escape_once", 0, 0, run_escape_once },
    { "raw", 0, 0, run_raw },
    { "slice", 1, 2, run_slice },
    { "truncate", 0, 2, run_truncate },
    { "truncatewords", 0, 2, run_truncatewords },
    { "split", 1, 1, run_split },
    { "default", 0, 1, run_default },
    { 0 },
};
