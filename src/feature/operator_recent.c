/* operator_recent.c - the last items that a customer had something to do with, and when; see operator.h.
 *
 * Kept only while something recommends items (feature_set_keep_recent); no feature is read from it.  Of two events
 * the one that happened later is the more recent, of the same instant the one with the greater item hash: so the
 * list is the same whatever the order of arrival, and merging two lists keeps what the events of both would have
 * left. */
#include "feature/operator.h"
#include "feature/packing.h"
#include "feature/recent.h"

#include <string.h>

struct recent {
    uint64_t    n;
    struct seen seen[RECENT_MOST];      /* [n] the oldest first */
};

static bool is_before(struct seen a, struct seen b)
{
    return a.time_ms != b.time_ms ? a.time_ms < b.time_ms : a.item_hash < b.item_hash;
}

static void add(struct recent *recent, struct seen seen)
{
    uint64_t at = recent->n;
    while (at > 0 && is_before(seen, recent->seen[at - 1])) at--;
    if (recent->n < RECENT_MOST) {
        memmove(recent->seen + at + 1, recent->seen + at, (recent->n - at) * sizeof seen);
        recent->seen[at] = seen;
        recent->n++;
    } else if (at > 0) {
        memmove(recent->seen, recent->seen + 1, (at - 1) * sizeof seen);
        recent->seen[at - 1] = seen;
    }
}

static void recent_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    if (event->item_hash) add(state, (struct seen){ event->item_hash, event->time_ms, event->quantity_milli });
}

static void recent_merge(void *state, const void *other_state, const struct operator_use *use)
{
    (void)use;
    const struct recent *other = other_state;
    for (uint64_t i = 0; i < other->n; i++) add(state, other->seen[i]);
}

static void recent_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                        uint64_t n_events, double *ret_row)
{
    (void)state, (void)use, (void)moment, (void)n_events, (void)ret_row;
}

static void recent_clear(void *state, bool is_final)
{
    (void)is_final;
    ((struct recent *)state)->n = 0;
}

static bool recent_is_empty(const void *state) { return ((const struct recent *)state)->n == 0; }

enum { SEEN_MOST_BYTES = 8 + 2 * NUMBER_MOST_BYTES };

static unsigned char *recent_pack(const void *state, unsigned char *to)
{
    const struct recent *recent = state;
    int64_t before_ms = 0;
    to = number_pack(to, recent->n);
    for (uint64_t i = 0; i < recent->n; i++) {
        memcpy(to, &recent->seen[i].item_hash, 8);
        to = number_pack(to + 8, number_zigzag(recent->seen[i].time_ms - before_ms));
        to = number_pack(to, number_zigzag(recent->seen[i].quantity_milli));
        before_ms = recent->seen[i].time_ms;
    }
    return to;
}

static const unsigned char *recent_unpack(void *state, const unsigned char *from)
{
    struct recent *recent = state;
    int64_t before_ms = 0;
    uint64_t number;
    from = number_unpack(from, &recent->n);
    for (uint64_t i = 0; i < recent->n; i++) {
        memcpy(&recent->seen[i].item_hash, from, 8);
        from = number_unpack(from + 8, &number);
        recent->seen[i].time_ms = before_ms += number_unzigzag(number);
        from = number_unpack(from, &number);
        recent->seen[i].quantity_milli = number_unzigzag(number);
    }
    return from;
}

size_t recent_take(const void *state, struct seen *ret_seen)
{
    const struct recent *recent = state;
    memcpy(ret_seen, recent->seen, recent->n * sizeof *ret_seen);
    return recent->n;
}

const struct operator operator_recent = {
    .name = "recent", .state_bytes = sizeof(struct recent), .parts = PART_ITEM | PART_QUANTITY,
    .update = recent_update, .merge = recent_merge, .read = recent_read, .clear = recent_clear,
    .packed_most = NUMBER_MOST_BYTES + RECENT_MOST * SEEN_MOST_BYTES, .is_empty = recent_is_empty,
    .pack = recent_pack, .unpack = recent_unpack,
};
