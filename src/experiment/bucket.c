/* bucket.c - see bucket.h. */
#include "experiment/bucket.h"

#include <stdio.h>

#define FNV_BEGIN UINT32_C(2166136261)

static uint32_t fnv(uint32_t hash, struct text text)
{
    for (size_t i = 0; i < text.length; i++) hash = (hash ^ (unsigned char)text.at[i]) * UINT32_C(16777619);
    return hash;
}

double bucket_of(struct text seed, struct text unit)
{
    char digits[12];
    snprintf(digits, sizeof digits, "%u", fnv(fnv(FNV_BEGIN, seed), unit));
    return fnv(FNV_BEGIN, text_of(digits)) % 10000 / 10000.0;
}

double bucket_of_v1(struct text seed, struct text unit)
{
    return fnv(fnv(FNV_BEGIN, unit), seed) % 1000 / 1000.0;
}

size_t bucket_arm(double bucket, const double *shares, size_t n, double ramp)
{
    double begins = 0;
    for (size_t i = 0; i < n; i++) {
        if (bucket >= begins && bucket < begins + ramp * shares[i]) return i;
        begins += shares[i];
    }
    return n;
}
