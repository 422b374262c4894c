/* intake_fuzz.c - whatever a client sends, by any protocol, becomes messages that keep the promises of message.h.
 * The first byte chooses the route, the rest is the body. */
#include "base/json_read.h"
#include "intake/intake.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct intake_request routes[] = {
    { .protocol = PROTOCOL_SEGMENT, .type = "batch" },
    { .protocol = PROTOCOL_SEGMENT, .type = "t" },
    { .protocol = PROTOCOL_SEGMENT, .type = "identify" },
    { .protocol = PROTOCOL_SEGMENT, .type = "page" },
    { .protocol = PROTOCOL_SEGMENT, .type = "group" },
    { .protocol = PROTOCOL_SEGMENT, .type = "alias" },
    { .protocol = PROTOCOL_SEGMENT, .type = "import", .is_import = true },
    { .protocol = PROTOCOL_POSTHOG },
    { .protocol = PROTOCOL_STRIPE },
    { .protocol = PROTOCOL_CUSTOMERIO, .type = "customers" },
    { .protocol = PROTOCOL_CUSTOMERIO, .type = "events" },
    { .protocol = PROTOCOL_CUSTOMERIO, .type = "customers/devices" },
    { .protocol = PROTOCOL_CUSTOMERIO, .type = "merge_customers" },
    { .protocol = PROTOCOL_CUSTOMERIO, .type = "customers/suppress" },
    { .protocol = PROTOCOL_SHOPIFY, .topic = "orders/create" },
    { .protocol = PROTOCOL_SHOPIFY, .topic = "refunds/create" },
    { .protocol = PROTOCOL_SHOPIFY, .topic = "checkouts/update" },
    { .protocol = PROTOCOL_SHOPIFY, .topic = "customers/update" },
    { .protocol = PROTOCOL_SHOPIFY, .topic = "customers/redact" },
    { .protocol = PROTOCOL_SHOPIFY, .topic = "shop/redact" },
};
enum { N_ROUTES = sizeof routes / sizeof *routes };

/* A flat object: sound, no name twice, nothing inside a member. */
static void check_flat(struct text text, struct arena *arena)
{
    struct json json;
    struct err err;
    if (text.length == 0) return;
    assert(text.length <= MESSAGE_MOST_PROPERTIES_BYTES);
    assert(json_read(text, arena, &json, &err));
    assert(json.values[0].kind == JSON_IS_OBJECT && json.values[0].fault == JSON_SOUND);
    for (uint32_t i = json_first(&json, 0); i; i = json_next(&json, 0, i))
        assert(json.values[i].kind < JSON_IS_LIST);
}

static void check_id(struct text id, bool may_be_email)
{
    assert(id.at && id.length <= 512 && (may_be_email || !message_is_email(id)));
    for (size_t i = 0; i < id.length; i++) assert((unsigned char)id.at[i] >= ' ');
}

static void check_message(const struct message *message, const struct intake_request *request, struct arena *arena)
{
    check_id(message->user_id, false);
    check_id(message->anonymous_id, false);
    check_id(message->previous_id, false);
    check_id(message->email, true);
    check_id(message->kind, true);
    assert(message->email.length == 0 || message_is_email(message->email));
    assert(message->user_id.length > 0 || message->anonymous_id.length > 0 || message->email.length > 0 ||
           message->is_everybody || message->type == MESSAGE_GROUP);
    assert(message->kind.length > 0 && message->time_ms <= request->received_ms && message->time_ms > 0);
    assert(message->amount_cents <= INT64_C(1000000000000000) &&
           message->amount_cents >= -INT64_C(1000000000000000));
    assert((message->type != MESSAGE_ALIAS && message->type != MESSAGE_MERGE) || message->previous_id.length > 0 ||
           message->previous_email.length > 0);
    check_flat(message->properties, arena);
    check_flat(message->personal, arena);
    check_flat(message->consent, arena);
    assert(message->raw.length > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    struct intake_request request = routes[data[0] % N_ROUTES];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct intake intake;
    struct err err;
    struct text key;
    struct json json;
    request.body = (struct text){ (const char *)data + 1, size - 1 };
    request.path_id = request.protocol == PROTOCOL_CUSTOMERIO ? text_of("42") : text_of("");
    request.device_id = request.delivery_id = text_of("");
    request.received_ms = INT64_C(1763848800000);
    bool is_json = intake_json(request.body, arena, &json, &err);
    if (is_json) (void)intake_write_key(&json, arena, &key);
    request.json = is_json ? &json : NULL;
    if (intake_read(&request, arena, &intake, &err)) {
        for (size_t i = 0; i < intake.n_messages; i++) check_message(&intake.messages[i], &request, arena);
        for (size_t i = 0; i < intake.n_refusals; i++) {
            struct intake_request again = intake.request;
            struct intake second;
            assert(intake.refusals[i].reason[0] && intake.refusals[i].raw.length > 0);
            again.body = intake.refusals[i].raw;
            again.json = NULL;
            (void)!intake_read(&again, arena, &second, &err);
        }
    } else {
        assert(err.text[0] && intake.n_messages == 0 && intake.n_refusals == 0);
    }
    arena_free(arena);
    return 0;
}
