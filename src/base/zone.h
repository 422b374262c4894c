/* zone.h - the local time of a place, from the system's zone files (TZif, RFC 9636).
 *
 * Local instants are milliseconds since 1970-01-01 as the place's clock and calendar read.  A time that the clock
 * skips keeps the offset that was in force before the gap; of a time that it shows twice the first counts
 * (RFC 5545, 3.3.5). */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

struct zone;

/* Whether a name may be one: words of letters, digits, '+', '-' and '_' between single slashes. */
bool zone_is_name(struct text name);

/* Reads the file of that name below folder; it lives in the arena.
 * Errors: ERR_INVALID no name, no such zone, or no zone file; ERR_IO it cannot be read. */
bool zone_open(const char *folder, struct text name, struct arena *arena, const struct zone **ret_zone,
               struct err *err) MUST_CHECK;

/* Reads the bytes of a zone file.  Errors: ERR_INVALID it is none. */
bool zone_read(struct text bytes, struct arena *arena, const struct zone **ret_zone, struct err *err) MUST_CHECK;

/* The zone without offset, for who has none. */
extern const struct zone *const zone_utc;

int64_t zone_offset_ms(const struct zone *zone, int64_t time_ms);       /* local minus UTC */
bool    zone_is_dst(const struct zone *zone, int64_t time_ms);
int64_t zone_local_ms(const struct zone *zone, int64_t time_ms);
int64_t zone_time_ms(const struct zone *zone, int64_t local_ms);        /* the instant of a local time */

/* The first instant after time_ms at which the offset or daylight saving changes; INT64_MAX: none. */
int64_t zone_next_change_ms(const struct zone *zone, int64_t time_ms);

#endif
