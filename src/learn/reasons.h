/* reasons.h - why the model says what it says of a customer, in plain words.
 *
 * Explaining somebody costs more than predicting for them, so reasons are worked out for those to whom they are
 * shown, from the same row, when they are shown; nothing keeps them. */
#ifndef LEARN_REASONS_H
#define LEARN_REASONS_H

#include "feature/matrix.h"
#include "hub/trained.h"
#include "model/drivers.h"

enum { REASONS_MOST = 4 };

/* The weightiest reasons of one row, in plain words, one per group of like features: first what speaks for a yes,
 * then, with "against: " in front, what speaks against it; most of them on the side that the prediction is on.
 * Returns how many. */
size_t reasons_of(const struct trained *trained, const float *row, double prediction, struct arena *arena,
                  const char *ret_reasons[REASONS_MOST]);

/* The same of rows [from, to) of a matrix, whose predictions [matrix->n_rows] are: ret_reasons [to - from], where
 * NULL stands after the last. */
void reasons_of_rows(const struct trained *trained, const struct matrix *matrix, const double *predictions,
                     size_t from, size_t to, unsigned n_threads, struct arena *arena,
                     const char *(*ret_reasons)[REASONS_MOST]);

/* Drivers whose direction is none that a person would give a reason by, as more orders that raise the chance of leaving,
 * become DIRECTION_BESIDE. */
void reasons_judge_drivers(const struct trained *trained, struct driver *drivers, size_t n);

/* A JSON array of what reasons_of found; a new reference. */
json_t *reasons_json(const char *const *reasons, size_t n);

#endif
