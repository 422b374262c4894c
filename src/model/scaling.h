/* scaling.h - features made fit for a linear model.
 *
 * A column that is skewed is replaced by sign(x) log(1 + |x|); then it is standardised (mean 0, standard
 * deviation 1); a missing value becomes the mean, 0, and a column that is sometimes missing gets a second,
 * standardised one that says so.  A column without variation becomes 0. */
#ifndef MODEL_SCALING_H
#define MODEL_SCALING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/bytes.h"
#include "model/sample.h"

struct scaled_column {
    double mean, inverse_deviation;                     /* of the (log of the) value where known */
    double missing_mean, missing_inverse_deviation;     /* of the indicator; 0 if never missing */
    bool   is_log;
};

struct scaling { size_t n_columns; struct scaled_column *columns; };

struct scaling scaling_fit(const struct sample *sample, struct arena *arena);

/* The standardised value and indicator of one value; both 0 for a column without variation. */
void scaling_apply(const struct scaled_column *column, float value, double *ret_value, double *ret_missing);

void scaling_save(const struct scaling *scaling, struct bytes_writer *writer);
bool scaling_load(struct bytes_reader *reader, size_t n_columns, struct arena *arena, struct scaling *ret,
                  struct err *err) MUST_CHECK;

#endif
