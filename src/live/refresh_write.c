/* refresh_write.c - scores on their way to the table, a batch at a time; see
 * refresh_internal.h.  A batch that fails stays and is tried again: nothing of it may be left out, and the
 * next would not make sense without it. */
#include "live/refresh_internal.h"
#include "base/memory.h"
#include "hub/stream.h"
#include "store/sql.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCORES_WAIT_MS = 500, RETRY_MS = 1000 };

static void batch_free(struct batch *batch)
{
    if (!batch) return;
    arena_free(batch->arena);
    free(batch->scores);
    free(batch);
}

static struct batch *filling(struct refresh *refresh)
{
    if (refresh->filling) return refresh->filling;
    struct batch *batch = memory_new(1, sizeof *batch);
    *batch = (struct batch){ .refresh = refresh, .arena = arena_new(ARENA_NO_LIMIT) };
    refresh->room_scores = 0;
    return refresh->filling = batch;
}

struct score_row *refresh_add_score(struct refresh *refresh, int64_t now_ms)
{
    struct batch *batch = filling(refresh);
    if (batch->n_scores == 0) refresh->filled_ms = now_ms;
    if (batch->n_scores == refresh->room_scores) {
        refresh->room_scores = refresh->room_scores ? 2 * refresh->room_scores : 64;
        batch->scores = memory_grow(batch->scores, refresh->room_scores, sizeof *batch->scores);
    }
    return &batch->scores[batch->n_scores++];
}

/* Who joined another customer, or was erased meanwhile, has no score. */
static bool write_score(struct store *store, const struct refresh_options *options, const struct score_row *row,
                        struct err *err)
{
    int64_t known_ms;
    if (!row->question || identities_customer(options->identities, row->identity) != row->identity ||
        !live_known(options->live, row->identity, &known_ms))
        return sql_score_remove(store, row->identity, err) && sql_valuation_remove(store, row->identity, err);
    return sql_score_refresh(store, row->identity, text_of(row->question), row->scored_ms,
                             isnan(row->prediction) ? value_null() : value_real(row->prediction), err);
}

/* On the writer's thread, which alone changes names, links and what is live.  What changed in segments is written by
 * the commit of whatever job (segment_check.h), of one without a score, too. */
static bool write_batch(struct store *store, void *context, struct err *err)
{
    const struct batch *batch = context;
    for (size_t i = 0; i < batch->n_scores; i++)
        if (!write_score(store, &batch->refresh->options, &batch->scores[i], err))
            return err_context(err, "writing scores");
    return true;
}

/* Any thread. */
static void written(void *context, const struct err *result)
{
    struct batch *batch = context;
    struct refresh *refresh = batch->refresh;
    pthread_mutex_lock(&refresh->mutex);
    refresh->is_writing = false;
    refresh->is_failed = result->code != ERR_NONE;
    refresh->is_awake = true;
    refresh->counts.n_write_failures += refresh->is_failed;
    pthread_cond_broadcast(&refresh->changed);
    pthread_mutex_unlock(&refresh->mutex);
}

/* Hands the batch over; ERR_BUSY and the like count as failed. */
static int64_t hand_over(struct refresh *refresh, int64_t now_ms)
{
    struct err err = { 0 };
    pthread_mutex_lock(&refresh->mutex);
    refresh->is_writing = true, refresh->is_failed = false;
    pthread_mutex_unlock(&refresh->mutex);
    if (refresh->writer.run_later(refresh->writer.context, write_batch, refresh->batch, written, &err))
        return INT64_MAX;
    pthread_mutex_lock(&refresh->mutex);
    refresh->is_writing = false, refresh->is_failed = true;
    pthread_mutex_unlock(&refresh->mutex);
    return refresh->retry_ms = now_ms + RETRY_MS;
}

int64_t refresh_write(struct refresh *refresh, int64_t now_ms, bool is_urgent)
{
    pthread_mutex_lock(&refresh->mutex);
    bool is_writing = refresh->is_writing, is_failed = refresh->is_failed;
    pthread_mutex_unlock(&refresh->mutex);
    if (is_writing) return INT64_MAX;
    if (is_failed && (refresh->retry_ms == 0 || refresh->retry_ms > now_ms + RETRY_MS))
        refresh->retry_ms = now_ms + RETRY_MS;
    if (refresh->filled_ms > now_ms) refresh->filled_ms = now_ms;       /* the clock was set back */
    if (is_failed && now_ms < refresh->retry_ms) return refresh->retry_ms;
    if (is_failed) {
        refresh->retry_ms = 0;
        return hand_over(refresh, now_ms);
    }
    batch_free(refresh->batch);
    refresh->batch = NULL;
    const struct batch *waiting = refresh->filling;
    size_t n_scores = waiting ? waiting->n_scores : 0;
    bool is_due = n_scores >= SCORES_A_WRITE || (n_scores > 0 && now_ms - refresh->filled_ms >= SCORES_WAIT_MS);
    if (!is_due && !is_urgent && memberships_n_changes(refresh->options.memberships) == 0)
        return n_scores > 0 ? refresh->filled_ms + SCORES_WAIT_MS : INT64_MAX;
    if (n_scores == 0 && memberships_n_changes(refresh->options.memberships) == 0) return INT64_MAX;
    refresh->batch = filling(refresh);
    refresh->filling = NULL;
    return hand_over(refresh, now_ms);
}

bool refresh_is_written(struct refresh *refresh)
{
    pthread_mutex_lock(&refresh->mutex);
    bool is_idle = !refresh->is_writing && !refresh->is_failed;
    pthread_mutex_unlock(&refresh->mutex);
    return is_idle && !refresh->filling && memberships_n_changes(refresh->options.memberships) == 0;
}

static void write_now(struct refresh *refresh, struct batch *batch)
{
    struct err err;
    bool ok = refresh->writer.run(refresh->writer.context, write_batch, batch, &err);
    if (ok) return;
    pthread_mutex_lock(&refresh->mutex);
    refresh->counts.n_write_failures++;     /* found again at the next start */
    pthread_mutex_unlock(&refresh->mutex);
}

void refresh_write_rest(struct refresh *refresh)
{
    pthread_mutex_lock(&refresh->mutex);
    while (refresh->is_writing) pthread_cond_wait(&refresh->changed, &refresh->mutex);
    bool is_failed = refresh->is_failed;
    pthread_mutex_unlock(&refresh->mutex);
    if (is_failed) write_now(refresh, refresh->batch);
    if (refresh->filling || memberships_n_changes(refresh->options.memberships) > 0)
        write_now(refresh, filling(refresh));
    batch_free(refresh->batch);
    batch_free(refresh->filling);
    refresh->batch = refresh->filling = NULL;
}
