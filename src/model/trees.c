/* trees.c - see trees.h.
 *
 * The layout for prediction.  Every tree is padded to a perfect tree of its depth d: inner node i (from 1) has
 * the children 2 i and 2 i + 1, and node 2^d + j is leaf j; a leaf higher up is repeated under all its places.
 * A step is then i = 2 i + (value >= threshold), with no branch to guess.  Missing values need no test either:
 * a column is copied into a slot for each direction that missing values take (NaN becomes -infinity where
 * they go left, +infinity where they go right).  Rows go in blocks, whose slots stay in the first cache while
 * the trees pass by, and a step is taken for all rows of a block at once. */
#include "model/trees.h"

#include "base/parallel.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 64, ROWS_PER_ITEM = 4096 };

struct compact {
    size_t    n_slots;
    uint16_t *slot_column;      /* [n_slots] */
    float    *slot_missing;     /* [n_slots] what NaN becomes */
    uint8_t  *depth;            /* [n_trees] */
    size_t   *first_inner;      /* [n_trees] of the tree's 2^depth inner nodes (number 0 is unused) */
    float    *threshold;        /* [all inner nodes] */
    uint32_t *slot;             /* [all inner nodes] slot x LANES */
    float    *leaf;             /* [all leaves] a tree's 2^depth leaves begin where its inner nodes do */
};

static size_t depth_below(const struct tree_node *nodes, uint32_t node)
{
    if (nodes[node].is_leaf) return 0;
    size_t left = depth_below(nodes, node + 1), right = depth_below(nodes, nodes[node].right);
    return 1 + (left > right ? left : right);
}

/* Checks the subtree at node, which must end before `end`; returns the index after it, 0 if it is broken. */
static uint32_t subtree_end(const struct tree_node *nodes, uint32_t node, uint32_t end, size_t n_columns, unsigned depth)
{
    if (node >= end || depth > TREES_MAX_DEPTH) return 0;
    const struct tree_node *n = &nodes[node];
    if (!isfinite(n->value) || !(n->cover > 0) || !isfinite(n->cover) || n->is_leaf > 1 || n->is_missing_left > 1)
        return 0;
    if (n->is_leaf) return node + 1;
    if (n->column >= n_columns) return 0;
    uint32_t left_end = subtree_end(nodes, node + 1, end, n_columns, depth + 1);
    if (left_end == 0 || n->right != left_end) return 0;
    return subtree_end(nodes, n->right, end, n_columns, depth + 1);
}

struct layout { const struct tree_node *nodes; const uint32_t *slot_of; float *threshold; uint32_t *slot; float *leaf; };

/* Puts the subtree at node into place `place` of a perfect tree, `below` levels above the leaves. */
static void lay_out(const struct layout *layout, uint32_t node, size_t place, size_t below, size_t depth)
{
    const struct tree_node *n = &layout->nodes[node];
    if (n->is_leaf) {
        size_t first = (place << below) - ((size_t)1 << depth);
        for (size_t i = 0; i < (size_t)1 << below; i++) layout->leaf[first + i] = n->value;
        for (size_t level = 0; level < below; level++)
            for (size_t i = 0; i < (size_t)1 << level; i++) layout->threshold[(place << level) + i] = INFINITY;
        return;
    }
    layout->threshold[place] = n->value;
    layout->slot[place] = layout->slot_of[2 * (size_t)n->column + n->is_missing_left];
    lay_out(layout, node + 1, 2 * place, below - 1, depth);
    lay_out(layout, n->right, 2 * place + 1, below - 1, depth);
}

