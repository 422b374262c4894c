/* lane.c - one shard's events and links on their way; see shipping.h. */
#include "warehouse/lane_internal.h"

#include "base/memory.h"
#include "store/sql.h"
#include "warehouse/tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- where it has got ---- */

bool lane_state_read(struct store *store, size_t shard, struct lane_state *ret_state, struct err *err)
{
    struct sql_warehouse_shard_get row = { 0 };
    struct lane_state state = { 0 };
    if (!sql_warehouse_shard_get(store, (int64_t)shard, &row, err)) return false;
    enum step step = sql_warehouse_shard_get_step(&row, err);
    if (step == STEP_ROW) {
        state = (struct lane_state){ row.position, row.pending_to, row.link_id, row.link_removed_ms,
                                     row.link_version, row.n_rows, row.n_bytes, row.n_retries, row.shipped_ms, "" };
        snprintf(state.error, sizeof state.error, "%.*s", (int)row.error.length, row.error.at);
    }
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    *ret_state = state;
    return true;
}

static bool put_state(struct store *store, void *context, struct err *err)
{
    const struct lane *lane = context;
    const struct lane_state *s = &lane->next;
    return sql_warehouse_shard_put(store, (int64_t)lane->index, s->position, s->pending_to, s->link_id,
                                   s->link_removed_ms, s->link_version, s->n_rows, s->n_bytes, s->n_retries,
                                   s->shipped_ms, text_of(s->error), err);
}

bool lane_keep(struct lane *lane, const struct lane_state *next, struct err *err)
{
    lane->next = *next;
    if (!lane->source.writer.run(lane->source.writer.context, put_state, lane, err)) return false;
    (void)pthread_mutex_lock(&lane->lock);
    lane->state = lane->next;
    (void)pthread_mutex_unlock(&lane->lock);
    return true;
}

struct lane_state lane_state(const struct lane *lane)
{
    struct lane *held = (struct lane *)(uintptr_t)lane;
    (void)pthread_mutex_lock(&held->lock);
    struct lane_state state = held->state;
    (void)pthread_mutex_unlock(&held->lock);
    return state;
}

bool lane_open(const struct shipping_source *source, size_t shard, struct lane **ret_lane, struct err *err)
{
    struct lane *lane = memory_new(1, sizeof *lane);
    lane->source = *source;
    lane->index = shard;
    (void)pthread_mutex_init(&lane->lock, NULL);
    bool ok = lane_state_read(source->store, shard, &lane->state, err) &&
              store_open_beside(source->store, &lane->store, err) &&
              log_reader_open_through(source->log, lane->store, &lane->reader, err) &&
              shard_open(source->settings, shard, &lane->shard, err);
    if (!ok) {
        lane_close(lane);
        return false;
    }
    if (source->lock) log_reader_share_names(lane->reader, source->lock);
    lane->n_bytes_before = (uint64_t)lane->state.n_bytes;
    lane->state.error[0] = '\0';
    *ret_lane = lane;
    return true;
}

void lane_close(struct lane *lane)
{
    if (!lane) return;
    shard_close(lane->shard);
    log_reader_close(lane->reader);
    store_close(lane->store);
    (void)pthread_mutex_destroy(&lane->lock);
    free(lane);
}

/* ---- a batch ---- */

enum { BATCH_NAME_BYTES = 160, COLUMNS = LOG_ALL | LOG_SEQUENCE };

struct batch {
    struct shipped shipped;
    int64_t        to;          /* the last sequence of it */
    char           name[BATCH_NAME_BYTES];
};

/* Cut where the batch was cut before. */
static void cut_events(struct events *events, int64_t to)
{
    while (events->n > 0 && (int64_t)events->sequence[events->n - 1] > to) events->n--;
}

static bool read_batch(struct lane *lane, struct arena *arena, struct batch *batch, bool *ret_is_end, struct err *err)
{
    const struct lane_state *state = &lane->state;
    const struct shipping_source *source = &lane->source;
    struct events events;
    uint64_t end = 0;
    size_t most = state->pending_to ? (size_t)(state->pending_to - state->position) : SHIPPING_ROWS_MOST;
    if (!log_read_after(lane->reader, (uint64_t)state->position, most, COLUMNS, arena, &events, &end, err)) return false;
    if (state->pending_to) cut_events(&events, state->pending_to);
    *ret_is_end = events.n == 0;
    batch->to = state->pending_to ? state->pending_to : (int64_t)end;
    snprintf(batch->name, sizeof batch->name, "%s-%zu-%" PRId64 "-%" PRId64, source->settings->node, lane->index,
             state->position, batch->to);
    return shipped_build(source->log, source->lock, &source->names, &events, lane->index, source->settings->n_shards,
                         arena, &batch->shipped, err);
}

static size_t different_months(const struct shipped *shipped, struct arena *arena, uint32_t **ret_months)
{
    uint32_t *months = ARENA_ARRAY(arena, uint32_t, shipped->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < shipped->n; i++) {
        size_t m = 0;
        while (m < n && months[m] != shipped->month[i]) m++;
        if (m == n) months[n++] = shipped->month[i];
    }
    *ret_months = months;
    return n;
}

