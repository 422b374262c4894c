/* warehouse_status.h - how far the warehouse is behind, and what each server says. */
#ifndef WAREHOUSE_WAREHOUSE_STATUS_H
#define WAREHOUSE_WAREHOUSE_STATUS_H

#include "warehouse/shipping.h"

#include <jansson.h>

struct shard_status {
    const char *server, *error; /* error NULL: all is well */
    int64_t n_owed;                     /* people who were erased here, and not yet there */
    int64_t n_rows;             /* that are there, or that were when it was asked last */
    int64_t position, behind_rows, behind_seconds, n_retries, n_bytes;
    int64_t links_behind; /* links between ids that it has not got, or whose end it does not know */
    int64_t oldest_ms, oldest_link_ms; /* when the earliest that waits was received; INT64_MAX: none waits */
};

struct warehouse_status {
    struct shard_status shards[WAREHOUSE_SHARDS_MOST];
    size_t n;
    int64_t spool_events, spool_bytes; /* that some shard has not got yet */
};

/* store is any connection to the database, in no transaction; servers are asked unless is_quick.
 * Errors: those of the store and the log. */
bool warehouse_status_read(const struct shipping_source *source, struct store *store, bool is_quick,
                           struct arena *arena, struct warehouse_status *ret_status, struct err *err) MUST_CHECK;

json_t *warehouse_status_json(const struct warehouse_status *status); /* the caller owns it */

#endif
