/* routes_ingest.c - where events come in: the paths that clients of Segment, RudderStack, Customer.io, PostHog and
 * Dittofeed already call, each with the answer that they take for success.
 *
 * The write key comes as HTTP Basic's user (or password: Customer.io's), as writeKey or api_key in the body or in
 * one of its messages, as X-Write-Key or ?writekey=, in this order.  A page key, which everybody can read, may send;
 * what would change other people or the past takes a write key, the path where all of it does (ACCESS_SERVER), else
 * the message (intake.h).  A request is answered when what it brought is durable. */
#include "server/http_parse.h"
#include "server/clocks.h"
#include "server/dispatch.h"
#include "server/ingest_reply.h"
#include "server/routes_ingest.h"
#include "server/route.h"
#include "server/server.h"
#include "intake/intake.h"
#include "govern/quiet_page.h"
#include "hub/ingest.h"

#include <string.h>

static const char segment_answer[] = "{\"success\":true}", empty_answer[] = "{}",
                  posthog_answer[] = "{\"status\":\"Ok\"}";

/* The smallest GIF: one transparent pixel. */
static const char pixel[] =
    "GIF89a\1\0\1\0\200\0\0\0\0\0\377\377\377!\371\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";

/* ---- Who sends ---- */

bool ingest_key(struct request *request, struct text key)
{
    key = text_trim(key);
    (void)ingest_key_named(&key);
    return access_by_key(request->service->access, key, &request->grant);
}

bool ingest_key_named(struct text *key)
{
    static const char name[] = "customerio_";
    size_t length = sizeof name - 1;
    if (key->length <= length || memcmp(key->at, name, length) != 0) return false;
    key->at += length, key->length -= length;
    return true;
}

static bool key_in_header(struct request *request)
{
    const char *authorization = request_header(request, "Authorization");
    struct text user, password, token;
    if (!authorization) return false;
    struct text header = text_of(authorization);
    if (bearer_read(header, &token)) return ingest_key(request, token);
    if (basic_read(header, request->arena, &user, &password) &&
        (ingest_key(request, user) || ingest_key(request, password)))
        return true;
    return ingest_key(request, header);
}

static bool key_beside(struct request *request)
{
    const char *header = request_header(request, "X-Write-Key");
    struct text typed;
    if (header && ingest_key(request, text_of(header))) return true;
    return (request_query(request, "writekey", &typed) && ingest_key(request, typed)) ||
           (request_query(request, "writeKey", &typed) && ingest_key(request, typed)) ||
           (request_query(request, "api_key", &typed) && ingest_key(request, typed));
}

static bool key_is_known(struct request *request, const struct json *body)
{
    struct text key;
    return key_in_header(request) ||
           (body && intake_write_key(body, request->arena, &key) && ingest_key(request, key)) || key_beside(request);
}

/* What was sent instead of a key of ours, in words. */
static const char *why_unknown(struct request *request)
{
    const char *authorization = request_header(request, "Authorization");
    struct text user = { "", 0 }, password;
    if (authorization && !bearer_read(text_of(authorization), &user))
        (void)basic_read(text_of(authorization), request->arena, &user, &password);
    if (!authorization && !request_header(request, "X-Write-Key") && request->query.length == 0)
        return "the write key is missing: send it as HTTP Basic's user, or as writeKey";
    if (access_looks_like(user, ACCESS_TOKEN))
        return "the write key is not known: this is a token, with which one asks; a page key (pk_...) or a write key "
               "(wk_...) sends";
    return "the write key is not known here: it is another database's, or it has ended; holdfast access list shows "
           "those there are";
}

/* A write key in a web page lets its readers erase customers: said in the log once an hour, and counted. */
static void warn_of_browser(struct request *request)
{
    struct server *server = request->server;
    const struct access_grant *grant = &request->grant;
    unsigned wait_seconds;
    if (!(grant->rights & ACCESS_SERVER) || !request_header(request, "Origin")) return;
    server->n_write_keys_in_browsers++;
    struct text id = text_of(arena_format(request->arena, "%lld", (long long)grant->id));
    if (throttle_take(server->warnings, id, clock_seconds(), &wait_seconds))
        server_log(server, "warning", "a browser sent the write key '%s' (number %lld), with which whoever reads it "
                   "there can import, join and erase: put a page key there (holdfast access page-key NAME) and "
                   "rotate this one", grant->name, (long long)grant->id);
}