static struct compact *compact_new(struct arena *arena, const struct trees *trees)
{
    struct compact *compact = ARENA_NEW(arena, struct compact);
    size_t n_nodes = trees->first[trees->n_trees], room = 0;
    uint32_t *slot_of = calloc(2 * trees->n_columns + 1, sizeof *slot_of);
    assert(slot_of);
    compact->slot_column = ARENA_ARRAY(arena, uint16_t, 2 * trees->n_columns);
    compact->slot_missing = ARENA_ARRAY(arena, float, 2 * trees->n_columns);
    for (size_t i = 0; i < n_nodes; i++)
        if (!trees->nodes[i].is_leaf) slot_of[2 * (size_t)trees->nodes[i].column + trees->nodes[i].is_missing_left] = 1;
    for (size_t i = 0; i < 2 * trees->n_columns; i++) {
        if (!slot_of[i]) continue;
        compact->slot_column[compact->n_slots] = (uint16_t)(i / 2);
        compact->slot_missing[compact->n_slots] = i % 2 ? -INFINITY : INFINITY;
        slot_of[i] = (uint32_t)(compact->n_slots++ * LANES);
    }
    compact->depth = ARENA_ARRAY(arena, uint8_t, trees->n_trees);
    compact->first_inner = ARENA_ARRAY(arena, size_t, trees->n_trees);
    for (size_t t = 0; t < trees->n_trees; t++) {
        compact->depth[t] = (uint8_t)depth_below(trees->nodes + trees->first[t], 0);
        compact->first_inner[t] = room;
        room += (size_t)1 << compact->depth[t];
    }
    compact->threshold = ARENA_ARRAY(arena, float, room);
    compact->slot = ARENA_ARRAY(arena, uint32_t, room);
    compact->leaf = ARENA_ARRAY(arena, float, room);
    for (size_t t = 0; t < trees->n_trees; t++) {
        size_t at = compact->first_inner[t];
        struct layout layout = { trees->nodes + trees->first[t], slot_of, compact->threshold + at, compact->slot + at,
                                 compact->leaf + at };
        lay_out(&layout, 0, 1, compact->depth[t], compact->depth[t]);
    }
    free(slot_of);
    return compact;
}

bool trees_new(struct arena *arena, size_t n_columns, float base, size_t n_trees, uint32_t *first,
               struct tree_node *nodes, struct trees **ret_trees, struct err *err)
{
    if (n_trees > TREES_MAX || n_columns > TREES_MAX_COLUMNS || !isfinite(base))
        return err_set(err, ERR_CORRUPT, "%zu trees over %zu columns are beyond the limits (%d, %d)", n_trees, n_columns,
                       TREES_MAX, TREES_MAX_COLUMNS);
    for (size_t t = 0; t < n_trees; t++) {
        if (first[t] >= first[t + 1])
            return err_set(err, ERR_CORRUPT, "tree %zu has no nodes", t);
        uint32_t n_nodes = first[t + 1] - first[t];
        if (subtree_end(nodes + first[t], 0, n_nodes, n_columns, 0) != n_nodes)
            return err_set(err, ERR_CORRUPT, "tree %zu is broken or deeper than %d", t, TREES_MAX_DEPTH);
    }
    struct trees *trees = ARENA_NEW(arena, struct trees);
    *trees = (struct trees){ .n_trees = n_trees, .n_columns = n_columns, .base = base, .first = first, .nodes = nodes };
    trees->compact = compact_new(arena, trees);
    *ret_trees = trees;
    return true;
}

float trees_predict_plain(const struct trees *trees, const float *row)
{
    float score = trees->base;
    for (size_t t = 0; t < trees->n_trees; t++) {
        const struct tree_node *nodes = trees->nodes + trees->first[t], *n = nodes;
        while (!n->is_leaf) {
            float value = row[n->column];
            bool goes_left = isnan(value) ? n->is_missing_left : value < n->value;
            n = goes_left ? n + 1 : nodes + n->right;
        }
        score += n->value;
    }
    return score;
}

/* One block: slots [n_slots][LANES] of values, scores [LANES] so far. */
static void add_trees(const struct compact *compact, size_t n_trees, const float *restrict slots, float *restrict scores)
{
    uint32_t place[LANES];
    for (size_t t = 0; t < n_trees; t++) {
        const float *threshold = compact->threshold + compact->first_inner[t];
        const uint32_t *slot = compact->slot + compact->first_inner[t];
        const float *leaf = compact->leaf + compact->first_inner[t];
        unsigned depth = compact->depth[t];
        for (uint32_t lane = 0; lane < LANES; lane++) place[lane] = 1;
        for (unsigned level = 0; level < depth; level++)
            for (uint32_t lane = 0; lane < LANES; lane++) {
                uint32_t at = place[lane];
                place[lane] = 2 * at + (slots[slot[at] + lane] >= threshold[at]);
            }
        uint32_t first_leaf = 1u << depth;
        for (uint32_t lane = 0; lane < LANES; lane++) scores[lane] += leaf[place[lane] - first_leaf];
    }
}

