/* boosting.c - random forest and boosted trees: grown by XGBoost, kept as our own trees; see learner.h.
 *
 * Yes/no: both minimise log loss.  Amounts: boosting minimises the Tweedie deviance of power 1.5 (a mean on
 * a log scale that may be 0), the forest the squared error of log(1 + amount).  Amounts below 0 count as 0. */
#include "model/boosting.h"

#include "base/text.h"
#include "model/learner.h"
#include "model/shap.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <xgboost/c_api.h>

enum { CELLS_FOR_THREADS = 1000000 };       /* below, threads cost more than they bring; the trees are the same */

struct forest {
    struct fitted fitted;
    struct trees *trees;
    struct shap  *shap;
};

/* XGBoost's way of failing, translated once. */
static bool xgboost_ok(int status, struct err *err)
{
    if (status == 0) return true;
    const char *why = XGBGetLastError();
    size_t length = strcspn(why, "\n");
    return err_set(err, ERR_REFUSED, "XGBoost: %.*s", (int)(length > 300 ? 300 : length), why);
}

static bool set(BoosterHandle booster, struct err *err, const char *name, const char *fmt, ...) PRINTF_LIKE(4, 5);

static bool set(BoosterHandle booster, struct err *err, const char *name, const char *fmt, ...)
{
    char text[64];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return xgboost_ok(XGBoosterSetParam(booster, name, text), err);
}

/* XGBoost asks for the rows batch by batch, several times over; we have one batch. */
struct batch { const struct sample *sample; const float *labels; DMatrixHandle proxy; bool is_given; };

static int batch_next(DataIterHandle handle)
{
    struct batch *batch = handle;
    if (batch->is_given) return 0;
    char data[160];
    snprintf(data, sizeof data,
             "{\"data\": [%llu, true], \"shape\": [%zu, %zu], \"typestr\": \"<f4\", \"version\": 3}",
             (unsigned long long)(uintptr_t)batch->sample->values, batch->sample->n_rows,
             batch->sample->n_columns);
    batch->is_given = XGProxyDMatrixSetDataDense(batch->proxy, data) == 0
        && XGDMatrixSetFloatInfo(batch->proxy, "label", batch->labels, batch->sample->n_rows) == 0;
    return batch->is_given;
}

static void batch_reset(DataIterHandle handle) { ((struct batch *)handle)->is_given = false; }

/* XGBoost's matrix of the sample, missing is NaN.  It holds a byte for each value, the number of its quantile:
 * a plain one would take eight, twice what the sample itself takes.  64 quantiles judge as well as 256 here, and the
 * histograms of a deep forest take a quarter of the memory. */
static bool matrix_new(const struct sample *sample, const float *labels, unsigned n_threads,
                       DMatrixHandle *ret_matrix, struct err *err)
{
    char config[96];
    struct batch batch = { .sample = sample, .labels = labels };
    snprintf(config, sizeof config, "{\"missing\": NaN, \"nthread\": %u, \"max_bin\": 64}", n_threads);
    bool ok = xgboost_ok(XGProxyDMatrixCreate(&batch.proxy), err) &&
              xgboost_ok(XGQuantileDMatrixCreateFromCallback(&batch, batch.proxy, NULL, batch_reset, batch_next,
                                                             config, ret_matrix),
                         err);
    if (batch.proxy) XGDMatrixFree(batch.proxy);
    return ok;
}

/* The labels as XGBoost gets them: yes/no as they are; amounts as logarithms (forest) or in units of their
 * mean (boosting), so that min_weight means the same whatever the currency. */
static float *labels_new(const struct learner_settings *settings, const struct sample *sample, double *ret_mean)
{
    float *labels = malloc(sample->n_rows * sizeof *labels);
    assert(labels);
    bool is_amount = settings->target == TARGET_AMOUNT, is_forest = settings->learner == &learner_forest;
    double sum = 0;
    for (size_t i = 0; i < sample->n_rows; i++) {
        float label = sample->labels[i] > 0 ? sample->labels[i] : 0;
        labels[i] = is_amount && is_forest ? log1pf(label) : label;
        sum += (double)labels[i];
    }
    double mean = sum / (double)sample->n_rows;
    for (size_t i = 0; i < sample->n_rows && is_amount && !is_forest && mean > 0; i++) labels[i] /= (float)mean;
    *ret_mean = mean;
    return labels;
}

