/* matrix_csv.c - see matrix_csv.h. */
#include "feature/matrix_csv.h"

#include "base/memory.h"
#include "base/nine_digits.h"
#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>

/* Numbers become text in blocks of rows, some of them beside each other, and the blocks are written in their order. */
enum { BLOCK_ROWS = 256, BLOCKS_A_THREAD = 4 };

struct writing {
    const struct log    *log;
    const struct matrix *matrix;
    size_t               first;         /* row of the first block */
    struct block { char *text; size_t n_bytes; } *blocks;
};

static size_t put_row(const struct matrix *matrix, size_t row, char *text)
{
    const float *values = matrix->values + row * matrix->n_columns;
    size_t n = 0;
    for (size_t c = 0; c < matrix->n_columns; c++) {
        text[n++] = ',';
        if (!isnan(values[c])) n += nine_digits(values[c], text + n);
    }
    text[n++] = '\n';
    return n;
}

static void write_block(void *context, size_t index, unsigned thread)
{
    (void)thread;
    struct writing *writing = context;
    struct block *block = &writing->blocks[index];
    const struct matrix *matrix = writing->matrix;
    size_t from = writing->first + index * BLOCK_ROWS,
           to = from + BLOCK_ROWS < matrix->n_rows ? from + BLOCK_ROWS : matrix->n_rows;
    FILE *stream = open_memstream(&block->text, &block->n_bytes);
    if (!stream) abort();       /* no memory */
    struct output *out = output_to(stream);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    char *text = memory_new(matrix->n_columns * (1 + NINE_DIGITS_BYTES) + 1, 1);
    for (size_t i = from; i < to; i++) {
        struct text name = log_name(writing->log, DICTIONARY_IDENTITY, matrix->identity[i]);
        arena_reset(arena);
        output_csv_field(out, arena_format(arena, "%.*s", (int)name.length, name.at));
        output_bytes(out, text, put_row(matrix, i, text));
    }
    arena_free(arena);
    free(text);
    struct err err;
    if (!output_commit(out, &err) || fclose(stream) != 0) abort();      /* likewise */
}

void matrix_csv(struct output *out, const struct log *log, const struct matrix *matrix, const char *const *names,
                unsigned n_threads)
{
    size_t most = (size_t)BLOCKS_A_THREAD * (n_threads ? n_threads : 1);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct writing writing = { log, matrix, 0, ARENA_ARRAY(arena, struct block, most) };
    output_text(out, "customer");
    for (size_t c = 0; c < matrix->n_columns; c++) output_text(out, ","), output_csv_field(out, names[c]);
    output_text(out, "\n");
    for (; writing.first < matrix->n_rows; writing.first += most * BLOCK_ROWS) {
        size_t n = (matrix->n_rows - writing.first + BLOCK_ROWS - 1) / BLOCK_ROWS;
        if (n > most) n = most;
        parallel_for(n_threads, n, write_block, &writing);
        for (size_t b = 0; b < n; b++) {
            output_bytes(out, writing.blocks[b].text, writing.blocks[b].n_bytes);
            free(writing.blocks[b].text);
        }
    }
    arena_free(arena);
}
