/* shipper_links.c - links on their way: of each identity that a change touches, whose customer it was from when
 * on.
 *
 * A link that was removed never was, so a change may rewrite what was: all rows of the identity go again, under a
 * greater version. */
#include "warehouse/shipper_internal.h"

#include "base/hash.h"
#include "base/hash_map.h"
#include "store/sql.h"
#include "warehouse/native.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct change {
    int64_t id, received_ms, removed_ms;
    uint32_t a, b;
    int64_t how;
};

struct changes {
    struct change *changes;
    size_t n, room;
    struct members members;
    struct hash_map done; /* identities whose rows are there */
    struct arena *arena;
};

static bool read_changes(struct shipper *shipper, struct changes *all, struct err *err)
{
    struct sql_identity_links_changed row = { 0 };
    enum step step = STEP_FAIL;
    bool ok = sql_identity_links_changed(shipper->store, shipper->state.link_id, shipper->state.link_removed_ms,
                                         &row, err);
    while (ok && (step = sql_identity_links_changed_step(&row, err)) == STEP_ROW) {
        if (all->n == all->room) {
            size_t room = 2 * all->room + 64;
            struct change *grown = ARENA_ARRAY(all->arena, struct change, room);
            if (all->n) memcpy(grown, all->changes, all->n * sizeof *grown);
            all->changes = grown, all->room = room;
        }
        all->changes[all->n++] = (struct change){
            row.id,          row.received_ms, row.removed_ms.kind == VALUE_NULL ? 0 : value_as_int(row.removed_ms),
            (uint32_t)row.a, (uint32_t)row.b, row.how
        };
    }
    cursor_close(row.cursor);
    return ok && step == STEP_END;
}

static void reserve(struct changes *all)
{
    struct members *members = &all->members;
    if (members->n < members->room) return;
    struct members grown = { .n = members->n, .room = 2 * members->room + 64 };
#define GROW(column, type)                                                                                        \
    grown.column = ARENA_ARRAY(all->arena, type, grown.room);                                                     \
    if (members->n) memcpy(grown.column, members->column, members->n * sizeof(type))
    GROW(identity, struct text);
    GROW(customer, struct text);
    GROW(identity_hash, uint64_t);
    GROW(customer_hash, uint64_t);
    GROW(partition, uint8_t);
    GROW(customer_partition, uint8_t);
    GROW(since_ms, int64_t);
    GROW(number, uint32_t);
    GROW(customer_number, uint32_t);
#undef GROW
    *members = grown;
}

static bool called(const struct shipper *shipper, uint32_t identity, struct arena *arena, struct text *ret_name,
                   struct err *err)
{
    struct text name = log_name(shipper->source.log, DICTIONARY_IDENTITY, identity), shipped;
    if (!shipped_name(&shipper->source.names, name, arena, &shipped))
        return err_set(err, ERR_REFUSED, "an identity is an address, and the database has no key file");
    *ret_name = text_of(arena_format(arena, "%.*s", (int)shipped.length, shipped.at));
    return true;
}

static bool add_member(const struct shipper *shipper, struct changes *all, uint32_t identity, uint32_t customer,
                       int64_t since_ms, struct err *err)
{
    reserve(all);
    struct members *members = &all->members;
    size_t i = members->n;
    if (!called(shipper, identity, all->arena, &members->identity[i], err) ||
        !called(shipper, customer, all->arena, &members->customer[i], err))
        return false;
    members->identity_hash[i] = shipped_hash(members->identity[i]);
    members->customer_hash[i] = shipped_hash(members->customer[i]);
    members->partition[i] = (uint8_t)log_partition(shipper->source.log, identity);
    members->customer_partition[i] = (uint8_t)log_partition(shipper->source.log, customer);
    members->since_ms[i] = since_ms;
    members->number[i] = identity;
    members->customer_number[i] = customer;
    members->n++;
    return true;
}

