/* trees.c - see trees.h.
 *
 * The layout for prediction.  Every tree is padded to a perfect tree of its depth d: inner node i (from 1) has
 * the children 2 i and 2 i + 1, and node 2^d + j is leaf j; a leaf higher up is repeated under all its places.
 * A step is then i = 2 i + (threshold < value), with no branch to guess.
 *
 * Values and thresholds become unsigned integers of the same order ("keys"), whose comparison leaves its
 * result where the addition can take it up.  Missing values need no test either: they have the key 0, below all
 * others, and every column is kept in two slots, the second with 1 taken off each key, so that there missing
 * wraps around to the top: a node reads the slot that sends missing values its way.
 *
 * Rows go in blocks: their slots stay in the first cache while the trees pass by, and eight rows take each step
 * together, so that the machine never waits for one. */
#include "model/trees.h"

#include "base/parallel.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 64, TOGETHER = 8, ROWS_PER_ITEM = 4096 };

struct step { uint32_t threshold, slot; };      /* go right if slots[slot + lane] is above the threshold */

struct compact {
    size_t       n_used;            /* columns that some node asks */
    uint16_t    *used;              /* [n_used] column of slots 2 u and 2 u + 1 */
    uint8_t     *depth;             /* [n_trees] */
    size_t      *first;             /* [n_trees] where its 2^depth steps (number 0 unused) and leaves begin */
    struct step *steps;
    float       *leaves;
};

/* An unsigned number for each float, in the same order; 0 for NaN only.  Adding 0 makes -0 the same as 0. */
static inline uint32_t key_of(float value)
{
    uint32_t bits;
    float whole = value + 0.0F;
    memcpy(&bits, &whole, sizeof bits);
    bits ^= (0 - (bits >> 31)) | 0x80000000u;
    return isnan(value) ? 0 : bits;
}

static size_t depth_below(const struct tree_node *nodes, uint32_t node)
{
    if (nodes[node].is_leaf) return 0;
    size_t left = depth_below(nodes, node + 1), right = depth_below(nodes, nodes[node].right);
    return 1 + (left > right ? left : right);
}

/* Checks the subtree at node, which must end before `end`; returns the index after it, 0 if it is broken. */
static uint32_t subtree_end(const struct tree_node *nodes, uint32_t node, uint32_t end, size_t n_columns,
                            unsigned depth)
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

struct layout { const struct tree_node *nodes; const uint32_t *slot_of; struct step *steps; float *leaves; };

/* Puts the subtree at node into place `place` of a perfect tree, `below` levels above the leaves. */
static void lay_out(const struct layout *layout, uint32_t node, size_t place, size_t below, size_t depth)
{
    const struct tree_node *n = &layout->nodes[node];
    if (n->is_leaf) {       /* the steps below it stay {0, 0}: wherever they lead, the leaf is the same */
        size_t first = (place << below) - ((size_t)1 << depth);
        for (size_t i = 0; i < (size_t)1 << below; i++) layout->leaves[first + i] = n->value;
        return;
    }
    uint32_t wraps = !n->is_missing_left;
    layout->steps[place].threshold = key_of(n->value) - 1 - wraps;
    layout->steps[place].slot = layout->slot_of[n->column] + wraps * LANES;
    lay_out(layout, node + 1, 2 * place, below - 1, depth);
    lay_out(layout, n->right, 2 * place + 1, below - 1, depth);
}

