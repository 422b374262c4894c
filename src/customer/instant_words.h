/* instant_words.h - dates with named months, and clocks as people write them: what instant.h's formats share.
 *
 * Months in English, German, Dutch, French, Spanish, Italian and Portuguese, whole or short, UTF-8 or Latin-1. */
#ifndef CUSTOMER_INSTANT_WORDS_H
#define CUSTOMER_INSTANT_WORDS_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/text.h"

/* The place whose zone was looked up last, for texts that end in its name.  Without an arena none is read. */
struct instant_zones { struct arena *arena; char name[64]; const struct zone *zone; };

/* The year that two digits say: 70 to 99 are of the last century. */
int instant_year_of_two(int digits);

/* "3 January 2024", "Jan 3, 2024", "Wed, 03 Jan 2024", "3. Maerz 2024", "3 de enero de 2024", "2024-Jan-03" at
 * the beginning of text; *ret_rest is what follows.  "Wed Jan 03 09:00:00 +0000 2024" has its clock inside, and
 * *ret_clock is that then.  False if it is none. */
bool instant_named_date(struct text text, struct civil *ret_date, struct text *ret_clock, struct text *ret_rest);

/* "Jan-24", "March 2024": the month's first day.  The whole text; false if it is none. */
bool instant_named_month(struct text text, struct civil *ret_first);

/* The whole of what follows a date, with what separates it: ", 9:00:00 AM", "T090000Z", " 09.00", " at 9 pm CET",
 * " 09:00 Europe/Rome".  Milliseconds since that day (days since 1970) began in UTC; nothing is 0.  False if it is
 * no clock. */
bool instant_clock(struct text text, int64_t day, struct instant_zones *zones, int64_t *ret_ms);

/* A time of day by itself, "14:05", "2:05:30 PM": milliseconds since midnight. */
bool instant_time_of_day(struct text text, int64_t *ret_ms);

#endif
