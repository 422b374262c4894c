/* routes_server.c - how the server is, what it counts, what it answers, and its live stream. */
#include "server/server_metrics.h"
#include "server/clocks.h"
#include "server/route.h"
#include "server/server.h"
#include "hub/ingest.h"
#include "engine/learning.h"
#include "live/live.h"
#include "live/refresh.h"
#include "hub/stream.h"

#include <string.h>

static enum handling get_health(struct request *request, struct reply *reply)
{
    (void)request;
    reply_text(reply, 200, "text/plain; charset=utf-8", text_of("ok\n"));
    return HANDLED;
}

static enum handling get_ready(struct request *request, struct reply *reply)
{
    struct err err;
    const struct server *server = request->server;
    bool is_failing = server->failing_ticks > 0 ||      /* or since the last tick */
                      ingest_counts(request->service->ingest).n_failed_groups != server->n_failed;
    if (server->is_ready && !is_failing) {
        reply_text(reply, 200, "text/plain; charset=utf-8", text_of("ready\n"));
        return HANDLED;
    }
    if (is_failing) err_set(&err, ERR_IO, "nothing can be written to the database now: is the disk full?");
    else err_set(&err, ERR_BUSY, "the server is starting or stopping");
    return reply_error(request, reply, &err, NULL);
}

static enum handling get_metrics(struct request *request, struct reply *reply)
{
    struct server *server = request->server;
    const struct server_figures figures = {
        .service = server->service, .http = server->http, .workers = server->workers, .warehouse = server->warehouse,
        .metrics = server->metrics, .quiet_pages = server->quiet_pages,
        .n_log_lines_lost = server->n_log_lines_lost,
        .n_write_keys_in_browsers = server->n_write_keys_in_browsers,
    };
    reply_text(reply, 200, "text/plain; version=0.0.4; charset=utf-8", server_metrics_text(&figures, request->arena));
    return HANDLED;
}

static enum handling get_openapi(struct request *request, struct reply *reply)
{
    reply_json_take(request, reply, 200, route_openapi(route_groups));
    return HANDLED;
}

static json_t *counts_json(struct service *service)
{
    struct ingest_counts c = ingest_counts(service->ingest);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "events", (json_int_t)c.n_events, "accepted",
                     (json_int_t)c.n_accepted, "repeated", (json_int_t)c.n_repeated, "refused",
                     (json_int_t)c.n_refused, "suppressed", (json_int_t)c.n_suppressed, "waiting",
                     (json_int_t)c.n_waiting);
}

/* How old scores are: those with new events are scored at once, everybody else in passes and after training. */
static json_t *scores_json(struct service *service, bool has_model)
{
    struct refresh_counts c = refresh_counts(service->refresh);
    int64_t learned_ms = learning_status(service->learning).scored_ms;
    int64_t oldest_ms = c.swept_ms > learned_ms ? c.swept_ms : learned_ms;
    struct as_of as_of = service_as_of(service);
    if (as_of.end_ms > 0 && oldest_ms > 0) oldest_ms = as_of.end_ms;
    return json_pack("{s:o, s:I, s:I, s:I, s:f}", "oldest_ms",
                     has_model && oldest_ms > 0 ? json_integer(oldest_ms) : json_null(),
                     "made", (json_int_t)c.n_scored, "lag_ms", (json_int_t)c.lag_ms, "window_ms",
                     (json_int_t)c.window_ms, "pass_share", c.pass_share);
}

static enum handling get_status(struct request *request, struct reply *reply)
{
    struct service *service = request->service;
    (void)pthread_rwlock_rdlock(&service->lock);
    json_int_t n_events = (json_int_t)live_n_events(service->live);
    json_int_t n_identities = (json_int_t)live_n_identities(service->live);
    bool has_model = live_trained(service->live) != NULL;
    (void)pthread_rwlock_unlock(&service->lock);
    reply_json_take(request, reply, 200,
                    json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "now_ms",
                              (json_int_t)clock_now_ms(&service->options.clock), "as_of_ms",
                              (json_int_t)service_instant_ms(service), "started_ms",
                              (json_int_t)service->started_ms, "events", n_events, "identities", n_identities,
                              "since_start", counts_json(service), "scores", scores_json(service, has_model)));
    return HANDLED;
}

/* ---- The live stream: server-sent events (HTML standard, 9.2) ---- */