static struct compact *compact_new(struct arena *arena, const struct trees *trees)
{
    struct compact *compact = ARENA_NEW(arena, struct compact);
    size_t n_nodes = trees->first[trees->n_trees], room = 0;
    uint32_t *slot_of = calloc(trees->n_columns + 1, sizeof *slot_of);
    assert(slot_of);
    for (size_t i = 0; i < n_nodes; i++)
        if (!trees->nodes[i].is_leaf) slot_of[trees->nodes[i].column] = 1;
    compact->used = ARENA_ARRAY(arena, uint16_t, trees->n_columns);
    for (size_t c = 0; c < trees->n_columns; c++) {
        if (!slot_of[c]) continue;
        compact->used[compact->n_used] = (uint16_t)c;
        slot_of[c] = (uint32_t)(2 * LANES * compact->n_used++);
    }
    compact->depth = ARENA_ARRAY(arena, uint8_t, trees->n_trees);
    compact->first = ARENA_ARRAY(arena, size_t, trees->n_trees);
    for (size_t t = 0; t < trees->n_trees; t++) {
        compact->depth[t] = (uint8_t)depth_below(trees->nodes + trees->first[t], 0);
        compact->first[t] = room;
        room += (size_t)1 << compact->depth[t];
    }
    compact->steps = ARENA_ARRAY(arena, struct step, room);
    compact->leaves = ARENA_ARRAY(arena, float, room);
    for (size_t t = 0; t < trees->n_trees; t++) {
        size_t at = compact->first[t];
        struct layout layout = { trees->nodes + trees->first[t], slot_of, compact->steps + at,
                                 compact->leaves + at };
        lay_out(&layout, 0, 1, compact->depth[t], compact->depth[t]);
    }
    free(slot_of);
    return compact;
}

