/* known.h - what is known of a customer by name: traits, and the sealed personal members over them. */
#ifndef ENGINE_KNOWN_H
#define ENGINE_KNOWN_H

#include "base/zones.h"
#include "customer/profile.h"
#include "journey/contact.h"
#include "live/live.h"

#include <jansson.h>

/* A new object; profiles NULL: only traits.  Takes no lock.  store: any connection. */
bool known_read(const struct live *live, const struct profiles *profiles, const struct identities *identities,
                struct store *store, uint32_t customer, struct arena *scratch, json_t **ret_known,
                struct err *err) MUST_CHECK;

/* Their zone; *ret_is_known false: they have none that there is, and it is the shop's. */
const struct zone *known_zone(const json_t *known, const struct contact_rules *rules, struct zones *zones,
                              bool *ret_is_known);

/* Where the shop is. */
const struct zone *known_shop_zone(const struct contact_rules *rules, struct zones *zones);

/* As known_zone, and the name by which it is told. */
const struct zone *known_zone_named(const json_t *known, const struct contact_rules *rules, struct zones *zones,
                                    const char **ret_name);

/* The channel by which they said they want to be written to (the trait preferred_channel); NULL: nothing. */
const char *known_channel(const json_t *known);

/* Where a channel reaches them; NULL: nowhere, or the channel reaches nobody. */
const char *known_address(const json_t *known, const struct contact_rules *rules, const char *channel);

/* The day that a member names.  False: it names none. */
bool known_day(const json_t *known, const char *name, int64_t *ret_day);

/* An event as conditions and templates see it: its properties, event, item, amount and quantity; a new object. */
json_t *known_event(const struct log *log, const struct events *events, size_t i);

#endif
