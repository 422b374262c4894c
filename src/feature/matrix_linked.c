/* matrix_linked.c - customers of several identities, which lie in different partitions; see matrix.h.
 *
 * As of T a customer is the identities that links received before T join: its state is theirs, each folded by
 * itself and merged in ascending order.  What happened after T is judged by all links that hold now. */
#include "feature/matrix_internal.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

bool matrix_is_linked(const struct build *build, uint32_t identity)
{
    size_t n;
    if (!build->identities) return false;
    (void)identities_members(build->identities, identity, &n);
    return n > 1;
}

/* The columns that may be there, empty and with room for n events. */
static void reserve(struct events *events, const struct events *like, size_t n, size_t n_bytes,
                    struct arena *arena)
{
    *events = (struct events){ .time_ms = ARENA_ARRAY(arena, int64_t, n + 1),
                               .kind = ARENA_ARRAY(arena, uint16_t, n + 1),
                               .amount_cents = ARENA_ARRAY(arena, int64_t, n + 1) };
    if (like->quantity_milli) events->quantity_milli = ARENA_ARRAY(arena, int64_t, n + 1);
    if (like->item) events->item = ARENA_ARRAY(arena, uint32_t, n + 1);
    if (!like->properties_end) return;
    events->properties_end = ARENA_ARRAY(arena, uint32_t, n + 1);
    events->properties_bytes = arena_alloc(arena, n_bytes + 1, 1);
}

static size_t properties_length(const struct events *events, uint32_t at)
{
    if (!events->properties_end) return 0;
    return events->properties_end[at] - (at ? events->properties_end[at - 1] : 0);
}

/* Adds event `at` of from behind those there are. */
static void add(struct events *events, const struct events *from, uint32_t at)
{
    size_t i = events->n++, length = properties_length(from, at);
    events->time_ms[i] = from->time_ms[at];
    events->kind[i] = from->kind[at];
    events->amount_cents[i] = from->amount_cents[at];
    if (events->quantity_milli) events->quantity_milli[i] = from->quantity_milli[at];
    if (events->item) events->item[i] = from->item[at];
    if (!events->properties_end) return;
    uint32_t begin = i ? events->properties_end[i - 1] : 0;
    char *bytes = (char *)(uintptr_t)events->properties_bytes;      /* ours, from reserve */
    if (length) memcpy(bytes + begin, from->properties_bytes + from->properties_end[at] - length, length);
    events->properties_end[i] = begin + (uint32_t)length;
}

/* All events of n customers one behind the other, each in its order; *ret_customer borrows nothing of theirs. */
static void concatenate(struct customer *const *customers, size_t n, struct arena *arena,
                        struct customer *ret_customer)
{
    size_t n_events = 0, n_bytes = 0;
    for (size_t c = 0; c < n; c++) {
        n_events += customers[c]->n;
        for (size_t i = 0; i < customers[c]->n; i++)
            n_bytes += properties_length(customers[c]->events, customers[c]->order[i]);
    }
    struct events *events = ARENA_NEW(arena, struct events);
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, n_events + 1);
    int64_t *known_ms = ARENA_ARRAY(arena, int64_t, n_events + 1);
    reserve(events, customers[0]->events, n_events, n_bytes, arena);
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < customers[c]->n; i++) {
            uint32_t at = customers[c]->order[i];
            known_ms[events->n] = customers[c]->known_ms[at];
            order[events->n] = (uint32_t)events->n;
            add(events, customers[c]->events, at);
        }
    *ret_customer = (struct customer){ events, order, known_ms, n_events, customers[0]->identity };
}

void matrix_put_aside(struct build *build, const struct customer *customer, struct arena *arena)
{
    struct customer borrowed = *customer, *all[1] = { &borrowed };
    struct customer *kept = ARENA_NEW(arena, struct customer);
    concatenate(all, 1, arena, kept);
    build->aside[customer->identity] = kept;
}

/* ---- one customer ---- */

struct linked {
    const uint32_t  *members;       /* [n] ascending, of whom events are known */
    struct customer *parts;         /* [n] their events, as ranges of all */
    size_t          *n_folded;      /* [n] events of each in its state */
    size_t           n;
    struct customer  all;
};

struct place { int64_t known_ms; uint32_t at; };

static int by_known(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    if (a->known_ms != b->known_ms) return a->known_ms < b->known_ms ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* The events of the members that are in, in the order of replay. */
static void unite(const struct linked *linked, const bool *is_in, struct arena *arena,
                  struct customer *ret_customer)
{
    struct place *places = ARENA_ARRAY(arena, struct place, linked->all.n + 1);
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, linked->all.n + 1);
    size_t n = 0;
    for (size_t m = 0; m < linked->n; m++)
        for (size_t i = 0; is_in[m] && i < linked->parts[m].n; i++) {
            uint32_t at = linked->parts[m].order[i];
            places[n++] = (struct place){ linked->all.known_ms[at], at };
        }
    qsort(places, n, sizeof *places, by_known);
    for (size_t i = 0; i < n; i++) order[i] = places[i].at;
    *ret_customer = linked->all;
    ret_customer->order = order;
    ret_customer->n = n;
}

