/* throttle_test.c - token buckets against the arithmetic, and memory that does not grow. */
#include "govern/throttle.h"
#include "support.h"

TestSuite(throttle);

Test(throttle, a_burst_is_granted_and_then_the_rate)
{
    struct throttle *throttle = throttle_new(2, 5, 1);
    struct text name = text_of("a");
    unsigned wait;
    for (int i = 0; i < 5; i++) cr_assert(throttle_take(throttle, name, 100, &wait));
    cr_assert(!throttle_take(throttle, name, 100, &wait));
    cr_assert_eq(wait, 1);
    cr_assert(!throttle_take(throttle, name, 100.4, &wait));
    cr_assert(throttle_take(throttle, name, 100.5, &wait));
    cr_assert(!throttle_take(throttle, name, 100.5, &wait));
    cr_assert(throttle_take(throttle, text_of("b"), 100.5, &wait));
    for (int i = 0; i < 5; i++) cr_assert(throttle_take(throttle, name, 200, &wait));
    cr_assert(!throttle_take(throttle, name, 200, &wait));
    throttle_free(throttle);
}

Test(throttle, the_wait_is_whole_seconds_and_long_enough)
{
    struct throttle *throttle = throttle_new(0.1, 1, 1);
    unsigned wait;
    cr_assert(throttle_take(throttle, text_of("a"), 0, &wait));
    cr_assert(!throttle_take(throttle, text_of("a"), 0, &wait));
    cr_assert_eq(wait, 10);
    cr_assert(!throttle_take(throttle, text_of("a"), 9.9, &wait));
    cr_assert(throttle_take(throttle, text_of("a"), 10, &wait));
    throttle_free(throttle);
    cr_assert(throttle_take(NULL, text_of("a"), 0, &wait));
}

/* Whoever is held stays held, however many new names come. */
Test(throttle, many_new_names_do_not_free_an_old_one)
{
    struct throttle *throttle = throttle_new(0.001, 2, support_seed());
    unsigned wait;
    char name[32];
    cr_assert(throttle_take(throttle, text_of("held"), 0, &wait) &&
              throttle_take(throttle, text_of("held"), 0, &wait));
    for (int i = 0; i < 200000; i++) {
        snprintf(name, sizeof name, "name %d", i);
        cr_assert(throttle_take(throttle, text_of(name), 1, &wait));
    }
    cr_assert(!throttle_take(throttle, text_of("held"), 1, &wait));
    throttle_free(throttle);
}

Test(throttle, at_most_burst_plus_rate_times_seconds_in_any_window)
{
    EACH_CASE(c, 30) {
        double rate = 0.5 + rng_uniform(&c.rng) * 20, burst = 1 + (double)rng_below(&c.rng, 30), now = 0;
        struct throttle *throttle = throttle_new(rate, burst, rng_uint64(&c.rng));
        size_t n_taken = 0;
        unsigned wait;
        for (int i = 0; i < 500; i++) {
            now += rng_uniform(&c.rng) * 0.2;
            if (throttle_take(throttle, text_of("a"), now, &wait)) n_taken++;
        }
        cr_assert((double)n_taken <= burst + rate * now + 1e-6, "%zu in %g s at %g, burst %g", n_taken, now, rate,
                  burst);
        cr_assert((double)n_taken >= fmin(500, rate * now * 0.5));
        throttle_free(throttle);
    }
}
