/* routes_person.c - what a person may ask for, and who is whom: suppression, consent, export, erasure, merging. */
#include "server/changing.h"
#include "server/route.h"
#include "server/server.h"
#include "server/warehouse_serving.h"
#include "hub/ingest.h"
#include "intake/message.h"
#include "live/live.h"
#include "govern/erasing.h"
#include "live/refresh.h"
#include "engine/retaining.h"
#include "engine/service.h"

#include <stdlib.h>
#include <string.h>

/* Something to be written about one or two identities, as a job; the answer goes out when it is durable. */
struct task {
    struct request *request;
    struct reply   *reply;
    struct text     name;               /* as in the dictionary; of someone never seen, too, for suppression */
    uint32_t        identity, other;
    int64_t         number;             /* of a request */
    struct text     statements;         /* consent: a flat JSON object */
    struct text     source;
    struct erased   erased;
    const char     *why;                /* a link was refused */
    json_t         *answer;             /* NULL: {"success": true} */
};

static void task_is_durable(void *context, const struct err *result)
{
    struct task *task = context;
    struct err refused;
    if (result->code != ERR_NONE) reply_error(task->request, task->reply, result, NULL);
    else if (task->why) {
        (void)err_set(&refused, ERR_REFUSED, "%s", task->why);
        reply_error(task->request, task->reply, &refused, NULL);
    } else {
        json_t *answer = task->answer ? task->answer : json_pack("{s:b}", "success", 1);
        reply_json_take(task->request, task->reply, 200, answer);
        task->answer = NULL;
    }
    request_resume(task->request);
}

static struct task *task_new(struct request *request, struct reply *reply)
{
    struct task *task = ARENA_NEW(request->arena, struct task);
    *task = (struct task){ .request = request, .reply = reply };
    task->source = text_of(arena_format(request->arena, "api: %s", request->grant.name));
    return task;
}

/* Of a route whose path names a customer. */
static struct task *task_of_id(struct request *request, struct reply *reply)
{
    struct task *task = task_new(request, reply);
    struct text id = request_param(request, "id");
    task->name = id;
    if (message_is_email(id))
        task->name = identity_text(IDENTITY_EMAIL, id, profiles_key(request->service->profiles), request->arena);
    return task;
}

static enum handling run_later(struct task *task, ingest_job *job)
{
    struct err err;
    if (ingest_run_later(task->request->service->ingest, job, task, task_is_durable, &err)) return HANDLED_LATER;
    json_decref(task->answer);
    return reply_error(task->request, task->reply, &err, NULL);
}

static bool find_identity(struct service *service, struct text name, uint32_t *ret_identity, struct err *err)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_known = identity_find(service->log, name, profiles_key(service->profiles), ret_identity);
    (void)pthread_rwlock_unlock(&service->lock);
    return is_known || err_set(err, ERR_MISSING, "nobody is known by the id '%.*s'", (int)name.length, name.at);
}

/* ---- suppression and consent ---- */

static bool suppress(struct store *store, void *context, struct err *err)
{
    struct task *task = context;
    struct service *service = task->request->service;
    (void)pthread_rwlock_wrlock(&service->lock);
    bool ok = consents_suppress(service->consents, store, task->name, ingest_received_ms(service->ingest),
                                task->source, err);
    (void)pthread_rwlock_unlock(&service->lock);
    return ok && change_note(task->request, store, "suppress", 0, err);
}

static bool unsuppress(struct store *store, void *context, struct err *err)
{
    struct task *task = context;
    struct service *service = task->request->service;
    (void)pthread_rwlock_wrlock(&service->lock);
    bool ok = consents_unsuppress(service->consents, store, task->name, ingest_received_ms(service->ingest),
                                  task->source, err);
    (void)pthread_rwlock_unlock(&service->lock);
    return ok && change_note(task->request, store, "unsuppress", 0, err);
}

static enum handling handle_suppress(struct request *request, struct reply *reply)
{
    return run_later(task_of_id(request, reply), suppress);
}

static enum handling handle_unsuppress(struct request *request, struct reply *reply)
{
    return run_later(task_of_id(request, reply), unsuppress);
}

