/* ingest_keep.c - what is tidied up beside the writing: pages of the -wal file go into the database, small blocks
 * of the log become larger ones; see ingest.h.  Nobody waits for it: it asks the writer only for what is short. */
#include "hub/ingest_internal.h"

#include "base/parallel.h"

/* Compaction waits until nothing was written for QUIET_MS; when that does not happen, for so many groups or
 * events. */
enum { QUIET_MS = 20, BUSY_GROUPS = 1024, BUSY_EVENTS = 1 << 18, COMPACT_EVENTS = 64 * 1024 };

/* Pages of 8 KiB in the -wal file: from so many on they are moved beside the writing, which leaves those written
 * meanwhile; from so many on the writer moves the few that are left, so that the file is used from its beginning.
 */
enum { CHECKPOINT_PAGES = 1024, EMPTY_WAL_PAGES = 16 * 1024 };

/* What there was to see at one instant. */
struct sight { uint64_t n_groups, n_events; size_t n_wal_pages; bool is_stopping; };

static struct sight look(struct ingest *ingest)
{
    pthread_mutex_lock(&ingest->mutex);
    struct sight sight = { ingest->counts.n_groups, ingest->counts.n_events, ingest->n_wal_pages,
                           ingest->is_stopping };
    pthread_mutex_unlock(&ingest->mutex);
    return sight;
}

void ingest_keep_ring(void *context)
{
    struct ingest *ingest = context;
    pthread_mutex_lock(&ingest->mutex);
    ingest->is_quiet_over = true;
    pthread_cond_signal(&ingest->wake_keeper);
    pthread_mutex_unlock(&ingest->mutex);
}

/* Until QUIET_MS have passed; or, where nothing is left to do, from when something is written. */
static void wait_a_little(struct ingest *ingest, bool is_done)
{
    if (is_done) alarm_set(ingest->quiet, NEVER_MS);
    pthread_mutex_lock(&ingest->mutex);
    uint64_t n_groups = ingest->counts.n_groups;
    ingest->is_keeper_idle = is_done;
    while (is_done && !ingest->is_stopping && ingest->counts.n_groups == n_groups)
        pthread_cond_wait(&ingest->wake_keeper, &ingest->mutex);
    ingest->is_keeper_idle = ingest->is_quiet_over = false;
    pthread_mutex_unlock(&ingest->mutex);
    alarm_set(ingest->quiet, clock_now_ms(&ingest->options.clock) + QUIET_MS);
    pthread_mutex_lock(&ingest->mutex);
    while (!ingest->is_stopping && !ingest->is_quiet_over) pthread_cond_wait(&ingest->wake_keeper, &ingest->mutex);
    pthread_mutex_unlock(&ingest->mutex);
}

/* What fails is tried again when the file has grown. */
static void checkpoint(struct ingest *ingest, size_t n_pages, size_t *n_pages_done)
{
    struct err ignored;
    if (n_pages < *n_pages_done) *n_pages_done = 0;     /* the file was begun anew */
    if (n_pages - *n_pages_done < CHECKPOINT_PAGES) return;
    *n_pages_done = n_pages;
    (void)!store_checkpoint(ingest->beside, &ignored);
    if (n_pages < EMPTY_WAL_PAGES) return;
    pthread_mutex_lock(&ingest->mutex);
    ingest->wants_checkpoint = !ingest->is_stopping;
    pthread_cond_signal(&ingest->came);
    pthread_mutex_unlock(&ingest->mutex);
}

static bool write_compacted(struct store *store, void *context, struct err *err)
{
    (void)store;
    return log_compactor_write(context, err);
}

struct names_step { struct log *log; bool is_changed; };

static bool compact_names(struct store *store, void *context, struct err *err)
{
    struct names_step *step = context;
    (void)store;
    return log_compact_names_some(step->log, &step->is_changed, err);
}

/* One step; whether there may be another.  A log that stays as it is loses nothing: what fails is left for later.
 */
static bool compact(struct ingest *ingest)
{
    struct err ignored;
    struct names_step names = { .log = ingest->options.log };
    size_t n = 0;
    if (!log_compactor_prepare(ingest->compactor, ingest->options.lock, COMPACT_EVENTS, &n, &ignored))
        return false;
    if (n > 0 && !ingest_run_alone(ingest, write_compacted, ingest->compactor, &ignored)) return false;
    if (!ingest_run_alone(ingest, compact_names, &names, &ignored)) return false;
    pthread_mutex_lock(&ingest->mutex);
    ingest->counts.n_compacted_events += n;
    pthread_mutex_unlock(&ingest->mutex);
    return n > 0 || names.is_changed;
}

/* Compacts until nothing is left to do; what there was to see when it began the last step. */
static struct sight compact_all(struct ingest *ingest, size_t *n_pages_done)
{
    struct sight sight;
    do {
        sight = look(ingest);
        checkpoint(ingest, sight.n_wal_pages, n_pages_done);
    } while (!sight.is_stopping && compact(ingest));
    return sight;
}

void *ingest_keep(void *context)
{
    struct ingest *ingest = context;
    struct sight now = look(ingest), before, done = { 0 };
    size_t n_pages_done = 0;
    bool is_new = false;
    parallel_give_way();
    while (!now.is_stopping) {
        before = now;
        wait_a_little(ingest, !is_new);
        now = look(ingest);
        checkpoint(ingest, now.n_wal_pages, &n_pages_done);
        is_new = now.n_events != done.n_events;
        bool is_quiet = now.n_groups == before.n_groups;
        bool is_much = now.n_groups - done.n_groups >= BUSY_GROUPS || now.n_events - done.n_events >= BUSY_EVENTS;
        if (is_new && (is_quiet || is_much) && !now.is_stopping) done = compact_all(ingest, &n_pages_done);
    }
    return NULL;
}
