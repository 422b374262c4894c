/* intake.c - which protocol reads a request, and the key that a body carries; see intake.h. */
#include "intake/intake_internal.h"

#include "base/secret.h"

static const struct {
    const char *word;
    bool (*read)(struct body *body, struct err *err);
} protocols[PROTOCOLS] = {
    [PROTOCOL_SEGMENT] = { "segment", segment_read }, [PROTOCOL_CUSTOMERIO] = { "customerio", customerio_read },
    [PROTOCOL_POSTHOG] = { "posthog", posthog_read }, [PROTOCOL_STRIPE] = { "stripe", stripe_read },
    [PROTOCOL_SHOPIFY] = { "shopify", shopify_read },
};

const char *protocol_word(enum protocol protocol) { return protocols[protocol].word; }

bool protocol_find(const char *word, enum protocol *ret_protocol)
{
    for (int i = 0; i < PROTOCOLS; i++)
        if (strcmp(protocols[i].word, word) == 0) { *ret_protocol = (enum protocol)i; return true; }
    return false;
}

/* What no JSON begins with and is base64 is taken for packed JSON. */
static struct text unpacked(struct text body, struct arena *arena)
{
    struct text text = text_trim(body), inside;
    if (text.length == 0) return text_of("{}");         /* a DELETE has no body */
    if (text.length < 4 || text.at[0] == '{' || text.at[0] == '[') return body;
    char *letters = arena_alloc(arena, text.length, 1);
    for (size_t i = 0; i < text.length; i++)        /* in a query a plus sign may mean a space */
        letters[i] = text.at[i] == ' ' ? '+' : text.at[i];
    if (!secret_unbase64((struct text){ letters, text.length }, arena, &inside)) return body;
    struct text trimmed = text_trim(inside);
    return trimmed.length > 0 && (trimmed.at[0] == '{' || trimmed.at[0] == '[') ? inside : body;
}

/* The JSON of a request; of one message of a batch, the batch with it alone. */
static struct text json_of(const struct intake_request *request, struct arena *arena)
{
    struct text body = unpacked(request->body, arena), envelope = request->envelope;
    if (envelope.length < 2) return body;
    return text_of(arena_format(arena, "{\"batch\":[%.*s],%.*s", (int)body.length, body.at,
                                (int)envelope.length - 1, envelope.at + 1));
}

bool intake_json(struct text body, struct arena *arena, struct json *ret_json, struct err *err)
{
    return json_read(unpacked(body, arena), arena, ret_json, err);
}

/* Nothing is known before it happened, nor after now. */
static void keep_archived(const struct intake_request *request, struct intake *intake)
{
    for (size_t i = 0; i < intake->n_messages; i++) {
        struct message *message = &intake->messages[i];
        if (message->received_ms < message->time_ms) message->received_ms = message->time_ms;
        if (message->received_ms > request->received_ms) message->received_ms = request->received_ms;
    }
}

/* A page may not say what changes other people: such messages become refusals. */
static void keep_to_page(struct body *body)
{
    struct intake *intake = body->intake;
    size_t n = intake->n_messages;
    intake->n_messages = 0;
    for (size_t i = 0; i < n; i++) {
        struct message message = intake->messages[i];
        message.is_of_page = true;
        if (message.type < MESSAGE_MERGE) intake->messages[intake->n_messages++] = message;
        else body_refuse_message(body, &message, "takes a write key, from a server: a page key may only send");
    }
}

bool intake_read(const struct intake_request *request, struct arena *arena, struct intake *ret_intake,
                 struct err *err)
{
    struct intake intake = { .request = *request };
    intake.request.json = NULL;     /* the caller's, for this call */
    struct flat flat;       /* large, and not read before it is begun */
    size_t most_bytes = request->most_body_bytes ? request->most_body_bytes : INTAKE_MOST_BODY_BYTES;
    *ret_intake = intake;
    struct body body = { .request = &ret_intake->request, .arena = arena, .intake = &intake, .index = -1,
                               .flat = &flat };
    bool ok = false;
    if (request->body.length > most_bytes) {
        body_too_large(&body, err, "the request has %zu bytes; at most %zu are taken", request->body.length,
                       most_bytes);
    } else if (request->json || json_read(json_of(request, arena), arena, &body.json, err)) {
        if (request->json) body.json = *request->json;
        ok = protocols[request->protocol].read(&body, err);
        if (ok && request->is_page) keep_to_page(&body);
        if (ok && request->is_archive) keep_archived(request, &intake);
    }
    if (ok) *ret_intake = intake;
    else ret_intake->is_too_large = intake.is_too_large;
    return ok;
}

static bool key_of(const struct json *json, uint32_t object, struct arena *arena, struct text *ret_key)
{
    static const char *const names[] = { "writeKey", "api_key", "write_key", "apiKey" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t value = json_member(json, object, names[i]);
        const struct json_value *key = &json->values[value];
        if (value == 0 || key->kind != JSON_IS_STRING || key->fault || key->length == 0) continue;
        *ret_key = json_text(json, value, arena);
        return true;
    }
    return false;
}

bool intake_write_key(const struct json *json, struct arena *arena, struct text *ret_key)
{
    if (key_of(json, 0, arena, ret_key)) return true;
    uint32_t list = json->values[0].kind == JSON_IS_LIST ? 0 : json_member(json, 0, "batch");
    bool is_list = json->values[list].kind == JSON_IS_LIST;
    uint32_t first = is_list ? json_first(json, list) : 0;
    for (uint32_t i = first; i; i = json_next(json, list, i))
        if (key_of(json, i, arena, ret_key)) return true;
    uint32_t properties = first ? json_member(json, first, "properties") : json_member(json, 0, "properties");
    uint32_t token = properties ? json_member(json, properties, "token") : 0;   /* as PostHog's browser client */
    if (token == 0) token = json_member(json, 0, "token");                      /* as it asks for flags */
    if (token == 0 || json->values[token].kind != JSON_IS_STRING || json->values[token].fault) return false;
    *ret_key = json_text(json, token, arena);
    return true;
}