static bool put_consent(struct store *store, void *context, struct err *err)
{
    struct task *task = context;
    struct service *service = task->request->service;
    (void)pthread_rwlock_wrlock(&service->lock);
    bool ok = consents_put(service->consents, store, task->name, task->statements,
                           ingest_received_ms(service->ingest), task->source, (struct text){ "", 0 }, err);
    (void)pthread_rwlock_unlock(&service->lock);
    return ok && change_note(task->request, store, "consent", task->identity, err);
}

static enum handling handle_consent(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body, *value;
    const char *purpose;
    struct task *task = task_of_id(request, reply);
    if (!find_identity(request->service, task->name, &task->identity, &err))
        return reply_error(request, reply, &err, "id");
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    json_object_foreach(body, purpose, value)
        if (!json_is_boolean(value)) {
            (void)err_set(&err, ERR_INVALID, "'%.60s': expected true (given) or false (refused)", purpose);
            reply_error(request, reply, &err, purpose);
            json_decref(body);
            return HANDLED;
        }
    char *text = json_dumps(body, JSON_COMPACT);
    task->statements = text_of(arena_copy(request->arena, text));
    free(text);
    json_decref(body);
    return run_later(task, put_consent);
}

/* ---- export and erasure ---- */

static enum handling handle_export(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    uint32_t identity;
    json_t *out;
    if (!find_identity(request->service, request_param(request, "id"), &identity, &err))
        return reply_error(request, reply, &err, "id");
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = privacy_export_beside(store, request->service->profiles, identity, &out, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    json_t *there = warehouse_serving_person(request->server->warehouse, identity);
    if (there) json_object_set_new(out, "warehouse", there);
    reply_json_take(request, reply, 200, out);
    return HANDLED;
}

static bool erase(struct store *store, void *context, struct err *err)
{
    struct task *task = context;
    struct service *service = task->request->service;
    if (!erasing_erase(service->erasing, store, task->identity, ingest_received_ms(service->ingest), &task->erased,
                       err) ||
        !change_note(task->request, store, "erase", 0, err))
        return false;
    task->answer = json_pack("{s:b, s:I, s:I, s:I, s:I}", "success", 1, "identities",
                             (json_int_t)task->erased.n_identities, "events", (json_int_t)task->erased.n_events,
                             "links", (json_int_t)task->erased.n_links, "rows", (json_int_t)task->erased.n_rows);
    return true;
}

static enum handling handle_erase(struct request *request, struct reply *reply)
{
    struct err err;
    struct task *task = task_of_id(request, reply);
    if (!find_identity(request->service, task->name, &task->identity, &err))
        return reply_error(request, reply, &err, "id");
    return run_later(task, erase);
}

/* Whom a request is about; null: nobody known by the id, or they have been erased. */
static json_t *whom_json(struct service *service, uint32_t identity)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_known = identity && identity < log_n_names(service->log, DICTIONARY_IDENTITY);
    uint32_t customer = is_known ? identities_customer(service->identities, identity) : 0;
    struct text name = is_known ? log_name(service->log, DICTIONARY_IDENTITY, customer) : text_of("");
    json_t *whom = name.length && !log_name_is_erased(name) ? json_stringn(name.at, name.length) : json_null();
    (void)pthread_rwlock_unlock(&service->lock);
    return whom;
}

static enum handling handle_requests(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct privacy_request *all;
    size_t n;
    int64_t most;
    if (!request_query_int(request, "limit", 1, PRIVACY_REQUESTS_MOST, PRIVACY_REQUESTS_USUAL, &most, &err))
        return reply_error(request, reply, &err, "limit");
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = privacy_requests(store, (size_t)most, request->arena, &all, &n, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    json_t *out = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(out, json_pack("{s:I, s:s, s:o, s:s, s:s, s:I, s:I, s:o}", "id", (json_int_t)all[i].id,
                                             "kind", all[i].kind, "customer",
                                             whom_json(request->service, all[i].identity), "state", all[i].state,
                                             "source", all[i].source,
                                             "requested_ms", (json_int_t)all[i].requested_ms, "due_ms",
                                             (json_int_t)all[i].due_ms, "done_ms",
                                             all[i].done_ms ? json_integer(all[i].done_ms) : json_null()));
    }
    reply_json_take(request, reply, 200, json_pack("{s:o}", "requests", out));
    return HANDLED;
}

