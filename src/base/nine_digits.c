/* nine_digits.c - see nine_digits.h.
 *
 * A float is m * 2^-s with m below 2^24.  Between a thousandth and 10^9 its nine digits are m * 10^k / 2^s for a k
 * of at most 11, which 64 bits hold exactly, so rounding (to even, as printf does) needs no more than a shift.  Down to
 * 10^-20, as a sum that has long decayed is, 128 bits hold it. */
#include "base/nine_digits.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEAST = 100000000, TEN_TIMES = 1000000000, FIXED_DECIMALS_MOST = 12 };

__extension__ typedef unsigned __int128 wide;

/* In 32 bits, where a division by ten is a short multiplication. */
static size_t put_whole(uint32_t number, char *text)
{
    char reversed[12];
    size_t n = 0;
    do reversed[n++] = (char)('0' + number % 10);
    while (number /= 10);
    for (size_t i = 0; i < n; i++) text[i] = reversed[n - 1 - i];
    return n;
}

static uint64_t shifted(uint64_t number, int shift)
{
    uint64_t one = UINT64_C(1) << shift, whole = number >> shift, rest = number & (one - 1), half = one / 2;
    return whole + (rest > half || (rest == half && (whole & 1)));
}

/* Nine digits, of which n_decimals stand behind the point. */
static size_t put_digits(uint32_t digits, size_t n_decimals, char *text)
{
    char all[12];
    while (n_decimals >= 4 && digits % 10000 == 0) digits /= 10000, n_decimals -= 4;
    while (n_decimals > 0 && digits % 10 == 0) digits /= 10, n_decimals--;
    size_t n_all = put_whole(digits, all);
    if (n_all > n_decimals) {
        size_t n_whole = n_all - n_decimals;
        memcpy(text, all, n_whole);
        if (n_decimals == 0) return n_whole;
        text[n_whole] = '.';
        memcpy(text + n_whole + 1, all + n_whole, n_decimals);
        return n_all + 1;
    }
    size_t n_zeros = n_decimals - n_all;
    text[0] = '0', text[1] = '.';
    memset(text + 2, '0', n_zeros);
    memcpy(text + 2 + n_zeros, all, n_all);
    return 2 + n_decimals;
}

/* size = m / 2^shift, and m has 24 bits; size is normal and not whole, so that shift is above 0. */
static uint32_t parts_of_float(float size, int *ret_shift)
{
    uint32_t bits;
    memcpy(&bits, &size, sizeof bits);
    *ret_shift = 127 + 23 - (int)(bits >> 23);
    return (bits & 0x7fffff) | 0x800000;
}

/* Decimals that m / 2^shift needs at least to have nine digits, or one less: log10(2) is 1233 / 4096. */
static int decimals_about(int shift)
{
    int k = 8 - ((24 - shift) * 1233 >> 12);
    return k > 0 ? k : 0;
}

/* Below a thousandth, with an exponent from 10^-5 on down, as printf writes it. */
static size_t put_small(float size, char *text)
{
    int shift, k = 0;
    wide m = parts_of_float(size, &shift);
    while (m >> shift < LEAST) m *= 10, k++;
    wide one = (wide)1 << shift, rest = m & (one - 1), half = one / 2;
    uint64_t digits = (uint64_t)(m >> shift);
    digits += rest > half || (rest == half && (digits & 1));
    if (digits == TEN_TIMES) digits /= 10, k--;
    if (k <= FIXED_DECIMALS_MOST) return put_digits((uint32_t)digits, (size_t)k, text);
    size_t n = put_digits((uint32_t)digits, 8, text);
    text[n++] = 'e', text[n++] = '-';
    if (k - 8 < 10) text[n++] = '0';
    return n + put_whole((uint32_t)(k - 8), text + n);
}

size_t nine_digits(float value, char text[NINE_DIGITS_BYTES])
{
    float size = fabsf(value);
    size_t n = 0;
    if (!(size >= 1e-20f && size < 1e9f) && (size != 0 || signbit(value)))
        return (size_t)snprintf(text, NINE_DIGITS_BYTES, "%.9g", (double)value);
    if (value < 0) text[n++] = '-';
    if (size == floorf(size)) return n + put_whole((uint32_t)size, text + n);
    if (size < 1e-3f) return n + put_small(size, text + n);
    static const uint64_t powers[] = { 1,      10,      100,      1000,      10000,      100000,
                                       1000000, 10000000, 100000000, 1000000000, UINT64_C(10000000000), UINT64_C(100000000000) };
    int shift, k;
    uint64_t m = parts_of_float(size, &shift);
    k = decimals_about(shift);
    m *= powers[k];
    while (m >> shift < LEAST) m *= 10, k++;
    uint64_t digits = shifted(m, shift);
    if (digits == TEN_TIMES) digits /= 10, k--;
    return n + put_digits((uint32_t)digits, (size_t)k, text + n);
}
