/* learning_curve.h - whether more customers would help: the chosen learner on parts of the sample. */
#ifndef LEARN_LEARNING_CURVE_H
#define LEARN_LEARNING_CURVE_H

#include "base/err.h"
#include "model/sample.h"

#include <jansson.h>

struct learner_settings;

/* Learns from the customers of 1/8, 1/4, 1/2 and all of train, drawn by their groups, and judges each on all of
 * test:
 * [{ "rows", "auc": [value, low, high] }], the 95 % interval by Hanley & McNeil (1982).  Parts that are too small
 * to learn from are left out; the list is empty where there is no test or the labels are amounts.  *ret_sentence
 * lives as long as the program. */
bool learning_curve_json(const struct learner_settings *settings, const struct sample *train,
                         const struct sample *test, uint64_t seed, unsigned n_threads, json_t **ret_curve,
                         const char **ret_sentence, struct err *err) MUST_CHECK;

#endif
