/* expecting.h - how many are to be expected in a journey, and what it will spend: whoever approves it approves that.
 *
 * A journey is tried out (trial.h) on a running server's people, through a view of the database that nobody else uses
 * meanwhile, so beside the writer. */
#ifndef ENGINE_EXPECTING_H
#define ENGINE_EXPECTING_H

#include "base/arena.h"
#include "base/err.h"

struct service;
struct expected;
struct trial_options;
struct trial_counts;

/* Tries out what the options tell of journeys, instants, customer and listener; the rest of them are of the service.
 * Not in a job of the writer.  Errors: those of trial_run. */
bool expecting_run(struct service *service, const struct trial_options *options, struct arena *arena,
                   struct trial_counts *ret_counts, struct err *err) MUST_CHECK;

/* The newest version through the last 30 days, as they were known then: of the day on which most entered, and of that
 * on which most was spent; 0: nobody, or nothing, so that nothing is to be said of it.  Not in a job of the writer.
 * Errors: ERR_MISSING no such journey; those of trial_run. */
bool expecting_daily(struct service *service, const char *journey, struct expected *ret_expected,
                     struct err *err) MUST_CHECK;

#endif
