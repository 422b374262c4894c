/* recent.h - the last items of a customer, of each kind of event that a recommender looks at. */
#ifndef FEATURE_RECENT_H
#define FEATURE_RECENT_H

#include "feature/fold.h"

enum { RECENT_MOST = 64, RECENT_KINDS_MOST = 64 };

struct seen { uint64_t item_hash; int64_t time_ms, quantity_milli; };

/* Adds to a set that each customer's last RECENT_MOST items of these kinds are kept, besides what it has; kinds
 * that the log lacks are followed once they come.  Before there is any state of the set; the arena is the set's.
 */
void feature_set_keep_recent(struct feature_set *set, const char *const *kinds, size_t n_kinds,
                             const struct log *log, struct arena *arena);

/* Calls tell for each kind that the set keeps, with what the state has of it, the oldest first. */
void fold_recent(const struct fold_state *state,
                 void (*tell)(void *context, const char *kind, const struct seen *seen, size_t n), void *context);

size_t recent_take(const void *state,
                   struct seen *ret_seen); /* of a state of operator_recent; at most RECENT_MOST */

#endif
