/* shipping.h - events to the warehouse, each exactly once, and links with them.
 *
 * Each shard has a shipper of its own: where it has got is kept in table warehouse_shard and moves only after the
 * server's answer.  Before a batch leaves, its bounds are durable, so that it has the same rows, bytes and name at
 * every try. Where the answer to an earlier try is not known, a replicated table drops the repetition, and of a
 * plain one it is asked first which months of the batch are there: a part of a month is there whole or not at all.
 */
#ifndef WAREHOUSE_SHIPPING_H
#define WAREHOUSE_SHIPPING_H

#include "base/clock.h"
#include "customer/identity.h"
#include "hub/writer.h"
#include "warehouse/shard.h"
#include "warehouse/shipped.h"

/* A batch of few rows is nearly all that waits. */
enum { SHIPPING_ROWS_MOST = 500 * 1000, SHIPPING_FEW_ROWS = 50 * 1000 };

/* Where events come from, and who writes; all borrowed. */
struct shipping_source {
    const struct warehouse_settings *settings;
    struct store *store; /* connections of our own are opened beside it */
    const struct log *log;
    const struct identities *identities;
    pthread_rwlock_t *lock; /* NULL: nobody interns or links meanwhile */
    struct shipped_names names;
    struct writer writer;
    struct clock clock;
};

struct shipper;

/* What is known of a shipper: as in table warehouse_shard. */
struct shipper_state {
    int64_t position, pending_to, link_id, link_removed_ms, link_version;
    int64_t n_rows, n_bytes, n_retries, shipped_ms;
    char error[600];
};
bool shipper_state_read(struct store *store, size_t shard, struct shipper_state *ret_state,
                        struct err *err) MUST_CHECK;

/* Errors: those of the store, the log and shard_open. */
bool shipper_open(const struct shipping_source *source, size_t shard, struct shipper **ret_shipper,
                  struct err *err) MUST_CHECK;
void shipper_close(struct shipper *shipper); /* NULL is fine */

/* Ships one batch at most, and the links once little waits; is_done: nothing was left.  Errors: those of
 * tables_check and shard_ask; the store's. */
bool shipper_ship(struct shipper *shipper, bool *ret_is_done, struct err *err) MUST_CHECK;

/* Whoever was erased there is erased once more: a server may have been put back as it was before.  Errors: those of
 * shipper_ship. */
bool shipper_erase_again(const struct shipping_source *source, size_t shard, struct err *err) MUST_CHECK;

/* How many people were erased here whom a shard still knows. */
bool erasures_owed(struct store *store, size_t shard, int64_t *ret_n, struct err *err) MUST_CHECK;

/* All shippers, each on a thread of its own that gives way to others, until they are stopped; one that fails tries
 * again, ever more seldom, and one that found few rows lets some gather. */
struct shipping;
bool shipping_start(const struct shipping_source *source, struct shipping **ret_shipping,
                    struct err *err) MUST_CHECK;
void shipping_stop(struct shipping *shipping); /* NULL is fine */

#endif
