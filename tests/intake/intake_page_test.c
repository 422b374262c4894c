/* What a page says, whose key everybody can read: what it did is taken, what would change others is refused. */
#include "intake/intake_support.h"

TestSuite(intake_page, .init = intake_setup, .fini = intake_teardown);

static void read_of_page(enum protocol protocol, const char *type, const char *path_id, const char *body)
{
    const struct intake_request request = { .protocol = protocol, .type = type, .path_id = text_of(path_id),
                                            .is_page = true };
    cr_assert(read_request(request, body), "%s", err.text);
}

Test(intake_page, joining_two_customers_by_name_is_refused_and_the_rest_of_the_batch_is_taken)
{
    read_of_page(PROTOCOL_POSTHOG, NULL, "",
                 "{\"batch\": [{\"event\": \"seen\", \"distinct_id\": \"ada\"},"
                 "{\"event\": \"$merge_dangerously\", \"distinct_id\": \"ada\", \"properties\": {\"alias\": \"bob\"}},"
                 "{\"event\": \"$create_alias\", \"distinct_id\": \"ada\", \"properties\": {\"alias\": \"b\"}}]}");
    cr_assert_eq(intake.n_messages, 2);
    cr_assert_eq(intake.n_refusals, 1);
    cr_assert(intake.messages[0].type == MESSAGE_TRACK && intake.messages[1].type == MESSAGE_ALIAS);
    cr_assert(intake.messages[0].is_of_page && intake.messages[1].is_of_page);
    cr_assert(strstr(intake.refusals[0].reason, "takes a write key, from a server"));
    cr_assert(memmem(intake.refusals[0].raw.at, intake.refusals[0].raw.length, "$merge_dangerously", 18));
}

Test(intake_page, nothing_that_erases_or_suppresses_is_taken)
{
    static const struct { const char *type, *body; } cases[] = {
        { "customers/delete", "" }, { "customers/suppress", "{}" }, { "customers/unsuppress", "{}" },
        { "merge_customers", "{\"primary\": {\"id\": \"ada\"}, \"secondary\": {\"id\": \"bob\"}}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_of_page(PROTOCOL_CUSTOMERIO, cases[i].type, "ada", cases[i].body);
        only_refusal(NULL, "takes a write key, from a server");
    }
}

Test(intake_page, a_server_may_say_all_of_it)
{
    const struct intake_request request = { .protocol = PROTOCOL_CUSTOMERIO, .type = "customers/delete",
                                            .path_id = text_of("ada") };
    cr_assert(read_request(request, ""));
    cr_assert(only_message()->type == MESSAGE_ERASE && !only_message()->is_of_page);
}
