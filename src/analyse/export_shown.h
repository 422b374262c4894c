/* export_shown.h - the lists that were recommended and what came of them, as CSV: what off-policy tools read. */
#ifndef ANALYSE_EXPORT_SHOWN_H
#define ANALYSE_EXPORT_SHOWN_H

#include "cli/database.h"
#include "base/output.h"

/* A line for each item of each list given to a customer: its propensity, and whether the customer had to do with it
 * (clicked: looked at it, put it into a cart ...), bought it, and for how much, within --window days after.
 * Errors: those of the store and the log. */
bool export_shown(struct invocation *invocation, struct database *database, struct output *out, uint64_t *ret_rows,
                  struct err *err) MUST_CHECK;

#endif
