/* serve_bench.c - holdfast serve under load: how much it takes in durably, how soon an event counts in a
 * decision, how long a decision takes, what the server weighs and how soon it is ready.  The generator runs on
 * the same machine; each of its clients waits for an answer before it sends again, so that a slow disk asks for
 * many of them: 64 that send batches, 256 that send single events.
 *
 * BENCH_SECONDS (10) is how long each load lasts, BENCH_CUSTOMERS (1,000,000) how many customers the
 * shop with a past has, BENCH_ONLY (empty, past) which half is measured. */
#include "bench.h"
#include "load.h"
#include "prefill.h"
#include "serve_peers.h"
#include "server_child.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "build/release/holdfast"

enum { BATCH = 100, CONNECTIONS = 64, SINGLE_CONNECTIONS = 256, CUSTOMERS = 1000000 };

struct bench_server {
    struct server_child child;
    struct arena *arena;
    double seconds;
};

static void record(const char *name, const char *unit, double ours, double budget, const char *note)
{
    bench_record(&(struct bench){ .name = name, .unit = unit, .ours = ours, .theirs = budget, .peer = "the budget",
                                  .budget = isnan(budget) ? 0 : 1, .note = note });
}

static double number_of(const char *name, double otherwise)
{
    const char *text = getenv(name);
    return text ? strtod(text, NULL) : otherwise;
}

static void start(struct bench_server *server, const char *database)
{
    struct err err;
    server->child = (struct server_child){ .program = PROGRAM,
                                           .database = database,
                                           .log_path = "build/bench/serve.log",
                                           .arguments = { "--quiet" } };
    bench_need(server_child_start(&server->child, 120, &err), &err);
}

static void stop(struct bench_server *server)
{
    int status = 0;
    struct err err;
    bool ok = server_child_stop(&server->child, 120, &status, &err);
    bench_need(ok && (status == 0 || err_set(&err, ERR_IO, "the server ended with status %d", status)), &err);
}

static uint32_t run_of_now(void) { return (uint32_t)time(NULL); }

static struct load_stream batches(struct bench_server *server, double per_second)
{
    struct text *bodies =
        load_batches(server->arena, CONNECTIONS, BATCH, run_of_now(), server->child.write_key, 1);
    return (struct load_stream){ .steps = { { "POST", "/v1/batch", NULL, bodies, CONNECTIONS } },
                                 .seed = 2,
                                 .n_connections = CONNECTIONS,
                                 .per_second = per_second,
                                 .n_customers = CUSTOMERS };
}

static struct load_stream singles(struct bench_server *server, double per_second)
{
    struct text *bodies = load_events(server->arena, SINGLE_CONNECTIONS, run_of_now(), server->child.write_key, 1);
    return (struct load_stream){ .steps = { { "POST", "/v1/track", NULL, bodies, SINGLE_CONNECTIONS } },
                                 .seed = 2,
                                 .n_connections = SINGLE_CONNECTIONS,
                                 .per_second = per_second,
                                 .n_customers = CUSTOMERS };
}

/* The work of the server and of the generator while a load runs, in cores. */
struct effort { double server_cores, load_cores; };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct effort run(struct bench_server *server, const struct load_stream *streams, size_t n,
                         struct load_result *results)
{
    struct err err;
    struct load_options options = { .port = &server->child.port,
                                    .seconds = server->seconds + 2,
                                    .warm_seconds = 2 };
    double began = bench_seconds(), theirs = server_child_cpu_seconds(&server->child), ours = cpu_seconds();
    bench_need(load_run(&options, streams, n, results, &err), &err);
    double seconds = bench_seconds() - began;
    for (size_t i = 0; i < n; i++) {
        bool ok = results[i].n_refused == 0 && results[i].n_unexpected == 0;
        bench_need(ok || err_set(&err, ERR_INVALID, "the server refused what the generator sent: %d %s",
                                 results[i].refusal_status, results[i].refusal), &err);
    }
    return (struct effort){ (server_child_cpu_seconds(&server->child) - theirs) / seconds,
                            (cpu_seconds() - ours) / seconds };
}

static const char *describe(struct bench_server *server, const struct load_result *result, unsigned events,
                            struct effort effort)
{
    double per_second = (double)result->n_answered / result->seconds;
    return arena_format(
        server->arena,
        "%.0f requests/s, %.0f events/s; p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, longest %.1f ms; "
        "server %.2f cores, generator %.2f; %llu sent again",
        per_second, per_second * events, latency_quantile_ms(&result->latency, 0.5),
        latency_quantile_ms(&result->latency, 0.99), latency_quantile_ms(&result->latency, 0.999),
        (double)result->latency.longest_ns * 1e-6, effort.server_cores, effort.load_cores,
        (unsigned long long)result->n_sent_again);
}

/* ---- an empty database ---- */

