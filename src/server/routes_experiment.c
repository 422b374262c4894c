/* routes_experiment.c - who was exposed to which arm, told by whoever shows it. */
#include "server/route.h"

#include "base/calendar.h"
#include "engine/experiments.h"
#include "engine/program.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "model/cohort.h"
#include "model/kpi.h"
#include "model/kpi_activity.h"
#include "store/setting.h"

#include <string.h>

enum { ID_MOST_BYTES = 1000 };

struct exposing { struct assigned_arm assignment; int64_t at_ms; };

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

/* ---- what they showed ---- */

static enum handling handle_list(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    json_t *list;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = experiments_json(store, clock_now_ms(&request->service->options.clock), &list, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, json_pack("{s:o}", "experiments", list));
    return HANDLED;
}

static enum handling handle_analysis(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    json_t *json;
    struct text name = request_param(request, "name");
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok =
        experiments_measure(request->service->experiments, store,
                            arena_format(request->arena, "%.*s", (int)name.length, name.at), request->arena,
                            &json, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, err.code == ERR_MISSING ? "name" : NULL);
    reply_json_take(request, reply, 200, json);
    return HANDLED;
}

static enum handling handle_campaigns(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    json_t *campaigns;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = experiments_earned(request->service->experiments, store, request->arena, &campaigns, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, json_pack("{s:f, s:o}", "alpha", .05, "campaigns", campaigns));
    return HANDLED;
}

/* ---- everybody ---- */

/* Orders as a connection of one's own knows them. */
struct orders {
    struct log *log;
    struct identities *identities;
    const char *goal;
    uint32_t goal_kind;
    struct history history;
    int64_t as_of_ms;
};

static bool orders_open(struct orders *o, struct request *request, struct store *store, int64_t as_of_ms,
                        struct err *err)
{
    uint32_t refund = 0;
    *o = (struct orders){ .as_of_ms = as_of_ms, .goal = experiments_goal(request->service, request->arena) };
    if (!log_open(store, &o->log, err) || !identities_open(store, o->log, &o->identities, err)) return false;
    if (!log_find(o->log, DICTIONARY_KIND, text_of(o->goal), &o->goal_kind))
        return err_set(err, ERR_REFUSED, "nobody has ordered yet: there is no event '%s'", o->goal);
    (void)log_find(o->log, DICTIONARY_KIND, text_of("refund"), &refund);
    const struct history_options options = { .goal_kind = (uint16_t)o->goal_kind, .refund_kind = (uint16_t)refund,
                                             .as_of_ms = o->as_of_ms, .n_threads = 1 };
    return history_read(o->log, &options, request->arena, &o->history, err) &&
           (o->history.n_customers > 0 ||
            err_set(err, ERR_REFUSED, "nobody has ordered yet: no '%s' so far", o->goal));
}

static void orders_close(struct orders *o)
{
    identities_close(o->identities);
    log_close(o->log);
}

static bool make_program(struct request *request, struct store *store, const struct settings *settings,
                         const struct orders *o, json_t **ret_json, struct err *err)
{
    const struct service *service = request->service;
    struct costs costs;
    const struct assigning where = {
        store, o->log, o->identities, { service->holdout_share, service->decision_salt }, NULL
    };
    const struct program_options options = {
        .as_of_ms = o->as_of_ms, .costs = &costs, .goal = o->goal, .alpha = .05
    };
    return costs_read(settings, NULL, request->arena, &costs, err) &&
           program_run(&where, &o->history, &options, request->arena, ret_json, err);
}

static bool make_kpi(struct request *request, struct store *store, const struct settings *settings,
                     const struct orders *o, json_t **ret_json, struct err *err)
{
    enum { LAPSE_DAYS = 90 };       /* as holdfast kpi */
    struct kpis kpis;
    struct cohorts cohorts;
    struct costs costs;
    json_t *goals, *activity;
    int32_t as_of_day = (int32_t)calendar_day_of_ms(o->as_of_ms - 1);
    const struct kpi_activity_options options = { (uint16_t)o->goal_kind, o->as_of_ms, &costs, NULL };
    (void)store;
    if (!costs_read(settings, NULL, request->arena, &costs, err)) return false;
    kpis_build(&o->history, as_of_day, request->arena, &kpis);
    if (!kpi_goals_json(settings_section(settings, "goals"), &kpis, as_of_day, request->arena, &goals, err))
        return false;
    if (!kpi_activity_json(o->log, &o->history, &options, &activity, err)) {
        json_decref(goals);
        return false;
    }
    cohorts_build(&o->history, as_of_day, LAPSE_DAYS, request->arena, &cohorts);
    json_t *rows = cohorts_json(&cohorts);
    *ret_json = kpis_json(&kpis);
    json_object_set_new(*ret_json, "goal", json_string(o->goal));
    json_object_set(*ret_json, "cohorts", json_object_get(rows, "rows"));
    json_object_set_new(*ret_json, "retention", retention_json(&cohorts));
    json_object_update(*ret_json, activity);
    json_object_set_new(*ret_json, "goals", goals);
    json_decref(rows);
    json_decref(activity);
    return true;
}

