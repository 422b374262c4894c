/* xgboost_trees.h - reads a model that XGBoost saved, so that tests and benchmarks can hold ours beside it. */
#ifndef TESTS_XGBOOST_TREES_H
#define TESTS_XGBOOST_TREES_H

#include "model/trees.h"

/* Turns XGBoost's JSON model (XGBoosterSaveModelToBuffer, format "json") into our trees, whose scores are its
 * margins (output_margin).  Objective: binary:logistic.
 * Errors: ERR_CORRUPT not such a model, or trees_new refuses its trees. */
bool xgboost_trees_read(const char *json, size_t length, size_t n_columns, struct arena *arena,
                        struct trees **ret_trees, struct err *err) MUST_CHECK;

#endif
