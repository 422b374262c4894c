/* liquid_markup.c - what stands between the braces of a template: names, literals, pipes, conditions. */
#include "template/liquid.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 50 };

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool begins_name(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_in_name(char c) { return begins_name(c) || is_digit(c) || c == '-'; }

static void skip_space(struct liquid_markup *markup)
{
    while (markup->at < markup->end && is_space(*markup->at)) markup->at++;
}

bool markup_is_at_end(struct liquid_markup *markup)
{
    skip_space(markup);
    return markup->at == markup->end;
}

static struct text rest_of(const struct liquid_markup *markup)
{
    size_t n = (size_t)(markup->end - markup->at);
    return (struct text){ markup->at, n < 40 ? n : 40 };
}

bool markup_end(struct liquid_markup *markup, struct err *err)
{
    if (markup_is_at_end(markup)) return true;
    struct text rest = rest_of(markup);
    return err_set(err, ERR_INVALID, "'%.*s' is not understood here", (int)rest.length, rest.at);
}

bool markup_take(struct liquid_markup *markup, const char *sign)
{
    size_t n = strlen(sign);
    skip_space(markup);
    if ((size_t)(markup->end - markup->at) < n || memcmp(markup->at, sign, n) != 0) return false;
    if (begins_name(*sign) && markup->at + n < markup->end && is_in_name(markup->at[n])) return false;
    markup->at += n;
    return true;
}

bool markup_name(struct liquid_markup *markup, struct text *ret_name)
{
    skip_space(markup);
    const char *began = markup->at;
    if (markup->at == markup->end || !begins_name(*markup->at)) return false;
    while (markup->at < markup->end && is_in_name(*markup->at)) markup->at++;
    if (markup->at < markup->end && *markup->at == '?') markup->at++;
    *ret_name = (struct text){ began, (size_t)(markup->at - began) };
    return true;
}

static bool wants(struct liquid_markup *markup, const char *sign, struct err *err)
{
    if (markup_take(markup, sign)) return true;
    struct text rest = rest_of(markup);
    return rest.length == 0
               ? err_set(err, ERR_INVALID, "'%s' is missing at the end", sign)
               : err_set(err, ERR_INVALID, "'%s' is missing before '%.*s'", sign, (int)rest.length, rest.at);
}

/* ---- literals ---- */

static bool read_text(struct liquid_markup *markup, struct liquid_value *ret_value, struct err *err)
{
    char quote = *markup->at++;
    const char *end = memchr(markup->at, quote, (size_t)(markup->end - markup->at));
    if (!end) return err_set(err, ERR_INVALID, "a text has no %c at its end", quote);
    *ret_value = liquid_text((struct text){ markup->at, (size_t)(end - markup->at) });
    ret_value->is_safe = true;          /* who wrote the template wrote it */
    markup->at = end + 1;
    return true;
}

/* "12", "-3", "1.5"; "1..5" is 1 and a range's dots. */
static bool read_number(struct liquid_markup *markup, struct liquid_value *ret_value, struct err *err)
{
    const char *began = markup->at;
    bool is_real = false;
    if (*markup->at == '-') markup->at++;
    while (markup->at < markup->end && is_digit(*markup->at)) markup->at++;
    if (markup->end - markup->at >= 2 && *markup->at == '.' && is_digit(markup->at[1])) {
        is_real = true;
        markup->at++;
        while (markup->at < markup->end && is_digit(*markup->at)) markup->at++;
    }
    struct text digits = { began, (size_t)(markup->at - began) };
    if (markup->at < markup->end && begins_name(*markup->at))
        return err_set(err, ERR_INVALID, "'%.*s' is no number and no name", (int)digits.length + 1, began);
    *ret_value = (struct liquid_value){ .kind = is_real ? LIQUID_REAL : LIQUID_INT };
    if (is_real ? text_double(digits, '.', &ret_value->real) : text_int64(digits, &ret_value->integer))
        return true;
    return err_set(err, ERR_INVALID, "'%.*s' is too large a number", (int)digits.length, digits.at);
}

/* The words that are values and no names. */
static bool is_word(struct text name, struct liquid_value *ret_value)
{
    static const struct { const char *word; struct liquid_value value; } words[] = {
        { "true", { .kind = LIQUID_BOOL, .yes = true } }, { "false", { .kind = LIQUID_BOOL } },
        { "nil", { .kind = LIQUID_NIL } },                { "null", { .kind = LIQUID_NIL } },
        { "blank", { .kind = LIQUID_BLANK } },            { "empty", { .kind = LIQUID_EMPTY } },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(name, text_of(words[i].word))) {
            *ret_value = words[i].value;
            return true;
        }
    return false;
}

/* ---- expressions ---- */

static bool read_steps(struct liquid_markup *markup, struct liquid_expression *path, struct err *err)
{
    const struct liquid_step **end = &path->steps;
    for (;;) {
        struct liquid_step *step = ARENA_NEW(markup->arena, struct liquid_step);
        skip_space(markup);
        if (markup->end - markup->at >= 2 && memcmp(markup->at, "..", 2) == 0) return true;      /* a range's */
        if (markup_take(markup, ".")) {
            if (!markup_name(markup, &step->property)) {
                struct text rest = rest_of(markup);
                return err_set(err, ERR_INVALID, "no name follows the dot but '%.*s'", (int)rest.length, rest.at);
            }
        } else if (markup_take(markup, "[")) {
            if (!markup_expression(markup, &step->index, err) || !wants(markup, "]", err)) return false;
        } else {
            return true;
        }
        *end = step;
        end = &step->next;
    }
}

static bool read_range(struct liquid_markup *markup, struct liquid_expression *range, struct err *err)
{
    range->kind = EXPRESSION_RANGE;
    return markup_expression(markup, &range->first, err) && wants(markup, "..", err) &&
           markup_expression(markup, &range->last, err) && wants(markup, ")", err);
}

static bool read_expression(struct liquid_markup *markup, struct liquid_expression *e, struct err *err)
{
    struct text rest = rest_of(markup), name;
    char c = markup->at < markup->end ? *markup->at : '\0';
    if (c == '\'' || c == '"') return read_text(markup, &e->literal, err);
    if (is_digit(c) || (c == '-' && markup->at + 1 < markup->end && is_digit(markup->at[1])))
        return read_number(markup, &e->literal, err);
    if (markup_take(markup, "(")) return read_range(markup, e, err);
    if (c == '[') {
        e->kind = EXPRESSION_PATH;
        markup->at++;
        return markup_expression(markup, &e->first, err) && wants(markup, "]", err) && read_steps(markup, e, err);
    }
    if (!markup_name(markup, &name))
        return rest.length == 0 ? err_set(err, ERR_INVALID, "a value is missing at the end")
                                : err_set(err, ERR_INVALID, "'%.*s' is no value", (int)rest.length, rest.at);
    if (is_word(name, &e->literal)) return true;
    e->kind = EXPRESSION_PATH;
    e->name = name;
    return read_steps(markup, e, err);
}

bool markup_expression(struct liquid_markup *markup, const struct liquid_expression **ret, struct err *err)
{
    struct liquid_expression *e = ARENA_NEW(markup->arena, struct liquid_expression);
    skip_space(markup);
    const char *began = markup->at;
    if (++markup->depth > DEPTH_MOST) return err_set(err, ERR_INVALID, "values are nested too deeply");
    if (!read_expression(markup, e, err)) return false;
    markup->depth--;
    e->source = (struct text){ began, (size_t)(markup->at - began) };
    while (e->source.length > 0 && is_space(e->source.at[e->source.length - 1])) e->source.length--;
    *ret = e;
    return true;
}

/* ---- pipes ---- */

/* "name:" if that is next. */
static bool take_key(struct liquid_markup *markup, struct text *ret_name)
{
    const char *began = markup->at;
    if (markup_name(markup, ret_name) && markup_take(markup, ":")) return true;
    markup->at = began;
    *ret_name = text_of("");
    return false;
}

static bool read_arguments(struct liquid_markup *markup, struct liquid_applied *applied, struct err *err)
{
    struct liquid_argument **end = &applied->arguments;
    size_t n = 0, n_all = 0;
    if (markup_take(markup, ":")) {
        do {
            struct liquid_argument *argument = ARENA_NEW(markup->arena, struct liquid_argument);
            if (++n_all > LIQUID_ARGUMENTS_MOST) return err_set(err, ERR_INVALID, "too many values for a filter");
            if (!take_key(markup, &argument->name)) n++;
            if (!markup_expression(markup, &argument->value, err)) return false;
            *end = argument;
            end = &argument->next;
        } while (markup_take(markup, ","));
    }
    const struct liquid_filter *filter = applied->filter;
    if (n >= filter->least && n <= filter->most) return true;
    if (filter->least == filter->most)
        return err_set(err, ERR_INVALID, "the filter %s takes %zu value%s, not %zu", filter->name, filter->least,
                       filter->least == 1 ? "" : "s", n);
    return err_set(err, ERR_INVALID, "the filter %s takes %zu to %zu values, not %zu", filter->name, filter->least,
                   filter->most, n);
}

bool markup_pipe(struct liquid_markup *markup, struct liquid_pipe *ret_pipe, struct err *err)
{
    const struct liquid_applied **end = &ret_pipe->filters;
    if (!markup_expression(markup, &ret_pipe->value, err)) return false;
    while (markup_take(markup, "|")) {
        struct liquid_applied *applied = ARENA_NEW(markup->arena, struct liquid_applied);
        struct text name;
        if (!markup_name(markup, &name)) return err_set(err, ERR_INVALID, "no filter follows the |");
        applied->filter = liquid_filter(name);
        if (!applied->filter)
            return err_set(err, ERR_INVALID, "there is no filter '%.*s'", (int)name.length, name.at);
        if (!read_arguments(markup, applied, err)) return false;
        *end = applied;
        end = &applied->next;
    }
    return true;
}

bool markup_named(struct liquid_markup *markup, struct liquid_argument **ret, struct err *err)
{
    struct liquid_argument **end = ret;
    (void)markup_take(markup, ",");
    while (!markup_is_at_end(markup)) {
        struct liquid_argument *argument = ARENA_NEW(markup->arena, struct liquid_argument);
        if (!take_key(markup, &argument->name)) return markup_end(markup, err);
        if (!markup_expression(markup, &argument->value, err)) return false;
        *end = argument;
        end = &argument->next;
        (void)markup_take(markup, ",");
    }
    return true;
}

/* ---- conditions ---- */

static enum liquid_comparison take_comparison(struct liquid_markup *markup)
{
    static const struct { const char *sign; enum liquid_comparison comparison;
    } signs[] = {
        { "==", COMPARE_EQUAL },    { "!=", COMPARE_NOT }, { "<>", COMPARE_NOT }, { "<=", COMPARE_AT_MOST },
        { ">=", COMPARE_AT_LEAST }, { "<", COMPARE_LESS }, { ">", COMPARE_MORE }, { "contains", COMPARE_CONTAINS },
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (markup_take(markup, signs[i].sign)) return signs[i].comparison;
    return COMPARE_TRUTH;
}

bool markup_condition(struct liquid_markup *markup, const struct liquid_condition **ret, struct err *err)
{
    size_t n = 0;
    do {
        struct liquid_condition *condition = ARENA_NEW(markup->arena, struct liquid_condition);
        if (++n > DEPTH_MOST) return err_set(err, ERR_INVALID, "more than %d parts joined by and, or", DEPTH_MOST);
        if (!markup_expression(markup, &condition->left, err)) return false;
        condition->comparison = take_comparison(markup);
        if (condition->comparison != COMPARE_TRUTH && !markup_expression(markup, &condition->right, err))
            return false;
        *ret = condition;
        ret = &condition->rest;
        if (markup_is_at_end(markup)) return true;
        condition->is_and = markup_take(markup, "and");
        if (!condition->is_and && !markup_take(markup, "or")) return markup_end(markup, err);
    } while (true);
}
