/* shap.h - why a sum of trees gave a row its score: exact path-dependent SHAP values.
 *
 * The values are those of Lundberg et al. 2020 (Nature Machine Intelligence 2), "TreeSHAP" with the cover of the
 * training rows, as XGBoost's pred_contribs gives them.  The algorithm, see shap.c, needs one pass down
 * and one pass up each tree. */
#ifndef MODEL_SHAP_H
#define MODEL_SHAP_H

#include "model/trees.h"

struct shap;

/* Tables for explaining rows, in arena: about 300 bytes a node (500 if a tree is deeper than 8).  trees must
 * live as long. */
struct shap *shap_new(const struct trees *trees, struct arena *arena);

/* ret_contribution [n_columns] and *ret_base, the mean score over the training rows, add up to the row's score. */
void shap_explain(const struct shap *shap, const float *row, double *ret_contribution, double *ret_base);

/* The same of many rows, values [n_rows x n_columns], but for rounding: ret_contributions [n_rows x n_columns].  Thousands of
 * rows at once are several times as fast as one by one. */
void shap_explain_rows(const struct shap *shap, const float *values, size_t n_rows, double *ret_contributions,
                       double *ret_base);

#endif
