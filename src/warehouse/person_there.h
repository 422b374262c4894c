/* person_there.h - what the warehouse holds about one person. */
#ifndef WAREHOUSE_PERSON_THERE_H
#define WAREHOUSE_PERSON_THERE_H

#include "warehouse/warehouse_settings.h"

#include <jansson.h>
#include <stdint.h>

/* Of each shard: its server, and its events, links, members and scores of these identities, by their numbers here;
 * or what went wrong there.  The caller owns it. */
json_t *person_there(const struct warehouse_settings *settings, const uint32_t *identities, size_t n);

#endif
