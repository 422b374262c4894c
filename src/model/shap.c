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
 * whose factors are tabulated, so that a row costs only multiplications and additions.
 *
 * What the leaves below a node say of a row depends on nothing but the answers on the way to that node and below it.  So
 * each tree is parted into subtrees of so few questions that all patterns of their answers can be kept, and of many rows
 * a part is asked once for each pattern that occurs. */
#include "model/shap.h"

#include <math.h>
#include <string.h>

enum { LANES = 4, VECTORS_MAX = 2, STATES = 3, NODES_MAX = 2 << TREES_MAX_DEPTH, PART_INNER = 12,
       PATTERNS = 1 << PART_INNER, ROWS_AT_ONCE = 8 };

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));      /* one number for each point t */

struct inner {                  /* an inner node, in the order of a walk */
    float    threshold;
    float    left_value, right_value;       /* of a leaf below; 1: an inner node; 0: it belongs to another part */
    uint16_t column, node, left, right;     /* indices of nodes within the tree */
    uint16_t above;             /* the child's node of the nearest edge above that asks the same column; 0: none */
    uint8_t  is_missing_left;
};

/* The leaves below one node, with the way to it: inner nodes in the order of a walk, PART_INNER at most. */
struct part { uint32_t tree; uint8_t n_inner, n_columns; uint16_t columns[PART_INNER]; struct inner *inner; };