bool ingest_key_outside(struct request *request) { return key_in_header(request) || key_beside(request); }

/* Answers unless a sender who is known may send now.  body: NULL where it is not JSON. */
static bool may_send(struct request *request, struct reply *reply, const struct json *body)
{
    struct server *server = request->server;
    struct text address = text_of(request->address);
    double now = clock_seconds();
    unsigned wait_seconds;
    if (!key_is_known(request, body)) {
        if (!throttle_take(server->failures, address, now, &wait_seconds))
            ingest_refuse_for_now(request, reply, 429, wait_seconds, "too_many_requests", "too many wrong write keys");
        else ingest_refuse_as(request, reply, 401, "unauthorized", why_unknown(request), "writeKey");
        return false;
    }
    warn_of_browser(request);
    if (request_header(request, "Origin")) quiet_pages_sent(server->quiet_pages, request->grant.id);
    if (!(request->grant.rights & request->route->needs)) {
        ingest_refuse_as(request, reply, 403, "forbidden", "this takes a write key, from a server: a page key may only send",
               "writeKey");
        return false;
    }
    struct text who = text_of(arena_format(request->arena, "k%lld", (long long)request->grant.id));
    if (throttle_take(server->of_key, who, now, &wait_seconds)) return true;
    ingest_refuse_for_now(request, reply, 429, wait_seconds, "too_many_requests",
                   "too many requests with this write key");
    return false;
}

/* ---- Taking ---- */

/* A request between its being queued and its answer. */
struct taking {
    struct request *request;
    struct reply   *reply;
    const char     *answer;
    const char     *strict_reason;      /* of the first refusal, for who asked for it (X-Strict-Mode) */
    bool            is_strict;
};

static void answer_success(struct taking *taking)
{
    if (taking->answer == pixel)
        reply_text(taking->reply, 200, "image/gif", (struct text){ pixel, sizeof pixel - 1 });
    else if (taking->strict_reason)
        ingest_refuse_as(taking->request, taking->reply, 400, "invalid_request", taking->strict_reason, NULL);
    else
        reply_text(taking->reply, 200, "application/json", text_of(taking->answer));
}

/* Success, as clients take it or they send again what cannot be kept; but with a word on what was not. */
static void warn(struct taking *taking, const struct ingest_outcome *outcome)
{
    struct arena *arena = taking->request->arena;
    const char *one = outcome->n_refused == 1 ? "1 message was" : arena_format(arena, "%u messages were", outcome->n_refused);
    const char *why = outcome->n_nobody == 0 ? "" : outcome->n_nobody == outcome->n_refused
        ? " (the id stands for nobody in particular, as guest, null, undefined or 0 do)"
        : arena_format(arena, " (of %u the id stands for nobody in particular)", outcome->n_nobody);
    const char *warning = arena_format(arena, "%s not kept%s; holdfast rejects and GET /v1/rejects show what and why", one, why);
    if (taking->is_strict) taking->strict_reason = warning;
    else if (taking->answer == segment_answer)
        taking->answer = arena_format(arena, "{\"success\":true,\"warning\":\"%s\"}", warning);
}

static void taken(void *context, const struct ingest_outcome *outcome)
{
    struct taking *taking = context;
    if (outcome->err.code == ERR_NONE && outcome->n_refused > 0 && !taking->strict_reason) warn(taking, outcome);
    if (outcome->err.code == ERR_NONE) answer_success(taking);
    else ingest_refuse(taking->request, taking->reply, &outcome->err, false);
    request_resume(taking->request);
}

static bool is_strict(struct request *request)
{
    const char *strict = request_header(request, "X-Strict-Mode");
    return strict && strcmp(strict, "1") == 0;
}

