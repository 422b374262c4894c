/* log_known.c - until when anything became known; see log.h. */
#include "log/chunk.h"
#include "log/log_internal.h"
#include "store/sql.h"

_Static_assert(CHUNK_RECEIVED == 0, "log_late.sql asks for this bit");

static bool find_latest(struct log_reader *reader, struct arena *arena, int64_t *latest_ms, struct err *err)
{
    for (unsigned partition = 0; partition < LOG_PARTITIONS; partition++) {
        struct events events;
        arena_reset(arena);
        if (!log_read(reader, partition, LOG_RECEIVED | LOG_TIME, arena, &events, err)) return false;
        for (size_t i = 0; i < events.n; i++)
            if (events.received_ms[i] > *latest_ms) *latest_ms = events.received_ms[i];
    }
    return true;
}

bool log_known_until(const struct log *log, int64_t *ret_ms, struct err *err)
{
    struct log_totals totals;
    struct log_reader *reader;
    int64_t is_late;
    if (!log_totals(log, &totals, err) || !sql_log_late(log->store, &is_late, err)) return false;
    *ret_ms = totals.last_ms;
    if (!is_late) return true;
    if (!log_reader_open(log, &reader, err)) return false;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = find_latest(reader, arena, ret_ms, err);
    arena_free(arena);
    log_reader_close(reader);
    return ok;
}
