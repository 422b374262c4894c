/* identity.c - the graph of links in memory: components in one block each; see identity.h. */
#include "customer/identity.h"
#include "base/memory.h"
#include "store/setting.h"
#include "store/sql.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_USUAL_MOST = 50 };

/* A customer of several identities.  Behind the links lie its members. */
struct component {
    uint32_t    representative;
    uint32_t    n_links, n_members, n_users;
    struct link links[];            /* [n_links] by id */
};

struct ids { char *bytes; size_t length; };     /* one a line */

struct identities {
    const struct log  *log;
    uint32_t          *slot_of;         /* [n_identities] slot + 1; 0: by itself.  NULL while nobody is linked */
    size_t             n_identities;
    struct component **slots;           /* [n_slots] NULL: free */
    size_t             n_slots, slots_room;
    uint32_t          *free_slots;      /* [n_free], room for as many as there are slots */
    size_t             n_free;
    uint64_t          *removed;         /* [n_removed] pairs that a person took apart, ascending */
    size_t             n_removed, removed_room;
    size_t             n_links, most_members;
    int64_t            next_id;
    struct ids         blocked, allowed;
};

static const char *const how_names[] = { [LINK_IDENTIFY] = "identify",
                                         [LINK_ALIAS] = "alias",
                                         [LINK_MERGE] = "merge",
                                         [LINK_MANUAL] = "manual" };

const char *link_how_name(enum link_how how) { return how_names[how]; }

static uint32_t *members_of(struct component *component)
{
    return (uint32_t *)(void *)(component->links + component->n_links);
}

static struct component *component_of(const struct identities *identities, uint32_t identity)
{
    if (identity >= identities->n_identities || !identities->slot_of[identity]) return NULL;
    return identities->slots[identities->slot_of[identity] - 1];
}

/* ---- components ---- */

static uint32_t *add_member(uint32_t *next, uint32_t *first, uint32_t member)
{
    uint32_t *at = next;
    if (next > first && next[-1] == member) return next;
    for (; at > first && at[-1] > member; at--) at[0] = at[-1];
    if (at > first && at[-1] == member) {       /* it was there: close the gap again */
        memmove(at, at + 1, (size_t)(next - at) * sizeof *at);
        return next;
    }
    *at = member;
    return next + 1;
}

static bool is_user(const struct identities *identities, uint32_t identity)
{
    return identity_kind_of(log_name(identities->log, DICTIONARY_IDENTITY, identity)) == IDENTITY_USER;
}

/* The user id that was linked first, else the least index; counts the user ids. */
static void choose_representative(const struct identities *identities, struct component *component)
{
    const uint32_t *members = members_of(component);
    component->representative = 0;
    component->n_users = 0;
    for (size_t i = 0; i < component->n_members; i++) component->n_users += is_user(identities, members[i]);
    if (component->n_users == 0) { component->representative = members[0]; return; }
    for (size_t i = 0; component->representative == 0; i++) {
        const struct link *link = &component->links[i];
        if (is_user(identities, link->a)) component->representative = link->a;
        else if (is_user(identities, link->b)) component->representative = link->b;
    }
}

static int by_id(const void *left, const void *right)
{
    const struct link *a = left, *b = right;
    return (a->id > b->id) - (a->id < b->id);
}

/* One component of what a and b (NULL: nothing) and the link join. */
static struct component *component_join(const struct identities *identities, struct component *a,
                                        struct component *b, const struct link *link)
{
    size_t n_links = 1 + (a ? a->n_links : 0) + (b ? b->n_links : 0);
    size_t n_most = 2 + (a ? a->n_members : 0) + (b ? b->n_members : 0);
    struct component *joined =
        memory_new(1, sizeof *joined + n_links * sizeof *link + n_most * sizeof(uint32_t));
    size_t n = 0;
    if (a) memcpy(joined->links, a->links, a->n_links * sizeof *link), n += a->n_links;
    if (b) memcpy(joined->links + n, b->links, b->n_links * sizeof *link), n += b->n_links;
    joined->links[n] = *link;
    joined->n_links = (uint32_t)n_links;
    if (b) qsort(joined->links, n_links, sizeof *link, by_id);
    uint32_t *first = members_of(joined), *next = first;
    for (size_t i = 0; a && i < a->n_members; i++) next = add_member(next, first, members_of(a)[i]);
    for (size_t i = 0; b && i < b->n_members; i++) next = add_member(next, first, members_of(b)[i]);
    next = add_member(next, first, link->a);
    next = add_member(next, first, link->b);
    joined->n_members = (uint32_t)(next - first);
    choose_representative(identities, joined);
    return joined;
}

