/* report_proof.h - what the report says beside predictions: the months, goals, experiments, campaigns, program. */
#ifndef ANALYSE_REPORT_PROOF_H
#define ANALYSE_REPORT_PROOF_H

#include "cli/database.h"

#include <jansson.h>

/* scores: those that the report is of, with the history of orders.
 * Adds members kpi, experiments, campaigns and program to a report's object, each where there is something to say.
 * Errors: those of the settings, of the log and of the store. */
bool report_proof_add(struct invocation *invocation, struct database *database, const struct question *question,
                      const struct scores *scores, json_t *report, struct err *err) MUST_CHECK;

/* Where the settings have actions, or with --actions FILE: adds member plan, "holdfast plan --json" as of now without
 * whom it chose; where no plan can be made only why.  With --rehearsal FOLDER: adds member rehearsal, that year's
 * report.json.  Errors: those of the settings, and of the file of --actions; ERR_MISSING no such year. */
bool report_plan_add(struct invocation *invocation, struct store *store, json_t *report,
                     struct err *err) MUST_CHECK;

/* With --rehearsal FOLDER: that year's report.json, which is the caller's; NULL without.
 * Errors: ERR_MISSING there is none in the folder. */
bool report_rehearsal_read(const struct invocation *invocation, json_t **ret_year, struct err *err) MUST_CHECK;

/* With --scenario FILE: adds member scenario, "holdfast scenario --json" of it.  Errors: those of scenario_read. */
bool report_scenario_add(struct invocation *invocation, json_t *report, struct err *err) MUST_CHECK;

#endif
