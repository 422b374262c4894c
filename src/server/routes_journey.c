/* routes_journey.c - journeys and their tasks: writing, pausing, approving, entering, and why something was sent.
 */
#include "server/changing.h"
#include "server/route.h"
#include "base/zones.h"
#include "trial/expecting.h"
#include "engine/journeys.h"
#include "engine/known.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { TASK_MOST_BYTES = 500 };

struct change {
    struct request *request;
    struct journeys *journeys;
    const char     *name, *action, *who;
    struct text     yaml, outcome;
    json_t         *event;
    uint32_t        customer;
    int64_t         number, until_ms;           /* of a task */
    struct journeys_changed changed;
    int64_t         entry;
    size_t          n_left;
    struct expected expected;
    const json_t   *made_from;                  /* the version that somebody changed; NULL: not said */
};

static const char *text_param(struct request *request, const char *name)
{
    struct text value = request_param(request, name);
    return arena_format(request->arena, "%.*s", (int)value.length, value.at);
}

static struct change change_of(struct request *request)
{
    return (struct change){ .request = request,
                            .journeys = request->service->journeys,
                            .name = text_param(request, "name"),
                            .who = request->grant.name };
}

static bool audit(struct change *c, struct store *store, const char *what, uint32_t identity, struct err *err)
{
    return change_note(c->request, store, what, identity, err);
}

/* ---- definitions ---- */

/* What was made from an older version than the newest is refused, with who wrote that. */
static bool check_version(struct store *store, const struct change *c, struct err *err)
{
    struct sql_journey_newest row;
    if (!c->made_from || json_is_null(c->made_from)) return true;
    if (!sql_journey_newest(store, text_of(c->name), &row, err)) return false;
    enum step step = sql_journey_newest_step(&row, err);
    int64_t version = step == STEP_ROW ? row.version : 0;
    const char *who = step == STEP_ROW ? arena_format(c->request->arena, "%.*s", (int)row.who.length, row.who.at) : "";
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    if (json_integer_value(c->made_from) == version) return true;
    return err_set(err, ERR_REFUSED, "%s changed '%s' meanwhile: it is of version %lld now",
                   *who ? who : "somebody", c->name, (long long)version);
}

static bool put_job(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    return check_version(store, c, err) &&
           journeys_put(c->journeys, store, c->name, c->yaml, text_of(c->who), false, &c->changed, err) &&
           audit(c, store,
                 arena_format(c->request->arena, "journey write %s %lld", c->name, (long long)c->changed.version),
                 0, err);
}

/* A definition as it is, or {"yaml": "..."}. */
static bool read_yaml(struct request *request, struct text *ret_yaml, json_t **ret_body, struct err *err)
{
    struct text body = text_trim(request->body);
    *ret_body = NULL;
    *ret_yaml = request->body;
    if (body.length == 0 || body.at[0] != '{') return true;
    if (!request_json(request, ret_body, err)) return false;
    const char *yaml = json_string_value(json_object_get(*ret_body, "yaml"));
    if (!yaml) return err_set(err, ERR_INVALID, "yaml is missing: the journey's definition");
    *ret_yaml = text_of(yaml);
    return true;
}

static enum handling handle_put(struct request *request, struct reply *reply)
{
    struct err err;
    struct change c = change_of(request);
    json_t *body = NULL;
    const char *field = "yaml";
    bool ok = read_yaml(request, &c.yaml, &body, &err);
    c.made_from = json_object_get(body, "version");
    if (ok && c.made_from && !json_is_null(c.made_from) && !json_is_integer(c.made_from))
        field = "version", ok = err_set(&err, ERR_INVALID, "version must be a whole number: what it was made from");
    ok = ok && ingest_run(request->service->ingest, put_job, &c, &err) &&
         journeys_keep_score_segments(request->service->journeys, &err);
    if (ok)
        reply_json_take(request, reply, 200,
                        json_pack("{s:s, s:I, s:b, s:I, s:I}", "journey", c.name, "version",
                                  (json_int_t)c.changed.version, "is_new", c.changed.is_new, "inside",
                                  (json_int_t)c.changed.n_inside, "moved", (json_int_t)c.changed.n_moved));
    else reply_error(request, reply, &err, field);
    json_decref(body);
    return HANDLED;
}

