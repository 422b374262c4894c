/* Our trees and SHAP values beside XGBoost's own, and beside what they are by definition. */
#include "model_samples.h"
#include "xgboost_trees.h"

#include "model/shap.h"
#include "model/trees.h"

#include <stdio.h>
#include <string.h>
#include <xgboost/c_api.h>

static void xgboost(int status) { cr_assert(status == 0, "%s", XGBGetLastError()); }

static DMatrixHandle matrix_of(const float *values, size_t n_rows, size_t n_columns)
{
    DMatrixHandle matrix;
    xgboost(XGDMatrixCreateFromMat(values, n_rows, n_columns, NAN, &matrix));
    return matrix;
}

static BoosterHandle train(const struct sample *sample, const char *depth, const char *trees_a_round, int rounds)
{
    DMatrixHandle matrix = matrix_of(sample->values, sample->n_rows, sample->n_columns);
    BoosterHandle booster;
    xgboost(XGDMatrixSetFloatInfo(matrix, "label", sample->labels, sample->n_rows));
    xgboost(XGBoosterCreate(&matrix, 1, &booster));
    const char *const parameters[][2] = { { "objective", "binary:logistic" },
                                          { "tree_method", "hist" },
                                          { "base_score", "0.3" },
                                          { "max_depth", depth },
                                          { "nthread", "1" },
                                          { "verbosity", "0" },
                                          { "subsample", "0.7" },
                                          { "learning_rate", "0.3" },
                                          { "num_parallel_tree", trees_a_round },
                                          { "min_child_weight", "0.5" } };
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        xgboost(XGBoosterSetParam(booster, parameters[i][0], parameters[i][1]));
    for (int round = 0; round < rounds; round++) xgboost(XGBoosterUpdateOneIter(booster, round, matrix));
    xgboost(XGDMatrixFree(matrix));
    return booster;
}

static struct trees *read_trees(BoosterHandle booster, size_t n_columns, struct arena *arena)
{
    bst_ulong length;
    const char *text;
    struct err err = { 0 };
    struct trees *trees;
    xgboost(XGBoosterSaveModelToBuffer(booster, "{\"format\": \"json\"}", &length, &text));
    ASSERT_OK(xgboost_trees_read(text, length, n_columns, arena, &trees, &err), &err);
    return trees;
}

/* type 1: margins, 2: contributions.  Copied into arena. */
static const float *peer(BoosterHandle booster, const float *values, size_t n, size_t n_columns, int type,
                         struct arena *arena)
{
    char config[128];
    DMatrixHandle matrix = matrix_of(values, n, n_columns);
    bst_ulong const *shape;
    bst_ulong dimensions;
    const float *result;
    snprintf(config, sizeof config,
             "{\"type\": %d, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": 0, "
             "\"strict_shape\": false}",
             type);
    xgboost(XGBoosterPredictFromDMatrix(booster, matrix, config, &shape, &dimensions, &result));
    size_t count = n * (type == 2 ? n_columns + 1 : 1);
    float *copy = ARENA_ARRAY(arena, float, count);
    memcpy(copy, result, count * sizeof *copy);
    xgboost(XGDMatrixFree(matrix));
    return copy;
}

/* Values that the trees have not met: ties with thresholds, missing, far outside, minus zero. */
static void disturb(float *values, size_t n, struct rng *rng)
{
    static const float ODD[] = { NAN, -0.0F, 0.0F, 1e30F, -1e30F, 1e-40F, 2, -2 };
    for (size_t i = 0; i < n; i++)
        if (rng_below(rng, 6) == 0) values[i] = ODD[rng_below(rng, sizeof ODD / sizeof ODD[0])];
}

Test(trees, margins_are_xgboost_s)
{
    static const char *const DEPTHS[] = { "1", "3", "6", "8", "10" };
    EACH_CASE(c, 10) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        size_t n_columns = 1 + rng_below(&c.rng, 12), n = 300;
        struct sample sample = samples_noise(arena, &c.rng, n, n_columns);
        BoosterHandle booster = train(&sample, DEPTHS[c.index % 5], c.index % 2 ? "1" : "3", 8);
        struct trees *trees = read_trees(booster, n_columns, arena);
        float *values = ARENA_ARRAY(arena, float, n * n_columns), *scores = ARENA_ARRAY(arena, float, n);
        memcpy(values, sample.values, n * n_columns * sizeof *values);
        disturb(values, n * n_columns, &c.rng);
        const float *want = peer(booster, values, n, n_columns, 1, arena);
        trees_predict(trees, values, n, 2, scores);
        for (size_t i = 0; i < n; i++) {
            ASSERT_NEAR(scores[i], want[i], 1e-6 * (1 + fabs((double)want[i])));
            cr_assert_eq(scores[i], trees_predict_plain(trees, values + i * n_columns), "row %zu", i);
        }
        xgboost(XGBoosterFree(booster));
        arena_free(arena);
    }
}

