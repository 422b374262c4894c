/* decision_outcome.h - what came of decisions: how often their customers then did what counted. */
#ifndef COMMAND_DECISION_OUTCOME_H
#define COMMAND_DECISION_OUTCOME_H

#include "base/err.h"
#include "customer/identity.h"

#include <jansson.h>

/* rows: of the ledger; each whose answer says a horizon gets "outcome": {"event", "n", "amount_cents"}, or null as
 * long as the horizon is not over at the log's end.  identities [rows] whose they are, 0: nobody's. */
bool decision_outcomes(const struct log *log, const struct identities *identities, json_t *rows,
                       const uint32_t *identity, struct err *err) MUST_CHECK;

#endif
