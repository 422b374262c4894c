/* value_internal.h - shared by value.c and value_check.c. */
#ifndef MODEL_VALUE_INTERNAL_H
#define MODEL_VALUE_INTERNAL_H

#include "model/value.h"

/* Expected purchases, if alive, of each customer at each t: customer i's are the n_t numbers from
 * result + ret_row[i] * n_t.  In the arena. */
const double *value_curves(const struct orders_fit *fit, const struct summary *summary, const double *t,
                           size_t n_t, unsigned n_threads, struct arena *arena, size_t **ret_row);

/* As bgnbd_alive and bgnbd_expected_alive, of whichever model was fitted; 0 for whoever has left by an event, whatever
 * their orders look like. */
double orders_alive(const struct orders_fit *fit, const struct summary *summary, size_t i);
void orders_expected_alive(const struct orders_fit *fit, double frequency, double age, const double *t,
                           size_t n, double *ret_expected);

/* Expected amount of a customer's next order, in currency units, from all their order days up to last_day, the
 * first too: by Gamma-Gamma, or with fit NULL their own mean.  (The field's libraries leave the first order out,
 * and then somebody with one small order is worth as much as anybody.) */
double value_of_order(const struct history *history, size_t customer, int32_t last_day,
                      const struct gamma_gamma_fit *fit);

/* Fills tracking, by_frequency, the holdout's numbers and note, spend_correlation and refusal from
 * the calibration fit. */
void value_check_holdout(const struct history *history, const struct value_options *options,
                         const struct summary *summary, struct arena *arena, struct value_model *value);

#endif
