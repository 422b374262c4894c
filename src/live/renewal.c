/* renewal.c - see renewal.h. */
#include "live/renewal.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "live/live_internal.h"

#include <stdlib.h>

/* Followed beside the writer until at most so many events are missing; beyond so many, beginning once more is quicker. */
enum { MISSING_FEW = 2000, MISSING_MANY = 200000, ROUNDS_MOST = 16, ATTEMPTS_MOST = 4 };

struct renewal {
    struct renewal_options options;
    struct ingest  *ingest;
    pthread_t       thread;
    bool            is_started;
    pthread_mutex_t mutex;              /* guards what follows */
    pthread_cond_t  changed;
    bool            is_stopping;
    uint64_t        n_asked, n_done;
    struct err      result;             /* of what was done last */
    _Atomic uint64_t n_spoilt;
};

/* One renewal under way: states of the log's events up to a sequence. */
struct making {
    struct renewal *renewal;
    struct store   *store;
    struct log     *log;                /* as it was at the sequence */
    struct fresh    fresh;
    uint64_t        sequence, generation, n_spoilt;
    bool            is_last;            /* whatever is missing is waited for */
    bool            is_behind, is_old;  /* of the job: too much is missing; it must begin once more */
};

/* ---- what is missing ---- */

static bool count_missing(const struct making *making, const struct log *log, uint64_t *ret_last, struct err *err)
{
    struct log_totals totals;
    if (!log_totals(log, &totals, err)) return false;
    *ret_last = totals.last_sequence > making->sequence ? totals.last_sequence : making->sequence;
    return true;
}

/* The events up to `last` of a log that holds more than the states do, as one group at now_ms.  None of them waits for
 * its time although it has come: what waits is not corrected. */
static bool follow(struct making *making, const struct log *log, uint64_t last, int64_t now_ms, struct err *err)
{
    struct states *states = making->fresh.states;
    struct log_reader *reader = NULL;
    struct events events = { 0 };
    struct folding *folding = folding_new(states);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    states->log = log;
    bool ok = log_reader_open(making->log, &folding->reader, err) && log_reader_open(log, &reader, err) &&
              log_read_after(reader, making->sequence, last - making->sequence, LOG_ALL, arena, &events, &last, err);
    for (size_t i = 0; ok && i < events.n; i++)
        if (events.received_ms[i] > now_ms) now_ms = events.received_ms[i];     /* the clock may have been set back */
    if (ok) folding_apply(folding, &events, 0, events.n, now_ms, NULL, NULL);
    ok = ok && folding_correct(folding, &events, now_ms, NULL, NULL, err);
    if (ok) making->sequence = last;
    log_reader_close(reader);
    folding_free(folding);
    arena_free(arena);
    return ok;
}

/* Beside the writer, until little is missing. */
static bool catch_up(struct making *making, struct err *err)
{
    for (int round = 0; round < ROUNDS_MOST; round++) {
        struct log *log, *before = making->log;
        uint64_t last;
        if (!log_open(making->store, &log, err)) return false;
        bool ok = count_missing(making, log, &last, err);
        uint64_t n = ok ? last - making->sequence : 0;
        making->is_old = n > MISSING_MANY && !making->is_last;
        if (!ok || n <= MISSING_FEW || making->is_old) {
            log_close(log);
            return ok;
        }
        ok = follow(making, log, last, clock_now_ms(&making->renewal->options.clock), err);
        making->log = log;
        log_close(before);
        if (!ok) return false;
    }
    return true;
}

/* ---- the exchange ---- */

static bool exchange(struct store *store, void *context, struct err *err)
{
    struct making *making = context;
    struct renewal *renewal = making->renewal;
    const struct renewal_options *with = &renewal->options;
    uint64_t last;
    (void)store;
    making->is_behind = making->is_old = false;
    if (live_generation(with->live) != making->generation || renewal->n_spoilt != making->n_spoilt)
        return making->is_old = true;
    if (!count_missing(making, with->log, &last, err)) return false;
    if (last - making->sequence > (uint64_t)4 * MISSING_FEW && !making->is_last) return making->is_behind = true;
    if (last > making->sequence && !follow(making, with->log, last, ingest_received_ms(renewal->ingest), err)) return false;
    live_exchange(with->live, &making->fresh, with->lock);
    return true;
}

static bool begin(struct making *making, struct err *err)
{
    const struct renewal_options *with = &making->renewal->options;
    int64_t now_ms = clock_now_ms(&with->clock);
    struct log_totals totals;
    making->n_spoilt = making->renewal->n_spoilt;
    (void)pthread_rwlock_rdlock(with->lock);
    making->generation = live_generation(with->live);
    (void)pthread_rwlock_unlock(with->lock);
    if (!store_open_beside(with->store, &making->store, err) || !log_open(making->store, &making->log, err) ||
        !log_totals(making->log, &totals, err))
        return false;
    making->sequence = totals.last_sequence;
    return fresh_make(with->live, making->store, making->log, now_ms, with->n_threads, with->lock, &making->fresh, err);
}

