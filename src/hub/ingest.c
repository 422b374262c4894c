/* ingest.c - the queue, the writer's thread and its answers; see ingest.h.
 *
 * Threads.  Any thread puts submissions at the end of the queue.  The writer cuts a group off its front, writes it
 * in one transaction and commits.  The syncer waits until what is committed is on the disk, and answers.  The
 * keeper (ingest_keep.c) tidies up beside them.  Locks: hub/lock_order.h.
 *
 * A submission is in one state at a time, and only goes down this list:
 *
 *    queued      in first .. last; counted in n_waiting and the other limits
 *    in a group  cut off by the writer; its outcome is being filled
 *    committed   survives this process; a job that is urgent is answered here, once
 *    synced      survives the machine: answered, its arena freed
 *
 * and from "in a group" it may instead be answered with why the group failed.  A group that the store refuses as
 * it is is written again in parts; then those parts are groups.
 *
 * What always holds:
 *
 *  1. Groups are committed in the order of the queue, and a job finds in the store all that was queued before it.
 *  2. received_ms of a group is not before that of any group before it, whatever the clock does.
 *  3. Between groups memory and store say the same.  Participants (ingest_group.c, hub/participant.h) change
 * memory only within a group; if it fails each undoes its own, and if one cannot, must_undo keeps the next group
 * from beginning until all can.
 *  4. Nothing is answered as done before a sync that began after its commit has returned, but what asked for less.
 *  5. After a sync that failed nothing is committed any more: what is on the disk is known at the next start only.
 */
#include "hub/ingest_internal.h"
#include "hub/lock_order.h"

#include "base/memory.h"
#include "base/crash_point.h"
#include "base/parallel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_WAITING_BYTES = 64 << 20, MOST_WAITING_EVENTS = 1 << 18, MOST_GROUP_EVENTS = 8192 };
enum { MOST_GROUP_JOBS = 256 };

/* While a group is on its way to the disk so many events are worth another, or fewer that have waited so long:
 * then those who were answered last and those who come now take turns, rather than all waiting for the same disk.
 */
enum { OVERLAP_EVENTS = 1024, OVERLAP_US = 1000 };

const uint32_t ingest_bucket_us[INGEST_BUCKETS] = { 100,   200,   500,    1000,   2000,   3000,    5000,    10000,
                                                    20000, 50000, 100000, 200000, 500000, 1000000, 5000000,
                                                    UINT32_MAX };

static uint64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- the queue ---- */

static bool check_room(struct ingest *ingest, const struct submission *submission, struct err *err)
{
    struct ingest_counts *counts = &ingest->counts;
    if (ingest->is_stopping) return err_set(err, ERR_REFUSED, "the server is stopping");
    bool is_full = counts->n_waiting > 0 &&
                   (counts->waiting_bytes + submission->n_bytes > ingest->options.most_waiting_bytes ||
                    counts->waiting_events + submission->n_events > ingest->options.most_waiting_events);
    if (!is_full) return true;
    counts->n_turned_away++;
    return err_set(err, ERR_BUSY, "more comes in than can be written down: send it again in a second");
}

/* Whether a group is to be written now. */
static bool is_time_to_write(const struct ingest *ingest)
{
    return ingest->first && (!ingest->is_syncing || ingest->n_urgent > 0 || ingest->is_stopping ||
                             ingest->n_queued_events >= OVERLAP_EVENTS ||
                             monotonic_us() >= ingest->queued_us + OVERLAP_US);
}

static bool queue_add(struct ingest *ingest, struct submission *submission, struct err *err)
{
    pthread_mutex_lock(&ingest->mutex);
    bool ok = check_room(ingest, submission, err);
    if (ok) {
        submission->next = NULL;
        if (ingest->last) ingest->last->next = submission;
        else ingest->first = submission, ingest->queued_us = monotonic_us();
        ingest->last = submission;
        ingest->n_queued_events += submission->n_events;
        ingest->n_urgent += submission->is_urgent;
        ingest->counts.n_waiting++;
        ingest->counts.waiting_bytes += submission->n_bytes;
        ingest->counts.waiting_events += submission->n_events;
        if (is_time_to_write(ingest) || ingest->first == submission) pthread_cond_signal(&ingest->came);
    }
    pthread_mutex_unlock(&ingest->mutex);
    return ok;
}

/* Jobs at the front, then messages up to the next job or until there are enough: so that what a job finds in the
 * store is everything that was queued before it. */