/* An earlier try that the server is still at could end after it was asked what is there. */
static bool is_still_running(struct lane *lane, const struct batch *batch, struct arena *arena, struct err *err)
{
    int64_t n;
    if (!shard_number(lane->shard, arena_format(arena, "SELECT count() FROM system.processes WHERE query_id = '%s'",
                                                batch->name), &n, err))
        return true;
    return n > 0 && !err_set(err, ERR_BUSY, "%s is still at batch %s", shard_server(lane->shard), batch->name);
}

/* Of a plain table: the months of the batch that are not there. */
static bool find_missing(struct lane *lane, const struct batch *batch, struct arena *arena, uint32_t *months,
                         size_t *n_months, struct err *err)
{
    const char *text;
    if (is_still_running(lane, batch, arena, err) ||
        !shard_text(lane->shard, arena_format(arena, "SELECT month, count() FROM %s.events WHERE batch = '%s' GROUP BY "
                                                     "month", lane->source.settings->database, batch->name),
                    arena, &text, err))
        return false;
    unsigned month, n_there;
    for (const char *line = text; line && sscanf(line, "%u\t%u", &month, &n_there) == 2;) {
        size_t n = 0, kept = 0;
        for (size_t i = 0; i < batch->shipped.n; i++) n += batch->shipped.month[i] == month;
        if (n != n_there)
            return err_set(err, ERR_REFUSED, "%s has %u of the %zu rows of batch %s in month %u: holdfast warehouse "
                           "check --mend", shard_server(lane->shard), n_there, n, batch->name, month);
        for (size_t m = 0; m < *n_months; m++)
            if (months[m] != month) months[kept++] = months[m];
        *n_months = kept;
        line = strchr(line, '\n');
        if (line) line++;
    }
    return true;
}

static bool send_batch(struct lane *lane, const struct batch *batch, struct arena *arena, struct err *err)
{
    const struct warehouse_settings *settings = lane->source.settings;
    uint32_t *months;
    size_t n_months = different_months(&batch->shipped, arena, &months), n_rows;
    if (lane->is_in_doubt && !settings->zookeeper_path && !find_missing(lane, batch, arena, months, &n_months, err)) return false;
    if (n_months == 0) return true;
    struct text body = shipped_native(&batch->shipped, settings->node, batch->name, months, n_months, arena, &n_rows);
    const struct shard_query query = {
        .sql = arena_format(arena, "INSERT INTO %s.events FORMAT Native", settings->database),
        .body = body, .id = batch->name,
    };
    return shard_ask(lane->shard, &query, err);
}

/* Its bounds are on the disk before it leaves. */
static bool mark_pending(struct lane *lane, const struct batch *batch, struct err *err)
{
    struct lane_state next = lane->state;
    if (next.pending_to) return true;
    next.pending_to = batch->to;
    return lane_keep(lane, &next, err);
}

static bool mark_done(struct lane *lane, const struct batch *batch, struct err *err)
{
    struct lane_state next = lane->state;
    next.position = batch->to;
    next.pending_to = 0;
    next.n_rows += (int64_t)batch->shipped.n;
    next.n_bytes = (int64_t)(lane->n_bytes_before + shard_bytes_sent(lane->shard));
    next.n_retries += lane->is_in_doubt;
    next.shipped_ms = clock_now_ms(&lane->source.clock);
    next.error[0] = '\0';
    return lane_keep(lane, &next, err);
}

static bool ship_batch(struct lane *lane, bool *ret_is_end, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct batch batch = { 0 };
    bool ok = read_batch(lane, arena, &batch, ret_is_end, err);
    bool is_there = ok && (lane->state.pending_to != 0 || !*ret_is_end);
    if (is_there) {
        *ret_is_end = false;
        lane->is_in_doubt = lane->state.pending_to != 0;
        if (batch.shipped.n > 0)
            ok = mark_pending(lane, &batch, err) && send_batch(lane, &batch, arena, err);
        ok = ok && mark_done(lane, &batch, err);
    }
    arena_free(arena);
    return ok;
}

bool lane_ship(struct lane *lane, bool *ret_is_done, struct err *err)
{
    bool is_end = false;
    *ret_is_done = false;
    if (!lane->is_checked && !tables_check(lane->source.settings, lane->shard, err)) return false;
    lane->is_checked = true;
    if (!ship_batch(lane, &is_end, err)) {
        lane->is_checked = false;       /* it may be another server that answers next */
        return false;
    }
    if (!is_end) return true;
    *ret_is_done = true;
    return lane_ship_links(lane, err);
}

bool lane_behind(struct lane *lane, int64_t *ret_rows, int64_t *ret_first_ms, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct shipping_source *source = &lane->source;
    uint64_t at = (uint64_t)lane->state.position, next = at;
    struct events events = { .n = 1 };
    bool ok = true;
    *ret_rows = *ret_first_ms = 0;
    while (ok && events.n > 0) {
        arena_reset(arena);
        ok = log_read_after(lane->reader, at, SHIPPING_ROWS_MOST, LOG_IDENTITY | LOG_RECEIVED, arena, &events, &next,
                            err);
        at = next;
        if (source->lock) (void)pthread_rwlock_rdlock(source->lock);
        for (size_t i = 0; ok && i < events.n; i++) {
            if (log_partition(source->log, events.identity[i]) % source->settings->n_shards != lane->index) continue;
            if ((*ret_rows)++ == 0) *ret_first_ms = events.received_ms[i];
        }
        if (source->lock) (void)pthread_rwlock_unlock(source->lock);
    }
    arena_free(arena);
    return ok;
}
