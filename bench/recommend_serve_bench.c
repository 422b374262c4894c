/* recommend_serve_bench.c - ten items for a customer over HTTP beside a decision, both at the same pace from the
 * same server at the same time.
 *
 * BENCH_SECONDS (10) is how long the load lasts. */
#include "bench.h"
#include "load.h"
#include "server_child.h"

#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>

#define PROGRAM "build/release/holdfast"

enum { CUSTOMERS = 30000, LINES = 300000, ITEMS = 1000, GROUPS = 20, CONNECTIONS = 16, PER_SECOND = 150 };

/* Orders of three years; customers like the items of their own group. */
static void write_orders(const char *path)
{
    struct rng rng = rng_new(11);
    FILE *file = fopen(path, "w");
    if (!file) abort();
    fputs("customer,item,date,amount\n", file);
    for (int line = 0; line < LINES; line++) {
        uint64_t customer = rng_below(&rng, CUSTOMERS), day = rng_below(&rng, 1000);
        uint64_t item = (uint64_t)(rng_uniform(&rng) * rng_uniform(&rng) * ITEMS);
        if (rng_below(&rng, 3) > 0) item = item / GROUPS * GROUPS + customer % GROUPS;
        fprintf(file, "C%07d,I%04d,%d-%02d-%02d,%d.50\n", (int)customer, (int)item, 2022 + (int)day / 360,
                1 + (int)day % 360 / 30, 1 + (int)day % 28, 5 + (int)item % 40);
    }
    if (fclose(file) != 0) abort();
}

static void measure(struct server_child *child, double seconds)
{
    static struct load_result results[2];
    const struct text body = text_of("{\"customer\":\"C<customer>\",\"placement\":\"home\",\"window\":\"0\","
                                     "\"candidates\":[\"free_shipping\",\"call\"]}");
    struct load_stream streams[2] = {
        { .steps = { { "GET", "/v1/recommend?customer=C<customer>&k=10&question=new&placement=home", child->bearer,
                       NULL, 0 } } },
        { .steps = { { "POST", "/v1/decide", child->bearer, &body, 1 } } },
    };
    for (int s = 0; s < 2; s++) {
        streams[s].n_connections = CONNECTIONS, streams[s].per_second = PER_SECOND;
        streams[s].n_customers = CUSTOMERS, streams[s].seed = 4;
    }
    struct load_options options = { .port = &child->port, .seconds = seconds + 2, .warm_seconds = 2 };
    struct err err;
    bench_need(load_run(&options, streams, 2, results, &err), &err);
    for (int s = 0; s < 2; s++)
        bench_need(results[s].n_refused == 0 || err_set(&err, ERR_INVALID, "the server refused: %d %s",
                                                        results[s].refusal_status, results[s].refusal), &err);
    bench_record(&(struct bench){ .name = "/v1/recommend, p99, 150 a second", .unit = "ms", .budget = 1 / 3.0,
                                  .ours = latency_quantile_ms(&results[0].latency, 0.99),
                                  .theirs = latency_quantile_ms(&results[1].latency, 0.99),
                                  .peer = "/v1/decide" });
    fprintf(stderr, "bench: p50 %.2f ms of /v1/recommend, %.2f ms of /v1/decide\n",
            latency_quantile_ms(&results[0].latency, 0.5), latency_quantile_ms(&results[1].latency, 0.5));
}

static struct server_child the_server;

/* A benchmark that stops with a message leaves no server behind. */
static void kill_server(void) { server_child_kill(&the_server); }

int main(void)
{
    static char orders[256], database[256];
    const char *seconds = getenv("BENCH_SECONDS");
    const char *const import[] = { PROGRAM, "import", orders, "--db", database, "--quiet", NULL },
                      *const train[] = { PROGRAM, "train", "--db", database, "--quiet", NULL },
                      *const judge[] = { PROGRAM, "recommend", "--db", database, "--quiet", NULL };
    snprintf(orders, sizeof orders, "%s", bench_fresh_path("orders.csv"));
    snprintf(database, sizeof database, "%s", bench_fresh_path("recommend.holdfast"));
    struct err err;
    write_orders(orders);
    (void)bench_run(import);
    (void)bench_run(train);         /* or the server does it meanwhile */
    (void)bench_run(judge);
    (void)atexit(kill_server);
    the_server = (struct server_child){ .program = PROGRAM, .database = database,
                                        .log_path = "build/bench/recommend.log", .arguments = { "--quiet" } };
    bench_need(server_child_start(&the_server, 120, &err), &err);
    measure(&the_server, seconds ? strtod(seconds, NULL) : 10);
    return 0;
}