bool trees_new(struct arena *arena, size_t n_columns, float base, size_t n_trees, uint32_t *first,
               struct tree_node *nodes, struct trees **ret_trees, struct err *err)
{
    if (n_trees > TREES_MAX || n_columns > TREES_MAX_COLUMNS || !isfinite(base))
        return err_set(err, ERR_CORRUPT, "%zu trees over %zu columns are beyond the limits (%d, %d)", n_trees,
                       n_columns, TREES_MAX, TREES_MAX_COLUMNS);
    for (size_t t = 0; t < n_trees; t++) {
        if (first[t] >= first[t + 1])
            return err_set(err, ERR_CORRUPT, "tree %zu has no nodes", t);
        uint32_t n_nodes = first[t + 1] - first[t];
        if (subtree_end(nodes + first[t], 0, n_nodes, n_columns, 0) != n_nodes)
            return err_set(err, ERR_CORRUPT, "tree %zu is broken or deeper than %d", t, TREES_MAX_DEPTH);
    }
    struct trees *trees = ARENA_NEW(arena, struct trees);
    *trees = (struct trees){ .n_trees = n_trees,
                             .n_columns = n_columns,
                             .base = base,
                             .first = first,
                             .nodes = nodes };
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

static bool goes_left(const struct tree_node *node, float value)
{
    return isnan(value) ? node->is_missing_left : value < node->value;
}

/* The leaf below a node of a row whose value in a column is another. */
static float leaf_below(const struct tree_node *nodes, const struct tree_node *n, const float *row, size_t column,
                        float value)
{
    while (!n->is_leaf) n = goes_left(n, n->column == column ? value : row[n->column]) ? n + 1 : nodes + n->right;
    return n->value;
}

double trees_change(const struct trees *trees, const float *row, size_t column, float value)
{
    double change = 0;
    for (size_t t = 0; t < trees->n_trees; t++) {
        const struct tree_node *nodes = trees->nodes + trees->first[t], *n = nodes;
        while (!n->is_leaf) {
            bool is_left = goes_left(n, row[n->column]);
            if (n->column == column && goes_left(n, value) != is_left) {
                change += (double)leaf_below(nodes, n, row, column, value) -
                          (double)leaf_below(nodes, n, row, column, row[column]);
                break;
            }
            n = is_left ? n + 1 : nodes + n->right;
        }
    }
    return change;
}

/* One tree, one block: adds a leaf to each of scores [LANES].  Not inlined, so that every address is one
 * register. */
__attribute__((noinline)) static void add_tree(const struct step *steps, const float *leaves, unsigned depth,
                                               const uint32_t *slots, float *scores)
{
    uint32_t first_leaf = 1u << depth;
    for (size_t lane = 0; lane < LANES; lane += TOGETHER, slots += TOGETHER, scores += TOGETHER) {
        uint32_t place[TOGETHER];
        for (size_t i = 0; i < TOGETHER; i++) place[i] = 1;
        for (unsigned level = 0; level < depth; level++) {
#pragma GCC unroll 8
            for (size_t i = 0; i < TOGETHER; i++) {
                const struct step *step = &steps[place[i]];
                place[i] = place[i] + place[i] + (step->threshold < slots[step->slot + i]);
            }
        }
#pragma GCC unroll 8
        for (size_t i = 0; i < TOGETHER; i++) scores[i] += leaves[place[i] - first_leaf];
    }
}

struct prediction {
    const struct trees *trees;
    const float *values;
    size_t n_rows;
    float *scores;
    uint32_t *slots;
};

static void fill_slots(const struct compact *compact, const float *rows, size_t n_columns, size_t n_rows,
                       uint32_t *slots)
{
    for (size_t u = 0; u < compact->n_used; u++, slots += 2 * LANES) {
        const float *column = rows + compact->used[u];
        for (size_t row = 0; row < n_rows; row++) {
            uint32_t key = key_of(column[row * n_columns]);
            slots[row] = key;
            slots[LANES + row] = key - 1;
        }
    }
}

static void predict_item(void *context, size_t item, unsigned thread)
{
    const struct prediction *job = context;
    const struct compact *compact = job->trees->compact;
    uint32_t *slots = job->slots + thread * (2 * compact->n_used + 1) * LANES;
    float scores[LANES];
    size_t end = (item + 1) * ROWS_PER_ITEM < job->n_rows ? (item + 1) * ROWS_PER_ITEM : job->n_rows;
    for (size_t row = item * ROWS_PER_ITEM; row < end; row += LANES) {
        size_t n = end - row < LANES ? end - row : LANES;
        fill_slots(compact, job->values + row * job->trees->n_columns, job->trees->n_columns, n, slots);
        for (size_t lane = 0; lane < LANES; lane++) scores[lane] = job->trees->base;
        for (size_t t = 0; t < job->trees->n_trees; t++)
            add_tree(compact->steps + compact->first[t], compact->leaves + compact->first[t], compact->depth[t],
                     slots, scores);
        memcpy(job->scores + row, scores, n * sizeof *scores);
    }
}

void trees_predict(const struct trees *trees, const float *values, size_t n_rows, unsigned n_threads,
                   float *ret_scores)
{
    if (n_threads < 1) n_threads = 1;
    if (n_rows < 8) {       /* a whole block would cost more */
        for (size_t row = 0; row < n_rows; row++)
            ret_scores[row] = trees_predict_plain(trees, values + row * trees->n_columns);
        return;
    }
    uint32_t *slots = calloc(n_threads * (2 * trees->compact->n_used + 1), LANES * sizeof *slots);
    assert(slots);
    struct prediction job = { trees, values, n_rows, ret_scores, slots };
    parallel_for(n_threads, (n_rows + ROWS_PER_ITEM - 1) / ROWS_PER_ITEM, predict_item, &job);
    free(slots);
}

void trees_save(const struct trees *trees, struct bytes_writer *writer)
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

bool trees_load(struct bytes_reader *reader, size_t n_columns, struct arena *arena, struct trees **ret_trees,
                struct err *err)
{
    size_t left_bytes = (size_t)(reader->end - reader->at), n_nodes = 0;
    uint32_t n_trees = read_u32(reader, TREES_MAX);
    float base = 0;
    read_bytes(reader, &base, sizeof base);
    uint32_t *first = ARENA_ARRAY(arena, uint32_t, (size_t)n_trees + 1);
    struct tree_node *nodes = arena_alloc(arena, left_bytes / sizeof *nodes + 1, sizeof *nodes);
    for (size_t t = 0; t < n_trees && !reader->is_bad; t++) {
        uint32_t n = read_u32(reader, (2u << TREES_MAX_DEPTH));
        if (reader->is_bad || n > (size_t)(reader->end - reader->at) / sizeof *nodes) {
            reader->is_bad = true;
            break;
        }
        read_bytes(reader, nodes + n_nodes, n * sizeof *nodes);
        n_nodes += n;
        first[t + 1] = (uint32_t)n_nodes;
    }
    if (reader->is_bad) return err_set(err, ERR_CORRUPT, "the trees are cut short");
    return trees_new(arena, n_columns, base, n_trees, first, nodes, ret_trees, err);
}