static struct submission *cut_group(struct ingest *ingest)
{
    struct submission *first = ingest->first, *end = first, *last = NULL;
    size_t n_events = 0, n_jobs = 0;
    bool is_full = false;
    while (end && !is_full && n_events < ingest->options.most_group_events && n_jobs < MOST_GROUP_JOBS &&
           !(end->job && n_events > 0) && !(end->changes == JOB_MUCH && end != first)) {
        is_full = end->changes == JOB_MUCH;
        n_jobs += end->job != NULL;
        n_events += end->n_events;
        ingest->n_urgent -= end->is_urgent;
        last = end, end = end->next;
    }
    if (last) last->next = NULL;
    ingest->first = end;
    ingest->n_queued_events -= n_events;
    ingest->queued_us = monotonic_us();
    if (!end) ingest->last = NULL;
    return first;
}

/* Until something comes, or what came has waited for long enough. */
static void wait_for_work(struct ingest *ingest)
{
    if (!ingest->first) {
        pthread_cond_wait(&ingest->came, &ingest->mutex);
        return;
    }
    uint64_t until_us = ingest->queued_us + OVERLAP_US;
    const struct timespec until = { (time_t)(until_us / 1000000), (long)(until_us % 1000000 * 1000) };
    (void)pthread_cond_clockwait(&ingest->came, &ingest->mutex, CLOCK_MONOTONIC, &until);
}

/* The next group, or NULL: there is time for a checkpoint, or, with *ret_is_end, nothing comes any more. */
static struct submission *take_group(struct ingest *ingest, bool *ret_is_end)
{
    pthread_mutex_lock(&ingest->mutex);
    while (!is_time_to_write(ingest) && !ingest->wants_checkpoint && !(ingest->is_stopping && !ingest->first))
        wait_for_work(ingest);
    struct submission *first = ingest->wants_checkpoint ? NULL : cut_group(ingest);
    *ret_is_end = !first && !ingest->wants_checkpoint;
    pthread_mutex_unlock(&ingest->mutex);
    return first;
}

/* ---- answers ---- */

static void count_group(struct ingest *ingest, const struct submission *first, uint64_t began_us, size_t n_events,
                        const struct err *err)
{
    struct ingest_counts *counts = &ingest->counts;
    uint64_t us = monotonic_us() - began_us;
    size_t bucket = 0;
    pthread_mutex_lock(&ingest->mutex);
    counts->n_groups++;
    counts->n_failed_groups += err != NULL;
    counts->commit_us_sum += us;
    while (bucket + 1 < INGEST_BUCKETS && us > ingest_bucket_us[bucket]) bucket++;
    counts->commit_us[bucket]++;
    if (!err) counts->n_events += n_events;
    for (const struct submission *s = first; s; s = s->next) {
        counts->n_waiting--;
        counts->waiting_bytes -= s->n_bytes, counts->waiting_events -= s->n_events;
        counts->n_jobs += s->job != NULL;
        counts->n_failed_jobs += s->job && (err || s->outcome.err.code != ERR_NONE);
        if (err) continue;
        counts->n_accepted += s->outcome.n_accepted, counts->n_repeated += s->outcome.n_repeated;
        counts->n_refused += s->outcome.n_refused, counts->n_suppressed += s->outcome.n_suppressed;
    }
    if (ingest->is_keeper_idle) pthread_cond_signal(&ingest->wake_keeper);
    pthread_mutex_unlock(&ingest->mutex);
}

static void answer_urgent(struct submission *first)
{
    for (struct submission *s = first; s; s = s->next)
        if (s->is_urgent) s->job_done(s->context, &s->outcome.err), s->is_answered = true;
}

static void answer(struct submission *first, const struct err *err)
{
    for (struct submission *s = first, *next; s; s = next) {
        struct arena *arena = s->arena;     /* holds the submission; a job that is waited for is gone once done */
        next = s->next;
        if (err) s->outcome = (struct ingest_outcome){ .err = *err };
        if (s->job && !s->is_answered) s->job_done(s->context, &s->outcome.err);
        if (!s->job) s->done(s->context, &s->outcome);
        arena_free(arena);
    }
}

/* ---- the writer ---- */

static void tell_committed(struct ingest *ingest)
{
    const struct taken taken = group_taken(ingest);
    for (size_t i = 0; i < ingest->n_participants; i++) {
        const struct participant *participant = &ingest->participants[i];
        crash_point();
        if (participant->committed) participant->committed(participant->context, &taken);
    }
}