Test(trees, neighbours_threads_and_block_ends_do_not_matter)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(5);
    struct sample sample = samples_noise(arena, &rng, 5000, 6);
    BoosterHandle booster = train(&sample, "5", "1", 10);
    struct trees *trees = read_trees(booster, 6, arena);
    float *scores = ARENA_ARRAY(arena, float, 5000), other[200];
    trees_predict(trees, sample.values, 5000, 2, scores);
    for (size_t n = 1; n < 200; n += 7) {
        trees_predict(trees, sample.values + 4200 * 6, n, 1, other);
        cr_assert_arr_eq(other, scores + 4200, n * sizeof *other);
    }
    xgboost(XGBoosterFree(booster));
    arena_free(arena);
}

Test(shap, contributions_are_xgboost_s)
{
    static const char *const DEPTHS[] = { "1", "4", "6", "8", "10" };
    EACH_CASE(c, 5) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        size_t n_columns = 1 + rng_below(&c.rng, 10), n = 40;
        struct sample sample = samples_noise(arena, &c.rng, 400, n_columns);
        BoosterHandle booster = train(&sample, DEPTHS[c.index % 5], c.index % 2 ? "1" : "2", 10);
        struct trees *trees = read_trees(booster, n_columns, arena);
        struct shap *shap = shap_new(trees, arena);
        float *values = ARENA_ARRAY(arena, float, n * n_columns);
        memcpy(values, sample.values, n * n_columns * sizeof *values);
        disturb(values, n * n_columns, &c.rng);
        const float *want = peer(booster, values, n, n_columns, 2, arena);
        double contribution[12], base;
        for (size_t i = 0; i < n; i++) {
            shap_explain(shap, values + i * n_columns, contribution, &base);
            double sum = base;
            for (size_t f = 0; f < n_columns; f++) {
                ASSERT_NEAR(contribution[f], want[i * (n_columns + 1) + f], 1e-5);
                sum += contribution[f];
            }
            ASSERT_NEAR(base, want[i * (n_columns + 1) + n_columns], 1e-5);
            ASSERT_NEAR(sum, trees_predict_plain(trees, values + i * n_columns), 2e-6);
        }
        xgboost(XGBoosterFree(booster));
        arena_free(arena);
    }
}

/* A random tree in the order of a walk; returns the index after it. */
static uint32_t grow(struct tree_node *nodes, uint32_t at, unsigned depth, size_t n_columns, float cover,
                     struct rng *rng)
{
    nodes[at] = (struct tree_node){ .cover = cover, .value = (float)(4 * rng_uniform(rng) - 2) };
    if (depth == 0 || rng_below(rng, 6) == 0) {
        nodes[at].is_leaf = 1;
        return at + 1;
    }
    float share = (float)(0.05 + 0.9 * rng_uniform(rng));
    nodes[at].column = (uint16_t)rng_below(rng, n_columns);
    nodes[at].is_missing_left = (uint8_t)rng_below(rng, 2);
    nodes[at].right = grow(nodes, at + 1, depth - 1, n_columns, cover * share, rng);
    return grow(nodes, nodes[at].right, depth - 1, n_columns, cover * (1 - share), rng);
}

static struct trees *random_trees(struct arena *arena, size_t n_trees, unsigned depth, size_t n_columns,
                                  struct rng *rng)
{
    uint32_t *first = ARENA_ARRAY(arena, uint32_t, n_trees + 1);
    struct tree_node *nodes = ARENA_ARRAY(arena, struct tree_node, n_trees * (2u << depth));
    struct trees *trees;
    struct err err = { 0 };
    for (size_t t = 0; t < n_trees; t++)
        first[t + 1] = first[t] + grow(nodes + first[t], 0, depth, n_columns, 100, rng);
    ASSERT_OK(trees_new(arena, n_columns, 0.25F, n_trees, first, nodes, &trees, &err), &err);
    return trees;
}

/* The score when only the features of a set are known: elsewhere both ways are taken, by cover. */
static double known_score(const struct tree_node *nodes, uint32_t node, const float *row, unsigned set)
{
    const struct tree_node *n = &nodes[node];
    if (n->is_leaf) return (double)n->value;
    double left = known_score(nodes, node + 1, row, set), right = known_score(nodes, n->right, row, set);
    float value = row[n->column];
    if (set >> n->column & 1) return (isnan(value) ? n->is_missing_left : value < n->value) ? left : right;
    double cover_left = (double)nodes[node + 1].cover, cover_right = (double)nodes[n->right].cover;
    return (cover_left * left + cover_right * right) / (cover_left + cover_right);
}