static bool change_job(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    return journeys_change(c->journeys, store, c->name, c->action, err) &&
           audit(c, store, arena_format(c->request->arena, "journey %s %s", c->action, c->name), 0, err);
}

static enum handling change_state(struct request *request, struct reply *reply, const char *action)
{
    struct err err;
    struct change c = change_of(request);
    c.action = action;
    if (!ingest_run(request->service->ingest, change_job, &c, &err))
        return reply_error(request, reply, &err, "name");
    reply_json_take(request, reply, 200, json_pack("{s:s, s:s}", "journey", c.name, "done", action));
    return HANDLED;
}

static bool approve_job(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    return journeys_approve(c->journeys, store, c->name, &c->expected, text_of(c->who), err) &&
           audit(c, store, arena_format(c->request->arena, "journey approve %s", c->name), 0, err);
}

/* What is approved is what may be expected: it is tried out first. */
static enum handling handle_approve(struct request *request, struct reply *reply)
{
    struct err err;
    struct change c = change_of(request);
    if (!expecting_daily(request->service, c.name, &c.expected, &err) ||
        !ingest_run(request->service->ingest, approve_job, &c, &err))
        return reply_error(request, reply, &err, "name");
    reply_json_take(request, reply, 200,
                    json_pack("{s:s, s:s, s:I, s:f}", "journey", c.name, "done", "approve", "approved_daily",
                              (json_int_t)c.expected.daily, "approved_budget", c.expected.budget));
    return HANDLED;
}
static enum handling handle_pause(struct request *request, struct reply *reply)
{
    return change_state(request, reply, "pause");
}
static enum handling handle_resume(struct request *request, struct reply *reply)
{
    return change_state(request, reply, "resume");
}

static bool enter_job(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    return journeys_enter(c->journeys, store, c->name, c->customer, c->event, &c->entry, err) &&
           audit(c, store, arena_format(c->request->arena, "journey enter %s", c->name), c->customer, err);
}

static enum handling handle_enter(struct request *request, struct reply *reply)
{
    struct err err;
    struct change c = change_of(request);
    json_t *body = NULL;
    const char *field = NULL;
    bool ok = request_json(request, &body, &err);
    const char *customer = json_string_value(json_object_get(body, "customer"));
    if (ok && !customer)
        field = "customer", ok = err_set(&err, ERR_INVALID, "customer is missing: who is to enter");
    c.event = json_object_get(body, "properties");
    if (ok && c.event && !json_is_object(c.event))
        field = "properties", ok = err_set(&err, ERR_INVALID, "properties must be an object");
    if (ok) field = "customer", ok = service_customer(request->service, text_of(customer), &c.customer, &err);
    if (ok) field = "name", ok = ingest_run(request->service->ingest, enter_job, &c, &err);
    if (ok)
        reply_json_take(
            request, reply, 200,
            json_pack("{s:s, s:s, s:b}", "journey", c.name, "customer", customer, "entered", c.entry != 0));
    else reply_error(request, reply, &err, field);
    json_decref(body);
    return HANDLED;
}

static bool leave_job(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    return journeys_take_out(c->journeys, store, c->name, c->customer, &c->n_left, err) &&
           audit(c, store, arena_format(c->request->arena, "journey leave %s", c->name), c->customer, err);
}

static enum handling handle_leave(struct request *request, struct reply *reply)
{
    struct err err;
    struct change c = change_of(request);
    json_t *body = NULL;
    bool ok = request_json(request, &body, &err);
    const char *customer = json_string_value(json_object_get(body, "customer"));
    if (ok && !customer) ok = err_set(&err, ERR_INVALID, "customer is missing: who is to leave");
    ok = ok && service_customer(request->service, text_of(customer), &c.customer, &err) &&
         ingest_run(request->service->ingest, leave_job, &c, &err);
    if (ok)
        reply_json_take(request, reply, 200,
                        json_pack("{s:s, s:s, s:I}", "journey", c.name, "customer", customer, "left",
                                  (json_int_t)c.n_left));
    else reply_error(request, reply, &err, "customer");
    json_decref(body);
    return HANDLED;
}

