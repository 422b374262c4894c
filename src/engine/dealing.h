/* dealing.h - an experiment with audience: known: who takes part is settled when it starts, and each gets an arm
 * then, within the strata, so that what is known to matter is alike in the arms. */
#ifndef ENGINE_DEALING_H
#define ENGINE_DEALING_H

#include "engine/assigning.h"

struct dealing { uint32_t identity; const char *unit; uint8_t arm; double bucket; };
struct dealings { struct dealing *list; size_t n, n_strata; };

/* All customers for whom `who` holds now, outside the control group and with room in the namespace.  where: of a
 * service.  Errors: ERR_REFUSED fewer than two for each arm; those of conditions_hold. */
bool dealings_make(const struct assigning *where, const struct design *design, int64_t now_ms, struct arena *arena,
                   struct dealings *ret_dealings, struct err *err) MUST_CHECK;

/* In the caller's transaction, in which the experiment is put in force. */
bool dealings_put(struct store *store, const struct design *design, const struct dealings *dealings,
                  int64_t now_ms, struct err *err) MUST_CHECK;

#endif
