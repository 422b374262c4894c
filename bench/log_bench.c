/* log_bench.c - the history of events: appended durably and read back column by column, beside SQLite with a
 * row for each event (one transaction, no index: the kindest case for it). */
#include "bench.h"

#include "base/arena.h"
#include "base/parallel.h"
#include "log/log.h"
#include "store/store.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { RUNS = 3 };

/* The shared events by partition, as an import would hand them over. */
struct shop {
    struct arena     *arena;
    struct store     *store;
    struct log       *log;
    uint32_t         *identities;       /* [customers] */
    uint16_t          kinds[BENCH_KINDS];
    uint32_t         *items;            /* [10001] */
    struct events     parts[LOG_PARTITIONS];
    size_t            room;
    struct arena     *arenas[LOG_PARTITIONS];
    struct log_chunk *chunks[LOG_PARTITIONS];
    struct log_reader *readers[64];
    double            sums[LOG_PARTITIONS];
    size_t            n_timeline_events;
    unsigned          n_threads;
};

static void intern_all(struct shop *shop)
{
    struct err err;
    char name[32];
    uint32_t index;
    for (size_t c = 0; c < bench_n_customers(); c++) {
        struct text text = { name, (size_t)snprintf(name, sizeof name, "%zu", 100000 + c) };
        bench_need(log_intern(shop->log, DICTIONARY_IDENTITY, text, &shop->identities[c], &err), &err);
    }
    for (int k = 0; k < BENCH_KINDS; k++) {
        bench_need(
            log_intern(shop->log, DICTIONARY_KIND, text_of(bench_kind_name((enum bench_kind)k)), &index, &err),
            &err);
        shop->kinds[k] = (uint16_t)index;
    }
    for (uint32_t i = 1; i <= 10000; i++) {
        struct text text = { name, (size_t)snprintf(name, sizeof name, "item %u", i) };
        bench_need(log_intern(shop->log, DICTIONARY_ITEM, text, &shop->items[i], &err), &err);
    }
}

static void take(void *context, const struct bench_event *event)
{
    struct shop *shop = context;
    uint32_t identity = shop->identities[event->customer];
    struct events *part = &shop->parts[log_partition(shop->log, identity)];
    size_t i = part->n++;
    if (i >= shop->room) { fprintf(stderr, "bench: one partition has more than its share\n"); exit(1); }
    part->time_ms[i] = event->time_ms;
    part->identity[i] = identity;
    part->kind[i] = shop->kinds[event->kind];
    part->amount_cents[i] = event->amount_cents;
    part->item[i] = shop->items[event->item];
    part->message_hash[i] = (uint64_t)event->time_ms * UINT64_C(0x9e3779b97f4a7c15) + identity;
}

static void prepare_append(void *context)
{
    struct shop *shop = context;
    struct err err;
    log_close(shop->log);
    store_close(shop->store);
    for (int p = 0; p < LOG_PARTITIONS; p++) arena_free(shop->arenas[p]), shop->arenas[p] = NULL;
    bench_need(store_open(bench_fresh_path("log.holdfast"), STORE_CREATE, &shop->store, &err), &err);
    bench_need(log_open(shop->store, &shop->log, &err), &err);
    intern_all(shop);
}

static void encode(void *context, size_t partition, unsigned thread)
{
    struct shop *shop = context;
    struct err err;
    (void)thread;
    shop->arenas[partition] = arena_new(ARENA_NO_LIMIT);
    bench_need(log_encode((unsigned)partition, &shop->parts[partition], shop->arenas[partition],
                          &shop->chunks[partition], &err),
               &err);
}

static void append(void *context)
{
    struct shop *shop = context;
    struct err err;
    bench_need(store_begin(shop->store, &err), &err);
    parallel_for(shop->n_threads, LOG_PARTITIONS, encode, shop);
    for (int p = 0; p < LOG_PARTITIONS; p++) bench_need(log_write(shop->log, shop->chunks[p], &err), &err);
    bench_need(store_commit(shop->store, &err), &err);
}

