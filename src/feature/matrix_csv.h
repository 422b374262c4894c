/* matrix_csv.h - rows of features as CSV: as `export features` and the warehouse's features write them. */
#ifndef FEATURE_MATRIX_CSV_H
#define FEATURE_MATRIX_CSV_H

#include "base/output.h"
#include "feature/matrix.h"

/* names [n_columns]: of the columns. */
void matrix_csv(struct output *out, const struct log *log, const struct matrix *matrix, const char *const *names,
                unsigned n_threads);

#endif
