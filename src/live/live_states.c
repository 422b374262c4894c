/* live_states.c - the packed states of all identities, and folding into them; see live_internal.h. */
#include "live/live_internal.h"
#include "base/memory.h"
#include "log/correction.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 64, EXPECTED_LINES = 3 };

static struct slot *slot_at(const struct states *states, uint32_t identity)
{
    assert(identity / SLOTS_PER_PAGE < states->n_pages);
    return &states->pages[identity / SLOTS_PER_PAGE][identity % SLOTS_PER_PAGE];
}

/* Whose a piece of a slab is: twice an identity, one more for its traits. */
static uint32_t state_owner(uint32_t identity)  { return 2 * identity; }
static uint32_t traits_owner(uint32_t identity) { return 2 * identity + 1; }

static void piece_moved(void *context, uint32_t owner, uint32_t piece)
{
    struct slot *slot = slot_at(context, owner / 2);
    if (owner == state_owner(owner / 2)) slot->state = piece;
    else slot->traits = piece;
}

struct states *states_new(const struct log *log)
{
    struct states *states = memory_new(1, sizeof *states);
    states->log = log;
    states->arena = arena_new(ARENA_NO_LIMIT);
    pthread_mutex_init(&states->waiting_lock, NULL);
    trait_names_init(&states->names);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) states->slabs[p] = slab_new(piece_moved, states);
    return states;
}

void states_free(struct states *states)
{
    if (!states) return;
    for (size_t i = 0; i < states->n_waiting; i++) free((void *)(uintptr_t)states->waiting[i].event.properties.at);
    for (size_t i = 0; i < states->n_models; i++) trained_release(&states->models[i].trained);
    for (size_t i = 0; i < states->n_pages; i++) free(states->pages[i]);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) slab_free(states->slabs[p]);
    free(states->pages);
    free(states->waiting);
    trait_names_free(&states->names);
    pthread_mutex_destroy(&states->waiting_lock);
    arena_free(states->arena);
    free(states);
}

struct slot *states_slot(const struct states *states, uint32_t identity)
{
    size_t page = identity / SLOTS_PER_PAGE;
    if (page >= states->n_pages) return NULL;
    struct slot *slot = &states->pages[page][identity % SLOTS_PER_PAGE];
    return slot->last_known_ms == INT64_MIN ? NULL : slot;
}

void states_reserve(struct states *states, size_t n_identities)
{
    size_t n_pages = (n_identities + SLOTS_PER_PAGE - 1) / SLOTS_PER_PAGE;
    if (n_pages <= states->n_pages) return;
    struct slot **pages = memory_grow(states->pages, n_pages, sizeof *pages);
    states->pages = pages;
    for (; states->n_pages < n_pages; states->n_pages++) {
        struct slot *page = memory_new(SLOTS_PER_PAGE, sizeof *page);
        for (size_t i = 0; i < SLOTS_PER_PAGE; i++) page[i] = (struct slot){ .last_known_ms = INT64_MIN };
        pages[states->n_pages] = page;
    }
}

size_t states_bytes(const struct states *states)
{
    size_t n_bytes = sizeof *states + states->n_pages * (SLOTS_PER_PAGE * sizeof(struct slot) + sizeof(void *)) +
                     states->waiting_room * sizeof *states->waiting;
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) n_bytes += slab_bytes(states->slabs[p]);
    return n_bytes;
}

void states_follow_kinds(struct states *states, uint16_t kind)
{
    uint32_t traits_kind, correction_kind;
    if (kind < states->n_kinds) return;
    states->n_kinds = kind + 1u;
    if (log_find(states->log, DICTIONARY_KIND, text_of("traits"), &traits_kind))
        states->traits_kind = (uint16_t)traits_kind;
    if (log_find(states->log, DICTIONARY_KIND, text_of(LOG_CORRECTION), &correction_kind))
        states->correction_kind = (uint16_t)correction_kind;
    if (states->set) feature_set_follow(states->set, states->log, states->n_kinds, states->arena);
}

/* ---- folding ---- */

struct folding *folding_new(struct states *states)
{
    struct folding *folding = memory_new(1, sizeof *folding);
    folding->states = states;
    folding->edit = trait_edit_new();
    if (states->set) {
        folding->state = fold_new(states->set);
        size_t most = fold_packed_most(states->set);
        folding->packed = memory_new(1, 1 + (most > FEW_BYTES_MOST ? most : FEW_BYTES_MOST));
    }
    return folding;
}

