/* Random numbers: repeatable, independent by stream, even. */
#include "support.h"

Test(rng, the_same_seed_and_stream_give_the_same_numbers)
{
    struct rng a = rng_stream(7, 3), b = rng_stream(7, 3), other = rng_stream(7, 4);
    bool differs = false;
    for (int i = 0; i < 100; i++) {
        uint64_t drawn = rng_uint64(&a);
        cr_assert_eq(drawn, rng_uint64(&b));
        differs |= drawn != rng_uint64(&other);
    }
    cr_assert(differs);
}

Test(rng, below_is_even_over_its_range)
{
    struct rng rng = rng_new(1);
    int counts[7] = { 0 };
    for (int i = 0; i < 70000; i++) counts[rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++) cr_assert(abs(counts[i] - 10000) < 500, "%d drawn %d times", i, counts[i]);
}

Test(rng, uniform_stays_inside_zero_and_one)
{
    struct rng rng = rng_new(2);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        double u = rng_uniform(&rng);
        cr_assert(u > 0 && u < 1);
        sum += u;
    }
    ASSERT_NEAR(sum / 100000, 0.5, 0.005);
}
