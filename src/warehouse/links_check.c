/* links_check.c - see links_check.h. */
#include "warehouse/links_check.h"

#include "base/secret.h"
#include "store/sql.h"
#include "warehouse/links_there.h"
#include "warehouse/warehouse_remove.h"

#include <inttypes.h>
#include <stdio.h>

/* How much there is of a table, and a sum modulo 2^64 that changes with any of it. */
struct amount {
    uint64_t n, sum;
};

/* Of each link what counts: the row of its greatest version. */
static const char links_sum_sql[] =
    "SELECT count(), sum(toUInt64(3) * toUInt64(id) + toUInt64(5) * toUInt64(told_received_ms) + toUInt64(7) * "
    "toUInt64(told_removed_ms) + toUInt64(11) * told_how + toUInt64(13) * told_a_number + toUInt64(17) * "
    "told_b_number + toUInt64(19) * sipHash64(told_a) + toUInt64(23) * sipHash64(told_b)) FROM (SELECT id, argMax(a, "
    "version) AS told_a, argMax(b, version) AS told_b, argMax(how, version) AS told_how, argMax(received_ms, version) "
    "AS told_received_ms, argMax(removed_ms, version) AS told_removed_ms, argMax(a_number, version) AS told_a_number, "
    "argMax(b_number, version) AS told_b_number FROM %s.links GROUP BY id)";

static struct amount links_here(const struct links_there *links)
{
    struct amount amount = { .n = links->n };
    for (size_t i = 0; i < links->n; i++) {
        const struct link_there *link = &links->links[i];
        amount.sum += 3 * (uint64_t)link->id + 5 * (uint64_t)link->received_ms + 7 * (uint64_t)link->removed_ms +
                      11 * (uint64_t)link->how + 13 * (uint64_t)link->a + 17 * (uint64_t)link->b +
                      19 * secret_siphash64(link->a_name) + 23 * secret_siphash64(link->b_name);
    }
    return amount;
}

/* Of each identity the rows of its greatest version, once each; that it was its own customer first says nothing. */
static const char members_sum_sql[] =
    "SELECT count(), sum(toUInt64(3) * identity_hash + toUInt64(5) * customer_hash + toUInt64(7) * toUInt64(since_ms) "
    "+ toUInt64(11) * partition + toUInt64(13) * customer_partition + toUInt64(17) * number + toUInt64(19) * "
    "customer_number + toUInt64(23) * sipHash64(identity) + toUInt64(29) * sipHash64(customer)) FROM (SELECT DISTINCT "
    "identity, identity_hash, partition, customer, customer_hash, customer_partition, since_ms, number, "
    "customer_number, version FROM %s.members) AS told ANY LEFT JOIN (SELECT identity_hash, max(version) AS newest FROM "
    "%s.members GROUP BY identity_hash) AS last USING (identity_hash) WHERE version = newest AND since_ms != "
    "toInt64(-9223372036854775807) - 1";

static struct amount members_here(const struct members *members)
{
    struct amount amount = { 0 };
    for (size_t i = 0; i < members->n; i++) {
        if (members->since_ms[i] == INT64_MIN) continue;
        amount.n++;
        amount.sum += 3 * members->identity_hash[i] + 5 * members->customer_hash[i] +
                      7 * (uint64_t)members->since_ms[i] + 11 * (uint64_t)members->partition[i] +
                      13 * (uint64_t)members->customer_partition[i] + 17 * (uint64_t)members->number[i] +
                      19 * (uint64_t)members->customer_number[i] + 23 * secret_siphash64(members->identity[i]) +
                      29 * secret_siphash64(members->customer[i]);
    }
    return amount;
}

static bool ask_amount(struct shard *shard, const char *sql, struct arena *arena, struct amount *ret_amount,
                       struct err *err)
{
    const char *text;
    struct amount amount;
    if (!shard_text(shard, sql, arena, &text, err)) return false;
    if (sscanf(text, "%" SCNu64 "\t%" SCNu64, &amount.n, &amount.sum) != 2)
        return shard_answers_odd(shard, text, "a count and a sum", err);
    *ret_amount = amount;
    return true;
}

static bool is_same(struct amount a, struct amount b) { return a.n == b.n && a.sum == b.sum; }

