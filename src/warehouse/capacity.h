/* capacity.h - how far one machine goes with this log, and what a cluster would hold. */
#ifndef WAREHOUSE_CAPACITY_H
#define WAREHOUSE_CAPACITY_H

#include "feature/feature_set.h"

#include <jansson.h>

struct capacity_options {
    const struct log *log;
    const char *scratch; /* a file that may be made and removed, on the database's disk */
    int64_t now_ms;
    double (*now_seconds)(void);
    unsigned n_threads;
};

enum { CAPACITY_SHARDS = 4 };

struct capacity {
    uint64_t n_events, n_customers;
    double bytes_per_event, state_bytes_per_customer, events_per_second, possible_per_second;
    double new_customers_per_day; /* this and events_per_second: of the month before the last event, or less */
    int64_t last_ms;              /* when that was received */
    int64_t disk_full_day, memory_full_day; /* days since 1970; INT64_MAX: not within a hundred years */
    struct {
        unsigned n;
        double n_events, bytes_per_training, bytes_per_scoring;
    } shards[CAPACITY_SHARDS];
};

/* Looks at partitions in full, at all of a million events and at as many as hold a million of more, and takes them
 * for all; writes events to the scratch file for a moment.
 * Errors: ERR_REFUSED the log is empty; those of the log and the store. */
bool capacity_measure(const struct capacity_options *options, struct arena *arena, struct capacity *ret_capacity,
                      struct err *err) MUST_CHECK;

json_t *capacity_json(const struct capacity *capacity); /* the caller owns it */

#endif
