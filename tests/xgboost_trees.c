/* xgboost_trees.c - see xgboost_trees.h. */
#include "xgboost_trees.h"

#include "base/text.h"

#include <jansson.h>
#include <math.h>

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
    const char *text = json_string_value(field(field(learner, "learner_model_param"), "base_score"));
    double number = 0;
    if (!text || !text_double(text_of(text), '.', &number))
        return err_set(err, ERR_CORRUPT, "XGBoost's model has no base_score");
    *ret_base = -logf(1.0F / (float)number - 1.0F);
    return true;
}

static bool trees_of_json(const json_t *root, size_t n_columns, struct arena *arena,
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
        && trees_new(arena, n_columns, base, n_trees, first, nodes, ret_trees, err);
}

bool xgboost_trees_read(const char *text, size_t length, size_t n_columns, struct arena *arena,
                        struct trees **ret_trees, struct err *err)
{
    json_error_t where;
    json_t *root = json_loadb(text, length, 0, &where);
    if (!root) return err_set(err, ERR_CORRUPT, "XGBoost's model: %s", where.text);
    bool ok = trees_of_json(root, n_columns, arena, ret_trees, err);
    json_decref(root);
    return ok;
}
