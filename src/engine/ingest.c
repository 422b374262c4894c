/* ingest.c - the queue, the writer's thread and its answers; see ingest.h. */
#include "engine/ingest_internal.h"

#include "base/crash_point.h"
#include "base/parallel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_WAITING_BYTES = 64 << 20, MOST_WAITING_EVENTS = 1 << 18, MOST_GROUP_EVENTS = 8192 };
enum { MOST_GROUP_JOBS = 256 };

/* Compaction waits until nothing came for QUIET_MS, so that nobody waits for it; when that does not happen, for so
 * many groups or events, and is then done between groups, every so many. */
enum { QUIET_MS = 20, BUSY_GROUPS = 4096, BUSY_EVENTS = 1 << 20, COMPACT_EVERY = 16, COMPACT_EVENTS = 32 * 1024 };

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

static bool queue_add(struct ingest *ingest, struct submission *submission, struct err *err)
{
    pthread_mutex_lock(&ingest->mutex);
    bool ok = check_room(ingest, submission, err);
    if (ok) {
        submission->next = NULL;
        if (ingest->last) ingest->last->next = submission;
        else ingest->first = submission;
        ingest->last = submission;
        ingest->counts.n_waiting++;
        ingest->counts.waiting_bytes += submission->n_bytes;
        ingest->counts.waiting_events += submission->n_events;
        pthread_cond_signal(&ingest->came);
    }
    pthread_mutex_unlock(&ingest->mutex);
    return ok;
}

/* Jobs at the front, then messages up to the next job or until there are enough: so that what a job finds in the
 * store is everything that was queued before it.  NULL: nothing came and it is time to stop. */
static struct submission *take_group(struct ingest *ingest)
{
    pthread_mutex_lock(&ingest->mutex);
    while (!ingest->first && !ingest->is_stopping) pthread_cond_wait(&ingest->came, &ingest->mutex);
    struct submission *first = ingest->first, *end = first, *last = NULL;
    size_t n_events = 0, n_jobs = 0;
    while (end && n_events < ingest->options.most_group_events && n_jobs < MOST_GROUP_JOBS &&
           !(end->job && n_events > 0)) {
        n_jobs += end->job != NULL;
        n_events += end->n_events;
        last = end, end = end->next;
    }
    if (last) last->next = NULL;
    ingest->first = end;
    if (!end) ingest->last = NULL;
    pthread_mutex_unlock(&ingest->mutex);
    return first;
}

/* ---- answers ---- */

static void count_group(struct ingest *ingest, const struct submission *first, uint64_t us, const struct err *err)
{
    struct ingest_counts *counts = &ingest->counts;
    size_t bucket = 0;
    pthread_mutex_lock(&ingest->mutex);
    counts->n_groups++;
    counts->n_failed_groups += err != NULL;
    counts->commit_us_sum += us;
    while (bucket + 1 < INGEST_BUCKETS && us > ingest_bucket_us[bucket]) bucket++;
    counts->commit_us[bucket]++;
    if (!err) counts->n_events += ingest->group.batch.events.n;
    for (const struct submission *s = first; s; s = s->next) {
        counts->n_waiting--;
        counts->waiting_bytes -= s->n_bytes, counts->waiting_events -= s->n_events;
        counts->n_jobs += s->job != NULL;
        counts->n_failed_jobs += s->job && (err || s->outcome.err.code != ERR_NONE);
        if (err) continue;
        counts->n_accepted += s->outcome.n_accepted, counts->n_repeated += s->outcome.n_repeated;
        counts->n_refused += s->outcome.n_refused, counts->n_suppressed += s->outcome.n_suppressed;
    }
    pthread_mutex_unlock(&ingest->mutex);
}