static bool mark_done(struct store *store, void *context, struct err *err)
{
    struct task *task = context;
    return privacy_request_done(store, task->number, ingest_received_ms(task->request->service->ingest), err) &&
           change_note(task->request, store, "privacy request done", 0, err);
}

static enum handling handle_request_done(struct request *request, struct reply *reply)
{
    struct err err;
    struct task *task = task_new(request, reply);
    struct text id = request_param(request, "id");
    if (!text_int64(id, &task->number)) {
        (void)err_set(&err, ERR_INVALID, "'%.*s' is not the number of a request",
                      (int)(id.length < 40 ? id.length : 40), id.at);
        return reply_error(request, reply, &err, "id");
    }
    return run_later(task, mark_done);
}

static json_t *kept_json(int64_t days, int64_t n_last, int64_t n_due)
{
    return json_pack("{s:o, s:I, s:I}", "days", days ? json_integer(days) : json_null(), "last", (json_int_t)n_last, "due",
                     (json_int_t)n_due);
}

static enum handling handle_retention(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct retaining_status s;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = retaining_status(request->service->retaining, store, &s, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200,
                    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "next_ms", s.next_ms ? json_integer(s.next_ms) : json_null(),
                              "last_ms", s.last_ms ? json_integer(s.last_ms) : json_null(), "put_off_ms",
                              s.put_off_ms ? json_integer(s.put_off_ms) : json_null(), "customers",
                              kept_json(s.rule.customers_days, s.n_customers, s.due_customers), "messages",
                              kept_json(s.rule.messages_days, s.n_messages, s.due_messages), "rejects",
                              kept_json(s.rule.rejects_days, s.n_rejects, s.due_rejects)));
    return HANDLED;
}

/* ---- who is whom ---- */

static bool merge(struct store *store, void *context, struct err *err)
{
    struct task *task = context;
    return service_link(task->request->service, store, task->identity, task->other, &task->why, err) &&
           (task->why || change_note(task->request, store, "identity merge", task->identity, err));
}

static bool unmerge(struct store *store, void *context, struct err *err)
{
    struct task *task = context;
    return service_unlink(task->request->service, store, task->identity, task->other, err) &&
           change_note(task->request, store, "identity unmerge", task->identity, err);
}

static enum handling change_links(struct request *request, struct reply *reply, ingest_job *job)
{
    struct err err;
    json_t *body;
    const char *field = "a";
    struct task *task = task_new(request, reply);
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    const char *a = json_string_value(json_object_get(body, "a")),
               *b = json_string_value(json_object_get(body, "b"));
    bool ok = a && b ? true : err_set(&err, ERR_INVALID, "expected {\"a\": ID, \"b\": ID}");
    ok = ok && find_identity(request->service, text_of(a), &task->identity, &err);
    if (ok) field = "b";
    ok = ok && find_identity(request->service, text_of(b), &task->other, &err);
    json_decref(body);
    return ok ? run_later(task, job) : reply_error(request, reply, &err, field);
}

static enum handling handle_merge(struct request *request, struct reply *reply)
{
    return change_links(request, reply, merge);
}
static enum handling handle_unmerge(struct request *request, struct reply *reply)
{
    return change_links(request, reply, unmerge);
}

static enum handling handle_links(struct request *request, struct reply *reply)
{
    struct err err;
    uint32_t identity;
    size_t n;
    struct service *service = request->service;
    if (!find_identity(service, request_param(request, "id"), &identity, &err))
        return reply_error(request, reply, &err, "id");
    json_t *out = json_array();
    (void)pthread_rwlock_rdlock(&service->lock);
    const struct link *links = identities_links(service->identities, identity, &n);
    for (size_t i = 0; i < n; i++) {
        struct text a = log_name(service->log, DICTIONARY_IDENTITY, links[i].a),
                    b = log_name(service->log, DICTIONARY_IDENTITY, links[i].b);
        json_array_append_new(out, json_pack("{s:s%, s:s%, s:s, s:I}", "a", a.at, a.length, "b", b.at, b.length,
                                             "how", link_how_name(links[i].how), "received_ms",
                                             (json_int_t)links[i].received_ms));
    }
    (void)pthread_rwlock_unlock(&service->lock);
    reply_json_take(request, reply, 200, json_pack("{s:o}", "links", out));
    return HANDLED;
}

