/* links_there.h - links as they stand in the warehouse: the links themselves, and of each identity that one touches
 * whose customer it was from when on. */
#ifndef WAREHOUSE_LINKS_THERE_H
#define WAREHOUSE_LINKS_THERE_H

#include "warehouse/shipping.h"

struct link_there {
    int64_t id, received_ms, removed_ms; /* removed_ms: 0 in force */
    uint32_t a, b;
    int64_t how;
    struct text a_name, b_name; /* as they are called there, once links_members has said so */
};

struct links_there {
    struct link_there *links; /* [n] by id */
    size_t n, room;
    struct members members;
    struct arena *arena; /* where all of it lives */
};

/* Links made after one, and those removed since an instant; 0, 0: all. */
bool links_read(struct store *store, int64_t after_id, int64_t removed_ms, struct arena *arena,
                struct links_there *ret_links, struct err *err) MUST_CHECK;
/* The rows of every identity that they touch, as all links of now join it, and how the links' ends are called.
 * Errors: ERR_REFUSED an identity is an address and there is no key. */
bool links_members(const struct shipping_source *source, struct links_there *links, struct err *err) MUST_CHECK;
/* Puts them into both tables, under a version: of each identity and link the rows of the greatest count. */
bool links_send(const struct shipping_source *source, struct shard *shard, const struct links_there *links,
                const char *batch, uint64_t version, struct err *err) MUST_CHECK;

#endif
