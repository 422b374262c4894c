/* calendar.h - days and instants without time zones or the C library's clock.
 *
 * A day is days since 1970-01-01, an instant is milliseconds since then, UTC.
 * Proleptic Gregorian, years 1 to 9999.  Source: H. Hinnant, "chrono-compatible
 * low-level date algorithms". */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_PER_DAY INT64_C(86400000)

struct civil { int year, month, day; };     /* month and day count from 1 */

bool         calendar_is_valid(struct civil date);
int64_t      calendar_day(struct civil date);           /* date must be valid */
struct civil calendar_civil(int64_t day);
int64_t      calendar_day_of_ms(int64_t time_ms);       /* rounds towards the past */
int          calendar_weekday(int64_t day);             /* 0 Monday .. 6 Sunday */

/* Writes "2011-09-09" (11 bytes with its NUL) or "2011-09-09T08:26:00Z" (21). */
void calendar_format_day(int64_t day, char ret_text[11]);
void calendar_format_ms(int64_t time_ms, char ret_text[21]);

/* "2011-09-09", "2011-09-09 08:26", "2011-09-09T08:26:00.123Z", "...+02:00"; false if it is none. */
bool calendar_parse_iso(const char *text, size_t length, int64_t *ret_time_ms);

/* "8:26", "08:26:00.123", "8:26 PM", each with a zone behind it or none: milliseconds since the day
 * began (outside it where a zone moves it); false if it is none. */
bool calendar_parse_clock(const char *text, size_t length, int64_t *ret_ms);

#endif
