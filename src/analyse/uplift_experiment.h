/* uplift_experiment.h - whom each arm of an experiment of the database changes. */
#ifndef ANALYSE_UPLIFT_EXPERIMENT_H
#define ANALYSE_UPLIFT_EXPERIMENT_H

#include "cli/command.h"

#include <jansson.h>

/* Each arm against the control by the primary metric, as of --as-of DATE.  Features are those that people had
 * before the day on which they were exposed.  Errors: ERR_MISSING no such experiment; ERR_REFUSED nobody was
 * exposed, or nobody has had a whole window. */
bool uplift_experiment(struct invocation *invocation, const char *name, json_t **ret_json,
                       struct err *err) MUST_CHECK;

#endif