static void read_partition(void *context, size_t partition, unsigned thread)
{
    struct shop *shop = context;
    struct err err;
    struct events events;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    unsigned columns = LOG_RECEIVED | LOG_TIME | LOG_IDENTITY | LOG_KIND | LOG_AMOUNT;
    if (!shop->readers[thread]) bench_need(log_reader_open(shop->log, &shop->readers[thread], &err), &err);
    bench_need(log_read(shop->readers[thread], (unsigned)partition, columns, arena, &events, &err), &err);
    double sum = 0;
    for (size_t i = 0; i < events.n; i++)
        sum += (double)(events.amount_cents[i] * (events.kind[i] == shop->kinds[BENCH_ORDER]));
    shop->sums[partition] = sum;
    arena_free(arena);
}

static void read_all(void *context)
{
    struct shop *shop = context;
    parallel_for(shop->n_threads, LOG_PARTITIONS, read_partition, shop);
    for (unsigned t = 0; t < shop->n_threads; t++) log_reader_close(shop->readers[t]), shop->readers[t] = NULL;
}

enum { TIMELINES = 200 };

/* Customers by turns, as people open their pages. */
static void read_timelines(void *context)
{
    struct shop *shop = context;
    struct err err;
    size_t n_events = 0;
    if (!shop->readers[0]) bench_need(log_reader_open(shop->log, &shop->readers[0], &err), &err);
    for (size_t i = 0; i < TIMELINES; i++) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        uint32_t identity = shop->identities[i * (bench_n_customers() / TIMELINES)];
        struct events events;
        bench_need(log_read_identities(shop->readers[0], &identity, 1, LOG_ALL, arena, &events, &err), &err);
        n_events += events.n;
        arena_free(arena);
    }
    shop->n_timeline_events = n_events;
    log_reader_close(shop->readers[0]), shop->readers[0] = NULL;
}

static void open_log(void *context)
{
    struct shop *shop = context;
    struct err err;
    log_close(shop->log);
    bench_need(log_open(shop->store, &shop->log, &err), &err);
}

/* The peer. */
struct rows { sqlite3 *db; sqlite3_stmt *insert; const char *path; double sum; };

static void run_sql(struct rows *rows, const char *sql)
{
    if (sqlite3_exec(rows->db, sql, NULL, NULL, NULL) == SQLITE_OK) return;
    fprintf(stderr, "bench: %s: %s\n", sql, sqlite3_errmsg(rows->db));
    exit(1);
}

static void insert_row(void *context, const struct bench_event *event)
{
    struct rows *rows = context;
    sqlite3_bind_int64(rows->insert, 1, event->customer);
    sqlite3_bind_int64(rows->insert, 2, event->time_ms);
    sqlite3_bind_int(rows->insert, 3, event->kind);
    sqlite3_bind_int64(rows->insert, 4, event->amount_cents);
    sqlite3_bind_int64(rows->insert, 5, event->item);
    sqlite3_step(rows->insert);
    sqlite3_reset(rows->insert);
}

static double insert_rows(struct rows *rows)
{
    rows->path = bench_fresh_path("rows.sqlite");
    if (sqlite3_open(rows->path, &rows->db) != SQLITE_OK) {
        fprintf(stderr, "bench: cannot open %s\n", rows->path);
        exit(1);
    }
    run_sql(rows, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                  "CREATE TABLE event(customer INTEGER, time_ms INTEGER, kind INTEGER, amount_cents INTEGER, "
                  "item INTEGER)");
    sqlite3_prepare_v2(rows->db, "INSERT INTO event VALUES(?1, ?2, ?3, ?4, ?5)", -1, &rows->insert, NULL);
    double begun = bench_seconds();
    run_sql(rows, "BEGIN");
    bench_each_event(insert_row, rows);
    run_sql(rows, "COMMIT");
    double seconds = bench_seconds() - begun;
    sqlite3_finalize(rows->insert);
    return seconds;
}