static void give_to_syncer(struct ingest *ingest, struct submission *first, uint64_t began_us)
{
    struct written *written = ARENA_NEW(first->arena, struct written);
    *written = (struct written){ NULL, first, began_us, ingest->group.batch.events.n };
    pthread_mutex_lock(&ingest->mutex);
    if (ingest->last_written) ingest->last_written->next = written;
    else ingest->first_written = written;
    ingest->last_written = written;
    ingest->n_wal_pages = store_wal_pages(ingest->options.store);
    pthread_cond_signal(&ingest->committed);
    pthread_mutex_unlock(&ingest->mutex);
}

/* Whether the disk failed to take an earlier group: then what is in memory may be more than will be there again.
 */
static bool has_failed(struct ingest *ingest, struct err *err)
{
    pthread_mutex_lock(&ingest->mutex);
    bool has = ingest->sync_failure.code != ERR_NONE;
    if (has) *err = ingest->sync_failure;
    pthread_mutex_unlock(&ingest->mutex);
    return has;
}

/* A group that the store will not take as it is comes once more in parts, so that only the one at fault fails. */
static void write_group(struct ingest *ingest, struct submission *first)
{
    struct err err;
    uint64_t began_us = monotonic_us();
    bool ok = !has_failed(ingest, &err) && group_write(ingest, first, &err);
    if (ok) {
        answer_urgent(first);
        crash_point();
        tell_committed(ingest);
        give_to_syncer(ingest, first, began_us);
    } else if (err.code == ERR_INVALID && first->next) {
        for (struct submission *s = first, *next; s; s = next) {
            next = s->next, s->next = NULL;
            write_group(ingest, s);
        }
    } else {
        count_group(ingest, first, began_us, 0, &err);
        answer(first, &err);
    }
}

/* Nobody writes now, so that nothing is left in the -wal file and the next group begins it anew. */
static void empty_wal(struct ingest *ingest)
{
    struct err ignored;     /* tried again when it has grown further */
    (void)!store_checkpoint(ingest->options.store, &ignored);
    pthread_mutex_lock(&ingest->mutex);
    ingest->wants_checkpoint = false;
    pthread_mutex_unlock(&ingest->mutex);
}

static void *write_groups(void *context)
{
    struct ingest *ingest = context;
    bool is_end = false;
    while (!is_end) {
        struct submission *first = take_group(ingest, &is_end);
        if (first) write_group(ingest, first);
        else if (!is_end) empty_wal(ingest);
    }
    pthread_mutex_lock(&ingest->mutex);
    ingest->is_written = true;
    pthread_cond_signal(&ingest->committed);
    pthread_mutex_unlock(&ingest->mutex);
    return NULL;
}

/* ---- the syncer ---- */

static struct written *take_written(struct ingest *ingest)
{
    pthread_mutex_lock(&ingest->mutex);
    while (!ingest->first_written && !ingest->is_written) pthread_cond_wait(&ingest->committed, &ingest->mutex);
    struct written *first = ingest->first_written;
    ingest->first_written = ingest->last_written = NULL;
    ingest->is_syncing = first != NULL;
    pthread_mutex_unlock(&ingest->mutex);
    return first;
}

static void end_sync(struct ingest *ingest, const struct err *err)
{
    pthread_mutex_lock(&ingest->mutex);
    ingest->is_syncing = false;
    if (err) ingest->sync_failure = *err;
    pthread_cond_signal(&ingest->came);
    pthread_mutex_unlock(&ingest->mutex);
}

static void *sync_groups(void *context)
{
    struct ingest *ingest = context;
    for (struct written *written, *next; (written = take_written(ingest));) {
        struct err err;
        bool ok = !has_failed(ingest, &err) && store_sync(ingest->options.store, &err);
        crash_point();
        end_sync(ingest, ok ? NULL : &err);
        for (; written; written = next) {
            next = written->next;
            count_group(ingest, written->first, written->began_us, written->n_events, ok ? NULL : &err);
            answer(written->first, ok ? NULL : &err);
        }
    }
    return NULL;
}

/* ---- start and stop ---- */

static void ingest_free(struct ingest *ingest)
{
    if (!ingest) return;
    alarm_free(ingest->quiet);
    log_compactor_close(ingest->compactor);
    store_close(ingest->beside);
    dedupe_free(ingest->dedupe);
    versions_free(ingest->versions);
    event_batch_free(&ingest->group.batch);
    arena_free(ingest->group.arena);
    free(ingest->group.links), free(ingest->group.messages), free(ingest->recent);
    pthread_mutex_destroy(&ingest->mutex);
    pthread_cond_destroy(&ingest->came), pthread_cond_destroy(&ingest->committed);
    pthread_cond_destroy(&ingest->answered), pthread_cond_destroy(&ingest->wake_keeper);
    free(ingest);
}

