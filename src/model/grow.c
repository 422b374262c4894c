/* grow.c - see grow.h.
 *
 * Nodes are split depth first, so that memory holds one histogram a level.  The histogram of a node's larger child is
 * the node's own less that of the smaller one; where each node draws columns of its own, both are summed anew from
 * the columns drawn.  Rows of a node are a slice of one array, which a split parts in two and keeps in order. */
#include "model/grow.h"

#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_FOR_THREADS = 30000 };          /* below, a thread costs more than it brings */

static const double PENALTY = 1, LEAST_GAIN = 1e-6;

/* The loops that are most of what training takes: in tests the address sanitizer watches them, the other does not. */
#define HOT __attribute__((no_sanitize("undefined")))

struct sum { double first, second; };

/* A gradient, or the sum of some, in whole numbers: the first in the upper half, which has a sign, the second in the
 * lower.  So one addition adds both and forgets nothing: a histogram less another is the sum of the rows between them,
 * in whatever order they were added, and a bin that nobody is in is 0.  As LightGBM 4 does it (Shi et al. 2022,
 * "Quantized Training of Gradient Boosting Decision Trees"), but with all the bits that sums of 32 bits leave. */
typedef uint64_t both;

struct grower {
    const struct bins  *bins;
    struct grow_options options;
    uint32_t           *rows, *aside;       /* [n_rows] */
    uint16_t           *tree_columns, *node_columns;    /* [n_columns] the columns drawn */
    size_t              n_tree_columns;
    both               *sums;               /* [(depth + 1) x all bins] a histogram for each level */
    both               *gradients;          /* [n_rows] */
    struct sum          unit;               /* what 1 in either half is worth: powers of 2 */
    uint8_t            *split_bin;          /* [nodes] rows up to this bin go left */
    struct rng          rng;
    struct tree_node   *nodes;
    uint32_t            n_nodes;
};

struct split { double gain; uint16_t column; uint8_t bin; bool is_missing_left; both left; };

size_t grow_nodes_most(unsigned depth) { return ((size_t)2 << depth) - 1; }

struct grower *grower_new(const struct bins *bins, const struct grow_options *options, struct arena *arena)
{
    struct grower *g = ARENA_NEW(arena, struct grower);
    size_t n_bins = bins->first[bins->n_columns];
    *g = (struct grower){
        .bins = bins, .options = *options,
        .rows = ARENA_ARRAY(arena, uint32_t, bins->n_rows), .aside = ARENA_ARRAY(arena, uint32_t, bins->n_rows),
        .tree_columns = ARENA_ARRAY(arena, uint16_t, bins->n_columns),
        .node_columns = ARENA_ARRAY(arena, uint16_t, bins->n_columns),
        .sums = arena_alloc(arena, (options->depth + 1) * n_bins, sizeof(both)),
        .gradients = ARENA_ARRAY(arena, both, bins->n_rows),
        .split_bin = ARENA_ARRAY(arena, uint8_t, grow_nodes_most(options->depth)),
    };
    return g;
}

static inline struct sum sum_of(const struct grower *g, both sum)
{
    return (struct sum){ (double)(int32_t)(sum >> 32) * g->unit.first, (double)(uint32_t)sum * g->unit.second };
}

/* The largest power of 2 by which numbers of this sum may be multiplied, so that they, rounded, do not pass the limit. */
static double scale_to(double limit, double sum) { return sum > 0 ? ldexp(1, ilogb(limit / sum)) : 1; }

/* The rows' gradients in whole numbers: the finest that no sum of them can overflow. */
static void take_gradients(struct grower *g, const struct gradient *gradients)
{
    double first = 0, second = 0;
    size_t n = g->bins->n_rows;
    for (size_t i = 0; i < n; i++) first += fabs((double)gradients[i].first), second += (double)gradients[i].second;
    double up_first = scale_to(0x1p31 - 2 - (double)n / 2, first), up_second = scale_to(0x1p32 - 2 - (double)n / 2, second);
    for (size_t i = 0; i < n; i++) {
        int64_t whole = lrint((double)gradients[i].first * up_first);
        g->gradients[i] = ((both)whole << 32) + (both)lrint((double)gradients[i].second * up_second);
    }
    g->unit = (struct sum){ 1 / up_first, 1 / up_second };
}

