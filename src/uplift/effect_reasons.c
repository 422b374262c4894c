/* effect_reasons.c - see effect_reasons.h. */
#include "uplift/effect_reasons.h"

#include "math/numerics.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 20 };

static const double SETTLED = 1e-9;

/* Where steps end: after each value of a few, else so that as many people lie in each.  Returns how many. */
static size_t cuts_of(const double *sorted, size_t n, double *ret_cuts)
{
    size_t n_cuts = 0, n_values = n > 0;
    for (size_t i = 1; i < n; i++) n_values += sorted[i] > sorted[i - 1];
    if (n_values < REASON_BINS) {
        for (size_t i = 1; i < n; i++)
            if (sorted[i] > sorted[i - 1]) ret_cuts[n_cuts++] = sorted[i - 1];
        return n_cuts;
    }
    for (size_t k = 1; k + 1 < REASON_BINS; k++) {
        double at = sorted[k * (n - 1) / (REASON_BINS - 1)];
        if (at < sorted[n - 1] && (n_cuts == 0 || at > ret_cuts[n_cuts - 1])) ret_cuts[n_cuts++] = at;
    }
    return n_cuts;
}

/* Each value in one of the steps. */
static void cut(const float *values, size_t n, size_t n_columns, size_t column, double *sorted, uint8_t *ret_bin)
{
    double cuts[REASON_BINS];
    size_t n_known = 0, n_cuts;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i * n_columns + column])) sorted[n_known++] = (double)values[i * n_columns + column];
    if (n_known > 0) sort_doubles(sorted, n_known);
    n_cuts = cuts_of(sorted, n_known, cuts);
    for (size_t i = 0; i < n; i++) {
        double value = (double)values[i * n_columns + column];
        uint8_t bin = 0;
        if (!isnan(value))
            for (bin = 1; bin <= n_cuts && value > cuts[bin - 1];) bin++;
        ret_bin[i * n_columns + column] = bin;
    }
}

/* One feature's parts anew, by what the others leave: rest [n] is without any, and changes.  Returns the largest
 * change. */
static double fit_column(struct effect_reasons *r, size_t column, double *rest)
{
    double sum[REASON_BINS] = { 0 }, count[REASON_BINS] = { 0 }, mean = 0, moved = 0, before[REASON_BINS];
    memcpy(before, r->part[column], sizeof before);
    for (size_t i = 0; i < r->n; i++) {
        uint8_t bin = r->bin[i * r->n_columns + column];
        sum[bin] += rest[i] + before[bin], count[bin]++;
    }
    for (size_t b = 0; b < REASON_BINS; b++) {
        r->part[column][b] = count[b] > 0 ? sum[b] / count[b] : 0;
        mean += r->part[column][b] * count[b] / (double)r->n;
    }
    for (size_t b = 0; b < REASON_BINS; b++) {
        if (count[b] > 0) r->part[column][b] -= mean;
        moved = fmax(moved, fabs(r->part[column][b] - before[b]));
    }
    for (size_t i = 0; i < r->n; i++) {
        uint8_t bin = r->bin[i * r->n_columns + column];
        rest[i] += before[bin] - r->part[column][bin];
    }
    return moved;
}

struct effect_reasons effect_reasons_of(const float *values, size_t n, size_t n_columns, const double *effect,
                                        struct arena *arena)
{
    struct effect_reasons r = { n, n_columns, 0, ARENA_ARRAY(arena, uint8_t, n * n_columns + 1),
                                arena_alloc(arena, n_columns + 1, sizeof *r.part) };
    double *rest = ARENA_ARRAY(arena, double, n + 1), *sorted = ARENA_ARRAY(arena, double, n + 1), mean = 0,
           spread = 0, left = 0;
    for (size_t c = 0; c < n_columns; c++) cut(values, n, n_columns, c, sorted, r.bin);
    for (size_t i = 0; i < n; i++) mean += effect[i] / (double)n;
    for (size_t i = 0; i < n; i++) rest[i] = effect[i] - mean, spread += rest[i] * rest[i];
    double moved = spread;
    for (size_t round = 0; round < ROUNDS && moved > SETTLED; round++) {
        moved = 0;
        for (size_t c = 0; c < n_columns; c++) moved = fmax(moved, fit_column(&r, c, rest));
    }
    for (size_t c = 0; c < n_columns; c++)
        for (size_t b = 0; b < REASON_BINS; b++)
            if (fabs(r.part[c][b]) <= SETTLED) r.part[c][b] = 0;        /* what rounding left over is no reason */
    for (size_t i = 0; i < n; i++) left += rest[i] * rest[i];
    r.explained = spread > 0 ? fmax(1 - left / spread, 0) : 0;
    return r;
}

size_t effect_reasons_top(const struct effect_reasons *r, size_t row, size_t *ret_columns, size_t most)
{
    size_t n = 0;
    for (size_t c = 0; c < r->n_columns; c++) {
        double size = fabs(effect_part(r, row, c));
        if (!(size > 0)) continue;
        size_t at = n < most ? n : most;
        while (at > 0 && fabs(effect_part(r, row, ret_columns[at - 1])) < size) at--;
        if (at == most) continue;
        if (n < most) n++;
        for (size_t k = n - 1; k > at; k--) ret_columns[k] = ret_columns[k - 1];
        ret_columns[at] = c;
    }
    return n;
}