/* ---- reading ---- */

static enum handling answer(struct request *request, struct reply *reply, json_t *json, const char *member,
                            const struct err *err, const char *field)
{
    if (!json) return reply_error(request, reply, err, field);
    reply_json_take(request, reply, 200, member ? json_pack("{s:o}", member, json) : json);
    return HANDLED;
}

static enum handling handle_list(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    (void)pthread_rwlock_rdlock(&request->service->lock);
    json_t *list =
        journeys_list(store, request->service->log, clock_now_ms(&request->service->options.clock), &err);
    (void)pthread_rwlock_unlock(&request->service->lock);
    service_read_done(request->service, store);
    return answer(request, reply, list, "journeys", &err, NULL);
}

static json_t *why_json(struct request *request, struct store *store, uint32_t customer, const char *journey,
                        struct err *err)
{
    struct service *service = request->service;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    json_t *known, *why = NULL;
    const struct contact_rules *rules = journeys_rules_of(service->journeys);
    (void)pthread_rwlock_rdlock(&service->lock);
    if (known_read(service->live, NULL, service->identities, store, customer, arena, &known, err)) {
        const char *name;
        const struct zone *zone = known_zone_named(known, rules, service->zones, &name);
        why = journeys_why(store, service->log, service->identities, customer, journey, zone, name, err);
        json_decref(known);
    }
    (void)pthread_rwlock_unlock(&service->lock);
    arena_free(arena);
    return why;
}

static enum handling handle_why(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct text journey;
    uint32_t customer;
    if (!request_query(request, "journey", &journey))
        return err_set(&err, ERR_INVALID, "journey is missing: of which journey"),
               reply_error(request, reply, &err, "journey");
    if (!service_customer(request->service, request_param(request, "id"), &customer, &err))
        return reply_error(request, reply, &err, "id");
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    json_t *why = why_json(request, store, customer, journey.at, &err);
    service_read_done(request->service, store);
    return answer(request, reply, why, NULL, &err, "journey");
}

/* ---- tasks ---- */

static enum handling handle_tasks(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct text state = text_of("open"), owner = text_of(""), about = text_of(""), named;
    uint32_t customer;
    (void)request_query(request, "state", &state);
    (void)request_query(request, "owner", &owner);
    if (request_query(request, "customer", &named)) {
        if (!service_customer(request->service, named, &customer, &err))
            return reply_error(request, reply, &err, "customer");
        about = service_identities(request->service, customer, request->arena);
    }
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    (void)pthread_rwlock_rdlock(&request->service->lock);
    json_t *tasks = journeys_tasks(store, request->service->log, request->service->identities, state.at, owner.at,
                                   about, &err);
    (void)pthread_rwlock_unlock(&request->service->lock);
    service_read_done(request->service, store);
    return answer(request, reply, tasks, "tasks", &err, NULL);
}

static bool task_job(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    return journeys_task(c->journeys, store, c->number, c->action, text_of(c->who), c->until_ms, c->outcome,
                         err) &&
           audit(c, store, arena_format(c->request->arena, "task %s %lld", c->action, (long long)c->number), 0,
                 err);
}

static bool give_job(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    return journeys_give_task(c->journeys, store, c->customer, c->outcome, text_of(c->who), err) &&
           audit(c, store, "task give", c->customer, err);
}

static enum handling handle_give(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body = NULL;
    const char *field = "customer";
    struct change c = { .request = request, .journeys = request->service->journeys, .who = request->grant.name };
    bool ok = request_json(request, &body, &err);
    const char *customer = json_string_value(json_object_get(body, "customer")),
               *words = json_string_value(json_object_get(body, "task"));
    if (ok && !customer) ok = err_set(&err, ERR_INVALID, "customer is missing: whom it is about");
    ok = ok && service_customer(request->service, text_of(customer), &c.customer, &err);
    if (ok && (!words || text_trim(text_of(words)).length == 0 || strlen(words) > TASK_MOST_BYTES))
        field = "task", ok = err_set(&err, ERR_INVALID, "task is missing or longer than %d bytes", TASK_MOST_BYTES);
    if (ok) c.outcome = text_of(words), ok = ingest_run(request->service->ingest, give_job, &c, &err);
    if (ok) reply_json_take(request, reply, 201, json_pack("{s:s, s:s}", "customer", customer, "task", words));
    else reply_error(request, reply, &err, field);
    json_decref(body);
    return HANDLED;
}

