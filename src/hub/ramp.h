/* ramp.h - more people let into an experiment that runs.  What its definition plans stays as it is written; beside it stand the
 * shares to which it was raised by hand, each with its instant.  Since arms are dealt by a hash, nobody changes arms. */
#ifndef HUB_RAMP_H
#define HUB_RAMP_H

#include "experiment/design.h"
#include "store/store.h"

#include <jansson.h>

/* Adds to the design what it was raised to by hand.  Errors: those of the store. */
bool ramp_read(struct store *store, struct design *design, struct err *err) MUST_CHECK;

/* In the caller's transaction: from now on that share takes part.
 * Errors: ERR_INVALID no share, or of a known audience; ERR_REFUSED it would not rise, or too often. */
bool ramp_raise(struct store *store, const struct design *design, double share, int64_t now_ms,
                struct err *err) MUST_CHECK;

/* [{from_ms, share, by_hand}], the earliest first; the caller's to json_decref. */
json_t *ramp_json(const struct design *design);

#endif
