/* bins.c - see bins.h. */
#include "model/bins.h"

#include "base/parallel.h"
#include "math/numerics.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SKETCH_ROWS = 20000, ROWS_PER_ITEM = 8192, ROWS_TOGETHER = 32 };

struct binning { const struct sample *sample; struct bins *bins; float *known; };

/* Cuts of sorted values; returns how many.  A cut is a value above all that lie below it. */
static size_t cut(const float *sorted, size_t n, float *cuts)
{
    size_t n_distinct = n > 0, n_cuts = 0, most = BINS_MOST - 2;
    for (size_t i = 1; i < n; i++) n_distinct += sorted[i] != sorted[i - 1];
    if (n_distinct <= most + 1) {
        for (size_t i = 1; i < n; i++) {
            if (sorted[i] == sorted[i - 1]) continue;
            float middle = sorted[i - 1] + (sorted[i] - sorted[i - 1]) / 2;
            cuts[1 + n_cuts++] = middle > sorted[i - 1] ? middle : sorted[i];
        }
        return n_cuts;
    }
    for (size_t i = 1; i <= most; i++) {
        float value = sorted[i * n / (most + 1)];
        if (value > sorted[0] && (n_cuts == 0 || value > cuts[n_cuts])) cuts[1 + n_cuts++] = value;
    }
    return n_cuts;
}

static void cut_column(void *context, size_t column, unsigned thread)
{
    const struct binning *job = context;
    const struct sample *sample = job->sample;
    float *known = job->known + thread * (SKETCH_ROWS + 1);
    size_t n = 0, step = (sample->n_rows + SKETCH_ROWS - 1) / SKETCH_ROWS;
    for (size_t i = 0; i < sample->n_rows; i += step) {
        float value = sample_row(sample, i)[column];
        if (!isnan(value)) known[n++] = value;
    }
    sort_floats(known, n);
    float *cuts = job->bins->cuts + column * BINS_MOST;
    size_t n_cuts = cut(known, n, cuts);
    cuts[1 + n_cuts] = FLT_MAX;
    job->bins->n_bins[column] = (uint8_t)(2 + n_cuts);
}

/* The bin of a value: 1 and the number of cuts that it reaches.  All values of a column take the same steps. */
static inline uint8_t bin_of(const float *cuts, size_t n_cuts, float value)
{
    size_t below = 0;               /* so many cuts are known to be reached, and at most `left` more */
    for (size_t left = n_cuts; left > 0; left /= 2) {
        size_t half = (left + 1) / 2;
        below += value >= cuts[below + half] ? half : 0;
    }
    return isnan(value) ? 0 : (uint8_t)(1 + below);
}

/* Column after column of a few rows, so that its cuts are at hand. */
static void bin_rows(void *context, size_t item, unsigned thread)
{
    (void)thread;
    const struct binning *job = context;
    const struct bins *bins = job->bins;
    size_t end = (item + 1) * ROWS_PER_ITEM < bins->n_rows ? (item + 1) * ROWS_PER_ITEM : bins->n_rows;
    for (size_t first = item * ROWS_PER_ITEM; first < end; first += ROWS_TOGETHER) {
        size_t last = end - first < ROWS_TOGETHER ? end : first + ROWS_TOGETHER;
        for (size_t c = 0; c < bins->n_columns; c++) {
            const float *cuts = bins->cuts + c * BINS_MOST;
            for (size_t i = first; i < last; i++)
                bins->bin[i * bins->n_columns + c] = bin_of(cuts, bins->n_bins[c] - 2u, sample_row(job->sample, i)[c]);
        }
    }
}

struct bins *bins_new(const struct sample *sample, unsigned n_threads, struct arena *arena)
{
    size_t n_columns = sample->n_columns;
    struct bins *bins = ARENA_NEW(arena, struct bins);
    if (n_threads < 1) n_threads = 1;
    *bins = (struct bins){
        .n_rows = sample->n_rows, .n_columns = n_columns,
        .bin = arena_alloc(arena, sample->n_rows, n_columns),
        .cuts = arena_alloc(arena, n_columns, BINS_MOST * sizeof(float)),
        .n_bins = ARENA_ARRAY(arena, uint8_t, n_columns), .first = ARENA_ARRAY(arena, uint32_t, n_columns + 1),
    };
    struct binning job = { sample, bins, malloc(n_threads * (SKETCH_ROWS + 1) * sizeof(float)) };
    assert(job.known);
    parallel_for(n_threads, n_columns, cut_column, &job);
    free(job.known);
    for (size_t c = 0; c < n_columns; c++) bins->first[c + 1] = bins->first[c] + bins->n_bins[c];
    parallel_for(n_threads, (sample->n_rows + ROWS_PER_ITEM - 1) / ROWS_PER_ITEM, bin_rows, &job);
    return bins;
}
