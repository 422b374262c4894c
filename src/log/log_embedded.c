/* log_embedded.c - the operations of the place that keeps events as chunks in the store's file: written in log.c,
 * read in log_read.c and log_follow.c. */
#include "log/log_internal.h"

const struct log_operations log_embedded = {
    .name = "embedded",
    .append = embedded_append,
    .append_partition = embedded_append_partition,
    .blank = embedded_blank,
    .compact = embedded_compact,
    .totals = embedded_totals,
    .read = embedded_read,
    .read_identities = embedded_read_identities,
    .read_after = embedded_read_after,
};
