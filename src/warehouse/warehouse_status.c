/* warehouse_status.c - see warehouse_status.h. */
#include "warehouse/warehouse_status.h"

#include "store/sql.h"
#include "warehouse/tables.h"

#include <stdio.h>

struct counting {
    const struct shipping_source *source;
    struct warehouse_status *status;
};

static void count_events(struct counting *counting, const struct events *events)
{
    const struct shipping_source *source = counting->source;
    struct warehouse_status *status = counting->status;
    if (source->lock) (void)pthread_rwlock_rdlock(source->lock);
    for (size_t i = 0; i < events->n; i++) {
        size_t s = log_partition(source->log, events->identity[i]) % status->n;
        struct shard_status *shard = &status->shards[s];
        if ((int64_t)events->sequence[i] <= shard->position) continue;
        status->spool_events++;
        shard->behind_rows++;
        if (events->received_ms[i] < shard->oldest_ms) shard->oldest_ms = events->received_ms[i];
    }
    if (source->lock) (void)pthread_rwlock_unlock(source->lock);
}

static bool count_behind(struct counting *counting, struct store *store, struct err *err)
{
    struct warehouse_status *status = counting->status;
    struct log_reader *reader = NULL;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    uint64_t at = UINT64_MAX, next = 0;
    struct events events = { .n = 1 };
    for (size_t s = 0; s < status->n; s++)
        if ((uint64_t)status->shards[s].position < at) at = (uint64_t)status->shards[s].position;
    bool ok = log_reader_open_through(counting->source->log, store, &reader, err);
    if (ok && counting->source->lock) log_reader_share_names(reader, counting->source->lock);
    while (ok && events.n > 0) {
        arena_reset(arena);
        ok = log_read_after(reader, at, SHIPPING_ROWS_MOST, LOG_IDENTITY | LOG_RECEIVED | LOG_SEQUENCE, arena,
                            &events, &next, err);
        at = next;
        if (ok) count_events(counting, &events);
    }
    log_reader_close(reader);
    arena_free(arena);
    return ok;
}

/* Somebody waits for the answer: a server that hangs is told of soon. */
enum { PATIENCE_MS = 5000 };

static void ask_server(const struct shipping_source *source, size_t index, struct arena *arena,
                       struct shard_status *status)
{
    struct shard *shard = NULL;
    struct err err;
    int64_t n_rows = 0;
    struct warehouse_settings *settings = ARENA_NEW(arena, struct warehouse_settings);
    *settings = *source->settings;
    if (settings->patience_ms > PATIENCE_MS) settings->patience_ms = PATIENCE_MS;
    bool ok = shard_open(settings, index, &shard, &err) && tables_n_events(settings, shard, &n_rows, &err);
    if (ok)
        status->n_rows = n_rows;
    else
        status->error = arena_copy(arena, err.text);
    shard_close(shard);
}

static bool links_behind(struct store *store, const struct shipper_state *state, struct shard_status *status,
                         struct err *err)
{
    int64_t first_ms;
    if (!sql_warehouse_links_behind(store, state->link_id, state->link_removed_ms, &status->links_behind, &first_ms,
                                    err))
        return false;
    if (status->links_behind) status->oldest_link_ms = first_ms;
    return true;
}

bool warehouse_status_read(const struct shipping_source *source, struct store *store, bool is_quick,
                           struct arena *arena, struct warehouse_status *ret_status, struct err *err)
{
    struct warehouse_status *status = ARENA_NEW(arena, struct warehouse_status);
    struct counting counting = { .source = source, .status = status };
    int64_t n_events, first_ms, last_ms, n_bytes;
    status->n = source->settings->n_shards;
    for (size_t s = 0; s < status->n; s++) {
        struct shipper_state state;
        if (!shipper_state_read(store, s, &state, err)) return false;
        status->shards[s] = (struct shard_status){
            .server = source->settings->replicas[s][0],
            .error = *state.error ? arena_copy(arena, state.error) : NULL,
            .n_rows = state.n_rows,
            .oldest_ms = INT64_MAX,
            .oldest_link_ms = INT64_MAX,
            .position = state.position,
            .n_retries = state.n_retries,
            .n_bytes = state.n_bytes,
        };
        if (!erasures_owed(store, s, &status->shards[s].n_owed, err) ||
            !links_behind(store, &state, &status->shards[s], err))
            return false;
        if (!is_quick) ask_server(source, s, arena, &status->shards[s]);
    }
    /* Not log_totals: the log's connection is the writer's. */
    if (!count_behind(&counting, store, err) ||
        !sql_log_totals(store, &n_events, &first_ms, &last_ms, &n_bytes, err))
        return false;
    for (size_t s = 0; s < status->n; s++)
        if (status->shards[s].behind_rows)
            status->shards[s].behind_seconds = (clock_now_ms(&source->clock) - status->shards[s].oldest_ms) / 1000;
    if (n_events)
        status->spool_bytes = (int64_t)((double)status->spool_events * (double)n_bytes / (double)n_events);
    *ret_status = *status;
    return true;
}

json_t *warehouse_status_json(const struct warehouse_status *status)
{
    json_t *shards = json_array();
    for (size_t s = 0; s < status->n; s++) {
        const struct shard_status *shard = &status->shards[s];
        json_array_append_new(shards,
                              json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?}", "server", shard->server,
                                        "rows", (json_int_t)shard->n_rows, "behind_rows",
                                        (json_int_t)shard->behind_rows, "behind_seconds",
                                        (json_int_t)shard->behind_seconds, "links_behind",
                                        (json_int_t)shard->links_behind, "retries", (json_int_t)shard->n_retries,
                                        "bytes", (json_int_t)shard->n_bytes, "erasures_owed",
                                        (json_int_t)shard->n_owed, "error", shard->error));
    }
    return json_pack("{s:o, s:{s:I, s:I}}", "shards", shards, "spool", "events", (json_int_t)status->spool_events,
                     "bytes", (json_int_t)status->spool_bytes);
}
