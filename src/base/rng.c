/* rng.c - see rng.h. */
#include "base/rng.h"

static uint64_t split_mix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct rng rng_new(uint64_t seed)
{
    struct rng rng;
    for (int i = 0; i < 4; i++) rng.state[i] = split_mix(&seed);
    return rng;
}

struct rng rng_stream(uint64_t seed, uint64_t stream)
{
    uint64_t mixed = seed ^ 0x6a09e667f3bcc909u;
    uint64_t base = split_mix(&mixed);
    mixed = base ^ stream;
    return rng_new(split_mix(&mixed));
}

static uint64_t rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

uint64_t rng_uint64(struct rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rotate(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *rng, uint64_t bound)
{
    uint64_t unfair = -bound % bound;       /* 2^64 mod bound: drawing again below it removes the bias */
    uint64_t drawn;
    do drawn = rng_uint64(rng);
    while (drawn < unfair);
    return drawn % bound;
}

double rng_uniform(struct rng *rng)
{
    return ((double)(rng_uint64(rng) >> 12) + 0.5) * 0x1p-52;
}

void rng_shuffle(struct rng *rng, uint32_t *items, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = rng_below(rng, i);
        uint32_t kept = items[i - 1];
        items[i - 1] = items[other];
        items[other] = kept;
    }
}
