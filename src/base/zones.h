/* zones.h - the zones of people by name, each read once; for any thread. */
#ifndef BASE_ZONES_H
#define BASE_ZONES_H

#include "base/zone.h"

struct zones;

#define ZONES_FOLDER "/usr/share/zoneinfo"

struct zones *zones_new(const char *folder);        /* of zone files (zone_open) */
void          zones_free(struct zones *zones);      /* NULL is fine */

/* The zone of that name, zone_utc where there is none; until zones_free. */
const struct zone *zones_get(struct zones *zones, struct text name);

#endif
