/* warehouse_bench.c - the history on two clickhouse-servers of this machine: shipping beside clickhouse-client's
 * own insert, the query of features and scoring beside the query alone, and events as they come with shipping and
 * without.  The query is that of holdfast warehouse sql, of everybody; scoring asks for no more than the customers of
 * whom the question is.
 *
 * bench/warehouse.sh does the work with the program and the client; BENCH_EVENTS says how many events there are at
 * most. */
#include "bench.h"
#include "load.h"
#include "server_child.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_MOST = 2000000, BATCH = 100, CONNECTIONS = 16, SECONDS = 12, WARM_SECONDS = 2 };

#define PEER "clickhouse-client 18.16"

/* Seconds an event, durable, while a server takes all that comes. */
static double ingest(const char *settings)
{
    static struct load_result result;
    static unsigned run = 1;
    struct err err;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct server_child child = { .program = "build/release/holdfast",
                                  .database = bench_fresh_path("warehouse_serve.holdfast"),
                                  .log_path = "build/bench/warehouse_serve.log",
                                  .arguments = { "--settings", settings } };
    int status;
    bench_need(server_child_start(&child, 60, &err), &err);
    struct text *bodies =
        load_batches(arena, CONNECTIONS, BATCH, (uint32_t)time(NULL) + run++, child.write_key, 1);
    const struct load_stream stream = { .steps = { { "POST", "/v1/batch", NULL, bodies, CONNECTIONS } },
                                        .seed = 2,
                                        .n_connections = CONNECTIONS,
                                        .n_customers = 100000 };
    const struct load_options options = { .port = &child.port, .seconds = SECONDS, .warm_seconds = WARM_SECONDS };
    bench_need(load_run(&options, &stream, 1, &result, &err), &err);
    bench_need(server_child_stop(&child, 120, &status, &err), &err);
    arena_free(arena);
    return result.seconds / ((double)result.n_answered * BATCH);
}

static void record(const char *name, const char *unit, double ours, double theirs, const char *peer, double budget,
                   const char *note)
{
    bench_record(&(struct bench){ .name = name, .unit = unit, .ours = ours, .theirs = theirs, .peer = peer,
                                  .budget = budget, .note = note });
}

/* Reads "name seconds" from the script until "serve", when the servers are up and wait. */
static double seconds_of(FILE *script, const char *name)
{
    char word[64];
    double seconds;
    if (fscanf(script, "%63s %lf", word, &seconds) != 2 || strcmp(word, name) != 0) {
        fprintf(stderr, "warehouse_bench: bench/warehouse.sh did not say '%s'; see build/bench/warehouse.log\n",
                name);
        exit(1);
    }
    return seconds;
}

int main(void)
{
    char command[300];
    size_t n = bench_n_events() < EVENTS_MOST ? bench_n_events() : EVENTS_MOST;
    if (system("command -v clickhouse-server clickhouse-client >/dev/null") != 0) {
        record("ship to a warehouse", "s", (double)NAN, (double)NAN, PEER, 0.5,
               "clickhouse-server is not installed");
        return 0;
    }
    snprintf(command, sizeof command, "bash bench/warehouse.sh %s %zu 2>build/bench/warehouse.log",
             bench_events_csv(), n);
    FILE *script = popen(command, "r");
    if (!script) return 1;
    double ship = seconds_of(script, "ship"), insert = seconds_of(script, "insert");
    record("ship to two servers", "s", ship, insert, PEER, 0.5,
           "ours reads them from the log and keeps where it has got; the client has them ready");
    double features = seconds_of(script, "features"), query = seconds_of(script, "query");
    record("features from two servers", "s", features, query, PEER, 1 / 1.1,
           "ours puts the rows in order and writes CSV");
    double score = seconds_of(script, "score"), asked = seconds_of(script, "asked");
    record("score from two servers", "s", score, asked, PEER, 1 / 1.2,
           "the client asks for everybody's features; ours for those of whom the question is, then predicts, gives "
           "reasons, values, groups and writes back");
    (void)seconds_of(script, "serve");
    double without = ingest("build/bench/warehouse/none.yaml"),
           with = ingest("build/bench/warehouse/holdfast.yaml");
    record("events durable while they are shipped", "us", 1e6 * with, 1e6 * without, "without shipping", 0.85,
           "the program, the load and both clickhouse-servers share the cores");
    (void)unlink("build/bench/warehouse/serving");
    return pclose(script) == 0 ? 0 : 1;
}