static const char *strict_reason(struct request *request, const struct intake *intake)
{
    if (!is_strict(request) || intake->n_refusals == 0) return NULL;
    const struct refusal *first = intake->refusals;
    return arena_format(request->arena, "%s%s%s", first->field ? first->field : "", first->field ? ": " : "",
                        first->reason);
}

enum handling ingest_take(struct request *request, struct reply *reply, struct arena *arena,
                          const struct intake_request *sent, struct text source, const char *answer)
{
    struct err err;
    struct intake intake;
    struct taking *taking = ARENA_NEW(request->arena, struct taking);
    *taking = (struct taking){ .request = request, .reply = reply, .answer = answer };
    if (!intake_read(sent, arena, &intake, &err)) {
        arena_free(arena);
        ingest_refuse(request, reply, &err, intake.is_too_large);
        return HANDLED;
    }
    taking->is_strict = is_strict(request);
    taking->strict_reason = strict_reason(request, &intake);
    if (intake.n_messages == 0 && intake.n_refusals == 0) {
        arena_free(arena);
        answer_success(taking);
        return HANDLED;
    }
    if (ingest_put(request->service->ingest, arena, &intake, source, taken, taking, &err)) return HANDLED_LATER;
    arena_free(arena);
    ingest_refuse(request, reply, &err, false);
    return HANDLED;
}

/* PostHog's clients say so of a batch that brings a history. */
static bool is_migration(const struct intake_request *sent, const struct json *json)
{
    uint32_t says = sent->protocol == PROTOCOL_POSTHOG && json->values[0].kind == JSON_IS_OBJECT
                        ? json_member(json, 0, "historical_migration") : 0;
    return says && json->values[says].kind == JSON_IS_TRUE;
}

/* Whether what is sent changes no past, or its sender may; else answers. */
static bool may_import(struct request *request, struct reply *reply, struct intake_request *sent,
                       const struct json *json)
{
    if (!is_migration(sent, json)) return true;
    sent->is_import = true, sent->type = "import";      /* which a refused message is tried again by */
    if (request->grant.rights & ACCESS_SERVER) return true;
    ingest_refuse_as(request, reply, 403, "forbidden", "historical_migration imports the past, which takes a write "
                     "key, from a server: a page key may only send", "historical_migration");
    return false;
}

static enum handling take(struct request *request, struct reply *reply, struct intake_request *sent,
                          const char *answer)
{
    struct err err;
    struct json json;
    if (!route_address_may(request, reply)) return HANDLED;
    if (text_trim(sent->body).length == 0 && strcmp(request->method, "POST") == 0 &&
        request->route->needs == ACCESS_INGEST) {
        if (may_send(request, reply, NULL)) ingest_refuse_as(request, reply, 400, "invalid_request", "the body is empty", NULL);
        return HANDLED;
    }
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    bool is_json = intake_json(sent->body, arena, &json, &err), may = may_send(request, reply, is_json ? &json : NULL);
    if (may && is_json && !may_import(request, reply, sent, &json)) {
        arena_free(arena);
        return HANDLED;
    }
    if (may && is_json) {
        sent->json = &json;
        sent->received_ms = request->received_ms;
        sent->is_page = !(request->grant.rights & ACCESS_SERVER);
        return ingest_take(request, reply, arena, sent, text_of(request->grant.name), answer);
    }
    arena_free(arena);
    if (may) ingest_refuse(request, reply, &err, false);
    return HANDLED;
}

/* ---- Segment, RudderStack, Dittofeed ---- */

static enum handling post_segment(struct request *request, struct reply *reply)
{
    const char *type = strrchr(request->route->path, '/') + 1;
    struct intake_request sent = { .protocol = PROTOCOL_SEGMENT, .type = type, .body = request->body,
                                   .is_import = strcmp(type, "import") == 0 };
    return take(request, reply, &sent, segment_answer);
}

