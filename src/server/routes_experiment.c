/* routes_experiment.c - who was exposed to which arm, told by whoever shows it. */
#include "server/route.h"

#include "engine/assigning.h"
#include "engine/service.h"
#include "hub/ingest.h"

#include <string.h>

enum { ID_MOST_BYTES = 1000 };

struct exposing { struct assignment assignment; int64_t at_ms; };

static bool expose(struct store *store, void *context, struct err *err)
{
    const struct exposing *e = context;
    return assignment_expose(store, &e->assignment, e->at_ms, "call", err);
}

static bool find_arm(struct request *request, const char *customer, struct exposing *e, struct err *err)
{
    struct service *service = request->service;
    struct store *store;
    struct text name = request_param(request, "name");
    struct design *design = ARENA_NEW(request->arena, struct design);
    struct experiment_record record;
    const struct yaml_node *root;
    uint32_t known;
    if (!service_customer(service, text_of(customer), &known, err) || !service_read(service, &store, err))
        return false;
    const struct assigning where = { store, service->log, service->identities,
                                     { service->holdout_share, service->decision_salt }, service };
    bool ok = experiment_find(store, arena_format(request->arena, "%.*s", (int)name.length, name.at),
                              request->arena, design, &record, &root, err) &&
              assignment_make(&where, design, &record, customer, e->at_ms, request->arena, &e->assignment, err);
    service_read_done(service, store);
    return ok;
}

static enum handling handle_exposure(struct request *request, struct reply *reply)
{
    struct err err;
    struct exposing e = { .at_ms = clock_now_ms(&request->service->options.clock) };
    json_t *body;
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    const json_t *given = json_object_get(body, "customer");
    const char *customer = json_is_string(given) ? arena_copy(request->arena, json_string_value(given)) : NULL;
    json_decref(body);
    if (!customer || !*customer || strlen(customer) > ID_MOST_BYTES) {
        err_set(&err, ERR_INVALID, "customer: expected a text of 1 to %d bytes", ID_MOST_BYTES);
        return reply_error(request, reply, &err, "customer");
    }
    if (!find_arm(request, customer, &e, &err))
        return reply_error(request, reply, &err, err.code == ERR_MISSING ? "customer" : NULL);
    if (!ingest_run(request->service->ingest, expose, &e, &err)) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, assignment_json(&e.assignment));
    return HANDLED;
}

static const struct route_field exposure_body[] = {
    { "customer", "string", "a user id, or \"anonymous:<id>\"", true },
    { 0 },
};
static const struct route_field exposure_answer[] = {
    { "experiment", "string", "its name", true },
    { "unit", "string", "who was asked about", true },
    { "arm", "string", "what they get; null: they take no part", true },
    { "bucket", "number", "0 to 1: where the hash puts them", true },
    { "reason", "string",
      "assigned, holdout, namespace, ramp, not_eligible, or mixed: two people of different arms who turned out "
      "to be one",
      true },
    { 0 },
};

const struct route routes_experiment[] = {
    { .method = "POST",
      .path = "/v1/experiments/{name}/exposures",
      .needs = ACCESS_DECIDE,
      .handle = handle_exposure,
      .is_slow = true,
      .summary = "Which arm a customer gets, and that they can feel it from now on",
      .details = "The first exposure of a customer is kept, and what they do afterwards counts for the "
                 "experiment.  Ask when the "
                 "difference is shown, not before.",
      .body = exposure_body,
      .answer = exposure_answer,
      .body_example = "{\"customer\": \"C001407\"}",
      .answer_example = "{\"experiment\": \"winback\", \"unit\": \"C001407\", \"arm\": \"mail\", \"bucket\": "
                        "0.5031, \"reason\": "
                        "\"assigned\"}" },
    { 0 },
};