static double bench_start_empty(struct bench_server *server)
{
    start(server, bench_fresh_path("serve.holdfast"));
    nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
    record("ready on an empty database", "s", server->child.ready_seconds, 1, NULL);
    double bytes = (double)server_child_memory(&server->child, "VmRSS");
    record("resident when idle", "MB", bytes / 1e6, 50, NULL);
    stop(server);
    return bytes;
}

static double bench_throughput(struct bench_server *server)
{
    static struct load_result result;
    start(server, bench_fresh_path("serve.holdfast"));
    struct load_stream stream = batches(server, 0);
    struct effort effort = run(server, &stream, 1, &result);
    double seconds = result.seconds / ((double)result.n_answered * BATCH);
    record("events durable, batches of 100, an event", "us", 1e6 * seconds, 5,
           describe(server, &result, BATCH, effort));
    stop(server);
    return seconds;
}

static double bench_half(struct bench_server *server)
{
    static struct load_result result;
    start(server, bench_fresh_path("serve.holdfast"));
    struct load_stream stream = batches(server, 1000);
    struct effort effort = run(server, &stream, 1, &result);
    double p99_ms = latency_quantile_ms(&result.latency, 0.99);
    record("p99 of such a batch at 100,000 events/s", "ms", p99_ms, 20, describe(server, &result, BATCH, effort));
    stop(server);
    return p99_ms;
}

static void bench_singles(struct bench_server *server)
{
    static struct load_result result;
    start(server, bench_fresh_path("serve.holdfast"));
    struct load_stream stream = singles(server, 0);
    struct effort effort = run(server, &stream, 1, &result);
    record("requests of a single event, each", "us", 1e6 * result.seconds / (double)result.n_answered, 50,
           describe(server, &result, 1, effort));
    stop(server);
}

static void record_peer(const char *name, const char *unit, double ours, double theirs, const char *peer)
{
    bench_record(&(struct bench){ .name = name, .unit = unit, .ours = ours, .theirs = theirs, .peer = peer });
}

static void bench_peers(double ours_seconds, double ours_p99_ms, double seconds)
{
    struct serve_peer sqlite = serve_peer_sqlite(seconds), clickhouse = serve_peer_clickhouse(seconds);
    record_peer("events durable, batches of 100, an event", "us", 1e6 * ours_seconds,
                1e6 * sqlite.seconds_per_event, sqlite.name);
    record_peer("events taken in, batches of 100, an event", "us", 1e6 * ours_seconds,
                1e6 * clickhouse.seconds_per_event, clickhouse.name);
    record_peer("p99 of a batch, theirs at full speed", "ms", ours_p99_ms, clickhouse.p99_ms, clickhouse.name);
}

/* ---- a shop with a past ---- */

static bool has_score(void *context, uint32_t customer, struct text answer)
{
    (void)context, (void)customer;
    return memmem(answer.at, answer.length, "\"churn\":0.", 10) != NULL ||
           memmem(answer.at, answer.length, "\"churn\":1.", 10) != NULL;
}

#define DECIDE(id) "{\"customer\":\"" id "\",\"placement\":\"cart\",\"window\":\"0\",\"candidates\":[\"free_shipping\",\"call\"]}"
#define ORDER(id)                                                                                              \
    "{\"timestamp\":\"<time>\",\"type\":\"track\",\"userId\":\"" id                                            \
    "\",\"event\":\"Order Completed\",\"properties\":{"                                                        \
    "\"order_id\":\"P<next>\",\"revenue\":49.90,\"currency\":\"EUR\"},\"messageId\":\"probe-%u-<message>\","   \
    "\"writeKey\":\"%s\"}"

/* An order, and as soon as it is acknowledged a decision for its customer. */
static struct load_stream probes(struct bench_server *server, const char *order, const char *decide,
                                 unsigned n_customers, double per_second)
{
    struct text *texts = ARENA_ARRAY(server->arena, struct text, 2);
    texts[0] = text_of(order);
    texts[1] = text_of(decide);
    return (struct load_stream){ .steps = { { "POST", "/v1/track", NULL, &texts[0], 1 },
                                            { "POST", "/v1/decide", server->child.bearer, &texts[1], 1 } },
                                 .n_connections = 16,
                                 .per_second = per_second,
                                 .n_customers = n_customers,
                                 .seed = 3 };
}

/* Nobody knows a customer "N...": only a decision that saw the order can score them, because the question is
 * put for
 * those who ordered lately. */
