/* moment.h - instants that a local clock and calendar name: pure, by a place's zone (base/zone.h).
 *
 * A local time that the clock skips keeps the offset before the gap, of one shown twice the first counts.  Hours
 * of a day (quiet hours, windows) go by what the clock reads, whatever happens to it meanwhile. */
#ifndef JOURNEY_MOMENT_H
#define JOURNEY_MOMENT_H

#include "base/calendar.h"
#include "base/zone.h"
#include "journey/journey.h"

#define MOMENT_NEVER INT64_MAX

/* Local days and the hours of them.  from == to: the whole day.  from > to: over midnight, and the day is that on
 * which it began. */
struct hours { unsigned days; int64_t from_ms, to_ms; };       /* days: bit 0 Monday .. 6; 0: all */

int64_t moment_day(const struct zone *zone, int64_t time_ms);           /* the local date */
int64_t moment_week(const struct zone *zone, int64_t time_ms);          /* the Monday of its local week */
int64_t moment_of(const struct zone *zone, int64_t day, int64_t clock_ms);

/* A span later: elapsed, or the same local time so many days on. */
int64_t moment_after(const struct zone *zone, int64_t time_ms, struct span span);
/* The first instant from time_ms on that is this time of some local day. */
int64_t moment_clock(const struct zone *zone, int64_t time_ms, int64_t clock_ms);
/* The first instant from time_ms on that is this time of the day's anniversary; 29 February is 28 in other years.
 */
int64_t moment_yearly(const struct zone *zone, int64_t time_ms, int64_t day, int64_t shift_days, int64_t clock_ms);

/* The first instant from time_ms on at which the clock reads a time inside the hours, or outside.  MOMENT_NEVER:
 * there is none. */
int64_t moment_inside(const struct zone *zone, int64_t time_ms, const struct hours *hours);
int64_t moment_outside(const struct zone *zone, int64_t time_ms, const struct hours *hours);
bool    moment_is_inside(const struct zone *zone, int64_t time_ms, const struct hours *hours);

/* The first instant after time_ms that belongs to a later local day, or week. */
int64_t moment_next_day(const struct zone *zone, int64_t time_ms);
int64_t moment_next_week(const struct zone *zone, int64_t time_ms);

/* The first time after time_ms that a schedule names, by this zone; MOMENT_NEVER: none any more. */
int64_t moment_scheduled(const struct zone *zone, int64_t time_ms, const struct trigger *trigger);

/* "2027-03-28T12:00:00+02:00" */
enum { MOMENT_TEXT_BYTES = 32 };
void moment_format(const struct zone *zone, int64_t time_ms, char ret_text[MOMENT_TEXT_BYTES]);

#endif
