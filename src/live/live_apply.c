/* live_apply.c - the events of a group folded into states; see live_internal.h. */
#include "live/live_internal.h"
#include "base/memory.h"

#include <assert.h>

/* So many events before it is folded an identity's slot, then its state, are asked of memory. */
enum { SLOT_AHEAD = 8, PIECE_AHEAD = 4 };

static bool is_corrected(const struct folding *folding, uint32_t identity)
{
    for (size_t i = 0; i < folding->n_corrected; i++)
        if (folding->corrected[i] == identity) return true;
    return false;
}

static void note_corrected(struct folding *folding, uint32_t identity)
{
    if (is_corrected(folding, identity)) return;
    if (folding->n_corrected == folding->corrected_room) {
        folding->corrected_room = 2 * folding->corrected_room + 16;
        folding->corrected = memory_grow(folding->corrected, folding->corrected_room, sizeof *folding->corrected);
    }
    folding->corrected[folding->n_corrected++] = identity;
}

static struct fold_event event_of(const struct states *states, const struct events *events, size_t i)
{
    int64_t received_ms = events->received_ms[i], time_ms = events->time_ms[i];
    uint32_t item = events->item ? events->item[i] : 0;
    return fold_event_at(events, i, received_ms > time_ms ? received_ms : time_ms,
                         item ? item_hash_of(log_name(states->log, DICTIONARY_ITEM, item)) : 0);
}

void folding_apply(struct folding *folding, const struct events *events, size_t from, size_t to, int64_t now_ms,
                   state_change *change, void *context)
{
    struct states *states = folding->states;
    assert(to <= events->n);
    states_reserve(states, log_n_names(states->log, DICTIONARY_IDENTITY));
    for (size_t i = from; i < to; i++) {
        uint32_t identity = events->identity[i];
        if (i + SLOT_AHEAD < to) states_expect_slot(states, events->identity[i + SLOT_AHEAD]);
        if (i + PIECE_AHEAD < to) states_expect_piece(states, events->identity[i + PIECE_AHEAD]);
        if (identity == 0) continue;
        struct fold_event event = event_of(states, events, i);
        states_follow_kinds(states, event.kind);
        if (event.kind == states->correction_kind && event.kind) { note_corrected(folding, identity); continue; }
        if (is_corrected(folding, identity)) continue;      /* folding_correct folds all of theirs */
        if (event.known_ms > now_ms) { states_wait(states, identity, &event); continue; }
        states_fold_due(states, folding, event.known_ms, change, context);
        if (change) change(context, identity);
        folding_fold(folding, identity, &event, 1);
    }
    folding_close(folding);
}

bool folding_correct(struct folding *folding, const struct events *events, int64_t now_ms, state_change *change,
                     void *context, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < folding->n_corrected; i++) {
        if (change) change(context, folding->corrected[i]);
        ok = states_replay_one(folding->states, folding, folding->corrected[i], events, now_ms, err);
    }
    folding->n_corrected = 0;
    return ok;
}
