/* text.c - numbers from text, exact and without the locale; see text.h. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

bool text_equal_ignoring_case(struct text a, struct text b)
{
    if (a.length != b.length) return false;
    for (size_t i = 0; i < a.length; i++)
        if (lower(a.at[i]) != lower(b.at[i])) return false;
    return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct text text_trim(struct text text)
{
    while (text.length > 0 && is_blank(text.at[0])) text.at++, text.length--;
    while (text.length > 0 && is_blank(text.at[text.length - 1])) text.length--;
    return text;
}

bool text_int64(struct text text, int64_t *ret_value)
{
    text = text_trim(text);
    bool is_negative = text.length > 0 && text.at[0] == '-';
    size_t i = text.length > 0 && (is_negative || text.at[0] == '+');
    if (i == text.length) return false;
    int64_t value = 0;      /* counted downwards: INT64_MIN has no positive */
    for (; i < text.length; i++) {
        if (!is_digit(text.at[i])) return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, text.at[i] - '0', &value))
            return false;
    }
    if (!is_negative && value == INT64_MIN) return false;
    *ret_value = is_negative ? value : -value;
    return true;
}

/* A number taken apart: sign, digits without groups, where the decimals begin. */
enum { DIGITS_MAX = 400 };
struct digits {
    bool   is_negative;
    size_t n, n_whole;              /* digits in all, digits before the decimal sign */
    char   at[DIGITS_MAX];          /* values 0..9 */
    struct text exponent;           /* what follows e or E, or empty */
};

static bool is_group_sign(char c, char decimal)
{
    return c == ' ' || c == '\'' || c == (decimal == '.' ? ',' : '.');
}

/* Groups: after the first sign between groups every group has three digits and the same sign; or, as in India, the
 * last has three and those before it two. */
static bool digits_of(struct text text, char decimal, struct digits *ret)
{
    size_t i = 0, in_group = 0, first = 0, middle = 0;      /* digits of the first group, of those between signs */
    char group_sign = 0;
    bool has_decimal = false;
    *ret = (struct digits){ 0 };
    if (text.length > 0 && (text.at[0] == '-' || text.at[0] == '+')) ret->is_negative = text.at[i++] == '-';
    for (; i < text.length; i++) {
        char c = text.at[i];
        if (is_digit(c)) {
            if (ret->n == DIGITS_MAX) return false;
            ret->at[ret->n++] = (char)(c - '0');
            ret->n_whole += !has_decimal;
            in_group++;
        } else if (c == decimal && !has_decimal) {
            if (group_sign && in_group != 3) return false;
            has_decimal = true;
        } else if (!has_decimal && is_group_sign(c, decimal) && (!group_sign || group_sign == c)) {
            if (in_group == 0 || in_group > 3 || (middle && in_group != middle)) return false;
            if (!group_sign) first = in_group;
            else middle = in_group;
            if (middle > 0 && middle < 3 && (middle == 1 || first == 3 || c != ',')) return false;
            group_sign = c;
            in_group = 0;
        } else if ((c == 'e' || c == 'E') && ret->n > 0) {
            ret->exponent = (struct text){ text.at + i + 1, text.length - i - 1 };
            return !group_sign && ret->exponent.length > 0;
        } else {
            return false;
        }
    }
    return ret->n > 0 && (!group_sign || has_decimal || in_group == 3);
}

/* Up to 15 digits and a power of ten up to 22 are exact in double, and so is their quotient. */
static bool double_fast(const struct digits *digits, double *ret_value)
{
    static const double powers[] = { 1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
    if (digits->exponent.length > 0 || digits->n > 15) return false;
    int64_t value = 0;
    for (size_t i = 0; i < digits->n; i++) value = value * 10 + digits->at[i];
    double magnitude = (double)value / powers[digits->n - digits->n_whole];
    *ret_value = digits->is_negative ? -magnitude : magnitude;
    return true;
}

bool text_double(struct text text, char decimal, double *ret_value)
{
    struct digits digits;
    if (!digits_of(text_trim(text), decimal, &digits)) return false;
    if (double_fast(&digits, ret_value)) return true;
    int64_t exponent = 0;
    if (digits.exponent.length > 0 &&
        (is_blank(digits.exponent.at[0]) || !text_int64(digits.exponent, &exponent)))
        return false;
    if (exponent > 1000 || exponent < -1000) return false;
    char plain[DIGITS_MAX + 40];
    size_t n = 0;
    if (digits.is_negative) plain[n++] = '-';
    for (size_t i = 0; i < digits.n; i++) plain[n++] = (char)('0' + digits.at[i]);
    snprintf(plain + n, sizeof plain - n, "e%lld",
             (long long)exponent - (long long)(digits.n - digits.n_whole));
    double value = strtod(plain, NULL);         /* no decimal sign in it: the locale plays no part */
    if (!(value <= 1.7976931348623157e308 && value >= -1.7976931348623157e308)) return false;
    *ret_value = value;
    return true;
}

bool text_fixed_plain(struct text text, char decimal, int places, int64_t *ret_value)
{
    const char *at = text.at, *end = text.at + text.length;
    if (text.length == 0 || text.length > 15 || places < 0 || text.length > (size_t)(17 - places)) return false;
    bool is_negative = *at == '-';
    at += is_negative;
    const char *start = at;
    int64_t value = 0;
    while (at < end && is_digit(*at)) value = value * 10 + (*at++ - '0');
    if (at == start) return false;
    if (at < end && *at == decimal)
        for (at++; at < end && places > 0 && is_digit(*at); places--) value = value * 10 + (*at++ - '0');
    if (at != end) return false;
    for (; places > 0; places--) value *= 10;           /* below 10^15 x 10^9 only if short */
    *ret_value = is_negative ? -value : value;
    return true;
}

bool text_fixed(struct text text, char decimal, int places, int64_t *ret_value)
{
    struct digits digits;
    if (text_fixed_plain(text, decimal, places, ret_value)) return true;
    if (!digits_of(text_trim(text), decimal, &digits)) return false;
    int64_t exponent = 0;
    if (digits.exponent.length > 0 &&
        (!text_int64(digits.exponent, &exponent) || exponent > 400 || exponent < -400))
        return false;
    int64_t n_kept = (int64_t)digits.n_whole + exponent + places, value = 0;        /* digits that count */
    for (int64_t i = 0; i < n_kept; i++) {
        int digit = i < (int64_t)digits.n ? digits.at[i] : 0;
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value))
            return false;
    }
    if (n_kept >= 0 && n_kept < (int64_t)digits.n && digits.at[n_kept] >= 5 &&
        __builtin_add_overflow(value, 1, &value))
        return false;
    *ret_value = digits.is_negative ? -value : value;
    return true;
}
