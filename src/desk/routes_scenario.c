/* routes_scenario.c - what a plan brings whose inputs are not known: POST /v1/scenario. */
#include "server/route.h"

#include "engine/service.h"
#include "experiment/scenario.h"

#include <string.h>

enum { DRAWS_USUAL = 100000, DRAWS_LEAST = 100, DRAWS_MOST = 1000000 };

/* JSON is YAML, too: the body is read as the file would be. */
static enum handling handle_scenario(struct request *request, struct reply *reply)
{
    struct err err;
    struct scenario *scenario;
    int64_t draws, seed;
    json_t *body, *json;
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    json_decref(body);
    if (!request_query_int(request, "draws", DRAWS_LEAST, DRAWS_MOST, DRAWS_USUAL, &draws, &err))
        return reply_error(request, reply, &err, "draws");
    if (!request_query_int(request, "seed", 0, INT64_MAX, 1, &seed, &err))
        return reply_error(request, reply, &err, "seed");
    if (!scenario_parse(request->body, "body", request->arena, &scenario, &err) ||
        !scenario_run(scenario, (size_t)draws, (uint64_t)seed, 1, request->arena, &json, &err))
        return reply_error(request, reply, &err, "scenario");
    reply_json_take(request, reply, 200, json);
    return HANDLED;
}

static const struct route_field scenario_query[] = {
    { "draws", "integer", "100 to 1000000; 100000 if not said", false },
    { "seed", "integer", "the same gives the same numbers; 1 if not said", false },
    { 0 },
};
static const struct route_field scenario_body[] = {
    { "scenario", "object", "inputs, outputs and cash_flows, as in a file of holdfast scenario; no series", true },
    { 0 },
};
static const struct route_field scenario_answer[] = {
    { "draws", "integer", "how many", true },
    { "seed", "integer", "of chance", true },
    { "outputs", "object", "of each output its mean, spread, quantiles and the chance of being below zero", true },
    { "tornado", "object", "of each output what each input moves, the most first", true },
    { "npv", "object, null", "the present value of the cash flows", true },
    { "irr", "object, null", "the rate at which it is zero", true },
    { "payback_periods", "object, number, null", "until what was spent is back", true },
    { 0 },
};

const struct route routes_scenario[] = {
    { .method = "POST",
      .path = "/v1/scenario",
      .needs = ACCESS_VIEW,
      .is_no_act = true, .handle = handle_scenario,
      .is_slow = true,
      .summary = "What a plan brings when its inputs are not known, and what each of them moves",
      .query = scenario_query,
      .body = scenario_body,
      .body_example = "{\"scenario\": {\"inputs\": {\"customers\": 10000, \"response\": "
                      "{\"beta\": [30, 970]}}, "
                      "\"outputs\": {\"orders\": \"customers * response\"}}}",
      .answer = scenario_answer,
      .answer_example = "{\"draws\": 100000, \"seed\": 1, \"outputs\": {}, \"tornado\": {}, \"npv\": null, "
                        "\"irr\": null, \"payback_periods\": null}" },
    { 0 },
};
