/* What proves: draws of a scenario, a bootstrap of a quantile, attribution of paths from a file, whose budgets are
 * seconds on two threads, for no peer that does the same is installed with Debian; and moments beside DuckDB's. */
#include "bench.h"

#include "base/rng.h"
#include "experiment/analysis.h"
#include "experiment/moments.h"
#include "experiment/scenario.h"
#include "math/draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PATHS = 1000000, REVENUES = 1000000, DRAWS = 100000, UNITS = 10 * 1000 * 1000, METRICS = 20 };

static FILE *opened(const char *path)
{
    struct err err;
    FILE *file = fopen(path, "w");
    bench_need(file || err_set(&err, ERR_IO, "%s cannot be written", path), &err);
    return file;
}

static void draw_scenario(void *context)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct scenario *scenario;
    struct err err;
    json_t *json;
    bench_need(scenario_read(context, arena, &scenario, &err), &err);
    bench_need(scenario_run(scenario, DRAWS, 1, 2, arena, &json, &err), &err);
    json_decref(json);
    arena_free(arena);
}

struct revenues { double *value; uint8_t *arm; };

static void bootstrap(void *context)
{
    static const char *const arms[] = { "control", "mail" };
    const struct revenues *all = context;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct analysis_metric metric = {
        .name = "p90", .kind = METRIC_QUANTILE, .value = all->value, .quantile = .9
    };
    struct analysis analysis = { .n_units = REVENUES,
                                 .arm = all->arm,
                                 .n_arms = 2,
                                 .arms = arms,
                                 .metrics = &metric,
                                 .n_metrics = 1,
                                 .alpha = .05,
                                 .tuning = 5000,
                                 .seed = 1 };
    struct err err;
    json_t *json;
    bench_need(analysis_run(&analysis, arena, &json, &err), &err);
    json_decref(json);
    arena_free(arena);
}

static double seconds_of_paths(void)
{
    const char *path = bench_fresh_path("paths.csv");
    FILE *file = opened(path);
    struct rng rng = rng_new(1);
    fputs("path,won,worth,lost\n", file);
    for (size_t i = 0; i < PATHS; i++) {
        size_t n = 1 + rng_below(&rng, 6);
        for (size_t k = 0; k < n; k++) fprintf(file, "%schannel%d", k ? " > " : "", (int)rng_below(&rng, 12));
        fprintf(file, ",%d,%d,%d\n", (int)rng_below(&rng, 2), (int)rng_below(&rng, 50), (int)rng_below(&rng, 4));
    }
    (void)fclose(file);
    const char *const arguments[] = { "build/holdfast", "attribution",   path,   "--path",
                                      "path",           "--conversions", "won",  "--value",
                                      "worth",          "--null",        "lost", NULL };
    return bench_run(arguments).seconds;
}

/* The aggregates from which every effect, ratio and adjustment of 20 metrics is worked out. */
struct metrics { double *columns[METRICS]; uint8_t *arm; };

static void gather(void *context)
{
    const struct metrics *all = context;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct moments arms[2];
    moments_by_arm((const double *const *)all->columns, METRICS, all->arm, UNITS, 2, 2, arena, arms);
    arena_free(arena);
}

static void bench_moments(void)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct metrics all = { .arm = ARENA_ARRAY(arena, uint8_t, UNITS) };
    struct rng rng = rng_new(7);
    for (size_t c = 0; c < METRICS; c++) all.columns[c] = ARENA_ARRAY(arena, double, UNITS);
    for (size_t i = 0; i < UNITS; i++) {
        all.arm[i] = (uint8_t)rng_below(&rng, 2);
        for (size_t c = 0; c < METRICS; c++) all.columns[c][i] = rng_uniform(&rng);
    }
    double ours = bench_median(3, NULL, gather, &all);
    arena_free(arena);
    bench_record(&(struct bench){ "moments of 20 metrics by arm, 10 M units", "s", ours,
                                  bench_duckdb_of("moments", "-"), bench_duckdb_name(), 1, NULL });
}

int main(void)
{
    const char *plan = bench_fresh_path("plan.yaml");
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct revenues all = { ARENA_ARRAY(arena, double, REVENUES), ARENA_ARRAY(arena, uint8_t, REVENUES) };
    struct rng rng = rng_new(1);
    FILE *file = opened(plan);
    fputs("scenario:\n  inputs: {customers: 10000, response: {beta: [30, 970]}, margin: {triangular: [.3, .4, "
          ".45]}, order: "
          "{normal: [60, 8]}, cost: .05}\n  outputs: {profit: customers * response * margin * order - customers * "
          "cost}\n",
          file);
    (void)fclose(file);
    for (size_t i = 0; i < REVENUES; i++) {
        all.value[i] = draw_bernoulli(&rng, .3) ? draw_lognormal(&rng, 3, 1.2) : 0;
        all.arm[i] = (uint8_t)rng_below(&rng, 2);
    }
    bench_record(&(struct bench){ "100,000 draws of a scenario", "s",
                                  bench_median(3, NULL, draw_scenario, (void *)(uintptr_t)plan), 1, "the budget",
                                  1, NULL });
    bench_record(&(struct bench){ "1,000 bootstraps of 1 M revenues", "s", bench_median(3, NULL, bootstrap, &all),
                                  2, "the budget", 1, NULL });
    bench_record(&(struct bench){ "attribution of 1 M paths from a file", "s", seconds_of_paths(), 3, "the budget",
                                  1, NULL });
    arena_free(arena);
    bench_moments();
    return 0;
}