static enum handling change_task(struct request *request, struct reply *reply, const char *action)
{
    struct err err;
    json_t *body = NULL;
    struct change c = {
        .request = request, .journeys = request->service->journeys, .action = action, .who = request->grant.name
    };
    bool ok = request->body.length == 0 || request_json(request, &body, &err);
    if (ok && !text_int64(request_param(request, "id"), &c.number))
        ok = err_set(&err, ERR_INVALID, "a task has a number");
    const char *outcome = json_string_value(json_object_get(body, "outcome"));
    const json_t *until = json_object_get(body, "until_ms");
    c.outcome = text_of(outcome ? outcome : "");
    c.until_ms = json_is_integer(until) ? json_integer_value(until)
                                        : clock_now_ms(&request->service->options.clock) + INT64_C(86400000);
    ok = ok && ingest_run(request->service->ingest, task_job, &c, &err);
    if (ok)
        reply_json_take(request, reply, 200, json_pack("{s:I, s:s}", "id", (json_int_t)c.number, "done", action));
    else reply_error(request, reply, &err, "id");
    json_decref(body);
    return HANDLED;
}

static enum handling handle_take(struct request *request, struct reply *reply)
{
    return change_task(request, reply, "take");
}
static enum handling handle_snooze(struct request *request, struct reply *reply)
{
    return change_task(request, reply, "snooze");
}
static enum handling handle_done(struct request *request, struct reply *reply)
{
    return change_task(request, reply, "done");
}

/* ---- the table ---- */

