/* serving.c - the service, the server of HTTP over it, and what watches over both; see serving.h. */
#include "server/serving.h"
#include "server/clocks.h"

#include "server/dispatch.h"
#include "server/route.h"
#include "server/server_metrics.h"
#include "server/warehouse_serving.h"
#include "server/workers.h"
#include "base/memory.h"
#include "base/secret.h"
#include "engine/learning.h"
#include "govern/quiet_page.h"
#include "hub/ingest.h"
#include "hub/stream.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEARTBEAT_TICKS = 10, FAILING_TICKS = 10, DRAIN_SECONDS = 30, CROWD = 1000 };

/* ---- What the server of HTTP asks ---- */

static int64_t now_ms_of(void *context)
{
    const struct server *server = context;
    return clock_now_ms(&server->service->options.clock);
}

static size_t most_body_bytes(void *context, struct request *request)
{
    const char *allow;
    (void)context;
    request->route = route_find(request->method, request->path, request->arena, request->params, &allow);
    if (request->route && request->route->most_body_bytes) return request->route->most_body_bytes;
    return ROUTE_BODY_BYTES;
}

static enum handling handle(void *context, struct request *request, struct reply *reply)
{
    (void)context;
    return route_handle(request, reply);
}

static void refuse(void *context, struct request *request, struct reply *reply, const struct err *err,
                   bool is_too_large)
{
    (void)context;
    route_refuse(request, reply, err, is_too_large);
}

/* Whoever has been answered finds in the next answer what they did. */
static void answering(void *context, const struct request *request, const struct reply *reply)
{
    const struct route *route = request->route;
    (void)context;
    if (!route || !route_is_act(route) || reply->status >= 400) return;
    if (route->needs == ACCESS_PRIVACY) service_erased(request->service);
    else service_act(request->service);
}

/* No path, query, address or body: all of them may name a customer. */
static void finished(void *context, const struct request *request, const struct reply *reply, double seconds)
{
    struct server *server = context;
    const struct route *route = request->route;
    server_metrics_count(server->metrics, route, reply->status, seconds);
    if (server->options.is_quiet && reply->status < 500) return;
    server_log(server, "request", "id=%s method=%s route=%s status=%d ms=%.2f bytes=%zu%s%s", request->id,
               route ? route->method : "-", route ? route->path : "-", reply->status, seconds * 1e3,
               request->body.length, reply->why ? " code=" : "", reply->why ? reply->why : "");
}

/* After a crowd has gone its memory is given back, which the C library does not do by itself. */
static void give_back(struct server *server)
{
    unsigned n = http_connections(server->http);
    if (n > server->most_connections) server->most_connections = n;
    if (server->most_connections < CROWD || n > server->most_connections / 4) return;
    server->most_connections = n;
    (void)malloc_trim(0);
}

/* Whoever sends events elsewhere while this server is not ready would never let it show that it is again; so it is
 * after some time without a failure. */
static void watch_writes(struct server *server)
{
    uint64_t n_failed = ingest_counts(server->service->ingest).n_failed_groups;
    if (n_failed != server->n_failed) server->failing_ticks = FAILING_TICKS;
    else if (server->failing_ticks > 0) server->failing_ticks--;
    server->n_failed = n_failed;
}

/* Nothing is done about it: what is received keeps the order it came in, what waits is looked at anew. */
static void tell_of_jump(struct server *server)
{
    static const double least_seconds = 60;
    double seconds = clock_jump_seconds();
    if (seconds < least_seconds && seconds > -least_seconds) return;
    server_log(server, "clock",
               "the clock of this machine was set %.0f seconds %s: what is received is dated no earlier "
               "than what came before",
               seconds > 0 ? seconds : -seconds, seconds > 0 ? "ahead" : "back");
}

static void tick(void *context)
{
    struct server *server = context;
    watch_writes(server);
    tell_of_jump(server);
    if (server->is_ready) give_back(server);
    if (++server->n_ticks % HEARTBEAT_TICKS == 0) stream_wake(server->service->stream);
}

/* ---- Start and stop ---- */