static void answer(struct submission *first, const struct err *err)
{
    for (struct submission *s = first, *next; s; s = next) {
        struct arena *arena = s->arena;     /* holds the submission; a job that is waited for is gone once done */
        next = s->next;
        if (err) s->outcome = (struct ingest_outcome){ .err = *err };
        if (s->job) s->job_done(s->context, &s->outcome.err);
        else s->done(s->context, &s->outcome);
        arena_free(arena);
    }
}

static void tell_committed(struct ingest *ingest)
{
    const struct committed committed = { .events = &ingest->group.batch.events,
                                         .links = ingest->group.links,
                                         .n_links = ingest->group.n_links,
                                         .n_requests = ingest->group.n_requests };
    if (ingest->options.committed) ingest->options.committed(ingest->options.context, &committed);
}

/* A group that the store will not take as it is comes once more in parts, so that only the one at fault fails. */
static void write_and_answer(struct ingest *ingest, struct submission *first)
{
    struct err err;
    uint64_t began_us = monotonic_us();
    bool ok = group_write(ingest, first, &err);
    if (!ok && err.code == ERR_INVALID && first->next) {
        for (struct submission *s = first, *next; s; s = next) {
            next = s->next, s->next = NULL;
            write_and_answer(ingest, s);
        }
        return;
    }
    count_group(ingest, first, monotonic_us() - began_us, ok ? NULL : &err);
    crash_point();
    if (ok) tell_committed(ingest);
    answer(first, ok ? NULL : &err);
}

/* Waits for more to come, but not long; whether nothing did. */
static bool is_quiet(struct ingest *ingest)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += QUIET_MS * 1000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    pthread_mutex_lock(&ingest->mutex);
    while (!ingest->first && !ingest->is_stopping &&
           pthread_cond_clockwait(&ingest->came, &ingest->mutex, CLOCK_MONOTONIC, &until) == 0) { }
    bool is = !ingest->first && !ingest->is_stopping;
    pthread_mutex_unlock(&ingest->mutex);
    return is;
}

static bool is_busy_for_long(struct ingest *ingest)
{
    ingest->n_groups_waiting++;
    ingest->n_events_waiting += ingest->group.batch.events.n;
    return (ingest->n_groups_waiting >= BUSY_GROUPS || ingest->n_events_waiting >= BUSY_EVENTS) &&
           ingest->n_groups_waiting % COMPACT_EVERY == 0;
}

/* Small blocks become larger ones between groups, a little at a time; what fails is tried again later. */
static void compact(struct ingest *ingest)
{
    size_t n;
    struct err ignored;     /* nothing is lost by a log that stays as it is */
    if (!is_busy_for_long(ingest) && !is_quiet(ingest)) return;
    do {
        if (!log_compact_some(ingest->options.log, COMPACT_EVENTS, &n, &ignored)) return;
        if (n == 0) ingest->n_groups_waiting = ingest->n_events_waiting = 0;
        if (n == 0) return;
        pthread_mutex_lock(&ingest->mutex);
        ingest->counts.n_compacted_events += n;
        pthread_mutex_unlock(&ingest->mutex);
    } while (is_quiet(ingest));
}

static void *write_groups(void *context)
{
    struct ingest *ingest = context;
    for (struct submission *first; (first = take_group(ingest));) {
        write_and_answer(ingest, first);
        compact(ingest);
    }
    return NULL;
}

/* ---- start and stop ---- */

static void ingest_free(struct ingest *ingest)
{
    if (!ingest) return;
    dedupe_free(ingest->dedupe);
    event_batch_free(&ingest->group.batch);
    arena_free(ingest->group.arena);
    free(ingest->group.links), free(ingest->group.messages), free(ingest->recent);
    pthread_mutex_destroy(&ingest->mutex);
    pthread_cond_destroy(&ingest->came), pthread_cond_destroy(&ingest->answered);
    free(ingest);
}

