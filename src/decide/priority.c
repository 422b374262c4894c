/* priority.c - see priority.h. */
#include "decide/priority.h"

#include <stdlib.h>

struct ranked { int64_t loss_cents; uint32_t index; };

static int by_falling_loss(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->loss_cents != b->loss_cents) return a->loss_cents < b->loss_cents ? 1 : -1;
    return a->index < b->index ? -1 : a->index > b->index;
}

uint32_t *priority_order(const int64_t *expected_loss_cents, size_t n, struct arena *arena)
{
    struct ranked *ranked = ARENA_ARRAY(arena, struct ranked, n);
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, n);
    for (size_t i = 0; i < n; i++) ranked[i] = (struct ranked){ expected_loss_cents[i], (uint32_t)i };
    qsort(ranked, n, sizeof *ranked, by_falling_loss);
    for (size_t i = 0; i < n; i++) order[i] = ranked[i].index;
    return order;
}
