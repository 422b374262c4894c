/* drift.h - how far values have moved from what they were: effect sizes, which decide, and p-values, which do not.
 *
 * With many rows every p-value cries wolf, so a column has drifted where its population stability index, less what
 * chance alone would show ((groups - 1)(1/n + 1/m)), is at least .1, or its Kolmogorov-Smirnov distance is at
 * least .1 and no chance.  PSI = sum (q - p) ln(q / p) over shares p before and q now, an empty share counting as
 * 1e-4; numbers are parted at the tenths of what was before.  chi2 and p are of the table of both samples,
 * chi2_fit and p_fit of now against the shares before taken as exact (as evidently has it). */
#ifndef MODEL_DRIFT_H
#define MODEL_DRIFT_H

#include <stdbool.h>
#include <stddef.h>

struct drift {
    double psi, ks, p, chi2, hellinger, chi2_fit, p_fit;
    bool is_drifted;
}; /* NaN: not of this kind */

/* Numbers without NaN; both are sorted.  n_before, n_now > 0. */
struct drift drift_numbers(double *before, size_t n_before, double *now, size_t n_now);

/* Counts of the same n values, either sum > 0. */
struct drift drift_counts(const double *before, const double *now, size_t n);

#endif