static void make_room(struct identities *identities, uint32_t identity)
{
    if (identity < identities->n_identities) return;
    size_t n = 2 * (size_t)identity + 64, had = identities->n_identities;
    identities->slot_of = memory_grow(identities->slot_of, n, sizeof *identities->slot_of);
    memset(identities->slot_of + had, 0, (n - had) * sizeof *identities->slot_of);
    identities->n_identities = n;
}

static uint32_t take_slot(struct identities *identities)
{
    if (identities->n_free) return identities->free_slots[--identities->n_free];
    if (identities->n_slots == identities->slots_room) {
        size_t room = identities->slots_room = 2 * identities->slots_room + 64;
        identities->slots = memory_grow(identities->slots, room, sizeof(struct component *));
        identities->free_slots = memory_grow(identities->free_slots, room, sizeof *identities->free_slots);
    }
    return (uint32_t)identities->n_slots++;
}

/* Takes a component out of its slot; its members are by themselves until they are put somewhere. */
static void take_out(struct identities *identities, struct component *component)
{
    if (!component) return;
    uint32_t slot = identities->slot_of[members_of(component)[0]] - 1;
    for (size_t i = 0; i < component->n_members; i++) identities->slot_of[members_of(component)[i]] = 0;
    identities->slots[slot] = NULL;
    identities->free_slots[identities->n_free++] = slot;
    identities->n_links -= component->n_links;
}

/* Adds a link in memory. */
static void join(struct identities *identities, const struct link *link)
{
    struct component *a = component_of(identities, link->a), *b = component_of(identities, link->b);
    if (a == b) b = NULL;
    struct component *joined = component_join(identities, a, b, link);
    make_room(identities, link->b > link->a ? link->b : link->a);
    take_out(identities, a);
    take_out(identities, b);
    free(a);
    free(b);
    uint32_t slot = take_slot(identities);
    identities->slots[slot] = joined;
    for (size_t i = 0; i < joined->n_members; i++) identities->slot_of[members_of(joined)[i]] = slot + 1;
    identities->n_links += joined->n_links;
}

/* Takes a link away in memory: what remains is joined anew. */
static void part(struct identities *identities, struct component *component, int64_t id)
{
    take_out(identities, component);
    for (size_t i = 0; i < component->n_links; i++)
        if (component->links[i].id != id) join(identities, &component->links[i]);
    free(component);
}

/* ---- pairs that were taken apart ---- */

static size_t removed_place(const struct identities *identities, uint64_t pair)
{
    size_t low = 0, high = identities->n_removed;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (identities->removed[middle] < pair) low = middle + 1;
        else high = middle;
    }
    return low;
}

static uint64_t pair_of(uint32_t a, uint32_t b) { return (uint64_t)a << 32 | b; }

static bool is_removed(const struct identities *identities, uint32_t a, uint32_t b)
{
    size_t at = removed_place(identities, pair_of(a, b));
    return at < identities->n_removed && identities->removed[at] == pair_of(a, b);
}

static void add_removed(struct identities *identities, uint32_t a, uint32_t b)
{
    size_t at = removed_place(identities, pair_of(a, b));
    if (is_removed(identities, a, b)) return;
    if (identities->n_removed == identities->removed_room) {
        identities->removed_room = 2 * identities->removed_room + 16;
        identities->removed = memory_grow(identities->removed, identities->removed_room,
                                          sizeof *identities->removed);
    }
    memmove(identities->removed + at + 1, identities->removed + at,
            (identities->n_removed++ - at) * sizeof *identities->removed);
    identities->removed[at] = pair_of(a, b);
}