#define SUCCESS_EXAMPLE "{\"success\": true}"

static const struct route_field success[] = { { "success", "boolean", "it is durable", true }, { 0 } };
static const struct route_field consent_body[] = {
    { "*", "boolean", "a purpose, such as email: true given, false refused; refusing analytics or tracking closes the door", false },
    { 0 },
};
static const struct route_field export_answer[] = {
    { "identities", "array", "ids", false },
    { "events", "array", "everything they did", false },
    { "warehouse", "array", "what each server of the warehouse holds about them, or why it cannot tell", false },
    { 0 },
};
static const struct route_field erase_answer[] = {
    { "success", "boolean", "it is durable", true },
    { "identities", "integer", "ids replaced by tombstones", true },
    { "events", "integer", "whose properties were blanked", true },
    { "links", "integer", "removed", true },
    { "rows", "integer", "of other tables, removed", true },
    { 0 },
};
static const struct route_field retention_answer[] = {
    { "next_ms", "integer, null", "when it is seen to next; null: never, nothing is to go or time stands", true },
    { "last_ms", "integer, null", "when it was last", true },
    { "put_off_ms", "integer, null", "when it was last put off, for the clock stood days from where it was "
                                     "expected", true },
    { "customers", "object", "who was heard of last so long ago is erased", true },
    { "customers.days", "integer, null", "kept for so long; null: for ever", true },
    { "customers.last", "integer", "how many went then", true },
    { "customers.due", "integer", "how many go next, as things are", true },
    { "messages", "object", "texts and addresses of messages that wait for nothing", true },
    { "messages.days", "integer, null", "as of customers", true },
    { "messages.last", "integer", "as of customers", true },
    { "messages.due", "integer", "as of customers", true },
    { "rejects", "object", "messages that were refused, as they were sent", true },
    { "rejects.days", "integer, null", "as of customers", true },
    { "rejects.last", "integer", "as of customers", true },
    { "rejects.due", "integer", "as of customers", true },
    { 0 },
};
static const struct route_field requests_query[] = {
    { "limit", "integer", "how many at most besides those that are open, 1 to 10000; 1000", false },
    { 0 },
};
static const struct route_field requests_answer[] = {
    { "requests", "array", "newest first", true },
    { "requests[].id", "integer", "its number", true },
    { "requests[].kind", "string", "export or erase", true },
    { "requests[].customer", "string, null", "whom it is about; null: nobody is known by the id, or they have been erased", true },
    { "requests[].state", "string", "waiting, erased (its events remain to be blanked), done, or unknown: nobody has the id", true },
    { "requests[].source", "string", "who asked", true },
    { "requests[].requested_ms", "integer", "when", true },
    { "requests[].due_ms", "integer", "by when it must be done", true },
    { "requests[].done_ms", "integer", "when it was", false },
    { 0 },
};
static const struct route_field link_body[] = {
    { "a", "string", "an id", true },
    { "b", "string", "another id", true },
    { 0 },
};
static const struct route_field links_answer[] = {
    { "links", "array", "in force, in the order made", true },
    { "links[].a", "string", "an id", true },
    { "links[].b", "string", "another id", true },
    { "links[].how", "string", "identify, alias, merge or manual", true },
    { "links[].received_ms", "integer", "since when", true },
    { 0 },
};

