/* growth_bench.c - what grows with the data: import, features, the start of a server and the most memory of each,
 * at 1, 10 and 50 million events beside DuckDB's in the same run.  BENCH_EVENTS=n says otherwise how many at
 * most; BENCH_MORE=100000000 adds a row of so many, with a twentieth as many customers, whose file is removed afterwards:
 * it wants 12 GB of disk.
 *
 * Each piece of work runs in a process of its own, which is this program with the work's name; only thus does the
 * most memory tell of it alone. */
#include "bench.h"

#include "base/calendar.h"
#include "base/parallel.h"
#include "feature/matrix.h"
#include "live/live.h"
#include "log/log.h"
#include "table/import.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES = 3, SIZES_MOST = SIZES + 1, RUNS = 3 };

#define DATABASE "build/bench/growth.holdfast"

static const double shares[SIZES] = { 0.02, 0.2, 1 };
static const int64_t as_of_day = 19723;     /* 2024-01-01, after the last event */

/* ---- the work, each in a process of its own ---- */

struct shop { struct store *store; struct log *log; };

static void open_shop(struct shop *shop, enum store_mode mode)
{
    struct err err;
    bench_need(store_open(DATABASE, mode, &shop->store, &err), &err);
    bench_need(log_open(shop->store, &shop->log, &err), &err);
}

static void close_shop(struct shop *shop)
{
    log_close(shop->log);
    store_close(shop->store);
}

static void import(void *context)
{
    struct err err;
    struct shop shop;
    struct import_result result;
    struct import_options options = { .n_threads = parallel_cores() };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    open_shop(&shop, STORE_CREATE);
    bench_need(import_file(shop.store, shop.log, context, &options, arena, NULL, &result, &err), &err);
    close_shop(&shop);
    arena_free(arena);
}

struct features { struct shop shop; struct feature_set *set; };

static void features(void *context)
{
    struct err err;
    struct features *job = context;
    struct matrix matrix;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bench_need(matrix_score(job->shop.log, job->set, NULL, as_of_day * MS_PER_DAY, parallel_cores(), arena,
                            &matrix, &err),
               &err);
    arena_free(arena);
}

static double features_seconds(void)
{
    struct err err;
    struct features job;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct feature_options options = { .n_kinds_max = BENCH_KINDS, .decays_only = true,
                                             .n_threads = parallel_cores() };
    open_shop(&job.shop, STORE_READ);
    bench_need(feature_set_generate(job.shop.log, &options, arena, &job.set, &err), &err);
    double seconds = bench_median(RUNS, NULL, features, &job);
    close_shop(&job.shop);
    arena_free(arena);
    return seconds;
}

static void start(void *context)
{
    struct err err;
    struct shop shop;
    struct identities *identities;
    struct live *live;
    (void)context;
    open_shop(&shop, STORE_WRITE);
    bench_need(identities_open(shop.store, shop.log, &identities, &err), &err);
    bench_need(live_open(shop.store, shop.log, identities, as_of_day * MS_PER_DAY, parallel_cores(), &live, &err),
               &err);
    live_close(live);
    identities_close(identities);
    close_shop(&shop);
}

static int work(const char *name)
{
    double seconds = strcmp(name, "import") == 0
                         ? bench_median(1, NULL, import, (void *)(uintptr_t)bench_events_csv())
                     : strcmp(name, "start") == 0 ? bench_median(1, NULL, start, NULL)
                                                  : features_seconds();
    printf("{\"seconds\": %.6f}\n", seconds);
    return 0;
}

/* ---- the table ---- */

struct cost { double seconds, peak_bytes; };
struct size { size_t n_events; struct cost import, features, start, import_there, features_there; };

static struct cost ours(const char *program, const char *name)
{
    struct bench_process process = bench_run((const char *[]){ program, name, NULL });
    json_t *answer = json_load_file("build/bench/output.txt", 0, NULL);
    struct cost cost = { json_number_value(json_object_get(answer, "seconds")), process.peak_bytes };
    json_decref(answer);
    return cost;
}

static struct cost theirs(const char *job)
{
    struct cost cost;
    cost.seconds = bench_duckdb_peak(job, &cost.peak_bytes);
    return cost;
}

