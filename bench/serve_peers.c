/* serve_peers.c - see serve_peers.h. */
#include "serve_peers.h"
#include "bench.h"
#include "load.h"

#include "base/rng.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "build/bench/clickhouse"
#define PROPERTIES "{\"product_id\":\"P01234\",\"category\":\"category 7\",\"price\":62.90,\"currency\":\"EUR\"}"

enum { CUSTOMERS = 1000000, BATCH = 100, CONNECTIONS = 8 };

static void run_sql(sqlite3 *db, const char *sql)
{
    struct err err;
    bench_need(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ||
                   err_set(&err, ERR_IO, "%s: %s", sql, sqlite3_errmsg(db)), &err);
}

struct serve_peer serve_peer_sqlite(double seconds)
{
    static const char name[] = "SQLite " SQLITE_VERSION ", a row an event, no HTTP, no JSON";
    static struct latency latency;
    struct rng rng = rng_new(5);
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    struct err err;
    unsigned long long n = 0;
    const char *path = bench_fresh_path("peer.sqlite");
    bench_need(sqlite3_open(path, &db) == SQLITE_OK || err_set(&err, ERR_IO, "%s cannot be opened", path), &err);
    run_sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE event(message TEXT PRIMARY "
                "KEY, customer TEXT, "
                "time_ms INTEGER, kind TEXT, properties TEXT) WITHOUT ROWID; CREATE INDEX of_customer ON "
                "event(customer, time_ms)");
    sqlite3_prepare_v2(db, "INSERT OR IGNORE INTO event VALUES(?1, ?2, ?3, ?4, ?5)", -1, &insert, NULL);
    double began = bench_seconds(), now = began;
    while (now - began < seconds) {
        run_sql(db, "BEGIN");
        for (int i = 0; i < BATCH; i++, n++) {
            char message[64], customer[16];
            load_message_id((uint32_t)rng_uint64(&rng), n, message);
            snprintf(customer, sizeof customer, "C%07u", (unsigned)rng_below(&rng, CUSTOMERS));
            sqlite3_bind_text(insert, 1, message, -1, SQLITE_STATIC);
            sqlite3_bind_text(insert, 2, customer, -1, SQLITE_STATIC);
            sqlite3_bind_int64(insert, 3, (sqlite3_int64)n);
            sqlite3_bind_text(insert, 4, "Product Viewed", -1, SQLITE_STATIC);
            sqlite3_bind_text(insert, 5, PROPERTIES, -1, SQLITE_STATIC);
            sqlite3_step(insert);
            sqlite3_reset(insert);
        }
        run_sql(db, "COMMIT");
        double after = bench_seconds();
        latency_add(&latency, (int64_t)((after - now) * 1e9));
        now = after;
    }
    sqlite3_finalize(insert);
    sqlite3_close(db);
    bench_fresh_path("peer.sqlite");
    return (struct serve_peer){ name, (now - began) / (double)n, latency_quantile_ms(&latency, 0.99) };
}

/* ---- ClickHouse ---- */

static unsigned free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)bind(fd, (struct sockaddr *)&address, sizeof address);        /* if not, the server says so */
    (void)getsockname(fd, (struct sockaddr *)&address, &length);
    close(fd);
    return ntohs(address.sin_port);
}

