/* timers_bench.c - a million timers that wait: what one takes on the disk, to put and to fire, and how late one of
 * another kind is while a million are due at once. */
#include "bench.h"

#include "base/secret.h"
#include "hub/timers.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TIMERS = 1000000, A_JOB = 2000, PATIENCE_MS = 600000 };

static _Atomic int64_t now_ms = INT64_C(1790000000000);
static int64_t now_of_bench(void *context) { (void)context; return now_ms; }

struct run {
    struct store      *store;
    struct log        *log;
    struct profiles   *profiles;
    struct identities *identities;
    struct consents   *consents;
    struct scheduler  *scheduler;
    struct timers     *timers;
    struct ingest     *ingest;
    pthread_rwlock_t   lock;
    size_t             n_timers, n_put;
    _Atomic size_t     n_fired;
    _Atomic double     other_fired;     /* when the one of the other kind fired, in seconds */
};

static bool fire(void *context, struct store *store, const struct timer *timer, int64_t at_ms, struct err *err)
{
    struct run *run = context;
    (void)store, (void)timer, (void)at_ms, (void)err;
    run->n_fired++;
    return true;
}

static bool fire_other(void *context, struct store *store, const struct timer *timer, int64_t at_ms, struct err *err)
{
    struct run *run = context;
    (void)store, (void)timer, (void)at_ms, (void)err;
    atomic_store(&run->other_fired, bench_seconds());
    return true;
}

static void open_all(struct run *run, const char *path)
{
    struct err err;
    const struct clock clock = { now_of_bench, NULL };
    bench_need(secret_start(&err), &err);
    bench_need(store_open(path, STORE_CREATE, &run->store, &err), &err);
    bench_need(log_open(run->store, &run->log, &err), &err);
    bench_need(profiles_open(run->store, true, &run->profiles, &err), &err);
    bench_need(identities_open(run->store, run->log, &run->identities, &err), &err);
    bench_need(consents_open(run->store, run->log, run->identities, profiles_vault(run->profiles), &run->consents,
                             &err), &err);
    pthread_rwlock_init(&run->lock, NULL);
    bench_need(scheduler_start(&clock, &run->scheduler, &err), &err);
    run->timers = timers_new(run->scheduler);
    timers_add(run->timers, &(struct timer_kind){ .name = "journey", .fire = fire, .context = run });
    timers_add(run->timers, &(struct timer_kind){ .name = "other", .fire = fire_other, .context = run });
    const struct ingest_options options = { .store = run->store, .log = run->log, .identities = run->identities,
                                            .consents = run->consents, .profiles = run->profiles,
                                            .lock = &run->lock, .clock = clock, .scheduler = run->scheduler };
    bench_need(ingest_start(&options, &run->ingest, &err), &err);
    timers_start(run->timers, run->ingest);
}

static void close_all(struct run *run)
{
    scheduler_stop(run->scheduler);
    ingest_stop(run->ingest);
    timers_free(run->timers);
    scheduler_free(run->scheduler);
    consents_close(run->consents);
    identities_close(run->identities);
    profiles_close(run->profiles);
    log_close(run->log);
    store_close(run->store);
}

/* Delays of a journey: each waits from a minute to a month, and says which step follows. */
static bool put_some(struct store *store, void *context, struct err *err)
{
    struct run *run = context;
    bool ok = true;
    for (size_t i = 0; ok && i < A_JOB && run->n_put < run->n_timers; i++, run->n_put++) {
        const struct timer timer = { .due_ms = now_ms + 60000 + (int64_t)(run->n_put * 2654435761u % 2592000000u),
                                     .who = (uint32_t)run->n_put + 1, .data = text_of("welcome/3/wait") };
        ok = timer_put(run->timers, store, "journey", &timer, err);
    }
    return ok;
}

static bool put_other(struct store *store, void *context, struct err *err)
{
    struct run *run = context;
    const struct timer timer = { .due_ms = now_ms, .who = 1 };
    return timer_put(run->timers, store, "other", &timer, err);
}

static double file_bytes(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 ? (double)file.st_size : (double)NAN;
}

static void record(const char *name, const char *unit, double ours, double budget, const char *note)
{
    bench_record(&(struct bench){ .name = name, .unit = unit, .ours = ours, .theirs = budget, .peer = "the budget",
                                  .budget = 1, .note = note });
}

int main(void)
{
    static struct run run;
    struct err err;
    const char *wanted = getenv("BENCH_TIMERS"), *path = bench_fresh_path("timers.holdfast");
    run.n_timers = wanted ? strtoul(wanted, NULL, 10) : TIMERS;
    double n = (double)run.n_timers, began = bench_seconds();
    open_all(&run, path);
    while (run.n_put < run.n_timers) bench_need(ingest_run(run.ingest, put_some, &run, &err), &err);
    double put_seconds = bench_seconds() - began;
    close_all(&run);
    double bytes = file_bytes(path);

    open_all(&run, path);
    now_ms += INT64_C(40) * 24 * 3600 * 1000;       /* all are due at once, as after a month without a server */
    began = bench_seconds();
    scheduler_settle(run.scheduler, 0);
    bench_need(ingest_run(run.ingest, put_other, &run, &err), &err);
    double asked = bench_seconds();
    bench_need(scheduler_settle(run.scheduler, PATIENCE_MS) ||
               err_set(&err, ERR_IO, "the timers did not come to rest"), &err);
    double fire_seconds = bench_seconds() - began, late_seconds = atomic_load(&run.other_fired) - asked;
    bench_need(run.n_fired == run.n_timers ||
               err_set(&err, ERR_CORRUPT, "%zu of %zu timers fired", (size_t)run.n_fired, run.n_timers), &err);
    close_all(&run);
    record("a timer that waits, on the disk", "B", bytes / n, 200, "with its index by whom it is about");
    record("a timer put, 2,000 in a transaction", "us", put_seconds / n * 1e6, 50, NULL);
    record("a timer fired, all due at once", "us", fire_seconds / n * 1e6, 50, "2,000 a second are 500 us each");
    record("one of another kind meanwhile, late by", "ms", late_seconds > 0 ? late_seconds * 1e3 : 0, 100, NULL);
    return 0;
}
