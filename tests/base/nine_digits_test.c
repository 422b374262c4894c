/* Floats as text: the same as printf's nine digits, which read back as the same float. */
#include "base/nine_digits.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void check(float value)
{
    char ours[NINE_DIGITS_BYTES], wanted[64];
    size_t n = nine_digits(value, ours);
    snprintf(wanted, sizeof wanted, "%.9g", (double)value);
    cr_assert(n == strlen(wanted) && memcmp(ours, wanted, n) == 0, "%s is written as %.*s", wanted, (int)n, ours);
}

Test(nine_digits, floats_at_every_edge_are_written_as_printf_writes_them)
{
    static const float edges[] = { 0,        -0.0f,  1,          -1,         0.5f,       0.1f,  -0.25f, 0.001f,
                                   1e9f,     9e8f,   1e-30f,     3e38f,      0.0009999f, 12.5f, 1e8f,   0.01f,
                                   16777215, 0.375f, 99999.992f, 9.9999998f, 999999.94f, 1e-4f, 8388607.5f,
                                   INFINITY };
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) check(edges[i]);
}

Test(nine_digits, random_floats_of_every_size_are_written_as_printf_writes_them)
{
    EACH_CASE(c, 4) {
        for (int i = 0; i < 100000; i++) {
            uint32_t bits = (uint32_t)rng_uint64(&c.rng);
            float value;
            if (i % 2) bits = (bits & 0x807fffffu) | (uint32_t)(115 + rng_below(&c.rng, 45)) << 23;
            memcpy(&value, &bits, sizeof value);
            if (!isnan(value)) check(value);
            check((float)rng_below(&c.rng, 10000000) / 1000);
            check(ldexpf((float)rng_below(&c.rng, 1 << 24), -24 - (int)rng_below(&c.rng, 80)));
            check((float)((double)rng_below(&c.rng, 1000000) / 1024));
        }
    }
}
