/* server_metrics.c - see server_metrics.h. */
#include "server/server_metrics.h"
#include "base/memory.h"
#include "engine/service.h"
#include "server/warehouse_serving.h"
#include "server/workers.h"

#include "govern/quiet_page.h"
#include "hub/ingest.h"
#include "live/live.h"
#include "live/refresh.h"
#include "hub/stream.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ROUTES = 256, CLASSES = 6, BUCKETS = 13 };

static const double upper_seconds[BUCKETS] = { 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                               0.1,    0.2,   0.5,   1,     2,    5 };

struct figures {
    const struct route *route;
    _Atomic uint64_t    n_of_class[CLASSES];        /* 1xx .. 5xx at 1 .. 5 */
    _Atomic uint64_t    n_of_bucket[BUCKETS + 1];   /* the last is beyond all */
    _Atomic uint64_t    sum_ns;
};

struct server_metrics {
    size_t         n_routes;
    struct figures figures[MOST_ROUTES];    /* the first: requests without a route */
};

struct server_metrics *server_metrics_new(void)
{
    struct server_metrics *metrics = memory_new(1, sizeof *metrics);
    metrics->n_routes = 1;
    for (size_t g = 0; route_groups[g]; g++)
        for (const struct route *route = route_groups[g]; route->path && metrics->n_routes < MOST_ROUTES; route++)
            metrics->figures[metrics->n_routes++].route = route;
    return metrics;
}

void server_metrics_free(struct server_metrics *metrics) { free(metrics); }

void server_metrics_count(struct server_metrics *metrics, const struct route *route, int status, double seconds)
{
    struct figures *figures = metrics->figures;
    for (size_t i = 1; route && i < metrics->n_routes; i++)
        if (metrics->figures[i].route == route) figures = &metrics->figures[i];
    size_t bucket = 0;
    while (bucket < BUCKETS && seconds > upper_seconds[bucket]) bucket++;
    atomic_fetch_add(&figures->n_of_class[status >= 100 && status < 600 ? status / 100 : 5], 1);
    atomic_fetch_add(&figures->n_of_bucket[bucket], 1);
    atomic_fetch_add(&figures->sum_ns, (uint64_t)(seconds * 1e9));
}

static void print_requests(FILE *out, const struct server_metrics *metrics)
{
    fputs("# HELP holdfast_requests_total Requests answered.\n# TYPE holdfast_requests_total counter\n", out);
    for (size_t i = 0; i < metrics->n_routes; i++) {
        const struct figures *f = &metrics->figures[i];
        for (size_t class = 1; class < CLASSES; class++)
            if (f->n_of_class[class])
                fprintf(out, "holdfast_requests_total{method=\"%s\",route=\"%s\",status=\"%zuxx\"} %" PRIu64 "\n",
                        f->route ? f->route->method : "", f->route ? f->route->path : "", class,
                        f->n_of_class[class]);
    }
    fputs("# HELP holdfast_request_seconds From the request line to the end of the answer.\n"
          "# TYPE holdfast_request_seconds histogram\n", out);
    for (size_t i = 0; i < metrics->n_routes; i++) {
        const struct figures *f = &metrics->figures[i];
        const char *method = f->route ? f->route->method : "", *path = f->route ? f->route->path : "";
        uint64_t n = 0;
        for (size_t b = 0; b <= BUCKETS; b++) n += f->n_of_bucket[b];
        if (n == 0) continue;
        n = 0;
        for (size_t b = 0; b < BUCKETS; b++)
            fprintf(out, "holdfast_request_seconds_bucket{method=\"%s\",route=\"%s\",le=\"%g\"} %" PRIu64 "\n",
                    method, path, upper_seconds[b], n += f->n_of_bucket[b]);
        n += f->n_of_bucket[BUCKETS];
        fprintf(out, "holdfast_request_seconds_bucket{method=\"%s\",route=\"%s\",le=\"+Inf\"} %" PRIu64 "\n",
                method, path, n);
        fprintf(out, "holdfast_request_seconds_sum{method=\"%s\",route=\"%s\"} %.6f\n", method, path,
                (double)f->sum_ns * 1e-9);
        fprintf(out, "holdfast_request_seconds_count{method=\"%s\",route=\"%s\"} %" PRIu64 "\n", method, path, n);
    }
}

static void print_one(FILE *out, const char *name, const char *type, const char *help, double value)
{
    fprintf(out, "# HELP holdfast_%s %s\n# TYPE holdfast_%s %s\nholdfast_%s %.15g\n", name, help, name, type, name,
            value);
}

