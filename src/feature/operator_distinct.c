/* operator_distinct.c - how many different items, estimated; see operator.h.
 *
 * Linear counting (Whang et al. 1990): a bit per item's hash modulo 512; k bits set mean about -512 ln(1 - k/512)
 * items.  Off by under 4 % to 500 items, 8 % to 2,000; full at 3,549. */
#include "feature/operator.h"

#include <math.h>

enum { BITS = 512 };
_Static_assert((1 << 15) % BITS == 0, "the bits of a short hash say which bit it is");

struct distinct { uint64_t bits[BITS / 64]; };

static void distinct_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    struct distinct *distinct = state;
    if (event->item_hash == 0) return;
    unsigned bit = event->item_hash % BITS;
    distinct->bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static void distinct_merge(void *state, const void *other_state, const struct operator_use *use)
{
    (void)use;
    struct distinct *distinct = state;
    const struct distinct *other = other_state;
    for (int i = 0; i < BITS / 64; i++) distinct->bits[i] |= other->bits[i];
}

static void distinct_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                          uint64_t n_events, double *ret_row)
{
    (void)moment, (void)n_events;
    const struct distinct *distinct = state;
    int n = 0;
    for (int i = 0; i < BITS / 64; i++) n += __builtin_popcountll(distinct->bits[i]);
    double empty = n < BITS ? BITS - n : 0.5;
    operator_put(use, 0, ret_row, BITS * log(BITS / empty));
}

static const struct operator_output outputs[] = {
    { "distinct_items", "items", "number of different items in {many}, estimated",
      "512 * log(512 / greatest(512. - uniqExactIf(item_hash % 512, {is} AND item_hash != 0), 0.5))",
      NEEDS_ITEM },
};

const struct operator operator_distinct = {
    .name = "distinct", .state_bytes = sizeof(struct distinct), .outputs = outputs, .n_outputs = 1,
    .parts = PART_ITEM_SHORT, .update = distinct_update, .merge = distinct_merge, .read = distinct_read,
};
