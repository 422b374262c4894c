/* warehouse_remove.h - rows of a shard's table that go. */
#ifndef WAREHOUSE_WAREHOUSE_REMOVE_H
#define WAREHOUSE_WAREHOUSE_REMOVE_H

#include "warehouse/shard.h"

/* Deletes rows of a table and waits until none is left on any replica.  Errors: those of shard_ask; ERR_BUSY a
 * server does not finish. */
bool warehouse_remove(const struct warehouse_settings *settings, size_t shard, const char *table,
                      const char *where, struct err *err) MUST_CHECK;

#endif
