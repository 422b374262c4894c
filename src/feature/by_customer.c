/* by_customer.c - a counting sort by the rank of the identity among those present; see by_customer.h.
 *
 * Ranks come from a bitmap of the identities present, with the number of bits before each word: small enough
 * for the cache even where there are millions of identities. */
#include "feature/by_customer.h"

#include <stdbool.h>
#include <stdlib.h>

struct ranks { uint64_t *bits; uint32_t *before; };

/* Bits set: a popcount that needs no instruction of its own. */
static inline uint32_t n_bits(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

static inline uint32_t rank_of(const struct ranks *ranks, uint32_t identity)
{
    uint64_t below = ranks->bits[identity / 64] & ((UINT64_C(1) << (identity % 64)) - 1);
    return ranks->before[identity / 64] + n_bits(below);
}

static size_t rank_all(const struct events *events, size_t n_identities, struct arena *arena,
                       struct ranks *ret_ranks)
{
    size_t n_words = n_identities / 64 + 1;
    uint64_t *bits = ARENA_ARRAY(arena, uint64_t, n_words);
    uint32_t *before = ARENA_ARRAY(arena, uint32_t, n_words), n = 0;
    for (size_t i = 0; i < events->n; i++)
        bits[events->identity[i] / 64] |= UINT64_C(1) << (events->identity[i] % 64);
    bits[0] &= ~UINT64_C(1);        /* identity 0 is nobody */
    for (size_t w = 0; w < n_words; w++) {
        before[w] = n;
        n += n_bits(bits[w]);
    }
    *ret_ranks = (struct ranks){ bits, before };
    return n;
}

static uint32_t *list_identities(const struct ranks *ranks, size_t n_identities, size_t n, struct arena *arena)
{
    uint32_t *identity = ARENA_ARRAY(arena, uint32_t, n + 1);
    size_t next = 0;
    for (size_t w = 0; w < n_identities / 64 + 1; w++)
        for (uint64_t bits = ranks->bits[w]; bits; bits &= bits - 1)
            identity[next++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(bits);
    return identity;
}

/* Received and happened; borrowed from events where one of the two is that for all. */
static const int64_t *known_times(const struct events *events, struct arena *arena, bool *ret_is_sorted)
{
    const int64_t *received_ms = events->received_ms, *time_ms = events->time_ms;
    size_t n_early = 0, n_late = 0, n_falling = 0;
    for (size_t i = 0; i < events->n; i++) {
        n_early += received_ms[i] < time_ms[i];
        n_late += received_ms[i] > time_ms[i];
    }
    const int64_t *known_ms = n_late == 0 ? time_ms : received_ms;
    if (n_early > 0 && n_late > 0) {
        int64_t *later_ms = ARENA_ARRAY(arena, int64_t, events->n);
        for (size_t i = 0; i < events->n; i++)
            later_ms[i] = time_ms[i] > received_ms[i] ? time_ms[i] : received_ms[i];
        known_ms = later_ms;
    }
    for (size_t i = 1; i < events->n; i++) n_falling += known_ms[i] < known_ms[i - 1];
    *ret_is_sorted = n_falling == 0;
    return known_ms;
}

struct keyed { int64_t known_ms; uint32_t index; };

static int compare_keyed(const void *a_pointer, const void *b_pointer)
{
    const struct keyed *a = a_pointer, *b = b_pointer;
    if (a->known_ms != b->known_ms) return a->known_ms < b->known_ms ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static void sort_by_known(uint32_t *order, size_t n, const int64_t *known_ms, struct keyed *scratch)
{
    for (size_t i = 0; i < n; i++) scratch[i] = (struct keyed){ known_ms[order[i]], order[i] };
    qsort(scratch, n, sizeof *scratch, compare_keyed);
    for (size_t i = 0; i < n; i++) order[i] = scratch[i].index;
}

static void sort_where_needed(struct by_customer *by_customer, struct arena *arena)
{
    struct keyed *scratch = NULL;
    for (size_t c = 0; c < by_customer->n_customers; c++) {
        uint32_t *order = by_customer->order + by_customer->start[c];
        size_t n = by_customer->start[c + 1] - by_customer->start[c], sorted = 1;
        while (sorted < n && by_customer->known_ms[order[sorted - 1]] <= by_customer->known_ms[order[sorted]])
            sorted++;
        if (sorted >= n) continue;
        if (!scratch) scratch = ARENA_ARRAY(arena, struct keyed, by_customer->start[by_customer->n_customers]);
        sort_by_known(order, n, by_customer->known_ms, scratch);
    }
}

void by_customer_group(const struct events *events, size_t n_identities, struct arena *arena,
                       struct by_customer *ret_by_customer)
{
    struct ranks ranks;
    bool is_sorted;
    size_t n_customers = rank_all(events, n_identities, arena, &ranks);
    uint32_t *start = ARENA_ARRAY(arena, uint32_t, n_customers + 3);
    uint32_t *rank = ARENA_ARRAY(arena, uint32_t, events->n + 1);
    /* Nobody comes last, and is left out.  Counted two places on, so that after the scatter start[c] is
     * where customer c begins. */
    for (size_t i = 0; i < events->n; i++) {
        rank[i] = events->identity[i] ? rank_of(&ranks, events->identity[i]) : (uint32_t)n_customers;
        start[rank[i] + 2]++;
    }
    for (size_t c = 2; c < n_customers + 3; c++) start[c] += start[c - 1];
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, events->n + 1);
    for (size_t i = 0; i < events->n; i++) order[start[rank[i] + 1]++] = (uint32_t)i;
    const int64_t *known_ms = known_times(events, arena, &is_sorted);
    *ret_by_customer = (struct by_customer){
        n_customers, list_identities(&ranks, n_identities, n_customers, arena), start, order, known_ms };
    if (!is_sorted) sort_where_needed(ret_by_customer, arena);
}
