/* survival_internal.h - rows in the order of a time, for curves and regressions. */
#ifndef MODEL_SURVIVAL_INTERNAL_H
#define MODEL_SURVIVAL_INTERNAL_H

#include "model/survival.h"

struct ranked { double time; uint32_t row; };

/* The rows [n] (NULL: all of 0 .. n - 1) by key [of a row] ascending, rows of one time by their number; key NULL:
 * 0 for each. */
struct ranked *ranked_by(const double *key, const uint32_t *rows, size_t n, struct arena *arena);

/* The rows [n] (NULL: all) stratum by stratum, and where each begins: first [strata + 1].  Returns how many strata
 * there are, at least 1. */
size_t rows_by_stratum(const struct durations *durations, const uint32_t *rows, size_t n, struct arena *arena,
                       uint32_t **ret_rows, size_t **ret_first);

#endif
