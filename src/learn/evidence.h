/* evidence.h - how well the models did, as JSON: kept with the trained model, printed and reported from there. */
#ifndef LEARN_EVIDENCE_H
#define LEARN_EVIDENCE_H

#include "base/json_write.h"
#include "model/drivers.h"
#include "model/selection.h"

#include <jansson.h>

/* An interval as {"value", "low", "high"}; null where the value is not defined. */
json_t *interval_json(struct interval interval);

/* The report's objects "models", "calibration", "deciles" and "roc"; new references. */
json_t *models_json(const struct selection *selection);
json_t *calibration_json(const struct selection *selection);
json_t *deciles_json(const struct selection *selection, const char *past);     /* "left", "responded" */
json_t *roc_json(const struct selection *selection);

/* The report's "drivers"; meanings [n columns] are the features' plain words, asked what a yes is
 * ("will not order in the next 90 days"). */
json_t *drivers_json(const struct driver *drivers, size_t n_drivers, const char *const *names,
                     const char *const *meanings, const char *asked);

#endif
