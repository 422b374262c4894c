/* Channels: what the settings may say of them, and the signatures that others check. */
#include "channel/channel.h"
#include "support.h"

static bool read_them(struct arena *arena, const char *yaml, struct channels *ret_channels, struct err *err)
{
    struct settings settings;
    const char *path = support_path("holdfast.yaml");
    support_write(path, yaml, strlen(yaml));
    return settings_read(path, arena, &settings, err) && channels_read(&settings, arena, ret_channels, err);
}

Test(channel, the_settings_of_every_kind_are_read)
{
    struct arena *arena = arena_new(1 << 24);
    struct channels channels;
    struct err err;
    support_write(support_path("p"), "secret one\n", 11);
    ASSERT_OK(
        read_them(arena,
                  "channels:\n"
                  "  email: {kind: smtp, url: 'smtp://127.0.0.1:2525', tls: required, user: u, password_file: p, "
                  "from: 'Käse & Co <news@example.com>', return_path: 'b+{token}@example.com'}\n"
                  "  sms: {kind: twilio, url: 'https://api.twilio.com', account: AC1, token_file: p, from: "
                  "'+491512345678'}\n"
                  "  post: {kind: file, path: 'out/{date}.csv', format: post}\n"
                  "  crm: {kind: webhook, url: 'https://crm.example.com/in', secret_file: p, allow_private: "
                  "['127.0.0.1/32']}\n",
                  &channels, &err),
        &err);
    cr_assert_eq(channels.n, 4);
    const struct channel *email = channel_find(&channels, text_of("email"));
    cr_assert_str_eq(email->from.name, "Käse & Co");
    cr_assert_str_eq(email->password, "secret one");
    cr_assert(email->is_tls_required && !email->is_doubt_retried);
    cr_assert(channel_find(&channels, text_of("crm"))->is_doubt_retried, "a receiver drops what it had before");
    cr_assert_null(channel_find(&channels, text_of("pigeon")));
    channels_forget(&channels);
    arena_free(arena);
}

Test(channel, what_is_wrong_in_the_settings_is_told_with_its_line)
{
    static const struct { const char *yaml, *told;
    } cases[] = {
        { "channels:\n  email: {kind: pigeon}\n", "holdfast.yaml:2:17: 'pigeon' is no kind of channel" },
        { "channels:\n  email: {kind: smtp}\n", "channel 'email' needs url" },
        { "channels:\n  email: {kind: smtp, url: 'http://x', from: a@b.c}\n",
          "is no address for this, such as smtp://" },
        { "channels:\n  email: {kind: smtp, url: 'smtp://x', from: 'a@b>'}\n", "is no address to send to" },
        { "channels:\n  email: {kind: smtp, url: 'smtp://x', tls: none, user: u, password_file: p, from: a@b.c}\n",
          "not sent in clear" },
        { "channels:\n  email: {kind: smtp, url: 'smtp://x', tls: maybe, from: a@b.c}\n", "required or none" },
        { "channels:\n  email: {kind: smtp, url: 'smtp://x', from: a@b.c, format: post}\n",
          "'format' is not known here" },
        { "channels:\n  email: {kind: smtp, url: 'smtp://x', from: a@b.c, dkim: [{domain: b.c, selector: s, "
          "key_file: none.pem}]}\n",
          "none.pem" },
        { "channels:\n  crm: {kind: webhook, url: 'https://x', allow_private: [home]}\n",
          "no address or network" },
        { "channels:\n  crm: {kind: webhook, url: 'ftp://x'}\n", "is no address for this" },
        { "channels:\n  out: {kind: file, path: x, format: fax}\n", "calls, post or audience" },
        { "channels:\n  sms: {kind: twilio, url: 'https://x', account: 'A/../B', token_file: p, from: '+49'}\n",
          "is no account" },
    };
    struct arena *arena = arena_new(1 << 24);
    struct channels channels;
    struct err err;
    support_write(support_path("p"), "s\n", 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ASSERT_FAILS(read_them(arena, cases[i].yaml, &channels, &err), &err, ERR_INVALID, cases[i].told);
    arena_free(arena);
}

Test(channel, signatures_are_those_that_others_make)
{
    struct arena *arena = arena_new(1 << 20);
    const struct form_field fields[] = { { TEXT("MessageSid"), TEXT("SM1") },
                                         { TEXT("MessageStatus"), TEXT("delivered") },
                                         { TEXT("To"), TEXT("+15558675310") } };
    const struct form_field turned[] = { fields[2], fields[0], fields[1] };
    cr_assert_str_eq(twilio_signature("12345", "https://example.com/sms/status", turned, 3, arena),
                     "4yIfoik6QK9TrpNg/oo17aOLcms=");
    /* The example of the specification of Standard Webhooks. */
    cr_assert_str_eq(webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                       1614265330, text_of("{\"test\": 2432232314}"), arena),
                     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    arena_free(arena);
}

Test(channel, a_list_for_callers_gets_its_header_once_and_no_formula)
{
    struct arena *arena = arena_new(1 << 20);
    struct channel channel = {
        .name = "calls", .kind = WAY_FILE, .path = support_path("{date}.csv"), .format = FILE_CALLS
    };
    struct carrier *carrier;
    struct delivered delivered[2];
    struct err err;
    ASSERT_OK(carrier_new(&channel, &carrier, &err), &err);
    const struct consignment rows[] = {
        { .id = "m_1",
          .bytes =
              TEXT("{\"customer\":\"ada\",\"name\":\"=cmd()\",\"phone\":\"+49 151\",\"reason\":\"a, \\\"b\\\"\"}"),
          .now_ms = 1 },
        { .id = "m_2", .bytes = TEXT("{\"customer\":\"bob\"}"), .now_ms = 2 },
        { .id = "m_3", .bytes = TEXT("no row"), .now_ms = 2 },
    };
    for (size_t i = 0; i < 3; i++) {
        ASSERT_OK(carrier_start(carrier, &rows[i], &err), &err);
        cr_assert_eq(carrier_wait(carrier, 0, delivered, 2), 1);
        cr_assert_eq(delivered[0].delivery, i < 2 ? DELIVERY_SENT : DELIVERY_REFUSED);
    }
    carrier_free(carrier);
    cr_assert_str_eq(support_read(arena, support_path("1970-01-01.csv"), NULL),
                     "customer,name,phone,reason\r\nada,'=cmd(),+49 151,\"a, \"\"b\"\"\"\r\nbob,,,\r\n");
    arena_free(arena);
}

Test(channel, an_audience_holds_hashes_as_advertisers_want_them)
{
    struct arena *arena = arena_new(1 << 20);
    struct channel channel = {
        .name = "ads", .kind = WAY_FILE, .path = support_path("ads.csv"), .format = FILE_AUDIENCE
    };
    struct carrier *carrier;
    struct delivered delivered;
    struct err err;
    ASSERT_OK(carrier_new(&channel, &carrier, &err), &err);
    const struct consignment row = { .id = "m_1",
                                     .bytes = TEXT("{\"email\":\" Test@Example.com \",\"country\":\"DE\"}") };
    ASSERT_OK(carrier_start(carrier, &row, &err), &err);
    cr_assert_eq(carrier_wait(carrier, 0, &delivered, 1), 1);
    carrier_free(carrier);
    cr_assert_str_eq(support_read(arena, support_path("ads.csv"), NULL),
                     "email,phone,first_name,last_name,zip,country\r\n"
                     "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b,,,,,DE\r\n");
    arena_free(arena);
}
