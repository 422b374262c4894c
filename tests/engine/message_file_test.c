/* A file of clients' messages becomes history: by their rules, known when it happened, once. */
#include "engine/message_file.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

static char folder[] = "/tmp/holdfast-messages-XXXXXX";
static char database[64], file[64];
static struct service *service;
static struct message_file_counts counts;
static struct err err;

#define NOW_MS INT64_C(1750000000000)
static int64_t now(void *context) { (void)context; return NOW_MS; }
static double seconds(void) { return 0; }

static void open_service(void)
{
    const struct service_options options = { .path = database, .clock = { now, NULL }, .now_seconds = seconds,
                                             .n_threads = 1, .seed = 1 };
    ASSERT_OK(service_open(&options, &service, &err), &err);
}

static void begin(void)
{
    cr_assert_not_null(mkdtemp(folder));
    snprintf(database, sizeof database, "%s/shop.holdfast", folder);
    snprintf(file, sizeof file, "%s/messages.jsonl", folder);
    open_service();
}

static void end(void)
{
    char command[128];
    service_close(service);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(message_file, .init = begin, .fini = end);

static struct input *input_of(const char *text)
{
    struct input *input;
    FILE *out = fopen(file, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0);
    ASSERT_OK(input_open(file, NULL, &input, &err), &err);
    return input;
}

static bool take(const char *text, enum protocol expected)
{
    enum protocol protocol;
    struct input *input = input_of(text);
    cr_assert(message_file_find(input, &protocol));
    cr_assert_eq(protocol, expected);
    bool ok =
        message_file_take(service, input, protocol, text_of("messages.jsonl"), NOW_MS, NULL, &counts, &err);
    input_close(input);
    return ok;
}

/* Each event of the log: what, when known, how much. */
static const char *events(struct arena *arena)
{
    struct log_reader *reader;
    const char *list = "";
    ASSERT_OK(log_reader_open(service->log, &reader, &err), &err);
    for (unsigned p = 0; p < LOG_PARTITIONS; p++) {
        struct events read;
        ASSERT_OK(log_read(reader, p, LOG_ALL, arena, &read, &err), &err);
        for (size_t i = 0; i < read.n; i++) {
            struct text kind = log_name(service->log, DICTIONARY_KIND, read.kind[i]);
            list = arena_format(arena, "%s%.*s %lld %lld; ", list, (int)kind.length, kind.at,
                                (long long)read.received_ms[i] / 1000, (long long)read.amount_cents[i]);
        }
    }
    log_reader_close(reader);
    return list;
}

#define SEGMENT                                                                                                   \
    "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u\",\"messageId\":\"m1\","                    \
    "\"timestamp\":\"2024-01-01T10:00:00Z\",\"receivedAt\":\"2024-01-01T10:00:05Z\",\"properties\":{\"total\":"   \
    "30.5}}\n"                                                                                                    \
    "{\"type\":\"track\",\"event\":\"Order Refunded\",\"userId\":\"u\",\"messageId\":\"m2\","                     \
    "\"timestamp\":\"2024-01-03T10:00:00Z\",\"properties\":{\"total\":10}}\n"

Test(message_file, is_known_when_it_happened_and_taken_once_in_years)
{
    struct arena *arena = arena_new(1 << 20);
    ASSERT_OK(take(SEGMENT, PROTOCOL_SEGMENT), &err);
    cr_assert_str_eq(events(arena), "order 1704103205 3050; refund 1704276000 -1000; ");
    service_close(service);         /* what a start reads of the recent log would not hold these */
    open_service();
    ASSERT_OK(take(SEGMENT, PROTOCOL_SEGMENT), &err);
    cr_assert_eq(counts.n_repeated, 2);
    cr_assert_eq(counts.n_accepted, 0);
    cr_assert_str_eq(events(arena), "order 1704103205 3050; refund 1704276000 -1000; ");
    arena_free(arena);
}

Test(message_file, may_be_of_posthog_in_a_list)
{
    struct arena *arena = arena_new(1 << 20);
    ASSERT_OK(
        take("[{\"event\":\"signup\",\"distinct_id\":\"a\",\"uuid\":\"1\",\"timestamp\":\"2024-02-01T00:00:00Z\","
             "\"properties\":{}},\n {\"event\":\"login\",\"distinct_id\":\"a\",\"uuid\":\"2\",\"timestamp\":"
             "\"2024-02-02T00:00:00Z\",\"properties\":{}}]",
             PROTOCOL_POSTHOG),
        &err);
    cr_assert_str_eq(events(arena), "signup 1706745600 0; login 1706832000 0; ");
    arena_free(arena);
}

Test(message_file, that_is_cut_off_or_mostly_wrong_is_refused_before_anything_is_taken)
{
    struct arena *arena = arena_new(1 << 20);
    ASSERT_FAILS(take(SEGMENT "{\"type\":\"track\",\"ev", PROTOCOL_SEGMENT), &err, ERR_INVALID,
                 "line 3: it is cut off");
    ASSERT_FAILS(take(SEGMENT "{\"type\":\"track\",\"userId\":\"u\"}\n{\"type\":\"track\",\"userId\":\"u\"}\n",
                      PROTOCOL_SEGMENT), &err, ERR_INVALID, "2 of 4 messages cannot be taken");
    cr_assert_str_eq(events(arena), "");
    arena_free(arena);
}

Test(message_file, joins_those_whom_its_messages_join_as_of_then)
{
    ASSERT_OK(take("{\"type\":\"identify\",\"userId\":\"u\",\"anonymousId\":\"x\",\"messageId\":\"m1\","
                   "\"timestamp\":\"2024-01-01T10:00:00Z\"}\n", PROTOCOL_SEGMENT), &err);
    uint32_t u, x;
    cr_assert(log_find(service->log, DICTIONARY_IDENTITY, text_of("u"), &u));
    cr_assert(log_find(service->log, DICTIONARY_IDENTITY, text_of("anonymous:x"), &x));
    size_t n;
    const struct link *links = identities_links(service->identities, u, &n);
    cr_assert_eq(n, 1);
    cr_assert_eq(links[0].received_ms, INT64_C(1704103200000));
    cr_assert_eq(links[0].a + links[0].b, u + x);
}

Test(message_file, is_none_where_rows_only_have_such_columns)
{
    enum protocol protocol;
    struct input *input = input_of("{\"type\":\"sale\",\"userId\":\"u\",\"amount\":3}\n");
    cr_assert_not(message_file_find(input, &protocol));
    input_close(input);
}
