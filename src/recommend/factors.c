/* factors.c - what ALS and BPR share: a customer is folded into the space of the items, and scores are one
 * product. */
#include "recommend/factors.h"

#include "base/memory.h"
#include "base/rng.h"
#include "math/dense.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Four factors side by side, wherever they lie: the compiler makes no such of the loops by itself. */
typedef float lanes __attribute__((vector_size(4 * sizeof(float)), aligned(sizeof(float)), may_alias));
enum { LANES = FACTORS / 4 };

static const lanes *lanes_of(const float *vector) { return (const lanes *)(const void *)vector; }

/* Of all that are to be fitted at once: a matrix of FACTORS. */
static bool solve_by_factors(const struct factor_side *side, const uint32_t *others, const float *values, size_t n,
                             float added, struct factor_space *space, float *vector)
{
    memcpy(space->matrix, side->gram, sizeof space->matrix);
    memset(vector, 0, FACTORS * sizeof *vector);
    for (size_t from = 0; from < n; from += FACTOR_ROWS) {
        size_t n_rows = n - from < FACTOR_ROWS ? n - from : FACTOR_ROWS;
        for (size_t r = 0; r < n_rows; r++) {
            const lanes *other = lanes_of(side->others + (size_t)others[from + r] * FACTORS);
            float value = values[from + r], root = sqrtf(value);
            lanes *row = (lanes *)(void *)(space->rows + r * FACTORS), *sum = (lanes *)(void *)vector;
            for (size_t l = 0; l < LANES; l++) {
                lanes x = other[l];
                row[l] = root * x;
                sum[l] += value * x;
            }
        }
        dense_add_gram(space->rows, n_rows, FACTORS, 1, space->matrix);
    }
    for (size_t f = 0; f < FACTORS; f++) space->matrix[f * FACTORS + f] += added;
    return dense_solve(space->matrix, FACTORS, vector);
}

/* Who has few is solved for by a matrix of those few: with D the diagonal, Y the others and V their values,
 * (D + Y' V Y)^-1 Y' V 1 = D^-1 Y' (V^-1 + Y D^-1 Y')^-1 1 (Woodbury). */
static bool solve_by_few(const struct factor_side *side, const uint32_t *others, const float *values, size_t n,
                         float added, struct factor_space *space, float *restrict vector)
{
    float inverse[FACTORS], right[FACTOR_FEW];
    for (size_t f = 0; f < FACTORS; f++) inverse[f] = 1 / (side->diagonal[f] + added);
    for (size_t r = 0; r < n; r++) {
        const float *restrict other = side->others + (size_t)others[r] * FACTORS;
        float *restrict row = space->rows + r * FACTORS;
        for (size_t f = 0; f < FACTORS; f++) row[f] = inverse[f] * other[f];
        for (size_t c = 0; c <= r; c++)
            space->matrix[r * n + c] = factors_dot(row, side->others + (size_t)others[c] * FACTORS);
        space->matrix[r * n + r] += 1 / values[r];
        right[r] = 1;
    }
    if (n > 0 && !dense_solve(space->matrix, n, right)) return false;
    memset(vector, 0, FACTORS * sizeof *vector);
    for (size_t r = 0; r < n; r++) {
        const float *restrict row = space->rows + r * FACTORS;
        for (size_t f = 0; f < FACTORS; f++) vector[f] += right[r] * row[f];
    }
    return true;
}

void factors_solve(const struct factor_side *side, const uint32_t *others, const float *values, size_t n,
                   struct factor_space *space, float *ret_vector)
{
    float regularisation = side->regularisation * ((float)n + (float)ALS_UNOBSERVED * (float)side->n_others);
    bool is_few = side->diagonal && n <= FACTOR_FEW;
    bool ok = (is_few ? solve_by_few : solve_by_factors)(side, others, values, n, regularisation + 1e-6f, space,
                                                         ret_vector);
    for (size_t f = 0; f < FACTORS; f++) ok &= isfinite(ret_vector[f]) != 0;
    if (!ok) memset(ret_vector, 0, FACTORS * sizeof *ret_vector);
}

/* ---- BPR: a customer's own vector by the same steps as in training, the items standing still ---- */

float factors_dot(const float *a, const float *b)
{
    float sums[8] = { 0 };
    for (size_t f = 0; f < FACTORS; f += 8)
        for (size_t i = 0; i < 8; i++) sums[i] += a[f + i] * b[f + i];
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

static void fold_bpr(const struct recommender *recommender, const uint32_t *items, size_t n, float *ret_vector)
{
    enum { PASSES = 30 };
    const struct factors *factors = &recommender->factors;
    struct rng rng = rng_stream(n, n ? items[0] : 0);
    memset(ret_vector, 0, FACTORS * sizeof *ret_vector);
    if (n == 0 || n >= recommender->n_items) return;
    for (size_t pass = 0; pass < PASSES; pass++)
        for (size_t i = 0; i < n; i++) {
            uint32_t other = (uint32_t)rng_below(&rng, recommender->n_items);
            if (items_have(items, n, other)) continue;
            const float *liked = factors->item + (size_t)items[i] * FACTORS;
            const float *not = factors->item + (size_t)other * FACTORS;
            float x = factors->bias[items[i]] - factors->bias[other] + factors_dot(ret_vector, liked) -
                      factors_dot(ret_vector, not);
            float step = BPR_RATE / (1 + expf(x));
            for (size_t f = 0; f < FACTORS; f++)
                ret_vector[f] += step * (liked[f] - not[f]) - BPR_RATE * factors->regularisation * ret_vector[f];
        }
    for (size_t f = 0; f < FACTORS; f++)
        if (!isfinite(ret_vector[f])) memset(ret_vector, 0, FACTORS * sizeof *ret_vector);
}

/* ---- scores ---- */

static void fold_in(const struct recommender *recommender, const struct own *own, struct factor_space *space,
                    float *ret_vector)
{
    const struct factors *factors = &recommender->factors;
    uint32_t *items = memory_new(own->n + 1, sizeof *items);
    float *values = memory_new(own->n + 1, sizeof *values);
    size_t n = interactions_items(own->rows, own->n, recommender->saturation, items, values);
    struct factor_side side = { factors->item, recommender->n_items, factors->gram, factors->regularisation,
                                NULL };
    if (recommender->form == FORM_ALS) factors_solve(&side, items, values, n, space, ret_vector);
    else fold_bpr(recommender, items, n, ret_vector);
    free(items);
    free(values);
}

void factors_score(const struct recommender *recommender, const struct own *own, size_t n, float *ret_scores)
{
    size_t n_items = recommender->n_items;
    float *vectors = memory_new(n * FACTORS + 1, sizeof *vectors);
    struct factor_space *space = memory_new(1, sizeof *space);
    for (size_t c = 0; c < n; c++) fold_in(recommender, &own[c], space, vectors + c * FACTORS);
    dense_products(vectors, n, recommender->factors.item, n_items, FACTORS, ret_scores);
    for (size_t c = 0; recommender->form == FORM_BPR && c < n; c++)
        for (size_t i = 0; i < n_items; i++) ret_scores[c * n_items + i] += recommender->factors.bias[i];
    free(space);
    free(vectors);
}
