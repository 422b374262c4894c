/* journey_missing.h - what a journey speaks of that a database lacks: traits of its customers, experiments. */
#ifndef COMMAND_JOURNEY_MISSING_H
#define COMMAND_JOURNEY_MISSING_H

#include "command/people.h"
#include "journey/journey.h"

/* A list of {"step", "name", "customers"}, the most first, and of how many customers.  What only an event or a
 * coupon says is not asked: nobody has one yet.  The list is the caller's.  Errors: those of composing_missing. */
bool journey_missing(const struct people *people, const struct journey *journey, const char *templates,
                     json_t **ret_list, size_t *ret_n_customers, struct err *err) MUST_CHECK;

/* A list of {"step", "sentence"}: experiments that were never started and arms that one does not have.  Nobody takes
 * such an arm, which is right until the experiment begins.  The list is the caller's. */
bool journey_unstarted(const struct people *people, const struct journey *journey, struct arena *arena,
                       json_t **ret_list, struct err *err) MUST_CHECK;

#endif
