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

/* The first numbers from state 1, 2, 3, 4, as the authors' C code gives them. */
Test(rng, numbers_are_those_of_xoshiro256_plus_plus)
{
    const uint64_t wanted[] = { UINT64_C(41943041),
                                UINT64_C(58720359),
                                UINT64_C(3588806011781223),
                                UINT64_C(3591011842654386),
                                UINT64_C(9228616714210784205),
                                UINT64_C(9973669472204895162),
                                UINT64_C(14011001112246962877),
                                UINT64_C(12406186145184390807),
                                UINT64_C(15849039046786891736),
                                UINT64_C(10450023813501588000) };
    struct rng rng = { { 1, 2, 3, 4 } };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_assert_eq(rng_uint64(&rng), wanted[i], "number %zu", i);
}

Test(rng, every_order_of_a_shuffle_is_as_likely_as_any_other)
{
    size_t counts[3][3] = { { 0 } };    /* how often item i ends in place k */
    struct rng rng = rng_new(4);
    for (int i = 0; i < 9000; i++) {
        uint32_t items[3] = { 0, 1, 2 };
        rng_shuffle(&rng, items, 3);
        cr_assert_eq(items[0] + items[1] + items[2], 3);
        for (size_t k = 0; k < 3; k++) counts[items[k]][k]++;
    }
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) ASSERT_NEAR(counts[i][k], 3000, 200);
}