struct following {
    struct request       *request;
    struct stream_reader *reader;
    struct arena         *arena;        /* of what is pending */
    struct text           pending;
    uint64_t              after;        /* the last line read, or where the client was */
    double                sent_seconds, checked_seconds;
    char                  kind[STREAM_KIND_BYTES];      /* only of this kind; "" all */
};

enum { HEARTBEAT_SECONDS = 5 };

static void wake(void *context) { request_resume(((struct following *)context)->request); }

static void pend(struct following *following, const char *text) { following->pending = text_of(text); }

/* What is to be sent next into pending; false: nothing now (or, at the end, ever). */
static bool next_line(struct following *f, bool *ret_is_end)
{
    struct stream_line line;
    for (;;) {
        arena_reset(f->arena);
        switch (stream_next(f->reader, f->arena, &line)) {
        case STREAM_MISSED:
            pend(f, arena_format(f->arena, "event: missed\ndata: {\"after\":\"%llu\",\"before\":\"%llu\"}\n\n",
                                 (unsigned long long)f->after, (unsigned long long)line.number));
            return true;
        case STREAM_LINE:
            f->after = line.number;
            if (*f->kind && strcmp(f->kind, line.kind) != 0) continue;
            pend(f, arena_format(f->arena, "id: %llu\nevent: %s\ndata: %.*s\n\n", (unsigned long long)line.number,
                                 line.kind, (int)line.json.length, line.json.at));
            return true;
        case STREAM_WAIT:
            if (clock_seconds() - f->sent_seconds < HEARTBEAT_SECONDS) return false;
            pend(f, ":\n\n");
            return true;
        case STREAM_END:
        default:
            *ret_is_end = true;
            return false;
        }
    }
}

/* Looked at anew every few seconds: a stream must not outlive the token or session that opened it. */
static bool may_follow(struct following *f)
{
    double now = clock_seconds();
    if (now - f->checked_seconds < HEARTBEAT_SECONDS) return true;
    f->checked_seconds = now;
    return access_still_has(f->request->service->access, &f->request->grant, ACCESS_CUSTOMER);
}

static ptrdiff_t read_stream(void *context, char *ret_bytes, size_t room)
{
    struct following *f = context;
    bool is_end = false;
    if (f->pending.length == 0 && !may_follow(f)) return -1;
    if (f->pending.length == 0 && !next_line(f, &is_end)) return is_end ? -1 : 0;
    size_t n = f->pending.length < room ? f->pending.length : room;
    memcpy(ret_bytes, f->pending.at, n);
    f->pending.at += n;
    f->pending.length -= n;
    f->sent_seconds = clock_seconds();
    return (ptrdiff_t)n;
}

static void leave_stream(void *context)
{
    struct following *f = context;
    stream_leave(f->reader);
    arena_free(f->arena);
}

static enum handling get_events(struct request *request, struct reply *reply)
{
    const char *last = request_header(request, "Last-Event-ID");
    struct text kind, typed = text_of(last);
    int64_t after = 0;
    struct following *f = ARENA_NEW(request->arena, struct following);
    if (!last) (void)request_query(request, "after", &typed);
    if (typed.length > 0 && (!text_int64(typed, &after) || after < 0)) after = 0;
    if (request_query(request, "kind", &kind))
        snprintf(f->kind, sizeof f->kind, "%.*s", (int)kind.length, kind.at);
    f->request = request;
    f->after = (uint64_t)after;
    f->reader = stream_join(request->service->stream, (uint64_t)after, wake, f);
    if (!f->reader) {
        struct err err;
        err_set(&err, ERR_BUSY, "too many follow the stream already");
        reply_error(request, reply, &err, NULL);
        return HANDLED;
    }
    f->arena = arena_new(ARENA_NO_LIMIT);
    f->sent_seconds = f->checked_seconds = clock_seconds();
    pend(f, "retry: 2000\n:\n\n");
    reply_text(reply, 200, "text/event-stream", (struct text){ "", 0 });
    reply_header(reply, "X-Accel-Buffering", "no");
    reply->read = read_stream;
    reply->done = leave_stream;
    reply->context = f;
    return HANDLED;
}

static const struct route_field events_query[] = {
    { "after", "integer", "the number of the last line that was seen, as Last-Event-ID; else from now on", false },
    { "kind", "string", "only lines of this kind: event, segment, score, decision", false },
    { 0 },
};

