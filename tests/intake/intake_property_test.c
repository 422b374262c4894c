/* Every protocol's requests, cut and changed at random: refused with a byte, or read into messages that keep
 * their promises. */
#include "base/json_read.h"
#include "intake_support.h"

#include <string.h>

TestSuite(intake_property, .init = intake_setup, .fini = intake_teardown);

static const struct { struct intake_request request; const char *body;
} samples[] = {
    { { .protocol = PROTOCOL_SEGMENT, .type = "batch" },
      "{\"batch\":[{\"type\":\"track\",\"event\":\"Order "
      "Completed\",\"userId\":\"u\",\"timestamp\":\"2025-11-22T21:00:00Z\",\"properties\":"
      "{\"revenue\":5,\"a\":{\"b\":[1,\"\\ud83d\\ude00\"]},\"products\":[{\"sku\":\"s\",\"price\":2.5}]},"
      "\"context\":{\"ip\":\"1\",\"traits\":"
      "{\"email\":\"a@b.de\"}},\"integrations\":{\"X\":true}},{\"type\":\"identify\",\"userId\":7,\"traits\":{"
      "\"address\":{\"zip\":\"1\"}}}],"
      "\"integrations\":{\"All\":false},\"sentAt\":\"2025-11-22T21:00:01Z\"}" },
    { { .protocol = PROTOCOL_SEGMENT, .type = "alias" },
      "{\"userId\":\"u\",\"previousId\":\"\\u0061@b.de\",\"anonymousId\":\"x\"}" },
    { { .protocol = PROTOCOL_POSTHOG },
      "{\"batch\":[{\"event\":\"e\",\"distinct_id\":\"u\",\"properties\":{\"$set\":{\"x\":1},\"$groups\":{"
      "\"c\":\"g\"}},\"uuid\":\"1\"}]}" },
    { { .protocol = PROTOCOL_CUSTOMERIO, .type = "merge_customers" },
      "{\"primary\":{\"id\":\"1\"},\"secondary\":{\"email\":\"a@b.de\"}}" },
    { { .protocol = PROTOCOL_STRIPE },
      "{\"id\":\"e\",\"type\":\"invoice.paid\",\"created\":1763845200,\"data\":{\"object\":{\"id\":\"in\","
      "\"customer\":\"c\",\"amount_paid\":5,"
      "\"currency\":\"jpy\",\"lines\":{\"data\":[{\"amount\":5,\"quantity\":1}]}}}}" },
    { { .protocol = PROTOCOL_SHOPIFY, .topic = "refunds/create" },
      "{\"id\":5,\"order_id\":1,\"refund_line_items\":[{\"quantity\":1,\"subtotal\":1.5,\"line_item\":{\"sku\":"
      "\"s\"}}],\"transactions\":"
      "[{\"kind\":\"refund\",\"amount\":\"1.50\"}]}" },
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static void assert_flat(struct text text)
{
    struct json json;
    if (text.length == 0) return;
    ASSERT_OK(json_read(text, arena, &json, &err), &err);
    cr_assert_eq(json.values[0].fault, JSON_SOUND);
    for (uint32_t i = json_first(&json, 0); i; i = json_next(&json, 0, i))
        cr_assert(json.values[i].kind < JSON_IS_LIST);
}

Test(intake_property, what_is_cut_off_is_refused_with_the_byte)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t n = strlen(samples[i].body);
        for (size_t cut = 1; cut < n; cut += 1 + cut / 40) {
            char *part = arena_format(arena, "%.*s", (int)cut, samples[i].body);
            ASSERT_FAILS(read_request(samples[i].request, part), &err, ERR_INVALID, "byte ");
            unsigned long byte =
                strtoul(strstr(err.text, "byte ") + 5, NULL, 10); /* where the last token begins to be wrong */
            cr_assert(byte <= cut && byte + 5 >= cut, "%zu: %s", cut, err.text);
        }
    }
}

Test(intake_property, what_is_changed_is_refused_or_keeps_the_promises)
{
    static const char *const pieces[] = { "null",        "{}",   "[]",
                                          "\"\"",        "-1e9", "\"a@b.de\"",
                                          "\"\\u0000\"", "true", "99999999999999999999" };
    EACH_CASE (c, 600) {
        const char *sample = samples[rng_below(&c.rng, SAMPLES)].body;
        struct intake_request request = samples[rng_below(&c.rng, SAMPLES)].request;       /* of any protocol */
        size_t n = strlen(sample), at = rng_below(&c.rng, n), gone = rng_below(&c.rng, 8);
        const char *piece = rng_below(&c.rng, 2) ? pieces[rng_below(&c.rng, sizeof pieces / sizeof *pieces)] : "";
        if (at + gone > n) gone = n - at;
        char *body = arena_format(arena, "%.*s%s%s", (int)at, sample, piece, sample + at + gone);
        for (const char *colon = rng_below(&c.rng, 2) ? strchr(body + rng_below(&c.rng, strlen(body)), ':')
                                                      : NULL;
             colon; colon = NULL)
            body = arena_format(arena, "%.*s:%s%s", (int)(colon - body), body, piece,
                                colon + 1 + strcspn(colon + 1, ",}]"));
        if (!read_request(request, body)) {
            cr_assert(err.text[0] && intake.n_messages == 0 && intake.n_refusals == 0);
        } else for (size_t i = 0; i < intake.n_messages; i++) {
            const struct message *message = &intake.messages[i];
            cr_assert(message->time_ms <= RECEIVED_MS && message->time_ms > 0, "%s", body);
            cr_assert(!message_is_email(message->user_id) && !message_is_email(message->anonymous_id) &&
                      !message_is_email(message->previous_id), "%s", body);
            cr_assert(message->user_id.length + message->anonymous_id.length + message->email.length > 0 ||
                      message->type == MESSAGE_GROUP || message->is_everybody, "%s", body);
            assert_flat(message->properties);
            assert_flat(message->personal);
        }
        arena_reset(arena);
    }
}
