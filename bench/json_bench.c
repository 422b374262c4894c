/* json_bench.c - batches of 100 events, as a server-side client sends them, read as JSON and made into messages;
 * beside jansson, which would have to do the first on one core. */
#include "bench.h"

#include "base/json_read.h"
#include "intake/intake.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { EVENTS = 100, BATCHES = 400 };

struct job { struct text body; struct arena *arena; };

static struct text batch_of(struct arena *arena)
{
    size_t room = EVENTS * 1024, n = 0;
    char *bytes = arena_alloc(arena, room, 1);
    n += (size_t)snprintf(bytes, room, "{\"batch\":[");
    for (unsigned i = 0; i < EVENTS; i++)
        n += (size_t)snprintf(bytes + n, room - n,
                              "%s{\"timestamp\":\"2026-11-22T21:00:00.%03uZ\",\"integrations\":{},\"userId\":"
                              "\"user-%u\",\"event\":"
                              "\"Order "
                              "Completed\",\"type\":\"track\",\"properties\":{\"order_id\":\"o%u\",\"revenue\":"
                              "%u.50,\"currency\":"
                              "\"EUR\",\"products\":[{\"product_id\":\"p%u\",\"price\":12.5,\"quantity\":2}]},"
                              "\"context\":{\"library\":{\"name\":"
                              "\"@segment/"
                              "analytics-node\",\"version\":\"3.1.0\"}},\"messageId\":\"node-next-"
                              "1763845200000-6d1c2b3a-0000-4000"
                              "-8000-%012u\",\"_metadata\":{\"nodeVersion\":\"20.1.0\",\"jsRuntime\":\"node\"}"
                              "}",
                              i ? "," : "", i, i * 7, i, i, i, i);
    n += (size_t)snprintf(bytes + n, room - n, "],\"writeKey\":\"WK\",\"sentAt\":\"2026-11-22T21:00:01.000Z\"}");
    return (struct text){ bytes, n };
}

static void read_ours(void *context)
{
    struct job *job = context;
    struct json json;
    struct err err;
    for (unsigned i = 0; i < BATCHES; i++) {
        bench_need(json_read(job->body, job->arena, &json, &err), &err);
        arena_reset(job->arena);
    }
}

static void read_jansson(void *context)
{
    const struct job *job = context;
    for (unsigned i = 0; i < BATCHES; i++) {
        json_error_t error;
        json_t *json = json_loadb(job->body.at, job->body.length, 0, &error);
        if (!json)
            bench_need(false, &(struct err){ .code = ERR_INVALID, .text = "jansson cannot read the batch" });
        json_decref(json);
    }
}

static void read_messages(void *context)
{
    struct job *job = context;
    struct intake intake;
    struct err err;
    struct intake_request request = { .protocol = PROTOCOL_SEGMENT, .type = "batch", .body = job->body,
                                      .received_ms = INT64_C(1795381202000) };
    for (unsigned i = 0; i < BATCHES; i++) {
        bench_need(intake_read(&request, job->arena, &intake, &err) && intake.n_messages == EVENTS, &err);
        arena_reset(job->arena);
    }
}

int main(void)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT), *scratch = arena_new(ARENA_NO_LIMIT);
    struct job job = { batch_of(arena), scratch };
    double per_event = 1e6 / ((double)EVENTS * BATCHES),
           theirs = bench_median(5, NULL, read_jansson, &job) * per_event;
    bench_record(&(struct bench){ .name = "read an event's JSON", .unit = "us",
                                  .ours = bench_median(5, NULL, read_ours, &job) * per_event, .theirs = theirs,
                                  .peer = "jansson " JANSSON_VERSION });
    /* 200,000 events/s with half a core for this leave 2.5 us an event. */
    bench_record(&(struct bench){ .name = "read an event's JSON and make its message", .unit = "us",
                                  .ours = bench_median(5, NULL, read_messages, &job) * per_event, .theirs = theirs,
                                  .peer = "jansson " JANSSON_VERSION ", the JSON alone" });
    arena_free(scratch);
    arena_free(arena);
    return 0;
}