const struct route routes_person[] = {
    { .method = "POST", .path = "/v1/customers/{id}/suppress", .needs = ACCESS_PRIVACY, .handle = handle_suppress,
      .summary = "Take in nothing more about this id, and never contact it", .answer = success, .answer_example = SUCCESS_EXAMPLE },
    { .method = "POST", .path = "/v1/customers/{id}/unsuppress", .needs = ACCESS_PRIVACY, .handle = handle_unsuppress,
      .summary = "Lift a suppression", .answer = success, .answer_example = SUCCESS_EXAMPLE },
    { .method = "PUT", .path = "/v1/customers/{id}/consent", .needs = ACCESS_PRIVACY, .handle = handle_consent,
      .summary = "Record what a customer allows, by purpose", .body = consent_body, .body_example = "{\"email\": false}",
      .answer = success, .answer_example = SUCCESS_EXAMPLE },
    { .method = "GET", .path = "/v1/customers/{id}/export", .needs = ACCESS_PRIVACY, .handle = handle_export, .is_slow = true,
      .summary = "Everything held about one person", .answer = export_answer,
      .answer_example = "{\"identities\": [], \"events\": []}" },
    { .method = "DELETE", .path = "/v1/customers/{id}", .needs = ACCESS_PRIVACY, .handle = handle_erase,
      .summary = "Erase a person: the key of their sealed fields, their ids, traits, links, scores and decisions",
      .details = "What stays is that somebody did something at some time for some amount, which sums and models need.",
      .answer = erase_answer,
      .answer_example = "{\"success\": true, \"identities\": 2, \"events\": 17, \"links\": 1, \"rows\": 4}" },
    { .method = "GET", .path = "/v1/privacy/requests", .needs = ACCESS_PRIVACY, .handle = handle_requests, .is_slow = true,
      .summary = "Requests for export and erasure, with when they are due", .query = requests_query,
      .details = "All that are open, and the newest of those that are done.  What retention asked for and is done is counted "
                 "by /v1/privacy/retention instead.",
      .answer = requests_answer,
      .answer_example = "{\"requests\": [{\"id\": 1, \"kind\": \"erase\", \"customer\": null, \"state\": \"done\", \"source\": "
                        "\"shopify\", \"requested_ms\": 1790000000000, \"due_ms\": 1792592000000, \"done_ms\": 1790000000100}]}" },
    { .method = "POST", .path = "/v1/privacy/requests/{id}/done", .needs = ACCESS_PRIVACY, .handle = handle_request_done, .is_slow = true,
      .summary = "A person has answered a request: an export was handed over, or nobody known was found out to be meant",
      .details = "An erasure of somebody known is carried out by itself.", .answer = success,
      .answer_example = SUCCESS_EXAMPLE },
    { .method = "GET", .path = "/v1/privacy/retention", .needs = ACCESS_PRIVACY, .handle = handle_retention,
      .keeps = ROUTE_KEEPS_AWHILE, .keeps_people = true, .is_slow = true,
      .summary = "How long what names people is kept, what went by itself, and what goes next",
      .details = "By section retention of the settings.  It is seen to once a day, first when the setting has stood for a "
                 "whole day; not while time stands at the last event.",
      .answer = retention_answer,
      .answer_example = "{\"next_ms\": 1790132400000, \"last_ms\": null, \"put_off_ms\": null, \"customers\": {\"days\": 1080, \"last\": 0, "
                        "\"due\": 3}, \"messages\": {\"days\": null, \"last\": 0, \"due\": 0}, \"rejects\": "
                        "{\"days\": 90, \"last\": 0, \"due\": 12}}" },
    { .method = "GET", .path = "/v1/customers/{id}/links", .needs = ACCESS_CUSTOMER, .handle = handle_links,
      .summary = "Which ids are one person, and since when", .answer = links_answer,
      .answer_example = "{\"links\": [{\"a\": \"C001407\", \"b\": \"anonymous:7c4a\", \"how\": \"identify\", \"received_ms\": "
                        "1790000000000}]}" },
    { .method = "POST", .path = "/v1/identities/merge", .needs = ACCESS_IDENTITY, .handle = handle_merge,
      .summary = "Two ids are one person", .body = link_body, .body_example = "{\"a\": \"C001407\", \"b\": \"C001408\"}",
      .answer = success, .answer_example = SUCCESS_EXAMPLE },
    { .method = "POST", .path = "/v1/identities/unmerge", .needs = ACCESS_IDENTITY, .handle = handle_unmerge,
      .summary = "They are not: the link between two ids never was", .body = link_body,
      .body_example = "{\"a\": \"C001407\", \"b\": \"C001408\"}", .answer = success, .answer_example = SUCCESS_EXAMPLE },
    { 0 },
};
