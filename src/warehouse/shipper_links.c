/* shipper_links.c - links on their way: those that were made or removed since the last.
 *
 * A link that was removed never was, so a change may rewrite what was: all rows of the identities that it touches go
 * again, under a greater version. */
#include "warehouse/shipper_internal.h"

#include "base/hash.h"
#include "warehouse/links_there.h"

#include <inttypes.h>

/* The version is on the disk before its rows leave: no other rows ever go under it, so that of two tries, between
 * which a link was removed, the later one counts. */
static bool send_changes(struct shipper *shipper, struct links_there *all, struct err *err)
{
    struct shipper_state next = shipper->state;
    uint64_t version = (uint64_t)++next.link_version;
    const char *batch = arena_format(all->arena, "%s-links-%zu-%" PRIu64, shipper->source.settings->node,
                                     shipper->index, version);
    if (!shipper_keep(shipper, &next, err) || !links_members(&shipper->source, all, err) ||
        !links_send(&shipper->source, shipper->shard, all, batch, version, err))
        return false;
    for (size_t i = 0; i < all->n; i++) {
        if (all->links[i].id > next.link_id) next.link_id = all->links[i].id;
        if (all->links[i].removed_ms > next.link_removed_ms) next.link_removed_ms = all->links[i].removed_ms;
    }
    return shipper_keep(shipper, &next, err);
}

bool shipper_ship_links(struct shipper *shipper, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct links_there all;
    bool ok = links_read(shipper->store, shipper->state.link_id, shipper->state.link_removed_ms, arena, &all, err);
    uint64_t digest = ok && all.n ? hash_bytes(all.links, all.n * sizeof *all.links, 1) : 0;
    if (ok && all.n > 0 && digest != shipper->links_digest) {
        ok = send_changes(shipper, &all, err);
        if (ok) shipper->links_digest = digest;
    }
    arena_free(arena);
    return ok;
}