/* Whatever is wrong, a page that shows the pixel sees a picture. */
static enum handling get_pixel(struct request *request, struct reply *reply)
{
    struct text data, type = request_param(request, "type");
    struct intake_request sent = { .protocol = PROTOCOL_SEGMENT, .type = type.at };
    if (request_query(request, "data", &data)) {
        sent.body = data;
        if (take(request, reply, &sent, pixel) == HANDLED_LATER) return HANDLED_LATER;
    }
    const char *why = reply->why;
    reply_text(reply, 200, "image/gif", (struct text){ pixel, sizeof pixel - 1 });
    reply->why = why;
    return HANDLED;
}

/* ---- PostHog ---- */

/* A page that is left sends a form with one field, whose value is base64 of JSON. */
static struct text posthog_body_of(struct request *request)
{
    struct text field;
    bool is_form = request->body.length > 5 && memcmp(request->body.at, "data=", 5) == 0;
    return is_form && query_find(request->body, "data", request->arena, &field) ? field : request->body;
}

static enum handling post_posthog(struct request *request, struct reply *reply)
{
    struct intake_request sent = { .protocol = PROTOCOL_POSTHOG, .body = posthog_body_of(request) };
    return take(request, reply, &sent, posthog_answer);
}

/* There are no feature flags here, and a client that asks is told just that. */
static enum handling post_flags(struct request *request, struct reply *reply)
{
    struct err err;
    struct json json;
    if (!route_address_may(request, reply)) return HANDLED;
    bool is_json = intake_json(posthog_body_of(request), request->arena, &json, &err);
    if (!may_send(request, reply, is_json ? &json : NULL)) return HANDLED;
    reply_json_take(request, reply, 200,
                    json_pack("{s:{}, s:{}, s:{}, s:b, s:b, s:s}", "flags", "featureFlags", "featureFlagPayloads",
                              "errorsWhileComputingFlags", 0, "sessionRecording", 0, "requestId", request->id));
    return HANDLED;
}

/* ---- Customer.io ---- */

static enum handling take_customerio(struct request *request, struct reply *reply, const char *type)
{
    struct intake_request sent = { .protocol = PROTOCOL_CUSTOMERIO, .type = type, .body = request->body };
    if (strstr(request->route->path, "{id}")) sent.path_id = request_param(request, "id");
    if (strstr(request->route->path, "{device}")) sent.device_id = request_param(request, "device");
    return take(request, reply, &sent, empty_answer);
}

static enum handling put_customer(struct request *q, struct reply *y)
{
    return take_customerio(q, y, "customers");
}
static enum handling delete_customer(struct request *q, struct reply *y)
{
    return take_customerio(q, y, "customers/delete");
}
static enum handling post_customer_event(struct request *q, struct reply *y)
{
    return take_customerio(q, y, "customers/events");
}
static enum handling put_device(struct request *q, struct reply *y)
{
    return take_customerio(q, y, "customers/devices");
}
static enum handling delete_device(struct request *q, struct reply *y)
{
    return take_customerio(q, y, "customers/devices/delete");
}
static enum handling post_suppress(struct request *q, struct reply *y)
{
    return take_customerio(q, y, "customers/suppress");
}
static enum handling post_unsuppress(struct request *q, struct reply *y)
{
    return take_customerio(q, y, "customers/unsuppress");
}
static enum handling post_event(struct request *q, struct reply *y) { return take_customerio(q, y, "events"); }
static enum handling post_merge(struct request *q, struct reply *y)
{
    return take_customerio(q, y, "merge_customers");
}

/* ---- The table ---- */

static const struct route_field message_body[] = {
    { "type", "string", "track, identify, page, screen, group or alias; the path says it where it names one",
      false },
    { "userId", "string", "who it is about, if known", false },
    { "anonymousId", "string", "who it is about, until known; one of the two is needed", false },
    { "messageId", "string", "at most 100 letters; a message that comes again with the same is taken once",
      false },
    { "event", "string", "of track: what happened", false },
    { "properties", "object", "of track, page and screen", false },
    { "traits", "object", "of identify and group", false },
    { "groupId", "string", "of group", false },
    { "previousId", "string", "of alias", false },
    { "timestamp", "string", "when it happened, ISO 8601; corrected by sentAt", false },
    { "sentAt", "string", "the sender's clock when it was sent", false },
    { "context", "object", "where it happened, on what, and what was agreed to", false },
    { "integrations", "object", "where it may go", false },
    { 0 },
};
static const struct route_field batch_body[] = {
    { "batch", "array", "up to 2,500 messages, each with its type", true },
    { "writeKey", "string", "if it is nowhere else", false },
    { "sentAt", "string", "the sender's clock when it was sent", false },
    { "context", "object", "under each message's own", false },
    { 0 },
};
static const struct route_field success[] = { { "success", "boolean", "true: what came is durable", true },
                                              { "warning", "string", "what of it was not kept, and why", false },
                                              { 0 } };
