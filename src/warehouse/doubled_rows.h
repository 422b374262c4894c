/* doubled_rows.h - events that are in a shard's table twice.
 *
 * A plain table is asked whether a batch is there before it is sent again; a request that a proxy or a server which
 * hung still held by then puts its rows there after the answer.  So it is looked afterwards too. */
#ifndef WAREHOUSE_DOUBLED_ROWS_H
#define WAREHOUSE_DOUBLED_ROWS_H

#include "warehouse/shipping.h"

/* How many rows too many there are of those up to the state's position; 0 without a closer look where there are no
 * more than were shipped.  Errors: those of shard_ask. */
bool doubled_rows_count(const struct warehouse_settings *settings, struct shard *shard,
                        const struct shipper_state *state, int64_t *ret_n, struct err *err) MUST_CHECK;

/* Of rows of a plain table that are the same in every column one is kept, where any are doubled up to position; true,
 * though others may be doubled still.  Errors: those of shard_ask. */
bool doubled_rows_remove(const struct warehouse_settings *settings, struct shard *shard, int64_t position,
                         struct err *err) MUST_CHECK;

#endif
