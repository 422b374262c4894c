/* ways_out.h - whether what a journey sends has a way out: channels and a topic that the settings know, and words. */
#ifndef JOURNEY_WAYS_OUT_H
#define JOURNEY_WAYS_OUT_H

#include "journey/contact.h"
#include "journey/journey.h"

/* source names the journey in errors.  Where the settings name no channel, or no topic, any will do.
 * Errors: ERR_INVALID with line and column. */
bool ways_out_check(const struct journey *journey, const char *source, const struct contact_rules *rules,
                    struct arena *arena, struct err *err) MUST_CHECK;

#endif
