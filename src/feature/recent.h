/* recent.h - the last items of a customer, of each kind of event that a recommender looks at. */
#ifndef FEATURE_RECENT_H
#define FEATURE_RECENT_H

#include <stddef.h>
#include <stdint.h>

enum { RECENT_MOST = 64, RECENT_KINDS_MOST = 64 };

struct seen { uint64_t item_hash; int64_t time_ms, quantity_milli; };

/* Of a state of operator_recent; at most RECENT_MOST. */
size_t recent_take(const void *state, struct seen *ret_seen);

#endif
