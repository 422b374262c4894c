/* left_out.c - see left_out.h. */
#include "model/left_out.h"

#include "base/hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 1 << 27, CHUNK = 256 };

struct said { uint64_t row; double prediction; };

/* Every NaN counts as the same one. */
static uint64_t hash_row(const float *row, size_t n_columns)
{
    uint64_t hash = n_columns;
    float values[CHUNK];
    for (size_t from = 0; from < n_columns; from += CHUNK) {
        size_t n = n_columns - from < CHUNK ? n_columns - from : CHUNK;
        for (size_t i = 0; i < n; i++) values[i] = isnan(row[from + i]) ? NAN : row[from + i];
        hash = hash_bytes(values, n * sizeof *values, hash);
    }
    return hash;
}

static int by_row(const void *a, const void *b)
{
    const struct said *x = a, *y = b;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    return (x->prediction > y->prediction) - (x->prediction < y->prediction);
}

struct left_out left_out_of(const struct sample *sample, const double *predicted, struct arena *arena)
{
    size_t n_rows = sample->n_rows;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct said *all = ARENA_ARRAY(scratch, struct said, n_rows + 1);
    for (size_t i = 0; i < n_rows; i++)
        all[i] = (struct said){ hash_row(sample_row(sample, i), sample->n_columns), predicted[i] };
    qsort(all, n_rows, sizeof *all, by_row);
    struct left_out result = { 0, ARENA_ARRAY(arena, uint64_t, n_rows), ARENA_ARRAY(arena, float, n_rows) };
    for (size_t i = 0, end; i < n_rows; i = end) {
        double sum = 0;
        for (end = i; end < n_rows && all[end].row == all[i].row; end++) sum += all[end].prediction;
        result.row[result.n] = all[i].row;
        result.prediction[result.n++] = (float)(sum / (double)(end - i));
    }
    arena_free(scratch);
    return result;
}

double left_out_find(const struct left_out *left_out, const float *row, size_t n_columns)
{
    if (left_out->n == 0) return (double)NAN;
    uint64_t wanted = hash_row(row, n_columns);
    size_t low = 0, high = left_out->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (left_out->row[middle] < wanted) low = middle + 1;
        else high = middle;
    }
    bool is_there = low < left_out->n && left_out->row[low] == wanted;
    return is_there ? (double)left_out->prediction[low] : (double)NAN;
}

void left_out_save(const struct left_out *left_out, struct bytes_writer *writer)
{
    write_u32(writer, (uint32_t)left_out->n);
    write_bytes(writer, left_out->row, left_out->n * sizeof *left_out->row);
    write_f32s(writer, left_out->prediction, left_out->n);
}

bool left_out_load(struct bytes_reader *reader, struct arena *arena, struct left_out *ret, struct err *err)
{
    struct left_out loaded = { .n = read_u32(reader, ROWS_MAX) };
    size_t room = (size_t)(reader->end - reader->at);
    bool ok = !reader->is_bad && loaded.n <= room / (sizeof *loaded.row + sizeof *loaded.prediction);
    if (ok) {
        loaded.row = ARENA_ARRAY(arena, uint64_t, loaded.n);
        read_bytes(reader, loaded.row, loaded.n * sizeof *loaded.row);
        loaded.prediction = read_f32s(reader, arena, loaded.n);
        ok = !reader->is_bad;
    }
    for (size_t i = 0; i < loaded.n && ok; i++)
        ok = isfinite(loaded.prediction[i]) && loaded.prediction[i] >= 0 &&
             (i == 0 || loaded.row[i] > loaded.row[i - 1]);
    if (!ok) return err_set(err, ERR_CORRUPT, "what the model said of rows left out is broken");
    *ret = loaded;
    return true;
}
