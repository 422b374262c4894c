/* trees.h - a sum of decision trees in our own compact form: prediction without any library.
 *
 * The nodes of a tree lie in the order of a walk (node, its left subtree, its right subtree).  At an inner
 * node a row goes left if its value is below the threshold, and where is_missing_left says so if it is
 * missing (NaN).  For prediction every tree is also laid out as a perfect tree, whose walk needs no branches
 * and no pointers, see trees.c. */
#ifndef MODEL_TREES_H
#define MODEL_TREES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/bytes.h"

enum { TREES_MAX = 10000, TREES_MAX_DEPTH = 10, TREES_MAX_COLUMNS = 16384 };

struct tree_node {
    float    value;             /* threshold of an inner node, score of a leaf */
    float    cover;             /* > 0: how much training weight went through it */
    uint32_t right;             /* of an inner node: index of its right child; the left one is the next node */
    uint16_t column;
    uint8_t  is_leaf, is_missing_left;
};

struct trees {
    size_t            n_trees, n_columns;
    float             base;     /* score before any tree */
    uint32_t
        *first; /* [n_trees + 1] a tree's nodes are first[t] .. first[t + 1] - 1; right counts from first[t] */
    struct tree_node *nodes;
    struct compact   *compact;
};

/* Checks the nodes and lays them out.  first and nodes are kept (they live in the same arena).
 * Errors: ERR_CORRUPT not trees as described above, a cover that is not above 0, or beyond a limit. */
bool trees_new(struct arena *arena, size_t n_columns, float base, size_t n_trees, uint32_t *first,
               struct tree_node *nodes, struct trees **ret_trees, struct err *err) MUST_CHECK;

/* ret_scores [n_rows]: base + the score of one leaf of each tree, added in single precision, tree after
 * tree.  A row's score does not depend on the other rows or on n_threads. */
void trees_predict(const struct trees *trees, const float *values, size_t n_rows, unsigned n_threads,
                   float *ret_scores);

/* The same by walking the nodes one by one: what trees_predict is compared with. */
float trees_predict_plain(const struct trees *trees, const float *row);

/* How much more the trees say of the row if its value in a column is another: exactly 0 where no leaf is another. */
double trees_change(const struct trees *trees, const float *row, size_t column, float value);

void trees_save(const struct trees *trees, struct bytes_writer *writer);
bool trees_load(struct bytes_reader *reader, size_t n_columns, struct arena *arena, struct trees **ret_trees,
                struct err *err) MUST_CHECK;

#endif
