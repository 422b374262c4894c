/* rng.h - chance as an argument: the same seed gives the same numbers everywhere.
 *
 * xoshiro256++ (Blackman & Vigna 2019), seeded by SplitMix64.  A generator is a
 * plain value: copying it copies its future. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng { uint64_t state[4]; };

struct rng rng_new(uint64_t seed);

/* An independent generator for one part of a job: the same (seed, stream) always gives the same
 * numbers, whatever other parts drew and on whatever thread they ran. */
struct rng rng_stream(uint64_t seed, uint64_t stream);

uint64_t rng_uint64(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t bound);    /* 0..bound-1, unbiased; bound > 0 */
double   rng_uniform(struct rng *rng);                  /* in (0, 1), never an end */
void     rng_shuffle(struct rng *rng, uint32_t *items, size_t n);

#endif
