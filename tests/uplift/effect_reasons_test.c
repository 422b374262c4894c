/* effect_reasons_test.c - effects told by what is known of people. */
#include "uplift/effect_reasons.h"

#include "base/rng.h"
#include "support.h"

#include <math.h>

enum { PEOPLE = 2000 };

Test(effect_reasons, an_additive_effect_is_told_whole_and_each_part_is_its_column_s)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_stream(3, 1);
    float *values = ARENA_ARRAY(arena, float, PEOPLE * 3);
    double *effect = ARENA_ARRAY(arena, double, PEOPLE);
    size_t top[3];
    for (size_t i = 0; i < PEOPLE; i++) {
        float is_new = rng_uniform(&rng) < .3, old = (float)(int)(10 * rng_uniform(&rng));
        values[3 * i] = is_new, values[3 * i + 1] = old, values[3 * i + 2] = (float)rng_uniform(&rng);
        effect[i] = .05 + .2 * (double)is_new - .01 * (double)old;
    }
    struct effect_reasons reasons = effect_reasons_of(values, PEOPLE, 3, effect, arena);
    cr_assert(reasons.explained > .999);
    cr_assert_float_eq(reasons.part[0][2] - reasons.part[0][1], .2, 1e-6);
    for (size_t i = 0; i < PEOPLE; i++) {
        cr_assert_lt(fabs(effect_part(&reasons, i, 2)), 1e-6, "a column that says nothing has no part");
        if (values[3 * i] > 0)
            cr_assert(effect_reasons_top(&reasons, i, top, 1) == 1 && top[0] == 0, "being new says most");
    }
    arena_free(arena);
}

Test(effect_reasons, of_whom_nothing_is_known_has_a_part_of_its_own)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    float values[100];
    double effect[100];
    for (size_t i = 0; i < 100; i++) values[i] = i < 50 ? NAN : (float)(i % 2), effect[i] = i < 50 ? 1 : 0;
    struct effect_reasons reasons = effect_reasons_of(values, 100, 1, effect, arena);
    cr_assert_float_eq(effect_part(&reasons, 0, 0), .5, 1e-9);
    cr_assert_float_eq(effect_part(&reasons, 99, 0), -.5, 1e-9);
    arena_free(arena);
}

Test(effect_reasons, an_effect_that_is_the_same_for_all_has_no_reasons)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    float values[40];
    double effect[40];
    size_t top[3];
    for (size_t i = 0; i < 40; i++) values[i] = (float)i, effect[i] = .25;
    struct effect_reasons reasons = effect_reasons_of(values, 40, 1, effect, arena);
    cr_assert(reasons.explained == 0 && effect_reasons_top(&reasons, 7, top, 3) == 0);
    arena_free(arena);
}

Test(effect_reasons, a_column_that_only_repeats_another_is_no_reason)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_stream(5, 1);
    float *values = ARENA_ARRAY(arena, float, PEOPLE * 2);
    double *effect = ARENA_ARRAY(arena, double, PEOPLE);
    size_t top[2];
    for (size_t i = 0; i < PEOPLE; i++) {
        values[2 * i] = values[2 * i + 1] = (float)rng_uniform(&rng);
        effect[i] = .3 * (double)values[2 * i] + .01 * rng_uniform(&rng);
    }
    struct effect_reasons reasons = effect_reasons_of(values, PEOPLE, 2, effect, arena);
    for (size_t i = 0; i < PEOPLE; i++) cr_assert_eq(effect_reasons_top(&reasons, i, top, 2), 1);
    arena_free(arena);
}
