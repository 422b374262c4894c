/* boosting.c - random forest and boosted trees; see learner.h and grow.h.
 *
 * Yes/no: both minimise log loss.  Amounts: boosting minimises the Tweedie deviance of power 1.5 (a mean on
 * a log scale that may be 0), the forest the squared error of log(1 + amount).  Amounts below 0 count as 0. */
#include "base/parallel.h"
#include "model/grow.h"
#include "model/learner.h"
#include "model/shap.h"
#include "model/split.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FORESTS_APART = 1 << 20 };           /* streams of chance: of a forest's trees, and before it of others */

struct forest {
    struct fitted fitted;
    struct trees *trees;
    struct shap  *shap;
};

/* What trees are grown on. */
struct growing {
    const struct learner_settings *settings;
    struct bins        *bins;
    struct grow_options options;
    float              *labels;         /* [n_rows] */
    struct gradient    *gradients;      /* [n_rows] */
    float               start;          /* the score before any tree */
    struct grower     **growers;        /* one a thread */
    struct tree_node   *nodes;          /* [n_trees x most] */
    uint32_t           *n_nodes;        /* [n_trees] */
    size_t              most;
};

static bool is_forest(const struct learner_settings *settings) { return settings->learner == &learner_forest; }

/* Labels as the loss sees them: yes/no as they are; amounts as logarithms (forest) or in units of their mean
 * (boosting), so that min_weight means the same whatever the currency.  Returns the label that is right on average. */
static double take_labels(const struct learner_settings *settings, const struct sample *sample, float *ret_labels)
{
    bool is_amount = settings->target == TARGET_AMOUNT;
    double sum = 0;
    for (size_t i = 0; i < sample->n_rows; i++) {
        float label = sample->labels[i] > 0 ? sample->labels[i] : 0;
        ret_labels[i] = is_amount && is_forest(settings) ? log1pf(label) : label;
        sum += (double)ret_labels[i];
    }
    double mean = sum / (double)sample->n_rows;
    for (size_t i = 0; i < sample->n_rows && is_amount && !is_forest(settings) && mean > 0; i++)
        ret_labels[i] /= (float)mean;
    return mean;
}

/* The gradients of a row's loss at a score. */
static struct gradient gradient_at(const struct learner_settings *settings, float label, float score)
{
    if (settings->target == TARGET_YES_NO) {
        float p = 1 / (1 + expf(-score));
        return (struct gradient){ p - label, fmaxf(p * (1 - p), 1e-16F) };
    }
    if (is_forest(settings)) return (struct gradient){ score - label, 1 };
    float up = expf(score / 2), down = label / up;         /* Tweedie of power 1.5, score the logarithm of the mean */
    return (struct gradient){ up - down, fmaxf((up + down) / 2, 1e-16F) };
}

static void grow_one(void *context, size_t tree, unsigned thread)
{
    struct growing *g = context;
    if (parallel_is_stopped()) return;
    struct rng rng = rng_stream(g->settings->seed, (is_forest(g->settings) ? FORESTS_APART : 0) + tree);
    g->n_nodes[tree] = grow_tree(g->growers[thread], g->gradients, rng, g->nodes + tree * g->most);
}

/* Tree after tree, each on what those before it left. */
static void boost(struct growing *g, struct arena *arena)
{
    float *scores = ARENA_ARRAY(arena, float, g->bins->n_rows);
    for (size_t i = 0; i < g->bins->n_rows; i++) scores[i] = g->start;
    for (size_t tree = 0; tree < g->settings->n_trees; tree++) {
        for (size_t i = 0; i < g->bins->n_rows; i++)
            g->gradients[i] = gradient_at(g->settings, g->labels[i], scores[i]);
        grow_one(g, tree, 0);
        if (parallel_is_stopped()) return;
        grow_add_leaves(g->growers[0], g->nodes + tree * g->most, scores);
    }
}

/* Trees apart from each other, whose mean is the score. */
static void grow_forest(struct growing *g, unsigned n_threads)
{
    for (size_t i = 0; i < g->bins->n_rows; i++) g->gradients[i] = gradient_at(g->settings, g->labels[i], g->start);
    parallel_for(n_threads, g->settings->n_trees, grow_one, g);
}

/* The trees as they are kept, in arena: close together. */
static bool gather(const struct growing *g, float base, struct arena *arena, struct trees **ret_trees,
                   struct err *err)
{
    size_t n_trees = g->settings->n_trees;
    uint32_t *first = ARENA_ARRAY(arena, uint32_t, n_trees + 1);
    for (size_t t = 0; t < n_trees; t++) first[t + 1] = first[t] + g->n_nodes[t];
    struct tree_node *nodes = ARENA_ARRAY(arena, struct tree_node, first[n_trees]);
    for (size_t t = 0; t < n_trees; t++)
        memcpy(nodes + first[t], g->nodes + t * g->most, g->n_nodes[t] * sizeof *nodes);
    return trees_new(arena, g->bins->n_columns, base, n_trees, first, nodes, ret_trees, err);
}