/* n of the columns listed, in their order. */
static size_t draw_columns(struct rng *rng, const uint16_t *from, size_t n_from, double share, uint16_t *ret_columns)
{
    size_t wanted = (size_t)fmax(1, round(share * (double)n_from)), n = 0;
    for (size_t i = 0; i < n_from && n < wanted; i++)
        if (share >= 1 || rng_below(rng, n_from - i) < wanted - n) ret_columns[n++] = from[i];
    return n;
}

/* ---- histograms ---- */

struct summing {
    const struct grower *grower;
    const uint32_t      *rows;
    const uint16_t      *columns;
    size_t               n_rows, n_columns, n_parts;
    both                *sums;
};

/* Some rows of a node: they lie apart, and each is asked for once, before it is needed. */
enum { STRIP_ROWS = 64, CACHE_LINE = 64, ROWS_AHEAD = 16 };
struct strip { size_t n; const uint8_t *bins[STRIP_ROWS]; both gradients[STRIP_ROWS]; };

HOT static inline void take_strip(const struct summing *job, size_t first, struct strip *strip)
{
    const struct bins *bins = job->grower->bins;
    strip->n = job->n_rows - first < STRIP_ROWS ? job->n_rows - first : STRIP_ROWS;
    for (size_t i = 0; i < strip->n; i++) {
        uint32_t row = job->rows[first + i];
        strip->bins[i] = bins->bin + (size_t)row * bins->n_columns;
        for (size_t at = 0; at < bins->n_columns; at += CACHE_LINE) __builtin_prefetch(strip->bins[i] + at);
        strip->gradients[i] = job->grower->gradients[row];
    }
}

/* This is most of what training takes.  Of four columns the processor keeps where their bins are, and reads nothing but
 * what it adds: a read soon after a write to the same place of another page waits for it. */
HOT static inline void sum_four(const struct strip *strip, const uint16_t *columns, const uint32_t *firsts, both *sums)
{
    size_t n = strip->n, a = columns[0], b = columns[1], c = columns[2], d = columns[3];
    both *of_a = sums + firsts[a], *of_b = sums + firsts[b], *of_c = sums + firsts[c], *of_d = sums + firsts[d];
    for (size_t i = 0; i < n; i++) {
        const uint8_t *bins = strip->bins[i];
        both gradient = strip->gradients[i];
        of_a[bins[a]] += gradient, of_b[bins[b]] += gradient, of_c[bins[c]] += gradient, of_d[bins[d]] += gradient;
    }
}

HOT static inline void sum_one(const struct strip *strip, size_t column, both *sums)
{
    for (size_t i = 0; i < strip->n; i++) sums[strip->bins[i][column]] += strip->gradients[i];
}

HOT static void sum_part(void *context, size_t part, unsigned thread)
{
    (void)thread;
    const struct summing *job = context;
    const struct bins *bins = job->grower->bins;
    size_t from = part * job->n_columns / job->n_parts, to = (part + 1) * job->n_columns / job->n_parts;
    const uint16_t *columns = job->columns;
    struct strip strip;
    for (size_t c = from; c < to; c++)
        memset(job->sums + bins->first[columns[c]], 0, bins->n_bins[columns[c]] * sizeof *job->sums);
    for (size_t first = 0; first < job->n_rows; first += STRIP_ROWS) {
        size_t c = from;
        take_strip(job, first, &strip);
        for (; c + 4 <= to; c += 4) sum_four(&strip, columns + c, bins->first, job->sums);
        for (; c < to; c++) sum_one(&strip, columns[c], job->sums + bins->first[columns[c]]);
    }
}

