/* uplift_study_test.c - what is said of learners on people whom they did not see. */
#include "uplift/uplift_study.h"

#include "base/rng.h"
#include "support.h"

#include <math.h>

enum { PEOPLE = 600, COLUMNS = 3, SHOPS = 60 };

/* The Qini interval of a t-learner where people differ and the treatment does the same to all: nothing. */
static struct uplift_interval qini_without_effect(uint64_t seed)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_stream(seed, 1);
    float *values = ARENA_ARRAY(arena, float, PEOPLE * COLUMNS);
    double *outcome = ARENA_ARRAY(arena, double, PEOPLE), *propensity = ARENA_ARRAY(arena, double, PEOPLE);
    uint8_t *treated = ARENA_ARRAY(arena, uint8_t, PEOPLE);
    struct uplift_study study;
    struct err err;
    for (size_t i = 0; i < PEOPLE; i++) {
        for (size_t c = 0; c < COLUMNS; c++) values[i * COLUMNS + c] = (float)rng_uniform(&rng);
        outcome[i] = rng_uniform(&rng) < .1 + .4 * (double)values[i * COLUMNS];
        treated[i] = (uint8_t)rng_below(&rng, 2), propensity[i] = .5;
    }
    const struct uplift_request request = { .data = { .n = PEOPLE,
                                                      .n_columns = COLUMNS,
                                                      .values = values,
                                                      .outcome = outcome,
                                                      .is_treated = treated,
                                                      .propensity = propensity,
                                                      .is_yes_no = true,
                                                      .form = REGRESSION_LINEAR,
                                                      .seed = seed,
                                                      .n_threads = 1 },
                                            .names = (const char *const[]){ "a", "b", "c" },
                                            .is_asked[EFFECT_T] = true,
                                            .treated = "mail" };
    cr_assert(uplift_study_run(&request, arena, &study, &err), "%s", err.text);
    arena_free(arena);
    return study.metrics.qini_auc;
}

Test(uplift_study, without_an_effect_the_qini_interval_holds_zero_and_leans_to_neither_side)
{
    size_t n_held = 0;
    double sum = 0;
    for (uint64_t seed = 1; seed <= SHOPS; seed++) {
        struct uplift_interval qini = qini_without_effect(seed);
        n_held += qini.low <= 0 && qini.high >= 0, sum += qini.value / qini.se;
    }
    cr_assert_geq(n_held, 50, "%zu of %d", n_held, SHOPS);
    cr_assert_lt(fabs(sum / SHOPS), .5, "%.2f standard errors on average", sum / SHOPS);
}