static int by_time(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* An identity is its own customer until a link says otherwise; a link counts as of instants after it. */
static bool add_identity(const struct shipper *shipper, struct changes *all, uint32_t identity, struct err *err)
{
    size_t n_links;
    const struct link *links = identities_links(shipper->source.identities, identity, &n_links);
    int64_t *times = ARENA_ARRAY(all->arena, int64_t, n_links + 1);
    uint32_t customer = identity;
    for (size_t i = 0; i < n_links; i++) times[i] = links[i].received_ms;
    qsort(times, n_links, sizeof *times, by_time);
    if (!add_member(shipper, all, identity, identity, INT64_MIN, err)) return false;
    for (size_t i = 0; i < n_links; i++) {
        uint32_t now = identities_customer_at(shipper->source.identities, identity, times[i] + 1);
        if (now == customer) continue;
        customer = now;
        if (!add_member(shipper, all, identity, now, times[i], err)) return false;
    }
    return true;
}

static bool add_all_of(const struct shipper *shipper, struct changes *all, uint32_t identity, struct err *err)
{
    uint32_t members[IDENTITY_MEMBERS_MOST];
    if (identity >= log_n_names(shipper->source.log, DICTIONARY_IDENTITY)) return true;
    size_t n =
        identities_members_at(shipper->source.identities, identity, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
    for (size_t i = 0; i < n; i++) {
        uint64_t *is_done = hash_map_put(&all->done, hash_bytes(&members[i], sizeof members[i], 0));
        if (*is_done) continue;
        *is_done = 1;
        if (!add_identity(shipper, all, members[i], err)) return false;
    }
    return true;
}

static struct text links_native(const struct shipper *shipper, const struct changes *all, const char *batch,
                                uint64_t version, struct arena *arena, struct err *err, bool *ret_ok)
{
    struct native native;
    struct text *a = ARENA_ARRAY(arena, struct text, all->n + 1), *b = ARENA_ARRAY(arena, struct text, all->n + 1);
    *ret_ok = true;
    for (size_t i = 0; *ret_ok && i < all->n; i++)
        *ret_ok = called(shipper, all->changes[i].a, arena, &a[i], err) &&
                  called(shipper, all->changes[i].b, arena, &b[i], err);
    if (!*ret_ok) return text_of("");
    native_begin(&native, 11, all->n, arena);
    native_column(&native, "node", "String");
    for (size_t i = 0; i < all->n; i++) native_text(&native, text_of(shipper->source.settings->node));
    native_column(&native, "batch", "String");
    for (size_t i = 0; i < all->n; i++) native_text(&native, text_of(batch));
    native_column(&native, "version", "UInt64");
    for (size_t i = 0; i < all->n; i++) native_u64(&native, version);
    native_column(&native, "id", "Int64");
    for (size_t i = 0; i < all->n; i++) native_u64(&native, (uint64_t)all->changes[i].id);
    native_column(&native, "a", "String");
    for (size_t i = 0; i < all->n; i++) native_text(&native, a[i]);
    native_column(&native, "b", "String");
    for (size_t i = 0; i < all->n; i++) native_text(&native, b[i]);
    native_column(&native, "how", "UInt8");
    for (size_t i = 0; i < all->n; i++) native_bytes(&native, &(uint8_t){ (uint8_t)all->changes[i].how }, 1);
    native_column(&native, "received_ms", "Int64");
    for (size_t i = 0; i < all->n; i++) native_u64(&native, (uint64_t)all->changes[i].received_ms);
    native_column(&native, "removed_ms", "Int64");
    for (size_t i = 0; i < all->n; i++) native_u64(&native, (uint64_t)all->changes[i].removed_ms);
    native_column(&native, "a_number", "UInt32");
    for (size_t i = 0; i < all->n; i++) native_bytes(&native, &all->changes[i].a, 4);
    native_column(&native, "b_number", "UInt32");
    for (size_t i = 0; i < all->n; i++) native_bytes(&native, &all->changes[i].b, 4);
    return (struct text){ native.bytes, native.n };
}

static bool send_changes(struct shipper *shipper, struct changes *all, struct shipper_state *next, struct err *err)
{
    const struct warehouse_settings *settings = shipper->source.settings;
    uint64_t version = (uint64_t)++next->link_version;
    bool ok = true;
    const char *batch = arena_format(all->arena, "%s-links-%zu-%" PRIu64, settings->node, shipper->index, version);
    if (shipper->source.lock) (void)pthread_rwlock_rdlock(shipper->source.lock);
    for (size_t i = 0; ok && i < all->n; i++)
        ok = add_all_of(shipper, all, all->changes[i].a, err) && add_all_of(shipper, all, all->changes[i].b, err);
    struct text links = { 0 };
    if (ok) links = links_native(shipper, all, batch, version, all->arena, err, &ok);
    if (shipper->source.lock) (void)pthread_rwlock_unlock(shipper->source.lock);
    if (!ok) return false;
    const struct shard_query members = {
        .sql = arena_format(all->arena, "INSERT INTO %s.members FORMAT Native", settings->database),
        .body = members_native(&all->members, settings->node, batch, version, all->arena),
    };
    const struct shard_query query = {
        .sql = arena_format(all->arena, "INSERT INTO %s.links FORMAT Native", settings->database),
        .body = links,
    };
    return shard_ask(shipper->shard, &members, err) && shard_ask(shipper->shard, &query, err);
}

bool shipper_ship_links(struct shipper *shipper, struct err *err)
{
    struct changes all = { .arena = arena_new(ARENA_NO_LIMIT) };
    struct shipper_state next = shipper->state;
    bool ok = read_changes(shipper, &all, err);
    uint64_t digest = all.n ? hash_bytes(all.changes, all.n * sizeof *all.changes, 1) : 0;
    if (ok && all.n > 0 && digest != shipper->links_digest) {
        for (size_t i = 0; i < all.n; i++) {
            if (all.changes[i].id > next.link_id) next.link_id = all.changes[i].id;
            if (all.changes[i].removed_ms > next.link_removed_ms) next.link_removed_ms = all.changes[i].removed_ms;
        }
        ok = send_changes(shipper, &all, &next, err) && shipper_keep(shipper, &next, err);
        if (ok) shipper->links_digest = digest;
    }
    hash_map_free(&all.done);
    arena_free(all.arena);
    return ok;
}
