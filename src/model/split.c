/* split.c - see split.h. */
#include "model/split.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t z)     /* SplitMix64's finaliser */
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t hash(uint64_t seed, enum split_use use, uint32_t group)
{
    return mix(mix(seed + 0x9e3779b97f4a7c15u * (uint64_t)use) + 0x9e3779b97f4a7c15u * ((uint64_t)group + 1));
}

double split_uniform(uint64_t seed, enum split_use use, uint32_t group)
{
    return (double)(hash(seed, use, group) >> 11) * 0x1p-53;
}

uint32_t split_group(const struct sample *sample, size_t row)
{
    return sample->group ? sample->group[row] : (uint32_t)row;
}

struct dealt { uint32_t group, row; float label; uint64_t order; };

static int by_group(const void *a, const void *b)
{
    const struct dealt *x = a, *y = b;
    return x->group != y->group ? (x->group < y->group ? -1 : 1) : 0;
}

static int by_label_then_chance(const void *a, const void *b)
{
    const struct dealt *x = a, *y = b;
    if (x->label != y->label) return x->label < y->label ? -1 : 1;
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    return x->group != y->group ? (x->group < y->group ? -1 : 1) : 0;
}

void split_folds(const struct sample *sample, unsigned n_folds, uint64_t seed, uint8_t *ret_fold)
{
    size_t n = sample->n_rows, n_groups = 0;
    struct dealt *rows = malloc((n + 1) * sizeof *rows), *groups = malloc((n + 1) * sizeof *groups);
    assert(rows && groups && n_folds > 0 && n_folds < 256);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct dealt){ split_group(sample, i), (uint32_t)i, sample->labels[i], 0 };
    qsort(rows, n, sizeof *rows, by_group);
    for (size_t i = 0; i < n; i++) {        /* a group's label is its largest */
        if (i == 0 || rows[i].group != rows[i - 1].group) {
            groups[n_groups] = rows[i];
            groups[n_groups++].order = hash(seed, SPLIT_FOLDS, rows[i].group);
        } else if (rows[i].label > groups[n_groups - 1].label) {
            groups[n_groups - 1].label = rows[i].label;
        }
    }
    qsort(groups, n_groups, sizeof *groups, by_label_then_chance);
    for (size_t g = 0; g < n_groups; g++) groups[g].order = g % n_folds;
    qsort(groups, n_groups, sizeof *groups, by_group);
    for (size_t i = 0, g = 0; i < n; i++) {
        if (rows[i].group != groups[g].group) g++;
        ret_fold[rows[i].row] = (uint8_t)groups[g].order;
    }
    free(rows);
    free(groups);
}

struct sample split_thin(const struct sample *sample, size_t n_most, enum split_use use, uint64_t seed,
                         struct arena *arena)
{
    if (sample->n_rows <= n_most) return *sample;
    double share = (double)n_most / (double)sample->n_rows;
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, sample->n_rows);
    size_t n = 0;
    for (size_t i = 0; i < sample->n_rows; i++) {
        uint64_t instant = sample->cutoff ? sample->cutoff[i] : 0;
        if (split_uniform(seed + (instant << 32), use, split_group(sample, i)) < share) rows[n++] = (uint32_t)i;
    }
    return split_take(sample, rows, n, arena);
}

struct sample split_take(const struct sample *sample, const uint32_t *rows, size_t n, struct arena *arena)
{
    float *labels = ARENA_ARRAY(arena, float, n);
    uint32_t *group = ARENA_ARRAY(arena, uint32_t, n), *places = ARENA_ARRAY(arena, uint32_t, n);
    uint16_t *cutoff = sample->cutoff ? ARENA_ARRAY(arena, uint16_t, n) : NULL;
    for (size_t i = 0; i < n; i++) {
        places[i] = sample->places ? sample->places[rows[i]] : rows[i];
        if (sample->labels) labels[i] = sample->labels[rows[i]];
        group[i] = split_group(sample, rows[i]);
        if (cutoff) cutoff[i] = sample->cutoff[rows[i]];
    }
    return (struct sample){ .values = sample->values, .places = places, .n_rows = n,
                            .n_columns = sample->n_columns, .labels = labels, .group = group, .cutoff = cutoff,
                            .names = sample->names };
}
