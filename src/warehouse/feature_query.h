/* feature_query.h - the query that computes features in the warehouse: as of several instants, of one shard's
 * customers.
 *
 * As of T an event counts that was received and happened before T and that no correction received before T
 * replaced; two identities are one customer that links received before T join, whatever shards they are on: what
 * others have of a shard's customers is read from there first, into a table `visiting` of the session. */
#ifndef WAREHOUSE_FEATURE_QUERY_H
#define WAREHOUSE_FEATURE_QUERY_H

#include "feature/feature_set.h"
#include "feature/question.h"
#include "warehouse/warehouse_settings.h"

struct feature_query {
    const struct warehouse_settings *settings;
    size_t shard;
    const struct feature_set *set;
    const size_t *features; /* [n_features] of the set, in the order of the columns */
    size_t n_features;
    const struct question *question; /* NULL: everybody */
    const int64_t *cutoffs_ms;       /* [n_cutoffs] ascending */
    size_t n_cutoffs;
    unsigned first_partition, last_partition; /* of the customers */
    double share;                             /* of the customers, by a hash: the same for any number of shards */
    bool is_linked;                           /* there are, or were, links */
    bool is_visited;                          /* table visiting is there */
    bool is_corrected;                        /* there are corrections */
    bool is_of_asked;                         /* only rows whose is_active is 1: less work for the servers */
};

/* Rows of as_of_ms Int64, customer_hash UInt64, is_active UInt8 and a Float64 for each feature, without a FORMAT;
 * and, anywhere, one row whose as_of_ms is the least number there is and whose customer_hash says how many others
 * there are. */
const char *feature_query_sql(const struct feature_query *query, struct arena *arena);

/* Rows of as_of_ms, customer_hash, number of goal events and their cents in the horizon after each instant, of
 * customers as links join them now; and the row that counts, as above. */
const char *feature_query_labels_sql(const struct feature_query *query, struct arena *arena);

/* What another shard has of this one's customers: SELECT of the columns of table visiting, with a row that says
 * how many they are; what creates the table; and what is 1 once all others' rows are in it. */
const char *feature_query_visitors_sql(const struct feature_query *query, struct arena *arena);
const char *feature_query_visiting_sql(const struct feature_query *query, struct arena *arena);
const char *feature_query_visited_sql(const struct feature_query *query, struct arena *arena);
extern const char visiting_columns_sql[];

#endif