static const struct route_field openapi_answer[] = {
    { "openapi", "string", "3.1.0", true },
    { "paths", "object", "every path with its methods", true },
    { 0 },
};

static const struct route_field status_answer[] = {
    { "now_ms", "integer", "the server's clock", true },
    { "as_of_ms", "integer", "as of when questions are answered: now, or where the history ends (GET /v1/as-of)", true },
    { "started_ms", "integer", "since when it runs", true },
    { "events", "integer", "in the features of customers", true },
    { "identities", "integer", "ids with events", true },
    { "since_start", "object", "what came since the start", true },
    { "since_start.events", "integer", "rows written to the log", true },
    { "since_start.accepted", "integer", "messages taken", true },
    { "since_start.repeated", "integer", "messages that were there before", true },
    { "since_start.refused", "integer", "messages that are among the rejects", true },
    { "since_start.suppressed", "integer", "messages of people who are not to be heard", true },
    { "since_start.waiting", "integer", "requests that wait for the disk now", true },
    { "scores", "object", "how old they are", true },
    { "scores.oldest_ms", "integer, null", "no score is older; null: not known yet, or there is no model", true },
    { "scores.made", "integer", "since the start", true },
    { "scores.lag_ms", "integer", "how long those with new events wait to be scored", true },
    { "scores.window_ms", "integer", "everybody is scored anew once in", true },
    { "scores.pass_share", "number", "how far the pass over everybody is, 0 to 1", true },
    { 0 },
};

const struct route routes_server[] = {
    { .method = "GET",
      .path = "/v1/status",
      .needs = ACCESS_VIEW,
      .handle = get_status,
      .summary = "What came, who is known, and how old the scores are",
      .answer = status_answer,
      .answer_example = "{\"now_ms\": 1790000000000, \"as_of_ms\": 1790000000000, \"started_ms\": 1789990000000, \"events\": 250000, "
                        "\"identities\": 4371, \"since_start\": {\"events\": 1200, \"accepted\": 1200, "
                        "\"repeated\": 0, \"refused\": 3, \"suppressed\": 0, \"waiting\": 0}, \"scores\": "
                        "{\"oldest_ms\": 1789999700000, \"made\": 8742, \"lag_ms\": 0, \"window_ms\": 600000, "
                        "\"pass_share\": 0.5}}" },
    { .method = "GET",
      .path = "/healthz",
      .needs = ACCESS_OPEN,
      .handle = get_health,
      .summary = "Whether the server answers",
      .answer_example = "ok\n",
      .answer_type = "text/plain; charset=utf-8" },
    { .method = "GET",
      .path = "/readyz",
      .needs = ACCESS_OPEN,
      .handle = get_ready,
      .summary = "Whether the server takes events and answers questions",
      .details = "503 while it starts and stops, and for ten seconds after something could not be written.",
      .answer_example = "ready\n",
      .answer_type = "text/plain; charset=utf-8" },
    { .method = "GET",
      .path = "/metrics",
      .needs = ACCESS_VIEW,
      .handle = get_metrics, .is_slow = true,
      .summary = "What the server counts, for Prometheus",
      .answer_type = "text/plain; version=0.0.4; charset=utf-8",
      .answer_example = "holdfast_messages_total{outcome=\"accepted\"} 12\n" },
    { .method = "GET",
      .path = "/openapi.json",
      .needs = ACCESS_OPEN,
      .handle = get_openapi, .is_slow = true,
      .summary = "This document",
      .answer = openapi_answer,
      .answer_example = "{\"openapi\":\"3.1.0\",\"paths\":{}}" },
    { .method = "GET",
      .path = "/v1/events",
      .needs = ACCESS_CUSTOMER,
      .handle = get_events,
      .summary = "What happens, as it happens: server-sent events",
      .details =
          "Each line has a number as its id; send the last one back as Last-Event-ID to go on from there. Who is "
          "too slow gets an event 'missed' that says between which numbers lines are gone.",
      .query = events_query,
      .answer_type = "text/event-stream",
      .answer_example =
          "id: 7\nevent: segment\ndata: {\"segment\":\"leaving\",\"customer\":\"ada\",\"is_entered\":true}\n\n" },
    { 0 },
};
