/* fold.c - the states of all operators of a set in one block, or of those that some columns are read from; see fold.h. */
#include "feature/fold.h"
#include "feature/feature_set_internal.h"
#include "feature/packing.h"
#include "feature/recent.h"
#include "base/memory.h"
#include "base/calendar.h"

#include <stdlib.h>
#include <string.h>

/* A state that holds memory, to be freed when the set may be gone already. */
struct holder { const struct operator *operator; uint32_t offset_bytes; };

struct fold_state {
    const struct feature_set *set;
    bool                     *is_wanted;        /* [set->n_uses]; NULL: all are */
    uint32_t                 *wanted;           /* [n_wanted] their numbers */
    size_t                    n_wanted;
    struct holder            *holders;          /* [n_holders] of all uses */
    size_t                    n_holders;
    uint64_t                  n_events;         /* counted ones */
    double                   *row;              /* [feature_set_size] for fold_read */
    _Alignas(16) unsigned char bytes[];         /* [set->state_bytes] */
};

static size_t use_bytes(const struct operator_use *use)
{
    return use->operator->state_bytes * (use->traits ? use->n_traits : 1);
}

static void want(struct fold_state *state, uint32_t use)
{
    if (state->is_wanted && state->is_wanted[use]) return;
    if (state->is_wanted) state->is_wanted[use] = true;
    state->wanted[state->n_wanted++] = use;
}

struct fold_state *fold_new(const struct feature_set *set)
{
    struct fold_state *state = memory_new(1, sizeof *state + set->state_bytes);
    state->set = set;
    state->row = memory_new(feature_set_size(set) + 1, sizeof *state->row);
    state->wanted = memory_new(set->n_uses + 1, sizeof *state->wanted);
    state->holders = memory_new(set->n_uses + 1, sizeof *state->holders);
    for (size_t i = 0; i < set->n_uses; i++) {
        const struct operator_use *use = &set->uses[i];
        want(state, (uint32_t)i);
        if (use->operator->clear)
            state->holders[state->n_holders++] = (struct holder){ use->operator, use->offset_bytes };
    }
    return state;
}

struct fold_state *fold_new_of(const struct feature_set *set, const uint32_t *columns, size_t n_columns)
{
    struct fold_state *state = fold_new(set);
    state->n_wanted = 0;
    state->is_wanted = memory_new(set->n_uses + 1, sizeof *state->is_wanted);
    for (size_t i = 0; i < n_columns; i++) want(state, (uint32_t)set->features[columns[i]].use);
    return state;
}

static void clear_part(struct fold_state *state, const struct operator_use *use)
{
    void *part = state->bytes + use->offset_bytes;
    if (use->operator->clear) use->operator->clear(part, false);
    else memset(part, 0, use_bytes(use));
}

void fold_begin(struct fold_state *state)
{
    state->n_events = 0;
    if (!state->is_wanted && state->n_holders == 0) memset(state->bytes, 0, state->set->state_bytes);
    else for (size_t i = 0; i < state->n_wanted; i++) clear_part(state, &state->set->uses[state->wanted[i]]);
}

void fold_free(struct fold_state *state)
{
    if (!state) return;
    for (size_t i = 0; i < state->n_holders; i++)
        state->holders[i].operator->clear(state->bytes + state->holders[i].offset_bytes, true);
    free(state->is_wanted);
    free(state->wanted);
    free(state->holders);
    free(state->row);
    free(state);
}

void fold_update(struct fold_state *state, const struct fold_event *events, size_t n)
{
    const struct feature_set *set = state->set;
    for (size_t i = 0; i < n; i++) {
        const struct fold_event *event = &events[i];
        const struct kind_plan *plan = event->kind < set->n_kinds ? &set->kinds[event->kind] : &set->new_kind;
        state->n_events += plan->is_counted;
        for (size_t u = 0; u < plan->n_uses; u++) {
            const struct operator_use *use = plan->uses[u];
            if (state->is_wanted && !state->is_wanted[use - set->uses]) continue;
            use->operator->update(state->bytes + use->offset_bytes, event, use);
        }
    }
}