/* ---- opening ---- */

static bool load_link(struct identities *identities, const struct sql_identity_links *row, struct err *err)
{
    struct link link = { row->id, row->received_ms, (uint32_t)row->a, (uint32_t)row->b, (enum link_how)row->how };
    if (row->a < 1 || row->b <= row->a || row->b > UINT32_MAX || row->how < LINK_IDENTIFY ||
        row->how > LINK_MANUAL)
        return err_set(err, ERR_CORRUPT, "link %lld between identities is damaged", (long long)link.id);
    if (row->removed_ms.kind != VALUE_NULL) add_removed(identities, link.a, link.b);
    else if (link.b < log_n_names(identities->log, DICTIONARY_IDENTITY)) join(identities, &link);
    return true;
}

static bool load_links(struct identities *identities, struct store *store, struct err *err)
{
    struct sql_identity_links row;
    enum step step;
    bool ok = true;
    if (!sql_identity_links(store, &row, err)) return false;
    while (ok && (step = sql_identity_links_step(&row, err)) != STEP_END)
        ok = step == STEP_ROW && load_link(identities, &row, err);
    cursor_close(row.cursor);
    int64_t last_id = 0;
    ok = ok && sql_identity_link_last(store, &last_id, err);
    if (ok) identities->next_id = last_id + 1;
    return ok;
}

/* The value of a setting as a copy; empty where it is not set. */
static bool load_setting(struct store *store, const char *name, struct ids *ret_value, struct err *err)
{
    char *text;
    if (!setting_get(store, name, &text, err)) return false;
    *ret_value = (struct ids){ text, text ? strlen(text) : 0 };
    return true;
}

static bool load_settings(struct identities *identities, struct store *store, struct err *err)
{
    struct ids most;
    if (!load_setting(store, "identity_most", &most, err)) return false;
    int64_t n = MEMBERS_USUAL_MOST;
    bool is_number = !most.length || text_int64((struct text){ most.bytes, most.length }, &n);
    free(most.bytes);
    if (!is_number || n < 2 || n > IDENTITY_MEMBERS_MOST)
        return err_set(err, ERR_INVALID, "the setting identity_most must be a number from 2 to %d",
                       IDENTITY_MEMBERS_MOST);
    identities->most_members = (size_t)n;
    return load_setting(store, "identity_blocked", &identities->blocked, err) &&
           load_setting(store, "identity_allowed", &identities->allowed, err);
}

static void clear(struct identities *identities)
{
    for (size_t i = 0; i < identities->n_slots; i++) free(identities->slots[i]);
    free(identities->slots);
    free(identities->slot_of);
    free(identities->free_slots);
    free(identities->removed);
    free(identities->blocked.bytes);
    free(identities->allowed.bytes);
}

bool identities_reload(struct identities *identities, struct store *store, struct err *err)
{
    struct identities fresh = { .log = identities->log, .next_id = 1 };
    if (!load_settings(&fresh, store, err) || !load_links(&fresh, store, err)) {
        clear(&fresh);
        return err_context(err, "the links between identities");
    }
    clear(identities);
    *identities = fresh;
    return true;
}

bool identities_open(struct store *store, const struct log *log, struct identities **ret_identities,
                     struct err *err)
{
    struct identities *identities = memory_new(1, sizeof *identities);
    identities->log = log;
    if (!identities_reload(identities, store, err)) {
        identities_close(identities);
        return false;
    }
    *ret_identities = identities;
    return true;
}

void identities_close(struct identities *identities)
{
    if (!identities) return;
    clear(identities);
    free(identities);
}

static bool lists(const struct ids *ids, struct text id)
{
    for (const char *line = ids->bytes; line && *line;) {
        size_t length = strcspn(line, "\n");
        if (length && text_equal_ignoring_case(text_trim((struct text){ line, length }), id)) return true;
        line += length + (line[length] == '\n');
    }
    return false;
}

bool identities_is_blocked(const struct identities *identities, struct text id)
{
    struct text trimmed = text_trim(id);
    if (lists(&identities->blocked, trimmed)) return true;
    return identity_is_blocked(id) && (trimmed.length == 0 || !lists(&identities->allowed, trimmed));
}

