/* closed_address.h - addresses that nothing is sent to: they bounced, complained, or said stop to a provider.
 *
 * Kept by keyed hash: the list names nobody, stops sending and nothing else, and stays when a person is erased. */
#ifndef CUSTOMER_CLOSED_ADDRESS_H
#define CUSTOMER_CLOSED_ADDRESS_H

#include "customer/vault.h"

/* reason: "bounce", "complaint", "refused".  The first reason stays.  In the store's transaction. */
bool closed_address_put(struct store *store, const struct vault *vault, struct text address, struct text channel,
                        const char *reason, int64_t now_ms, struct err *err) MUST_CHECK;
bool closed_address_remove(struct store *store, const struct vault *vault, struct text address,
                           struct err *err) MUST_CHECK;

/* Whether nothing may be sent to an address. */
bool closed_address_find(struct store *store, const struct vault *vault, struct text address, bool *ret_is_closed,
                         struct err *err) MUST_CHECK;

#endif
