/* warehouse_check.h - whether the warehouse holds what the log holds: counts and a sum of hashes, by partition and
 * month of receipt; and the links. */
#ifndef WAREHOUSE_WAREHOUSE_CHECK_H
#define WAREHOUSE_WAREHOUSE_CHECK_H

#include "warehouse/links_check.h"

#include <jansson.h>

/* Events of one partition and month, of those that are said to be there. */
struct piece {
    size_t shard;
    unsigned partition;
    uint32_t month;
    uint64_t n_here, n_there, n_different; /* n_different: rows there, each once */
    uint64_t sum_here, sum_there;
    uint64_t n_unknown; /* of those there: this database never shipped them */
};

struct warehouse_check {
    struct piece *differ; /* [n_differ] by shard, partition and month */
    size_t n_differ;
    uint64_t n_here, n_there, n_missing, n_doubled, n_unknown;
    size_t n_shards, n_links_differ; /* n_links_differ: shards whose links do */
    const char *servers[WAREHOUSE_SHARDS_MOST];
    struct links_check links[WAREHOUSE_SHARDS_MOST];
};

/* Errors: those of tables_check, shard_ask and the log; ERR_MISSING a shard lacks something that another of its
 * replicas may have, which does not answer. */
bool warehouse_check_run(const struct shipping_source *source, struct arena *arena,
                         struct warehouse_check *ret_check, struct err *err) MUST_CHECK;

/* Removes what differs there and ships it again.  Errors: the same; ERR_BUSY a server does not finish removing. */
bool warehouse_mend(const struct shipping_source *source, const struct warehouse_check *check,
                    struct err *err) MUST_CHECK;

json_t *warehouse_check_json(const struct warehouse_check *check); /* the caller owns it */

#endif
