/* shipper.c - one shard's events and links on their way; see shipping.h. */
#include "warehouse/shipper_internal.h"

#include "base/memory.h"
#include "log/share.h"
#include "store/sql.h"
#include "warehouse/doubled_rows.h"
#include "warehouse/tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- where it has got ---- */

bool shipper_state_read(struct store *store, size_t shard, struct shipper_state *ret_state, struct err *err)
{
    struct sql_warehouse_shard_get row = { 0 };
    struct shipper_state state = { 0 };
    if (!sql_warehouse_shard_get(store, (int64_t)shard, &row, err)) return false;
    enum step step = sql_warehouse_shard_get_step(&row, err);
    if (step == STEP_ROW) {
        state = (struct shipper_state){
            row.position, row.pending_to, row.link_id,   row.link_removed_ms, row.link_version,
            row.n_rows,   row.n_bytes,    row.n_retries, row.shipped_ms,      ""
        };
        snprintf(state.error, sizeof state.error, "%.*s", (int)row.error.length, row.error.at);
    }
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    *ret_state = state;
    return true;
}

static bool put_state(struct store *store, void *context, struct err *err)
{
    const struct shipper *shipper = context;
    const struct shipper_state *s = &shipper->next;
    return sql_warehouse_shard_put(store, (int64_t)shipper->index, s->position, s->pending_to, s->link_id,
                                   s->link_removed_ms, s->link_version, s->n_rows, s->n_bytes, s->n_retries,
                                   s->shipped_ms, text_of(s->error), err);
}

bool shipper_keep(struct shipper *shipper, const struct shipper_state *next, struct err *err)
{
    shipper->next = *next;
    if (!shipper->source.writer.run(shipper->source.writer.context, put_state, shipper, err)) return false;
    shipper->state = shipper->next;
    return true;
}

bool shipper_open(const struct shipping_source *source, size_t shard, struct shipper **ret_shipper,
                  struct err *err)
{
    struct shipper *shipper = memory_new(1, sizeof *shipper);
    shipper->source = *source;
    shipper->index = shard;
    bool ok = store_open_beside(source->store, &shipper->store, err) &&
              shipper_state_read(shipper->store, shard, &shipper->state, err) &&
              log_reader_open_through(source->log, shipper->store, &shipper->reader, err) &&
              shard_open(source->settings, shard, &shipper->shard, err);
    if (!ok) {
        shipper_close(shipper);
        return false;
    }
    if (source->lock) log_reader_share_names(shipper->reader, source->lock);
    log_reader_take_share(shipper->reader, (unsigned)source->settings->n_shards, (unsigned)shard);
    shipper->window = SHIPPING_ROWS_MOST;
    shipper->n_bytes_before = (uint64_t)shipper->state.n_bytes;
    *ret_shipper = shipper;
    return true;
}

void shipper_close(struct shipper *shipper)
{
    if (!shipper) return;
    shard_close(shipper->shard);
    log_reader_close(shipper->reader);
    store_close(shipper->store);
    free(shipper);
}

/* ---- a batch ---- */

/* Servers take a request of at most a hundred months, as they come from their makers. */
enum { BATCH_NAME_BYTES = 160, COLUMNS = LOG_ALL | LOG_SEQUENCE, MONTHS_AT_ONCE = 90, WINDOWS_MOST = 8 };

struct batch {
    struct shipped shipped;
    int64_t to; /* the last sequence of it */
    char name[BATCH_NAME_BYTES];
};

/* Cut where the batch was cut before, or where it is full; where it ends then. */
static int64_t cut_events(struct events *events, int64_t pending_to, int64_t end)
{
    while (pending_to && events->n > 0 && (int64_t)events->sequence[events->n - 1] > pending_to) events->n--;
    if (pending_to || events->n <= SHIPPING_ROWS_MOST) return pending_to ? pending_to : end;
    events->n = SHIPPING_ROWS_MOST;
    return (int64_t)events->sequence[events->n - 1];
}

/* As wide as the shard's rows lie apart. */
static size_t next_window(const struct shipper *shipper, size_t n_rows)
{
    size_t n_shards = shipper->source.settings->n_shards, most = n_shards < WINDOWS_MOST ? n_shards : WINDOWS_MOST;
    size_t wanted = n_rows ? (size_t)((double)shipper->window / (double)n_rows * SHIPPING_ROWS_MOST) : SIZE_MAX;
    if (wanted < SHIPPING_ROWS_MOST) return SHIPPING_ROWS_MOST;
    return wanted < most * SHIPPING_ROWS_MOST ? wanted : most * SHIPPING_ROWS_MOST;
}

