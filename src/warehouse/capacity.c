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

enum { LOOKED_AT_DAYS = 30, BATCH = 8192, INSTANTS = 9, YEARS_MOST = 100, LOOKED_AT_EVENTS = 1000000 };
enum { MS_PER_HOUR = 3600000 };

/* How many times the bytes that an event takes here its row takes on a ClickHouse server's disk (measured
 * on 18.16: 2.7 of a simulated shop, 3.2 of a retailer's invoices), and the bytes of a value on its way here. */
static const double bytes_there = 3.2, bytes_of_value = 8;

/* A partition that is looked at in full. */
struct part {
    struct events events;
    struct by_customer customers;
};

struct measuring {
    const struct capacity_options *options;
    struct feature_set *set;
    struct part parts[LOG_PARTITIONS];
    size_t n_parts; /* the first so many partitions, which stand for all */
    double n_looked_at, share; /* events of them; of all events */
    int64_t first_ms, last_ms; /* when the first and the last event of all was received */
    struct arena *arena;
    struct capacity *out;
};

/* The packed state of each customer, as a server keeps it. */
static double state_bytes_of(const struct part *part, const uint64_t *item_hash,
                             struct fold_state *state, unsigned char *bytes)
{
    const struct by_customer *customers = &part->customers;
    double sum = 0;
    for (size_t c = 0; c < customers->n_customers; c++) {
        fold_begin(state);
        for (uint32_t i = customers->start[c]; i < customers->start[c + 1]; i++) {
            uint32_t at = customers->order[i];
            const struct fold_event event =
                fold_event_at(&part->events, at, customers->known_ms[at], item_hash[part->events.item[at]]);
            fold_update(state, &event, 1);
        }
        sum += (double)fold_pack(state, bytes);
    }
    return sum;
}

static void measure_states(struct measuring *m)
{
    const uint64_t *item_hash = fold_item_hashes(m->options->log, m->arena);
    struct fold_state *state = fold_new(m->set);
    unsigned char *bytes = arena_alloc(m->arena, fold_packed_most(m->set) + 16, 1);
    double sum = 0, n_customers = 0;
    for (size_t p = 0; p < m->n_parts; p++) {
        sum += state_bytes_of(&m->parts[p], item_hash, state, bytes);
        n_customers += (double)m->parts[p].customers.n_customers;
    }
    fold_free(state);
    m->out->state_bytes_per_customer = n_customers > 0 ? sum / n_customers : 0;
    m->out->n_customers = (uint64_t)(n_customers / m->share + 0.5);
}

static int64_t first_of(const struct part *part, size_t customer)
{
    int64_t first_ms = INT64_MAX;
    for (uint32_t i = part->customers.start[customer]; i < part->customers.start[customer + 1]; i++) {
        int64_t received_ms = part->events.received_ms[part->customers.order[i]];
        if (received_ms < first_ms) first_ms = received_ms;
    }
    return first_ms;
}

/* Of the last days of the log, or of all of a shorter one: how many events a second, how many customers who are
 * new. */
static void measure_growth(struct measuring *m)
{
    double n_late = 0, n_new = 0;
    int64_t span_ms = m->last_ms - m->first_ms + 1, most_ms = LOOKED_AT_DAYS * MS_PER_DAY;
    span_ms = span_ms > most_ms ? most_ms : span_ms < MS_PER_HOUR ? MS_PER_HOUR : span_ms;
    for (size_t p = 0; p < m->n_parts; p++) {
        const struct part *part = &m->parts[p];
        for (size_t i = 0; i < part->events.n; i++)
            n_late += part->events.received_ms[i] > m->last_ms - span_ms;
        for (size_t c = 0; c < part->customers.n_customers; c++)
            n_new += first_of(part, c) > m->last_ms - span_ms;
    }
    m->out->last_ms = m->last_ms;
    m->out->events_per_second = n_late / m->share / ((double)span_ms / 1000);
    m->out->new_customers_per_day = n_new / m->share / ((double)span_ms / (double)MS_PER_DAY);
}