void folding_free(struct folding *folding)
{
    if (!folding) return;
    fold_free(folding->state);
    free(folding->packed);
    free(folding->corrected);
    trait_edit_free(folding->edit);
    log_reader_close(folding->reader);
    arena_free(folding->arena);
    free(folding);
}

struct slab *states_slab(const struct states *states, uint32_t identity)
{
    return states->slabs[log_partition(states->log, identity)];
}

static uint32_t restore_piece(struct slab *slab, uint32_t piece, uint32_t owner, const unsigned char *bytes, size_t n)
{
    if (bytes) return slab_put(slab, piece, owner, bytes, n);
    slab_drop(slab, piece);
    return 0;
}

void states_restore(struct states *states, struct slab *slab, uint32_t identity, int64_t last_known_ms,
                    const unsigned char *state, size_t n_state, const unsigned char *traits, size_t n_traits)
{
    struct slot *slot = slot_at(states, identity);
    slot->state = restore_piece(slab, slot->state, state_owner(identity), state, n_state);
    slot->traits = restore_piece(slab, slot->traits, traits_owner(identity), traits, n_traits);
    slot->last_known_ms = last_known_ms;
}

void states_expect_slot(const struct states *states, uint32_t identity)
{
    if (identity / SLOTS_PER_PAGE < states->n_pages) __builtin_prefetch(slot_at(states, identity), 1);
}

void states_expect_piece(const struct states *states, uint32_t identity)
{
    const struct slot *slot = states_slot(states, identity);
    if (!slot || !slot->state) return;
    const unsigned char *piece = slab_at(states_slab(states, identity), slot->state);
    for (size_t line = 0; line < EXPECTED_LINES; line++) __builtin_prefetch(piece + line * LINE_BYTES, 1);
}

void states_unpack(const struct states *states, uint32_t identity, struct fold_state *ret_state)
{
    const unsigned char *piece = slab_at(states_slab(states, identity), slot_at(states, identity)->state);
    struct fold_event events[FEW_EVENTS_MOST];
    if (*piece == 0) { fold_unpack(ret_state, piece + 1); return; }
    (void)few_events(piece + 1, *piece, events);
    fold_begin(ret_state);
    fold_update(ret_state, events, *piece);
}

void folding_close(struct folding *folding)
{
    uint32_t identity = folding->identity;
    size_t n_bytes;
    folding->identity = 0;
    if (identity == 0 || !folding->state) return;
    struct slot *slot = slot_at(folding->states, identity);
    if (folding->is_few) {
        n_bytes = folding->few.n_bytes;
        folding->packed[0] = (unsigned char)folding->few.n;
        memcpy(folding->packed + 1, folding->few.bytes, n_bytes);
    } else {
        n_bytes = fold_pack(folding->state, folding->packed + 1);
        folding->packed[0] = 0;
    }
    slot->state = slab_put(states_slab(folding->states, identity), slot->state, state_owner(identity),
                           folding->packed, 1 + n_bytes);
}

static void open_state(struct folding *folding, uint32_t identity)
{
    folding_close(folding);
    folding->identity = identity;
    if (!folding->state) return;
    const struct slot *slot = slot_at(folding->states, identity);
    const unsigned char *piece = slot->state ? slab_at(states_slab(folding->states, identity), slot->state) : NULL;
    folding->is_few = !piece || *piece > 0;
    folding->few.n = folding->few.n_bytes = 0;
    folding->few.place = (struct few_place){ 0 };
    if (piece && *piece > 0) few_load(&folding->few, piece + 1, *piece);
    else if (piece) fold_unpack(folding->state, piece + 1);
}

/* Makes the state of the few events there are. */
static void make_state(struct folding *folding)
{
    struct fold_event events[FEW_EVENTS_MOST];
    (void)few_events(folding->few.bytes, folding->few.n, events);
    fold_begin(folding->state);
    fold_update(folding->state, events, folding->few.n);
    folding->is_few = false;
}

