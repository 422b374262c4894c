/* routes_message_try.c - a message as somebody would get it, and one of it sent to whoever asks for a test.
 * POST /v1/messages/render and /v1/messages/test. */
#include "server/changing.h"
#include "server/route.h"
#include "engine/composing.h"
#include "engine/journeys.h"
#include "engine/known.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "hub/outbox.h"
#include "store/sql.h"

#include <inttypes.h>
#include <string.h>

enum { MISSING_MOST = 50 };

struct trying {
    struct request            *request;
    json_t                    *body;
    const struct journey      *journey;
    const struct journey_step *step;
    const char                *who, *address;
    uint32_t                   customer;
    /* what is made of it */
    struct composed            composed;
    const char                *problem;         /* NULL: none */
    json_t                    *missing;
    int64_t                    id;
};

/* ---- what is asked ---- */

/* The definition itself, or the newest version of the journey of a name. */
static bool find_yaml(struct trying *asked, const char **ret_yaml, const char **ret_field, struct err *err)
{
    struct request *request = asked->request;
    const char *yaml = json_string_value(json_object_get(asked->body, "yaml")),
               *name = json_string_value(json_object_get(asked->body, "journey"));
    struct sql_journey_text row;
    struct store *store;
    *ret_field = "journey";
    if (yaml) return *ret_yaml = arena_copy(request->arena, yaml), *ret_field = "yaml", true;
    if (!name) return err_set(err, ERR_INVALID, "journey is missing: whose message, or yaml, its definition");
    if (!service_read(request->service, &store, err)) return false;
    bool ok = sql_journey_text(store, text_of(name), &row, err);
    enum step step = ok ? sql_journey_text_step(&row, err) : STEP_FAIL;
    if (step == STEP_ROW) *ret_yaml = arena_format(request->arena, "%.*s", (int)row.yaml.length, row.yaml.at);
    if (ok) cursor_close(row.cursor);
    service_read_done(request->service, store);
    return step == STEP_ROW || (step == STEP_END && err_set(err, ERR_MISSING, "there is no journey '%s'", name));
}

static bool read_asked(struct trying *asked, const char **ret_field, struct err *err)
{
    struct request *request = asked->request;
    const char *yaml = NULL, *id;
    *ret_field = NULL;
    if (!request_json(request, &asked->body, err) || !find_yaml(asked, &yaml, ret_field, err) ||
        !journey_read(text_of(yaml), "journey", request->arena, &asked->journey, err))
        return false;
    *ret_field = "step";
    id = json_string_value(json_object_get(asked->body, "step"));
    for (size_t i = 0; id && i < asked->journey->n_steps; i++)
        if (strcmp(asked->journey->steps[i].id, id) == 0) asked->step = &asked->journey->steps[i];
    if (!asked->step || asked->step->kind != STEP_SEND)
        return err_set(err, ERR_INVALID, "step: expected the id of a step that sends a message");
    *ret_field = "customer";
    asked->who = json_string_value(json_object_get(asked->body, "customer"));
    if (!asked->who || !*asked->who) return err_set(err, ERR_INVALID, "customer is missing: who would get it");
    return service_customer(request->service, text_of(asked->who), &asked->customer, err);
}

/* ---- what they would get ---- */

struct looking { struct trying *asked; const struct composing *composing; };

static bool look(void *context, const struct wording *wording, struct err *err)
{
    const struct looking *looking = context;
    const struct text *names;
    size_t n;
    if (wording->step != looking->asked->step) return true;
    if (!composing_missing(looking->composing, wording, looking->asked->request->arena, &names, &n, err)) return false;
    for (size_t i = 0; i < n && json_array_size(looking->asked->missing) < MISSING_MOST; i++)
        json_array_append_new(looking->asked->missing, json_stringn(names[i].at, names[i].length));
    return true;
}

/* What a decision on the way to the step would have to be: that in whose branch it lies, else its first candidate. */
static json_t *sample_decision(const struct journey *journey, const struct journey_step *step)
{
    size_t at = (size_t)(step - journey->steps);
    const struct journey_step *decided = NULL;
    for (size_t i = 0; i < at; i++)
        if (journey->steps[i].kind == STEP_DECIDE) decided = &journey->steps[i];
    if (!decided) return NULL;
    const struct branch *taken = NULL;
    for (size_t b = 0; b < decided->n_branches; b++) {
        const struct branch *branch = &decided->branches[b];
        if (branch->first <= at && at < decided->next && (!taken || branch->first > taken->first)) taken = branch;
    }
    if (!taken) taken = &decided->branches[0];
    return json_pack("{s:s, s:s, s:s, s:f}", "id", "sample", "placement", decided->name, "action", taken->name,
                     "propensity", 1.0 / (double)decided->n_branches);
}

