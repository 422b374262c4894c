/* shipped.h - events as they stand in the warehouse: with their texts instead of the log's numbers.
 *
 * What a row says depends on the event, the settings and the vault's key alone, so the same events give the same
 * bytes at every try. */
#ifndef WAREHOUSE_SHIPPED_H
#define WAREHOUSE_SHIPPED_H

#include "customer/identity.h"
#include "warehouse/warehouse_settings.h"

#include <pthread.h>

/* How an identity, and so a customer, is called there. */
struct shipped_names {
    bool is_plain;
    const uint8_t *key; /* [IDENTITY_KEY_BYTES] NULL: the database has none, and no address may come */
};

/* Addresses and telephone numbers become "hashed:" and 32 hexadecimal digits under the key, unless is_plain;
 * false: it is one, and there is no key.  In the arena, or name itself. */
bool shipped_name(const struct shipped_names *names, struct text name, struct arena *arena, struct text *ret_name);
uint64_t shipped_hash(struct text shipped_name); /* what the warehouse groups and samples by */

struct shipped {
    size_t n;
    uint64_t *row;      /* [n] the log's sequence: each event once */
    uint8_t *partition; /* [n] 0 .. 63 */
    uint32_t *month;    /* [n] of receipt, 202401 */
    uint32_t *number;           /* [n] the identity's in the log here: only their order means something there */
    struct text *identity, *kind, *item, *source;
    uint64_t *identity_hash, *item_hash, *message_hash;
    int64_t *received_ms, *time_ms, *amount_cents, *quantity_milli;
    uint32_t *properties_end; /* [n] ends in names and values */
    struct text *property_names, *property_values;
};

uint32_t month_of_ms(int64_t time_ms);

/* The events in the arena, which holds every text too.  lock
 * (NULL: nobody interns) is taken for reading while names are copied.  events need all columns and LOG_SEQUENCE.
 * Errors: ERR_REFUSED an identity is an address and there is no key. */
bool shipped_build(const struct log *log, pthread_rwlock_t *lock, const struct shipped_names *names,
                   const struct events *events, struct arena *arena, struct shipped *ret_shipped,
                   struct err *err) MUST_CHECK;

/* The same of the events that are wanted: is_wanted [events->n]; NULL: all. */
bool shipped_build_of(const struct log *log, pthread_rwlock_t *lock, const struct shipped_names *names,
                      const struct events *events, const bool *is_wanted, struct arena *arena,
                      struct shipped *ret_shipped, struct err *err) MUST_CHECK;

/* Rows of these months alone (NULL: of all) as a block of ClickHouse's Native format, in the arena; ret_n how
 * many. */
struct text shipped_native(const struct shipped *shipped, const char *node, const char *batch,
                           const uint32_t *months, size_t n_months, struct arena *arena, size_t *ret_n);

/* A number for each row that changes with anything that it says; summed modulo 2^64.  shipped_sum_sql computes the
 * sum there. */
uint64_t shipped_sum(const struct shipped *shipped, size_t at);
extern const char shipped_sum_sql[];

/* The columns of table events, and of table members. */
extern const char shipped_columns_sql[], members_columns_sql[];

/* Which customer an identity was part of from an instant on; the newest version of an identity's rows counts. */
struct members {
    size_t n, room;
    struct text *identity, *customer;
    uint64_t *identity_hash, *customer_hash;
    uint8_t *partition, *customer_partition;
    uint32_t *number, *customer_number; /* of the log here */
    int64_t *since_ms;
};
struct text members_native(const struct members *members, const char *node, const char *batch, uint64_t version,
                           struct arena *arena);

#endif
