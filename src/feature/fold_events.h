/* fold_events.h - events of the log as the fold takes them. */
#ifndef FEATURE_FOLD_EVENTS_H
#define FEATURE_FOLD_EVENTS_H

#include "feature/fold.h"
#include "log/log.h"

/* [items of the log] what the fold knows each by; lives in the arena. */
const uint64_t *fold_item_hashes(const struct log *log, struct arena *arena);

static inline struct text fold_properties_at(const struct events *events, size_t at)
{
    if (!events->properties_end) return (struct text){ "", 0 };
    uint32_t begin = at ? events->properties_end[at - 1] : 0;
    return (struct text){ events->properties_bytes + begin, events->properties_end[at] - begin };
}

/* Event `at` as the fold takes it; needs every column but source and message_hash where the set looks at them. */
static inline struct fold_event fold_event_at(const struct events *events, size_t at, int64_t known_ms,
                                              uint64_t item_hash)
{
    return (struct fold_event){
        .time_ms = events->time_ms[at], .known_ms = known_ms, .kind = events->kind[at], .item_hash = item_hash,
        .amount_cents = events->amount_cents ? events->amount_cents[at] : 0,
        .quantity_milli = events->quantity_milli ? events->quantity_milli[at] : 0,
        .properties = fold_properties_at(events, at),
    };
}

#endif
