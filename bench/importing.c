/* importing.c - a file becomes a database, as benchmarks time it; see bench.h. */
#include "bench.h"

#include "base/arena.h"
#include "base/parallel.h"
#include "log/log.h"
#include "store/store.h"
#include "table/import.h"

#include <stdio.h>

void bench_import(const char *path, const char *database, size_t n_events)
{
    struct import_options options = { .n_threads = parallel_cores() };
    struct import_result result;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct store *store = NULL;
    struct log *log = NULL;
    struct err err;
    bench_need(store_open(database, STORE_CREATE, &store, &err), &err);
    bench_need(log_open(store, &log, &err), &err);
    bench_need(import_file(store, log, path, &options, arena, NULL, &result, &err), &err);
    log_close(log);
    store_close(store);
    if (result.events != n_events)
        fprintf(stderr, "bench: %zu rows gave %zu events\n", n_events, (size_t)result.events);
    arena_free(arena);
}
