/* correction.c - see correction.h. */
#include "log/correction.h"

#include "base/hash_map.h"

#include <string.h>

int64_t *corrections_find(const struct events *events, uint16_t correction_kind, struct arena *arena)
{
    size_t n_corrections = 0;
    for (size_t i = 0; i < events->n; i++) n_corrections += events->kind[i] == correction_kind;
    if (n_corrections == 0) return NULL;
    int64_t *replaced_ms = ARENA_ARRAY(arena, int64_t, events->n);
    struct hash_map met = { 0 };        /* message -> 1 + the correction of it that follows soonest */
    hash_map_clear(&met, n_corrections);
    for (size_t i = events->n; i-- > 0;) {
        replaced_ms[i] = INT64_MAX;
        if (events->kind[i] == correction_kind) {
            *hash_map_put(&met, log_correction_of(events->message_hash[i])) = i + 1;
            replaced_ms[i] = INT64_MIN;
            continue;
        }
        const uint64_t *by = hash_map_find(&met, events->message_hash[i]);
        if (by) replaced_ms[i] = events->received_ms[*by - 1];
    }
    hash_map_free(&met);
    return replaced_ms;
}

bool correction_precedes(const struct events *events, size_t i, uint16_t correction_kind)
{
    if (correction_kind == 0) return false;
    while (i > 0 && events->message_hash[i] & 1 && events->kind[i] != correction_kind) i--;     /* a line's hash is odd */
    return i > 0 && events->kind[i - 1] == correction_kind;
}

static void move(struct events *events, size_t to, size_t from)
{
#define MOVE(column) if (events->column) events->column[to] = events->column[from]
    MOVE(received_ms);
    MOVE(time_ms);
    MOVE(identity);
    MOVE(kind);
    MOVE(amount_cents);
    MOVE(quantity_milli);
    MOVE(item);
    MOVE(source);
    MOVE(message_hash);
    MOVE(sequence);
#undef MOVE
}

void corrections_apply(struct events *events, const int64_t *replaced_ms)
{
    char *bytes = NULL;
    uint32_t *ends = events->properties_end, begin = 0, n_bytes = 0;
    size_t n = 0;
    if (ends && events->properties_bytes)
        memcpy(&bytes, &events->properties_bytes, sizeof bytes); /* the arena's */
    for (size_t i = 0; i < events->n; i++) {
        uint32_t end = ends ? ends[i] : 0;
        if (replaced_ms[i] == INT64_MAX) {
            if (n < i) move(events, n, i);
            if (ends && end > begin && n_bytes < begin) memmove(bytes + n_bytes, bytes + begin, end - begin);
            n_bytes += end - begin;
            if (ends) ends[n] = n_bytes;
            n++;
        }
        begin = end;
    }
    events->n = n;
}