static json_t *data_of(struct trying *asked, const json_t *known, struct text name)
{
    struct service *service = asked->request->service;
    const json_t *event = json_object_get(asked->body, "event");
    const char *sample = "https://shop.example";
    json_t *coupon = json_pack("{s:s, s:s}", "code", "SAMPLE-1234", "expires", "2030-01-31");
    json_t *data = composing_data(name, known, json_is_object(event) ? event : NULL, coupon,
                                  arena_format(asked->request->arena, "%s/u/sample", sample),
                                  arena_format(asked->request->arena, "%s/p/sample", sample));
    for (size_t i = 0; i < service->topics.n; i++)
        composing_add_confirm(data, service->topics.list[i].name,
                              arena_format(asked->request->arena, "%s/c/sample", sample));
    json_t *decision = sample_decision(asked->journey, asked->step);
    if (decision) json_object_set_new(data, "decision", decision);
    json_decref(coupon);
    return data;
}

static bool compose(struct trying *asked, struct store *store, struct err *err)
{
    struct service *service = asked->request->service;
    struct arena *arena = asked->request->arena;
    const char *campaigns = service->options.campaigns, *zone_name;
    struct err wrong;
    json_t *known, *data = NULL;
    struct composing composing = { .templates = campaigns ? arena_format(arena, "%s/templates", campaigns) : NULL,
                                   .now_ms = service_instant_ms(service) };
    (void)pthread_rwlock_rdlock(&service->lock);
    bool ok = known_read(service->live, service->profiles, service->identities, store, asked->customer, arena, &known,
                         err);
    if (ok) {
        composing.zone = known_zone_named(known, journeys_rules_of(service->journeys), service->zones, &zone_name);
        data = data_of(asked, known, log_name(service->log, DICTIONARY_IDENTITY, asked->customer));
    }
    (void)pthread_rwlock_unlock(&service->lock);
    if (!ok) return false;
    composing.data = data;
    struct looking looking = { asked, &composing };
    if (!journey_wordings(asked->journey, look, &looking, &wrong) ||
        !composing_make(&composing, journey_varied(asked->step, 0, arena), arena, &asked->composed, &wrong))
        asked->problem = arena_copy(arena, wrong.text);
    json_decref(data);
    json_decref(known);
    return true;
}

static bool make(struct trying *asked, const char **ret_field, struct err *err)
{
    struct store *store;
    asked->missing = json_array();
    if (!read_asked(asked, ret_field, err)) return false;
    *ret_field = NULL;
    if (!service_read(asked->request->service, &store, err)) return false;
    bool ok = compose(asked, store, err);
    service_read_done(asked->request->service, store);
    return ok;
}

static enum handling handle_render(struct request *request, struct reply *reply)
{
    struct err err;
    const char *field;
    struct trying asked = { .request = request };
    if (make(&asked, &field, &err))
        reply_json_take(request, reply, 200,
                        json_pack("{s:s, s:s?, s:s?, s:s?, s:s?, s:O, s:s?}", "channel", asked.step->channel,
                                  "subject", asked.composed.subject, "html", asked.composed.html, "text",
                                  asked.composed.text, "body", asked.composed.body, "missing", asked.missing,
                                  "problem", asked.problem));
    else reply_error(request, reply, &err, field);
    json_decref(asked.missing);
    json_decref(asked.body);
    return HANDLED;
}

/* ---- a test of it ---- */

static struct text text_or_empty(const char *text) { return text_of(text ? text : ""); }

/* To nobody of the shop: it counts against no cap and asks nobody's consent. */
static bool put(struct store *store, void *context, struct err *err)
{
    struct trying *asked = context;
    struct service *service = asked->request->service;
    struct arena *arena = asked->request->arena;
    const struct composed *composed = &asked->composed;
    int64_t now_ms = ingest_received_ms(service->ingest);
    const struct outbox_message message = {
        .key = text_of(arena_format(arena, "test:%s:%s:%" PRId64, asked->request->grant.name, asked->step->id, now_ms)),
        .step = text_of(asked->step->id),
        .channel = text_of(asked->step->channel),
        .topic = text_of("test"),
        .address = text_of(asked->address),
        .subject = text_of(arena_format(arena, "[Test] %s", composed->subject ? composed->subject : "")),
        .html = text_or_empty(composed->html),
        .text = text_or_empty(composed->text ? composed->text : composed->body),
    };
    return outbox_put(service->outbox, store, &message, now_ms, &asked->id, err) &&
           change_note(asked->request, store,
                       arena_format(arena, "test message %s %s", asked->journey->name, asked->step->id),
                       asked->customer, err);
}

