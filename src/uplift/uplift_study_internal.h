/* uplift_study_internal.h - what the fitting of a study hands to its verdict. */
#ifndef UPLIFT_UPLIFT_STUDY_INTERNAL_H
#define UPLIFT_UPLIFT_STUDY_INTERNAL_H

#include "uplift/uplift_study.h"

/* The people judged on. */
struct judged {
    const struct effect_data *data;
    const double             *value;        /* NULL: 1 */
    uint32_t                 *rows;         /* [n] 0 .. n - 1 */
    uint8_t                  *fold;         /* [n] which fifth */
    double                   *weight;       /* [n] inverse propensities, or NULL: all alike */
    struct nuisance           nuisance;
    double                   *robust;       /* [n] doubly robust scores */
};

/* The average effect among the rows for which is_in holds (NULL: all), in outcomes. */
struct uplift_interval effect_among(const struct judged *judged, const bool *is_in);

/* Fills groups, fifths, gain, word and sentence of a study whose metrics and effects are there. */
void verdict_of(const struct uplift_request *request, const struct judged *judged, struct arena *arena,
                struct uplift_study *study);

#endif
