/* sample.h - rows to learn from, to judge on or to predict.
 *
 * A view: everything is borrowed for the length of the call it is passed to. */
#ifndef MODEL_SAMPLE_H
#define MODEL_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

enum target {
    TARGET_YES_NO,      /* labels are 0 or 1; predictions are probabilities */
    TARGET_AMOUNT,      /* labels are amounts in any one unit; predictions are expected amounts, >= 0 */
};

struct sample {
    const float       *values;      /* [n_rows x n_columns] row-major; NaN is missing, never infinite */
    size_t             n_rows, n_columns;
    const float       *labels;      /* [n_rows] never NaN: the caller leaves unknown rows out */
    const uint32_t    *group;       /* [n_rows] the customer, whole in any split; NULL: each row its own */
    const uint16_t    *cutoff;      /* [n_rows] index of the row's instant, later is larger; NULL: one instant */
    const char *const *names;       /* [n_columns] feature names */
};

#endif