static struct size measure(const char *program, size_t n_events)
{
    char text[32];
    struct size size = { .n_events = n_events };
    snprintf(text, sizeof text, "%zu", n_events);
    setenv("BENCH_EVENTS", text, 1);
    (void)bench_events_csv();
    bench_fresh_path("growth.holdfast");
    size.import = ours(program, "import");
    size.features = ours(program, "features");
    size.start = ours(program, "start");
    bench_fresh_path("growth.holdfast");
    size.import_there = theirs("import");
    size.features_there = theirs("features");
    return size;
}

static double ns_an_event(const struct size *size, struct cost cost)
{
    return 1e9 * cost.seconds / (double)size->n_events;
}

static void print(const struct size *sizes, int n)
{
    printf("\n%-22s %10s %10s %10s %10s %8s %26s\n", "events", "features", "DuckDB", "import", "DuckDB", "start",
           "most memory: features import start (DuckDB features import)");
    for (const struct size *s = sizes; s < sizes + n; s++)
        printf("%9.2f M              %7.1f ns %7.1f ns %8.3f s %8.3f s %6.3f s %5.0f %5.0f %5.0f MB (%5.0f %5.0f "
               "MB)\n",
               (double)s->n_events / 1e6, ns_an_event(s, s->features), ns_an_event(s, s->features_there),
               s->import.seconds, s->import_there.seconds, s->start.seconds, s->features.peak_bytes / 1e6,
               s->import.peak_bytes / 1e6, s->start.peak_bytes / 1e6, s->features_there.peak_bytes / 1e6,
               s->import_there.peak_bytes / 1e6);
    printf("\n");
}

static double growth(double little, double much) { return much / little; }

int main(int argc, char **argv)
{
    if (argc > 1) return work(argv[1]);
    struct size sizes[SIZES_MOST];
    int n = SIZES;
    const char *wanted = getenv("BENCH_EVENTS"), *more = getenv("BENCH_MORE");
    double most = wanted ? strtod(wanted, NULL) : 50e6;
    for (int i = 0; i < SIZES; i++) sizes[i] = measure(argv[0], (size_t)(most * shares[i] + 0.5));
    if (more) {
        sizes[n++] = measure(argv[0], strtoull(more, NULL, 10));
        (void)remove(bench_events_csv());
    }
    print(sizes, n);
    const struct size *middle = &sizes[1], *largest = &sizes[2];
    char against[64];
    snprintf(against, sizeof against, "features: an event at %.4g M against %.4g M", (double)largest->n_events / 1e6,
             (double)middle->n_events / 1e6);
    bench_record(&(struct bench){
        .name = against, .unit = "x",
        .ours = growth(ns_an_event(middle, middle->features), ns_an_event(largest, largest->features)),
        .theirs = growth(ns_an_event(middle, middle->features_there), ns_an_event(largest, largest->features_there)),
        .peer = bench_duckdb_name(), .budget = 1, .note = "how much dearer an event is where there are more" });
    for (int i = 0; i < n; i++) {
        char name[3][64];
        double millions = (double)sizes[i].n_events / 1e6;
        snprintf(name[0], sizeof name[0], "most memory of features, %.4g M events", millions);
        snprintf(name[1], sizeof name[1], "most memory of import, %.4g M events", millions);
        snprintf(name[2], sizeof name[2], "start of the server, %.4g M events", millions);
        bench_record(&(struct bench){ .name = name[0], .unit = "MB", .ours = sizes[i].features.peak_bytes / 1e6,
                                      .theirs = sizes[i].features_there.peak_bytes / 1e6,
                                      .peer = bench_duckdb_name() });
        bench_record(&(struct bench){ .name = name[1], .unit = "MB", .ours = sizes[i].import.peak_bytes / 1e6,
                                      .theirs = sizes[i].import_there.peak_bytes / 1e6,
                                      .peer = bench_duckdb_name() });
        bench_record(&(struct bench){ .name = name[2], .unit = "s", .ours = sizes[i].start.seconds,
                                      .theirs = (double)NAN, .peer = "nobody" });
    }
    return 0;
}