static const struct route_field nothing[] = { { 0 } };
static const struct route_field pixel_query[] = {
    { "data", "string", "the message as JSON or as base64 of it", true },
    { "writekey", "string", "if it is not in the message", false },
    { 0 },
};
static const struct route_field posthog_body[] = {
    { "api_key", "string", "the write key", true },
    { "batch", "array", "messages; or one message beside the key", false },
    { 0 },
};
static const struct route_field posthog_done[] = { { "status", "string", "Ok", true }, { 0 } };
static const struct route_field flags_answer[] = { { "flags", "object", "empty", true }, { 0 } };
static const struct route_field any_body[] = { { "name", "string", "of an event", false },
                                               { "data", "object", "of an event", false },
                                               { 0 } };
static const struct route_field merge_body[] = {
    { "primary", "object", "who stays: {\"id\"} or {\"email\"}", true },
    { "secondary", "object", "who is the same", true },
    { 0 },
};

#define TAKES .needs = ACCESS_INGEST, .most_body_bytes = INTAKE_MOST_BODY_BYTES
#define TAKES_OF_SERVERS .needs = ACCESS_SERVER, .most_body_bytes = INTAKE_MOST_BODY_BYTES
#define SEGMENT(name, what)                                                                                     \
    { .method = "POST", .path = name, TAKES, .handle = post_segment, .summary = what, .body = message_body,      \
      .body_example = "{\"userId\":\"ada\",\"type\":\"track\",\"event\":\"Order Completed\",\"properties\":{\"revenue\":42}}", \
      .answer = success, .answer_example = "{\"success\":true}", .is_cross_origin = true }
#define BATCH(name, takes, what)                                                                                \
    { .method = "POST", .path = name, takes, .handle = post_segment, .summary = what, .body = batch_body,        \
      .body_example = "{\"batch\":[{\"type\":\"identify\",\"userId\":\"ada\",\"traits\":{\"plan\":\"pro\"}}]}",   \
      .answer = success, .answer_example = "{\"success\":true}", .is_cross_origin = true }
#define POSTHOG(name)                                                                                           \
    { .method = "POST", .path = name, TAKES, .handle = post_posthog, .summary = "Takes events of PostHog's clients", \
      .body = posthog_body, .answer = posthog_done, .answer_example = "{\"status\":\"Ok\"}", .is_cross_origin = true, \
      .body_example = "{\"api_key\":\"wk_...\",\"batch\":[{\"event\":\"signed up\",\"distinct_id\":\"ada\"}]}" }
#define FLAGS(name)                                                                                             \
    { .method = "POST", .path = name, TAKES, .handle = post_flags, .summary = "Says that there are no feature flags", \
      .body = posthog_body, .body_example = "{\"api_key\":\"wk_...\"}", .answer = flags_answer,                   \
      .answer_example = "{\"flags\":{}}", .is_cross_origin = true }
#define CUSTOMERIO(verb, name, takes, function, what, fields, sent)                                             \
    { .method = verb, .path = name, takes, .handle = function, .summary = what, .body = fields, .body_example = sent, \
      .answer = nothing, .answer_example = "{}" }