static bool set_all(BoosterHandle booster, const struct learner_settings *settings, size_t n_columns, double start,
                    unsigned n_threads, struct err *err)
{
    bool is_forest = settings->learner == &learner_forest;
    const char *objective = settings->target == TARGET_YES_NO ? "binary:logistic"
                          : is_forest ? "reg:squarederror" : "reg:tweedie";
    double share = settings->column_share,
           base_score = settings->target == TARGET_AMOUNT && !is_forest ? 1 : start;
    if (share <= 0) share = fmax(sqrt((double)n_columns), (double)n_columns / 3) / (double)n_columns;
    return set(booster, err, "verbosity", "0") && set(booster, err, "nthread", "%u", n_threads)
        && set(booster, err, "seed", "%u", (unsigned)(settings->seed & 0x7fffffff))
        && set(booster, err, "objective", "%s", objective) && set(booster, err, "base_score", "%.9g", base_score)
        && set(booster, err, "tree_method", "hist") && set(booster, err, "max_depth", "%u", settings->depth)
        && set(booster, err, "learning_rate", "%.9g", is_forest ? 1.0 : settings->learning_rate)
        && set(booster, err, "num_parallel_tree", "%u", is_forest ? settings->n_trees : 1)
        && set(booster, err, "min_child_weight", "%.9g", settings->min_weight)
        && set(booster, err, "subsample", "%.9g", settings->row_share)
        && set(booster, err, "colsample_bynode", "%.9g", is_forest ? share : 1.0)
        && set(booster, err, "colsample_bytree", "%.9g", is_forest ? 1.0 : share)
        && set(booster, err, "lambda", "1") && set(booster, err, "disable_default_eval_metric", "1");
}

/* One tree of XGBoost's saved model: arrays by node, in its own order. */
struct dump { const json_t *left, *right, *column, *value, *cover, *missing_left; size_t n_nodes; };

static double number_at(const json_t *array, size_t i) { return json_number_value(json_array_get(array, i)); }

static bool is_missing_left(const json_t *array, size_t i)
{
    const json_t *item = json_array_get(array, i);
    return json_is_boolean(item) ? json_is_true(item) : json_integer_value(item) != 0;
}

/* Copies the subtree at XGBoost's node `id` to nodes[at ...] in the order of a walk; returns the index
 * after it, or 0 if the dump is not a tree. */
static uint32_t copy_subtree(const struct dump *dump, size_t id, struct tree_node *nodes, uint32_t at)
{
    if (id >= dump->n_nodes || at >= dump->n_nodes) return 0;
    json_int_t left = json_integer_value(json_array_get(dump->left, id));
    struct tree_node *node = &nodes[at];
    *node = (struct tree_node){ .value = (float)number_at(dump->value, id), .is_leaf = left < 0,
                                .cover = fmaxf((float)number_at(dump->cover, id), 1e-20F) };
    if (left < 0) return at + 1;
    node->column = (uint16_t)number_at(dump->column, id);
    node->is_missing_left = is_missing_left(dump->missing_left, id);
    node->right = copy_subtree(dump, (size_t)left, nodes, at + 1);
    if (node->right == 0) return 0;
    return copy_subtree(dump, (size_t)json_integer_value(json_array_get(dump->right, id)), nodes, node->right);
}

static const json_t *field(const json_t *object, const char *name) { return json_object_get(object, name); }

