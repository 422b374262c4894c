/* busy_hours.h - a shop's year: which months, weekdays and hours are busy.
 *
 * Busy time is a clock that runs fast when the shop is busy and slow when it is quiet, at one day a
 * day on average.  A process that is regular in busy time has the shop's seasons in real time. */
#ifndef SIMULATE_BUSY_HOURS_H
#define SIMULATE_BUSY_HOURS_H

#include <stdbool.h>
#include <stdint.h>

struct busy_hours;

/* From first_day for n_days > 0.  has_seasons false: busy time is real time. */
struct busy_hours *busy_hours_new(int64_t first_day, int64_t n_days, bool has_seasons);
void               busy_hours_free(struct busy_hours *hours);       /* NULL is fine */

int64_t busy_hours_begin_ms(const struct busy_hours *hours);
int64_t busy_hours_end_ms(const struct busy_hours *hours);      /* just after the last instant */

/* The instant at which so many busy days have passed, 0 <= busy_days < n_days, and back again. */
int64_t busy_hours_at(const struct busy_hours *hours, double busy_days);
double  busy_hours_until(const struct busy_hours *hours, int64_t time_ms);

/* How busy against an average one: month 1..12, weekday 0 Monday .. 6. */
double busy_month(int month);
double busy_weekday(int weekday);

#endif
