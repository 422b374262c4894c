/* matrix_csv.c - see matrix_csv.h. */
#include "feature/matrix_csv.h"

#include "base/memory.h"
#include "base/nine_digits.h"
#include "base/parallel.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Numbers become text in blocks of rows beside each other; who has made one waits until those before it are written. */
enum { BLOCK_ROWS = 256 };

struct block_text {
    char *at;
    size_t n, room;
};
struct writing {
    const struct log    *log;
    const struct matrix *matrix;
    struct output       *out;
    struct block_text   *of_thread;     /* [n_threads] */
    pthread_mutex_t      lock;
    pthread_cond_t       has_gone_on;
    size_t               next;          /* the block whose turn it is */
};

static void put_row(const struct writing *writing, size_t row, struct block_text *text)
{
    const struct matrix *matrix = writing->matrix;
    const float *values = matrix->values + row * matrix->n_columns;
    struct text name = log_name(writing->log, DICTIONARY_IDENTITY, matrix->identity[row]);
    size_t needed = text->n + 3 * name.length + 1 + OUTPUT_CSV_MARKS + matrix->n_columns * (1 + NINE_DIGITS_BYTES) + 1;
    if (needed > text->room) {
        text->room = 2 * needed;
        text->at = memory_grow(text->at, text->room, 1);
    }
    char *to = text->at + text->n, *terminated = to + 2 * name.length + OUTPUT_CSV_MARKS;
    memcpy(terminated, name.at, name.length);
    terminated[name.length] = '\0';
    to += output_csv_put(to, terminated);
    for (size_t c = 0; c < matrix->n_columns; c++) {
        *to++ = ',';
        if (!isnan(values[c])) to += nine_digits(values[c], to);
    }
    *to++ = '\n';
    text->n = (size_t)(to - text->at);
}

static void write_block(void *context, size_t index, unsigned thread)
{
    struct writing *writing = context;
    struct block_text *text = &writing->of_thread[thread];
    size_t n_rows = writing->matrix->n_rows, from = index * BLOCK_ROWS,
           to = from + BLOCK_ROWS < n_rows ? from + BLOCK_ROWS : n_rows;
    text->n = 0;
    for (size_t i = from; i < to; i++) put_row(writing, i, text);
    (void)pthread_mutex_lock(&writing->lock);
    while (writing->next != index) (void)pthread_cond_wait(&writing->has_gone_on, &writing->lock);
    output_bytes(writing->out, text->at, text->n);
    writing->next++;
    (void)pthread_cond_broadcast(&writing->has_gone_on);
    (void)pthread_mutex_unlock(&writing->lock);
}

void matrix_csv(struct output *out, const struct log *log, const struct matrix *matrix, const char *const *names,
                unsigned n_threads)
{
    if (n_threads == 0) n_threads = 1;
    struct writing writing = { .log = log, .matrix = matrix, .out = out,
                               .of_thread = memory_new(n_threads, sizeof *writing.of_thread),
                               .lock = PTHREAD_MUTEX_INITIALIZER, .has_gone_on = PTHREAD_COND_INITIALIZER };
    output_text(out, "customer");
    for (size_t c = 0; c < matrix->n_columns; c++) output_text(out, ","), output_csv_field(out, names[c]);
    output_text(out, "\n");
    parallel_for(n_threads, (matrix->n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS, write_block, &writing);
    for (unsigned i = 0; i < n_threads; i++) free(writing.of_thread[i].at);
    free(writing.of_thread);
}
