/* grow.h - grows one tree on binned values: second-order gradients, histograms, exact search among the cuts.
 *
 * The split of a node is the one that saves most of the loss's second-order expansion with an L2 penalty of 1 on
 * the leaves (Chen & Guestrin 2016, equations 6 and 7); missing values go to the side where that is more.  Rows
 * and columns are drawn from the tree's own chance, so that the same seed grows the same tree on any number of
 * threads. */
#ifndef MODEL_GROW_H
#define MODEL_GROW_H

#include "base/rng.h"
#include "model/bins.h"
#include "model/trees.h"

struct gradient { float first, second; };       /* of the loss by a row's score; second > 0 */

struct grow_options {
    unsigned depth;
    double   learning_rate;         /* leaves are multiplied by it */
    double   min_weight;            /* least sum of second gradients in a leaf */
    double   row_share;             /* of the rows that a tree is grown on */
    double   tree_column_share, node_column_share;      /* of the columns, drawn once a tree and once a node */
    unsigned n_threads;
};

/* Memory to grow trees in, used again for each; of one thread. */
struct grower;
struct grower *grower_new(const struct bins *bins, const struct grow_options *options, struct arena *arena);

/* Writes the tree, in the order of trees.h, to nodes [grow_nodes_most(depth)]; returns how many nodes it has. */
uint32_t grow_tree(struct grower *grower, const struct gradient *gradients, struct rng rng,
                   struct tree_node *nodes);
size_t grow_nodes_most(unsigned depth);

/* Adds the leaves that the rows reach to scores [n_rows]: of the tree grown last. */
void grow_add_leaves(const struct grower *grower, const struct tree_node *nodes, float *scores);

#endif
