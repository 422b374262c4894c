/* gather.h - the matrix of features from the warehouse instead of from the log: the same rows in the same order.
 *
 * All shards are asked, each on a thread of its own, and a row counts only when each has given all of its own:
 * what is cut off, or breaks off with an error in the middle, is asked for again, and then refused. */
#ifndef WAREHOUSE_GATHER_H
#define WAREHOUSE_GATHER_H

#include "customer/identity.h"
#include "feature/matrix.h"
#include "warehouse/shipped.h"

struct gather_options {
    const struct warehouse_settings *settings;
    const struct log *log;
    const struct identities *identities;
    struct shipped_names names;
    const struct feature_set *set;
    const size_t *features; /* [n_features] columns of the matrix; NULL: all of the set */
    size_t n_features;
    const struct question *question; /* NULL: everybody */
    const int64_t *cutoffs_ms;       /* [n_cutoffs] */
    size_t n_cutoffs;
    unsigned first_partition, last_partition;
    double share;
    bool wants_labels;
    bool is_of_asked; /* the shards look for the question's customers first and reckon for no others: the same matrix */
    unsigned n_threads; /* at least 1 */
    int64_t last_ms; /* labels are unknown where the horizon ends after it */
};

/* Errors: ERR_MISSING no server answers, or none to its end; ERR_REFUSED part of the shards would answer, a
 * shard's own words, or something is not there yet. */
bool gather_matrix(const struct gather_options *options, struct arena *arena, struct matrix *ret_matrix,
                   struct err *err) MUST_CHECK;

/* The query for one shard, as gather_matrix asks it without is_of_asked, after the statements that fetch what others
 * have of its customers; in the arena. */
const char *gather_sql(const struct gather_options *options, size_t shard, struct arena *arena);

#endif
