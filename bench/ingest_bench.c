/* ingest_bench.c - events written down durably as they come, without HTTP: in requests of 100 and one at a time,
 * beside SQLite with a row for each event and one transaction for each request, which is the plain way. */
#include "bench.h"

#include "base/secret.h"
#include "hub/ingest.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char properties[] = "{\"path\":\"/shop\",\"context.locale\":\"de-DE\",\"context.campaign\":\"spring\"}";

enum { IN_FLIGHT_EVENTS = 12800, SINGLES_SHARE = 10 };

/* One run: events of the shared data as requests of n_batch messages, a bounded number of them unanswered. */
struct run {
    struct store      *store;
    struct log        *log;
    struct profiles   *profiles;
    struct identities *identities;
    struct consents   *consents;
    struct ingest     *ingest;
    struct scheduler  *scheduler;
    pthread_rwlock_t   lock;
    size_t             n_batch, n_events, n_sent;
    struct arena      *arena;
    struct message    *messages;
    size_t             n_messages;
    pthread_mutex_t    mutex;
    pthread_cond_t     answered;
    size_t             in_flight;
    double            *waits_s;             /* [n_waits] from put to answer */
    size_t             n_waits, most_in_flight;
};
struct wait { struct run *run; double began_s; };

static int64_t now_ms(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void open_all(struct run *run)
{
    struct err err;
    const char *path = bench_fresh_path("ingest.holdfast");
    (void)unlink(bench_fresh_path("ingest.holdfast.key"));
    bench_need(secret_start(&err), &err);
    bench_need(store_open(path, STORE_CREATE, &run->store, &err), &err);
    bench_need(log_open(run->store, &run->log, &err), &err);
    bench_need(profiles_open(run->store, true, &run->profiles, &err), &err);
    bench_need(identities_open(run->store, run->log, &run->identities, &err), &err);
    bench_need(consents_open(run->store, run->log, run->identities, profiles_vault(run->profiles), &run->consents,
                             &err), &err);
    pthread_rwlock_init(&run->lock, NULL);
    pthread_mutex_init(&run->mutex, NULL);
    pthread_cond_init(&run->answered, NULL);
    struct ingest_options options = { .store = run->store, .log = run->log, .identities = run->identities,
                                      .consents = run->consents, .profiles = run->profiles, .lock = &run->lock,
                                      .clock = { now_ms, NULL } };
    bench_need(scheduler_start(&options.clock, &run->scheduler, &err), &err);
    options.scheduler = run->scheduler;
    bench_need(ingest_start(&options, &run->ingest, &err), &err);
}

static void close_all(struct run *run)
{
    scheduler_stop(run->scheduler);
    ingest_stop(run->ingest);
    scheduler_free(run->scheduler);
    consents_close(run->consents);
    identities_close(run->identities);
    profiles_close(run->profiles);
    log_close(run->log);
    store_close(run->store);
}

static void answered(void *context, const struct ingest_outcome *outcome)
{
    struct wait *wait = context;
    struct run *run = wait->run;
    bench_need(outcome->err.code == ERR_NONE, &outcome->err);
    pthread_mutex_lock(&run->mutex);
    run->waits_s[run->n_waits++] = bench_seconds() - wait->began_s;
    run->in_flight--;
    pthread_cond_signal(&run->answered);
    pthread_mutex_unlock(&run->mutex);
    free(wait);
}

static void send_request(struct run *run)
{
    struct err err;
    struct intake intake = { .messages = run->messages, .n_messages = run->n_messages };
    struct wait *wait = malloc(sizeof *wait);
    if (!wait || run->n_messages == 0) { free(wait); return; }
    pthread_mutex_lock(&run->mutex);
    while (run->in_flight >= run->most_in_flight) pthread_cond_wait(&run->answered, &run->mutex);
    run->in_flight++;
    pthread_mutex_unlock(&run->mutex);
    *wait = (struct wait){ run, bench_seconds() };
    bench_need(ingest_put(run->ingest, run->arena, &intake, text_of("bench"), answered, wait, &err), &err);
    run->arena = NULL, run->n_messages = 0;
}

static void take(void *context, const struct bench_event *event)
{
    struct run *run = context;
    if (run->n_sent++ >= run->n_events) return;
    if (!run->arena) {
        run->arena = arena_new(ARENA_NO_LIMIT);
        run->messages = ARENA_ARRAY(run->arena, struct message, run->n_batch);
    }
    struct arena *arena = run->arena;
    run->messages[run->n_messages++] = (struct message){
        .type = MESSAGE_TRACK,
        .user_id = text_of(arena_format(arena, "%u", 100000 + event->customer)),
        .message_id = text_of(arena_format(arena, "node-next-%zu-%08x", run->n_sent, event->customer)),
        .kind = text_of(bench_kind_name(event->kind)),
        .time_ms = event->time_ms,
        .amount_cents = event->amount_cents,
        .item = text_of(event->item ? arena_format(arena, "item %u", event->item) : ""),
        .properties = text_of(properties),
        .raw = text_of("{}"),
    };
    if (run->n_messages == run->n_batch) send_request(run);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Seconds for n_events in requests of n_batch. */
static double ours(size_t n_events, size_t n_batch)
{
    struct run run = { .n_batch = n_batch, .n_events = n_events,
                       .most_in_flight = n_batch > 1 ? IN_FLIGHT_EVENTS / n_batch : 256 };
    run.waits_s = calloc(n_events / n_batch + 1, sizeof *run.waits_s);
    open_all(&run);
    double begun = bench_seconds();
    bench_each_event(take, &run);
    if (run.n_messages > 0) send_request(&run);
    pthread_mutex_lock(&run.mutex);
    while (run.in_flight > 0) pthread_cond_wait(&run.answered, &run.mutex);
    pthread_mutex_unlock(&run.mutex);
    double seconds = bench_seconds() - begun;
    struct ingest_counts counts = ingest_counts(run.ingest);
    qsort(run.waits_s, run.n_waits, sizeof *run.waits_s, by_size);
    fprintf(stderr,
            "ingest: %zu events in requests of %zu: %.0f events/s, %.0f a group, %.0f us a group; from put to "
            "answer with %zu in flight p50 %.1f ms, p99 %.1f ms, most %.1f ms\n",
            n_events, n_batch, (double)n_events / seconds, (double)n_events / (double)counts.n_groups,
            (double)counts.commit_us_sum / (double)counts.n_groups, run.most_in_flight,
            1e3 * run.waits_s[run.n_waits / 2], 1e3 * run.waits_s[run.n_waits * 99 / 100],
            1e3 * run.waits_s[run.n_waits - 1]);
    close_all(&run);
    free(run.waits_s);
    return seconds;
}

/* The peer: a table with the message's hash as its key, so that a message sent again is dropped there too. */
struct rows { sqlite3 *db; sqlite3_stmt *insert; size_t n_batch, n_events, n_sent; };

static void run_sql(struct rows *rows, const char *sql)
{
    if (sqlite3_exec(rows->db, sql, NULL, NULL, NULL) == SQLITE_OK) return;
    fprintf(stderr, "bench: %s: %s\n", sql, sqlite3_errmsg(rows->db));
    exit(1);
}

static void insert_row(void *context, const struct bench_event *event)
{
    struct rows *rows = context;
    if (rows->n_sent >= rows->n_events) return;
    if (rows->n_sent++ % rows->n_batch == 0) run_sql(rows, "BEGIN");
    sqlite3_bind_int64(rows->insert, 1, (int64_t)(rows->n_sent * UINT64_C(0x9e3779b97f4a7c15)));
    sqlite3_bind_int64(rows->insert, 2, event->customer);
    sqlite3_bind_int64(rows->insert, 3, event->time_ms);
    sqlite3_bind_int(rows->insert, 4, event->kind);
    sqlite3_bind_int64(rows->insert, 5, event->amount_cents);
    sqlite3_bind_int64(rows->insert, 6, event->item);
    sqlite3_bind_text(rows->insert, 7,
                      properties,
                          -1,
                      SQLITE_STATIC);
    sqlite3_step(rows->insert);
    sqlite3_reset(rows->insert);
    if (rows->n_sent % rows->n_batch == 0) run_sql(rows, "COMMIT");
}

static double theirs(size_t n_events, size_t n_batch)
{
    struct rows rows = { .n_batch = n_batch, .n_events = n_events - n_events % n_batch };
    if (sqlite3_open(bench_fresh_path("ingest.sqlite"), &rows.db) != SQLITE_OK) return NAN;
    run_sql(&rows, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                   "CREATE TABLE event (message INTEGER PRIMARY KEY, customer INTEGER, time_ms INTEGER, "
                   "kind INTEGER, amount_cents INTEGER, item INTEGER, properties TEXT)");
    sqlite3_prepare_v2(rows.db, "INSERT OR IGNORE INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", -1,
                       &rows.insert,
                       NULL);
    double begun = bench_seconds();
    bench_each_event(insert_row, &rows);
    double seconds = bench_seconds() - begun;
    sqlite3_finalize(rows.insert);
    sqlite3_close(rows.db);
    bench_fresh_path("ingest.sqlite");
    return seconds;
}

int main(void)
{
    static const char peer[] = "SQLite, a row an event";
    size_t n = bench_n_events() / 5, n_singles = n / SINGLES_SHARE;
    bench_record(&(struct bench){ .name = "write down events, 100 a request",
                                  .unit = "s",
                                  .ours = ours(n, 100),
                                  .theirs = theirs(n, 100),
                                  .peer = peer });
    bench_record(&(struct bench){ .name = "write down events, one a request",
                                  .unit = "s",
                                  .ours = ours(n_singles, 1),
                                  .theirs = theirs(n_singles, 1),
                                  .peer = peer });
    bench_fresh_path("ingest.holdfast");
    return 0;
}
