/* dealing.c - see dealing.h. */
#include "engine/dealing.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "engine/eligibility.h"
#include "engine/service.h"
#include "live/live.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

struct crowd {
    const struct assigning *where;
    const struct design    *design;
    struct arena           *arena;
    struct dealing         *list;           /* [n] */
    struct text            *units;          /* [n] */
    uint64_t               *stratum;        /* [n] a hash of what is said of the strata's traits */
    size_t                  n;
};

/* Under the service's lock.  "" stands for what is not known. */
static uint64_t stratum_of(const struct crowd *c, uint32_t customer)
{
    const struct live *live = c->where->service->live;
    struct live_trait *traits;
    uint64_t hash = 0;
    size_t n = c->design->n_strata ? live_traits(live, customer, c->arena, &traits) : 0;
    for (size_t s = 0; s < c->design->n_strata; s++) {
        struct text text = text_of("");
        for (size_t i = 0; i < n; i++)
            if (strcmp(live_trait_name(live, traits[i].name), c->design->strata[s]) == 0) text = traits[i].text;
        hash = hash_bytes(text.at, text.length, hash + 1);
    }
    return hash;
}

/* Under the service's lock: everybody who may be dealt an arm, whatever `who` says; one row a customer. */
static void gather(struct crowd *c)
{
    const struct assigning *where = c->where;
    size_t n_names = log_n_names(where->log, DICTIONARY_IDENTITY);
    c->list = ARENA_ARRAY(c->arena, struct dealing, n_names + 1);
    c->units = ARENA_ARRAY(c->arena, struct text, n_names + 1);
    c->stratum = ARENA_ARRAY(c->arena, uint64_t, n_names + 1);
    for (uint32_t i = 1; i < n_names; i++) {
        size_t n;
        const uint32_t *members = identities_members(where->identities, i, &n);
        if (members[0] != i) continue;          /* of each customer the identity seen first */
        struct text unit = log_name(where->log, DICTIONARY_IDENTITY, i);
        bool is_out = unit.length == 0 || (holdout_place_of(&where->holdout, members, n).is_held_out &&
                                           !c->design->is_transactional);
        if (is_out || !design_has_room(c->design, unit)) continue;
        uint32_t customer = identities_customer(where->identities, i);
        c->list[c->n].identity = i;
        c->list[c->n].unit = arena_format(c->arena, "%.*s", (int)unit.length, unit.at);
        c->units[c->n] = text_of(c->list[c->n].unit);
        c->stratum[c->n++] = stratum_of(c, customer);
    }
}

/* Of these, whom `who` means. */
static bool keep_who(struct crowd *c, int64_t now_ms, struct err *err)
{
    size_t n = 0, at;
    for (size_t i = 0; i < c->n; i++) {
        bool holds = true;
        uint32_t customer;
        if (c->design->who && (!service_customer(c->where->service, c->units[i], &customer, err) ||
                               !conditions_hold(c->where->service, customer, now_ms, &c->design->who, 1, &holds,
                                                &at, err)))
            return err_context(err, "who of experiment %s", c->design->name);
        if (!holds) continue;
        c->list[n] = c->list[i], c->units[n] = c->units[i], c->stratum[n++] = c->stratum[i];
    }
    c->n = n;
    return true;
}

static size_t n_different(const uint64_t *values, size_t n)
{
    struct hash_map met = { 0 };
    size_t n_met = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t *place = hash_map_put(&met, values[i]);
        n_met += *place == 0, *place = 1;
    }
    hash_map_free(&met);
    return n_met;
}

bool dealings_make(const struct assigning *where, const struct design *design, int64_t now_ms, struct arena *arena,
                   struct dealings *ret_dealings, struct err *err)
{
    struct crowd c = { .where = where, .design = design, .arena = arena };
    (void)pthread_rwlock_rdlock(&where->service->lock);
    gather(&c);
    (void)pthread_rwlock_unlock(&where->service->lock);
    if (!keep_who(&c, now_ms, err)) return false;
    if (c.n < 2 * design->n_arms)
        return err_set(
            err, ERR_REFUSED,
            "%s has an audience of %zu, and %zu arms: two people of each are the least; is `who` right, "
            "and are the customers there?",
            design->name, c.n, design->n_arms);
    uint8_t *arms = ARENA_ARRAY(arena, uint8_t, c.n + 1);
    design_deal(design, c.units, c.stratum, c.n, arena, arms);
    for (size_t i = 0; i < c.n; i++) {
        const struct design_facts facts = { .is_eligible = true, .dealt_arm = arms[i] };
        c.list[i].arm = arms[i];
        c.list[i].bucket = design_assign(design, c.units[i], facts, now_ms).bucket;
    }
    *ret_dealings = (struct dealings){ c.list, c.n, n_different(c.stratum, c.n) };
    return true;
}

bool dealings_put(struct store *store, const struct design *design, const struct dealings *dealings,
                  int64_t now_ms, struct err *err)
{
    for (size_t i = 0; i < dealings->n; i++) {
        const struct dealing *one = &dealings->list[i];
        if (!sql_assignment_put(store, text_of(design->name), one->identity, text_of(one->unit),
                                text_of(design->arms[one->arm]), now_ms, one->bucket, 0, err))
            return false;
    }
    return true;
}