static void scan_rows(void *context)
{
    struct rows *rows = context;
    sqlite3_stmt *scan;
    rows->sum = 0;
    sqlite3_prepare_v2(rows->db, "SELECT time_ms, customer, kind, amount_cents FROM event", -1, &scan, NULL);
    while (sqlite3_step(scan) == SQLITE_ROW) {
        sqlite3_int64 time_ms = sqlite3_column_int64(scan, 0), customer = sqlite3_column_int64(scan, 1);
        if (sqlite3_column_int(scan, 2) == BENCH_ORDER && time_ms >= 0 && customer >= 0)
            rows->sum += (double)sqlite3_column_int64(scan, 3);
    }
    sqlite3_finalize(scan);
}

static double file_bytes(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (double)status.st_size : (double)NAN;
}

static void make_room(struct shop *shop)
{
    shop->arena = arena_new(ARENA_NO_LIMIT);
    shop->identities = ARENA_ARRAY(shop->arena, uint32_t, bench_n_customers());
    shop->items = ARENA_ARRAY(shop->arena, uint32_t, 10001);
    shop->room = bench_n_events() / LOG_PARTITIONS * 3 / 2 + 10000;
    for (int p = 0; p < LOG_PARTITIONS; p++) {
        struct events *part = &shop->parts[p];
        part->time_ms = part->received_ms = ARENA_ARRAY(shop->arena, int64_t, shop->room);
        part->identity = ARENA_ARRAY(shop->arena, uint32_t, shop->room);
        part->kind = ARENA_ARRAY(shop->arena, uint16_t, shop->room);
        part->amount_cents = ARENA_ARRAY(shop->arena, int64_t, shop->room);
        part->item = ARENA_ARRAY(shop->arena, uint32_t, shop->room);
        part->message_hash = ARENA_ARRAY(shop->arena, uint64_t, shop->room);
    }
}

int main(void)
{
    static const char peer[] = "SQLite, a row an event";
    struct shop shop = { .n_threads = parallel_cores() };
    struct rows rows = { 0 };
    make_room(&shop);
    prepare_append(&shop);
    bench_each_event(take, &shop);
    double append_s = bench_median(RUNS, prepare_append, append, &shop),
           read_s = bench_median(RUNS, NULL, read_all, &shop);
    double timeline_s = bench_median(RUNS, NULL, read_timelines, &shop) / TIMELINES;
    double open_s = bench_median(RUNS, NULL, open_log, &shop), sum = 0;
    for (int p = 0; p < LOG_PARTITIONS; p++) sum += shop.sums[p];
    double their_append_s = insert_rows(&rows), their_read_s = bench_median(1, NULL, scan_rows, &rows);
    if (sum != rows.sum) { fprintf(stderr, "bench: the sums differ: %.0f and %.0f\n", sum, rows.sum); return 1; }
    log_close(shop.log);
    store_close(shop.store);
    sqlite3_close(rows.db);

    double n = (double)bench_n_events();
    bench_record(&(struct bench){ .name = "append events, durable",
                                  .unit = "s",
                                  .ours = append_s,
                                  .theirs = their_append_s,
                                  .peer = peer });
    bench_record(&(struct bench){ .name = "read time, customer, kind, amount",
                                  .unit = "s",
                                  .ours = read_s,
                                  .theirs = their_read_s,
                                  .peer = peer });
    bench_record(&(struct bench){ .name = "bytes an event (ours with its message hash)",
                                  .unit = "B",
                                  .ours = file_bytes("build/bench/log.holdfast") / n,
                                  .theirs = file_bytes(rows.path) / n,
                                  .peer = peer });
    bench_record(&(struct bench){ .name = "one customer's timeline",
                                  .unit = "ms",
                                  .ours = 1000 * timeline_s,
                                  .theirs = NAN,
                                  .peer = "none" });
    bench_record(&(struct bench){
        .name = "open the log's dictionaries", .unit = "s", .ours = open_s, .theirs = NAN, .peer = "none" });
    for (int p = 0; p < LOG_PARTITIONS; p++) arena_free(shop.arenas[p]);
    arena_free(shop.arena);
    bench_fresh_path("log.holdfast");
    bench_fresh_path("rows.sqlite");
    return 0;
}