void fold_merge(struct fold_state *state, const struct fold_state *other)
{
    state->n_events += other->n_events;
    for (size_t i = 0; i < state->n_wanted; i++) {
        const struct operator_use *use = &state->set->uses[state->wanted[i]];
        use->operator->merge(state->bytes + use->offset_bytes, other->bytes + use->offset_bytes, use);
    }
}

struct fold_moment fold_moment_at(const struct feature_set *set, int64_t as_of_ms)
{
    struct fold_moment moment = { .as_of_ms = as_of_ms, .end_day = calendar_day_of_ms(as_of_ms - 1) + 1 };
    double factor[DECAYS];
    decay_factors(set->decay, as_of_ms, factor);
    for (int h = 0; h < DECAYS; h++) moment.scale[h] = 1 / factor[h];
    return moment;
}

void fold_read(const struct fold_state *state, const struct fold_moment *moment, float *ret_row)
{
    size_t n = feature_set_size(state->set);
    fold_read_exact(state, moment, state->row);
    for (size_t c = 0; c < n; c++) ret_row[c] = (float)state->row[c];
}

void fold_read_exact(const struct fold_state *state, const struct fold_moment *moment, double *ret_row)
{
    for (size_t i = 0; i < state->n_wanted; i++) {
        const struct operator_use *use = &state->set->uses[state->wanted[i]];
        use->operator->read(state->bytes + use->offset_bytes, use, moment, state->n_events, ret_row);
    }
}

void fold_recent(const struct fold_state *state,
                 void (*tell)(void *context, const char *kind, const struct seen *seen, size_t n), void *context)
{
    struct seen seen[RECENT_MOST];
    for (size_t i = 0; i < state->set->n_uses; i++) {
        const struct operator_use *use = &state->set->uses[i];
        if (use->operator != &operator_recent) continue;
        tell(context, use->kind_name, seen, recent_take(state->bytes + use->offset_bytes, seen));
    }
}

static bool is_empty(const struct operator_use *use, const unsigned char *part)
{
    uint64_t any = 0, word;
    if (use->operator->pack) return use->operator->is_empty(part);
    for (size_t at = 0; at < use_bytes(use); at += sizeof word) {
        memcpy(&word, part + at, sizeof word);
        any |= word;
    }
    return any == 0;
}

size_t fold_packed_most(const struct feature_set *set)
{
    size_t n_bytes = NUMBER_MOST_BYTES + set->n_uses / 8 + 1 + sizeof(uint64_t);
    for (size_t i = 0; i < set->n_uses; i++) {
        const struct operator_use *use = &set->uses[i];
        n_bytes += use->operator->pack ? use->operator->packed_most : words_packed_most(use_bytes(use) / 8);
    }
    return n_bytes;
}

/* The number of events, a bit for each use that has seen any, then those uses' states. */
size_t fold_pack(const struct fold_state *state, unsigned char *ret_bytes)
{
    const struct feature_set *set = state->set;
    unsigned char *bits = number_pack(ret_bytes, state->n_events), *to = bits + (set->n_uses + 7) / 8;
    memset(bits, 0, (size_t)(to - bits));
    for (size_t i = 0; i < set->n_uses; i++) {
        const struct operator_use *use = &set->uses[i];
        const unsigned char *part = state->bytes + use->offset_bytes;
        if (is_empty(use, part)) continue;
        bits[i / 8] |= (unsigned char)(1u << (i % 8));
        to = use->operator->pack ? use->operator->pack(part, to) : words_pack(part, use_bytes(use) / 8, to);
    }
    return (size_t)(to - ret_bytes);
}

void fold_unpack(struct fold_state *state, const unsigned char *bytes)
{
    const struct feature_set *set = state->set;
    fold_begin(state);
    const unsigned char *bits = number_unpack(bytes, &state->n_events), *from = bits + (set->n_uses + 7) / 8;
    for (size_t i = 0; i < set->n_uses; i++) {
        const struct operator_use *use = &set->uses[i];
        unsigned char *part = state->bytes + use->offset_bytes;
        if (!(bits[i / 8] >> (i % 8) & 1)) continue;
        if (state->is_wanted && !state->is_wanted[i]) clear_part(state, use);
        from = use->operator->unpack ? use->operator->unpack(part, from)
                                     : words_unpack(part, use_bytes(use) / 8, from);
    }
}
