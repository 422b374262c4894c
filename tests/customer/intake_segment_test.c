/* Segment's routes: what clients put on the wire becomes messages; what is bad becomes refusals. */
#include "customer/intake.h"
#include "support.h"

#include <string.h>

static const int64_t received_ms = INT64_C(1763848800000);      /* 2025-11-22T22:00:00Z */
static struct arena *arena;
static struct intake intake;
static struct err    err;

static void setup(void)    { arena = arena_new(ARENA_NO_LIMIT); }
static void teardown(void) { arena_free(arena); }
TestSuite(intake_segment, .init = setup, .fini = teardown);

static bool read_as(const char *type, const char *body)
{
    /* A copy without anything behind it, so that reading past the end is found. */
    size_t length = strlen(body);
    char *bytes = arena_alloc(arena, length ? length : 1, 1);
    memcpy(bytes, body, length);
    struct intake_request request = { .protocol = PROTOCOL_SEGMENT, .type = type, .body = { bytes, length },
                                      .received_ms = received_ms };
    return intake_read(&request, arena, &intake, &err);
}

static const struct message *only(const char *type, const char *body)
{
    ASSERT_OK(read_as(type, body), &err);
    cr_assert(intake.n_refusals == 0, "%s %s", intake.refusals[0].field, intake.refusals[0].reason);
    cr_assert_eq(intake.n_messages, 1);
    return &intake.messages[0];
}

#define ASSERT_TEXT(got, want)                                                                             \
    cr_assert(text_equal((got), text_of(want)), "%s is \"%.*s\", want \"%s\"", #got, (int)(got).length,    \
              (got).at ? (got).at : "", (want))

static void refused(const char *type, const char *body, const char *field, const char *reason)
{
    ASSERT_OK(read_as(type, body), &err);
    cr_assert(intake.n_messages == 0 && intake.n_refusals == 1, "%zu messages, %zu refusals of %s", intake.n_messages,
              intake.n_refusals, body);
    const struct refusal *refusal = &intake.refusals[0];
    cr_assert(strstr(refusal->reason, reason), "\"%s\" is not in \"%s\"", reason, refusal->reason);
    if (field) cr_assert_str_eq(refusal->field ? refusal->field : "(none)", field);
    else cr_assert_null(refusal->field);
}

Test(intake_segment, a_batch_of_the_node_client_becomes_messages)
{
    ASSERT_OK(read_as("batch",
        "{\"batch\":[{\"timestamp\":\"2025-11-22T21:59:58.000Z\",\"integrations\":{},\"userId\":\"u-1\","
        "\"event\":\"Order Completed\",\"type\":\"track\",\"properties\":{\"order_id\":\"o1\",\"revenue\":25.5,"
        "\"currency\":\"eur\",\"products\":[{\"product_id\":\"p1\",\"price\":12.75,\"quantity\":2}]},"
        "\"context\":{\"library\":{\"name\":\"@segment/analytics-node\",\"version\":\"3.1.0\"}},"
        "\"messageId\":\"node-next-1763848798000-0d8f\",\"_metadata\":{\"nodeVersion\":\"20.1.0\"}},"
        "{\"type\":\"identify\",\"userId\":\"u-1\",\"traits\":{\"email\":\"Ada@Example.com\",\"plan\":\"pro\"},"
        "\"timestamp\":\"2025-11-22T21:59:58.000Z\",\"messageId\":\"m2\"}],"
        "\"writeKey\":\"WK\",\"sentAt\":\"2025-11-22T21:59:59.000Z\"}"), &err);
    cr_assert_eq(intake.n_messages, 2);
    cr_assert_eq(intake.n_refusals, 0);
    const struct message *order = &intake.messages[0], *identify = &intake.messages[1];
    ASSERT_TEXT(order->kind, "order");
    ASSERT_TEXT(order->user_id, "u-1");
    ASSERT_TEXT(order->message_id, "node-next-1763848798000-0d8f");
    ASSERT_TEXT(order->currency, "EUR");
    cr_assert_eq(order->amount_cents, 2550);
    cr_assert_eq(order->n_lines, 1);
    ASSERT_TEXT(order->lines[0].item, "p1");
    cr_assert_eq(order->lines[0].amount_cents, 2550);
    cr_assert_eq(order->lines[0].quantity_milli, 2000);
    cr_assert_eq(order->time_ms, received_ms - 1000);       /* sent a second after it happened */
    ASSERT_TEXT(order->properties, "{\"order_id\":\"o1\",\"revenue\":25.5,\"currency\":\"eur\","
                "\"context.library.name\":\"@segment/analytics-node\",\"context.library.version\":\"3.1.0\"}");
    cr_assert_eq(identify->type, MESSAGE_IDENTIFY);
    ASSERT_TEXT(identify->kind, "traits");
    ASSERT_TEXT(identify->email, "ada@example.com");
    ASSERT_TEXT(identify->properties, "{\"plan\":\"pro\"}");
    ASSERT_TEXT(identify->personal, "{\"email\":\"Ada@Example.com\"}");
}