static bool is_all_shipped(struct store *store, size_t index, bool *ret_is, struct err *err)
{
    struct shipper_state state;
    int64_t n, first_ms;
    if (!shipper_state_read(store, index, &state, err) ||
        !sql_warehouse_links_behind(store, state.link_id, state.link_removed_ms, &n, &first_ms, err))
        return false;
    *ret_is = n == 0;
    return true;
}

/* Rows of versions that were never given out are another's. */
static bool is_foreign(const struct shipping_source *source, struct store *store, struct shard *shard,
                       struct arena *arena, struct shipper_state *ret_state, bool *ret_is, struct err *err)
{
    const char *database = source->settings->database;
    int64_t newest;
    if (!shard_number(shard,
                      arena_format(arena,
                                   "SELECT toInt64(max(version)) FROM (SELECT version FROM %s.links UNION ALL SELECT "
                                   "version FROM %s.members)",
                                   database, database),
                      &newest, err) ||
        !shipper_state_read(store, shard_index(shard), ret_state, err))
        return false;
    *ret_is = newest > ret_state->link_version;
    return true;
}

bool links_check_run(const struct shipping_source *source, struct shard *shard, struct links_check *ret_check,
                     struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *database = source->settings->database;
    struct store *store = NULL;
    struct links_there here;
    struct amount links = { 0 }, members = { 0 };
    struct shipper_state state;
    bool was_shipped = false, is_shipped = false, is_another = false;
    bool ok = store_open_beside(source->store, &store, err) &&
              is_all_shipped(store, shard_index(shard), &was_shipped, err) &&
              links_read(store, 0, 0, arena, &here, err) && links_members(source, &here, err) &&
              ask_amount(shard, arena_format(arena, links_sum_sql, database), arena, &links, err) &&
              ask_amount(shard, arena_format(arena, members_sum_sql, database, database), arena, &members, err) &&
              is_foreign(source, store, shard, arena, &state, &is_another, err) &&
              is_all_shipped(store, shard_index(shard), &is_shipped, err);
    if (ok)
        *ret_check = (struct links_check){
            .n_here = here.n,
            .n_there = links.n,
            .is_different = is_another || (was_shipped && is_shipped &&
                                           (!is_same(links, links_here(&here)) ||
                                            !is_same(members, members_here(&here.members)))),
        };
    store_close(store);
    arena_free(arena);
    return ok;
}

bool links_check_whole(const struct shipping_source *source, struct store *store, struct shard *shard,
                       bool *ret_is_whole, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *database = source->settings->database;
    struct shipper_state state;
    int64_t n_links, n_identities, n_links_there = 0, n_identities_there = 0;
    bool ok = shipper_state_read(store, shard_index(shard), &state, err) &&
              sql_warehouse_links_shipped(store, state.link_id, &n_links, &n_identities, err);
    if (ok && n_links > 0)
        ok = shard_number(shard, arena_format(arena, "SELECT uniqExact(id) FROM %s.links", database),
                          &n_links_there, err) &&
             shard_number(shard, arena_format(arena, "SELECT uniqExact(identity_hash) FROM %s.members", database),
                          &n_identities_there, err);
    if (ok) *ret_is_whole = n_links_there >= n_links && n_identities_there >= n_identities;
    arena_free(arena);
    return ok;
}

bool links_mend(const struct shipping_source *source, size_t index, struct err *err)
{
    const struct warehouse_settings *settings = source->settings;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct shard *shard = NULL;
    struct store *store = NULL;
    struct shipper_state state;
    struct links_there here;
    bool is_another = false;
    bool ok = store_open_beside(source->store, &store, err) && shard_open(settings, index, &shard, err) &&
              is_foreign(source, store, shard, arena, &state, &is_another, err);
    const char *where =
        ok && !is_another ? arena_format(arena, "version <= %" PRId64, state.link_version) : "version >= 0";
    ok = ok && warehouse_remove(settings, index, "links", where, err) &&
         warehouse_remove(settings, index, "members", where, err) && links_read(store, 0, 0, arena, &here, err) &&
         links_members(source, &here, err);
    if (ok && here.n > 0)
        ok = links_send(source, shard, &here,
                        arena_format(arena, "%s-links-mend-%zu-%" PRId64, settings->node, index,
                                     clock_now_ms(&source->clock)),
                        (uint64_t)state.link_version, err);
    shard_close(shard);
    store_close(store);
    arena_free(arena);
    return ok;
}
