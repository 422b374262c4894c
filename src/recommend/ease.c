/* ease.c - EASE (Steck 2019, "Embarrassingly shallow autoencoders"): one inverse of the items' products.
 *
 * B = I - P diag(1 / P_jj) with P = (X'X + lambda I)^-1; B_ij is what having i says for j.  Of each item the
 * strongest weights are kept.  Rows of X'X are independent, so several threads make different rows. */
#include "recommend/recommender_internal.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "base/words.h"
#include "math/dense.h"

#include <stdlib.h>

enum { ITEMS_MOST = 10000, ROWS_EACH = 32, TILE = 64 };

/* The items that take part: all, or the most frequent. */
struct frequent { size_t n; uint32_t *item, *place; };      /* [n] ascending; [items] 1 + place, 0 none */

struct counted { uint32_t item, n; };

static int compare_counted(const void *a_pointer, const void *b_pointer)
{
    const struct counted *a = a_pointer, *b = b_pointer;
    if (a->n != b->n) return a->n > b->n ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

static struct frequent choose_items(const struct sparse *turned, size_t most, struct arena *arena)
{
    struct counted *counted = ARENA_ARRAY(arena, struct counted, turned->n_rows + 1);
    struct frequent chosen = { .item = ARENA_ARRAY(arena, uint32_t, turned->n_rows + 1),
                               .place = ARENA_ARRAY(arena, uint32_t, turned->n_rows + 1) };
    size_t n = 0;
    for (uint32_t i = 0; i < turned->n_rows; i++)
        if (turned->first[i + 1] > turned->first[i])
            counted[n++] = (struct counted){ i, (uint32_t)(turned->first[i + 1] - turned->first[i]) };
    qsort(counted, n, sizeof *counted, compare_counted);
    for (size_t i = 0; i < n && i < most; i++) chosen.place[counted[i].item] = 1;
    for (uint32_t i = 0; i < turned->n_rows; i++)
        if (chosen.place[i]) {
            chosen.item[chosen.n++] = i;
            chosen.place[i] = (uint32_t)chosen.n;
        }
    return chosen;
}

struct easing {
    const struct sparse   *matrix, *turned;
    const struct frequent *chosen;
    double                 lambda;
    float                 *square;      /* [n x n] */
    struct neighbour     **candidates;
    struct neighbours     *neighbours;
};

/* The lower triangle's rows of X'X + lambda I. */
static void multiply_rows(void *context, size_t piece, unsigned thread)
{
    const struct easing *easing = context;
    const struct frequent *chosen = easing->chosen;
    (void)thread;
    for (size_t r = piece * ROWS_EACH; r < (piece + 1) * ROWS_EACH && r < chosen->n; r++) {
        float *row = easing->square + r * chosen->n;
        size_t item = chosen->item[r];
        for (size_t a = easing->turned->first[item]; a < easing->turned->first[item + 1]; a++) {
            size_t customer = easing->turned->column[a];
            float value = easing->turned->value[a];
            for (size_t b = easing->matrix->first[customer]; b < easing->matrix->first[customer + 1]; b++) {
                uint32_t place = chosen->place[easing->matrix->column[b]];
                if (place > r + 1) break;       /* columns ascend, and places with them */
                if (place) row[place - 1] += value * easing->matrix->value[b];
            }
        }
        row[r] += (float)easing->lambda;
    }
}

/* The upper triangle, tile by tile. */
static void mirror_tiles(void *context, size_t piece, unsigned thread)
{
    const struct easing *easing = context;
    size_t n = easing->chosen->n, from = piece * TILE, end = from + TILE < n ? from + TILE : n;
    (void)thread;
    for (size_t tile = 0; tile <= from; tile += TILE)
        for (size_t r = from; r < end; r++)
            for (size_t c = tile; c < tile + TILE && c < r; c++)
                easing->square[c * n + r] = easing->square[r * n + c];
}

static void keep_strongest(void *context, size_t piece, unsigned thread)
{
    const struct easing *easing = context;
    const struct frequent *chosen = easing->chosen;
    struct neighbour *candidates = easing->candidates[thread];
    for (size_t r = piece * ROWS_EACH; r < (piece + 1) * ROWS_EACH && r < chosen->n; r++) {
        const float *row = easing->square + r * chosen->n;
        size_t n = 0;
        for (size_t c = 0; c < chosen->n; c++) {
            float weight = -row[c] / easing->square[c * chosen->n + c];
            if (c != r && weight != 0) candidates[n++] = (struct neighbour){ chosen->item[c], weight };
        }
        neighbours_put(easing->neighbours, chosen->item[r], candidates, n, NEIGHBOURS_MOST);
    }
}

bool ease_fit(const struct recommender_source *source, enum saturation saturation, double lambda,
              struct arena *arena, struct recommender *ret_recommender)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct sparse matrix = interactions_matrix(source->had, saturation, scratch);
    struct sparse turned = sparse_turn(&matrix, scratch);
    size_t most = source->frequent_most ? source->frequent_most : ITEMS_MOST;
    struct frequent chosen = choose_items(&turned, most, scratch);
    struct neighbour **candidates = ARENA_ARRAY(scratch, struct neighbour *, source->n_threads);
    recommender_begin(source, "ease", FORM_EASE, saturation, arena, ret_recommender);
    ret_recommender->setting = lambda;
    ret_recommender->neighbours = neighbours_new(source->had->n_items, NEIGHBOURS_MOST, arena);
    for (unsigned t = 0; t < source->n_threads; t++)
        candidates[t] = ARENA_ARRAY(scratch, struct neighbour, chosen.n + 1);
    struct easing easing = { &matrix, &turned, &chosen, lambda, memory_new(chosen.n * chosen.n + 1, sizeof(float)),
                             candidates, &ret_recommender->neighbours };
    size_t n_pieces = (chosen.n + ROWS_EACH - 1) / ROWS_EACH;
    parallel_for(source->n_threads, n_pieces, multiply_rows, &easing);
    bool ok = dense_invert(easing.square, chosen.n);
    if (ok) {
        parallel_for(source->n_threads, (chosen.n + TILE - 1) / TILE, mirror_tiles, &easing);
        parallel_for(source->n_threads, n_pieces, keep_strongest, &easing);
    }
    if (chosen.n == ITEMS_MOST && source->had->n_items > ITEMS_MOST)
        ret_recommender->note =
            arena_format(arena, "EASE knows the %s most frequent items; the others come by popularity.",
                         words_count(scratch, ITEMS_MOST));
    free(easing.square);
    arena_free(scratch);
    return ok;
}