const struct route routes_ingest[] = {
    SEGMENT("/v1/track", "Takes what somebody did"),
    SEGMENT("/v1/identify", "Takes who somebody is"),
    SEGMENT("/v1/page", "Takes a page that was seen"),
    SEGMENT("/v1/screen", "Takes a screen that was seen"),
    SEGMENT("/v1/group", "Takes the account that somebody belongs to"),
    SEGMENT("/v1/alias", "Takes two ids of one customer"),
    BATCH("/v1/batch", TAKES, "Takes many messages at once"),
    BATCH("/v1/import", TAKES_OF_SERVERS, "Takes history: times are taken as they are"),
    SEGMENT("/v1/t", "As /v1/track, from browsers"),
    SEGMENT("/v1/i", "As /v1/identify, from browsers"),
    SEGMENT("/v1/p", "As /v1/page, from browsers"),
    SEGMENT("/v1/s", "As /v1/screen, from browsers"),
    SEGMENT("/v1/g", "As /v1/group, from browsers"),
    SEGMENT("/v1/a", "As /v1/alias, from browsers"),
    BATCH("/v1/b", TAKES, "As /v1/batch, from browsers"),
    BATCH("/beacon/v1/batch", TAKES, "As /v1/batch, from pages of RudderStack's client that are left"),
    SEGMENT("/api/public/apps/track", "As /v1/track, for Dittofeed's clients"),
    SEGMENT("/api/public/apps/identify", "As /v1/identify, for Dittofeed's clients"),
    SEGMENT("/api/public/apps/page", "As /v1/page, for Dittofeed's clients"),
    SEGMENT("/api/public/apps/screen", "As /v1/screen, for Dittofeed's clients"),
    SEGMENT("/api/public/apps/group", "As /v1/group, for Dittofeed's clients"),
    BATCH("/api/public/apps/batch", TAKES, "As /v1/batch, for Dittofeed's clients"),
    { .method = "GET",
      .path = "/v1/pixel/{type}",
      TAKES,
      .handle = get_pixel,
      .summary = "Takes a message from a picture's address",
      .details = "Always a picture, whatever was wrong.",
      .query = pixel_query,
      .answer_type = "image/gif",
      .answer_example = "GIF89a",
      .is_cross_origin = true },
    POSTHOG("/batch"),
    POSTHOG("/capture"),
    POSTHOG("/e"),
    POSTHOG("/i/v0/e"),
    FLAGS("/flags"),
    FLAGS("/decide"),
    CUSTOMERIO("PUT", "/api/v1/customers/{id}", TAKES, put_customer, "Takes a customer's attributes", any_body,
               "{\"plan\":\"pro\"}"),
    CUSTOMERIO("DELETE",
               "/api/v1/customers/{id}", TAKES_OF_SERVERS, delete_customer, "Erases a customer", NULL, NULL),
    CUSTOMERIO("POST",
               "/api/v1/customers/{id}/events", TAKES, post_customer_event, "Takes what a customer did", any_body,
               "{\"name\":\"purchase\",\"data\":{\"price\":42}}"),
    CUSTOMERIO("PUT",
               "/api/v1/customers/{id}/devices", TAKES, put_device, "Takes a customer's device", any_body,
               "{\"device\":{\"id\":\"token\",\"platform\":\"ios\"}}"),
    CUSTOMERIO("DELETE",
               "/api/v1/customers/{id}/devices/{device}", TAKES_OF_SERVERS, delete_device, "Forgets a customer's device",
               NULL, NULL),
    CUSTOMERIO("POST",
               "/api/v1/customers/{id}/suppress", TAKES_OF_SERVERS, post_suppress, "Takes no more of a customer", any_body,
               "{}"),
    CUSTOMERIO("POST",
               "/api/v1/customers/{id}/unsuppress", TAKES_OF_SERVERS, post_unsuppress, "Takes of a customer again", any_body,
               "{}"),
    CUSTOMERIO("POST", "/api/v1/events", TAKES, post_event, "Takes what somebody unknown did", any_body,
               "{\"name\":\"visit\",\"anonymous_id\":\"a1\"}"),
    CUSTOMERIO("POST",
               "/api/v1/merge_customers", TAKES_OF_SERVERS, post_merge, "Takes two customers for one", merge_body,
               "{\"primary\":{\"id\":\"ada\"},\"secondary\":{\"email\":\"ada@example.com\"}}"),
    { 0 },
};
