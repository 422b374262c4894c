/* plan_features.h - the features that effects are learned from: of the log's features those that say how alive a
 * customer is and what they are like, and their products, because an effect is mostly the one times the other. */
#ifndef PLAN_PLAN_FEATURES_H
#define PLAN_PLAN_FEATURES_H

#include "feature/feature_set.h"

struct plan_features;

/* goal: the kind of event that counts, as "order"; protected_traits are no features.  In arena, borrows the set.
 * Errors: ERR_MISSING the set has no such kind. */
bool plan_features_new(const struct feature_set *set, const char *goal, const char *const *protected_traits,
                       size_t n_protected, struct arena *arena, struct plan_features **ret_features,
                       struct err *err) MUST_CHECK;

size_t plan_features_width(const struct plan_features *features);

/* What they are made of, as it was: features of the set by name, [n]. */
size_t plan_features_n_inputs(const struct plan_features *features);
const char *plan_features_input(const struct plan_features *features, const float *row, size_t input,
                                double *ret_value);

/* row [feature_set_size] -> ret [width], no NaN. */
void plan_features_fill(const struct plan_features *features, const float *row, float *ret);

/* Blanks the features, and their products, that tell nothing of today: most people's values are now such as hardly
 * any past row had (nobody was written to for a month), so that what they do there was never seen.
 * past [n_past x width], today [n_today x width]: as filled. */
void plan_features_blank_unseen(const struct plan_features *features, float *past, size_t n_past, float *today,
                                size_t n_today);

/* How many goal events and what they came to so far. */
double plan_features_count(const struct plan_features *features, const float *row);
double plan_features_amount(const struct plan_features *features, const float *row);

#endif
