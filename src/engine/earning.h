/* earning.h - what campaigns in force earned: an experiment's arms against its control, in money.
 *
 * Profit is margin of goal events less returns and what messages cost, from each person's own exposure for the
 * window of the experiment's primary metric; followed on for as long again, orders that were merely brought
 * forward fall off. */
#ifndef ENGINE_EARNING_H
#define ENGINE_EARNING_H

#include "engine/measuring.h"

/* Appends an object for each arm but the control's to the array, as "roi --json".  goal: the kind of event that is
 * an order. Amounts are in units of money.  Errors: those of measuring_run. */
bool earning_add(const struct assigning *where, const struct design *design, const char *goal,
                 const struct measuring_options *options, struct arena *arena, json_t *campaigns,
                 struct err *err) MUST_CHECK;

#endif
