/* analysis_internal.h - what the parts of an analysis share. */
#ifndef EXPERIMENT_ANALYSIS_INTERNAL_H
#define EXPERIMENT_ANALYSIS_INTERNAL_H

#include "base/json_write.h"
#include "base/rng.h"
#include "experiment/analysis.h"
#include "experiment/moments.h"

/* Of one arm: the number, means, and sums of squares and products about them. */
struct sums { double n, mean_y, mean_x, yy, xx, xy; };

struct compared {
    size_t            arm;
    struct arm_sample control, treated;
    struct estimate   absolute, relative, relative_delta;
    double            p, p_adjusted, always_low, always_high, always_p, always_p_adjusted;
    bool              is_crossed;       /* beyond a planned look's bound, corrected over arms and metrics */
};

struct health { json_t *json; double sample_ratio_p; };

json_t *estimate_json(struct estimate estimate, bool has_se);

/* What is compared of one arm. */
struct arm_sample sample_of(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm);

/* x may be NULL; units without a value of either are left out. */
struct sums arm_sums(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                     const double *x);

/* Of columns without a gap, gathered in one pass: the values of metrics, what ratios are divided by, the covariate. */
struct analysis_moments { const double **columns; size_t m; struct moments *arms; };

/* CUPED and post-stratification of one result; an array. */
json_t *adjusted_json(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                      const struct compared *compared);
/* The effect within each stratum, with p corrected over them; an array. */
json_t *segments_json(const struct analysis *analysis, const struct analysis_metric *metric, size_t arm,
                      struct arena *arena);

struct health health_of(const struct analysis *analysis, const double *counts);
/* all [metrics x arms but the control's]: of the first metric. */
json_t *verdict_json(const struct analysis *analysis, const struct compared *all, const struct health *health,
                     struct arena *arena);

#endif