/* A forest's trees are each grown on so many rows at most: which of more they are makes them differ more, and their mean
 * knows as much.  Boosted trees are not: each learns from what those before it left, which fewer rows say less well. */
enum { FOREST_ROWS_MOST = 50000 };

static struct grow_options options_of(const struct learner_settings *settings, const struct sample *sample,
                                      unsigned n_threads)
{
    double share = settings->column_share, n = (double)sample->n_columns;
    double rows_share = is_forest(settings) ? (double)FOREST_ROWS_MOST / (double)sample->n_rows : 1;
    if (share <= 0) share = fmax(sqrt(n), n / 3) / n;
    return (struct grow_options){
        .depth = settings->depth,
        .learning_rate = is_forest(settings) ? 1.0 / settings->n_trees : settings->learning_rate,
        .min_weight = settings->min_weight,
        .row_share = fmin(settings->row_share, rows_share),
        .tree_column_share = is_forest(settings) ? 1 : share,
        .node_column_share = is_forest(settings) ? share : 1,
        .n_threads = is_forest(settings) ? 1 : n_threads,
    };
}

static bool grow(const struct learner_settings *settings, const struct sample *sample, unsigned n_threads,
                 struct arena *arena, struct trees **ret_trees, struct err *err)
{
    if (!parallel_goes_on(err)) return false;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct growing g = { .settings = settings, .bins = bins_new(sample, n_threads, scratch),
                         .options = options_of(settings, sample, n_threads),
                         .labels = ARENA_ARRAY(scratch, float, sample->n_rows),
                         .gradients = ARENA_ARRAY(scratch, struct gradient, sample->n_rows),
                         .growers = arena_alloc(scratch, n_threads, sizeof(struct grower *)),
                         .n_nodes = ARENA_ARRAY(scratch, uint32_t, settings->n_trees),
                         .most = grow_nodes_most(settings->depth) };
    g.nodes = ARENA_ARRAY(scratch, struct tree_node, settings->n_trees * g.most);
    for (unsigned t = 0; t < (is_forest(settings) ? n_threads : 1); t++)
        g.growers[t] = grower_new(g.bins, &g.options, scratch);
    double mean = take_labels(settings, sample, g.labels);
    bool is_amount = settings->target == TARGET_AMOUNT;
    g.start = !is_amount ? -logf(1 / (float)mean - 1) : is_forest(settings) ? (float)mean : 0;
    float shift = is_amount && !is_forest(settings) ? logf((float)mean) : 0;
    if (is_forest(settings)) grow_forest(&g, n_threads);
    else boost(&g, scratch);
    bool ok = parallel_goes_on(err) && gather(&g, g.start + shift, arena, ret_trees, err);
    arena_free(scratch);
    return ok;
}

static bool forest_fit(const struct learner_settings *settings, const struct sample *sample, unsigned n_threads,
                       struct arena *arena, struct fitted **ret_fitted, struct err *err)
{
    struct forest *forest = ARENA_NEW(arena, struct forest);
    forest->fitted = (struct fitted){ settings->learner, settings->target, sample->n_columns };
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct sample used = settings->rows_most
        ? split_thin(sample, settings->rows_most, SPLIT_TREES, settings->seed, scratch) : *sample;
    bool ok = grow(settings, &used, n_threads ? n_threads : 1, arena, &forest->trees, err);
    arena_free(scratch);
    if (!ok) return false;
    if (!settings->is_trial) forest->shap = shap_new(forest->trees, arena);
    *ret_fitted = &forest->fitted;
    return true;
}

static void forest_predict(const struct fitted *fitted, const float *values, size_t n_rows, unsigned n_threads,
                           double *ret_scores)
{
    float *scores = malloc((n_rows + 1) * sizeof *scores);
    assert(scores);
    trees_predict(((const struct forest *)fitted)->trees, values, n_rows, n_threads, scores);
    for (size_t i = 0; i < n_rows; i++) ret_scores[i] = (double)scores[i];
    free(scores);
}

static void forest_explain(const struct fitted *fitted, const float *values, size_t n_rows,
                           double *ret_contributions, double *ret_base)
{
    const struct shap *shap = ((const struct forest *)fitted)->shap;
    if (n_rows == 1) shap_explain(shap, values, ret_contributions, ret_base);
    else shap_explain_rows(shap, values, n_rows, ret_contributions, ret_base);
}

