/* expecting.h - how many are to be expected in a journey: whoever approves it approves so many.
 *
 * The newest version goes through the last 30 days of the shop as it was known then (trial.h), beside the writer. */
#ifndef ENGINE_EXPECTING_H
#define ENGINE_EXPECTING_H

#include "base/err.h"

#include <stdint.h>

struct service;

/* *ret_daily: who entered on the day on which most did; 0: nobody, so that nothing is to be said of it.  Not in a job
 * of the writer.  Errors: ERR_MISSING no such journey; those of trial_run. */
bool expecting_daily(struct service *service, const char *journey, int64_t *ret_daily, struct err *err) MUST_CHECK;

#endif