static size_t count_known(const struct customer *customer, size_t from, int64_t cutoff_ms)
{
    while (from < customer->n && customer->known_ms[customer->order[from]] < cutoff_ms) from++;
    return from;
}

/* Which members are one customer with member m as of T. */
static void find_joined(const struct build *build, const struct linked *linked, size_t m, int64_t cutoff_ms,
                        bool *ret_is_in)
{
    uint32_t joined[IDENTITY_MEMBERS_MOST];
    size_t n = identities_members_at(build->identities, linked->members[m], cutoff_ms, joined,
                                     IDENTITY_MEMBERS_MOST);
    for (size_t i = 0, at = 0; i < linked->n; i++) {
        while (at < n && joined[at] < linked->members[i]) at++;
        ret_is_in[i] = at < n && joined[at] == linked->members[i];
    }
}

/* The row, if there is one, of the customer that the members which are in make up as of cutoff c. */
static void add_row(const struct build *build, struct worker *worker, const struct linked *linked,
                    const bool *is_in, size_t c, struct share *share)
{
    int64_t cutoff_ms = build->cutoffs_ms[c];
    struct customer united, everything;
    bool is_all[IDENTITY_MEMBERS_MOST];
    size_t first = 0;
    while (!is_in[first]) first++;
    unite(linked, is_in, worker->events, &united);
    if (!matrix_is_active(build, &united, count_known(&united, 0, cutoff_ms), cutoff_ms)) return;
    memset(is_all, true, sizeof is_all);
    unite(linked, is_all, worker->events, &everything);
    fold_begin(worker->state);
    for (size_t m = 0; m < linked->n; m++)
        if (is_in[m]) fold_merge(worker->state, worker->members[m]);
    uint32_t customer = identities_customer_at(build->identities, linked->members[first], cutoff_ms);
    matrix_add_row(build, worker->state, customer, c, &everything, share);
}

static void need_states(const struct build *build, struct worker *worker, size_t n)
{
    if (n > worker->n_members) {
        worker->members = memory_grow(worker->members, n, sizeof(struct fold_state *));
    }
    for (; worker->n_members < n; worker->n_members++) worker->members[worker->n_members] = fold_new(build->set);
    for (size_t m = 0; m < n; m++) fold_begin(worker->members[m]);
}

static void fold_linked(const struct build *build, struct worker *worker, const struct linked *linked,
                        struct share *share)
{
    need_states(build, worker, linked->n);
    for (size_t c = 0; c < build->n_cutoffs; c++) {
        bool is_done[IDENTITY_MEMBERS_MOST] = { false }, is_in[IDENTITY_MEMBERS_MOST];
        for (size_t m = 0; m < linked->n; m++) {
            size_t from = linked->n_folded[m], to = count_known(&linked->parts[m], from, build->cutoffs_ms[c]);
            matrix_fold_events(build, &linked->parts[m], from, to, worker->members[m]);
            linked->n_folded[m] = to;
        }
        for (size_t m = 0; m < linked->n; m++) {
            if (is_done[m]) continue;
            find_joined(build, linked, m, build->cutoffs_ms[c], is_in);
            for (size_t i = 0; i < linked->n; i++) is_done[i] |= is_in[i];
            add_row(build, worker, linked, is_in, c, share);
        }
    }
}

/* Gathers the events of the members; n is 0 if there are none. */
static void gather(const struct build *build, const uint32_t *members, size_t n, struct arena *arena,
                   struct linked *ret_linked)
{
    struct customer **found = ARENA_ARRAY(arena, struct customer *, n + 1);
    uint32_t *known = ARENA_ARRAY(arena, uint32_t, n + 1);
    *ret_linked = (struct linked){ .members = known, .parts = ARENA_ARRAY(arena, struct customer, n + 1),
                                   .n_folded = ARENA_ARRAY(arena, size_t, n + 1) };
    for (size_t m = 0; m < n; m++) {
        struct customer *customer = members[m] < build->n_identities ? build->aside[members[m]] : NULL;
        if (!customer) continue;
        known[ret_linked->n] = members[m];
        found[ret_linked->n++] = customer;
    }
    if (ret_linked->n == 0) return;
    concatenate(found, ret_linked->n, arena, &ret_linked->all);
    for (size_t m = 0, first = 0; m < ret_linked->n; first += found[m++]->n) {
        ret_linked->parts[m] = ret_linked->all;
        ret_linked->parts[m].order = ret_linked->all.order + first;
        ret_linked->parts[m].n = found[m]->n;
    }
}

void matrix_fold_linked(void *context, size_t share, unsigned thread)
{
    struct build *build = context;
    struct worker *worker = &build->workers[thread];
    struct share *rows = &build->shares[LOG_PARTITIONS + share];
    if (!matrix_worker_begin(build, worker)) return;
    rows->worker = worker;
    for (size_t slot = share; slot < identities_n_linked(build->identities); slot += LOG_PARTITIONS) {
        size_t n;
        struct linked linked;
        const uint32_t *members = identities_linked(build->identities, slot, &n);
        if (!members || !matrix_is_of_share(build, members[0])) continue;
        gather(build, members, n, worker->events, &linked);
        if (linked.n) fold_linked(build, worker, &linked, rows);
        arena_reset(worker->events);
    }
    (void)matrix_keep_asked(build, worker, rows);       /* worker->err says */
}
