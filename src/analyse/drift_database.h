/* drift_database.h - how far what a model sees, says and is asked about has moved since it learned. */
#ifndef ANALYSE_DRIFT_DATABASE_H
#define ANALYSE_DRIFT_DATABASE_H

#include "cli/command.h"
#include "model/drift.h"

#include <jansson.h>

/* A column's row; one whose missing values became more or fewer by a tenth of the rows has drifted too. */
json_t *drift_column_json(const char *name, const char *kind, struct drift *drift, const double missing[2]);

/* Of the database's model in force, --question NAME or the last: its features, its scores and what happened, as of
 * when it learned (a horizon ago, where that is later) and now, and how well it ranked then and ranks now.
 * Errors: ERR_MISSING no model; ERR_REFUSED nobody was or is asked. */
bool drift_database(struct invocation *invocation, json_t **ret_json, struct err *err) MUST_CHECK;

#endif
