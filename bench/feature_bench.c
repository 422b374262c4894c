/* feature_bench.c - 66 features of every customer as of an instant: a decayed count and a decayed amount at four
 * half-lives for each of 8 kinds of event, recency and tenure.  The peer computes the same sums by SQL. */
#include "bench.h"
#include "log_fill.h"

#include "base/calendar.h"
#include "base/parallel.h"
#include "feature/matrix.h"
#include "log/log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job { struct log *log; struct feature_set *set; int64_t as_of_ms; size_t n_rows; double sum; };

static void build(void *context)
{
    struct job *job = context;
    struct err err;
    struct matrix matrix;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bench_need(matrix_score(job->log, job->set, NULL, job->as_of_ms, parallel_cores(), arena, &matrix,
                            &err), &err);
    job->n_rows = matrix.n_rows;
    job->sum = 0;
    for (size_t i = 0; i < matrix.n_rows; i += 1000) job->sum += (double)matrix.values[i * matrix.n_columns];
    arena_free(arena);
}

int main(void)
{
    struct err err;
    struct store *store = NULL;
    struct job job = { .as_of_ms = calendar_day((struct civil){ 2024, 1, 1 }) * MS_PER_DAY };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const char *path = bench_fresh_path("features.holdfast");
    bench_need(store_open(path, STORE_CREATE, &store, &err), &err);
    bench_need(log_open(store, &job.log, &err), &err);
    log_fill(store, job.log, 1);
    struct feature_options options = { .n_kinds_max = BENCH_KINDS, .decays_only = true,
                                       .n_threads = parallel_cores() };
    double began = bench_seconds();
    bench_need(feature_set_generate(job.log, &options, arena, &job.set, &err), &err);
    fprintf(stderr, "bench: %zu features, chosen in %.3f s\n", feature_set_size(job.set),
            bench_seconds() - began);
    double ours = bench_median(5, NULL, build, &job);
    fprintf(stderr, "bench: %zu rows, %.1f ns an event, check sum %.6g\n", job.n_rows,
            1e9 * ours / (double)bench_n_events(), job.sum);
    bench_record(&(struct bench){ .name = "66 features of every customer", .unit = "s", .ours = ours,
                                  .theirs = bench_duckdb("features"),
                                  .peer = bench_duckdb_name(), .budget = 10 });
    bench_record(&(struct bench){ .name = "the same, against SQL in two steps", .unit = "s", .ours = ours,
                                  .theirs = bench_duckdb("features_tuned"),
                                  .peer = bench_duckdb_name(), .budget = 10 });
    log_close(job.log);
    store_close(store);
    arena_free(arena);
    bench_fresh_path("features.holdfast");
    return 0;
}
