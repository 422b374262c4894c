/* log_operations.c - functions of log.h that ask the place where the events are kept; see log_operations.h. */
#include "log/log_internal.h"

void log_keep_by(struct log *log, const struct log_operations *operations) { log->operations = operations; }

bool log_append(struct log *log, const struct events *events, struct err *err)
{
    return log->operations->append(log, events, err);
}

bool log_append_partition(struct log *log, unsigned partition, const struct events *events, struct err *err)
{
    return log->operations->append_partition(log, partition, events, err);
}

bool log_blank(struct log *log, const uint32_t *identities, size_t n, uint64_t *ret_n, struct err *err)
{
    return log->operations->blank(log, identities, n, ret_n, err);
}

bool log_compact(struct log *log, struct err *err) { return log->operations->compact(log, err); }

bool log_totals(const struct log *log, struct log_totals *ret_totals, struct err *err)
{
    return log->operations->totals(log, ret_totals, err);
}

bool log_read(struct log_reader *reader, unsigned partition, unsigned columns, struct arena *arena,
              struct events *ret_events, struct err *err)
{
    return reader->log->operations->read(reader, partition, columns, arena, ret_events, err);
}

bool log_read_identities(struct log_reader *reader, const uint32_t *identities, size_t n, unsigned columns,
                         struct arena *arena, struct events *ret_events, struct err *err)
{
    return reader->log->operations->read_identities(reader, identities, n, columns, arena, ret_events, err);
}

bool log_read_after(struct log_reader *reader, uint64_t sequence, size_t most, unsigned columns,
                    struct arena *arena, struct events *ret_events, uint64_t *ret_sequence, struct err *err)
{
    return reader->log->operations->read_after(reader, sequence, most, columns, arena, ret_events, ret_sequence,
                                               err);
}