/* XGBoost's base_score as a margin. */
static bool base_margin(const json_t *learner, float *ret_base, struct err *err)
{
    const char *objective = json_string_value(field(field(learner, "objective"), "name"));
    const char *text = json_string_value(field(field(learner, "learner_model_param"), "base_score"));
    double number = 0;
    if (!objective || !text || !text_double(text_of(text), '.', &number))
        return err_set(err, ERR_CORRUPT, "XGBoost's model has no objective or base_score");
    float score = (float)number;
    if (strcmp(objective, "binary:logistic") == 0) *ret_base = -logf(1.0F / score - 1.0F);
    else if (strcmp(objective, "reg:tweedie") == 0) *ret_base = logf(score);
    else if (strcmp(objective, "reg:squarederror") == 0) *ret_base = score;
    else return err_set(err, ERR_CORRUPT, "XGBoost's objective \"%.50s\" is not one that we read", objective);
    return true;
}

static bool trees_of_json(const json_t *root, size_t n_columns, float shift, struct arena *arena,
                          struct trees **ret_trees, struct err *err)
{
    const json_t *learner = field(root, "learner"), *list;
    list = field(field(field(learner, "gradient_booster"), "model"), "trees");
    size_t n_trees = json_array_size(list), n_nodes = 0;
    for (size_t t = 0; t < n_trees; t++)
        n_nodes += json_array_size(field(json_array_get(list, t), "left_children"));
    uint32_t *first = ARENA_ARRAY(arena, uint32_t, n_trees + 1);
    struct tree_node *nodes = ARENA_ARRAY(arena, struct tree_node, n_nodes + 1);
    for (size_t t = 0; t < n_trees; t++) {
        const json_t *tree = json_array_get(list, t);
        struct dump dump = {
            field(tree, "left_children"), field(tree, "right_children"), field(tree, "split_indices"),
            field(tree, "split_conditions"), field(tree, "sum_hessian"), field(tree, "default_left"), 0 };
        dump.n_nodes = json_array_size(dump.left);
        uint32_t n = copy_subtree(&dump, 0, nodes + first[t], 0);
        if (n == 0) return err_set(err, ERR_CORRUPT, "XGBoost's tree %zu could not be read", t);
        first[t + 1] = first[t] + n;
    }
    float base = 0;
    if (n_trees == 0) return err_set(err, ERR_CORRUPT, "XGBoost's model has no trees");
    return base_margin(learner, &base, err)
        && trees_new(arena, n_columns, base + shift, n_trees, first, nodes, ret_trees, err);
}

static bool read_model(const char *text, size_t length, size_t n_columns, float shift, struct arena *arena,
                       struct trees **ret_trees, struct err *err)
{
    json_error_t where;
    json_t *root = json_loadb(text, length, 0, &where);
    if (!root) return err_set(err, ERR_CORRUPT, "XGBoost's model: %s", where.text);
    bool ok = trees_of_json(root, n_columns, shift, arena, ret_trees, err);
    json_decref(root);
    return ok;
}

bool boosting_read_xgboost(const char *json, size_t length, size_t n_columns, struct arena *arena,
                           struct trees **ret_trees, struct err *err)
{
    return read_model(json, length, n_columns, 0, arena, ret_trees, err);
}

static bool trees_of_booster(BoosterHandle booster, size_t n_columns, float shift, struct arena *arena,
                             struct trees **ret_trees, struct err *err)
{
    bst_ulong length = 0;
    const char *text = NULL;
    return xgboost_ok(XGBoosterSaveModelToBuffer(booster, "{\"format\": \"json\"}", &length, &text), err)
        && read_model(text, length, n_columns, shift, arena, ret_trees, err);
}

static bool grow(const struct learner_settings *settings, const struct sample *sample, unsigned n_threads,
                 struct arena *arena, struct trees **ret_trees, struct err *err)
{
    double start;
    float *labels = labels_new(settings, sample, &start), shift = 0;
    if (settings->target == TARGET_AMOUNT && settings->learner == &learner_boosting) shift = logf((float)start);
    DMatrixHandle matrix = NULL;
    BoosterHandle booster = NULL;
    bool ok = matrix_new(sample, labels, n_threads, &matrix, err)
        && xgboost_ok(XGBoosterCreate(&matrix, 1, &booster), err)
        && set_all(booster, settings, sample->n_columns, start, n_threads, err);
    int n_rounds = settings->learner == &learner_forest ? 1 : (int)settings->n_trees;
    for (int round = 0; ok && round < n_rounds; round++)
        ok = xgboost_ok(XGBoosterUpdateOneIter(booster, round, matrix), err);
    ok = ok && trees_of_booster(booster, sample->n_columns, shift, arena, ret_trees, err);
    if (booster) XGBoosterFree(booster);
    if (matrix) XGDMatrixFree(matrix);
    free(labels);
    return ok;
}