static struct ingest *ingest_new(const struct ingest_options *options)
{
    struct ingest *ingest = memory_new(1, sizeof *ingest);
    pthread_mutex_init(&ingest->mutex, NULL);
    pthread_cond_init(&ingest->came, NULL), pthread_cond_init(&ingest->committed, NULL);
    pthread_cond_init(&ingest->answered, NULL), pthread_cond_init(&ingest->wake_keeper, NULL);
    ingest->options = *options;
    if (!options->most_waiting_bytes) ingest->options.most_waiting_bytes = MOST_WAITING_BYTES;
    if (!options->most_waiting_events) ingest->options.most_waiting_events = MOST_WAITING_EVENTS;
    if (!options->most_group_events) ingest->options.most_group_events = MOST_GROUP_EVENTS;
    ingest->group.arena = arena_new(ARENA_NO_LIMIT);
    ingest->versions = versions_new(options->log);
    ingest->group.slice.lock = options->lock;
    ingest->quiet = alarm_new(options->scheduler, "compaction", ingest_keep_ring, ingest);
    participants_init(ingest);
    ingest->recent = memory_new(RECENT_SLOTS, sizeof *ingest->recent);
    return ingest;
}

static bool open_all(struct ingest *ingest, struct err *err)
{
    const struct ingest_options *with = &ingest->options;
    int64_t now_ms = clock_now_ms(&with->clock);
    ingest->dedupe = dedupe_new(now_ms);
    return dedupe_load(ingest->dedupe, with->log, now_ms, parallel_cores(), err) &&
           store_open_beside(with->store, &ingest->beside, err) &&
           log_compactor_open(with->log, &ingest->compactor, err) && store_defer_sync(with->store, err);
}

/* Waits for the threads that were started, of the three. */
static void join(struct ingest *ingest, size_t n_started)
{
    pthread_mutex_lock(&ingest->mutex);
    ingest->is_stopping = true;
    pthread_cond_signal(&ingest->came);
    pthread_cond_signal(&ingest->wake_keeper);
    pthread_mutex_unlock(&ingest->mutex);
    const pthread_t threads[] = { ingest->writer, ingest->syncer, ingest->keeper };
    for (size_t i = 0; i < n_started; i++) pthread_join(threads[i], NULL);
    ingest_free(ingest);
}

bool ingest_start(const struct ingest_options *options, struct ingest **ret_ingest, struct err *err)
{
    struct ingest *ingest = ingest_new(options);
    if (!open_all(ingest, err)) {
        ingest_free(ingest);
        return false;
    }
    size_t n_started = 0;
    bool ok = pthread_create(&ingest->writer, NULL, write_groups, ingest) == 0 && ++n_started &&
              pthread_create(&ingest->syncer, NULL, sync_groups, ingest) == 0 && ++n_started &&
              pthread_create(&ingest->keeper, NULL, ingest_keep, ingest) == 0 && ++n_started;
    if (ok) *ret_ingest = ingest;
    else join(ingest, n_started);
    return ok || err_set(err, ERR_IO, "no thread could be started");
}

void ingest_stop(struct ingest *ingest)
{
    if (ingest) join(ingest, 3);
}

/* ---- what others ask for ---- */

bool ingest_replay(struct ingest *ingest, struct arena *arena, const struct intake *intake, struct text source,
                   const int64_t *letters, size_t n_letters, ingest_done *done, void *context, struct err *err)
{
    struct submission *submission = ARENA_NEW(arena, struct submission);
    char *name = arena_alloc(arena, source.length + 1, 1);
    int64_t *copy = ARENA_ARRAY(arena, int64_t, n_letters + 1);
    if (source.length) memcpy(name, source.at, source.length);
    if (n_letters) memcpy(copy, letters, n_letters * sizeof *letters);
    *submission = (struct submission){ .arena = arena, .intake = *intake, .source = { name, source.length },
                                       .letters = copy, .n_letters = n_letters, .done = done, .context = context };
    messages_prepare(ingest, submission);
    submission->n_bytes = arena_bytes(arena);
    submission->n_events = intake->n_messages + intake->n_refusals;
    for (size_t i = 0; i < intake->n_messages; i++) submission->n_events += intake->messages[i].n_lines;
    return queue_add(ingest, submission, err);
}

bool ingest_put(struct ingest *ingest, struct arena *arena, const struct intake *intake, struct text source,
                ingest_done *done, void *context, struct err *err)
{
    return ingest_replay(ingest, arena, intake, source, NULL, 0, done, context, err);
}

