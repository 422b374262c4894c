/* sample.h - rows to learn from, to judge on or to predict.
 *
 * A view: everything is borrowed for the length of the call it is passed to.  Some rows of another sample are a
 * list of where they lie among its values: these are the most of what training holds, and never copied. */
#ifndef MODEL_SAMPLE_H
#define MODEL_SAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum target {
    TARGET_YES_NO,      /* labels are 0 or 1; predictions are probabilities */
    TARGET_AMOUNT,      /* labels are amounts in any one unit; predictions are expected amounts, >= 0 */
};

struct sample {
    const float       *values;      /* [.. x n_columns] row-major; NaN is missing, never infinite */
    const uint32_t    *places;      /* [n_rows] which row of values is row i; NULL: row i itself */
    size_t             n_rows, n_columns;
    const float       *labels;      /* [n_rows] never NaN: the caller leaves unknown rows out */
    const uint32_t    *group;       /* [n_rows] the customer, whole in any split; NULL: each row its own */
    const uint16_t    *cutoff;      /* [n_rows] index of the row's instant, later is larger; NULL: one instant */
    const char *const *names;       /* [n_columns] feature names */
};

static inline const float *sample_row(const struct sample *sample, size_t i)    /* [n_columns] */
{
    return sample->values + (sample->places ? sample->places[i] : i) * sample->n_columns;
}

/* Rows from .. from + n - 1, one after another.  ret_rows [n x n_columns]. */
static inline void sample_copy(const struct sample *sample, size_t from, size_t n, float *ret_rows)
{
    size_t width = sample->n_columns;
    for (size_t i = 0; i < n && width; i++)
        memcpy(ret_rows + i * width, sample_row(sample, from + i), width * sizeof *ret_rows);
}

#endif
