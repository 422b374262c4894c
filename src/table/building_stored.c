/* building_stored.c - the orders that the log has, next to those of a file that has orders' numbers.
 *
 * What the file says again stays.  What it says otherwise is corrected: the order's event, its refund, and each
 * line that it has another version of, line by line of the same item.  Lines that the file lacks stay. */
#include "table/building_internal.h"

#include <string.h>

struct stored_orders {
    struct events   events;
    struct hash_map first;      /* order_key -> 1 + index of its first event */
    uint32_t       *next;       /* [events.n] 1 + index of the next of the same order; 0 none */
    bool           *is_kept, *is_corrected;     /* [events.n] to be corrected unless it is kept */
    const struct build *build;
};

static bool is_one_of(const uint16_t *kinds, uint16_t kind)
{
    for (int s = 0; s < STATUSES; s++)
        if (kinds[s] != 0 && kinds[s] == kind) return true;
    return false;
}

static bool is_line(const struct build *build, uint16_t kind)
{
    return is_one_of(build->item_kinds, kind) || (build->refund_item_kind && kind == build->refund_item_kind);
}

static bool is_of_order(const struct build *build, uint16_t kind)
{
    return is_one_of(build->order_kinds, kind) || kind == build->refund_kind || is_line(build, kind);
}

struct stored_orders *stored_orders_load(struct build *build, struct bench *bench, unsigned partition,
                                         struct arena *arena, struct err *err)
{
    struct stored_orders *stored = ARENA_NEW(arena, struct stored_orders);
    unsigned columns = LOG_MESSAGE | LOG_KIND | LOG_AMOUNT | LOG_QUANTITY | LOG_ITEM | LOG_TIME | LOG_IDENTITY;
    if (!log_read(bench->reader, partition, columns, arena, &stored->events, err)) return NULL;
    size_t n = stored->events.n;
    stored->build = build;
    stored->next = ARENA_ARRAY(arena, uint32_t, n + 1);
    stored->is_kept = ARENA_ARRAY(arena, bool, n + 1);
    stored->is_corrected = ARENA_ARRAY(arena, bool, n + 1);
    hash_map_clear(&bench->stored, n);
    stored->first = bench->stored;
    for (size_t i = n; i-- > 0;) {              /* so that each chain is in the log's order */
        if (!is_of_order(build, stored->events.kind[i])) continue;
        uint64_t *first = hash_map_put(&stored->first, order_key(stored->events.message_hash[i]));
        stored->next[i] = (uint32_t)*first;
        *first = i + 1;
    }
    bench->stored = stored->first;
    return stored;
}

static uint32_t chain_of(const struct stored_orders *stored, uint64_t key)
{
    const uint64_t *first = hash_map_find(&stored->first, key);
    return first ? (uint32_t)*first : 0;
}

bool stored_orders_keep(struct stored_orders *stored, uint64_t key, uint32_t identity, uint16_t kind,
                        uint64_t message)
{
    for (uint32_t at = chain_of(stored, key); at; at = stored->next[at - 1]) {
        size_t i = at - 1;
        if (stored->events.message_hash[i] != message || stored->events.kind[i] != kind || stored->is_kept[i] ||
            stored->events.identity[i] != identity)
            continue;
        return stored->is_kept[i] = true;
    }
    return false;
}

/* How many of the same item stand before event i among the order's lines. */
static uint64_t nth_of_item(const struct stored_orders *stored, uint64_t key, size_t i)
{
    uint64_t n = 0;
    for (uint32_t at = chain_of(stored, key); at && at - 1 != i; at = stored->next[at - 1]) {
        size_t k = at - 1;
        n += is_line(stored->build, stored->events.kind[k]) && stored->events.item[k] == stored->events.item[i] &&
             stored->events.identity[k] == stored->events.identity[i];
    }
    return n;
}

struct stored_lines stored_orders_lines(struct stored_orders *stored, const struct hash_map *items, uint64_t key,
                                        uint32_t identity, bool says_refund)
{
    struct stored_lines lines = { .first_ms = INT64_MAX };
    const struct events *events = &stored->events;
    for (uint32_t at = chain_of(stored, key); at; at = stored->next[at - 1]) {
        size_t i = at - 1;
        if (events->identity[i] != identity) continue;
        lines.is_known = true;
        if (!is_line(stored->build, events->kind[i])) {
            stored->is_corrected[i] = says_refund || events->kind[i] != stored->build->refund_kind;
            continue;
        }
        const uint64_t *n_here = hash_map_find(items, building_mixed(key, events->item[i]));
        if (!stored->is_kept[i] && n_here && *n_here > nth_of_item(stored, key, i)) {
            stored->is_corrected[i] = true;
        } else if (!stored->is_kept[i]) {
            lines.amount_cents += events->amount_cents[i];
            lines.quantity_milli += events->quantity_milli[i];
            if (events->time_ms[i] < lines.first_ms) lines.first_ms = events->time_ms[i];
        }
    }
    return lines;
}

size_t stored_orders_corrected(const struct stored_orders *stored)
{
    size_t n = 0;
    for (size_t i = 0; i < stored->events.n; i++) n += stored->is_corrected[i] && !stored->is_kept[i];
    return n;
}

void stored_orders_emit(const struct stored_orders *stored, const struct build *build, struct events *events)
{
    for (size_t i = 0; i < stored->events.n; i++) {
        if (!stored->is_corrected[i] || stored->is_kept[i]) continue;
        size_t n = events->n++;
        events->time_ms[n] = stored->events.time_ms[i];
        events->received_ms[n] = build->corrected_ms;
        events->identity[n] = stored->events.identity[i];
        events->kind[n] = build->correction_kind;
        events->source[n] = build->source;
        events->message_hash[n] = log_correction_of(stored->events.message_hash[i]);
        if (events->properties_end) events->properties_end[n] = n > 0 ? events->properties_end[n - 1] : 0;
    }
}
