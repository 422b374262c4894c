/* PostHog's capture API: what posthog-node and the browser client send. */
#include "intake_support.h"

TestSuite(intake_posthog, .init = intake_setup, .fini = intake_teardown);

static bool read_events(const char *body)
{
    return read_request((struct intake_request){ .protocol = PROTOCOL_POSTHOG }, body);
}

Test(intake_posthog, a_batch_of_the_node_client_becomes_messages)
{
    ASSERT_OK(read_events("{\"api_key\":\"phc_k\",\"batch\":[{\"distinct_id\":\"u-1\",\"event\":\"Order "
                          "Completed\",\"properties\":{\"revenue\":\"19.99\","
                          "\"plan\":\"pro\",\"$lib\":\"posthog-node\",\"$lib_version\":\"5.70.0\",\"$geoip_"
                          "disable\":true,\"$groups\":{\"company\":\"acme\"}},"
                          "\"type\":\"capture\",\"library\":\"posthog-node\",\"timestamp\":\"2025-11-22T21:00:"
                          "00.000Z\",\"uuid\":\"0199-a\"},"
                          "{\"distinct_id\":\"u-1\",\"event\":\"$identify\",\"properties\":{\"$set\":{"
                          "\"email\":\"a@B.de\",\"plan\":\"pro\"},"
                          "\"$set_once\":{\"plan\":\"free\",\"from\":\"ad\",\"name\":\"Ada\"},"
                          "\"$anon_distinct_id\":\"anon-1\"},"
                          "\"timestamp\":\"2025-11-22T21:00:00.000Z\","
                          "\"uuid\":\"0199-b\"},"
                          "{\"distinct_id\":\"u-1\",\"event\":\"$create_alias\",\"properties\":{\"distinct_"
                          "id\":\"u-1\",\"alias\":\"old\"},\"uuid\":\"0199-c\"},"
                          "{\"distinct_id\":\"$company_acme\",\"event\":\"$groupidentify\",\"properties\":{\"$"
                          "group_type\":\"company\",\"$group_key\":"
                          "\"acme\",\"$group_set\":{\"name\":\"Acme\",\"seats\":5,\"phone\":\"1\"}},\"uuid\":"
                          "\"0199-d\"},"
                          "{\"distinct_id\":\"u-1\",\"properties\":{},\"uuid\":\"0199-e\"}],\"sent_at\":\"2025-"
                          "11-22T21:30:00.000Z\"}"),
              &err);
    cr_assert_eq(intake.n_messages, 4);
    const struct message *order = &intake.messages[0], *identify = &intake.messages[1],
                         *alias = &intake.messages[2], *group = &intake.messages[3];
    ASSERT_TEXT(order->kind, "order");
    cr_assert_eq(order->amount_cents, 1999);
    ASSERT_TEXT(order->message_id, "0199-a");
    cr_assert_eq(order->time_ms, RECEIVED_MS - 30 * 60000);
    ASSERT_TEXT(order->properties, "{\"revenue\":\"19.99\",\"plan\":\"pro\",\"context.library.name\":\"posthog-"
                                   "node\","
                                   "\"context.library.version\":\"5.70.0\",\"context.groupId\":\"acme\"}");
    cr_assert_eq(identify->type, MESSAGE_IDENTIFY);
    ASSERT_TEXT(identify->user_id, "u-1");
    ASSERT_TEXT(identify->anonymous_id, "anon-1");
    ASSERT_TEXT(identify->email, "a@b.de");
    ASSERT_TEXT(identify->properties, "{\"plan\":\"pro\",\"$set_once.plan\":\"free\",\"$set_once.from\":\"ad\"}");
    ASSERT_TEXT(identify->personal, "{\"email\":\"a@B.de\",\"$set_once.name\":\"Ada\"}");
    cr_assert_eq(alias->type, MESSAGE_ALIAS);
    ASSERT_TEXT(alias->previous_id, "old");
    cr_assert_eq(group->type, MESSAGE_GROUP);
    ASSERT_TEXT(group->group_id, "acme");
    ASSERT_TEXT(group->user_id, "");
    ASSERT_TEXT(group->properties, "{\"name\":\"Acme\",\"seats\":5}");
    cr_assert_eq(intake.n_refusals, 1);
    cr_assert_str_eq(intake.refusals[0].field, "batch[4].event");
}

Test(intake_posthog, a_browsers_event_is_anonymous_until_it_is_identified)
{
    ASSERT_OK(read_events("[{\"event\":\"$pageview\",\"properties\":{\"token\":\"phc_k\",\"distinct_id\":\"d-"
                          "1\",\"$device_id\":\"d-1\","
                          "\"$current_url\":\"http://h/?a\",\"$pathname\":\"/"
                          "\",\"$ip\":\"1.2.3.4\"},\"offset\":1500}]"),
              &err);
    const struct message *page = only_message();
    cr_assert_eq(page->type, MESSAGE_PAGE);
    ASSERT_TEXT(page->user_id, "");
    ASSERT_TEXT(page->anonymous_id, "d-1");
    ASSERT_TEXT(page->personal, "{\"ip\":\"1.2.3.4\"}");
    cr_assert_eq(page->time_ms, RECEIVED_MS - 1500);
    ASSERT_OK(read_events("{\"event\":\"e\",\"distinct_id\":\"u\",\"properties\":{\"$is_identified\":false}}"),
              &err);
    ASSERT_TEXT(only_message()->anonymous_id, "u");
}

Test(intake_posthog, an_event_that_sets_traits_is_two_messages)
{
    ASSERT_OK(read_events("{\"event\":\"e\",\"distinct_id\":\"u\",\"uuid\":\"x\",\"properties\":{\"a\":1,\"$"
                          "set\":{\"plan\":\"pro\"}}}"),
              &err);
    cr_assert_eq(intake.n_messages, 2);
    ASSERT_TEXT(intake.messages[0].properties, "{\"a\":1}");
    ASSERT_TEXT(intake.messages[1].properties, "{\"plan\":\"pro\"}");
    ASSERT_TEXT(intake.messages[1].kind, "traits");
    ASSERT_TEXT(intake.messages[1].message_id, "x set");
}

Test(intake_posthog, too_many_events_are_too_large)
{
    char *body = arena_alloc(arena, 100000, 1);
    size_t n = (size_t)snprintf(body, 100, "{\"batch\":[");
    for (int i = 0; i <= INTAKE_MOST_EVENTS; i++) n += (size_t)snprintf(body + n, 100, i ? ",{}" : "{}");
    snprintf(body + n, 100, "]}");
    ASSERT_FAILS(read_events(body), &err, ERR_INVALID, "at most 2500");
    cr_assert(intake.is_too_large);
    ASSERT_FAILS(read_events("7"), &err, ERR_INVALID, "neither");
    ASSERT_FAILS(read_events("{\"batch\":7}"), &err, ERR_INVALID, "not a list");
    ASSERT_OK(read_events("{\"event\":\"e\"}"), &err);
    only_refusal("distinct_id", "names nobody");
    ASSERT_OK(read_events("{\"event\":\"$create_alias\",\"distinct_id\":\"u\"}"), &err);
    only_refusal("properties.alias", "missing");
    ASSERT_OK(read_events("{\"event\":\"$groupidentify\",\"distinct_id\":\"u\"}"), &err);
    only_refusal("properties.$group_key", "missing");
}