static struct ingest *ingest_new(const struct ingest_options *options)
{
    struct ingest *ingest = calloc(1, sizeof *ingest);
    if (!ingest) return NULL;
    pthread_mutex_init(&ingest->mutex, NULL);
    pthread_cond_init(&ingest->came, NULL), pthread_cond_init(&ingest->answered, NULL);
    ingest->options = *options;
    if (!options->most_waiting_bytes) ingest->options.most_waiting_bytes = MOST_WAITING_BYTES;
    if (!options->most_waiting_events) ingest->options.most_waiting_events = MOST_WAITING_EVENTS;
    if (!options->most_group_events) ingest->options.most_group_events = MOST_GROUP_EVENTS;
    ingest->group.arena = arena_new(ARENA_NO_LIMIT);
    ingest->group.slice.lock = options->lock;
    ingest->recent = calloc(RECENT_SLOTS, sizeof *ingest->recent);
    if (ingest->recent) return ingest;
    ingest_free(ingest);
    return NULL;
}

bool ingest_start(const struct ingest_options *options, struct ingest **ret_ingest, struct err *err)
{
    struct ingest *ingest = ingest_new(options);
    if (!ingest) return err_set(err, ERR_IO, "out of memory");
    int64_t now_ms = clock_now_ms(&options->clock);
    if (!dedupe_new(now_ms, &ingest->dedupe, err) ||
        !dedupe_load(ingest->dedupe, options->log, now_ms, parallel_cores(), err)) {
        ingest_free(ingest);
        return false;
    }
    if (pthread_create(&ingest->thread, NULL, write_groups, ingest) != 0) {
        ingest_free(ingest);
        return err_set(err, ERR_IO, "no thread could be started");
    }
    *ret_ingest = ingest;
    return true;
}

void ingest_stop(struct ingest *ingest)
{
    if (!ingest) return;
    pthread_mutex_lock(&ingest->mutex);
    ingest->is_stopping = true;
    pthread_cond_signal(&ingest->came);
    pthread_mutex_unlock(&ingest->mutex);
    pthread_join(ingest->thread, NULL);
    ingest_free(ingest);
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

bool ingest_run_later(struct ingest *ingest, ingest_job *job, void *context,
                      void (*done)(void *context, const struct err *result), struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct submission *submission = ARENA_NEW(arena, struct submission);
    *submission = (struct submission){ .arena = arena, .job = job, .job_done = done, .context = context };
    submission->n_bytes = arena_bytes(arena);
    if (queue_add(ingest, submission, err)) return true;
    arena_free(arena);
    return false;
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

bool ingest_run(struct ingest *ingest, ingest_job *job, void *context, struct err *err)
{
    struct waiting waiting = { .ingest = ingest, .job = job, .context = context };
    assert(!pthread_equal(pthread_self(), ingest->thread));
    if (!ingest_run_later(ingest, run_waited_for, &waiting, wake_waiting, err)) return false;
    pthread_mutex_lock(&ingest->mutex);
    while (!waiting.is_done) pthread_cond_wait(&ingest->answered, &ingest->mutex);
    pthread_mutex_unlock(&ingest->mutex);
    if (waiting.result.code == ERR_NONE) return true;
    *err = waiting.result;
    return false;
}

static bool writer_run(void *context, ingest_job *job, void *job_context, struct err *err)
{
    return ingest_run(context, job, job_context, err);
}

static bool writer_run_later(void *context, ingest_job *job, void *job_context,
                             void (*done)(void *job_context, const struct err *result), struct err *err)
{
    return ingest_run_later(context, job, job_context, done, err);
}

struct writer ingest_writer(struct ingest *ingest)
{
    return (struct writer){ .context = ingest, .run = writer_run, .run_later = writer_run_later };
}

int64_t ingest_received_ms(const struct ingest *ingest) { return ingest->group.received_ms; }

struct ingest_counts ingest_counts(struct ingest *ingest)
{
    pthread_mutex_lock(&ingest->mutex);
    struct ingest_counts counts = ingest->counts;
    pthread_mutex_unlock(&ingest->mutex);
    return counts;
}