static bool put_job(struct ingest *ingest, struct submission job, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct submission *submission = ARENA_NEW(arena, struct submission);
    *submission = job;
    submission->arena = arena;
    submission->n_bytes = arena_bytes(arena);
    if (queue_add(ingest, submission, err)) return true;
    arena_free(arena);
    return false;
}

bool ingest_run_later(struct ingest *ingest, ingest_job *job, void *context,
                      void (*done)(void *context, const struct err *result), struct err *err)
{
    return put_job(ingest, (struct submission){ .job = job, .job_done = done, .context = context }, err);
}

bool ingest_run_soon(struct ingest *ingest, ingest_job *job, void *context,
                     void (*done)(void *context, const struct err *result), struct err *err)
{
    return put_job(ingest,
                   (struct submission){ .job = job, .job_done = done, .context = context, .changes = JOB_STORE,
                                        .is_urgent = true },
                   err);
}

struct waiting { struct ingest *ingest; ingest_job *job; void *context; bool is_done; struct err result; };

static bool run_waited_for(struct store *store, void *context, struct err *err)
{
    struct waiting *waiting = context;
    return waiting->job(store, waiting->context, err);
}

static void wake_waiting(void *context, const struct err *result)
{
    struct waiting *waiting = context;
    struct ingest *ingest = waiting->ingest;
    pthread_mutex_lock(&ingest->mutex);
    waiting->result = *result;
    waiting->is_done = true;
    pthread_cond_broadcast(&ingest->answered);
    pthread_mutex_unlock(&ingest->mutex);
}

static bool run_job_and_wait(struct ingest *ingest, ingest_job *job, void *context, enum job_changes changes,
                             struct err *err)
{
    struct waiting waiting = { .ingest = ingest, .job = job, .context = context };
    const struct submission submission = { .job = run_waited_for, .job_done = wake_waiting, .context = &waiting,
                                           .changes = changes };
    assert(!pthread_equal(pthread_self(), ingest->writer) && !pthread_equal(pthread_self(), ingest->syncer));
    if (!put_job(ingest, submission, err)) return false;
    pthread_mutex_lock(&ingest->mutex);
    while (!waiting.is_done) pthread_cond_wait(&ingest->answered, &ingest->mutex);
    pthread_mutex_unlock(&ingest->mutex);
    if (waiting.result.code == ERR_NONE) return true;
    *err = waiting.result;
    return false;
}

bool ingest_run(struct ingest *ingest, ingest_job *job, void *context, struct err *err)
{
    return run_job_and_wait(ingest, job, context, JOB_ANYTHING, err);
}

bool ingest_run_alone(struct ingest *ingest, ingest_job *job, void *context, struct err *err)
{
    return run_job_and_wait(ingest, job, context, JOB_MUCH, err);
}

static bool writer_run(void *context, ingest_job *job, void *job_context, struct err *err)
{
    return run_job_and_wait(context, job, job_context, JOB_STORE, err);
}

static bool writer_run_later(void *context, ingest_job *job, void *job_context,
                             void (*done)(void *job_context, const struct err *result), struct err *err)
{
    return put_job(
        context, (struct submission){ .job = job, .job_done = done, .context = job_context, .changes = JOB_STORE },
        err);
}

struct writer ingest_writer(struct ingest *ingest)
{
    return (struct writer){ .context = ingest, .run = writer_run, .run_later = writer_run_later };
}

struct digests { struct ingest *ingest; const char **names; uint64_t *digests; size_t n; };

static bool ask_digests(struct store *store, void *context, struct err *err)
{
    struct digests *digests = context;
    (void)store, (void)err;
    for (size_t i = 0; i < digests->ingest->n_participants; i++) {
        const struct participant *participant = &digests->ingest->participants[i];
        if (!participant->digest) continue;
        digests->names[digests->n] = participant->name;
        digests->digests[digests->n++] = participant->digest(participant->context);
    }
    return true;
}

bool ingest_digests(struct ingest *ingest, const char **ret_names, uint64_t *ret_digests, size_t *ret_n,
                    struct err *err)
{
    struct digests digests = { ingest, ret_names, ret_digests, 0 };
    bool ok = run_job_and_wait(ingest, ask_digests, &digests, JOB_STORE, err);
    *ret_n = digests.n;
    return ok;
}

int64_t ingest_received_ms(const struct ingest *ingest) { return ingest->group.received_ms; }

struct ingest_counts ingest_counts(struct ingest *ingest)
{
    pthread_mutex_lock(&ingest->mutex);
    struct ingest_counts counts = ingest->counts;
    pthread_mutex_unlock(&ingest->mutex);
    return counts;
}
