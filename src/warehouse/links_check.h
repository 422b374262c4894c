/* links_check.h - whether a shard's tables links and members hold what the links here say. */
#ifndef WAREHOUSE_LINKS_CHECK_H
#define WAREHOUSE_LINKS_CHECK_H

#include "warehouse/shipping.h"

struct links_check {
    uint64_t n_here, n_there; /* links, those that were removed too */
    bool is_different;        /* in number, or in what they or the members say; never while some wait to be shipped */
};

/* Counts and sums of hashes of both tables, of the rows that count.  Errors: those of the store and shard_ask. */
bool links_check_run(const struct shipping_source *source, struct shard *shard, struct links_check *ret_check,
                     struct err *err) MUST_CHECK;

/* Whether as many links and identities are there as were shipped: what a server lost is noticed before it is asked
 * for features.  Errors: the same. */
bool links_check_whole(const struct shipping_source *source, struct store *store, struct shard *shard,
                       bool *ret_is_whole, struct err *err) MUST_CHECK;

/* All of both tables is removed and what is here put in its place, under the version that was last; what is shipped
 * meanwhile goes under greater ones.  Errors: the same, and those of warehouse_remove. */
bool links_mend(const struct shipping_source *source, size_t shard, struct err *err) MUST_CHECK;

#endif