static void sum_rows(const struct grower *g, const uint32_t *rows, size_t n, const uint16_t *columns,
                     size_t n_columns, both *sums)
{
    unsigned n_threads = n >= ROWS_FOR_THREADS && g->options.n_threads > 1 ? g->options.n_threads : 1;
    struct summing job = { g, rows, columns, n, n_columns, n_threads, sums };
    parallel_for(n_threads, n_threads, sum_part, &job);
}

/* ---- one node ---- */

struct place { uint32_t *rows; size_t n; both whole; unsigned level; both *sums; bool is_summed; };

static double score_of(struct sum sum) { return sum.first * sum.first / (sum.second + PENALTY); }

/* Of a node: all its rows and what they are worth unsplit; the penalty and the least weight as whole numbers count, and
 * what a score of whole numbers is worth; the best split so far. */
struct search { struct sum whole; double score, penalty, min_weight, worth; struct split best; };

static struct search search_of(const struct grower *g, both whole)
{
    struct search search = { .whole = { (double)(int32_t)(whole >> 32), (double)(uint32_t)whole },
                             .score = score_of(sum_of(g, whole)), .penalty = PENALTY / g->unit.second,
                             .min_weight = g->options.min_weight / g->unit.second,
                             .worth = g->unit.first * g->unit.first / g->unit.second,
                             .best = { .gain = LEAST_GAIN } };
    return search;
}

/* What is left and what is right of a split score first * first / (second + penalty) each: here over one denominator, as
 * dividing takes long. */
HOT static inline void try_split(struct search *search, both left, uint16_t column, unsigned bin, bool is_missing_left)
{
    double first = (double)(int32_t)(left >> 32), second = (double)(uint32_t)left;
    double other = search->whole.first - first, rest = search->whole.second - second;
    if (second < search->min_weight || rest < search->min_weight) return;
    double a = second + search->penalty, b = rest + search->penalty;
    double gain = search->worth * ((first * first * b + other * other * a) / (a * b)) - search->score;
    if (gain > search->best.gain) search->best = (struct split){ gain, column, (uint8_t)bin, is_missing_left, left };
}

HOT static struct split find_split(const struct grower *g, const struct place *place, const uint16_t *columns,
                                   size_t n_columns)
{
    struct search search = search_of(g, place->whole);
    for (size_t c = 0; c < n_columns; c++) {
        const both *bins = place->sums + g->bins->first[columns[c]], missing = bins[0];
        both left = 0;
        unsigned last = g->bins->n_bins[columns[c]] - 1u;       /* after it: what is known against what is missing */
        for (unsigned bin = 1; bin < last || (bin == last && missing != 0); bin++) {
            if (bins[bin] == 0 && (missing == 0 || bin > 1)) continue;      /* the split before is the same one */
            left += bins[bin];
            try_split(&search, left, columns[c], bin, false);
            if (missing != 0) try_split(&search, left + missing, columns[c], bin, true);
        }
    }
    return search.best;
}

/* Parts rows [n] in two, each in order; returns how many go left. */
static size_t part_rows(const struct grower *g, uint32_t *rows, size_t n, const struct split *split)
{
    size_t n_left = 0, n_right = 0, n_columns = g->bins->n_columns;
    const uint8_t *bins = g->bins->bin + split->column;
    for (size_t i = 0; i < n; i++) {
        uint32_t row = rows[i], soon = rows[i + ROWS_AHEAD < n ? i + ROWS_AHEAD : i];
        __builtin_prefetch(bins + (size_t)soon * n_columns);
        uint8_t bin = bins[(size_t)row * n_columns];
        bool is_left = bin == 0 ? split->is_missing_left : bin <= split->bin;
        rows[n_left] = row, g->aside[n_right] = row;
        n_left += is_left, n_right += !is_left;
    }
    memcpy(rows + n_left, g->aside, n_right * sizeof *rows);
    return n_left;
}

static void grow_node(struct grower *g, struct place place);

/* Both children.  The smaller one's histogram is summed in the next level's place, the larger one's is what is left
 * in the node's own; whatever grows below them is in places of further levels. */