static double forest_change(const struct fitted *fitted, const float *row, size_t column, float value)
{
    return trees_change(((const struct forest *)fitted)->trees, row, column, value);
}

static const char *boosting_describe(const struct learner_settings *settings, struct arena *arena)
{
    return arena_format(arena, "%u trees of depth %u, learning rate %g", settings->n_trees, settings->depth,
                        settings->learning_rate);
}

static const char *forest_describe(const struct learner_settings *settings, struct arena *arena)
{
    return arena_format(arena, "%u trees of depth %u", settings->n_trees, settings->depth);
}

static void forest_save(const struct fitted *fitted, struct bytes_writer *writer)
{
    trees_save(((const struct forest *)fitted)->trees, writer);
}

static bool load(const struct learner *learner, struct bytes_reader *reader, enum target target, size_t n_columns,
                 struct arena *arena, struct fitted **ret_fitted, struct err *err)
{
    struct forest *forest = ARENA_NEW(arena, struct forest);
    forest->fitted = (struct fitted){ learner, target, n_columns };
    if (!trees_load(reader, n_columns, arena, &forest->trees, err)) return false;
    forest->shap = shap_new(forest->trees, arena);
    *ret_fitted = &forest->fitted;
    return true;
}

static bool boosting_load(struct bytes_reader *reader, enum target target, size_t n_columns, struct arena *arena,
                          struct fitted **ret_fitted, struct err *err)
{
    return load(&learner_boosting, reader, target, n_columns, arena, ret_fitted, err);
}

static bool forest_load(struct bytes_reader *reader, enum target target, size_t n_columns, struct arena *arena,
                        struct fitted **ret_fitted, struct err *err)
{
    return load(&learner_forest, reader, target, n_columns, arena, ret_fitted, err);
}

/* Trees this small find nothing more in more rows. */
enum { ROWS_MOST = 200000, ROWS_UP_TO = 60000 };

#define BOOSTING(trees_, depth_, rate_) .n_trees = (trees_), .depth = (depth_), .learning_rate = (rate_), \
                                        .min_weight = 5, .row_share = 0.8, .column_share = 0.8,           \
                                        .rows_most = ROWS_MOST
/* Slower, and each tree with half of the columns: better where there are few rows. */
#define SLOW(trees_, depth_, rate_) .n_trees = (trees_), .depth = (depth_), .learning_rate = (rate_), \
                                    .min_weight = 1, .row_share = 0.8, .column_share = 0.5,           \
                                    .rows_most = ROWS_MOST
#define FOREST(trees_, depth_, weight_) .n_trees = (trees_), .depth = (depth_), .min_weight = (weight_), \
                                        .row_share = 0.632, .rows_most = ROWS_MOST

/* From small to large; the middle one is what a search without time takes. */
static const struct learner_settings BOOSTING_GRID[] = {
    { BOOSTING(60, 2, 0.1) },
    { SLOW(150, 3, 0.05) },
    { BOOSTING(100, 4, 0.1) },
    { BOOSTING(200, 3, 0.1) },
    { SLOW(200, 4, 0.05) },
    { SLOW(600, 3, 0.03), .rows_up_to = ROWS_UP_TO },
    { BOOSTING(200, 6, 0.05) },
    { SLOW(400, 6, 0.05), .rows_up_to = ROWS_UP_TO },
    { SLOW(400, 10, 0.1), .rows_up_to = ROWS_UP_TO },
};
static const struct learner_settings FOREST_GRID[] = {
    { FOREST(100, 6, 5) }, { FOREST(100, 8, 2) }, { FOREST(200, 10, 0.5), .rows_up_to = ROWS_UP_TO },
};

const struct learner learner_boosting = {
    .name = "boosting", .grid = BOOSTING_GRID, .n_grid = sizeof BOOSTING_GRID / sizeof BOOSTING_GRID[0],
    .is_for_amounts = true, .is_for_yes_no = true,
    .fit = forest_fit, .predict = forest_predict, .explain = forest_explain, .change = forest_change,
    .describe = boosting_describe,
    .save = forest_save, .load = boosting_load,
};

const struct learner learner_forest = {
    .name = "random forest", .grid = FOREST_GRID, .n_grid = sizeof FOREST_GRID / sizeof FOREST_GRID[0],
    .is_for_amounts = true, .is_for_yes_no = true,
    .fit = forest_fit, .predict = forest_predict, .explain = forest_explain, .change = forest_change,
    .describe = forest_describe,
    .save = forest_save, .load = forest_load,
};
