/* live_bench.c - the customers of a server in memory: how long a start takes that replays the whole log, what a
 * customer's state and traits weigh, what an event and a row cost.  10 million events of a million customers.
 *
 * The start is the reason why there are no checkpoints of states: it takes two seconds of one core's work. */
#include "bench.h"
#include "log_fill.h"

#include "base/calendar.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "live/live.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SLICE_EVENTS = 256, SLICES = 2000, ROWS = 200000 };

struct job {
    const char        *path;
    struct store      *store;
    struct log        *log;
    struct identities *identities;
    struct live       *live;
    int64_t            now_ms;
    float             *row;
    double             worst_slice;
};

static void stop(void *context)
{
    struct job *job = context;
    live_close(job->live);
    identities_close(job->identities);
    log_close(job->log);
    store_close(job->store);
    job->live = NULL, job->identities = NULL, job->log = NULL, job->store = NULL;
}

static void start(void *context)
{
    struct job *job = context;
    struct err err;
    double began = bench_seconds();
    clock_t cpu = clock();
    bench_need(store_open(job->path, STORE_WRITE, &job->store, &err), &err);
    bench_need(log_open(job->store, &job->log, &err), &err);
    bench_need(identities_open(job->store, job->log, &job->identities, &err), &err);
    double opened = bench_seconds();
    bench_need(live_open(job->store, job->log, job->identities, job->now_ms, parallel_cores(), &job->live, &err),
               &err);
    fprintf(stderr, "bench: the names in %.3f s, features and states in %.3f s; %.3f s of all cores together\n",
            opened - began, bench_seconds() - opened, (double)(clock() - cpu) / CLOCKS_PER_SEC);
}

static void apply(void *context)
{
    struct job *job = context;
    struct rng rng = rng_new(2);
    int64_t times[SLICE_EVENTS], cents[SLICE_EVENTS] = { 0 };
    uint32_t identities[SLICE_EVENTS];
    uint16_t kinds[SLICE_EVENTS];
    const struct events events = { .n = SLICE_EVENTS, .received_ms = times, .time_ms = times,
                                   .identity = identities, .kind = kinds, .amount_cents = cents };
    for (int slice = 0; slice < SLICES; slice++) {
        for (int i = 0; i < SLICE_EVENTS; i++) {
            times[i] = ++job->now_ms;
            identities[i] = 1 + (uint32_t)rng_below(&rng, log_n_names(job->log, DICTIONARY_IDENTITY) - 1);
            kinds[i] = 1 + (uint16_t)rng_below(&rng, BENCH_KINDS);
        }
        double began = bench_seconds();
        live_apply(job->live, &events, 0, SLICE_EVENTS, job->now_ms);
        job->worst_slice = fmax(job->worst_slice, bench_seconds() - began);
    }
}

static void read_rows(void *context)
{
    struct job *job = context;
    struct rng rng = rng_new(3);
    for (int i = 0; i < ROWS; i++) {
        uint32_t identity = 1 + (uint32_t)rng_below(&rng, log_n_names(job->log, DICTIONARY_IDENTITY) - 1);
        (void)live_row(job->live, identity, job->now_ms, job->row);
    }
}

/* Of the one thread that works, so that what else runs on the machine matters little. */
static double cpu_seconds(void (*work)(void *context), void *context)
{
    clock_t began = clock();
    work(context);
    return (double)(clock() - began) / CLOCKS_PER_SEC;
}

static void record(const char *name, const char *unit, double ours, double budget, const char *note)
{
    bench_record(&(struct bench){ .name = name, .unit = unit, .ours = ours, .theirs = budget,
                                  .peer = "the budget", .budget = isnan(budget) ? 0 : 1, .note = note });
}

int main(void)
{
    struct err err;
    char note[120];
    struct job job = { .path = bench_fresh_path("live.holdfast"),
                       .now_ms = calendar_day((struct civil){ 2024, 1, 1 }) * MS_PER_DAY };
    bench_need(store_open(job.path, STORE_CREATE, &job.store, &err), &err);
    bench_need(log_open(job.store, &job.log, &err), &err);
    log_fill(job.store, job.log, 2);
    stop(&job);
    double seconds = bench_median(3, stop, start, &job);
    double n = (double)live_n_identities(job.live), n_features = (double)feature_set_size(live_set(job.live));
    snprintf(note, sizeof note, "%.1f M events, %.2f M customers, %.0f features; no checkpoint",
             (double)live_n_events(job.live) / 1e6, n / 1e6, n_features);
    record("start of the server: all states by replay", "s", seconds, 5, note);
    snprintf(note, sizeof note, "features and traits, with the room between; %zu unpacked without days",
             feature_set_state_bytes(live_set(job.live)));
    record("memory of a customer's state", "B", (double)live_bytes(job.live) / n, 400, note);
    job.row = calloc(feature_set_size(live_set(job.live)), sizeof *job.row);
    double rows = cpu_seconds(read_rows, &job), applied = cpu_seconds(apply, &job);
    record("a customer's row read", "us", 1e6 * rows / ROWS, (double)NAN, NULL);
    snprintf(note, sizeof note, "at random customers; the slowest slice of %d took %.0f us", SLICE_EVENTS,
             1e6 * job.worst_slice);
    record("an event folded", "us", 1e6 * applied / (SLICES * SLICE_EVENTS), 5, note);
    snprintf(note, sizeof note, "after %d more events", SLICES * SLICE_EVENTS);
    record("memory of a customer's state, later", "B", (double)live_bytes(job.live) / n, 400, note);
    free(job.row);
    stop(&job);
    bench_fresh_path("live.holdfast");
    return 0;
}
