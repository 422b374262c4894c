/* als.c - implicit alternating least squares (Hu, Koren & Volinsky 2008; Rendle et al. 2022).
 *
 * The rows of a side are independent, so several threads solve different rows and the result is the same for any
 * number of them; the products of a whole side are summed in pieces of fixed size. */
#include "recommend/factors.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "math/dense.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCHS = 12, ROWS_EACH = 128, GRAM_ROWS = 16 * 1024 };

struct solving {
    const struct sparse      *matrix;       /* of the side that is solved for */
    const struct factor_side *side;
    struct factor_space       *spaces;
    float                    *vectors;
};

static void solve_rows(void *context, size_t piece, unsigned thread)
{
    const struct solving *solving = context;
    const struct sparse *matrix = solving->matrix;
    size_t end = (piece + 1) * ROWS_EACH;
    for (size_t r = piece * ROWS_EACH; r < end && r < matrix->n_rows; r++) {
        size_t from = matrix->first[r], n = matrix->first[r + 1] - from;
        factors_solve(solving->side, matrix->column + from, matrix->value + from, n, &solving->spaces[thread],
                      solving->vectors + r * FACTORS);
    }
}

/* Draws of about a standard normal: twelve uniform ones less six. */
static void fill_at_random(float *vectors, size_t n, uint64_t seed)
{
    for (size_t r = 0; r < n; r++) {
        struct rng rng = rng_stream(seed, r);
        for (size_t f = 0; f < FACTORS; f++) {
            double sum = -6;
            for (int i = 0; i < 12; i++) sum += rng_uniform(&rng);
            vectors[r * FACTORS + f] = (float)(0.1 * sum / sqrt(FACTORS));
        }
    }
}

static void find_gram(const float *vectors, size_t n, float *gram)
{
    memset(gram, 0, FACTORS * FACTORS * sizeof *gram);
    for (size_t from = 0; from < n; from += GRAM_ROWS)
        dense_add_gram(vectors + from * FACTORS, n - from < GRAM_ROWS ? n - from : GRAM_ROWS, FACTORS,
                       (float)ALS_UNOBSERVED, gram);
}

struct turning { const float *axes; float *vectors, *spaces; size_t n; };

static void turn_rows(void *context, size_t piece, unsigned thread)
{
    const struct turning *turning = context;
    float *vectors = turning->vectors + piece * ROWS_EACH * FACTORS,
          *turned = turning->spaces + (size_t)thread * ROWS_EACH * FACTORS;
    size_t n = turning->n - piece * ROWS_EACH;
    if (n > ROWS_EACH) n = ROWS_EACH;
    dense_products(vectors, n, turning->axes, FACTORS, FACTORS, turned);
    memcpy(vectors, turned, n * FACTORS * sizeof *vectors);
}

/* Turns the vectors round so that their gram becomes a diagonal: no product of two vectors changes by that, and
 * who has few is solved for much faster.  False: they stay as they were. */
static bool turn_to_axes(float *vectors, size_t n, float *gram, unsigned n_threads, float *ret_diagonal)
{
    double *matrix = memory_new(FACTORS * FACTORS, sizeof *matrix), values[FACTORS];
    float *axes = memory_new(FACTORS * FACTORS, sizeof *axes);
    float *spaces = memory_new((size_t)n_threads * ROWS_EACH * FACTORS, sizeof *spaces);
    struct turning turning = { axes, vectors, spaces, n };
    for (size_t i = 0; i < FACTORS * FACTORS; i++) matrix[i] = (double)gram[i];
    bool ok = dense_eigen(matrix, FACTORS, values);
    for (size_t i = 0; i < FACTORS * FACTORS; i++) ok &= isfinite(matrix[i]) != 0, axes[i] = (float)matrix[i];
    if (ok) {
        parallel_for(n_threads, (n + ROWS_EACH - 1) / ROWS_EACH, turn_rows, &turning);
        memset(gram, 0, FACTORS * FACTORS * sizeof *gram);
        for (size_t f = 0; f < FACTORS; f++)
            gram[f * FACTORS + f] = ret_diagonal[f] = (float)fmax(values[f], 0);
    }
    free(spaces);
    free(axes);
    free(matrix);
    return ok;
}

static void solve_side(const struct sparse *matrix, float *others, float *gram, double regularisation,
                       struct factor_space *spaces, unsigned n_threads, float *vectors)
{
    float diagonal[FACTORS];
    find_gram(others, matrix->n_columns, gram);
    bool is_turned = turn_to_axes(others, matrix->n_columns, gram, n_threads, diagonal);
    struct factor_side side = { others, matrix->n_columns, gram, (float)regularisation,
                                is_turned ? diagonal : NULL };
    struct solving solving = { matrix, &side, spaces, vectors };
    parallel_for(n_threads, (matrix->n_rows + ROWS_EACH - 1) / ROWS_EACH, solve_rows, &solving);
}

void als_fit(const struct recommender_source *source, enum saturation saturation, double regularisation,
             struct arena *arena, struct recommender *ret_recommender)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct sparse matrix = interactions_matrix(source->had, saturation, scratch);
    struct sparse turned = sparse_turn(&matrix, scratch);
    float *customers = ARENA_ARRAY(scratch, float, matrix.n_rows * FACTORS + 1);
    struct factor_space *spaces = ARENA_ARRAY(scratch, struct factor_space, source->n_threads);
    recommender_begin(source, "als", FORM_ALS, saturation, arena, ret_recommender);
    ret_recommender->setting = regularisation;
    struct factors *factors = &ret_recommender->factors;
    *factors = (struct factors){ .item = ARENA_ARRAY(arena, float, matrix.n_columns * FACTORS + 1),
                                 .gram = ARENA_ARRAY(arena, float, FACTORS * FACTORS),
                                 .regularisation = (float)regularisation };
    fill_at_random(factors->item, matrix.n_columns, source->seed);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        solve_side(&matrix, factors->item, factors->gram, regularisation, spaces, source->n_threads, customers);
        solve_side(&turned, customers, factors->gram, regularisation, spaces, source->n_threads, factors->item);
    }
    find_gram(factors->item, matrix.n_columns, factors->gram);
    arena_free(scratch);
}
