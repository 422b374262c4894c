/* links_there.c - see links_there.h. */
#include "warehouse/links_there.h"

#include "base/arena_list.h"
#include "base/hash.h"
#include "base/hash_map.h"
#include "store/sql.h"
#include "warehouse/native.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool links_read(struct store *store, int64_t after_id, int64_t removed_ms, struct arena *arena,
                struct links_there *ret_links, struct err *err)
{
    struct links_there *all = ret_links;
    *all = (struct links_there){ .arena = arena };
    struct sql_identity_links_changed row = { 0 };
    enum step step = STEP_FAIL;
    bool ok = sql_identity_links_changed(store, after_id, removed_ms, &row, err);
    while (ok && (step = sql_identity_links_changed_step(&row, err)) == STEP_ROW) {
        all->links = arena_list_grow(arena, all->links, all->n, &all->room, sizeof *all->links);
        all->links[all->n++] = (struct link_there){
            .id = row.id,
            .received_ms = row.received_ms,
            .removed_ms = row.removed_ms.kind == VALUE_NULL ? 0 : value_as_int(row.removed_ms),
            .a = (uint32_t)row.a,
            .b = (uint32_t)row.b,
            .how = row.how,
        };
    }
    cursor_close(row.cursor);
    return ok && step == STEP_END;
}

static void reserve(struct links_there *all)
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

static bool called(const struct shipping_source *source, uint32_t identity, struct arena *arena,
                   struct text *ret_name, struct err *err)
{
    struct text name = log_name(source->log, DICTIONARY_IDENTITY, identity), shipped;
    if (!shipped_name(&source->names, name, arena, &shipped))
        return err_set(err, ERR_REFUSED, "an identity is an address, and the database has no key file");
    *ret_name = text_of(arena_format(arena, "%.*s", (int)shipped.length, shipped.at));
    return true;
}

static bool add_member(const struct shipping_source *source, struct links_there *all, uint32_t identity,
                       uint32_t customer, int64_t since_ms, struct err *err)
{
    reserve(all);
    struct members *members = &all->members;
    size_t i = members->n;
    if (!called(source, identity, all->arena, &members->identity[i], err) ||
        !called(source, customer, all->arena, &members->customer[i], err))
        return false;
    members->identity_hash[i] = shipped_hash(members->identity[i]);
    members->customer_hash[i] = shipped_hash(members->customer[i]);
    members->partition[i] = (uint8_t)log_partition(source->log, identity);
    members->customer_partition[i] = (uint8_t)log_partition(source->log, customer);
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
static bool add_identity(const struct shipping_source *source, struct links_there *all, uint32_t identity, struct err *err)
{
    size_t n_links;
    const struct link *links = identities_links(source->identities, identity, &n_links);
    int64_t *times = ARENA_ARRAY(all->arena, int64_t, n_links + 1);
    uint32_t customer = identity;
    for (size_t i = 0; i < n_links; i++) times[i] = links[i].received_ms;
    qsort(times, n_links, sizeof *times, by_time);
    if (!add_member(source, all, identity, identity, INT64_MIN, err)) return false;
    for (size_t i = 0; i < n_links; i++) {
        uint32_t now = identities_customer_at(source->identities, identity, times[i] + 1);
        if (now == customer) continue;
        customer = now;
        if (!add_member(source, all, identity, now, times[i], err)) return false;
    }
    return true;
}

static bool add_all_of(const struct shipping_source *source, struct links_there *all, uint32_t identity,
                       struct hash_map *done, struct err *err)
{
    uint32_t members[IDENTITY_MEMBERS_MOST];
    if (identity >= log_n_names(source->log, DICTIONARY_IDENTITY)) return true;
    size_t n =
        identities_members_at(source->identities, identity, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
    for (size_t i = 0; i < n; i++) {
        uint64_t *is_done = hash_map_put(done, hash_bytes(&members[i], sizeof members[i], 0));
        if (*is_done) continue;
        *is_done = 1;
        if (!add_identity(source, all, members[i], err)) return false;
    }
    return true;
}

static struct text links_native(const struct shipping_source *source, const struct links_there *all,
                                const char *batch, uint64_t version)
{
    struct native native;
    native_begin(&native, 11, all->n, all->arena);
    native_column(&native, "node", "String");
    for (size_t i = 0; i < all->n; i++) native_text(&native, text_of(source->settings->node));
    native_column(&native, "batch", "String");
    for (size_t i = 0; i < all->n; i++) native_text(&native, text_of(batch));
    native_column(&native, "version", "UInt64");
    for (size_t i = 0; i < all->n; i++) native_u64(&native, version);
    native_column(&native, "id", "Int64");
    for (size_t i = 0; i < all->n; i++) native_u64(&native, (uint64_t)all->links[i].id);
    native_column(&native, "a", "String");
    for (size_t i = 0; i < all->n; i++) native_text(&native, all->links[i].a_name);
    native_column(&native, "b", "String");
    for (size_t i = 0; i < all->n; i++) native_text(&native, all->links[i].b_name);
    native_column(&native, "how", "UInt8");
    for (size_t i = 0; i < all->n; i++) native_bytes(&native, &(uint8_t){ (uint8_t)all->links[i].how }, 1);
    native_column(&native, "received_ms", "Int64");
    for (size_t i = 0; i < all->n; i++) native_u64(&native, (uint64_t)all->links[i].received_ms);
    native_column(&native, "removed_ms", "Int64");
    for (size_t i = 0; i < all->n; i++) native_u64(&native, (uint64_t)all->links[i].removed_ms);
    native_column(&native, "a_number", "UInt32");
    for (size_t i = 0; i < all->n; i++) native_bytes(&native, &all->links[i].a, 4);
    native_column(&native, "b_number", "UInt32");
    for (size_t i = 0; i < all->n; i++) native_bytes(&native, &all->links[i].b, 4);
    return (struct text){ native.bytes, native.n };
}

bool links_members(const struct shipping_source *source, struct links_there *links, struct err *err)
{
    struct hash_map done = { 0 };
    bool ok = true;
    if (source->lock) (void)pthread_rwlock_rdlock(source->lock);
    for (size_t i = 0; ok && i < links->n; i++)
        ok = add_all_of(source, links, links->links[i].a, &done, err) &&
             add_all_of(source, links, links->links[i].b, &done, err);
    for (size_t i = 0; ok && i < links->n; i++)
        ok = called(source, links->links[i].a, links->arena, &links->links[i].a_name, err) &&
             called(source, links->links[i].b, links->arena, &links->links[i].b_name, err);
    if (source->lock) (void)pthread_rwlock_unlock(source->lock);
    hash_map_free(&done);
    return ok;
}

bool links_send(const struct shipping_source *source, struct shard *shard, const struct links_there *links,
                const char *batch, uint64_t version, struct err *err)
{
    const struct warehouse_settings *settings = source->settings;
    const struct shard_query members = {
        .sql = arena_format(links->arena, "INSERT INTO %s.members FORMAT Native", settings->database),
        .body = members_native(&links->members, settings->node, batch, version, links->arena),
    };
    const struct shard_query query = {
        .sql = arena_format(links->arena, "INSERT INTO %s.links FORMAT Native", settings->database),
        .body = links_native(source, links, batch, version),
    };
    return shard_ask(shard, &members, err) && shard_ask(shard, &query, err);
}