static void fold_into_state(struct folding *folding, const struct fold_event *events, size_t n)
{
    const struct feature_set *set = folding->states->set;
    size_t n_kept = 0;
    if (folding->is_few && folding->few.n + n > FEW_EVENTS_MOST) make_state(folding);
    while (folding->is_few && n_kept < n) {
        const struct fold_event *event = &events[n_kept];
        if (few_add(&folding->few, event, feature_set_parts_of(set, event->kind))) n_kept++;
        else make_state(folding);
    }
    if (!folding->is_few) fold_update(folding->state, events + n_kept, n - n_kept);
}

static void take_traits(struct folding *folding, struct slot *slot, uint32_t identity,
                        const struct fold_event *event)
{
    struct slab *slab = states_slab(folding->states, identity);
    size_t n_bytes;
    const unsigned char *piece = traits_take(folding->edit, &folding->states->names,
                                             slot->traits ? slab_at(slab, slot->traits) : NULL, event, &n_bytes);
    slot->traits = slab_put(slab, slot->traits, traits_owner(identity), piece, n_bytes);
}

void folding_fold(struct folding *folding, uint32_t identity, const struct fold_event *events, size_t n)
{
    struct states *states = folding->states;
    struct slot *slot = slot_at(states, identity);
    if (n == 0) return;
    if (folding->identity != identity) open_state(folding, identity);
    if (slot->last_known_ms == INT64_MIN) states->n_identities++;
    states->n_events += n;
    for (size_t i = 0; i < n; i++) {
        if (events[i].known_ms < slot->last_known_ms) states->is_disordered = true;
        else slot->last_known_ms = events[i].known_ms;
        bool has_traits = states->traits_kind && events[i].kind == states->traits_kind;
        if (has_traits) take_traits(folding, slot, identity, &events[i]);
    }
    if (folding->state) fold_into_state(folding, events, n);
}

/* ---- events whose time has not come ---- */

static bool is_due_before(const struct waiting *a, const struct waiting *b)
{
    if (a->event.known_ms != b->event.known_ms) return a->event.known_ms < b->event.known_ms;
    return a->number < b->number;
}

void states_wait(struct states *states, uint32_t identity, const struct fold_event *event)
{
    struct waiting waiting = { *event, identity, 0 };
    char *properties = memory_new(1, event->properties.length + 1);
    memcpy(properties, event->properties.at, event->properties.length);
    waiting.event.properties.at = properties;
    pthread_mutex_lock(&states->waiting_lock);
    waiting.number = states->n_ever_waiting++;
    if (states->n_waiting == states->waiting_room) {
        states->waiting_room = states->waiting_room ? 2 * states->waiting_room : 64;
        states->waiting = memory_grow(states->waiting, states->waiting_room, sizeof *states->waiting);
    }
    size_t at = states->n_waiting++;
    for (; at > 0 && is_due_before(&waiting, &states->waiting[(at - 1) / 2]); at = (at - 1) / 2)
        states->waiting[at] = states->waiting[(at - 1) / 2];
    states->waiting[at] = waiting;
    pthread_mutex_unlock(&states->waiting_lock);
}

int64_t states_next_due_ms(const struct states *states)
{
    return states->n_waiting ? states->waiting[0].event.known_ms : INT64_MAX;
}

static struct waiting take_first(struct states *states)
{
    struct waiting first = states->waiting[0], last = states->waiting[--states->n_waiting];
    size_t at = 0, n = states->n_waiting;
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && is_due_before(&states->waiting[child + 1], &states->waiting[child])) child++;
        if (!is_due_before(&states->waiting[child], &last)) break;
        states->waiting[at] = states->waiting[child];
    }
    if (n > 0) states->waiting[at] = last;
    return first;
}

void states_fold_due(struct states *states, struct folding *folding, int64_t known_ms,
                     state_change *folded, void *context)
{
    while (states_next_due_ms(states) <= known_ms) {
        struct waiting waiting = take_first(states);
        folding_fold(folding, waiting.identity, &waiting.event, 1);
        free((void *)(uintptr_t)waiting.event.properties.at);
        if (folded) folded(context, waiting.identity);
    }
}

void states_blank_waiting(struct states *states, uint32_t identity)
{
    for (size_t i = 0; i < states->n_waiting; i++)
        if (states->waiting[i].identity == identity) states->waiting[i].event.properties.length = 0;
}