static pid_t start_clickhouse(unsigned port)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s && mkdir -p %s/data", FOLDER, FOLDER);
    if (system(command) != 0) return -1;
    FILE *config = fopen(FOLDER "/config.xml", "w");
    if (!config) return -1;
    fprintf(
        config,
        "<yandex><logger><level>warning</level><log>" FOLDER "/log</log><errorlog>" FOLDER "/errors</errorlog>"
        "</logger><listen_host>127.0.0.1</listen_host><http_port>%u</http_port><tcp_port>%u</tcp_port>"
        "<path>" FOLDER "/data/</path><tmp_path>" FOLDER
        "/tmp/</tmp_path><mark_cache_size>67108864</mark_cache_size>"
        "<users_config>config.xml</users_config><default_profile>default</default_profile>"
        "<default_database>default</default_database><profiles><default/></profiles><quotas><default/></quotas>"
        "<users><default><password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile>"
        "<quota>default</quota></default></users></yandex>\n",
        port, free_port());
    fclose(config);
    pid_t child = fork();
    if (child != 0) return child;
    if (!freopen(FOLDER "/output", "w", stdout) || !freopen(FOLDER "/output", "a", stderr)) _exit(127);
    execlp("clickhouse-server", "clickhouse-server", "--config-file=" FOLDER "/config.xml", (char *)NULL);
    _exit(127);
}

/* One statement over HTTP, through the same generator. */
static bool ask(const atomic_uint *port, struct arena *arena, const char *statement)
{
    struct err err;
    struct load_result *result = ARENA_NEW(arena, struct load_result);
    const struct text body = text_of(statement);
    const struct load_stream stream = { .steps = { { "POST", "/", NULL, &body, 1 } },
                                        .n_connections = 1,
                                        .n_requests = 1 };
    const struct load_options options = { .port = port, .stall_seconds = 15 };
    return load_run(&options, &stream, 1, result, &err) && result->n_answered == 1;
}

static struct text *rows_new(struct arena *arena)
{
    struct text *body = ARENA_NEW(arena, struct text);
    size_t room = BATCH * 320, n = 0;
    char *bytes = arena_alloc(arena, room, 1);
    for (int i = 0; i < BATCH; i++)
        n += (size_t)snprintf(
            bytes + n, room - n,
            "{\"message\":\"node-next-1763845200000-00000001-0000-4000-8000-<message>\",\"customer\":\"C<"
            "customer>\","
            "\"time_ms\":1763845200000,\"kind\":\"Product "
            "Viewed\",\"properties\":\"{\\\"product_id\\\":\\\"P01234\\\","
            "\\\"category\\\":\\\"category 7\\\",\\\"price\\\":62.90,\\\"currency\\\":\\\"EUR\\\"}\"}\n");
    *body = (struct text){ bytes, n };
    return body;
}

struct serve_peer serve_peer_clickhouse(double seconds)
{
    struct serve_peer peer = { "ClickHouse, inserts of 100 rows over HTTP", (double)NAN, (double)NAN };
    if (system("command -v clickhouse-server >/dev/null") != 0) {
        fprintf(
            stderr,
            "bench: ClickHouse is not installed, its figures are missing: apt-get install clickhouse-server\n");
        return peer;
    }
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct load_result *result = ARENA_NEW(arena, struct load_result);
    struct err err;
    const atomic_uint port = free_port();
    pid_t child = start_clickhouse(port);
    bool ok = child > 0 &&
              ask(&port, arena,
                  "CREATE TABLE event(message String, customer String, time_ms Int64, kind String, "
                  "properties String) ENGINE = MergeTree PARTITION BY tuple() ORDER BY (customer, time_ms)");
    const struct load_stream stream = {
        .steps = { { "POST", "/?query=INSERT%20INTO%20event%20FORMAT%20JSONEachRow", NULL, rows_new(arena), 1 } },
        .n_connections = CONNECTIONS, .n_customers = CUSTOMERS, .seed = 6,
    };
    const struct load_options options = { .port = &port, .seconds = seconds + 1, .warm_seconds = 1 };
    if (ok && load_run(&options, &stream, 1, result, &err) && result->n_answered > 0) {
        peer.seconds_per_event = result->seconds / ((double)result->n_answered * BATCH);
        peer.p99_ms = latency_quantile_ms(&result->latency, 0.99);
    } else {
        fprintf(stderr, "bench: ClickHouse does not take events; see " FOLDER "/errors\n");
    }
    if (child > 0) kill(child, SIGKILL), waitpid(child, NULL, 0);
    arena_free(arena);
    return peer;
}