static void bench_event_to_decision(struct bench_server *server, unsigned n_customers)
{
    static struct load_result results[3];
    struct load_stream streams[3];
    const char *key = server->child.write_key;
    streams[0] = batches(server, 200);
    streams[0].n_customers = n_customers;
    streams[1] = probes(server, arena_format(server->arena, ORDER("N<customer>"), run_of_now(), key),
                        DECIDE("N<same>"), 10000000, 100);
    streams[1].check = has_score;
    streams[2] = probes(server, arena_format(server->arena, ORDER("C<customer>"), run_of_now() + 1, key),
                        DECIDE("C<same>"), n_customers, 100);
    streams[2].check = has_score;
    struct effort effort = run(server, streams, 3, results);
    double known_ms = latency_quantile_ms(&results[2].latency, 0.99);
    record("event sent to decision there, p99, new customer", "ms",
           latency_quantile_ms(&results[1].latency, 0.99), 20, describe(server, &results[1], 1, effort));
    record("event sent to decision there, p99, known", "ms", known_ms, 20,
           describe(server, &results[2], 1, effort));
    record("p99 of a batch of 100 meanwhile", "ms", latency_quantile_ms(&results[0].latency, 0.99), (double)NAN,
           describe(server, &results[0], BATCH, effort));
}

static void bench_decide(struct bench_server *server, unsigned n_customers)
{
    static struct load_result results[2];
    const struct text body = text_of(DECIDE("C<customer>"));
    struct load_stream streams[2] = {
        { .steps = { { "POST", "/v1/decide", server->child.bearer, &body, 1 } },
          .n_connections = 16,
          .per_second = 500,
          .n_customers = n_customers,
          .seed = 4 },
        batches(server, 200),
    };
    streams[1].n_customers = n_customers;
    struct effort effort = run(server, streams, 1, results);
    record("/v1/decide, p99, 500 a second", "ms", latency_quantile_ms(&results[0].latency, 0.99), 2,
           describe(server, &results[0], 0, effort));
    effort = run(server, streams, 2, results);
    record("/v1/decide, p99, at 20,000 events/s", "ms", latency_quantile_ms(&results[0].latency, 0.99),
           (double)NAN, describe(server, &results[0], 0, effort));
}

/* The server begins by looking after everybody's scores; it is measured when that is done. */
static void wait_until_idle(struct bench_server *server)
{
    double until = bench_seconds() + 120, cpu = server_child_cpu_seconds(&server->child), before;
    do {
        before = cpu;
        nanosleep(&(struct timespec){ .tv_sec = 2 }, NULL);
        cpu = server_child_cpu_seconds(&server->child);
    } while (cpu - before > 0.2 && bench_seconds() < until);
    if (cpu - before > 0.2) fprintf(stderr, "bench: the server is not idle after two minutes\n");
}

static void bench_past(struct bench_server *server, double idle_bytes)
{
    size_t n_customers = (size_t)number_of("BENCH_CUSTOMERS", CUSTOMERS);
    const char *database = prefill_copy(prefill_database(n_customers, 10 * n_customers), "serve.holdfast");
    start(server, database);
    record("ready on 10 million events", "s", server->child.ready_seconds, 5,
           arena_format(server->arena, "%zu events of %zu customers, with a model", 10 * n_customers,
                        n_customers));
    double bytes = (double)server_child_memory(&server->child, "VmRSS") - idle_bytes;
    record("resident for each customer, all included", "B", bytes / (double)n_customers, (double)NAN,
           "ids, traits, scores, message ids and states; the budget of 400 is for the states, see live");
    wait_until_idle(server);
    bench_decide(server, (unsigned)n_customers);
    bench_event_to_decision(server, (unsigned)n_customers);
    fprintf(stderr, "bench: %.0f MB resident afterwards\n",
            (double)server_child_memory(&server->child, "VmRSS") / 1e6);
    stop(server);
}

static struct bench_server the_server;

/* A benchmark that stops with a message leaves no server behind. */
static void kill_server(void) { server_child_kill(&the_server.child); }

static void interrupted(int signal_number)
{
    if (the_server.child.pid > 0) kill(the_server.child.pid, SIGKILL);
    _exit(128 + signal_number);
}

int main(void)
{
    the_server =
        (struct bench_server){ .arena = arena_new(ARENA_NO_LIMIT), .seconds = number_of("BENCH_SECONDS", 10) };
    (void)atexit(kill_server);
    (void)signal(SIGINT, interrupted), (void)signal(SIGTERM, interrupted);
    const char *only = getenv("BENCH_ONLY");        /* "empty", "past" */
    double idle_bytes = 0, seconds = (double)NAN, p99_ms = (double)NAN;
    if (!only || strcmp(only, "empty") == 0) {
        idle_bytes = bench_start_empty(&the_server);
        seconds = bench_throughput(&the_server);
        p99_ms = bench_half(&the_server);
        bench_singles(&the_server);
        bench_peers(seconds, p99_ms, the_server.seconds);
    }
    if (!only || strcmp(only, "past") == 0) bench_past(&the_server, idle_bytes);
    bench_fresh_path("serve.holdfast");
    arena_free(the_server.arena);
    return 0;
}
