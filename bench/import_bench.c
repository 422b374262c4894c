/* import_bench.c - a CSV of 10 million events becomes durable: ours is a database ready for features, the
 * peer's a table in a file. */
#include "bench.h"

struct job { const char *csv, *path; };

static void prepare(void *context)
{
    struct job *job = context;
    job->path = bench_fresh_path("import.holdfast");
}

static void import(void *context)
{
    const struct job *job = context;
    bench_import(job->csv, job->path, bench_n_events());
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
