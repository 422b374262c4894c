/* tables.h - the warehouse's tables on each server: made, and looked at before anything is read or written.
 *
 * events     each event once: node, batch, row (the log's sequence) ...
 * members    which customer an identity was part of, from when on; of an identity the newest version's rows count
 * links      the links themselves, for restoring
 * scores, runs   what was predicted there
 * about      by what version, which node and how many shards it was made */
#ifndef WAREHOUSE_TABLES_H
#define WAREHOUSE_TABLES_H

#include "warehouse/shard.h"

enum { WAREHOUSE_VERSION = 1 };

/* The statements that make a shard's tables on a replica and say whose they are, in the arena; run again they change
 * nothing. */
size_t tables_sql(const struct warehouse_settings *settings, size_t shard, size_t replica, struct arena *arena,
                  const char **ret_statements, size_t room);
enum { TABLES_STATEMENTS_MOST = 16 };

/* Makes them on every replica of the shard; those that are there stay.  Errors: ERR_REFUSED those that are there are
 * others; those of shard_ask. */
bool tables_make(const struct warehouse_settings *settings, size_t shard, struct err *err) MUST_CHECK;

/* Errors: ERR_MISSING there are none; ERR_REFUSED made by another version, node or number of shards, or a column or
 * an engine is not what it was; those of shard_ask. */
bool tables_check(const struct warehouse_settings *settings, struct shard *shard, struct err *err) MUST_CHECK;

/* Whether the replica that is asked has all that others of its shard have.  Errors: ERR_BUSY it has not. */
bool tables_check_replica(const struct warehouse_settings *settings, struct shard *shard,
                          struct err *err) MUST_CHECK;

/* The same as tables_check, and a replica is found, and asked alone from then on, that has all that others of its
 * shard have.
 * Errors: ERR_BUSY none that answers has. */
bool tables_check_whole(const struct warehouse_settings *settings, struct shard *shard,
                        struct err *err) MUST_CHECK;

/* How many events the server has.  Errors: those of shard_ask. */
bool tables_n_events(const struct warehouse_settings *settings, struct shard *shard, int64_t *ret_n,
                     struct err *err) MUST_CHECK;

#endif
