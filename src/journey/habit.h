/* habit.h - at which hour of their day somebody is there: learned from orders, visits and clicks.  Pure.
 *
 * Opens say nothing: mail programs open for their owners, at hours of their own.  Nor does what is done to
 * somebody, such as a message that was sent. */
#ifndef JOURNEY_HABIT_H
#define JOURNEY_HABIT_H

#include "base/text.h"
#include "base/zone.h"

/* Zero is where nothing is known. */
struct habit { unsigned n_at[24], n; };

/* Whether an event of this kind shows that they were there. */
bool habit_is_told_by(struct text kind);
void habit_add(struct habit *habit, const struct zone *zone, int64_t time_ms);
/* The hour with most of it, in local milliseconds of the day; of fewer than five events nothing is learned. */
bool habit_hour(const struct habit *habit, int64_t *ret_clock_ms);

#endif
