/* account.h - companies and other groups that customers belong to: the latest of each of their traits. */
#ifndef HUB_ACCOUNT_H
#define HUB_ACCOUNT_H

#include "base/arena.h"
#include "base/text.h"
#include "store/store.h"

/* Puts the members of a flat JSON object over those there are, in the store's transaction; null removes one.
 * Errors: ERR_INVALID not a JSON object, or more than 64 KiB in all; those of the store. */
bool account_put(struct store *store, struct text id, struct text traits, int64_t received_ms,
                 struct err *err) MUST_CHECK;

/* The traits as one JSON object in the arena.  Errors: ERR_MISSING no such account. */
bool account_get(struct store *store, struct text id, struct arena *arena, struct text *ret_traits,
                 struct err *err) MUST_CHECK;

#endif
