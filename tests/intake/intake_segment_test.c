/* Segment's routes: what clients put on the wire becomes messages; what is bad becomes refusals. */
#include "intake_support.h"

TestSuite(intake_segment, .init = intake_setup, .fini = intake_teardown);

static const struct message *only(const char *type, const char *body)
{
    ASSERT_OK(read_segment(type, body), &err);
    return only_message();
}

static void refused(const char *type, const char *body, const char *field, const char *reason)
{
    ASSERT_OK(read_segment(type, body), &err);
    only_refusal(field, reason);
}

Test(intake_segment, a_batch_of_the_node_client_becomes_messages)
{
    ASSERT_OK(read_segment("batch",
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
    cr_assert_eq(order->time_ms, RECEIVED_MS - 1000);       /* sent a second after it happened */
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
    ASSERT_OK(read_segment("batch", "{\"batch\":[{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\"},"
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
    const struct message *group = only("g", "{\"userId\":17850.0,\"groupId\":\"acme\",\"traits\":{\"name\":"
                                            "\"Acme\"}}");
    ASSERT_TEXT(group->group_id, "acme");
    ASSERT_TEXT(group->user_id, "17850");
    ASSERT_TEXT(group->properties, "{\"name\":\"Acme\"}");
    const struct message *alias = only("a", "{\"userId\":\"u\",\"previousId\":\"x\"}");
    ASSERT_TEXT(alias->previous_id, "x");
    refused("t", "{\"event\":\"A\"}", "userId", "names nobody");
    refused("batch", "{\"type\":\"trakc\",\"userId\":\"u\"}", "type", "none of");
}

Test(intake_segment, the_browser_client_sends_plain_objects_with_a_null_user)
{
    const struct message *page = only("p", "{\"timestamp\":\"2025-11-22T21:59:59.500Z\",\"integrations\":{},"
                                           "\"type\":\"page\",\"properties\":{\"path\":\"/shop\","
                                           "\"referrer\":\"\",\"search\":\"?email=a%40b.c\",\"title\":\"Shop\","
                                           "\"url\":\"http://h/shop?email=a%40b.c\"},"
                                           "\"name\":\"Shop\",\"context\":{\"page\":{\"path\":\"/"
                                           "shop\",\"url\":\"http://h/shop?email=a%40b.c\",\"title\":\"Shop\"},"
                                           "\"userAgent\":\"Mozilla/"
                                           "5.0\",\"locale\":\"en-US\",\"library\":{\"name\":\"analytics.js\","
                                           "\"version\":\"npm:next-1.84.3\"},"
                                           "\"timezone\":\"Europe/"
                                           "Berlin\",\"campaign\":{\"source\":\"mail\"},\"ip\":\"1.2.3.4\"},"
                                           "\"messageId\":\"ajs-next-1\","
                                           "\"anonymousId\":\"aaaa-1\",\"userId\":null,\"writeKey\":\"WK\","
                                           "\"sentAt\":\"2025-11-22T22:00:00.000Z\",\"_metadata\":{}}");
    cr_assert_eq(page->type, MESSAGE_PAGE);
    ASSERT_TEXT(page->kind, "page");
    ASSERT_TEXT(page->user_id, "");
    ASSERT_TEXT(page->anonymous_id, "aaaa-1");
    cr_assert_eq(page->time_ms, RECEIVED_MS - 500);
    ASSERT_TEXT(page->personal, "{\"ip\":\"1.2.3.4\"}");
    char *text = arena_format(arena, "%.*s", (int)page->properties.length, page->properties.at);
    cr_assert(strstr(text, "\"context.campaign.source\":\"mail\""), "%s", text);
    cr_assert(strstr(text, "\"context.page.url\":\"http://h/shop\""), "%s", text);
    cr_assert(strstr(text, "\"name\":\"Shop\""), "%s", text);
    cr_assert(!strstr(text, "%40"), "what an address carries is kept: %s", text);
}

Test(intake_segment, rudderstacks_client_repeats_traits_in_the_context)
{
    ASSERT_OK(read_segment("batch", "{\"batch\":[{\"type\":\"identify\",\"userId\":\"7\",\"traits\":{\"plan\":"
                                    "\"pro\"},\"context\":{\"traits\":{\"plan\":\"pro\","
                                    "\"email\":\"A@b.de\",\"firstName\":\"Ada\"},\"library\":{\"name\":"
                                    "\"rudder\"}},\"originalTimestamp\":"
                                    "\"2025-11-22T20:00:00.000Z\",\"sentAt\":\"2025-11-22T20:00:02.000Z\","
                                    "\"messageId\":\"5d1c0e33\",\"_metadata\":{}}],"
                                    "\"sentAt\":\"2025-11-22T21:00:00.000Z\"}"),
              &err);
    const struct message *identify = only_message();
    ASSERT_TEXT(identify->properties, "{\"plan\":\"pro\"}");
    ASSERT_TEXT(identify->personal, "{\"email\":\"A@b.de\",\"firstName\":\"Ada\"}");
    ASSERT_TEXT(identify->email, "a@b.de");
    cr_assert_eq(identify->time_ms, RECEIVED_MS - 2000, "the message's own sentAt goes before the batch's");
}

Test(intake_segment, clocks_are_corrected_and_what_cannot_be_is_refused)
{
    static const struct { const char *times; int64_t ms; const char *reason, *field;
    } cases[] = {
        { "\"timestamp\":\"2025-11-22T21:00:00Z\"", RECEIVED_MS - 3600000, NULL, NULL },
        { "\"timestamp\":\"2031-01-01T00:00:00Z\",\"sentAt\":\"2031-01-01T00:01:00Z\"", RECEIVED_MS - 60000,
          NULL, NULL },
        { "\"timestamp\":\"1970-01-01T00:00:00Z\",\"sentAt\":\"1970-01-01T00:00:05Z\"", RECEIVED_MS - 5000,
          NULL, NULL },
        { "\"timestamp\":\"2025-11-22T23:00:00Z\"", RECEIVED_MS, NULL, NULL },
        { "\"originalTimestamp\":\"2025-11-22T10:00:00Z\",\"timestamp\":\"2025-11-22T09:00:00Z\"",
          RECEIVED_MS - 12 * 3600000, NULL, NULL },
        { "\"timestamp\":\"2025-11-22T09:00:00Z\",\"originalTimestamp\":\"2025-11-22T10:00:00Z\","
          "\"sentAt\":\"2025-11-22T10:00:00Z\",\"receivedAt\":\"2025-11-22T09:00:00Z\"",
          RECEIVED_MS - 13 * 3600000, NULL, NULL },
        { "\"timestamp\":\"2025-11-22T21:00:00Z\",\"sentAt\":\"9999-01-01T00:00:00Z\"", RECEIVED_MS - 3600000,
          NULL, NULL },
        { "\"timestamp\":1763845200000", RECEIVED_MS - 3600000, NULL, NULL },
        { "\"timestamp\":1763845200", RECEIVED_MS - 3600000, NULL, NULL },
        { "\"timestamp\":null", RECEIVED_MS, NULL, NULL },
        { "\"timestamp\":\"0001-01-01T00:00:00Z\"", 0, "before 1971", "timestamp" },
        { "\"timestamp\":\"9999-12-31T23:59:59Z\"", 0, "in the future", "timestamp" },
        { "\"originalTimestamp\":\"soon\"", 0, "is not a time", "originalTimestamp" },
        { "\"timestamp\":1e300", 0, "is not a time", "timestamp" },
        { "\"timestamp\":{}", 0, "is not a time", "timestamp" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *body = arena_format(arena, "{\"event\":\"A\",\"userId\":\"u\",%s}", cases[i].times);
        if (cases[i].reason) refused("track", body, cases[i].field, cases[i].reason);
        else cr_assert_eq(only("track", body)->time_ms, cases[i].ms, "%s gives %lld", cases[i].times,
                          (long long)intake.messages[0].time_ms);
    }
}

Test(intake_segment, an_import_takes_times_as_they_are)
{
    struct intake_request request = { .protocol = PROTOCOL_SEGMENT, .type = "import", .is_import = true };
    ASSERT_OK(read_request(request, "{\"batch\":[{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\","
                                    "\"timestamp\":"
                                    "\"2015-01-01T00:00:00Z\"}],\"sentAt\":\"2025-11-22T20:00:00Z\"}"),
              &err);
    cr_assert_eq(only_message()->time_ms, INT64_C(1420070400000));
    ASSERT_OK(read_segment("batch", "{\"batch\":[{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\","
                                    "\"timestamp\":"
                                    "\"2015-01-01T00:00:00Z\"}],\"sentAt\":\"2025-11-22T20:00:00Z\"}"),
              &err);
    cr_assert_eq(only_message()->time_ms, INT64_C(1420070400000) + 2 * 3600000);
}

Test(intake_segment, the_batchs_context_and_integrations_lie_under_the_messages_own)
{
    ASSERT_OK(read_segment("batch", "{\"context\":{\"locale\":\"de\",\"app\":{\"name\":\"shop\",\"version\":"
                                    "\"1\"},\"consent\":{\"categoryPreferences\":"
                                    "{\"Advertising\":false}}},\"integrations\":{\"All\":true,\"X\":false,"
                                    "\"Y\":\"s\"},\"batch\":["
                                    "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"context\":{\"app\":"
                                    "{\"version\":\"2\"}},\"integrations\":{\"X\":true}},"
                                    "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"context\":{"
                                    "\"consent\":{\"categoryPreferences\":{\"Advertising\":true,"
                                    "\"Other\":\"?\"}}}}]}"),
              &err);
    cr_assert_eq(intake.n_messages, 2);
    ASSERT_TEXT(intake.messages[0].properties,
                "{\"integrations.X\":true,\"integrations.All\":true,\"context.app.version\":\"2\","
                "\"context.locale\":\"de\",\"context.app.name\":\"shop\"}");
    ASSERT_TEXT(intake.messages[0].consent, "{\"Advertising\":false}");
    ASSERT_TEXT(intake.messages[1].properties,
                "{\"integrations.All\":true,\"integrations.X\":false,\"context.locale\":\"de\","
                "\"context.app.name\":\"shop\",\"context.app.version\":\"1\"}");
    ASSERT_TEXT(intake.messages[1].consent, "{\"Advertising\":true}");
}

Test(intake_segment, where_a_message_may_go_is_kept)
{
    ASSERT_TEXT(only("track", "{\"event\":\"A\",\"userId\":\"u\",\"integrations\":{\"All\":false,\"X\":true,"
                              "\"Y\":{\"list\":1},\"Z\":null,\"W\":\"s\"},\"properties\":{\"a\":1}}")->properties,
                "{\"integrations.All\":false,\"integrations.X\":true,\"integrations.Y\":true,\"a\":1}");
    ASSERT_TEXT(only("track", "{\"event\":\"A\",\"userId\":\"u\",\"integrations\":{\"All\":true}}")->properties,
                "");
    ASSERT_TEXT(only("identify", "{\"userId\":\"u\",\"integrations\":{\"X\":false}}")->properties,
                "{\"integrations.X\":false}");
    ASSERT_TEXT(only("group", "{\"userId\":\"u\",\"groupId\":\"g\",\"integrations\":{\"X\":false}}")->properties,
                "");
    ASSERT_TEXT(only("track", "{\"event\":\"A\",\"userId\":\"u\",\"integrations\":[1]}")->properties, "");
}

Test(intake_segment, null_is_as_good_as_absent)
{
    const char *five = "\"timestamp\":\"2025-11-22T21:00:00Z\"";
    cr_assert_eq(only("track", arena_format(arena, "{\"event\":\"A\",\"userId\":\"u\",\"originalTimestamp\":null,"
                                                   "%s}", five))->time_ms, RECEIVED_MS - 3600000);
    cr_assert_eq(only("track", arena_format(arena, "{\"event\":\"A\",\"userId\":\"u\",\"receivedAt\":null,"
                                                   "\"sentAt\":\"2025-11-22T21:30:00Z\",%s}", five))->time_ms,
                 RECEIVED_MS - 1800000);
    ASSERT_OK(read_segment("batch", arena_format(arena, "{\"sentAt\":\"2025-11-22T21:30:00Z\",\"batch\":["
                                                        "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\","
                                                        "\"sentAt\":null,%s}]}", five)), &err);
    cr_assert_eq(only_message()->time_ms, RECEIVED_MS - 1800000);
    ASSERT_FAILS(read_segment("batch", "{\"batch\":null}"), &err, ERR_INVALID, "not a list");
}

Test(intake_segment, the_batchs_time_and_people_lie_under_the_messages_own)
{
    ASSERT_OK(read_segment("batch", "{\"timestamp\":\"2025-11-22T20:00:00Z\",\"context\":{\"groupId\":\"acme\","
                                    "\"device\":{\"token\":\"t\"},"
                                    "\"externalIds\":[{\"type\":\"email\",\"id\":\"ada@x.de\"}]},"
                                    "\"batch\":[{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\"},"
                                    "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"v\","
                                    "\"timestamp\":\"2025-11-22T21:00:00Z\",\"context\":{\"groupId\":\"own\","
                                    "\"traits\":{\"email\":\"bob@x.de\"}}}]}"), &err);
    cr_assert_eq(intake.n_messages, 2);
    cr_assert_eq(intake.messages[0].time_ms, RECEIVED_MS - 2 * 3600000);
    ASSERT_TEXT(intake.messages[0].email, "ada@x.de");
    ASSERT_TEXT(intake.messages[0].properties, "{\"context.groupId\":\"acme\"}");
    cr_assert(strstr(intake.messages[0].personal.at, "\"device.token\":\"t\""));
    cr_assert_eq(intake.messages[1].time_ms, RECEIVED_MS - 3600000);
    ASSERT_TEXT(intake.messages[1].email, "bob@x.de");
    ASSERT_TEXT(intake.messages[1].properties, "{\"context.groupId\":\"own\"}");
}

Test(intake_segment, an_id_that_is_an_address_is_an_address)
{
    const struct message *track = only("track", "{\"event\":\"A\",\"userId\":\"Ada@Example.com\","
                                                "\"anonymousId\":\"a\"}");
    ASSERT_TEXT(track->user_id, "");
    ASSERT_TEXT(track->email, "ada@example.com");
    cr_assert(track->email_is_id);
    const struct message *alias = only("alias", "{\"userId\":\"u\",\"previousId\":\"Ada@Example.com\","
                                                "\"anonymousId\":\"x\"}");
    ASSERT_TEXT(alias->previous_email, "ada@example.com");
    ASSERT_TEXT(alias->previous_id, "");
    alias = only("alias", "{\"userId\":\"u\",\"previousId\":\"x\",\"anonymousId\":\"x\"}");
    cr_assert(alias->previous_is_anonymous);
    refused("alias", "{\"userId\":\"u\"}", "previousId", "missing");
}

Test(intake_segment, ids_have_a_form)
{
    char *long_id = arena_alloc(arena, 401, 1);
    memset(long_id, 'x', 400);
    refused("track", "{\"event\":\"A\",\"userId\":{}}", "userId", "not a text");
    refused("track", "{\"event\":\"A\",\"userId\":\"a\\u0000b\"}", "userId", "NUL");
    refused("track", "{\"event\":\"A\",\"userId\":\"a\\u0001b\"}", "userId", "control character");
    refused("track", "{\"event\":\" \",\"userId\":\"a\"}", "event", "missing");
    refused("track", arena_format(arena, "{\"event\":\"A\",\"userId\":\"%s\"}", long_id), "userId", "400 bytes");
    refused("track",
            arena_format(arena, "{\"event\":\"A\",\"userId\":\"u\",\"messageId\":\"%.101s\"}", long_id),
            "messageId", "101 characters");
    ASSERT_TEXT(
        only("track",
             arena_format(arena, "{\"event\":\"A\",\"userId\":\" u \",\"messageId\":\"%.100s\"}", long_id))
            ->user_id,
        "u");
    refused("group", "{\"userId\":\"u\"}", "groupId", "missing");
}

Test(intake_segment, a_pixels_data_is_read_from_base64_too)
{
    const char *forms[] = { "eyJldmVudCI6IkEiLCJ1c2VySWQiOiJ1PyJ9", "eyJldmVudCI6IkEiLCJ1c2VySWQiOiJ1PyJ9==",
                            "{\"event\":\"A\",\"userId\":\"u?\"}" };
    ASSERT_TEXT(only("track", forms[0])->user_id, "u?");
    ASSERT_TEXT(only("track", forms[2])->user_id, "u?");
    ASSERT_FAILS(read_segment("track", "aGVsbG8gd29ybGQh"), &err, ERR_INVALID, "malformed JSON at byte 0");
}

Test(intake_segment, what_is_too_large_says_so)
{
    struct intake_request request = { .protocol = PROTOCOL_SEGMENT, .type = "batch", .most_body_bytes = 100 };
    char *body = arena_alloc(arena, 400000, 1);
    memset(body, ' ', 101);
    ASSERT_FAILS(read_request(request, body), &err, ERR_INVALID, "101 bytes; at most 100");
    cr_assert(intake.is_too_large);
    char *at = body + snprintf(body, 100, "{\"batch\":[");
    for (int i = 0; i < INTAKE_MOST_EVENTS; i++)
        at += snprintf(at, 100, "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\"},");
    snprintf(at - 1, 100, "]}");
    ASSERT_OK(read_segment("batch", body), &err);
    cr_assert_eq(intake.n_messages, INTAKE_MOST_EVENTS);
    snprintf(at - 1, 100, ",7]}");
    ASSERT_FAILS(read_segment("batch", body), &err, ERR_INVALID, "2501 messages");
    cr_assert(intake.is_too_large && intake.n_messages == 0);
    at = body + snprintf(body, 100,
                         "{\"batch\":[{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"properties\":{"
                         "\"a\":\"");
    memset(at, 'x', INTAKE_MOST_EVENT_BYTES);
    snprintf(at + INTAKE_MOST_EVENT_BYTES, 100, "\"}},{\"type\":\"track\",\"event\":\"B\",\"userId\":\"u\"}]}");
    ASSERT_OK(read_segment("batch", body), &err);
    cr_assert_eq(intake.n_messages, 1);
    cr_assert_eq(intake.n_refusals, 1);
    cr_assert_str_eq(intake.refusals[0].field, "batch[0]");
    cr_assert(strstr(intake.refusals[0].reason, "a message has at most 32768"), "%s", intake.refusals[0].reason);
}

Test(intake_segment, requests_that_are_no_messages_are_refused_as_a_whole)
{
    ASSERT_FAILS(read_segment("batch", "{\"batch\":{}}"), &err, ERR_INVALID, "not a list");
    ASSERT_FAILS(read_segment("batch", "7"), &err, ERR_INVALID, "neither an object nor a list");
    ASSERT_FAILS(read_segment("batch", "{\"batch\":[],\"batch\":[]}"), &err, ERR_INVALID, "named twice");
    ASSERT_FAILS(read_segment("batch", "{\"batch\":[{]}"), &err, ERR_INVALID, "malformed JSON at byte 11: ']'");
    cr_assert(!intake.is_too_large);
    ASSERT_OK(read_segment("batch", "{\"batch\":[]}"), &err);
    cr_assert(intake.n_messages == 0 && intake.n_refusals == 0);
}

Test(intake_segment, a_refused_message_is_taken_once_it_is_mended)
{
    ASSERT_OK(read_segment("batch", "{\"batch\":[{\"type\":\"track\",\"event\":\"Order "
                                    "Completed\",\"userId\":\"u\",\"properties\":"
                                    "{\"revenue\":\"much\"}}]}"),
              &err);
    only_refusal("batch[0].properties.revenue", "not an amount");
    char *raw = arena_format(arena, "%.*s", (int)intake.refusals[0].raw.length, intake.refusals[0].raw.at);
    struct intake_request again = intake.request;
    memcpy(strstr(raw, "much"), "12.5", 4);
    ASSERT_OK(read_request(again, raw), &err);
    cr_assert_eq(only_message()->amount_cents, 1250);
}

Test(intake_segment, the_write_key_is_found_where_clients_put_it)
{
    static const struct { const char *body, *key;
    } cases[] = {
        { "{\"batch\":[],\"writeKey\":\"WK\"}", "WK" },
        { "{\"api_key\":\"PK\",\"batch\":[]}", "PK" },
        { "{\"batch\":[{\"writeKey\":\"EK\"}]}", "EK" },
        { "[{\"writeKey\":\"EK\"}]", "EK" },
        { "{\"batch\":[{\"event\":\"e\"},7,{\"writeKey\":\"EK\"},{\"writeKey\":\"OK\"}]}", "EK" },
        { "{\"event\":\"e\",\"properties\":{\"token\":\"TK\"}}", "TK" },
        { "{\"token\":\"FK\",\"distinct_id\":\"ada\"}", "FK" },
        { "{\"batch\":[]}", NULL },
        { "{\"writeKey\":7}", NULL },
        { "{\"writeKey\":\"\\ud800\"}", NULL },
        { "{", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text key = { "", 0 };
        struct json json;
        struct err ignored;
        bool has_key = intake_json(text_of(cases[i].body), arena, &json, &ignored) &&
                       intake_write_key(&json, arena, &key);
        cr_assert_eq(has_key, cases[i].key != NULL, "%s", cases[i].body);
        if (cases[i].key) ASSERT_TEXT(key, cases[i].key);
    }
}