typedef bool made_of_orders(struct request *request, struct store *store, const struct settings *settings,
                            const struct orders *orders, json_t **ret_json, struct err *err);

static enum handling reply_of_orders(struct request *request, struct reply *reply, int64_t as_of_ms,
                                     made_of_orders *make)
{
    struct err err;
    struct store *store;
    struct settings settings;
    struct orders orders = { 0 };
    json_t *json;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = setting_file(store, request->service->options.settings_path, request->arena, &settings, &err) &&
              orders_open(&orders, request, store, as_of_ms, &err) &&
              make(request, store, &settings, &orders, &json, &err);
    orders_close(&orders);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, json);
    return HANDLED;
}

static enum handling handle_program(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    int64_t since_ms;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool has_begun = program_begin(store, &since_ms, &err);     /* before all orders are read */
    service_read_done(request->service, store);
    if (!has_begun) return reply_error(request, reply, &err, NULL);
    return reply_of_orders(request, reply, clock_now_ms(&request->service->options.clock), make_program);
}

static enum handling handle_kpi(struct request *request, struct reply *reply)
{
    return reply_of_orders(request, reply, service_instant_ms(request->service), make_kpi);
}

static const struct route_field list_answer[] = {
    { "experiments", "array", "the newest first", true },
    { "experiments[].name", "string", "its name", true },
    { "experiments[].started_ms", "integer", "when it was put in force", true },
    { "experiments[].stopped_ms", "integer, null", "when it was stopped; null: it runs", true },
    { "experiments[].state", "string", "running or stopped", true },
    { "experiments[].exposed", "integer", "customers who were exposed", true },
    { "experiments[].share", "number", "of one that runs: which share of those who may take part does now", false },
    { "experiments[].ramp", "array", "of one that runs: from when which share takes part; none: all from the start", false },
    { "experiments[].ramp[]", "object", "from_ms, share, by_hand: it was raised so, beyond what the definition plans", false },
    { 0 },
};
static const struct route_field analysis_answer[] = {
    { "experiment", "string", "its name", true },
    { "control", "string", "the arm that is left alone", true },
    { "alpha", "number", "what intervals leave out", true },
    { "started_ms", "integer", "when it was put in force", true },
    { "stopped_ms", "integer, null", "when it was stopped; null: it runs", true },
    { "ramp", "array", "from when which share of people takes part; none: all from the start", true },
    { "ramp[]", "object", "from_ms, share, by_hand", true },
    { "health", "object",
      "what must be so before anything is believed: sizes of arms, mixed people, balance, warnings", true },
    { "results", "array",
      "one for each metric and arm: difference and ratio with fixed and always-valid intervals", true },
    { "results[]", "object", "as holdfast experiment analyse --json", true },
    { "mde", "object", "the difference of each metric that would be found four times out of five", true },
    { "novelty", "array", "the effect by week since exposure", true },
    { "novelty[]", "object", "a week and an arm", true },
    { "over_time", "array",
      "the effect on the first metric as it was known at twelve instants, with both intervals", true },
    { "over_time[]", "object", "a day and an arm", true },
    { "weekdays", "object", "on which days people were exposed", true },
    { "guardrails", "array", "what stops an arm", true },
    { "guardrails[]", "object", "a metric and an arm", true },
    { "caps", "object", "where values were cut", false },
    { "verdict", "object", "one word, one sentence, and what would change it", true },
    { 0 },
};

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