static const struct route_field yaml_body[] = {
    { "yaml", "string", "the definition; it may also be the body itself", true },
    { "version", "integer", "the version it was made from, 0 for a new one; 409 if it is another by now", false },
    { 0 },
};
static const struct route_field put_answer[] = {
    { "journey", "string", "its name", true },
    { "version", "integer", "the version that is in force now", true },
    { "is_new", "boolean", "false: it was the same text", true },
    { "inside", "integer", "people who are inside", true },
    { "moved", "integer", "of them those who go on in the new version", true },
    { 0 },
};
static const struct route_field done_answer[] = {
    { "journey", "string", "its name", true }, { "done", "string", "what was done", true },
    { "approved_daily", "integer", "approve: how many would have entered on the busiest of 30 days", false },
    { "approved_budget", "number", "approve: what would have been spent on the dearest of them", false },
    { 0 },
};
static const struct route_field enter_body[] = {
    { "customer", "string", "an id of theirs", true },
    { "properties", "object", "what the filter and the messages see as `event`", false }, { 0 },
};
static const struct route_field enter_answer[] = {
    { "journey", "string", "its name", true }, { "customer", "string", "as asked", true },
    { "entered", "boolean", "false: `why` tells the rule", true }, { 0 },
};
static const struct route_field leave_body[] = { { "customer", "string", "an id of theirs", true }, { 0 } };
static const struct route_field leave_answer[] = {
    { "journey", "string", "its name", true }, { "customer", "string", "as asked", true },
    { "left", "integer", "ways through it that ended; 0: they were not inside", true }, { 0 },
};
static const struct route_field give_body[] = {
    { "customer", "string", "an id of whom it is about", true },
    { "task", "string", "what is to be done, at most 500 bytes", true }, { 0 },
};
static const struct route_field give_answer[] = {
    { "customer", "string", "as asked", true }, { "task", "string", "as asked", true }, { 0 },
};
static const struct route_field list_answer[] = {
    { "journeys[].journey", "string", "its name", true },
    { "journeys[].version", "integer", "the newest", true },
    { "journeys[].state", "string", "active, paused, or draft: nobody has approved it", true },
    { "journeys[].written_by", "string", "who wrote the version", true },
    { "journeys[].approved_by", "string", "who approved it, or empty", true },
    { "journeys[].approved_daily", "integer", "how many a day were expected then; 0: nothing was", true },
    { "journeys[].approved_budget", "number", "what was expected to be spent in a day; 0: nothing was", true },
    { "journeys[].versions", "array", "of each version: entered = inside + ended; goal, held", true },
    { "journeys[].stuck", "array", "sentences about what looks as if it did not work", true },
    { "journeys[].entered_ms", "integer", "when somebody entered last", false },
    { 0 },
};
static const struct route_field why_query[] = { { "journey", "string", "its name", true }, { 0 } };
static const struct route_field why_answer[] = {
    { "journey", "string", "its name", true },
    { "version", "integer", "the newest", true },
    { "customer", "string", "an id of theirs", true },
    { "zone", "string", "whose clock times are told by", true },
    { "entries", "array", "each way through: entered_ms, version, end, steps; of a step that sent a message what became of it: status, reply", true },
    { "not_entered", "array", "when they were meant and did not enter: at_ms, rule, facts", true },
    { 0 },
};
static const struct route_field tasks_query[] = {
    { "state", "string", "open (the usual), taken, snoozed, done; empty for all", false },
    { "owner", "string", "whose; empty for anybody's", false },
    { "customer", "string", "about whom; anybody if not said", false }, { 0 },
};
static const struct route_field tasks_answer[] = {
    { "tasks", "array", "the most at stake first", true },
    { "tasks[].id", "integer", "its number", true },
    { "tasks[].customer", "string", "about whom", true },
    { "tasks[].journey", "string", "whose step it is; empty: given by hand", true },
    { "tasks[].step", "string", "which one", true },
    { "tasks[].task", "string", "what is to be done", true },
    { "tasks[].reasons", "object", "why now, as the customer's scores told then", true },
    { "tasks[].state", "string", "open, taken, snoozed or done", true },
    { "tasks[].owner", "string", "who took it; empty: nobody", true },
    { "tasks[].created_ms", "integer", "when it was put", true },
    { "tasks[].due_ms", "integer", "until when it is put off; 0: it is not", true },
    { "tasks[].done_ms", "integer", "when it was done; 0: it is not", true },
    { "tasks[].outcome", "string", "what came of it", true },
    { "tasks[].expected_loss_cents", "integer", "what is at stake", true },
    { 0 },
};
static const struct route_field task_body[] = {
    { "outcome", "string", "done: what came of it, an event of the customer's", false },
    { "until_ms", "integer", "snooze: until when (else a day)", false }, { 0 },
};
static const struct route_field task_answer[] = {
    { "id", "integer", "the task", true }, { "done", "string", "what was done", true }, { 0 },
};

#define YAML_EXAMPLE                                                                                              \
    "{\"yaml\": \"journey: welcome\\ntrigger: {event: signup}\\nsteps: [{id: hello, send: email, html: "          \
    "welcome.html}]\\n\"}"
#define DONE(action) "{\"journey\": \"winback\", \"done\": \"" action "\"}"
#define CHANGES(verb, right, handler, words) \
    { .method = "POST", .path = "/v1/journeys/{name}/" verb, .needs = right, .handle = handler, .summary = words, \
      .answer = done_answer, .answer_example = DONE(verb), .is_slow = true }
#define TASK(verb, handler, words)                                                                                \
    {                                                                                                             \
        .method = "POST", .path = "/v1/tasks/{id}/" verb, .needs = ACCESS_TASK, .handle = handler,                \
        .summary = words, .body = task_body, .body_example = "{}", .answer = task_answer,                         \
        .answer_example = "{\"id\": 1, \"done\": \"" verb "\"}", .is_slow = true                                  \
    }

