/* boosting.h - reads a model that XGBoost saved.  The learners grown by XGBoost are in learner.h. */
#ifndef MODEL_BOOSTING_H
#define MODEL_BOOSTING_H

#include "model/trees.h"

/* Turns XGBoost's JSON model (XGBoosterSaveModelToBuffer, format "json") into our trees, whose scores are its
 * margins (output_margin).  Objectives: binary:logistic, reg:squarederror, reg:tweedie.
 * Errors: ERR_CORRUPT not such a model, or trees_new refuses its trees. */
bool boosting_read_xgboost(const char *json, size_t length, size_t n_columns, struct arena *arena,
                           struct trees **ret_trees, struct err *err) MUST_CHECK;

#endif
