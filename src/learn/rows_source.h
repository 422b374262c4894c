/* rows_source.h - where the matrix of features comes from when not from the log here. */
#ifndef LEARN_ROWS_SOURCE_H
#define LEARN_ROWS_SOURCE_H

#include "feature/matrix.h"

struct rows_source {
    void *context;
    /* Whether there are rows of now to be had: before build, on the thread that uses the store. */
    bool (*begin)(void *context, struct err *err);
    /* Beside whoever uses the store: as matrix_build where labels are wanted, else as matrix_score of one instant. */
    bool (*build)(void *context, const struct feature_set *set, const struct question *question,
                  const int64_t *cutoffs_ms, size_t n_cutoffs, double share, bool wants_labels,
                  struct arena *arena, struct matrix *ret_matrix, struct err *err);
    double share;        /* of the customers, at most: 1 for all */
    int64_t n_customers; /* of whom that is a share */
};

#endif
