/* What goes over the wire for an SMS, and what its provider's answers mean. */
#include "channel/channel.h"
#include "support.h"

static const struct channel sms = { .name = "sms",
                                    .kind = WAY_TWILIO,
                                    .url = "https://api.twilio.com",
                                    .user = "AC1",
                                    .password = "secret",
                                    .from = { "", "+491512345678" } };

static const char *body_of(struct arena *arena, const struct channel *channel, const char *text,
                           const char *callback)
{
    struct transfer transfer = { 0 };
    const struct consignment consignment = { .id = "m_1", .from = "", .to = "+4917612345", .bytes = text_of(text),
                                             .callback = callback };
    twilio_ops.prepare(channel, &consignment, arena, &transfer);
    cr_assert_str_eq(transfer.url, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json");
    cr_assert_str_eq(transfer.headers[0], "Content-Type: application/x-www-form-urlencoded");
    cr_assert_str_eq(transfer.user, "AC1");
    return arena_format(arena, "%.*s", (int)transfer.body.length, transfer.body.at);
}

Test(sms, it_is_a_form_whose_words_cannot_become_other_fields)
{
    struct arena *arena = arena_new(1 << 20);
    struct channel service = sms;
    service.from.email = "MG0123";
    cr_assert_str_eq(body_of(arena, &sms, "Hi Ada & Bob=1\r\n", "https://n.example/v1/callbacks/sms"),
                     "To=%2B4917612345&From=%2B491512345678&Body=Hi%20Ada%20%26%20Bob%3D1%0D%0A&StatusCallback="
                     "https%3A%2F%2Fn.example%2Fv1%2Fcallbacks%2Fsms");
    cr_assert_str_eq(body_of(arena, &service, "\xf0\x9f\xa7\x80", NULL),
                     "To=%2B4917612345&MessagingServiceSid=MG0123&Body=%F0%9F%A7%80");
    arena_free(arena);
}

Test(sms, what_the_provider_answers_decides_whether_it_is_tried_again_and_whether_the_number_is_closed)
{
    static const struct { int code; const char *body; enum delivery delivery; bool is_closed; } cases[] = {
        { 201, "{\"sid\": \"SM7\", \"status\": \"queued\"}", DELIVERY_SENT, false },
        { 400, "{\"code\": 21610, \"message\": \"unsubscribed recipient\"}", DELIVERY_REFUSED, true },
        { 400, "{\"code\": 21211, \"message\": \"not a number\"}", DELIVERY_REFUSED, true },
        { 400, "{\"code\": 21617, \"message\": \"too long\"}", DELIVERY_REFUSED, false },
        { 401, "{\"code\": 20003}", DELIVERY_LATER, false },
        { 429, "", DELIVERY_LATER, false },
        { 503, "<html>", DELIVERY_LATER, false },
        { 404, "[1]", DELIVERY_REFUSED, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct transfer_result result = { .end = TRANSFER_ANSWERED,
                                                .code = cases[i].code,
                                                .body = text_of(cases[i].body) };
        struct delivered delivered = { 0 };
        twilio_ops.judge(&sms, &result, &delivered);
        cr_assert_eq(delivered.delivery, cases[i].delivery, "%d %s", cases[i].code, cases[i].body);
        cr_assert_eq(delivered.is_address_closed, cases[i].is_closed, "%d %s", cases[i].code, cases[i].body);
        if (cases[i].code == 201) cr_assert_str_eq(delivered.provider_id, "SM7");
    }
}

Test(sms, what_was_cut_off_in_the_middle_is_in_doubt_and_what_never_began_is_not)
{
    static const struct { enum transfer_end end; enum delivery delivery; } cases[] = {
        { TRANSFER_NOT_BEGUN, DELIVERY_LATER }, { TRANSFER_GUARDED, DELIVERY_LATER },
        { TRANSFER_BROKEN, DELIVERY_UNKNOWN }, { TRANSFER_IN_DOUBT, DELIVERY_UNKNOWN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct transfer_result result = { .end = cases[i].end, .body = text_of("") };
        struct delivered delivered = { 0 };
        twilio_ops.judge(&sms, &result, &delivered);
        cr_assert_eq(delivered.delivery, cases[i].delivery);
    }
}