static const struct route_field campaigns_answer[] = {
    { "alpha", "number", "what intervals leave out", true },
    { "campaigns", "array", "one for each experiment and arm", true },
    { "campaigns[]", "object",
      "as holdfast roi --json, attributed: what attribution would claim; or a campaign with its refusal",
      true },
    { 0 },
};
static const struct route_field program_answer[] = {
    { "months", "array", "everybody against the control group, month by month and so far", true },
    { "months[]", "object", "as holdfast experiment program --json", true },
    { "so_far", "object", "the whole, with its sentence and what the control group costs", true },
    { 0 },
};
static const struct route_field kpi_answer[] = {
    { "customers", "integer", "who ever ordered", true },
    { "rows", "array", "calendar months, UTC", true },
    { "rows[]", "object", "as holdfast kpi --json", true },
    { "repeat_rate", "object", "who ordered on two days or more", true },
    { "goal", "string", "the event that is an order here", true },
    { "cohorts", "array", "those who came in one month, and their share that ordered in each month after", true },
    { "cohorts[]", "object", "a month of first orders", true },
    { "retention", "object", "the share who have not stopped by a day since their first order", true },
    { "channels", "array", "by which channel customers came", true },
    { "channels[]", "object", "people, customers, cost, payback, retention", true },
    { "messages", "object", "delivered, opened, clicked and so on by campaign, template, kind of content", true },
    { "carts", "object", "begun and left", true },
    { "engagement", "object", "the share of weeks with anything done", true },
    { "referrals", "integer", "events of them", true },
    { "goals", "array", "those of the settings", true },
    { "goals[]", "object", "where it stands, and the chance to reach it", true },
    { "definitions", "object", "what each number is", true },
    { 0 },
};

const struct route routes_experiment[] = {
    { .method = "GET",
      .path = "/v1/campaigns",
      .needs = ACCESS_VIEW,
      .keeps = ROUTE_KEEPS_TILL_ACT, .handle = handle_campaigns,
      .is_slow = true,
      .summary = "What campaigns earned beyond their control, after costs",
      .answer = campaigns_answer,
      .answer_example = "{\"alpha\": 0.05, \"campaigns\": [{}]}" },
    { .method = "GET",
      .path = "/v1/program",
      .needs = ACCESS_VIEW,
      .keeps = ROUTE_KEEPS_TILL_ACT, .handle = handle_program,
      .is_slow = true,
      .summary = "What everything together earned beyond the global control group",
      .answer = program_answer,
      .answer_example = "{\"months\": [{}], \"so_far\": {}}" },
    { .method = "GET",
      .path = "/v1/kpi",
      .needs = ACCESS_VIEW,
      .handle = handle_kpi,
      .is_slow = true,
      .summary = "The shop month by month, and where its goals stand",
      .answer = kpi_answer,
      .answer_example = "{\"customers\": 2357, \"rows\": [{}], \"repeat_rate\": {}, \"goal\": \"order\", "
                        "\"cohorts\": [{}], \"retention\": {}, \"channels\": [{}], \"messages\": {}, "
                        "\"carts\": {}, \"engagement\": {}, \"referrals\": 0, \"goals\": [{}], \"definitions\": "
                        "{}}" },
    { .method = "GET",
      .path = "/v1/experiments",
      .needs = ACCESS_VIEW,
      .handle = handle_list,
      .is_slow = true,
      .summary = "Experiments in force and stopped",
      .answer = list_answer,
      .answer_example =
          "{\"experiments\": [{\"name\": \"winback\", \"started_ms\": 1790000000000, \"stopped_ms\": null, "
          "\"state\": \"running\", \"exposed\": 412, \"share\": 0.1, \"ramp\": [{}]}]}" },
    { .method = "GET",
      .path = "/v1/experiments/{name}",
      .needs = ACCESS_VIEW,
      .keeps = ROUTE_KEEPS_TILL_ACT, .handle = handle_analysis,
      .is_slow = true,
      .summary = "What an experiment showed so far, with intervals",
      .answer = analysis_answer,
      .answer_example =
          "{\"experiment\": \"winback\", \"control\": \"control\", \"alpha\": 0.05, \"started_ms\": "
          "1790000000000, \"stopped_ms\": null, \"ramp\": [{}], \"health\": {}, \"results\": [{}], \"mde\": {}, \"novelty\": "
          "[{}], \"over_time\": [{}], \"weekdays\": {}, \"guardrails\": [{}], \"verdict\": {}}" },
    { .method = "POST",
      .path = "/v1/experiments/{name}/exposures",
      .needs = ACCESS_DECIDE,
      .is_no_act = true, .handle = handle_exposure,
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
