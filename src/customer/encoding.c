/* encoding.c - see encoding.h. */
#include "customer/encoding.h"

#include <stdint.h>
#include <string.h>

/* Bytes that follow a lead byte, or -1 for one that cannot lead. */
static int n_following(unsigned char lead)
{
    if (lead < 0x80) return 0;
    if (lead >= 0xc2 && lead <= 0xdf) return 1;
    if (lead >= 0xe0 && lead <= 0xef) return 2;
    if (lead >= 0xf0 && lead <= 0xf4) return 3;
    return -1;
}

/* Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte. */
static bool second_is_valid(unsigned char lead, unsigned char second)
{
    if (lead == 0xe0) return second >= 0xa0;
    if (lead == 0xed) return second <= 0x9f;
    if (lead == 0xf0) return second >= 0x90;
    if (lead == 0xf4) return second <= 0x8f;
    return true;
}

size_t encoding_valid_utf8(const char *bytes, size_t length, bool is_cut_fine)
{
    const unsigned char *b = (const unsigned char *)bytes;
    size_t i = 0;
    while (i < length) {
        uint64_t eight;
        if (length - i >= 8 && (memcpy(&eight, b + i, 8), !(eight & UINT64_C(0x8080808080808080)))) {
            i += 8;
            continue;
        }
        int n = n_following(b[i]);
        if (n < 0) return i;
        for (int k = 1; k <= n; k++) {
            if (i + (size_t)k >= length) return is_cut_fine ? length : i;
            if ((b[i + (size_t)k] & 0xc0) != 0x80 || (k == 1 && !second_is_valid(b[i], b[i + 1]))) return i;
        }
        i += (size_t)n + 1;
    }
    return length;
}

/* Unicode's own table for the bytes 0x80 to 0x9f of Windows-1252; 0 where it has none. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

struct text encoding_from_latin1(struct arena *arena, struct text text)
{
    char *out = arena_alloc(arena, text.length * 3 + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned code = (unsigned char)text.at[i];
        if (code >= 0x80 && code < 0xa0 && windows_1252[code - 0x80]) code = windows_1252[code - 0x80];
        if (code < 0x80) out[n++] = (char)code;
        else if (code < 0x800) out[n++] = (char)(0xc0 | code >> 6), out[n++] = (char)(0x80 | (code & 0x3f));
        else {
            out[n++] = (char)(0xe0 | code >> 12);
            out[n++] = (char)(0x80 | (code >> 6 & 0x3f));
            out[n++] = (char)(0x80 | (code & 0x3f));
        }
    }
    return (struct text){ out, n };
}
