/* capacity.c - see capacity.h. */
#include "warehouse/capacity.h"

#include "base/calendar.h"
#include "feature/by_customer.h"
#include "feature/fold_events.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { LOOKED_AT_DAYS = 30, BATCH = 8192, INSTANTS = 9, YEARS_MOST = 100 };

/* How many times the bytes that an event takes here its row takes on a ClickHouse server's disk (measured
 * on 18.16: 2.7 of a simulated shop, 3.2 of a retailer's invoices), and the bytes of a value on its way here. */
static const double bytes_there = 3.2, bytes_of_value = 8;

struct measuring {
    const struct capacity_options *options;
    struct feature_set *set;
    struct events events; /* of a partition */
    struct by_customer customers;
    struct arena *arena;
    struct capacity *out;
};

/* The packed state of each customer, as a server keeps it. */
static void measure_states(struct measuring *m)
{
    const struct by_customer *customers = &m->customers;
    const uint64_t *item_hash = fold_item_hashes(m->options->log, m->arena);
    struct fold_state *state = fold_new(m->set);
    unsigned char *bytes = arena_alloc(m->arena, fold_packed_most(m->set) + 16, 1);
    double sum = 0;
    for (size_t c = 0; c < customers->n_customers; c++) {
        fold_begin(state);
        for (uint32_t i = customers->start[c]; i < customers->start[c + 1]; i++) {
            uint32_t at = customers->order[i];
            const struct fold_event event =
                fold_event_at(&m->events, at, customers->known_ms[at], item_hash[m->events.item[at]]);
            fold_update(state, &event, 1);
        }
        sum += (double)fold_pack(state, bytes);
    }
    fold_free(state);
    m->out->state_bytes_per_customer = customers->n_customers ? sum / (double)customers->n_customers : 0;
}

/* Of the last days of the partition: how many events a second, how many customers who are new. */
static void measure_growth(struct measuring *m)
{
    const struct events *events = &m->events;
    int64_t last_ms = INT64_MIN;
    double n_late = 0, n_new = 0;
    for (size_t i = 0; i < events->n; i++)
        if (events->received_ms[i] > last_ms) last_ms = events->received_ms[i];
    int64_t since_ms = last_ms - LOOKED_AT_DAYS * MS_PER_DAY;
    for (size_t i = 0; i < events->n; i++) n_late += events->received_ms[i] > since_ms;
    for (size_t c = 0; c < m->customers.n_customers; c++) {
        int64_t first_ms = INT64_MAX;
        for (uint32_t i = m->customers.start[c]; i < m->customers.start[c + 1]; i++) {
            int64_t received_ms = events->received_ms[m->customers.order[i]];
            if (received_ms < first_ms) first_ms = received_ms;
        }
        n_new += first_ms > since_ms;
    }
    m->out->events_per_second = n_late * LOG_PARTITIONS / (LOOKED_AT_DAYS * 86400.0);
    m->out->new_customers_per_day = n_new * LOG_PARTITIONS / LOOKED_AT_DAYS;
}

/* Appends the partition's events, as if they came now, a group and a sync at a time. */
static bool write_for_a_while(struct measuring *m, struct store *store, struct log *log, struct err *err)
{
    double began = m->options->now_seconds(), spent = 0;
    uint64_t n_written = 0;
    uint32_t index;
    for (uint32_t i = 1; i < 1000; i++)
        if (!log_intern(log, DICTIONARY_IDENTITY, text_of(arena_format(m->arena, "c%u", i)), &index, err))
            return false;
    if (!log_intern(log, DICTIONARY_KIND, text_of("event"), &index, err)) return false;
    struct events batch = m->events;
    batch.item = NULL, batch.source = NULL, batch.properties_end = NULL, batch.properties_bytes = NULL;
    batch.replaced_ms = NULL, batch.sequence = NULL;
    if (batch.n > BATCH) batch.n = BATCH;
    batch.identity = ARENA_ARRAY(m->arena, uint32_t, batch.n + 1);
    batch.kind = ARENA_ARRAY(m->arena, uint16_t, batch.n + 1);
    for (size_t i = 0; i < batch.n; i++) batch.identity[i] = 1 + (uint32_t)(i % 999), batch.kind[i] = 1;
    while (batch.n > 0 && spent < 0.5) {
        if (!store_begin(store, err) || !log_append(log, &batch, err) || !store_commit(store, err)) return false;
        n_written += batch.n;
        spent = m->options->now_seconds() - began;
    }
    m->out->possible_per_second = spent > 0 ? (double)n_written / spent : 0;
    return true;
}

static bool measure_writing(struct measuring *m, struct err *err)
{
    static const char *const endings[] = { "", "-wal", "-shm", ".key" };
    struct store *store = NULL;
    struct log *log = NULL;
    bool ok = store_open(m->options->scratch, STORE_CREATE, &store, err) && log_open(store, &log, err) &&
              write_for_a_while(m, store, log, err);
    log_close(log);
    store_close(store);
    for (int e = 0; e < 4; e++) (void)unlink(arena_format(m->arena, "%s%s", m->options->scratch, endings[e]));
    return ok;
}