static void end(struct making *making)
{
    fresh_free(&making->fresh);
    log_close(making->log);
    store_close(making->store);
}

/* *ret_is_old: too much has come meanwhile, or something else than events. */
static bool attempt(struct renewal *renewal, bool is_last, bool *ret_is_old, struct err *err)
{
    struct making making = { .renewal = renewal, .is_last = is_last };
    bool ok = begin(&making, err);
    do {
        ok = ok && catch_up(&making, err);
        if (ok && !making.is_old) ok = ingest_run(renewal->ingest, exchange, &making, err);
    } while (ok && making.is_behind && !making.is_old);
    *ret_is_old = making.is_old;
    end(&making);
    return ok;
}

static bool renew(struct renewal *renewal, struct err *err)
{
    bool is_old = true, ok = true;
    for (int i = 0; ok && is_old; i++) ok = attempt(renewal, i >= ATTEMPTS_MOST, &is_old, err);
    return ok || err_context(err, "bringing the customers up to date");
}

/* ---- the thread ---- */

static void *work(void *context)
{
    struct renewal *renewal = context;
    (void)pthread_mutex_lock(&renewal->mutex);
    while (!renewal->is_stopping) {
        uint64_t n_asked = renewal->n_asked;
        if (renewal->n_done == n_asked) {
            (void)pthread_cond_wait(&renewal->changed, &renewal->mutex);
            continue;
        }
        (void)pthread_mutex_unlock(&renewal->mutex);
        struct err err;
        bool ok = renew(renewal, &err);
        (void)pthread_mutex_lock(&renewal->mutex);
        renewal->result = ok ? (struct err){ 0 } : err;
        renewal->n_done = n_asked;
        (void)pthread_cond_broadcast(&renewal->changed);
    }
    (void)pthread_mutex_unlock(&renewal->mutex);
    return NULL;
}

struct renewal *renewal_new(const struct renewal_options *options)
{
    struct renewal *renewal = memory_new(1, sizeof *renewal);
    renewal->options = *options;
    (void)pthread_mutex_init(&renewal->mutex, NULL);
    (void)pthread_cond_init(&renewal->changed, NULL);
    return renewal;
}

bool renewal_start(struct renewal *renewal, struct ingest *ingest, struct err *err)
{
    renewal->ingest = ingest;
    renewal->is_started = pthread_create(&renewal->thread, NULL, work, renewal) == 0;
    return renewal->is_started ||
           err_set(err, ERR_IO, "the thread that brings customers up to date cannot be started");
}

void renewal_stop(struct renewal *renewal)
{
    if (!renewal || !renewal->is_started) return;
    (void)pthread_mutex_lock(&renewal->mutex);
    renewal->is_stopping = true;
    (void)pthread_cond_broadcast(&renewal->changed);
    (void)pthread_mutex_unlock(&renewal->mutex);
    (void)pthread_join(renewal->thread, NULL);
}

void renewal_free(struct renewal *renewal)
{
    if (!renewal) return;
    (void)pthread_mutex_destroy(&renewal->mutex);
    (void)pthread_cond_destroy(&renewal->changed);
    free(renewal);
}

/* With the mutex held.  What n_done will be when it is answered. */
static uint64_t ask(struct renewal *renewal)
{
    (void)pthread_cond_broadcast(&renewal->changed);
    return ++renewal->n_asked;
}

void renewal_ask(struct renewal *renewal)
{
    (void)pthread_mutex_lock(&renewal->mutex);
    (void)ask(renewal);
    (void)pthread_mutex_unlock(&renewal->mutex);
}

bool renewal_ask_if_idle(struct renewal *renewal)
{
    (void)pthread_mutex_lock(&renewal->mutex);
    bool is_idle = renewal->n_done == renewal->n_asked;
    if (is_idle) (void)ask(renewal);
    (void)pthread_mutex_unlock(&renewal->mutex);
    return is_idle;
}

bool renewal_run(struct renewal *renewal, struct err *err)
{
    (void)pthread_mutex_lock(&renewal->mutex);
    uint64_t mine = ask(renewal);
    while (renewal->n_done < mine && !renewal->is_stopping) (void)pthread_cond_wait(&renewal->changed, &renewal->mutex);
    struct err result = renewal->result;
    bool is_done = renewal->n_done >= mine;
    (void)pthread_mutex_unlock(&renewal->mutex);
    if (!is_done) return err_set(err, ERR_REFUSED, "the server is stopping");
    if (result.code == ERR_NONE) return true;
    *err = result;
    return false;
}

void renewal_spoil(struct renewal *renewal) { renewal->n_spoilt++; }