static struct throttle *limit_new(double rate, double burst)
{
    uint64_t seed;
    secret_random(&seed, sizeof seed);
    return rate > 0 ? throttle_new(rate, burst, seed) : NULL;
}

static bool open_service(struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;
    const struct service_options service = {
        .path = options->path, .clock = { clock_wall_ms, NULL }, .now_seconds = clock_seconds,
        .n_threads = options->n_threads ? options->n_threads : (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
        .settings_path = options->settings_path, .campaigns = options->campaigns,
        .seed = options->seed, .is_learning = true, .is_sending = true, .is_retaining = true, .as_of = options->as_of,
    };
    return service_open(&service, &server->service, err);
}

static bool open_http(struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;
    const struct http_options http = {
        .listen = options->listen,
        .cert_path = options->cert_path,
        .key_path = options->key_path,
        .n_threads = options->n_threads,
        .most_connections = options->most_connections,
        .most_connections_of_address = options->most_connections_of_address,
        .idle_seconds = options->idle_seconds,
        .proxies = options->proxies,
        .now_ms = now_ms_of,
        .most_body_bytes = most_body_bytes,
        .handle = handle,
        .refuse = refuse,
        .answering = answering,
        .finished = finished,
        .scheduler = server->service->scheduler,
        .tick = tick,
        .context = server,
        .service = server->service,
        .server = server,
    };
    struct http *started;
    if (!http_start(&http, &started, err)) return false;
    server->http = started;
    return true;
}

/* For commands that want to write to the database meanwhile. */
static bool say_address(struct server *server, struct err *err)
{
    char who[128];
    snprintf(who, sizeof who, "the server at %s", http_address(server->http));
    return store_hold(server->service->store, who, err);
}

bool serving_start(const struct server_options *options, struct server **ret_server, struct err *err)
{
    if (!secret_start(err)) return false;
    struct server *server = memory_new(1, sizeof *server);
    server->options = *options;
    server->metrics = server_metrics_new();
    server->of_key = limit_new(options->rate_of_key, 2 * options->rate_of_key);
    server->of_address = limit_new(options->rate_of_address, 2 * options->rate_of_address);
    server->failures = limit_new(1, 300);
    server->quiet_pages = quiet_pages_new();
    server->warnings = limit_new(1.0 / 3600, 1);
    server->logins = limit_new(0.1, 20);
    server->login_addresses = limit_new(1, 200);
    server->login_names = limit_new(0.2, 100);
    server->all_logins = limit_new(5, 20);
    if (!open_service(server, err) || !warehouse_serving_start(server->service, &server->warehouse, err) ||
        !workers_start(server->service, server, options->large_shop, &server->workers, err) || !open_http(server, err) ||
        !say_address(server, err)) {
        serving_stop(server);
        return false;
    }
    server->is_ready = true;
    *ret_server = server;
    return true;
}

void serving_stop(struct server *server)
{
    if (!server) return;
    server->is_ready = false;
    if (server->http) {
        stream_close(server->service->stream);
        if (!http_drain(server->http, DRAIN_SECONDS)) {
            server_log(server, "error", "requests are still under way after %d s; stopping without them",
                       DRAIN_SECONDS);
            _exit(
                err_exit_status(ERR_IO)); /* what they wait for does not come: nothing can be closed under them */
        }
    }
    workers_stop(server->workers);      /* before the connections whose answers they let go */
    http_stop(server->http);
    warehouse_serving_stop(server->warehouse);
    if (server->service && learning_status(server->service->learning).state != LEARNING_IDLE)
        server_log(server, "stop", "a training is given up and nothing of it is kept: what was asked for is to be "
                                   "asked for again, what was begun by itself begins again");
    service_close(server->service);
    server_metrics_free(server->metrics);
    throttle_free(server->of_key);
    throttle_free(server->of_address);
    throttle_free(server->failures);
    throttle_free(server->warnings);
    quiet_pages_free(server->quiet_pages);
    throttle_free(server->logins);
    throttle_free(server->login_addresses);
    throttle_free(server->login_names);
    throttle_free(server->all_logins);
    free(server);
}
