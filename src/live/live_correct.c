/* live_correct.c - one identity's state anew, of whom something was corrected; see live_internal.h. */
#include "live/live_internal.h"

#include "feature/by_customer.h"
#include "log/correction.h"

#include <string.h>

static bool is_known_by(const struct events *events, size_t i, int64_t now_ms)
{
    return events->received_ms[i] <= now_ms && events->time_ms[i] <= now_ms;
}

/* How many events of the identity its state was made of: the log's in force, and the group's before its first
 * correction. */
static uint64_t count_folded(const struct states *states, const struct events *log, const struct events *group,
                             uint32_t identity, int64_t now_ms)
{
    uint64_t n = 0;
    for (size_t i = 0; i < log->n; i++)
        n += log->kind[i] != states->correction_kind && is_known_by(log, i, now_ms) &&
             (!log->replaced_ms || log->replaced_ms[i] == INT64_MAX);
    for (size_t i = 0; i < group->n; i++) {
        if (group->identity[i] != identity) continue;
        if (group->kind[i] == states->correction_kind) break;
        n += is_known_by(group, i, now_ms);
    }
    return n;
}

/* The identity's events of the group behind those of the log. */
static void add_group(const struct events *group, uint32_t identity, struct arena *arena, struct events *events)
{
    struct events all = { .n = events->n };
    size_t room = events->n + group->n + 1;
    size_t n_bytes = events->n ? events->properties_end[events->n - 1] : 0;
    size_t n_group = group->n ? group->properties_end[group->n - 1] : 0;
    char *bytes = arena_alloc(arena, n_bytes + n_group + 1, 1);
    if (n_bytes) memcpy(bytes, events->properties_bytes, n_bytes);
#define TAKE(column)                                                                                             \
    all.column = arena_alloc(arena, room, sizeof *all.column);                                                   \
    if (events->n) memcpy(all.column, events->column, events->n * sizeof *all.column);                           \
    for (size_t i = 0, to = events->n; i < group->n; i++)                                                        \
        if (group->identity[i] == identity) all.column[to++] = group->column[i]
    TAKE(received_ms);
    TAKE(time_ms);
    TAKE(identity);
    TAKE(kind);
    TAKE(amount_cents);
    TAKE(quantity_milli);
    TAKE(item);
    TAKE(message_hash);
#undef TAKE
    all.properties_end = arena_alloc(arena, room, sizeof *all.properties_end);
    if (events->n) memcpy(all.properties_end, events->properties_end, events->n * sizeof *all.properties_end);
    for (size_t i = 0; i < group->n; i++) {
        uint32_t begin = i ? group->properties_end[i - 1] : 0, length = group->properties_end[i] - begin;
        if (group->identity[i] != identity) continue;
        if (length) memcpy(bytes + n_bytes, group->properties_bytes + begin, length);
        all.properties_end[all.n++] = (uint32_t)(n_bytes += length);
    }
    all.properties_bytes = bytes;
    *events = all;
}

static void forget(struct states *states, struct folding *folding, uint32_t identity, uint64_t n_folded)
{
    folding_close(folding);
    if (states_slot(states, identity)) states->n_identities--;
    states->n_events -= n_folded;
    states_restore(states, states_slab(states, identity), identity, INT64_MIN, NULL, 0, NULL, 0);
}

static void fold_all(struct states *states, struct folding *folding, uint32_t identity, const struct events *events,
                     int64_t now_ms)
{
    struct by_customer by_customer;
    by_customer_group(events, (size_t)identity + 1, folding->arena, &by_customer);
    for (size_t i = 0; i < events->n; i++) {
        uint32_t at = by_customer.order[i], item = events->item[at];
        uint64_t item_hash = item ? item_hash_of(log_name(states->log, DICTIONARY_ITEM, item)) : 0;
        struct fold_event event = fold_event_at(events, at, by_customer.known_ms[at], item_hash);
        if (event.known_ms <= now_ms) folding_fold(folding, identity, &event, 1);
    }
    folding_close(folding);
}

bool states_replay_one(struct states *states, struct folding *folding, uint32_t identity, const struct events *group,
                       int64_t now_ms, struct err *err)
{
    const unsigned columns = LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_AMOUNT | LOG_QUANTITY | LOG_ITEM |
                             LOG_MESSAGE | LOG_PROPERTIES | LOG_REPLACED;
    struct events events;
    if (!folding->reader && !log_reader_open(states->log, &folding->reader, err)) return false;
    if (!folding->arena) folding->arena = arena_new(ARENA_NO_LIMIT);
    arena_reset(folding->arena);
    if (!log_read_identities(folding->reader, &identity, 1, columns, folding->arena, &events, err)) return false;
    uint64_t n_folded = count_folded(states, &events, group, identity, now_ms);
    add_group(group, identity, folding->arena, &events);
    int64_t *replaced_ms = corrections_find(&events, states->correction_kind, folding->arena);
    if (replaced_ms) corrections_apply(&events, replaced_ms);
    forget(states, folding, identity, n_folded);
    fold_all(states, folding, identity, &events, now_ms);
    return true;
}
