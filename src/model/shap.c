/* shap.c - see shap.h.
 *
 * A leaf is reached under a feature set S as far as f(S) = v x product over its features of (in S: o, else: z),
 * where o is 1 if the row's value would go down to this leaf and else 0, and z is the share of training weight
 * that goes down there.  The Shapley value of feature i is then, by Owen's (1972) multilinear extension,
 *
 *     v (o_i - z_i) integral from 0 to 1 of product over j != i of (t o_j + (1 - t) z_j) dt.
 *
 * The integrand is a polynomial of degree (number of features - 1), which Gauss-Legendre's rule with K points
 * integrates exactly up to degree 2 K - 1: 4 points for trees of depth 8, 5 for depth 10.  For each point t the
 * product p = product of all (t o + (1 - t) z) is carried down the tree, v p is summed up the tree, and every
 * edge adds (o - z) / (t o + (1 - t) z) x that sum to its feature.  Where a feature is asked again lower down,
 * the edge replaces the factor of the one above: o becomes o AND o above, z becomes z x z above, and the
 * earlier term is taken off again.  An edge knows three states - (o, o above) is (0, 0), (0, 1) or (1, 1) -
 * whose factors are tabulated, so that a row costs only multiplications and additions. */
#include "model/shap.h"

#include <math.h>
#include <string.h>

enum { LANES = 4, VECTORS_MAX = 2, STATES = 3, NODES_MAX = 2 << TREES_MAX_DEPTH };

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));      /* one number for each point t */

struct inner {                  /* an inner node, in the order of a walk */
    float    threshold;
    uint16_t column, node, left, right;     /* indices of nodes within the tree */
    uint16_t above;             /* the child's node of the nearest edge above that asks the same column; 0: none */
    uint8_t  is_missing_left;
};

struct shap {
    const struct trees *trees;
    double              base;
    size_t              n_vectors;      /* 1, or 2 if a tree is deeper than 8 */
    uint32_t           *first_inner;    /* [n_trees + 1] */
    struct inner       *inner;
    lanes              *tables;         /* [all nodes][STATES][2][n_vectors]: factor, then coefficient */
};

static const double POINTS_4[4] = { -0.8611363115940526, -0.3399810435848563, 0.3399810435848563,
                                    0.8611363115940526 };
static const double WEIGHTS_4[4] = { 0.3478548451374538, 0.6521451548625461, 0.6521451548625461,
                                     0.3478548451374538 };
static const double POINTS_5[5] = { -0.9061798459386640, -0.5384693101056831, 0, 0.5384693101056831,
                                    0.9061798459386640 };
static const double WEIGHTS_5[5] = { 0.2369268850561891, 0.4786286704993665, 0.5688888888888889,
                                     0.4786286704993665, 0.2369268850561891 };

/* The tables of the edge into one node: z and z_above are shares of the edge and of the edge above. */
static void fill_edge(const struct shap *shap, double z, double z_above, lanes *table)
{
    static const double O[STATES] = { 0, 0, 1 }, O_ABOVE[STATES] = { 0, 1, 1 };
    size_t n_points = shap->n_vectors == 1 ? 4 : 5;
    for (size_t state = 0; state < STATES; state++)
        for (size_t k = 0; k < n_points; k++) {
            double t = (1 + (n_points == 4 ? POINTS_4 : POINTS_5)[k]) / 2;
            double weight = (n_points == 4 ? WEIGHTS_4 : WEIGHTS_5)[k] / 2;
            double factor = t * O[state] + (1 - t) * z, above = t * O_ABOVE[state] + (1 - t) * z_above;
            lanes *entry = table + state * 2 * shap->n_vectors;
            entry[k / LANES][k % LANES] = factor / above;
            entry[shap->n_vectors + k / LANES][k % LANES] =
                weight * ((O[state] - z) / factor - (O_ABOVE[state] - z_above) / above);
        }
}

struct walk { const struct tree_node *nodes; lanes *tables; struct inner *inner; size_t n_inner; };

/* path: the columns asked above this node and the node that each of those edges leads to. */
struct path {
    uint16_t column[TREES_MAX_DEPTH], child[TREES_MAX_DEPTH];
    double z[TREES_MAX_DEPTH];
    size_t length;
};

static void fill_subtree(struct shap *shap, struct walk *walk, struct path *path, uint32_t node, double share)
{
    const struct tree_node *n = &walk->nodes[node];
    if (n->is_leaf) {
        shap->base += share * (double)n->value;
        return;
    }
    size_t above = path->length;
    while (above > 0 && path->column[above - 1] != n->column) above--;
    double z_above = above > 0 ? path->z[above - 1] : 1;
    walk->inner[walk->n_inner++] = (struct inner){
        .threshold = n->value, .column = n->column, .node = (uint16_t)node, .left = (uint16_t)(node + 1),
        .right = (uint16_t)n->right, .above = above > 0 ? path->child[above - 1] : 0,
        .is_missing_left = n->is_missing_left };
    double cover = (double)walk->nodes[node + 1].cover + (double)walk->nodes[n->right].cover;
    for (int side = 0; side < 2; side++) {
        uint32_t child = side == 0 ? node + 1 : n->right;
        double ratio = (double)walk->nodes[child].cover / cover;
        fill_edge(shap, ratio * z_above, z_above, walk->tables + child * STATES * 2 * shap->n_vectors);
        path->column[path->length] = n->column;
        path->child[path->length] = (uint16_t)child;
        path->z[path->length++] = ratio * z_above;
        fill_subtree(shap, walk, path, child, share * ratio);
        path->length--;
    }
}

