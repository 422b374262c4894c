/* load_body.c - the events of a made-up shop as its clients send them; see load.h. */
#include "load.h"

#include "base/rng.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { EVENT_BYTES = 2048 };

struct writer { char *at; size_t n, room; };

static void put(struct writer *writer, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void put(struct writer *writer, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    writer->n += (size_t)vsnprintf(writer->at + writer->n, writer->room - writer->n, fmt, arguments);
    va_end(arguments);
}

static unsigned below(struct rng *rng, unsigned bound) { return (unsigned)rng_below(rng, bound); }

static void put_product(struct writer *writer, struct rng *rng)
{
    unsigned product = below(rng, 5000);
    put(writer, "\"product_id\":\"P%05u\",\"category\":\"category %u\",\"price\":%u.90,\"currency\":\"EUR\"",
        product, product % 20, 5 + product % 90);
}

static void put_order(struct writer *writer, struct rng *rng)
{
    unsigned n = 1 + below(rng, 3), revenue = 0;
    put(writer, "\"event\":\"Order "
                "Completed\",\"type\":\"track\",\"properties\":{\"order_id\":\"O<next>\",\"currency\":"
                "\"EUR\",\"products\":[");
    for (unsigned i = 0; i < n; i++) {
        unsigned price = 5 + below(rng, 90);
        put(writer, "%s{\"product_id\":\"P%05u\",\"price\":%u.50,\"quantity\":1}", i ? "," : "",
            below(rng, 5000), price);
        revenue += price;
    }
    put(writer, "],\"revenue\":%u.%02u}", revenue + n / 2, n % 2 * 50);
}

static void put_what(struct writer *writer, struct rng *rng)
{
    unsigned draw = below(rng, 1000);
    static const char *const plain[] = { "Email Opened", "Email Link Clicked", "Session Started",
                                         "Products Searched" };
    static const char *const countries[] = { "DE", "AT", "FR", "NL", "ES" };
    if (draw < 70) {
        put_order(writer, rng);
    } else if (draw < 90) {
        put(writer, "\"type\":\"identify\",\"traits\":{\"country\":\"%s\",\"plan\":\"%s\",\"newsletter\":%s}",
            countries[below(rng, 5)], below(rng, 3) ? "free" : "plus", below(rng, 2) ? "true" : "false");
    } else if (draw < 200) {
        put(writer, "\"event\":\"Product Added\",\"type\":\"track\",\"properties\":{");
        put_product(writer, rng), put(writer, ",\"quantity\":%u}", 1 + below(rng, 3));
    } else if (draw < 500) {
        put(writer,
            "\"event\":\"%s\",\"type\":\"track\",\"properties\":{\"campaign\":\"campaign %u\",\"position\":%u}",
            plain[below(rng, 4)], below(rng, 40), below(rng, 10));
    } else {
        put(writer, "\"event\":\"Product Viewed\",\"type\":\"track\",\"properties\":{");
        put_product(writer, rng), put(writer, "}");
    }
}

/* The prefix is as long as the one that analytics-node makes; a number stands where it draws the last digits. */
#define MESSAGE_ID "node-next-1763845200000-%08x-0000-4000-8000-"

static void put_event(struct writer *writer, struct rng *rng, uint32_t run, const char *write_key)
{
    put(writer, "{\"timestamp\":\"<time>\",\"integrations\":{},\"userId\":\"C<customer>\",");
    put_what(writer, rng);
    put(writer,
        ",\"context\":{\"library\":{\"name\":\"@segment/"
        "analytics-node\",\"version\":\"3.1.0\"}},\"messageId\":\"" MESSAGE_ID
        "<message>\",\"_metadata\":{\"nodeVersion\":\"20.11.0\",\"jsRuntime\":\"node\"}",
        run);
    if (write_key) put(writer, ",\"writeKey\":\"%s\",\"sentAt\":\"<time>\"", write_key);
    put(writer, "}");
}

static struct text *bodies_new(struct arena *arena, size_t n_bodies, unsigned n_events, uint32_t run,
                               const char *write_key, uint64_t seed)
{
    struct text *bodies = ARENA_ARRAY(arena, struct text, n_bodies);
    for (size_t i = 0; i < n_bodies; i++) {
        struct rng rng = rng_stream(seed, i);
        struct writer writer = { .room = (size_t)(n_events + 1) * EVENT_BYTES };
        writer.at = arena_alloc(arena, writer.room, 1);
        if (n_events > 0) put(&writer, "{\"batch\":[");
        for (unsigned event = 0; event < n_events; event++) {
            if (event > 0) put(&writer, ",");
            put_event(&writer, &rng, run, NULL);
        }
        if (n_events > 0) put(&writer, "],\"writeKey\":\"%s\",\"sentAt\":\"<time>\"}", write_key);
        else put_event(&writer, &rng, run, write_key);
        bodies[i] = (struct text){ writer.at, writer.n };
    }
    return bodies;
}

struct text *load_batches(struct arena *arena, size_t n_bodies, unsigned n_events, uint32_t run,
                          const char *write_key, uint64_t seed)
{
    return bodies_new(arena, n_bodies, n_events, run, write_key, seed);
}

struct text *load_events(struct arena *arena, size_t n_bodies, uint32_t run, const char *write_key, uint64_t seed)
{
    return bodies_new(arena, n_bodies, 0, run, write_key, seed);
}

void load_message_id(uint32_t run, uint64_t number, char ret_id[LOAD_MESSAGE_ID_BYTES])
{
    snprintf(ret_id, LOAD_MESSAGE_ID_BYTES, MESSAGE_ID "%012llu", run, (unsigned long long)number);
}