struct shap {
    const struct trees *trees;
    double              base;
    size_t              n_vectors;      /* 1, or 2 if a tree is deeper than 8 */
    uint32_t           *first_inner;    /* [n_trees + 1] */
    struct inner       *inner;
    struct part        *parts;
    size_t              n_parts;
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
        .left_value = walk->nodes[node + 1].is_leaf ? walk->nodes[node + 1].value : 1,
        .right_value = walk->nodes[n->right].is_leaf ? walk->nodes[n->right].value : 1,
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

/* ---- parts ---- */

_Static_assert((int)TREES_MAX_DEPTH <= (int)PART_INNER, "a part has room for the longest way");

/* On the way: inner nodes of the tree and the side that is taken. */
struct way { size_t inner[PART_INNER]; bool is_left[PART_INNER]; size_t length; };

static size_t count_inner(const struct tree_node *nodes, uint32_t node)
{
    return nodes[node].is_leaf ? 0 : 1 + count_inner(nodes, node + 1) + count_inner(nodes, nodes[node].right);
}

/* The n inner nodes of the subtree follow first in the tree's own list. */
static void add_part(struct shap *shap, size_t t, const struct way *way, size_t first, size_t n, struct arena *arena)
{
    const struct inner *inner = shap->inner + shap->first_inner[t];
    struct part part = { .tree = (uint32_t)t, .n_inner = (uint8_t)(way->length + n),
                         .inner = ARENA_ARRAY(arena, struct inner, way->length + n + 1) };
    for (size_t i = 0; i < part.n_inner; i++) {
        bool is_way = i < way->length;
        struct inner *at = &part.inner[i];
        *at = inner[is_way ? way->inner[i] : first + i - way->length];
        if (is_way && way->is_left[i]) at->right_value = 0;
        if (is_way && !way->is_left[i]) at->left_value = 0;
        size_t c = 0;
        while (c < part.n_columns && part.columns[c] != at->column) c++;
        part.columns[c] = at->column;
        part.n_columns += c == part.n_columns;
    }
    shap->parts[shap->n_parts++] = part;
}

static void add_parts(struct shap *shap, size_t t, struct way *way, uint32_t node, size_t *next_inner,
                      struct arena *arena)
{
    const struct tree_node *nodes = shap->trees->nodes + shap->trees->first[t];
    size_t n = count_inner(nodes, node), first = *next_inner;
    if (n + way->length == 0) return;
    if (n == 0 || n + way->length <= PART_INNER) {
        add_part(shap, t, way, first, n, arena);
        *next_inner += n;
        return;
    }
    size_t at = way->length++;
    way->inner[at] = (*next_inner)++;
    way->is_left[at] = true;
    add_parts(shap, t, way, node + 1, next_inner, arena);
    way->is_left[at] = false;
    add_parts(shap, t, way, nodes[node].right, next_inner, arena);
    way->length--;
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
    shap->parts = ARENA_ARRAY(arena, struct part, walk.n_inner + trees->n_trees + 1);
    for (size_t t = 0; t < trees->n_trees; t++)
        add_parts(shap, t, &(struct way){ .length = 0 }, 0, &(size_t){ 0 }, arena);
    return shap;
}

static inline __attribute__((always_inline)) void
explain_tree(const struct inner *inner, size_t n_inner, const lanes *tables,
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
        double left_value = (double)n->left_value, right_value = (double)n->right_value;
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

/* Adds what the inner nodes of tree t, all or those of a part, say of the row to phi [n_columns]. */
#ifndef __SANITIZE_THREAD__       /* its choice at load time runs before that sanitizer is ready */
__attribute__((target_clones("avx2", "default")))
#endif
static void explain(const struct shap *shap, size_t t, const struct inner *inner, size_t n_inner, const float *row,
                    double *phi)
{
    lanes p[NODES_MAX * VECTORS_MAX];
    uint8_t is_down[NODES_MAX], states[NODES_MAX];
    const lanes *tables = shap->tables + (size_t)shap->trees->first[t] * STATES * 2 * shap->n_vectors;
    if (shap->n_vectors == 1) explain_tree(inner, n_inner, tables, 1, row, p, is_down, states, phi);
    else explain_tree(inner, n_inner, tables, VECTORS_MAX, row, p, is_down, states, phi);
}

void shap_explain(const struct shap *shap, const float *row, double *ret_contribution, double *ret_base)
{
    memset(ret_contribution, 0, shap->trees->n_columns * sizeof *ret_contribution);
    for (size_t t = 0; t < shap->trees->n_trees; t++)
        explain(shap, t, shap->inner + shap->first_inner[t], shap->first_inner[t + 1] - shap->first_inner[t], row,
                ret_contribution);
    *ret_base = shap->base;
}

/* ---- many rows ---- */

typedef float   floats __attribute__((vector_size(ROWS_AT_ONCE * sizeof(float))));
typedef int32_t flags __attribute__((vector_size(ROWS_AT_ONCE * sizeof(int32_t))));

struct rows {
    const float *values;            /* [n x n_columns] */
    float       *columns;           /* the same [n_columns x n_room], n_room a multiple of ROWS_AT_ONCE */
    size_t       n, n_room, n_columns;
    int32_t     *answers;           /* [n_room] a row's pattern at the part that is asked */
    double      *sums;              /* [n_columns x n_room] contributions */
    double      *scratch;           /* [n_columns] 0 before and after each row */
};

/* A comparison with what is missing is false, so that its side turns the comparison around. */
#ifndef __SANITIZE_THREAD__
__attribute__((target_clones("avx2", "default")))
#endif
static void answer_part(const struct part *part, struct rows *rows)
{
    for (size_t r = 0; r < rows->n_room; r += ROWS_AT_ONCE) {
        flags answers = { 0 };
        for (size_t i = 0; i < part->n_inner; i++) {
            const struct inner *inner = &part->inner[i];
            floats values;
            memcpy(&values, rows->columns + inner->column * rows->n_room + r, sizeof values);
            flags is_left = inner->is_missing_left ? ~(values >= inner->threshold) : values < inner->threshold;
            answers |= is_left & (1 << i);
        }
        memcpy(rows->answers + r, &answers, sizeof answers);
    }
}

/* said [columns of the part][PATTERNS]; known [all patterns]: 1 + place among said, 0: not asked yet.  Column by column, for
 * what a row's place lies far from the next row's. */
static void explain_part(const struct shap *shap, const struct part *part, struct rows *rows, double *said, uint32_t *known)
{
    uint32_t n_known = 0;
    memset(known, 0, (sizeof *known) << part->n_inner);
    answer_part(part, rows);
    for (size_t i = 0; i < rows->n; i++) {
        uint32_t *place = &known[rows->answers[i]];
        if (*place == 0) {
            explain(shap, part->tree, part->inner, part->n_inner, rows->values + i * rows->n_columns, rows->scratch);
            for (size_t c = 0; c < part->n_columns; c++) {
                said[c * PATTERNS + n_known] = rows->scratch[part->columns[c]];
                rows->scratch[part->columns[c]] = 0;
            }
            *place = ++n_known;
        }
        rows->answers[i] = (int32_t)*place - 1;
    }
    for (size_t c = 0; c < part->n_columns; c++) {
        double *sums = rows->sums + part->columns[c] * rows->n_room;
        const double *column = said + c * PATTERNS;
        for (size_t i = 0; i < rows->n; i++) sums[i] += column[rows->answers[i]];
    }
}

void shap_explain_rows(const struct shap *shap, const float *values, size_t n_rows, double *ret_contributions,
                       double *ret_base)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n_columns = shap->trees->n_columns, n_room = (n_rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE * ROWS_AT_ONCE;
    struct rows rows = { .values = values, .n = n_rows, .n_room = n_room, .n_columns = n_columns,
                         .columns = ARENA_ARRAY(arena, float, n_room *n_columns + 1),
                         .answers = ARENA_ARRAY(arena, int32_t, n_room + 1),
                         .sums = ARENA_ARRAY(arena, double, n_room *n_columns + 1),
                         .scratch = ARENA_ARRAY(arena, double, n_columns + 1) };
    double *said = ARENA_ARRAY(arena, double, PART_INNER * PATTERNS);
    uint32_t *known = ARENA_ARRAY(arena, uint32_t, PATTERNS);
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n_columns; c++) rows.columns[c * n_room + i] = values[i * n_columns + c];
    for (size_t p = 0; p < shap->n_parts; p++) explain_part(shap, &shap->parts[p], &rows, said, known);
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < n_columns; c++) ret_contributions[i * n_columns + c] = rows.sums[c * n_room + i];
    *ret_base = shap->base;
    arena_free(arena);
}
