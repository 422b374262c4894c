/* routes_message.c - what is in the outbox: looking, sending again, and stopping all of it. */
#include "server/changing.h"
#include "server/route.h"
#include "engine/journeys.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "hub/outbox.h"

#include <inttypes.h>
#include <string.h>

enum { LIST_MOST = 1000 };

static json_t *or_null(const char *text) { return *text ? json_string(text) : json_null(); }
static json_t *instant(int64_t at_ms) { return at_ms ? json_integer(at_ms) : json_null(); }

static json_t *row_json(struct service *service, const struct outbox_row *row, struct arena *arena)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    uint32_t customer = row->identity ? identities_customer(service->identities, row->identity) : 0;
    struct text name = customer ? log_name(service->log, DICTIONARY_IDENTITY, customer) : text_of("");
    const char *who = arena_format(arena, "%.*s", (int)name.length, name.at);
    (void)pthread_rwlock_unlock(&service->lock);
    bool is_held = row->due_ms == INT64_MAX - 1;        /* until a stop is lifted */
    return json_pack("{s:s, s:s, s:o, s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "id",
                     arena_format(arena, "m_%" PRId64, row->id), "key", row->key, "journey", or_null(row->journey),
                     "version", (json_int_t)row->version, "step", row->step, "customer", who, "channel",
                     row->channel, "topic", row->topic, "status", row->status, "attempts",
                     (json_int_t)row->n_attempts, "queued_ms", (json_int_t)row->queued_ms, "due_ms",
                     is_held ? json_null() : instant(row->due_ms), "sent_ms", instant(row->sent_ms), "reply",
                     or_null(row->reply), "rule", or_null(row->rule));
}

/* Whose, in which status, below which id. */
static bool read_filter(struct request *request, struct outbox_filter *ret_filter, const char **ret_field,
                        struct err *err)
{
    struct text customer, status, journey, channel;
    int64_t limit, before;
    enum outbox_status known;
    struct outbox_filter filter = { 0 };
    *ret_field = NULL;
    if (!request_query_int(request, "limit", 1, LIST_MOST, 50, &limit, err) ||
        !request_query_int(request, "before", 1, INT64_MAX, INT64_MAX, &before, err))
        return false;
    if (request_query(request, "status", &status)) {
        *ret_field = "status";
        if (!outbox_status_find(status.at, &known))
            return err_set(err, ERR_INVALID,
                           "status is queued, sending, sent, retrying, unknown, dead or cancelled");
        filter.status = status.at;
    }
    if (request_query(request, "journey", &journey)) filter.journey = journey.at;
    if (request_query(request, "channel", &channel)) filter.channel = channel.at;
    *ret_field = "customer";
    if (request_query(request, "customer", &customer)) {
        uint32_t whom;
        if (!service_customer(request->service, customer, &whom, err)) return false;
        filter.identities = service_identities(request->service, whom, request->arena);
    }
    filter.most = (size_t)limit, filter.below = before;
    *ret_filter = filter;
    return true;
}