static bool check_address(struct trying *asked, const char **ret_field, struct err *err)
{
    const struct contact_rules *rules = journeys_rules_of(asked->request->service->journeys);
    enum channel_kind kind = contact_channel_kind(rules, asked->step->channel);
    asked->address = json_string_value(json_object_get(asked->body, "address"));
    *ret_field = "address";
    if (kind != CHANNEL_SMTP)
        return err_set(err, ERR_REFUSED, "a test goes by e-mail only, and this step sends by %s", asked->step->channel);
    if (!asked->address || !strchr(asked->address, '@') || strlen(asked->address) > 254 ||
        strpbrk(asked->address, " \t\r\n<>,;\""))
        return err_set(err, ERR_INVALID, "address: expected one e-mail address, as you@example.com");
    *ret_field = "step";
    return !asked->problem || err_set(err, ERR_INVALID, "%s", asked->problem);
}

static enum handling handle_test(struct request *request, struct reply *reply)
{
    struct err err;
    const char *field;
    struct trying asked = { .request = request };
    bool ok = make(&asked, &field, &err) && check_address(&asked, &field, &err);
    if (ok) field = NULL, ok = ingest_run(request->service->ingest, put, &asked, &err);
    if (ok) {
        json_t *json = json_pack("{s:s}", "id", arena_format(request->arena, "m_%" PRId64, asked.id));
        reply_json_take(request, reply, 202, json);
    } else {
        reply_error(request, reply, &err, field);
    }
    json_decref(asked.missing);
    json_decref(asked.body);
    return HANDLED;
}

/* ---- the table ---- */

#define ASKED_FIELDS                                                                                              \
    { "journey", "string", "whose newest version; or yaml", false },                                              \
        { "yaml", "string", "the journey's definition, saved or not", false },                                    \
        { "step", "string", "the id of a step that sends", true },                                                \
        { "customer", "string", "an id of whoever would get it", true },                                          \
    {                                                                                                             \
        "event", "object", "what the templates see as `event`", false                                             \
    }

static const struct route_field render_body[] = { ASKED_FIELDS, { 0 } };
static const struct route_field test_body[] = {
    ASKED_FIELDS,
    { "address", "string", "to whom the test goes", true },
    { 0 },
};
static const struct route_field render_answer[] = {
    { "channel", "string", "by which way", true },
    { "subject", "string, null", "of an e-mail", true },
    { "html", "string, null", "of an e-mail", true },
    { "text", "string, null", "its text beside the HTML, or what an SMS says", true },
    { "body", "string, null", "what another program gets", true },
    { "missing", "array", "names that the templates ask for and this person has no value for", true },
    { "missing[]", "string", "one", false },
    { "problem", "string, null", "why it would not be sent to them; null: nothing", true },
    { 0 },
};
static const struct route_field test_answer[] = { { "id", "string", "the message's, in the outbox", true }, { 0 } };

const struct route routes_message_try[] = {
    { .method = "POST",
      .path = "/v1/messages/render",
      .needs = ACCESS_CUSTOMER,
      .is_no_act = true, .handle = handle_render,
      .is_slow = true,
      .summary = "What somebody would get from a step of a journey",
      .details = "Coupon, decision and links are samples.  Nothing is sent.",
      .body = render_body,
      .answer = render_answer,
      .body_example = "{\"journey\": \"winback\", \"step\": \"mail\", \"customer\": \"ada\"}",
      .answer_example = "{\"channel\": \"email\", \"subject\": \"We would like to see you again\", \"html\": "
                        "\"<p>Hello Ada</p>\", \"text\": null, \"body\": null, \"missing\": [], \"problem\": null}" },
    { .method = "POST",
      .path = "/v1/messages/test",
      .needs = ACCESS_JOURNEY,
      .handle = handle_test,
      .is_slow = true,
      .summary = "Send it to an address of one's own",
      .details = "What this customer would get goes to the address, marked as a test; it counts against nobody's caps.",
      .body = test_body,
      .answer = test_answer,
      .answer_status = 202,
      .body_example = "{\"journey\": \"winback\", \"step\": \"mail\", \"customer\": \"ada\", \"address\": "
                      "\"me@shop.example\"}",
      .answer_example = "{\"id\": \"m_7\"}" },
    { 0 },
};
