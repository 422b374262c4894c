/* run_bench.c - the most memory that `holdfast run` holds, against its feature matrix and the customers' states, on
 * a simulated shop of 20,000 customers (BENCH_CUSTOMERS says otherwise). */
#include "bench.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define PROGRAM "build/release/holdfast"
#define SHOP    "build/bench/shop"

int main(void)
{
    const char *customers = getenv("BENCH_CUSTOMERS"), *database = bench_fresh_path("run.holdfast");
    bench_run((const char *[]){ PROGRAM, "simulate", "--customers", customers ? customers : "20000", "--out",
                                SHOP, NULL });
    struct bench_process run = bench_run((const char *[]){ PROGRAM, "run", SHOP "/events.csv", "--db", database,
                                                           "--out", "build/bench/run.html", "--json", NULL });
    json_t *answer = json_load_file("build/bench/output.txt", 0, NULL);
    const json_t *memory = json_object_get(answer, "memory");
    double matrix = (double)json_integer_value(json_object_get(memory, "matrix_bytes"));
    double states = (double)json_integer_value(json_object_get(memory, "state_bytes"));
    struct err err;
    bench_need(matrix > 0 || err_set(&err, ERR_INVALID, "build/bench/output.txt says nothing of the matrix"),
               &err);
    char note[256];
    snprintf(note, sizeof note,
             "matrix %.0f MB, states %.0f MB, %.1f s; import holds the rows of the file, training a byte for each "
             "value that trees are grown on, liblinear 16 bytes a value of its sample",
             matrix / 1e6, states / 1e6, run.seconds);
    bench_record(&(struct bench){ .name = "peak memory of run",
                                  .unit = "MB",
                                  .ours = run.peak_bytes / 1e6,
                                  .theirs = (matrix + states) / 1e6,
                                  .peer = "matrix and states",
                                  .budget = 1.0 / 3,
                                  .note = note });
    json_decref(answer);
    bench_fresh_path("run.holdfast");
    return 0;
}