static bool read_batch(struct shipper *shipper, struct arena *arena, struct batch *batch, struct err *err)
{
    const struct shipper_state *state = &shipper->state;
    const struct shipping_source *source = &shipper->source;
    struct events events;
    uint64_t end = 0;
    size_t most = state->pending_to ? (size_t)(state->pending_to - state->position) : shipper->window;
    if (!log_read_after(shipper->reader, (uint64_t)state->position, most, COLUMNS, arena, &events, &end, err))
        return false;
    if (!state->pending_to) shipper->window = next_window(shipper, events.n);
    batch->to = cut_events(&events, state->pending_to, (int64_t)end);
    snprintf(batch->name, sizeof batch->name, "%s-%zu-%" PRId64 "-%" PRId64, source->settings->node,
             shipper->index, state->position, batch->to);
    return shipped_build(source->log, source->lock, &source->names, &events, arena, &batch->shipped, err);
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

/* Of a plain table: the months of the batch that are not there. */
static bool find_missing(struct shipper *shipper, const struct batch *batch, struct arena *arena, uint32_t *months,
                         size_t *n_months, struct err *err)
{
    const char *text;
    if (!shard_wait_for(shipper->shard, batch->name, err) ||
        !shard_text(shipper->shard,
                    arena_format(arena,
                                 "SELECT month, count() FROM %s.events WHERE batch = '%s' GROUP BY "
                                 "month",
                                 shipper->source.settings->database, batch->name),
                    arena, &text, err))
        return false;
    unsigned month, n_there;
    for (const char *line = *text ? text : NULL; line; line = shard_next_line(line)) {
        size_t n = 0, kept = 0;
        if (sscanf(line, "%u\t%u", &month, &n_there) != 2)
            return shard_answers_odd(shipper->shard, line, "a month and its rows", err);
        for (size_t i = 0; i < batch->shipped.n; i++) n += batch->shipped.month[i] == month;
        if (n != n_there)
            return err_set(err, ERR_REFUSED,
                           "%s has %u of the %zu rows of batch %s in month %u: holdfast warehouse "
                           "check --mend",
                           shard_server(shipper->shard), n_there, n, batch->name, month);
        for (size_t m = 0; m < *n_months; m++)
            if (months[m] != month) months[kept++] = months[m];
        *n_months = kept;
    }
    return true;
}

static bool send_batch(struct shipper *shipper, const struct batch *batch, struct arena *arena, struct err *err)
{
    const struct warehouse_settings *settings = shipper->source.settings;
    uint32_t *months;
    size_t n_months = different_months(&batch->shipped, arena, &months), n_rows;
    if (shipper->is_in_doubt && !settings->zookeeper_path &&
        !find_missing(shipper, batch, arena, months, &n_months, err))
        return false;
    for (size_t from = 0; from < n_months; from += MONTHS_AT_ONCE) {
        size_t n = n_months - from < MONTHS_AT_ONCE ? n_months - from : MONTHS_AT_ONCE;
        const struct shard_query query = {
            .sql = arena_format(arena, "INSERT INTO %s.events FORMAT Native", settings->database),
            .body = shipped_native(&batch->shipped, settings->node, batch->name, months + from, n, arena, &n_rows),
            .id = arena_format(arena, "%s-%u", batch->name, months[from]),
        };
        if (!shard_ask(shipper->shard, &query, err)) return false;
    }
    return true;
}

/* Its bounds are on the disk before it leaves. */
static bool mark_pending(struct shipper *shipper, const struct batch *batch, struct err *err)
{
    struct shipper_state next = shipper->state;
    if (next.pending_to) return true;
    next.pending_to = batch->to;
    return shipper_keep(shipper, &next, err);
}

static bool mark_done(struct shipper *shipper, const struct batch *batch, struct err *err)
{
    struct shipper_state next = shipper->state;
    next.position = batch->to;
    next.pending_to = 0;
    next.n_rows += (int64_t)batch->shipped.n;
    next.n_bytes = (int64_t)(shipper->n_bytes_before + shard_bytes_sent(shipper->shard));
    next.n_retries += shipper->is_in_doubt;
    next.shipped_ms = clock_now_ms(&shipper->source.clock);
    next.error[0] = '\0';
    return shipper_keep(shipper, &next, err);
}

static bool ship_batch(struct shipper *shipper, size_t *ret_n, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct batch batch = { 0 };
    bool ok = read_batch(shipper, arena, &batch, err);
    if (ok && batch.to != shipper->state.position) {
        shipper->is_in_doubt = shipper->state.pending_to != 0;
        if (batch.shipped.n > 0)
            ok = mark_pending(shipper, &batch, err) && send_batch(shipper, &batch, arena, err);
        ok = ok && mark_done(shipper, &batch, err);
        if (shipper->is_in_doubt) shipper->is_alone = false; /* the earlier try may arrive yet */
    }
    *ret_n = batch.shipped.n;
    arena_free(arena);
    return ok;
}

/* Nothing waits, and the last try went well. */
static bool forget_error(struct shipper *shipper, struct err *err)
{
    struct shipper_state next = shipper->state;
    if (!*next.error) return true;
    next.error[0] = '\0';
    return shipper_keep(shipper, &next, err);
}

/* A file that was restored, or is an older copy, must not ship what is there already under other numbers. */
static bool check_alone(struct shipper *shipper, struct err *err)
{
    const struct shipper_state *state = &shipper->state;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    int64_t n = 0;
    bool ok = shard_number(shipper->shard,
                           arena_format(arena, "SELECT (SELECT count() FROM %s.events WHERE row > %" PRId64 ") + (SELECT "
                                               "count() FROM %s.links WHERE version > %" PRId64 ")",
                                        shipper->source.settings->database,
                                        state->pending_to ? state->pending_to : state->position,
                                        shipper->source.settings->database, state->link_version),
                           &n, err);
    arena_free(arena);
    if (!ok) return false;
    return n == 0 ||
           err_set(err, ERR_REFUSED,
                   "%s holds %" PRId64 " events or links that this database never shipped there (it was restored, or is "
                   "an older copy): name another database for it, or remove them there by  holdfast warehouse "
                   "check --mend  and ship again",
                   shard_server(shipper->shard), n);
}

/* What an earlier try put there though it was sent again is taken out. */
static bool check_once(struct shipper *shipper, struct err *err)
{
    const struct warehouse_settings *settings = shipper->source.settings;
    char name[BATCH_NAME_BYTES];
    int64_t n = 0;
    if (settings->zookeeper_path) return true;
    snprintf(name, sizeof name, "%s-%zu-", settings->node, shipper->index);
    if (!shard_wait_for(shipper->shard, name, err) ||
        !doubled_rows_count(settings, shipper->shard, &shipper->state, &n, err))
        return false;
    if (n > 0 && !(doubled_rows_remove(settings, shipper->shard, shipper->state.position, err) &&
                   doubled_rows_count(settings, shipper->shard, &shipper->state, &n, err)))
        return false;
    return n <= 0 ||
           err_set(err, ERR_REFUSED, "%s has %" PRId64 " events twice: holdfast warehouse check --mend  takes them out",
                   shard_server(shipper->shard), n);
}

static bool forget_blocks(struct shipper *shipper, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool ok = shard_do(shipper->shard,
                       arena_format(arena, "TRUNCATE TABLE %s.events", shipper->source.settings->database), err);
    arena_free(arena);
    return ok;
}

/* Tables that hold nothing, on every replica, are others than those that were shipped to, or were emptied: all goes
 * again.  The versions of links go on, for theirs may be there still.  Where rows were deleted, ZooKeeper knows the
 * blocks that they came in, and would have them dropped as repetitions until the table is cut off too. */
static bool begin_anew_if_empty(struct shipper *shipper, struct err *err)
{
    const struct warehouse_settings *settings = shipper->source.settings;
    struct shipper_state anew = { .link_version = shipper->state.link_version,
                                  .n_bytes = shipper->state.n_bytes,
                                  .n_retries = shipper->state.n_retries };
    if (shipper->state.n_rows == 0) return true;
    int64_t n = 0;
    bool ok = tables_n_events(settings, shipper->shard, &n, err);
    for (size_t r = 0; ok && n == 0 && r < settings->n_replicas[shipper->index]; r++) {
        struct shard *shard = NULL;
        ok = shard_open_replica(settings, shipper->index, r, &shard, err) &&
             tables_n_events(settings, shard, &n, err);
        shard_close(shard);
    }
    if (!ok || n > 0) return ok;
    if (settings->zookeeper_path && !forget_blocks(shipper, err)) return false;
    shipper->links_digest = 0;
    return shipper_keep(shipper, &anew, err);
}

bool shipper_ship(struct shipper *shipper, bool *ret_is_done, struct err *err)
{
    int64_t before = shipper->state.position;
    *ret_is_done = false;
    if (!shipper->is_checked && !tables_check(shipper->source.settings, shipper->shard, err)) return false;
    shipper->is_checked = true;
    if (!shipper->is_alone &&
        !(begin_anew_if_empty(shipper, err) && check_alone(shipper, err) && check_once(shipper, err))) {
        shipper->is_checked = false;
        return false;
    }
    shipper->is_alone = true;
    if (!ship_batch(shipper, &shipper->n_rows, err)) {
        shipper->is_checked = false; /* it may be another server that answers next */
        return false;
    }
    if (shipper->n_rows > SHIPPING_FEW_ROWS) return true;
    *ret_is_done = shipper->state.position == before;
    return shipper_ship_links(shipper, err) && shipper_erase(shipper, err) && forget_error(shipper, err);
}
