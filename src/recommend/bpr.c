/* bpr.c - Bayesian personalised ranking (Rendle et al. 2009): what was had is to come before what was not.
 *
 * One step follows another on what the last one left, so it runs on one thread. */
#include "recommend/factors.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

enum { EPOCHS = 40, STEPS_MOST = 40 * 1000 * 1000 };

static const float shrinking = 0.005f;

static void fill_at_random(float *vectors, size_t n, uint64_t seed)
{
    struct rng rng = rng_new(seed);
    for (size_t i = 0; i < n * FACTORS; i++) vectors[i] = (float)(rng_uniform(&rng) - 0.5) / FACTORS * 2;
}

static void step(struct factors *factors, float *customer, uint32_t liked, uint32_t other)
{
    float *a = factors->item + (size_t)liked * FACTORS, *b = factors->item + (size_t)other * FACTORS;
    float x = factors->bias[liked] - factors->bias[other] + factors_dot(customer, a) - factors_dot(customer, b);
    float slope = 1 / (1 + expf(x));
    for (size_t f = 0; f < FACTORS; f++) {
        float c = customer[f], likes = a[f], not = b[f];
        customer[f] += BPR_RATE * (slope * (likes - not) - shrinking * c);
        a[f] += BPR_RATE * (slope * c - shrinking * likes);
        b[f] += BPR_RATE * (-slope * c - shrinking * not);
    }
    factors->bias[liked] += BPR_RATE * (slope - shrinking * factors->bias[liked]);
    factors->bias[other] += BPR_RATE * (-slope - shrinking * factors->bias[other]);
}

void bpr_fit(const struct recommender_source *source, struct arena *arena, struct recommender *ret_recommender)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct sparse matrix = interactions_matrix(source->had, SATURATION_ONCE, scratch);
    size_t n = matrix.first[matrix.n_rows], n_items = matrix.n_columns;
    uint32_t *customer_of = ARENA_ARRAY(scratch, uint32_t, n + 1);
    float *customers = ARENA_ARRAY(scratch, float, matrix.n_rows * FACTORS + 1);
    recommender_begin(source, "bpr", FORM_BPR, SATURATION_ONCE, arena, ret_recommender);
    struct factors *factors = &ret_recommender->factors;
    *factors = (struct factors){ .item = ARENA_ARRAY(arena, float, n_items * FACTORS + 1),
                                 .bias = ARENA_ARRAY(arena, float, n_items + 1), .regularisation = shrinking };
    fill_at_random(factors->item, n_items, source->seed);
    fill_at_random(customers, matrix.n_rows, source->seed + 1);
    for (size_t c = 0; c < matrix.n_rows; c++)
        for (size_t i = matrix.first[c]; i < matrix.first[c + 1]; i++) customer_of[i] = (uint32_t)c;
    struct rng rng = rng_new(source->seed + 2);
    size_t n_steps = n * EPOCHS < STEPS_MOST ? n * EPOCHS : STEPS_MOST;
    for (size_t s = 0; s < n_steps && n_items > 1; s++) {
        size_t i = rng_below(&rng, n);
        uint32_t customer = customer_of[i], other = (uint32_t)rng_below(&rng, n_items);
        size_t from = matrix.first[customer];
        if (items_have(matrix.column + from, matrix.first[customer + 1] - from, other)) continue;
        step(factors, customers + (size_t)customer * FACTORS, matrix.column[i], other);
    }
    arena_free(scratch);
}
