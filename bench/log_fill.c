/* log_fill.c - chunks of partitions, each written when it is full; see log_fill.h. */
#include "log_fill.h"
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROPERTIES_MOST_BYTES = 48 };

/* The events of one partition that wait for a chunk to be full. */
struct waiting {
    struct events  events;
    char         *properties;     /* room for all of a chunk */
};

struct filling {
    struct log    *log;
    struct waiting waiting[LOG_PARTITIONS];
    uint32_t      *identity, kind[BENCH_KINDS], traits_kind;    /* of a customer's number and of a kind */
    unsigned       each_customer;
    struct arena  *arena;
};

static void flush(struct filling *filling, unsigned partition)
{
    struct err err;
    struct events *events = &filling->waiting[partition].events;
    if (events->n > 0) bench_need(log_append_partition(filling->log, partition, events, &err), &err);
    events->n = 0;
}

static struct events *events_of(struct filling *filling, unsigned partition)
{
    struct waiting *waiting = &filling->waiting[partition];
    struct events *events = &waiting->events;
    if (events->n == LOG_CHUNK_EVENTS) flush(filling, partition);
    if (events->time_ms) return events;
    events->time_ms = events->received_ms = ARENA_ARRAY(filling->arena, int64_t, LOG_CHUNK_EVENTS);
    events->identity = ARENA_ARRAY(filling->arena, uint32_t, LOG_CHUNK_EVENTS);
    events->kind = ARENA_ARRAY(filling->arena, uint16_t, LOG_CHUNK_EVENTS);
    events->amount_cents = ARENA_ARRAY(filling->arena, int64_t, LOG_CHUNK_EVENTS);
    if (filling->each_customer == 1) return events;
    waiting->properties = arena_alloc(filling->arena, LOG_CHUNK_EVENTS, PROPERTIES_MOST_BYTES);
    events->properties_bytes = waiting->properties;
    events->properties_end = ARENA_ARRAY(filling->arena, uint32_t, LOG_CHUNK_EVENTS);
    return events;
}

/* The customer's first: two traits. */
static void put_traits(struct filling *filling, unsigned partition, uint32_t identity, int64_t time_ms)
{
    static const char *const countries[] = { "DE", "AT", "CH", "FR", "NL" }, *const plans[] = { "basic", "gold" };
    struct events *events = events_of(filling, partition);
    size_t n = events->n, begin = n ? events->properties_end[n - 1] : 0;
    int length = snprintf(filling->waiting[partition].properties + begin, PROPERTIES_MOST_BYTES,
                          "{\"country\":\"%s\",\"plan\":\"%s\"}", countries[identity % 5],
                          plans[identity % 7 == 0]);
    events->time_ms[n] = time_ms;
    events->identity[n] = identity;
    events->kind[n] = (uint16_t)filling->traits_kind;
    events->amount_cents[n] = 0;
    events->properties_end[n] = (uint32_t)(begin + (size_t)length);
    events->n++;
}

static void take(void *context, const struct bench_event *event)
{
    struct filling *filling = context;
    size_t number = event->customer;
    if (filling->each_customer == 2) number = 2 * number + (size_t)(event->time_ms / 1000 % 2);
    uint32_t *identity = &filling->identity[number];
    struct err err;
    bool is_new = *identity == 0;
    if (is_new) {
        char name[32];
        snprintf(name, sizeof name, "c%zu", number);
        bench_need(log_intern(filling->log, DICTIONARY_IDENTITY, text_of(name), identity, &err), &err);
    }
    unsigned partition = log_partition(filling->log, *identity);
    if (is_new && filling->each_customer == 2) put_traits(filling, partition, *identity, event->time_ms);
    struct events *events = events_of(filling, partition);
    size_t n = events->n++;
    events->time_ms[n] = event->time_ms;
    events->identity[n] = *identity;
    events->kind[n] = (uint16_t)filling->kind[event->kind];
    events->amount_cents[n] = event->amount_cents;
    if (events->properties_end) events->properties_end[n] = n ? events->properties_end[n - 1] : 0;
}

void log_fill(struct store *store, struct log *log, unsigned each_customer)
{
    struct err err;
    struct filling *filling = calloc(1, sizeof *filling);
    filling->log = log;
    filling->each_customer = each_customer;
    filling->arena = arena_new(ARENA_NO_LIMIT);
    filling->identity = ARENA_ARRAY(filling->arena, uint32_t, each_customer * bench_n_customers());
    bench_need(store_begin(store, &err), &err);
    for (int kind = 0; kind < BENCH_KINDS; kind++)
        bench_need(log_intern(log, DICTIONARY_KIND, text_of(bench_kind_name((enum bench_kind)kind)),
                              &filling->kind[kind], &err), &err);
    if (each_customer == 2)
        bench_need(log_intern(log, DICTIONARY_KIND, text_of("traits"), &filling->traits_kind, &err), &err);
    bench_each_event(take, filling);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) flush(filling, p);
    bench_need(store_commit(store, &err), &err);
    arena_free(filling->arena);
    free(filling);
}
