/* neighbours.c - lists of what goes with each item: cosine with shrinkage, and scores by such lists. */
#include "recommend/recommender_internal.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Room for `most` of each item; ends are counted as they are put. */
struct neighbours neighbours_new(size_t n_items, size_t most, struct arena *arena)
{
    struct neighbours neighbours = { .n_items = n_items };
    neighbours.first = ARENA_ARRAY(arena, size_t, n_items + 1);
    neighbours.item = ARENA_ARRAY(arena, uint32_t, n_items * most + 1);
    neighbours.weight = ARENA_ARRAY(arena, float, n_items * most + 1);
    for (size_t i = 0; i <= n_items; i++) neighbours.first[i] = i * most;
    return neighbours;
}

static int compare_neighbours(const void *a_pointer, const void *b_pointer)
{
    const struct neighbour *a = a_pointer, *b = b_pointer;
    float left = fabsf(a->weight), right = fabsf(b->weight);
    if (left != right) return left > right ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

/* Moves the `most` first by compare_neighbours to the front, in no order: quickselect by the middle one. */
static void select_front(struct neighbour *candidates, size_t n, size_t most)
{
    size_t low = 0, high = n;
    while (high - low > 1 && low < most && most < high) {
        struct neighbour pivot = candidates[low + (high - low) / 2];
        size_t less = low, at = low, more = high;
        while (at < more) {
            int order = compare_neighbours(&candidates[at], &pivot);
            struct neighbour swapped = candidates[at];
            if (order < 0) {
                candidates[at++] = candidates[less];
                candidates[less++] = swapped;
            } else if (order > 0) {
                candidates[at] = candidates[--more];
                candidates[more] = swapped;
            } else {
                at++;
            }
        }
        if (most <= less) high = less;
        else if (most >= more) low = more;
        else return;
    }
}

void neighbours_put(struct neighbours *neighbours, uint32_t item, struct neighbour *candidates, size_t n,
                    size_t most)
{
    size_t from = neighbours->first[item], n_kept = n < most ? n : most;
    if (n > most) select_front(candidates, n, most);
    qsort(candidates, n_kept, sizeof *candidates, compare_neighbours);
    for (size_t i = 0; i < n_kept; i++) {
        neighbours->item[from + i] = candidates[i].item;
        neighbours->weight[from + i] = candidates[i].weight;
    }
    for (size_t i = n_kept; i < most; i++) neighbours->weight[from + i] = 0;
}

/* ---- by cosine ---- */

struct space { float *sum; uint32_t *touched; struct neighbour *candidates; };

struct pairing {
    const struct sparse *matrix, *turned;
    const float         *norm;
    double               shrinkage;
    size_t               most;
    struct space         *spaces;
    struct neighbours   *neighbours;
};

enum { ITEMS_EACH = 64 };

static void pair_item(const struct pairing *pairing, struct space *space, uint32_t item)
{
    const struct sparse *matrix = pairing->matrix, *turned = pairing->turned;
    size_t n_touched = 0, n = 0;
    for (size_t a = turned->first[item]; a < turned->first[item + 1]; a++) {
        size_t row = turned->column[a];
        float value = turned->value[a];
        for (size_t b = matrix->first[row]; b < matrix->first[row + 1]; b++) {
            uint32_t other = matrix->column[b];
            if (space->sum[other] == 0) space->touched[n_touched++] = other;
            space->sum[other] += value * matrix->value[b];
        }
    }
    for (size_t t = 0; t < n_touched; t++) {
        uint32_t other = space->touched[t];
        double norms = (double)pairing->norm[item] * (double)pairing->norm[other] + pairing->shrinkage;
        if (other != item && norms > 0)
            space->candidates[n++] = (struct neighbour){ other, (float)((double)space->sum[other] / norms) };
        space->sum[other] = 0;
    }
    neighbours_put(pairing->neighbours, item, space->candidates, n, pairing->most);
}

static void pair_items(void *context, size_t piece, unsigned thread)
{
    const struct pairing *pairing = context;
    size_t n_items = pairing->turned->n_rows, end = (piece + 1) * ITEMS_EACH;
    for (size_t item = piece * ITEMS_EACH; item < end && item < n_items; item++)
        pair_item(pairing, &pairing->spaces[thread], (uint32_t)item);
}

/* Items x items by cosine over the rows of a matrix and the columns turned round (turned: items x what they have):
 * sum of products / (norms + shrinkage).  Fills the neighbours. */
static void neighbours_by_cosine(const struct sparse *matrix, const struct sparse *turned, double shrinkage,
                                 size_t most, unsigned n_threads, struct arena *arena,
                                 struct neighbours *ret_neighbours)
{
    size_t n_items = turned->n_rows;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    float *norm = ARENA_ARRAY(scratch, float, n_items + 1);
    struct space *spaces = ARENA_ARRAY(scratch, struct space, n_threads);
    for (size_t i = 0; i < n_items; i++) {
        double sum = 0;
        for (size_t a = turned->first[i]; a < turned->first[i + 1]; a++)
            sum += (double)turned->value[a] * (double)turned->value[a];
        norm[i] = (float)sqrt(sum);
    }
    for (unsigned t = 0; t < n_threads; t++)
        spaces[t] =
            (struct space){ ARENA_ARRAY(scratch, float, n_items + 1), ARENA_ARRAY(scratch, uint32_t, n_items + 1),
                           ARENA_ARRAY(scratch, struct neighbour, n_items + 1) };
    *ret_neighbours = neighbours_new(n_items, most, arena);
    struct pairing pairing = { matrix, turned, norm, shrinkage, most, spaces, ret_neighbours };
    parallel_for(n_threads, (n_items + ITEMS_EACH - 1) / ITEMS_EACH, pair_items, &pairing);
    arena_free(scratch);
}

void cosine_fit(const struct recommender_source *source, enum saturation saturation, double shrinkage, size_t most,
                struct arena *arena, struct recommender *ret_recommender)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct sparse matrix = interactions_matrix(source->had, saturation, scratch);
    struct sparse turned = sparse_turn(&matrix, scratch);
    recommender_begin(source, "cosine", FORM_COSINE, saturation, arena, ret_recommender);
    ret_recommender->setting = shrinkage;
    neighbours_by_cosine(&matrix, &turned, shrinkage, most, source->n_threads, arena,
                         &ret_recommender->neighbours);
    arena_free(scratch);
}

void content_fit(const struct recommender_source *source, struct arena *arena, struct recommender *ret_recommender)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct sparse turned = sparse_turn(source->words, scratch);
    recommender_begin(source, "content", FORM_CONTENT, SATURATION_ONCE, arena, ret_recommender);
    neighbours_by_cosine(&turned, source->words, 0, NEIGHBOURS_MOST, source->n_threads, arena,
                         &ret_recommender->neighbours);
    arena_free(scratch);
}

/* ---- scores ---- */

void neighbours_score(const struct recommender *recommender, const struct own *own, float *ret_scores)
{
    const struct neighbours *neighbours = &recommender->neighbours;
    memset(ret_scores, 0, recommender->n_items * sizeof *ret_scores);
    uint32_t *items = memory_new(own->n + 1, sizeof *items);
    float *values = memory_new(own->n + 1, sizeof *values);
    size_t n = interactions_items(own->rows, own->n, recommender->saturation, items, values);
    for (size_t i = 0; i < n; i++)
        for (size_t k = neighbours->first[items[i]]; k < neighbours->first[items[i] + 1]; k++) {
            if (neighbours->weight[k] == 0) break;
            ret_scores[neighbours->item[k]] += values[i] * neighbours->weight[k];
        }
    free(items);
    free(values);
}
