/* serve_driver.c - the server under load and under misfortune: killed, its disk full, held up, asked more than
 * it can take.
 *
 * usage: serve_driver SCENARIO PROGRAM FOLDER SIZE SEED
 * SIZE is a number of events, for `mixed` of seconds.  Prints what failed and "N passed, N failed".
 * SERVE_WRAPPER in the environment names a program and its flags in front of the server's: "valgrind -q";
 * SERVE_COVERS how many seconds of the server's own time `mixed` must cover at least. */
#include "load.h"
#include "serve_checks.h"
#include "server_child.h"

#include "base/rng.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_OF_BATCH = 40, CONNECTIONS = 12, MOST_STREAMS = 24, PATIENCE_SECONDS = 120 };

static const double stall_seconds = 120;
#define SECOND_STREAM UINT64_C(100000000000)        /* where the numbers of single events begin */

struct trial {
    struct server_child server;
    struct arena       *arena;
    struct load_options load;
    struct load_stream  streams[MOST_STREAMS];
    struct load_result  results[MOST_STREAMS];
    size_t              n_streams;
    uint64_t            size, seed;
    struct rng          rng;
    uint32_t            run;
    char                folder[512], database[600], log_path[600], wrapper[512];
    atomic_bool         is_over;
    unsigned            n_kills;
    uint64_t            most_memory;
    sqlite3            *holder;         /* who holds the database up */
    double              until;
    int64_t             first_ms, last_ms;      /* of the server's clock, as decisions told it */
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void sleep_for(double seconds)
{
    struct timespec span = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
    nanosleep(&span, NULL);
}

/* ---- streams ---- */

static struct load_stream *add_stream(struct trial *trial, const char *method, const char *path,
                                      const char *authorization, const struct text *bodies, size_t n_bodies,
                                      unsigned n_connections, double per_second)
{
    struct load_stream *stream = &trial->streams[trial->n_streams++];
    *stream = (struct load_stream){ .steps = { { .method = method, .path = path, .authorization = authorization,
                                                 .bodies = bodies, .n_bodies = n_bodies } },
                                    .n_connections = n_connections, .per_second = per_second, .n_customers = 20000,
                                    .seed = trial->seed + trial->n_streams };
    return stream;
}

/* Batches and single events, together n_events; the numbers of the second begin at SECOND_STREAM. */
static void add_events(struct trial *trial, uint64_t n_events, unsigned n_of_batch, unsigned n_connections)
{
    struct text *batches =
        load_batches(trial->arena, n_connections, n_of_batch, trial->run, trial->server.write_key, trial->seed);
    struct text *singles =
        load_events(trial->arena, n_connections, trial->run, trial->server.write_key, trial->seed + 1);
    uint64_t n_singles = n_events / 20;
    add_stream(trial, "POST", "/v1/batch", NULL, batches, n_connections, n_connections, 0)->n_requests =
        (n_events - n_singles) / n_of_batch;
    struct load_stream *stream = add_stream(trial, "POST", "/v1/track", NULL, singles, n_connections, 4, 0);
    stream->n_requests = n_singles;
    stream->first_message = SECOND_STREAM;
}

static void add_get(struct trial *trial, const char *path, double per_second)
{
    add_stream(trial, "GET", path, trial->server.bearer, NULL, 0, 1, per_second);
}

static void add_post(struct trial *trial, const char *method, const char *path, const char *body,
                     double per_second)
{
    struct text *text = ARENA_NEW(trial->arena, struct text);
    *text = text_of(body);
    add_stream(trial, method, path, trial->server.bearer, text, 1, 1, per_second);
}

/* ---- server and verdict ---- */

static bool start(struct trial *trial)
{
    struct err err;
    bool ok = server_child_start(&trial->server, PATIENCE_SECONDS, &err);
    return serve_check(ok, "the server starts: %s", ok ? "" : err.text);
}

static void stop(struct trial *trial)
{
    struct err err;
    int status = -1;
    bool ok = server_child_stop(&trial->server, PATIENCE_SECONDS, &status, &err);
    serve_check(ok && status == 0, "it stops in order: %s, status %d", ok ? "" : err.text, status);
}

static bool run_load(struct trial *trial)
{
    struct err err;
    trial->load.port = &trial->server.port;
    trial->load.stall_seconds = stall_seconds;
    bool ok = load_run(&trial->load, trial->streams, trial->n_streams, trial->results, &err);
    serve_check(ok, "everything is answered in the end: %s", ok ? "" : err.text);
    for (size_t i = 0; ok && i < trial->n_streams; i++) {
        const struct load_result *result = &trial->results[i];
        const struct load_step *step = &trial->streams[i].steps[0];
        serve_check(result->n_refused == 0, "no %s %s is refused: %llu were, the first with %d %s",
                    step->method, step->path, (unsigned long long)result->n_refused, result->refusal_status,
                    result->refusal);
        serve_check(result->n_unexpected == 0, "answers to %s %s are as they must be: %s", step->method,
                    step->path, result->refusal);
        serve_check(result->n_without_retry_after == 0, "every 429 says when to come again: %llu did not",
                    (unsigned long long)result->n_without_retry_after);
    }
    return ok;
}

/* All messages of the first two streams were acknowledged: each must be in the log once, and nothing else. */
static void verify_events(struct trial *trial)
{
    const struct serve_messages sent[] = {
        { 0, trial->results[0].next_message },
        { SECOND_STREAM, trial->results[1].next_message },
    };
    serve_verify_log(trial->database, trial->run, sent, 2);
}

/* ---- scenarios ---- */

static void *kill_often(void *context)
{
    struct trial *trial = context;
    while (!atomic_load(&trial->is_over) && trial->n_kills < 10 + trial->size / 10000) {
        /* Longer where a start takes longer, so that it comes on. */
        sleep_for(0.02 + (0.15 + 1.2 * trial->server.ready_seconds) * rng_uniform(&trial->rng));
        if (atomic_load(&trial->is_over)) break;
        server_child_kill(&trial->server);
        trial->n_kills++;
        if (!start(trial)) break;       /* then the load stalls and says so */
    }
    return NULL;
}

static void run_kill(struct trial *trial)
{
    pthread_t killer;
    add_events(trial, trial->size, EVENTS_OF_BATCH, CONNECTIONS);
    if (pthread_create(&killer, NULL, kill_often, trial) != 0) abort();
    run_load(trial);
    atomic_store(&trial->is_over, true);
    pthread_join(killer, NULL);
    stop(trial);
    serve_check(trial->n_kills >= 3, "the server was killed at least three times, not %u", trial->n_kills);
    verify_events(trial);
    printf("killed %u times, %llu requests sent again\n", trial->n_kills,
           (unsigned long long)(trial->results[0].n_sent_again + trial->results[1].n_sent_again));
}

/* Space returns once a good number of requests were told that there is none. */
static bool give_space_back(void *context, const struct load_result *so_far)
{
    struct trial *trial = context;
    if (so_far[0].n_failed + so_far[1].n_failed < 30 || atomic_load(&trial->is_over)) return true;
    atomic_store(&trial->is_over, true);
    if (trial->server.most_file_bytes > 0) server_child_unlimit(&trial->server);
    else if (mount("tmpfs", trial->folder, "tmpfs", MS_REMOUNT, "size=2g") != 0) perror("mounting again");
    return true;
}

static void fill_disk(struct trial *trial)
{
    add_events(trial, trial->size, EVENTS_OF_BATCH, CONNECTIONS);
    struct load_stream *health = add_stream(trial, "GET", "/healthz", NULL, NULL, 0, 1, 20);
    health->n_requests = 20;
    struct load_stream *ready = add_stream(trial, "GET", "/readyz", NULL, NULL, 0, 1, 10);
    ready->n_requests = 30;         /* asked again until it is: the load ends when the server is ready again */
    trial->load.watch = give_space_back;
    trial->load.context = trial;
    trial->load.pause_seconds = 0.05;
    run_load(trial);
    uint64_t n_failed = trial->results[0].n_failed + trial->results[1].n_failed;
    serve_check(n_failed >= 30, "a full disk is told with 503, not %llu times only", (unsigned long long)n_failed);
    serve_check(trial->results[2].n_failed == 0, "meanwhile the server answers that it is alive");
    serve_check(trial->results[3].n_failed > 0, "but not that it is ready");
    stop(trial);
    verify_events(trial);
}

static void let_go(struct trial *trial)
{
    sqlite3_close(trial->holder);
    trial->holder = NULL;
}

/* Another program holds the database for three seconds, while more is sent than may wait; one that does not ask
 * whether a server writes to it, as ours would: SQLite itself. */
static bool hold_up(void *context, const struct load_result *so_far)
{
    struct trial *trial = context;
    uint64_t memory = server_child_memory(&trial->server, "VmRSS");
    (void)so_far;
    if (memory > trial->most_memory) trial->most_memory = memory;
    if (!trial->holder && !atomic_load(&trial->is_over)) {
        bool ok = sqlite3_open(trial->database, &trial->holder) == SQLITE_OK &&
                  sqlite3_exec(trial->holder, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
        if (ok) trial->until = seconds_now() + 3;
        else let_go(trial);
    } else if (trial->holder && seconds_now() > trial->until) {
        let_go(trial);
        atomic_store(&trial->is_over, true);
    }
    return true;
}

static void run_pressure(struct trial *trial)
{
    enum { CLIENTS = 300, LARGE_BATCH = 1000 };
    add_events(trial, trial->size, LARGE_BATCH, CLIENTS);
    trial->load.watch = hold_up;
    trial->load.context = trial;
    run_load(trial);
    let_go(trial);
    serve_check(atomic_load(&trial->is_over), "the database was held up for a while");
    serve_check(trial->results[0].n_busy > 0, "more than can wait is answered with 429");
    serve_check(trial->most_memory < UINT64_C(1500) << 20, "memory stays bounded: %llu MB",
                (unsigned long long)trial->most_memory >> 20);
    printf("429 %llu times, at most %llu MB resident\n", (unsigned long long)trial->results[0].n_busy,
           (unsigned long long)trial->most_memory >> 20);
    stop(trial);
    verify_events(trial);
}

#define EVENT_HEAD "{\"timestamp\":\"<time>\",\"messageId\":\"mixed-<message>\","
#define SEGMENT "\"expression\":\"order_count > 1 and order_recency_days < 30\""

/* What changes customers, their links and accounts. */
static void add_changes(struct trial *trial)
{
    size_t first = trial->n_streams;
    add_post(trial, "POST", "/v1/identify",
             EVENT_HEAD "\"userId\":\"C<customer>\",\"anonymousId\":\"A<customer>\","
                        "\"traits\":{\"email\":\"c<same>@example.com\",\"plan\":\"plus\",\"country\":\"DE\"}}",
             20);
    add_post(trial, "POST", "/v1/alias", EVENT_HEAD "\"userId\":\"C<customer>\",\"previousId\":\"D<same>\"}", 10);
    add_post(trial, "POST", "/v1/group", EVENT_HEAD "\"userId\":\"C<customer>\",\"groupId\":\"g<customer>\","
             "\"traits\":{\"employees\":10}}", 5);
    for (size_t i = first; i < trial->n_streams; i++) {
        trial->streams[i].steps[0].authorization = serve_basic(trial->arena, trial->server.write_key);
        trial->streams[i].first_message = (i + 1) * SECOND_STREAM;
    }
}

/* Decisions say when they were made. */
static bool note_time(void *context, uint32_t customer, struct text answer)
{
    static const char member[] = "\"at_ms\":";
    struct trial *trial = context;
    const char *at = memmem(answer.at, answer.length, member, sizeof member - 1);
    (void)customer;
    if (!at) return false;
    int64_t ms = strtoll(at + sizeof member - 1, NULL, 10);
    if (trial->first_ms == 0) trial->first_ms = ms;
    trial->last_ms = ms;
    return true;
}

static void check_time(const struct trial *trial)
{
    const char *wanted = getenv("SERVE_COVERS");
    int64_t seconds = (trial->last_ms - trial->first_ms) / 1000;
    printf("%lld s of the server's time\n", (long long)seconds);
    serve_check(!wanted || seconds >= strtoll(wanted, NULL, 10), "that is as long as was asked for: %s s", wanted);
}

static void add_questions(struct trial *trial)
{
    add_post(trial, "POST", "/v1/decide",
             "{\"customer\":\"C0000000\",\"placement\":\"p<customer>\",\"window\":\"0\",\"candidates\":"
             "[\"free_shipping\",{\"action\":\"call\"}]}",
             20);
    trial->streams[trial->n_streams - 1].check = note_time;
    trial->streams[trial->n_streams - 1].context = trial;
    add_post(trial, "POST", "/v1/segments/preview", "{" SEGMENT "}", 2);
    add_post(trial, "POST", "/v1/segments", "{\"name\":\"s<message>\"," SEGMENT "}", 0.5);
    add_get(trial, "/v1/customers/C0000000", 20);
    add_get(trial, "/v1/customers/C0000000/timeline", 5);
    add_get(trial, "/v1/customers?search=C00", 5);
    add_get(trial, "/v1/segments", 5);
    add_get(trial, "/v1/models", 5);
    add_get(trial, "/metrics", 2);
    add_get(trial, "/readyz", 2);
    add_get(trial, "/openapi.json", 1);
}

/* A server that is watched by valgrind has a fraction of its speed. */
static void slow_down(struct trial *trial)
{
    const char *divisor = getenv("SERVE_SLOWER");
    for (size_t i = 0; divisor && i < trial->n_streams; i++) trial->streams[i].per_second /= strtod(divisor, NULL);
}

/* First some history, so that a start has features to make segments of; then every kind of request side by
 * side. */
static void run_mixed(struct trial *trial)
{
    add_events(trial, 8000, EVENTS_OF_BATCH, 4);
    trial->streams[1].n_customers = 1;
    run_load(trial);
    stop(trial);
    if (!start(trial)) return;
    for (size_t i = 0; i < 2; i++) {
        trial->streams[i].first_message = trial->results[i].next_message;
        trial->streams[i].n_requests = 0;
        trial->streams[i].per_second = 40;
    }
    add_changes(trial);
    add_questions(trial);
    slow_down(trial);
    trial->load.seconds = (double)trial->size;
    struct serve_listener *listener = serve_listen(atomic_load(&trial->server.port), trial->server.bearer);
    run_load(trial);
    stop(trial);
    serve_check(serve_listen_end(listener) > 1000, "the live stream told what happened");
    check_time(trial);
    for (size_t i = 0; i < trial->n_streams; i++)
        printf("%-5s %-32s %6llu answered, p99 %7.1f ms\n", trial->streams[i].steps[0].method,
               trial->streams[i].steps[0].path, (unsigned long long)trial->results[i].n_answered,
               latency_quantile_ms(&trial->results[i].latency, 0.99));
}

static const struct scenario {
    const char *name;
    void (*run)(struct trial *trial);
    uint64_t most_file_bytes;
    bool needs_tmpfs;
} scenarios[] = {
    { "kill", run_kill, 0, false },         { "full", fill_disk, 0, true },
    { "limit", fill_disk, 3 << 20, false }, { "pressure", run_pressure, 0, false },
    { "mixed", run_mixed, 0, false },
};

static void split_wrapper(struct trial *trial)
{
    const char *wrapper = getenv("SERVE_WRAPPER");
    size_t n = 0;
    char *rest = trial->wrapper, *word;
    snprintf(trial->wrapper, sizeof trial->wrapper, "%s", wrapper ? wrapper : "");
    while ((word = strsep(&rest, " ")) && n < sizeof trial->server.wrapper / sizeof *trial->server.wrapper - 1)
        if (*word) trial->server.wrapper[n++] = word;
}

static void prepare(struct trial *trial, const struct scenario *scenario, char **arguments)
{
    snprintf(trial->folder, sizeof trial->folder, "%s", arguments[3]);
    snprintf(trial->database, sizeof trial->database, "%s/load.holdfast", trial->folder);
    snprintf(trial->log_path, sizeof trial->log_path, "%s.log", trial->folder);
    trial->size = strtoull(arguments[4], NULL, 10);
    trial->seed = strtoull(arguments[5], NULL, 10);
    trial->rng = rng_new(trial->seed);
    trial->run = (uint32_t)rng_uint64(&trial->rng);
    trial->arena = arena_new(ARENA_NO_LIMIT);
    trial->server.program = arguments[2];
    trial->server.database = trial->database;
    trial->server.log_path = trial->log_path;
    trial->server.most_file_bytes = scenario->most_file_bytes;
    trial->server.arguments[0] = "--quiet";
    split_wrapper(trial);
}

int main(int n_arguments, char **arguments)
{
    static struct trial trial;
    const size_t n = sizeof scenarios / sizeof *scenarios;
    size_t i = 0;
    while (n_arguments == 6 && i < n && strcmp(scenarios[i].name, arguments[1]) != 0) i++;
    if (n_arguments != 6 || i == n) {
        fprintf(stderr, "usage: serve_driver kill|full|limit|pressure|mixed PROGRAM FOLDER SIZE SEED\n");
        return 2;
    }
    prepare(&trial, &scenarios[i], arguments);
    if (mkdir(trial.folder, 0777) != 0) perror(trial.folder);
    if (scenarios[i].needs_tmpfs && mount("tmpfs", trial.folder, "tmpfs", 0, "size=3m") != 0) {
        printf("%s: no small disk can be mounted here; 'limit' tries the same with files that may not grow\n",
               arguments[1]);
        printf("%s: 0 passed, 0 failed\n", arguments[1]);
        return 0;
    }
    if (start(&trial)) scenarios[i].run(&trial);
    server_child_kill(&trial.server);
    if (scenarios[i].needs_tmpfs)
        (void)umount(trial.folder); /* the script removes the folder and would say so */
    arena_free(trial.arena);
    printf("%s: %u passed, %u failed\n", arguments[1], serve_n_passed(), serve_n_failed());
    return serve_n_failed() > 0;
}