static enum handling handle_list(struct request *request, struct reply *reply)
{
    struct err err;
    struct outbox_filter filter;
    struct outbox_row *rows;
    struct store *store;
    const char *field;
    size_t n;
    if (!read_filter(request, &filter, &field, &err)) return reply_error(request, reply, &err, field);
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = outbox_read(store, &filter, request->arena, &rows, &n, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    json_t *messages = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(messages, row_json(request->service, &rows[i], request->arena));
    reply_json_take(request, reply, 200, json_pack("{s:o}", "messages", messages));
    return HANDLED;
}

/* ---- what changes something ---- */

struct change { struct request *request; struct reply *reply; int64_t id; struct text scope; bool is_lift; };

static bool change(struct store *store, void *context, struct err *err)
{
    const struct change *change = context;
    struct service *service = change->request->service;
    int64_t now_ms = ingest_received_ms(service->ingest);
    struct arena *arena = change->request->arena;
    const char *who = arena_format(arena, "api: %s", change->request->grant.name);
    const char *what = arena_format(arena, "message m_%" PRId64 " retry", change->id);
    bool ok;
    if (change->id) {
        ok = outbox_send_again(service->outbox, store, change->id, now_ms, err);
    } else {
        what = arena_format(arena, "%s %.*s", change->is_lift ? "stop lifted" : "stop", (int)change->scope.length,
                            change->scope.at);
        ok = change->is_lift ? outbox_lift(service->outbox, store, change->scope, now_ms, err) &&
                                   journeys_let_go(service->journeys, store, NULL, err)
                             : journeys_check_scope(service->journeys, change->scope, arena, err) &&
                                   outbox_stop(store, change->scope, now_ms, text_of(who), err);
    }
    return ok && change_note(change->request, store, what, 0, err);
}

static void is_changed(void *context, const struct err *result)
{
    struct change *change = context;
    if (result->code == ERR_NONE)
        reply_json_take(change->request, change->reply, 200, json_pack("{s:b}", "success", 1));
    else reply_error(change->request, change->reply, result, NULL);
    request_resume(change->request);
}

static enum handling run(struct change *change_)
{
    struct err err;
    if (ingest_run_later(change_->request->service->ingest, change, change_, is_changed, &err))
        return HANDLED_LATER;
    return reply_error(change_->request, change_->reply, &err, NULL);
}

static enum handling handle_retry(struct request *request, struct reply *reply)
{
    struct err err;
    struct text id = request_param(request, "id"), number = id;
    struct change *change_ = ARENA_NEW(request->arena, struct change);
    *change_ = (struct change){ .request = request, .reply = reply };
    if (number.length > 2 && memcmp(number.at, "m_", 2) == 0) number.at += 2, number.length -= 2;
    if (!text_int64(number, &change_->id) || change_->id < 1) {
        (void)err_set(&err, ERR_MISSING, "there is no message '%.*s'", (int)(id.length < 60 ? id.length : 60),
                      id.at);
        return reply_error(request, reply, &err, "id");
    }
    return run(change_);
}

static enum handling handle_scope(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body;
    struct change *change_ = ARENA_NEW(request->arena, struct change);
    *change_ =
        (struct change){ .request = request, .reply = reply, .is_lift = strcmp(request->method, "DELETE") == 0 };
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    const char *scope = json_string_value(json_object_get(body, "scope"));
    change_->scope = text_of(arena_copy(request->arena, scope ? scope : ""));
    json_decref(body);
    return run(change_);
}

static enum handling handle_stops(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct outbox_stop_row *rows;
    size_t n;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = outbox_stops(store, request->arena, &rows, &n, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    json_t *stops = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(stops, json_pack("{s:s, s:I, s:s}", "scope", rows[i].scope, "since_ms",
                                               (json_int_t)rows[i].since_ms, "who", rows[i].who));
    reply_json_take(request, reply, 200, json_pack("{s:o}", "stops", stops));
    return HANDLED;
}

static const struct route_field list_query[] = {
    { "customer", "string", "to whom", false },
    { "status", "string", "queued, sending, sent, retrying, unknown, dead or cancelled", false },
    { "journey", "string", "of which journey", false },
    { "channel", "string", "by which way, as GET /v1/destinations names it", false },
    { "before", "integer", "only ids below this number: the last of the page before", false },
    { "limit", "integer", "1 to 1000; 50 if not said", false },
    { 0 },
};
static const struct route_field list_answer[] = {
    { "messages", "array", "the newest first", true },
    { "messages[].id", "string", "m_ and a number", true },
    { "messages[].key", "string", "under which it is sent once", true },
    { "messages[].journey", "string", "null: of none", false },
    { "messages[].version", "integer", "of the journey", true },
    { "messages[].step", "string", "of the journey", true },
    { "messages[].customer", "string", "to whom; empty: to nobody in particular", true },
    { "messages[].channel", "string", "by which way", true },
    { "messages[].topic", "string", "about what", true },
    { "messages[].status", "string", "queued, sending, sent, retrying, unknown, dead or cancelled", true },
    { "messages[].attempts", "integer", "how often it was tried", true },
    { "messages[].queued_ms", "integer", "when it was put", true },
    { "messages[].due_ms", "integer", "when it is tried next; null: it waits for nothing", false },
    { "messages[].sent_ms", "integer", "null: not yet", false },
    { "messages[].reply", "string", "what whoever takes it said last, without addresses", false },
    { "messages[].rule", "string", "why it was not sent, or is held", false },
    { 0 },
};
static const struct route_field scope_body[] = {
    { "scope", "string", "all, journey:<name> or channel:<name>", true },
    { 0 },
};
static const struct route_field stops_answer[] = {
    { "stops", "array", "what is stopped", true },
    { "stops[].scope", "string", "all, journey:<name> or channel:<name>", true },
    { "stops[].since_ms", "integer", "since when", true },
    { "stops[].who", "string", "on whose word", true },
    { 0 },
};
static const struct route_field success_answer[] = { { "success", "boolean", "it is done", true }, { 0 } };

const struct route routes_message[] = {
    { .method = "GET",
      .path = "/v1/messages",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_list,
      .is_slow = true,
      .summary = "What was sent, waits, or was not sent and why",
      .query = list_query,
      .answer = list_answer,
      .answer_example =
          "{\"messages\": [{\"id\": \"m_1\", \"key\": \"journey:winback:7:mail:1\", \"journey\": \"winback\", "
          "\"version\": 1, \"step\": \"mail\", \"customer\": \"ada\", \"channel\": \"email\", \"topic\": "
          "\"offers\", "
          "\"status\": \"sent\", \"attempts\": 1, \"queued_ms\": 1806145200000, \"due_ms\": null, "
          "\"sent_ms\": 1806145200500, \"reply\": \"250 ok\", \"rule\": null}]}" },
    { .method = "POST",
      .path = "/v1/messages/{id}/retry",
      .needs = ACCESS_OPERATE,
      .handle = handle_retry, .is_slow = true,
      .summary = "Send a message again that is dead, in doubt or was cancelled",
      .answer = success_answer,
      .answer_example = "{\"success\": true}" },
    { .method = "GET",
      .path = "/v1/stop",
      .needs = ACCESS_VIEW,
      .handle = handle_stops,
      .is_slow = true,
      .summary = "What is stopped",
      .answer = stops_answer,
      .answer_example =
          "{\"stops\": [{\"scope\": \"all\", \"since_ms\": 1806145200000, \"who\": \"api: ann\"}]}" },
    { .method = "POST",
      .path = "/v1/stop",
      .needs = ACCESS_APPROVE,
      .handle = handle_scope, .is_slow = true,
      .summary = "Nothing more leaves, until it is lifted",
      .body = scope_body,
      .answer = success_answer,
      .body_example = "{\"scope\": \"journey:winback\"}",
      .answer_example = "{\"success\": true}" },
    { .method = "DELETE",
      .path = "/v1/stop",
      .needs = ACCESS_APPROVE,
      .handle = handle_scope, .is_slow = true,
      .summary = "Lift a stop",
      .body = scope_body,
      .answer = success_answer,
      .body_example = "{\"scope\": \"journey:winback\"}",
      .answer_example = "{\"success\": true}" },
    { 0 },
};
