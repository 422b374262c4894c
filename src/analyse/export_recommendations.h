/* export_recommendations.h - everybody's list as CSV, written by the command export. */
#ifndef ANALYSE_EXPORT_RECOMMENDATIONS_H
#define ANALYSE_EXPORT_RECOMMENDATIONS_H

#include "base/output.h"
#include "cli/database.h"

/* customer,rank,item,score,reason, by the identity's number; nothing is written down, for nobody was shown
 * anything. Errors: those of service_open and recommend_make. */
bool export_recommendations(struct invocation *invocation, struct database *database, struct output *out,
                            uint64_t *ret_rows, struct err *err) MUST_CHECK;

#endif
