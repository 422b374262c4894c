/* factors.h - vectors of factors: how one is solved for when the other side stands still. */
#ifndef RECOMMEND_FACTORS_H
#define RECOMMEND_FACTORS_H

#include "math/dense.h"
#include "recommend/recommender_internal.h"

/* What an item weighs that a customer has not had, beside 1 of one they had once. */
#define ALS_UNOBSERVED 0.1
#define BPR_RATE 0.05f

enum { FACTOR_ROWS = 256, FACTOR_FEW = 32 };
_Static_assert((int)FACTORS <= (int)DENSE_SOLVE_MOST, "a vector is solved for at once");

/* Scratch of one thread. */
struct factor_space { float matrix[FACTORS * FACTORS], rows[FACTOR_ROWS * FACTORS]; };

/* The side that stands still: others [n_others x FACTORS], gram their products times ALS_UNOBSERVED; where they lie
 * so that gram is a diagonal, diagonal [FACTORS], else NULL. */
struct factor_side {
    const float *others;
    size_t       n_others;
    const float *gram;
    float        regularisation;
    const float *diagonal;
};

/* The vector that fits values [n] for others best: (gram + sum v y y' + l (n + ALS_UNOBSERVED n_others) I) x = sum
 * v y. Zero where there is no such vector.  Source: Rendle et al. 2022, "Revisiting the performance of iALS". */
void factors_solve(const struct factor_side *side, const uint32_t *others, const float *values, size_t n,
                   struct factor_space *space, float *ret_vector);

float factors_dot(const float *a, const float *b);

#endif