/* ---- writing ---- */

static const struct link *find_link(const struct component *component, uint32_t a, uint32_t b)
{
    for (size_t i = 0; component && i < component->n_links; i++)
        if (component->links[i].a == a && component->links[i].b == b) return &component->links[i];
    return NULL;
}

/* Why a and b, a < b, may not be joined; NULL if they may. */
static const char *why_not(const struct identities *identities, uint32_t a, uint32_t b, enum link_how how)
{
    const struct component *with_a = component_of(identities, a), *with_b = component_of(identities, b);
    if (a == 0) return "an event without an id cannot be linked";
    if (a == b) return "an identity cannot be linked with itself";
    if (how == LINK_IDENTIFY && is_removed(identities, a, b))
        return "this link was removed by a person; only an explicit merge makes it again";
    if (with_a && with_a == with_b) return NULL;
    bool has_user_a = with_a ? with_a->n_users > 0 : is_user(identities, a);
    bool has_user_b = with_b ? with_b->n_users > 0 : is_user(identities, b);
    if (how == LINK_IDENTIFY && has_user_a && has_user_b)
        return "both have a user id: a device that people share does not make them one; an explicit merge does";
    if ((with_a ? with_a->n_members : 1) + (with_b ? with_b->n_members : 1) > identities->most_members)
        return "the customer would have more identities than the setting identity_most allows";
    return NULL;
}

bool identities_link(struct identities *identities, struct store *store, uint32_t a, uint32_t b, enum link_how how,
                     int64_t received_ms, enum link_result *ret_result, const char **ret_why, struct err *err)
{
    struct link link = { identities->next_id, received_ms, a < b ? a : b, a < b ? b : a, how };
    if (find_link(component_of(identities, link.a), link.a, link.b)) {
        *ret_result = LINK_WAS_THERE, *ret_why = NULL;
        return true;
    }
    const char *why = why_not(identities, link.a, link.b, how);
    if (!(why ? sql_identity_refused_add(store, link.a, link.b, how, text_of(why), received_ms, err)
              : sql_identity_link_add(store, link.id, link.a, link.b, how, received_ms, err)))
        return err_context(err, "linking identities");
    if (!why) {
        join(identities, &link);
        identities->next_id++;
    }
    *ret_result = why ? LINK_REFUSED : LINK_MADE;
    *ret_why = why;
    return true;
}

bool identities_unlink(struct identities *identities, struct store *store, uint32_t a, uint32_t b,
                       int64_t received_ms, struct err *err)
{
    uint32_t least = a < b ? a : b, other = a < b ? b : a;
    struct component *component = component_of(identities, least);
    const struct link *link = find_link(component, least, other);
    if (!link)
        return err_set(err, ERR_MISSING, "these two are not linked directly%s",
                       component && component == component_of(identities, other)
                           ? ": they are one customer over other identities, whose links can be removed"
                           : "");
    if (!sql_identity_link_remove(store, link->id, received_ms, err))
        return err_context(err, "unlinking identities");
    add_removed(identities, least, other);
    part(identities, component, link->id);
    return true;
}

static void forget_removed(struct identities *identities, uint32_t identity)
{
    size_t kept = 0;
    for (size_t i = 0; i < identities->n_removed; i++) {
        uint64_t pair = identities->removed[i];
        if (pair >> 32 != identity && (uint32_t)pair != identity) identities->removed[kept++] = pair;
    }
    identities->n_removed = kept;
}

bool identities_forget(struct identities *identities, struct store *store, const uint32_t *members, size_t n,
                       struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!sql_identity_link_forget(store, members[i], err) ||
            !sql_identity_refused_forget(store, members[i], err))
            return err_context(err, "forgetting links");
    for (size_t i = 0; i < n; i++) {
        struct component *component = component_of(identities, members[i]);
        take_out(identities, component);
        free(component);
        forget_removed(identities, members[i]);
    }
    return true;
}

/* ---- reading ---- */