const struct route routes_journey[] = {
    { .method = "GET",
      .path = "/v1/journeys",
      .needs = ACCESS_VIEW,
      .handle = handle_list,
      .is_slow = true,
      .summary = "All journeys, how many are in them, and what is stuck",
      .answer = list_answer,
      .answer_example = "{\"journeys\": [{\"journey\": \"winback\", \"version\": 1, \"state\": \"active\", "
                        "\"written_by\": \"ann\", "
                        "\"approved_by\": \"\", \"approved_daily\": 0, \"approved_budget\": 0, \"versions\": [], \"stuck\": []}]}" },
    { .method = "PUT",
      .path = "/v1/journeys/{name}",
      .needs = ACCESS_JOURNEY,
      .handle = handle_put,
      .is_slow = true,
      .summary = "Write a journey",
      .body = yaml_body,
      .body_example = YAML_EXAMPLE,
      .answer = put_answer,
      .details = "Another text is another version. Who is inside finishes on theirs, or moves by the ids of steps "
                 "where the "
                 "file says edit: move.",
      .answer_example =
          "{\"journey\": \"welcome\", \"version\": 1, \"is_new\": true, \"inside\": 0, \"moved\": 0}" },
    CHANGES("approve", ACCESS_APPROVE, handle_approve, "Approve the newest version, which another wrote"),
    CHANGES("pause", ACCESS_JOURNEY, handle_pause, "Nobody enters, and nothing is sent"),
    CHANGES("resume", ACCESS_JOURNEY, handle_resume, "Go on after a pause"),
    { .method = "POST",
      .path = "/v1/journeys/{name}/enter",
      .needs = ACCESS_JOURNEY,
      .handle = handle_enter,
      .is_slow = true,
      .summary = "Let somebody enter a journey whose trigger is {api: true}",
      .body = enter_body,
      .body_example = "{\"customer\": \"ada\"}",
      .answer = enter_answer,
      .answer_example = "{\"journey\": \"winback\", \"customer\": \"ada\", \"entered\": true}" },
    { .method = "POST",
      .path = "/v1/journeys/{name}/leave",
      .needs = ACCESS_JOURNEY,
      .handle = handle_leave,
      .is_slow = true,
      .summary = "Let somebody leave a journey where they are",
      .details = "What waits to be sent to them by it is not.",
      .body = leave_body,
      .body_example = "{\"customer\": \"ada\"}",
      .answer = leave_answer,
      .answer_example = "{\"journey\": \"winback\", \"customer\": \"ada\", \"left\": 1}" },
    { .method = "GET",
      .path = "/v1/customers/{id}/why",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_why,
      .is_slow = true,
      .summary = "Why a journey did what it did with somebody",
      .query = why_query,
      .answer = why_answer,
      .answer_example =
          "{\"journey\": \"winback\", \"version\": 1, \"customer\": \"ada\", \"zone\": \"Europe/Berlin\", "
          "\"entries\": [], \"not_entered\": []}" },
    { .method = "GET",
      .path = "/v1/tasks",
      .needs = ACCESS_TASK,
      .handle = handle_tasks,
      .is_slow = true,
      .summary = "What people are to do",
      .query = tasks_query,
      .answer = tasks_answer,
      .answer_example = "{\"tasks\": [{\"id\": 7, \"customer\": \"ada\", \"journey\": \"winback\", \"step\": \"call\", \"task\": "
                        "\"Call ada\", \"reasons\": {}, \"state\": \"open\", \"owner\": \"\", \"created_ms\": 1790000000000, \"due_ms\": 0, "
                        "\"done_ms\": 0, \"outcome\": \"\", \"expected_loss_cents\": 4200}]}" },
    { .method = "POST",
      .path = "/v1/tasks",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_give,
      .is_slow = true,
      .summary = "Give a task about a customer",
      .body = give_body,
      .body_example = "{\"customer\": \"ada\", \"task\": \"Call her about the delivery\"}",
      .answer = give_answer,
      .answer_status = 201,
      .answer_example = "{\"customer\": \"ada\", \"task\": \"Call her about the delivery\"}" },
    TASK("take", handle_take, "Take a task"),
    TASK("snooze", handle_snooze, "Put a task off"),
    TASK("done", handle_done, "A task is done, and what came of it"),
    { 0 },
};