Test(shap, rows_explained_together_are_each_alone)
{
    enum { N = 6, ROWS = 300 };
    EACH_CASE(c, 20) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct trees *trees = random_trees(arena, 8, 1 + (unsigned)(c.index % TREES_MAX_DEPTH), N, &c.rng);
        struct shap *shap = shap_new(trees, arena);
        float rows[ROWS * N];
        double together[ROWS * N], alone[N], base, base_alone;
        for (size_t i = 0; i < ROWS * N; i++)
            rows[i] = rng_below(&c.rng, 5) == 0 ? NAN : roundf((float)(4 * rng_uniform(&c.rng) - 2));
        shap_explain_rows(shap, rows, ROWS, together, &base);
        for (size_t i = 0; i < ROWS; i++) {
            shap_explain(shap, rows + i * N, alone, &base_alone);
            for (size_t f = 0; f < N; f++) ASSERT_NEAR(together[i * N + f], alone[f], 1e-12);
            ASSERT_NEAR(base, base_alone, 0);
        }
        arena_free(arena);
    }
}

Test(shap, contributions_are_shapley_s_by_definition)
{
    enum { N = 5 };
    static const double WEIGHT[N] = { 1 / 5.0, 1 / 20.0, 1 / 30.0, 1 / 20.0, 1 / 5.0 };     /* s! (4 - s)! / 5! */
    EACH_CASE(c, 30) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct trees *trees = random_trees(arena, 3, 1 + (unsigned)(c.index % TREES_MAX_DEPTH), N, &c.rng);
        struct shap *shap = shap_new(trees, arena);
        float row[N];
        double contribution[N], base;
        for (size_t f = 0; f < N; f++)
            row[f] = rng_below(&c.rng, 5) == 0 ? NAN : (float)(4 * rng_uniform(&c.rng) - 2);
        shap_explain(shap, row, contribution, &base);
        for (unsigned f = 0; f < N; f++) {
            double want = 0;
            for (unsigned set = 0; set < 1u << N; set++) {
                if (set >> f & 1) continue;
                for (size_t t = 0; t < trees->n_trees; t++) {
                    const struct tree_node *nodes = trees->nodes + trees->first[t];
                    want += WEIGHT[__builtin_popcount(set)]
                          * (known_score(nodes, 0, row, set | 1u << f) - known_score(nodes, 0, row, set));
                }
            }
            ASSERT_NEAR(contribution[f], want, 1e-9);
        }
        arena_free(arena);
    }
}

Test(trees, saved_and_loaded_they_are_the_same)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(9);
    struct trees *trees = random_trees(arena, 20, 5, 4, &rng), *loaded;
    struct sample sample = samples_noise(arena, &rng, 100, 4);
    struct bytes_writer writer = { .arena = arena };
    struct err err = { 0 };
    trees_save(trees, &writer);
    struct bytes_reader reader = { writer.bytes, writer.bytes + writer.length, false };
    ASSERT_OK(trees_load(&reader, 4, arena, &loaded, &err), &err);
    cr_assert(reader.at == reader.end);
    for (size_t i = 0; i < 100; i++)
        cr_assert_eq(trees_predict_plain(trees, sample.values + 4 * i),
                     trees_predict_plain(loaded, sample.values + 4 * i));
    arena_free(arena);
}

static bool is_accepted(struct arena *arena, struct tree_node *nodes, uint32_t n, struct err *err)
{
    struct trees *trees;
    uint32_t first[] = { 0, n };
    return trees_new(arena, 2, 0, 1, first, nodes, &trees, err);
}

Test(trees, broken_trees_are_refused)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct err err = { 0 };
    const struct tree_node leaf = { .is_leaf = 1, .cover = 1, .value = 1 };
    struct tree_node good[3] = { { .right = 2, .column = 1, .cover = 2 }, leaf, leaf };
    struct { const char *what; struct tree_node root; } broken[] = {
        { "a column that is not there", { .right = 2, .column = 2, .cover = 2 } },
        { "a right child outside", { .right = 3, .column = 1, .cover = 2 } },
        { "a right child that is the left one", { .right = 1, .column = 1, .cover = 2 } },
        { "no cover", { .right = 2, .column = 1, .cover = 0 } },
        { "a threshold that is no number", { .right = 2, .column = 1, .cover = 2, .value = NAN } },
    };
    cr_assert(is_accepted(arena, good, 3, &err));
    cr_assert(!is_accepted(arena, good, 2, &err), "nodes missing");
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct tree_node nodes[3] = { broken[i].root, leaf, leaf };
        cr_assert(!is_accepted(arena, nodes, 3, &err), "%s", broken[i].what);
        cr_assert_eq(err.code, ERR_CORRUPT);
    }
    arena_free(arena);
}