/* When so much is used up at so much a day. */
static int64_t day_of_end(const struct measuring *m, double room, double per_day)
{
    double days = per_day > 0 ? room / per_day : (double)INFINITY;
    if (!(days < YEARS_MOST * 365.25)) return INT64_MAX;
    return calendar_day_of_ms(m->options->now_ms) + (int64_t)days;
}

static void reckon(struct measuring *m)
{
    struct capacity *out = m->out;
    struct statvfs disk;
    double n_features = (double)feature_set_size(m->set), disk_free = 0, disk_size = 0;
    if (statvfs(m->options->scratch, &disk) == 0 || statvfs(".", &disk) == 0) {
        disk_free = (double)disk.f_bavail * (double)disk.f_frsize;
        disk_size = (double)disk.f_blocks * (double)disk.f_frsize;
    }
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    double state_used = (double)out->n_customers * out->state_bytes_per_customer;
    out->disk_full_day = day_of_end(m, disk_free, out->events_per_second * 86400 * out->bytes_per_event);
    out->memory_full_day =
        day_of_end(m, memory - state_used, out->new_customers_per_day * out->state_bytes_per_customer);
    for (unsigned i = 0; i < CAPACITY_SHARDS; i++) {
        double row_bytes = 17 + bytes_of_value * n_features;
        out->shards[i].n = 1U << (i + 1);
        out->shards[i].n_events = out->shards[i].n * disk_size / (bytes_there * out->bytes_per_event);
        out->shards[i].bytes_per_training = (double)out->n_customers * INSTANTS * row_bytes;
        out->shards[i].bytes_per_scoring = (double)out->n_customers * row_bytes;
    }
}

static bool read_partition(struct measuring *m, struct err *err)
{
    struct log_reader *reader = NULL;
    bool ok = log_reader_open(m->options->log, &reader, err);
    for (unsigned p = 0; ok && p < LOG_PARTITIONS && m->events.n == 0; p++)
        ok = log_read(reader, p, LOG_ALL, m->arena, &m->events, err);
    log_reader_close(reader);
    if (ok)
        by_customer_group(&m->events, log_n_names(m->options->log, DICTIONARY_IDENTITY), m->arena, &m->customers);
    return ok;
}

bool capacity_measure(const struct capacity_options *options, struct arena *arena, struct capacity *ret_capacity,
                      struct err *err)
{
    struct capacity out = { 0 };
    struct measuring m = { .options = options, .arena = arena, .out = &out };
    const struct feature_options features = { .n_threads = options->n_threads };
    struct log_totals totals;
    if (!log_totals(options->log, &totals, err)) return false;
    if (totals.n_events == 0)
        return err_set(err, ERR_REFUSED, "the log is empty: import a history first, and ask again");
    out.n_events = totals.n_events;
    out.n_customers = log_n_names(options->log, DICTIONARY_IDENTITY) - 1;
    out.bytes_per_event = (double)totals.stored_bytes / (double)totals.n_events;
    if (!feature_set_generate(options->log, &features, arena, &m.set, err) || !read_partition(&m, err))
        return false;
    measure_states(&m);
    measure_growth(&m);
    if (!measure_writing(&m, err)) return false;
    reckon(&m);
    *ret_capacity = out;
    return true;
}

static json_t *month_json(int64_t day)
{
    char text[11];
    if (day == INT64_MAX) return json_null();
    calendar_format_day(day, text);
    text[7] = '\0';
    return json_string(text);
}

json_t *capacity_json(const struct capacity *capacity)
{
    json_t *shards = json_array();
    for (size_t i = 0; i < CAPACITY_SHARDS; i++) {
        char events[24];
        snprintf(events, sizeof events, "%.2g", capacity->shards[i].n_events);
        json_array_append_new(shards,
                              json_pack("{s:i, s:s, s:f, s:f}", "n", (int)capacity->shards[i].n, "events", events,
                                        "bytes_per_training", capacity->shards[i].bytes_per_training,
                                        "bytes_per_scoring", capacity->shards[i].bytes_per_scoring));
    }
    return json_pack("{s:I, s:I, s:f, s:f, s:{s:f, s:f}, s:o, s:o, s:o}", "events", (json_int_t)capacity->n_events,
                     "customers", (json_int_t)capacity->n_customers, "bytes_per_event", capacity->bytes_per_event,
                     "state_bytes_per_customer", round(capacity->state_bytes_per_customer), "events_per_second",
                     "now", capacity->events_per_second, "possible", round(capacity->possible_per_second),
                     "disk_full", month_json(capacity->disk_full_day), "memory_full",
                     month_json(capacity->memory_full_day), "shards", shards);
}
