/* import_bench.c - a CSV of 10 million events becomes durable: ours is a database ready for features, the
 * peer's a table in a file. */
#include "bench.h"

#include "base/arena.h"
#include "base/parallel.h"
#include "table/import.h"
#include "log/log.h"
#include "store/store.h"

#include <stdio.h>

struct job { const char *csv, *path; };

static void prepare(void *context)
{
    struct job *job = context;
    job->path = bench_fresh_path("import.holdfast");
}

static void import(void *context)
{
    const struct job *job = context;
    struct import_options options = { .n_threads = parallel_cores() };
    struct import_result result;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct store *store = NULL;
    struct log *log = NULL;
    struct err err;
    bench_need(store_open(job->path, STORE_CREATE, &store, &err), &err);
    bench_need(log_open(store, &log, &err), &err);
    bench_need(import_file(store, log, job->csv, &options, arena, NULL, &result, &err), &err);
    log_close(log);
    store_close(store);
    if (result.events != bench_n_events())
        fprintf(stderr, "bench: %zu rows gave %zu events\n", bench_n_events(), (size_t)result.events);
    arena_free(arena);
}

int main(void)
{
    struct job job = { .csv = bench_events_csv() };
    double ours = bench_median(3, prepare, import, &job);
    bench_record(&(struct bench){ .name = "import a CSV, durable",
                                  .unit = "s",
                                  .ours = ours,
                                  .theirs = bench_duckdb("import"),
                                  .peer = bench_duckdb_name(),
                                  .budget = 1.5 });
    bench_fresh_path("import.holdfast");
    return 0;
}
