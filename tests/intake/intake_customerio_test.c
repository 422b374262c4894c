/* Customer.io's TrackClient: its routes with the bodies that customerio-node sends. */
#include "intake_support.h"

TestSuite(intake_customerio, .init = intake_setup, .fini = intake_teardown);

static bool read_route(const char *type, const char *id, const char *body)
{
    return read_request(
        (struct intake_request){ .protocol = PROTOCOL_CUSTOMERIO, .type = type, .path_id = text_of(id) }, body);
}

static const struct message *only(const char *type, const char *id, const char *body)
{
    ASSERT_OK(read_route(type, id, body), &err);
    return only_message();
}

Test(intake_customerio, a_customer_is_somebody_with_traits)
{
    const struct message *identify = only("customers", "42",
                                          "{\"email\":\"Ada@b.de\",\"created_at\":1763845200,\"first_name\":"
                                          "\"Ada\",\"plan\":\"pro\",\"anonymous_id\":\"a-1\"}");
    cr_assert_eq(identify->type, MESSAGE_IDENTIFY);
    ASSERT_TEXT(identify->user_id, "42");
    ASSERT_TEXT(identify->anonymous_id, "a-1");
    ASSERT_TEXT(identify->email, "ada@b.de");
    cr_assert(!identify->email_is_id);
    ASSERT_TEXT(identify->properties, "{\"created_at\":1763845200,\"plan\":\"pro\"}");
    ASSERT_TEXT(identify->personal, "{\"email\":\"Ada@b.de\",\"first_name\":\"Ada\"}");
    identify = only("customers", "Ada@b.de", "{\"plan\":\"pro\"}");
    ASSERT_TEXT(identify->user_id, "");
    ASSERT_TEXT(identify->email, "ada@b.de");
    cr_assert(identify->email_is_id);
}

Test(intake_customerio, events_of_customers_and_of_the_unknown)
{
    const struct message *event = only("customers/events", "42",
                                       "{\"name\":\"purchase\",\"data\":{\"price\":12.5,\"product_id\":\"p\"},"
                                       "\"id\":\"01BX5ZZKBKACTAV9WEVGEMMVRY\",\"timestamp\":1763845200}");
    cr_assert_eq(event->type, MESSAGE_TRACK);
    ASSERT_TEXT(event->kind, "purchase");
    ASSERT_TEXT(event->message_id, "01BX5ZZKBKACTAV9WEVGEMMVRY");
    ASSERT_TEXT(event->item, "p");
    cr_assert_eq(event->time_ms, INT64_C(1763845200000));
    ASSERT_TEXT(only("events", "", "{\"name\":\"seen\",\"data\":{},\"anonymous_id\":\"a-1\"}")->anonymous_id,
                "a-1");
    ASSERT_TEXT(only("events", "", "{\"name\":\"invited\",\"data\":{\"recipient\":\"F@b.de\"}}")->email, "f@b.de");
    cr_assert_eq(only("customers/events", "42", "{\"name\":\"/home\",\"type\":\"page\"}")->type, MESSAGE_PAGE);
    ASSERT_OK(read_route("events", "", "{\"name\":\"seen\",\"data\":{}}"), &err);
    only_refusal("id", "names nobody");
    ASSERT_OK(read_route("customers/events", "42", "{\"data\":{}}"), &err);
    only_refusal("name", "missing");
}

Test(intake_customerio, devices_are_personal)
{
    const struct message *device = only("customers/devices", "42",
        "{\"device\":{\"id\":\"tok\",\"platform\":\"ios\",\"last_used\":1763845200}}");
    cr_assert_eq(device->type, MESSAGE_IDENTIFY);
    ASSERT_TEXT(device->personal, "{\"device.token\":\"tok\"}");
    ASSERT_TEXT(device->properties, "{\"device.platform\":\"ios\"}");
    ASSERT_TEXT(only("customers/devices/delete", "42", "")->personal, "{\"device.token\":null}");
    ASSERT_OK(read_route("customers/devices", "42", "{\"device\":{}}"), &err);
    only_refusal("device.id", "missing");
}

Test(intake_customerio, people_are_merged_suppressed_and_deleted)
{
    const struct message *merge =
        only("merge_customers", "", "{\"primary\":{\"id\":\"1\"},\"secondary\":{\"email\":\"A@b.de\"}}");
    cr_assert_eq(merge->type, MESSAGE_MERGE);
    ASSERT_TEXT(merge->user_id, "1");
    ASSERT_TEXT(merge->previous_email, "a@b.de");
    cr_assert_eq(only("customers/suppress", "42", "{}")->type, MESSAGE_SUPPRESS);
    cr_assert_eq(only("customers/unsuppress", "42", "{}")->type, MESSAGE_UNSUPPRESS);
    const struct message *erase = only("customers/delete", "42", "");
    cr_assert_eq(erase->type, MESSAGE_ERASE);
    ASSERT_TEXT(erase->user_id, "42");
    ASSERT_OK(read_route("merge_customers", "", "{\"primary\":{\"id\":\"1\"},\"secondary\":{}}"), &err);
    only_refusal("secondary", "missing");
    ASSERT_OK(read_route("customers", "a\xff", "{}"), &err);
    only_refusal("id", "not UTF-8");
    ASSERT_FAILS(read_route("nowhere", "1", "{}"), &err, ERR_INVALID, "no such route");
    ASSERT_FAILS(read_route("customers", "1", "[]"), &err, ERR_INVALID, "not an object");
}