static void print_ingest(FILE *out, struct ingest *ingest)
{
    struct ingest_counts c = ingest_counts(ingest);
    const struct { const char *outcome; uint64_t n;
    } outcomes[] = {
        { "accepted", c.n_accepted },
        { "repeated", c.n_repeated },
        { "refused", c.n_refused },
        { "suppressed", c.n_suppressed },
    };
    fputs("# HELP holdfast_messages_total Messages that came, by what became of them.\n"
          "# TYPE holdfast_messages_total counter\n", out);
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        fprintf(out, "holdfast_messages_total{outcome=\"%s\"} %" PRIu64 "\n", outcomes[i].outcome, outcomes[i].n);
    print_one(out, "events_total", "counter", "Events written to the log.", (double)c.n_events);
    print_one(out, "turned_away_total", "counter", "Requests refused because the queue was full.",
              (double)c.n_turned_away);
    print_one(out, "queue_requests", "gauge", "Requests and jobs that wait for the writer.", (double)c.n_waiting);
    print_one(out, "queue_bytes", "gauge", "Bytes that wait for the writer.", (double)c.waiting_bytes);
    print_one(out, "queue_events", "gauge", "Events that wait for the writer.", (double)c.waiting_events);
    print_one(out, "commits_failed_total", "counter", "Groups that could not be committed.",
              (double)c.n_failed_groups);
    print_one(out, "jobs_total", "counter", "Other writes.", (double)c.n_jobs);
    print_one(out, "jobs_failed_total", "counter", "Other writes that failed.", (double)c.n_failed_jobs);
    print_one(out, "compacted_events_total", "counter", "Events moved to larger blocks.",
              (double)c.n_compacted_events);
    fputs("# HELP holdfast_commit_seconds From the begin of a group to its being durable.\n"
          "# TYPE holdfast_commit_seconds histogram\n", out);
    uint64_t n = 0;
    for (size_t b = 0; b + 1 < INGEST_BUCKETS; b++)
        fprintf(out, "holdfast_commit_seconds_bucket{le=\"%g\"} %" PRIu64 "\n", ingest_bucket_us[b] * 1e-6,
                n += c.commit_us[b]);
    fprintf(out, "holdfast_commit_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n",
            n += c.commit_us[INGEST_BUCKETS - 1]);
    fprintf(out, "holdfast_commit_seconds_sum %.6f\nholdfast_commit_seconds_count %" PRIu64 "\n",
            (double)c.commit_us_sum * 1e-6, n);
}

static void print_refresh(FILE *out, struct refresh *refresh)
{
    struct refresh_counts c = refresh_counts(refresh);
    print_one(out, "scores_total", "counter", "Scores made.", (double)c.n_scored);
    print_one(out, "segment_checks_total", "counter", "Customers looked at for segments.", (double)c.n_checked);
    print_one(out, "segment_changes_total", "counter", "Customers who entered or left a segment.",
              (double)c.n_changes);
    print_one(out, "segment_timers_total", "counter", "Looks at the instant of a change by time alone.",
              (double)c.n_timers_fired);
    print_one(out, "segment_timer_late_seconds", "gauge", "How late the last of these was.",
              (double)c.timer_late_ms * 1e-3);
    print_one(out, "refresh_lag_seconds", "gauge", "How long customers with new events wait to be looked at.",
              (double)c.lag_ms * 1e-3);
    print_one(out, "refresh_failures_total", "counter", "Scores and changes that could not be written at once.",
              (double)c.n_write_failures);
    print_one(out, "sweep_seconds", "gauge", "The last sweep over everybody took.", (double)c.pass_ms * 1e-3);
    print_one(out, "sweep_window_seconds", "gauge", "Everybody is swept once in.", (double)c.window_ms * 1e-3);
}

static double resident_bytes(void)
{
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    if (fscanf(file, "%lu %lu", &pages, &resident) != 2) resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

struct text server_metrics_text(const struct server_figures *figures, struct arena *arena)
{
    const struct service *service = figures->service;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out) return (struct text){ "", 0 };
    double age_ms = (double)(clock_now_ms(&service->options.clock) - service->started_ms);
    print_one(out, "up_seconds", "gauge", "Since the start.", age_ms * 1e-3);
    if (http_certificate_ends_ms(figures->http) != INT64_MAX)
        print_one(out, "certificate_end_timestamp_seconds", "gauge", "When the certificate ends, Unix time.",
                  (double)http_certificate_ends_ms(figures->http) * 1e-3);
    print_one(out, "resident_bytes", "gauge", "Memory in use.", resident_bytes());
    print_one(out, "connections", "gauge", "Open connections.", http_connections(figures->http));
    print_one(out, "connections_late_total", "counter", "Connections shut down because they took too long.",
              (double)http_connections_late(figures->http));
    print_one(out, "log_lines_lost_total", "counter", "Lines that standard error did not take.",
              (double)figures->n_log_lines_lost);
    print_one(out, "write_keys_in_browsers_total", "counter",
              "Requests of browsers with a write key, which is for servers: a page key belongs there.",
              (double)figures->n_write_keys_in_browsers);
    struct quiet_page *quiet;
    print_one(out, "pages_quiet", "gauge", "Keys with which pages ask where to send, and then send nothing.",
              (double)quiet_pages_list(figures->quiet_pages, arena, &quiet));
    print_one(out, "stream_lines_total", "counter", "Lines put into the live stream.",
              (double)stream_n_lines(service->stream));
    print_one(out, "stream_readers", "gauge", "Readers of the live stream.",
              (double)stream_n_readers(service->stream));
    print_one(out, "slow_requests_waiting", "gauge", "Requests that wait for a thread of those that may take long.",
              (double)workers_n_waiting(figures->workers));
    print_one(out, "answers_kept", "gauge", "Answers of a large shop that are kept, so that nobody waits for them.",
              (double)workers_n_kept(figures->workers));
    print_ingest(out, service->ingest);
    warehouse_serving_print(figures->warehouse, out);
    print_refresh(out, service->refresh);
    print_requests(out, figures->metrics);
    bool ok = fclose(out) == 0;
    char *copy = arena_alloc(arena, length + 1, 1);
    if (ok) memcpy(copy, text, length);
    free(text);
    return (struct text){ copy, ok ? length : 0 };
}
