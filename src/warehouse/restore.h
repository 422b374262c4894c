/* restore.h - a file made anew from what the warehouse holds. */
#ifndef WAREHOUSE_RESTORE_H
#define WAREHOUSE_RESTORE_H

#include "log/log.h"
#include "warehouse/warehouse_settings.h"

struct restored {
    uint64_t n_events, n_identities, n_links;
};

/* Fills an empty store and its log with the events of these partitions and with the links; the order of identities
 * and of arrival is as it was, so features are the same bit for bit.  Personal fields were never there; of
 * identities that went as keyed hashes the hashes come back. Errors: those of tables_check and shard_ask, of the
 * log and the store; ERR_MISSING an answer is not whole. */
bool restore_run(const struct warehouse_settings *settings, unsigned first_partition, unsigned last_partition,
                 struct store *store, struct log *log, struct restored *ret_restored, struct err *err) MUST_CHECK;

#endif
