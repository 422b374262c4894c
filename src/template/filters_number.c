/* filters_number.c - filters that reckon. */
#include "template/liquid.h"
#include "template/template.h"
#include "base/letters.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A sum of decimals that people see: .1 + .2 is .3, so results are rounded to the digits a double keeps. */
static struct liquid_value real_of(double real)
{
    char digits[40];
    int64_t scaled, scale;
    if (liquid_decimal(real, 0.4e-15 * fabs(real), &scaled, &scale))      /* the same as below, sooner */
        return (struct liquid_value){ .kind = LIQUID_REAL, .real = (double)scaled / (double)scale };
    snprintf(digits, sizeof digits, "%.15g", real);
    return (struct liquid_value){ .kind = LIQUID_REAL, .real = strtod(digits, NULL) };
}

static bool is_zero(const struct liquid_value *number) { return liquid_real(number) == 0; }

static int64_t floor_divided(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0)); }

enum reckoning { RECKON_PLUS, RECKON_MINUS, RECKON_TIMES, RECKON_DIVIDED, RECKON_MODULO };

static bool reckon(const struct liquid_call *call, enum reckoning how, struct liquid_value *ret_value)
{
    struct liquid_value a = liquid_number(&call->in), b = liquid_number(&call->arguments[0]);
    double x = liquid_real(&a), y = liquid_real(&b);
    int64_t whole = 0;
    bool is_whole = a.kind == LIQUID_INT && b.kind == LIQUID_INT, is_division = how >= RECKON_DIVIDED;
    if (is_division && is_zero(&b) && is_whole) return liquid_fail(call->liquid, "divided by 0");
    if (is_whole && is_division && b.integer == -1) {       /* the one quotient that may not fit */
        is_whole = a.integer != INT64_MIN;
        whole = is_whole && how == RECKON_DIVIDED ? -a.integer : 0;
    } else if (is_whole) {
        switch (how) {
        case RECKON_PLUS: is_whole = !__builtin_add_overflow(a.integer, b.integer, &whole); break;
        case RECKON_MINUS: is_whole = !__builtin_sub_overflow(a.integer, b.integer, &whole); break;
        case RECKON_TIMES: is_whole = !__builtin_mul_overflow(a.integer, b.integer, &whole); break;
        case RECKON_DIVIDED: whole = floor_divided(a.integer, b.integer); break;
        case RECKON_MODULO: whole = a.integer - floor_divided(a.integer, b.integer) * b.integer; break;
        }
    }
    if (is_whole) { *ret_value = liquid_int(whole); return true; }
    double real = how == RECKON_PLUS ? x + y : how == RECKON_MINUS ? x - y : how == RECKON_TIMES ? x * y
                  : how == RECKON_DIVIDED ? x / y : x - y * floor(x / y);
    if (!isfinite(real))
        return liquid_fail(call->liquid, is_zero(&b) ? "divided by 0" : "the result is too large");
    *ret_value =
        how == RECKON_DIVIDED ? (struct liquid_value){ .kind = LIQUID_REAL, .real = real } : real_of(real);
    return true;
}

#define RECKONING(name, how)                                                                                      \
    static bool run_##name(const struct liquid_call *call, struct liquid_value *ret_value)                        \
    {                                                                                                             \
        return reckon(call, how, ret_value);                                                                      \
    }
RECKONING(plus, RECKON_PLUS)
RECKONING(minus, RECKON_MINUS)
RECKONING(times, RECKON_TIMES)
RECKONING(divided_by, RECKON_DIVIDED)
RECKONING(modulo, RECKON_MODULO)

static bool run_abs(const struct liquid_call *call, struct liquid_value *ret_value)
{
    *ret_value = liquid_number(&call->in);
    if (ret_value->kind == LIQUID_REAL) ret_value->real = fabs(ret_value->real);
    else if (ret_value->integer == INT64_MIN) return liquid_fail(call->liquid, "the result is too large");
    else if (ret_value->integer < 0) ret_value->integer = -ret_value->integer;
    return true;
}

static bool run_at_least(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct liquid_value a = liquid_number(&call->in), b = liquid_number(&call->arguments[0]);
    *ret_value = liquid_real(&a) < liquid_real(&b) ? b : a;
    return true;
}

static bool run_at_most(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct liquid_value a = liquid_number(&call->in), b = liquid_number(&call->arguments[0]);
    *ret_value = liquid_real(&a) > liquid_real(&b) ? b : a;
    return true;
}

static bool whole_of(const struct liquid_call *call, double real, struct liquid_value *ret_value)
{
    if (!(fabs(real) < 9e18)) return liquid_fail(call->liquid, "the result is too large");
    *ret_value = liquid_int((int64_t)real);
    return true;
}

static bool run_ceil(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct liquid_value a = *ret_value = liquid_number(&call->in);
    return a.kind == LIQUID_INT || whole_of(call, ceil(a.real), ret_value);
}

static bool run_floor(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct liquid_value a = *ret_value = liquid_number(&call->in);
    return a.kind == LIQUID_INT || whole_of(call, floor(a.real), ret_value);
}

static bool run_round(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct liquid_value a = *ret_value = liquid_number(&call->in),
                        places = call->n ? liquid_number(&call->arguments[0]) : liquid_int(0);
    double n = floor(liquid_real(&places)), scale = pow(10, fabs(n));
    if (a.kind == LIQUID_INT && n >= 0) return true;
    if (fabs(n) > 300) n = 0, scale = 1;
    if (n > 0) { *ret_value = real_of(round(a.real * scale) / scale); return true; }
    return whole_of(call, round(liquid_real(&a) / scale) * scale, ret_value);
}

/* {{ total | money: "EUR" }}: as the person's language writes it, or as a second argument says ("de-AT"). */
static bool run_money(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct liquid_value amount = liquid_number(&call->in);
    struct text currency = call->arguments[0].kind == LIQUID_TEXT ? call->arguments[0].text : text_of(""), money;
    const char *told = call->liquid->options->locale;
    char code[4] = "", locale[32] = "";
    snprintf(locale, sizeof locale, "%s", told ? told : "en");
    if (call->n > 1 && call->arguments[1].kind == LIQUID_TEXT)
        snprintf(locale, sizeof locale, "%.*s", (int)call->arguments[1].text.length, call->arguments[1].text.at);
    for (size_t i = 0; i < currency.length && currency.length == 3; i++) code[i] = (char)(currency.at[i] & ~0x20);
    if (strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return liquid_fail(call->liquid, "'%.*s' is no currency, such as EUR",
                           (int)(currency.length < 40 ? currency.length : 40), currency.at);
    if (!letters_money(call->liquid->arena, liquid_real(&amount), code, locale, &money))
        return liquid_fail(call->liquid, "the amount cannot be written in '%s'", locale);
    *ret_value = liquid_text(money);
    return true;
}

const struct liquid_filter liquid_filters_number[] = {
    { "money", 1, 2, run_money },
    { "plus", 1, 1, run_plus },
    { "minus", 1, 1, run_minus },
    { "times", 1, 1, run_times },
    { "divided_by", 1, 1, run_divided_by },
    { "modulo", 1, 1, run_modulo },
    { "abs", 0, 0, run_abs },
    { "at_least", 1, 1, run_at_least },
    { "at_most", 1, 1, run_at_most },
    { "ceil", 0, 0, run_ceil },
    { "floor", 0, 0, run_floor },
    { "round", 0, 1, run_round },
    { 0 },
};
