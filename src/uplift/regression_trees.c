/* regression_trees.c - boosted trees for a weighted signed target; see regression.h and model/grow.h. */
#include "uplift/regression_internal.h"

#include "model/grow.h"

#include <math.h>
#include <string.h>

enum { DEPTH = 3, TREES = 60, LEAF_ROWS = 20, BLOCK = 4096 };

static const double LEARNING_RATE = .1;

struct tree_fit {
    struct trees *trees;
    size_t        n_columns;
    double        mean, scale;      /* squares: what is learned is (target - mean) / scale */
    bool          is_yes_no;
};

static void targets_of(const struct regression_request *r, struct tree_fit *fit, float *ret_target,
                       float *ret_weight)
{
    double sum = 0, weights = 0, squares = 0;
    for (size_t i = 0; i < r->n; i++) {
        double weight = r->weight ? r->weight[i] : 1;
        sum += weight * r->target[i], weights += weight;
    }
    fit->mean = sum / weights;
    for (size_t i = 0; i < r->n; i++)
        squares += (r->weight ? r->weight[i] : 1) * pow(r->target[i] - fit->mean, 2);
    fit->scale = squares > 0 && !r->is_yes_no ? sqrt(squares / weights) : 1;
    for (size_t i = 0; i < r->n; i++) {
        ret_target[i] = (float)(r->is_yes_no ? r->target[i] : (r->target[i] - fit->mean) / fit->scale);
        ret_weight[i] = (float)((r->weight ? r->weight[i] : 1) * (double)r->n / weights);
    }
}

static void gradients_at(bool is_yes_no, const float *target, const float *weight, const float *score, size_t n,
                         struct gradient *ret)
{
    for (size_t i = 0; i < n; i++) {
        float p = is_yes_no ? 1 / (1 + expf(-score[i])) : score[i];
        float second = is_yes_no ? fmaxf(p * (1 - p), 1e-12F) : 1;
        ret[i] = (struct gradient){ weight[i] * (p - target[i]), fmaxf(weight[i] * second, 1e-12F) };
    }
}

/* Trees are kept close together in arena; nodes [TREES x most] in scratch. */
static bool gather(const struct tree_node *nodes, size_t most, const uint32_t *n_nodes, size_t n_columns,
                   float base, struct arena *arena, struct trees **ret_trees, struct err *err)
{
    uint32_t *first = ARENA_ARRAY(arena, uint32_t, TREES + 1);
    for (size_t t = 0; t < TREES; t++) first[t + 1] = first[t] + n_nodes[t];
    struct tree_node *kept = ARENA_ARRAY(arena, struct tree_node, first[TREES]);
    for (size_t t = 0; t < TREES; t++) memcpy(kept + first[t], nodes + t * most, n_nodes[t] * sizeof *nodes);
    return trees_new(arena, n_columns, base, TREES, first, kept, ret_trees, err);
}

bool tree_fit_new(const struct regression_request *r, struct arena *arena, struct tree_fit **ret_fit,
                  struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct tree_fit *fit = ARENA_NEW(arena, struct tree_fit);
    float *target = ARENA_ARRAY(scratch, float, r->n), *weight = ARENA_ARRAY(scratch, float, r->n),
          *score = ARENA_ARRAY(scratch, float, r->n);
    struct sample sample = { .values = r->values, .places = r->rows, .n_rows = r->n, .n_columns = r->n_columns,
                             .labels = target };
    size_t most = grow_nodes_most(DEPTH);
    struct tree_node *nodes = ARENA_ARRAY(scratch, struct tree_node, TREES * most);
    struct gradient *gradients = ARENA_ARRAY(scratch, struct gradient, r->n);
    uint32_t n_nodes[TREES];
    *fit = (struct tree_fit){ .n_columns = r->n_columns, .is_yes_no = r->is_yes_no };
    targets_of(r, fit, target, weight);
    double p = fmin(fmax(fit->mean, 1e-6), 1 - 1e-6);
    float base = r->is_yes_no ? (float)log(p / (1 - p)) : 0;
    struct grow_options options = { .depth = DEPTH, .learning_rate = LEARNING_RATE,
                                    .min_weight = LEAF_ROWS * (r->is_yes_no ? p * (1 - p) : 1), .row_share = .8,
                                    .tree_column_share = r->n_columns > 2 ? .8 : 1, .node_column_share = 1,
                                    .n_threads = r->n_threads ? r->n_threads : 1 };
    struct bins *bins = bins_new(&sample, options.n_threads, scratch);
    struct grower *grower = grower_new(bins, &options, scratch);
    for (size_t i = 0; i < r->n; i++) score[i] = base;
    for (size_t t = 0; t < TREES; t++) {
        gradients_at(r->is_yes_no, target, weight, score, r->n, gradients);
        n_nodes[t] = grow_tree(grower, gradients, rng_stream(r->seed, t), nodes + t * most);
        grow_add_leaves(grower, nodes + t * most, score);
    }
    bool ok = gather(nodes, most, n_nodes, r->n_columns, base, arena, &fit->trees, err);
    arena_free(scratch);
    if (ok) *ret_fit = fit;
    return ok;
}

void tree_fit_predict(const struct tree_fit *fit, const float *values, const uint32_t *rows, size_t n, double *ret)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    float *block = ARENA_ARRAY(scratch, float, BLOCK * fit->n_columns), scores[BLOCK];
    for (size_t from = 0; from < n; from += BLOCK) {
        size_t count = n - from < BLOCK ? n - from : BLOCK;
        for (size_t i = 0; i < count; i++)
            memcpy(block + i * fit->n_columns, values + (size_t)rows[from + i] * fit->n_columns,
                   fit->n_columns * sizeof *block);
        trees_predict(fit->trees, block, count, 1, scores);
        for (size_t i = 0; i < count; i++) {
            double score = (double)scores[i];
            ret[from + i] = fit->is_yes_no ? 1 / (1 + exp(-score)) : fit->mean + fit->scale * score;
        }
    }
    arena_free(scratch);
}
