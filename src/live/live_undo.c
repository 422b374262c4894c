/* live_undo.c - states as they were before the events of a group, in case it comes to nothing; see live.h.
 *
 * What is about to be folded into for the first time is copied.  A group that does more than fold, as the rare one
 * with events whose time is yet to come, is left to a replay. */
#include "live/live_internal.h"

#include <stdlib.h>
#include <string.h>

/* One identity's, its pieces in the arena; NULL: it had none. */
struct saved {
    uint32_t             identity;
    struct slab         *slab;      /* where its pieces lie; the log may forget it */
    int64_t              last_known_ms;
    const unsigned char *state, *traits;
    size_t               n_state, n_traits;
};

struct live_undo {
    bool          is_on;
    struct arena *arena;
    struct saved *saved;            /* [n_saved] */
    size_t        n_saved, room;
    uint64_t     *bits;             /* [n_words] of identities that are saved */
    size_t        n_words;
    size_t        n_identities, n_waiting, n_kinds, n_names;
    uint64_t      n_events, n_ever_waiting;
    bool          is_disordered;
};

void live_undo_free(struct live_undo *undo)
{
    if (!undo) return;
    arena_free(undo->arena);
    free(undo->saved);
    free(undo->bits);
    free(undo);
}

void live_begin(struct live *live)
{
    const struct states *states = live->states;
    if (!live->undo) {
        live->undo = calloc(1, sizeof *live->undo);
        if (!live->undo) abort();       /* as an arena does */
        live->undo->arena = arena_new(ARENA_NO_LIMIT);
    }
    struct live_undo *undo = live->undo;
    for (size_t i = 0; i < undo->n_saved; i++) undo->bits[undo->saved[i].identity / 64] = 0;
    arena_reset(undo->arena);
    undo->n_saved = 0;
    undo->is_on = true;
    live->folding->n_corrected = 0;
    undo->n_identities = states->n_identities, undo->n_events = states->n_events;
    undo->n_waiting = states->n_waiting, undo->n_ever_waiting = states->n_ever_waiting;
    undo->n_kinds = states->n_kinds, undo->n_names = states->names.n;
    undo->is_disordered = states->is_disordered;
}

void live_end(struct live *live)
{
    struct live_undo *undo = live->undo;
    undo->is_on = false;
    for (size_t i = 0; i < undo->n_saved; i++) live_touch(live, undo->saved[i].identity);
}

static const unsigned char *copy_piece(struct live_undo *undo, const struct slab *slab, uint32_t piece,
                                       size_t *ret_n)
{
    if (!piece) return NULL;
    *ret_n = slab_length(slab, piece);
    unsigned char *copy = arena_alloc(undo->arena, *ret_n, 1);
    memcpy(copy, slab_at(slab, piece), *ret_n);
    return copy;
}

static void make_room(struct live_undo *undo, uint32_t identity)
{
    if (identity / 64 >= undo->n_words) {
        size_t n_words = 2 * (size_t)(identity / 64) + 64;
        undo->bits = realloc(undo->bits, n_words * sizeof *undo->bits);
        if (!undo->bits) abort();
        memset(undo->bits + undo->n_words, 0, (n_words - undo->n_words) * sizeof *undo->bits);
        undo->n_words = n_words;
    }
    if (undo->n_saved < undo->room) return;
    undo->room = undo->room ? 2 * undo->room : 1024;
    undo->saved = realloc(undo->saved, undo->room * sizeof *undo->saved);
    if (!undo->saved) abort();
}

bool live_undo_save(struct live *live, uint32_t identity)
{
    struct live_undo *undo = live->undo;
    if (!undo || !undo->is_on) return false;
    make_room(undo, identity);
    uint64_t bit = UINT64_C(1) << (identity % 64), *word = &undo->bits[identity / 64];
    if (*word & bit) return true;
    *word |= bit;
    struct saved *saved = &undo->saved[undo->n_saved++];
    const struct slot *slot = states_slot(live->states, identity);
    *saved = (struct saved){ .identity = identity, .slab = states_slab(live->states, identity),
                             .last_known_ms = slot ? slot->last_known_ms : INT64_MIN };
    if (!slot) return true;
    saved->state = copy_piece(undo, saved->slab, slot->state, &saved->n_state);
    saved->traits = copy_piece(undo, saved->slab, slot->traits, &saved->n_traits);
    return true;
}

bool live_undo(struct live *live)
{
    struct states *states = live->states;
    struct live_undo *undo = live->undo;
    if (!undo || !undo->is_on) return true;     /* nothing was folded */
    undo->is_on = false;
    if (states->n_waiting != undo->n_waiting || states->n_ever_waiting != undo->n_ever_waiting ||
        states->n_kinds != undo->n_kinds || states->names.n != undo->n_names)
        return false;
    for (size_t i = 0; i < undo->n_saved; i++) {
        const struct saved *saved = &undo->saved[i];
        states_restore(states, saved->slab, saved->identity, saved->last_known_ms, saved->state, saved->n_state,
                       saved->traits, saved->n_traits);
        if (saved->last_known_ms != INT64_MIN) live_touch(live, saved->identity);   /* scored by what never was? */
    }
    states->n_identities = undo->n_identities;
    states->n_events = undo->n_events;
    states->is_disordered = undo->is_disordered;
    return true;
}