static void grow_children(struct grower *g, const struct place *place, const struct split *split, uint32_t node)
{
    unsigned level = place->level + 1;
    size_t n_left = part_rows(g, place->rows, place->n, split);
    both *next = g->sums + level * g->bins->first[g->bins->n_columns];
    struct place left = { place->rows, n_left, split->left, level, next, false };
    struct place right = { place->rows + n_left, place->n - n_left, place->whole - split->left, level, next, false };
    if (g->options.node_column_share >= 1 && level < g->options.depth) {
        struct place *small = left.n < right.n ? &left : &right, *large = left.n < right.n ? &right : &left;
        sum_rows(g, small->rows, small->n, g->tree_columns, g->n_tree_columns, next);
        for (size_t c = 0; c < g->n_tree_columns; c++) {
            uint32_t first = g->bins->first[g->tree_columns[c]], end = g->bins->first[g->tree_columns[c] + 1u];
            for (uint32_t bin = first; bin < end; bin++) place->sums[bin] -= next[bin];
        }
        large->sums = place->sums;
        left.is_summed = right.is_summed = true;
    }
    grow_node(g, left);
    g->nodes[node].right = g->n_nodes;
    grow_node(g, right);
}

static void grow_node(struct grower *g, struct place place)
{
    const struct bins *bins = g->bins;
    uint32_t node = g->n_nodes++;
    struct split best = { .gain = 0 };
    struct sum whole = sum_of(g, place.whole);
    if (place.level < g->options.depth && whole.second >= 2 * g->options.min_weight) {
        const uint16_t *columns = g->tree_columns;
        size_t n_columns = g->n_tree_columns;
        if (g->options.node_column_share < 1) {
            n_columns = draw_columns(&g->rng, columns, n_columns, g->options.node_column_share, g->node_columns);
            columns = g->node_columns;
        }
        if (!place.is_summed) sum_rows(g, place.rows, place.n, columns, n_columns, place.sums);
        best = find_split(g, &place, columns, n_columns);
    }
    g->nodes[node] = (struct tree_node){ .cover = fmaxf((float)whole.second, 1e-20F) };
    if (!(best.gain > LEAST_GAIN)) {
        g->nodes[node].is_leaf = true;
        g->nodes[node].value = (float)(-g->options.learning_rate * whole.first / (whole.second + PENALTY));
        return;
    }
    g->split_bin[node] = best.bin;
    g->nodes[node].value = bins->cuts[best.column * BINS_MOST + best.bin];
    g->nodes[node].column = best.column;
    g->nodes[node].is_missing_left = best.is_missing_left;
    grow_children(g, &place, &best, node);
}

uint32_t grow_tree(struct grower *g, const struct gradient *gradients, struct rng rng, struct tree_node *nodes)
{
    size_t n = 0, n_columns = g->bins->n_columns;
    both whole = 0;
    take_gradients(g, gradients);
    g->rng = rng, g->nodes = nodes, g->n_nodes = 0;
    for (size_t c = 0; c < n_columns; c++) g->node_columns[c] = (uint16_t)c;
    g->n_tree_columns = draw_columns(&g->rng, g->node_columns, n_columns, g->options.tree_column_share,
                                     g->tree_columns);
    for (size_t i = 0; i < g->bins->n_rows; i++) {
        if (g->options.row_share < 1 && rng_uniform(&g->rng) >= g->options.row_share) continue;
        g->rows[n++] = (uint32_t)i;
        whole += g->gradients[i];
    }
    struct place root = { g->rows, n, whole, 0, g->sums, false };
    grow_node(g, root);
    return g->n_nodes;
}

void grow_add_leaves(const struct grower *g, const struct tree_node *nodes, float *scores)
{
    for (size_t i = 0; i < g->bins->n_rows; i++) {
        const uint8_t *bin = g->bins->bin + i * g->bins->n_columns;
        uint32_t node = 0;
        while (!nodes[node].is_leaf) {
            uint8_t b = bin[nodes[node].column];
            bool is_left = b == 0 ? nodes[node].is_missing_left : b <= g->split_bin[node];
            node = is_left ? node + 1 : nodes[node].right;
        }
        scores[i] += nodes[node].value;
    }
}