/* A batch of the fullest partition's events, over and over where there are few, as if others had them. */
static struct events batch_of(const struct measuring *m)
{
    const struct events *told = &m->parts[0].events;
    for (size_t p = 0; p < m->n_parts; p++)
        if (m->parts[p].events.n > told->n) told = &m->parts[p].events;
    struct events batch = {
        .n = BATCH,
        .received_ms = ARENA_ARRAY(m->arena, int64_t, BATCH),
        .time_ms = ARENA_ARRAY(m->arena, int64_t, BATCH),
        .identity = ARENA_ARRAY(m->arena, uint32_t, BATCH),
        .kind = ARENA_ARRAY(m->arena, uint16_t, BATCH),
        .amount_cents = ARENA_ARRAY(m->arena, int64_t, BATCH),
        .quantity_milli = ARENA_ARRAY(m->arena, int64_t, BATCH),
        .message_hash = ARENA_ARRAY(m->arena, uint64_t, BATCH),
    };
    for (size_t i = 0; i < BATCH; i++) {
        size_t at = i % told->n;
        batch.received_ms[i] = told->received_ms[at], batch.time_ms[i] = told->time_ms[at];
        batch.amount_cents[i] = told->amount_cents[at], batch.quantity_milli[i] = told->quantity_milli[at];
        batch.message_hash[i] = told->message_hash[at];
        batch.identity[i] = 1 + (uint32_t)(i % 999), batch.kind[i] = 1;
    }
    return batch;
}

/* A group and a sync at a time. */
static bool write_for_a_while(struct measuring *m, struct store *store, struct log *log, struct err *err)
{
    double began = m->options->now_seconds(), spent = 0;
    uint64_t n_written = 0;
    uint32_t index;
    for (uint32_t i = 1; i < 1000; i++)
        if (!log_intern(log, DICTIONARY_IDENTITY, text_of(arena_format(m->arena, "c%u", i)), &index, err))
            return false;
    if (!log_intern(log, DICTIONARY_KIND, text_of("event"), &index, err)) return false;
    const struct events batch = batch_of(m);
    while (spent < 0.5) {
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

static void add_part(struct measuring *m, const struct part *part)
{
    for (size_t i = 0; i < part->events.n; i++) {
        int64_t received_ms = part->events.received_ms[i];
        if (received_ms < m->first_ms) m->first_ms = received_ms;
        if (received_ms > m->last_ms) m->last_ms = received_ms;
    }
    m->n_looked_at += (double)part->events.n;
    m->n_parts++;
}

/* Whole partitions, until there are enough events to stand for all. */
static bool read_partitions(struct measuring *m, struct err *err)
{
    struct log_reader *reader = NULL;
    size_t n_identities = log_n_names(m->options->log, DICTIONARY_IDENTITY);
    m->first_ms = INT64_MAX, m->last_ms = INT64_MIN;
    bool ok = log_reader_open(m->options->log, &reader, err);
    while (ok && m->n_parts < LOG_PARTITIONS && m->n_looked_at < LOOKED_AT_EVENTS) {
        struct part *part = &m->parts[m->n_parts];
        ok = log_read(reader, (unsigned)m->n_parts, LOG_ALL, m->arena, &part->events, err);
        if (!ok) break;
        by_customer_group(&part->events, n_identities, m->arena, &part->customers);
        add_part(m, part);
    }
    log_reader_close(reader);
    m->share = m->n_looked_at / (double)m->out->n_events;
    if (ok && m->n_looked_at == 0) return err_set(err, ERR_REFUSED, "no event is anybody's: there is nothing to go by");
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
    out.bytes_per_event = (double)totals.stored_bytes / (double)totals.n_events;
    if (!feature_set_generate(options->log, &features, arena, &m.set, err) || !read_partitions(&m, err))
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

/* "2e10", "1.2e10": two digits and no more, for it is an estimate. */
static void format_short(double number, char *text, size_t room)
{
    int power = number > 0 ? (int)floor(log10(number)) : 0;
    double head = round(number / pow(10, power) * 10) / 10;
    if (head >= 10) head /= 10, power++;
    snprintf(text, room, "%.2ge%d", head, power);
}

json_t *capacity_json(const struct capacity *capacity)
{
    json_t *shards = json_array();
    for (size_t i = 0; i < CAPACITY_SHARDS; i++) {
        char events[24];
        format_short(capacity->shards[i].n_events, events, sizeof events);
        json_array_append_new(shards,
                              json_pack("{s:i, s:s, s:f, s:f}", "n", (int)capacity->shards[i].n, "events", events,
                                        "bytes_per_training", capacity->shards[i].bytes_per_training,
                                        "bytes_per_scoring", capacity->shards[i].bytes_per_scoring));
    }
    char as_of[21];
    calendar_format_ms(capacity->last_ms, as_of);
    return json_pack("{s:s, s:I, s:I, s:f, s:f, s:{s:f, s:f}, s:o, s:o, s:o}", "as_of", as_of, "events", (json_int_t)capacity->n_events,
                     "customers", (json_int_t)capacity->n_customers, "bytes_per_event", capacity->bytes_per_event,
                     "state_bytes_per_customer", round(capacity->state_bytes_per_customer), "events_per_second",
                     "now", capacity->events_per_second, "possible", round(capacity->possible_per_second),
                     "disk_full", month_json(capacity->disk_full_day), "memory_full",
                     month_json(capacity->memory_full_day), "shards", shards);
}