Test(intake_segment, a_bad_event_costs_itself_only)
{
    ASSERT_OK(read_as("batch", "{\"batch\":[{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\"},"
        "{\"type\":\"track\",\"userId\":\"u\"},"
        "{\"type\":\"track\",\"event\":\"B\"},"
        "7,"
        "{\"type\":\"track\",\"event\":\"C\",\"userId\":\"u\",\"properties\":{\"a\":\"\\ud83d\"}},"
        "{\"type\":\"track\",\"event\":\"D\",\"userId\":\"u\",\"event\":\"E\"},"
        "{\"type\":\"track\",\"event\":\"F\",\"userId\":\"u\"}]}"), &err);
    cr_assert_eq(intake.n_messages, 2);
    ASSERT_TEXT(intake.messages[1].kind, "F");
    cr_assert_eq(intake.n_refusals, 5);
    static const struct { const char *field, *reason; } wanted[] = {
        { "batch[1].event", "missing" }, { "batch[2].userId", "nobody" }, { "batch[3]", "not a JSON object" },
        { "batch[4].properties.a", "half of a surrogate" }, { "batch[5].event", "named twice" },
    };
    for (size_t i = 0; i < 5; i++) {
        cr_assert_str_eq(intake.refusals[i].field, wanted[i].field);
        cr_assert(strstr(intake.refusals[i].reason, wanted[i].reason), "%s", intake.refusals[i].reason);
    }
    ASSERT_TEXT(intake.refusals[1].raw, "{\"type\":\"track\",\"event\":\"B\"}");
}

Test(intake_segment, short_forms_and_missing_types_follow_the_path)
{
    cr_assert_eq(only("t", "{\"event\":\"A\",\"anonymousId\":\"a1\",\"userId\":null}")->type, MESSAGE_TRACK);
    cr_assert_eq(only("i", "{\"userId\":7}")->type, MESSAGE_IDENTIFY);
    cr_assert_eq(only("p", "{\"anonymousId\":\"a\",\"userId\":null,\"name\":\"Home\"}")->type, MESSAGE_PAGE);
    cr_assert_eq(only("screen", "{\"anonymousId\":\"a\"}")->type, MESSAGE_SCREEN);
    const struct message *group = only("g", "{\"userId\":17850.0,\"groupId\":\"acme\",\"traits\":{\"name\":\"Acme\"}}");
    ASSERT_TEXT(group->group_id, "acme");
    ASSERT_TEXT(group->user_id, "17850");
    ASSERT_TEXT(group->properties, "{\"name\":\"Acme\"}");
    const struct message *alias = only("a", "{\"userId\":\"u\",\"previousId\":\"x\"}");
    ASSERT_TEXT(alias->previous_id, "x");
    refused("t", "{\"event\":\"A\"}", "userId", "names nobody");
    refused("batch", "{\"type\":\"trakc\",\"userId\":\"u\"}", "type", "none of");
}
