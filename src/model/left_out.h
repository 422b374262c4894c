/* left_out.h - what models said of rows that they had not learned from, for when the same rows come again.
 *
 * A model knows the labels that it has learned from: of a table's customers, who has no yes seems further from one
 * than they are.  So their rows are remembered, by a hash of their values, with what the models of the
 * cross-validation said that left them out.  A row that has changed is another row. */
#ifndef MODEL_LEFT_OUT_H
#define MODEL_LEFT_OUT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/bytes.h"
#include "model/sample.h"

struct left_out {
    size_t    n;
    uint64_t *row;              /* [n] hashes of rows, ascending */
    float    *prediction;       /* [n] equal rows have one, the mean of theirs */
};

/* predicted [n_rows].  In arena. */
struct left_out left_out_of(const struct sample *sample, const double *predicted, struct arena *arena);

double left_out_find(const struct left_out *left_out, const float *row, size_t n_columns);  /* NaN: no such row */

void left_out_save(const struct left_out *left_out, struct bytes_writer *writer);
bool left_out_load(struct bytes_reader *reader, struct arena *arena, struct left_out *ret,
                   struct err *err) MUST_CHECK;

#endif