uint32_t identities_customer(const struct identities *identities, uint32_t identity)
{
    const struct component *component = component_of(identities, identity);
    return component ? component->representative : identity;
}

const uint32_t *identities_members(const struct identities *identities, uint32_t identity, size_t *ret_n)
{
    static _Thread_local uint32_t alone;
    struct component *component = component_of(identities, identity);
    if (component) { *ret_n = component->n_members; return members_of(component); }
    alone = identity;
    *ret_n = 1;
    return &alone;
}

struct text identities_list(const struct identities *identities, uint32_t identity, struct arena *arena)
{
    enum { DIGITS_MOST = 11 };      /* and the comma */
    size_t n, length = 1;
    const uint32_t *members = identities_members(identities, identity, &n);
    char *list = arena_alloc(arena, n * DIGITS_MOST + 2, 1);
    list[0] = '[';
    for (size_t i = 0; i < n; i++)
        length += (size_t)snprintf(list + length, DIGITS_MOST + 1, "%" PRIu32 "%c", members[i], i + 1 < n ? ',' : ']');
    return (struct text){ list, length };
}

static size_t place_of(struct component *component, uint32_t member)
{
    const uint32_t *members = members_of(component);
    size_t low = 0, high = component->n_members;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (members[middle] < member) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* ret_is_joined [n_members]: which members the identity is joined with by links before as_of_ms. */
static void mark_joined(struct component *component, uint32_t identity, int64_t as_of_ms, bool *ret_is_joined)
{
    const uint32_t *members = members_of(component);
    size_t n_before = 0, n_joined = 1;
    for (size_t i = 0; i < component->n_members; i++) ret_is_joined[i] = members[i] == identity;
    while (n_joined != n_before) {
        n_before = n_joined;
        for (size_t l = 0; l < component->n_links; l++) {
            const struct link *link = &component->links[l];
            size_t a = place_of(component, link->a), b = place_of(component, link->b);
            if (link->received_ms >= as_of_ms || ret_is_joined[a] == ret_is_joined[b]) continue;
            ret_is_joined[a] = ret_is_joined[b] = true;
            n_joined++;
        }
    }
}

size_t identities_members_at(const struct identities *identities, uint32_t identity, int64_t as_of_ms,
                             uint32_t *ret_members, size_t room)
{
    struct component *component = component_of(identities, identity);
    bool is_joined[IDENTITY_MEMBERS_MOST];
    size_t n = 0;
    if (!component) {
        if (room) ret_members[0] = identity;
        return 1;
    }
    mark_joined(component, identity, as_of_ms, is_joined);
    for (size_t i = 0; i < component->n_members; i++)
        if (is_joined[i] && n++ < room) ret_members[n - 1] = members_of(component)[i];
    return n;
}

uint32_t identities_customer_at(const struct identities *identities, uint32_t identity, int64_t as_of_ms)
{
    struct component *component = component_of(identities, identity);
    bool is_joined[IDENTITY_MEMBERS_MOST];
    if (!component) return identity;
    mark_joined(component, identity, as_of_ms, is_joined);
    const uint32_t *members = members_of(component);
    for (size_t l = 0; l < component->n_links; l++) {
        const struct link *link = &component->links[l];
        if (link->received_ms >= as_of_ms) continue;
        if (!is_joined[place_of(component, link->a)]) continue;
        if (is_user(identities, link->a)) return link->a;
        if (is_user(identities, link->b)) return link->b;
    }
    for (size_t i = 0;; i++)
        if (is_joined[i]) return members[i];
}

size_t identities_n_links(const struct identities *identities) { return identities->n_links; }

const struct link *identities_links(const struct identities *identities, uint32_t identity, size_t *ret_n)
{
    const struct component *component = component_of(identities, identity);
    *ret_n = component ? component->n_links : 0;
    return component ? component->links : NULL;
}

size_t identities_n_linked(const struct identities *identities) { return identities->n_slots; }

const uint32_t *identities_linked(const struct identities *identities, size_t slot, size_t *ret_n)
{
    struct component *component = identities->slots[slot];
    *ret_n = component ? component->n_members : 0;
    return component ? members_of(component) : NULL;
}
