/* log_operations.h - what a place that keeps events does for the log; log.h says what each means, and calls them.
 *
 * The names stay with the log whatever keeps its events: an event carries their numbers.  The two halves of an
 * import (log_encode, log_write) and the little at a time that log_compactor does are of the embedded place alone,
 * since they are about its chunks. */
#ifndef LOG_LOG_OPERATIONS_H
#define LOG_LOG_OPERATIONS_H

#include "log/log.h"

/* All are needed. */
struct log_operations {
    const char *name;

    /* In the store's transaction: there when it commits, and not if it does not. */
    bool (*append)(struct log *log, const struct events *events, struct err *err);
    bool (*append_partition)(struct log *log, unsigned partition, const struct events *events, struct err *err);
    bool (*blank)(struct log *log, const uint32_t *identities, size_t n, uint64_t *ret_n, struct err *err);

    /* Transactions of their own. */
    bool (*compact)(struct log *log, struct err *err);
    bool (*totals)(const struct log *log, struct log_totals *ret_totals, struct err *err);

    /* Readers: several at once, each on its own thread. */
    bool (*read)(struct log_reader *reader, unsigned partition, unsigned columns, struct arena *arena,
                 struct events *ret_events, struct err *err);
    bool (*read_identities)(struct log_reader *reader, const uint32_t *identities, size_t n, unsigned columns,
                            struct arena *arena, struct events *ret_events, struct err *err);
    bool (*read_after)(struct log_reader *reader, uint64_t sequence, size_t most, unsigned columns,
                       struct arena *arena, struct events *ret_events, uint64_t *ret_sequence, struct err *err);
};

extern const struct log_operations log_embedded;        /* chunks in the store's own file; what log_open takes */

/* From now on the log's events are kept by these; for whoever puts another place, or a watch, in front. */
void log_keep_by(struct log *log, const struct log_operations *operations);

#endif