struct prediction { const struct trees *trees; const float *values; size_t n_rows; float *scores; float *slots; };

static void fill_slots(const struct compact *compact, const float *rows, size_t n_columns, size_t n_rows, float *slots)
{
    for (size_t s = 0; s < compact->n_slots; s++) {
        const float *column = rows + compact->slot_column[s];
        float missing = compact->slot_missing[s], *slot = slots + s * LANES;
        for (size_t row = 0; row < n_rows; row++) {
            float value = column[row * n_columns];
            slot[row] = isnan(value) ? missing : value;
        }
    }
}

static void predict_item(void *context, size_t item, unsigned thread)
{
    const struct prediction *job = context;
    const struct compact *compact = job->trees->compact;
    float *slots = job->slots + thread * compact->n_slots * LANES, scores[LANES];
    size_t end = (item + 1) * ROWS_PER_ITEM < job->n_rows ? (item + 1) * ROWS_PER_ITEM : job->n_rows;
    for (size_t row = item * ROWS_PER_ITEM; row < end; row += LANES) {
        size_t n = end - row < LANES ? end - row : LANES;
        fill_slots(compact, job->values + row * job->trees->n_columns, job->trees->n_columns, n, slots);
        for (size_t lane = 0; lane < LANES; lane++) scores[lane] = job->trees->base;
        add_trees(compact, job->trees->n_trees, slots, scores);
        memcpy(job->scores + row, scores, n * sizeof *scores);
    }
}

void trees_predict(const struct trees *trees, const float *values, size_t n_rows, unsigned n_threads, float *ret_scores)
{
    if (n_threads < 1) n_threads = 1;
    if (n_rows < 8) {       /* a whole block would cost more */
        for (size_t row = 0; row < n_rows; row++)
            ret_scores[row] = trees_predict_plain(trees, values + row * trees->n_columns);
        return;
    }
    float *slots = calloc(n_threads * (trees->compact->n_slots + 1), LANES * sizeof *slots);
    assert(slots);
    struct prediction job = { trees, values, n_rows, ret_scores, slots };
    parallel_for(n_threads, (n_rows + ROWS_PER_ITEM - 1) / ROWS_PER_ITEM, predict_item, &job);
    free(slots);
}

void trees_save(const struct trees *trees, struct writer *writer)
{
    write_u32(writer, (uint32_t)trees->n_trees);
    write_f32s(writer, &trees->base, 1);
    for (size_t t = 0; t < trees->n_trees; t++) {
        uint32_t n_nodes = trees->first[t + 1] - trees->first[t];
        write_u32(writer, n_nodes);
        write_bytes(writer, trees->nodes + trees->first[t], n_nodes * sizeof *trees->nodes);
    }
}

_Static_assert(sizeof(struct tree_node) == 16, "nodes are saved as they are");

bool trees_load(struct reader *reader, size_t n_columns, struct arena *arena, struct trees **ret_trees, struct err *err)
{
    size_t left_bytes = (size_t)(reader->end - reader->at), n_nodes = 0;
    uint32_t n_trees = read_u32(reader, TREES_MAX);
    float base = 0;
    read_bytes(reader, &base, sizeof base);
    uint32_t *first = ARENA_ARRAY(arena, uint32_t, (size_t)n_trees + 1);
    struct tree_node *nodes = arena_alloc(arena, left_bytes / sizeof *nodes + 1, sizeof *nodes);
    for (size_t t = 0; t < n_trees && !reader->is_bad; t++) {
        uint32_t n = read_u32(reader, (2u << TREES_MAX_DEPTH));
        if (reader->is_bad || n > (size_t)(reader->end - reader->at) / sizeof *nodes) { reader->is_bad = true; break; }
        read_bytes(reader, nodes + n_nodes, n * sizeof *nodes);
        n_nodes += n;
        first[t + 1] = (uint32_t)n_nodes;
    }
    if (reader->is_bad) return err_set(err, ERR_CORRUPT, "the trees are cut short");
    return trees_new(arena, n_columns, base, n_trees, first, nodes, ret_trees, err);
}