static bool forest_fit(const struct learner_settings *settings, const struct sample *sample, unsigned n_threads,
                       struct arena *arena, struct fitted **ret_fitted, struct err *err)
{
    struct forest *forest = ARENA_NEW(arena, struct forest);
    forest->fitted = (struct fitted){ settings->learner, settings->target, sample->n_columns };
    if (n_threads < 1 || sample->n_rows * sample->n_columns < CELLS_FOR_THREADS) n_threads = 1;
    if (!grow(settings, sample, n_threads, arena, &forest->trees, err)) return false;
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

static void forest_explain(const struct fitted *fitted, const float *row, double *ret_contribution,
                           double *ret_base)
{
    shap_explain(((const struct forest *)fitted)->shap, row, ret_contribution, ret_base);
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

static void forest_save(const struct fitted *fitted, struct writer *writer)
{
    trees_save(((const struct forest *)fitted)->trees, writer);
}

static bool load(const struct learner *learner, struct reader *reader, enum target target, size_t n_columns,
                 struct arena *arena, struct fitted **ret_fitted, struct err *err)
{
    struct forest *forest = ARENA_NEW(arena, struct forest);
    forest->fitted = (struct fitted){ learner, target, n_columns };
    if (!trees_load(reader, n_columns, arena, &forest->trees, err)) return false;
    forest->shap = shap_new(forest->trees, arena);
    *ret_fitted = &forest->fitted;
    return true;
}

static bool boosting_load(struct reader *reader, enum target target, size_t n_columns, struct arena *arena,
                          struct fitted **ret_fitted, struct err *err)
{
    return load(&learner_boosting, reader, target, n_columns, arena, ret_fitted, err);
}

static bool forest_load(struct reader *reader, enum target target, size_t n_columns, struct arena *arena,
                        struct fitted **ret_fitted, struct err *err)
{
    return load(&learner_forest, reader, target, n_columns, arena, ret_fitted, err);
}

#define BOOSTING(trees_, depth_, rate_) { .n_trees = (trees_), .depth = (depth_), .learning_rate = (rate_), \
                                          .min_weight = 5, .row_share = 0.8, .column_share = 0.8 }
#define FOREST(depth_, weight_) { .n_trees = 100, .depth = (depth_), .min_weight = (weight_), .row_share = 0.632 }

static const struct learner_settings BOOSTING_GRID[] = {
    BOOSTING(60, 2, 0.1),  BOOSTING(100, 3, 0.1),  BOOSTING(100, 4, 0.1),
    BOOSTING(200, 3, 0.1), BOOSTING(200, 6, 0.05),
};
static const struct learner_settings FOREST_GRID[] = { FOREST(6, 5), FOREST(8, 2) };

const struct learner learner_boosting = {
    .name = "boosting", .grid = BOOSTING_GRID, .n_grid = sizeof BOOSTING_GRID / sizeof BOOSTING_GRID[0],
    .is_for_amounts = true, .is_for_yes_no = true,
    .fit = forest_fit, .predict = forest_predict, .explain = forest_explain, .describe = boosting_describe,
    .save = forest_save, .load = boosting_load,
};

const struct learner learner_forest = {
    .name = "random forest", .grid = FOREST_GRID, .n_grid = sizeof FOREST_GRID / sizeof FOREST_GRID[0],
    .is_for_amounts = true, .is_for_yes_no = true,
    .fit = forest_fit, .predict = forest_predict, .explain = forest_explain, .describe = forest_describe,
    .save = forest_save, .load = forest_load,
};