static bool is_deep(const struct tree_node *nodes, uint32_t node, unsigned depth)
{
    if (nodes[node].is_leaf) return depth > 8;
    return is_deep(nodes, node + 1, depth + 1) || is_deep(nodes, nodes[node].right, depth + 1);
}

struct shap *shap_new(const struct trees *trees, struct arena *arena)
{
    struct shap *shap = ARENA_NEW(arena, struct shap);
    size_t n_nodes = trees->first[trees->n_trees];
    *shap = (struct shap){ .trees = trees, .n_vectors = 1, .base = (double)trees->base };
    for (size_t t = 0; t < trees->n_trees; t++)
        if (is_deep(trees->nodes + trees->first[t], 0, 0)) shap->n_vectors = 2;
    shap->first_inner = ARENA_ARRAY(arena, uint32_t, trees->n_trees + 1);
    shap->inner = ARENA_ARRAY(arena, struct inner, n_nodes);
    char *room = arena_alloc(arena, n_nodes * STATES * 2 * shap->n_vectors + 2, sizeof(lanes));
    shap->tables =
        (lanes *)(void *)(room + (64 - (uintptr_t)room % 64) % 64); /* a state's entry fills a cache line */
    struct walk walk = { .inner = shap->inner };
    for (size_t t = 0; t < trees->n_trees; t++) {
        struct path path = { .length = 0 };
        walk.nodes = trees->nodes + trees->first[t];
        walk.tables = shap->tables + (size_t)trees->first[t] * STATES * 2 * shap->n_vectors;
        fill_subtree(shap, &walk, &path, 0, 1);
        shap->first_inner[t + 1] = (uint32_t)walk.n_inner;
    }
    return shap;
}

static inline __attribute__((always_inline)) void
explain_tree(const struct tree_node *nodes, const struct inner *inner, size_t n_inner, const lanes *tables,
             size_t n_vectors, const float *row, lanes *p, uint8_t *is_down, uint8_t *states, double *phi)
{
    is_down[0] = 1;         /* "no edge above" counts as one that the row goes down */
    for (size_t v = 0; v < n_vectors; v++) p[v] = (lanes){ 1, 1, 1, 1 };
    if (n_inner == 0) return;
    for (size_t i = 0; i < n_inner; i++) {
        const struct inner *n = &inner[i];
        float value = row[n->column];
        uint8_t above = is_down[n->above];
        uint8_t left = isnan(value) ? n->is_missing_left : value < n->threshold;
        uint8_t o_left = above & left, o_right = above & !left;
        uint8_t left_state = (uint8_t)(above + o_left), right_state = (uint8_t)(above + o_right);
        is_down[n->left] = o_left, is_down[n->right] = o_right;
        states[n->left] = left_state, states[n->right] = right_state;
        const lanes *left_table = tables + ((size_t)n->left * STATES + left_state) * 2 * n_vectors;
        const lanes *right_table = tables + ((size_t)n->right * STATES + right_state) * 2 * n_vectors;
        for (size_t v = 0; v < n_vectors; v++) {
            lanes here = p[n->node * n_vectors + v];
            p[n->left * n_vectors + v] = here * left_table[v];
            p[n->right * n_vectors + v] = here * right_table[v];
        }
    }
    for (size_t i = n_inner; i-- > 0;) {
        const struct inner *n = &inner[i];
        const lanes *left_table = tables + ((size_t)n->left * STATES + states[n->left]) * 2 * n_vectors
                                  + n_vectors;
        const lanes *right_table = tables + ((size_t)n->right * STATES + states[n->right]) * 2 * n_vectors
                                   + n_vectors;
        double left_value = nodes[n->left].is_leaf ? (double)nodes[n->left].value : 1;
        double right_value = nodes[n->right].is_leaf ? (double)nodes[n->right].value : 1;
        lanes sum = { 0 };
        for (size_t v = 0; v < n_vectors; v++) {
            lanes below_left = p[n->left * n_vectors + v] * left_value;
            lanes below_right = p[n->right * n_vectors + v] * right_value;
            sum += left_table[v] * below_left + right_table[v] * below_right;
            p[n->node * n_vectors + v] = below_left + below_right;
        }
        phi[n->column] += (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
}

#ifndef __SANITIZE_THREAD__       /* its choice at load time runs before that sanitizer is ready */
__attribute__((target_clones("avx2", "default")))
#endif
static void explain(const struct shap *shap, const float *row, double *phi)
{
    lanes p[NODES_MAX * VECTORS_MAX];
    uint8_t is_down[NODES_MAX], states[NODES_MAX];
    const struct trees *trees = shap->trees;
    for (size_t t = 0; t < trees->n_trees; t++) {
        const struct tree_node *nodes = trees->nodes + trees->first[t];
        const struct inner *inner = shap->inner + shap->first_inner[t];
        size_t n_inner = shap->first_inner[t + 1] - shap->first_inner[t];
        const lanes *tables = shap->tables + (size_t)trees->first[t] * STATES * 2 * shap->n_vectors;
        if (shap->n_vectors == 1) explain_tree(nodes, inner, n_inner, tables, 1, row, p, is_down, states, phi);
        else explain_tree(nodes, inner, n_inner, tables, VECTORS_MAX, row, p, is_down, states, phi);
    }
}

void shap_explain(const struct shap *shap, const float *row, double *ret_contribution, double *ret_base)
{
    memset(ret_contribution, 0, shap->trees->n_columns * sizeof *ret_contribution);
    explain(shap, row, ret_contribution);
    *ret_base = shap->base;
}
