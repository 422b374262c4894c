/* once.h - which of two values of one trait counts, where some are said once and for all.
 *
 * A value that is set outweighs every one that is only set once, whichever came first; of two that are set the
 * later counts, of two that are set once the earlier.  The rule does not depend on the order in which values are
 * met, so that identities can be joined and taken apart again.  Among an event's properties, and among personal
 * members, the name of what is set once stands behind ONCE_PREFIX.
 *
 * Source: PostHog's person properties, "$set" and "$set_once". */
#ifndef CUSTOMER_ONCE_H
#define CUSTOMER_ONCE_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ONCE_PREFIX "$set_once."

/* Takes the prefix from the name; false: it has none. */
static inline bool once_take(struct text *name)
{
    const size_t n = sizeof ONCE_PREFIX - 1;
    if (name->length <= n || name->at[0] != '$' || memcmp(name->at, ONCE_PREFIX, n) != 0) return false;
    name->at += n;
    name->length -= n;
    return true;
}

/* Whether a value replaces another that was met before it. */
static inline bool once_outweighs(bool is_once, int64_t time_ms, bool other_is_once, int64_t other_time_ms)
{
    if (is_once != other_is_once) return other_is_once;
    return is_once ? time_ms < other_time_ms : time_ms >= other_time_ms;
}

#endif
