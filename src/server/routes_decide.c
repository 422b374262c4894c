/* routes_decide.c - what to do now for one customer: POST /v1/decide, and what was decided: GET /v1/decisions/{id}.
 *
 * The answer goes out when the decision is durable, so that every action anybody acted on can be looked up. */
#include "server/route.h"
#include "server/server.h"
#include "server/workers.h"
#include "engine/deciding.h"
#include "engine/service.h"
#include "store/store.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NAME_BYTES = 100 };

struct asking {
    struct request           *request;
    struct reply             *reply;
    json_t                   *body;
    struct deciding_candidate candidates[DECISION_MOST_CANDIDATES];
    struct deciding_ask       ask;
    bool                      has_conditions;
    struct decided            decided;
    struct deciding_job       job;
};

/* A member of a candidate that is a text, or not there. */
static bool read_text(const json_t *candidate, size_t number, const char *name, const char *what,
                      const char **ret_text, struct err *err)
{
    const json_t *json = json_object_get(candidate, name);
    if (!json || json_is_null(json)) return true;
    if (!json_is_string(json) || json_string_length(json) != strlen(json_string_value(json)))
        return err_set(err, ERR_INVALID, "candidate %zu: %s is %s", number, name, what);
    *ret_text = json_string_value(json);
    return true;
}

static bool read_candidate(struct asking *asking, json_t *json, struct err *err)
{
    const char *action =
        json_is_string(json) ? json_string_value(json) : json_string_value(json_object_get(json, "action"));
    size_t index = asking->ask.n_candidates;
    struct deciding_candidate *candidate = &asking->candidates[index];
    if (!action || !*action || strlen(action) > MOST_NAME_BYTES || strcmp(action, ACTION_NOTHING) == 0)
        return err_set(err, ERR_INVALID,
                       "candidate %zu: expected an action's name of 1 to %d bytes other than \"nothing\" (which is always "
                       "a candidate), or {\"action\": ..., \"segment\": ..., \"condition\": ...}", index + 1, MOST_NAME_BYTES);
    if (!read_text(json, index + 1, "segment", "the name of a segment", &candidate->segment, err) ||
        !read_text(json, index + 1, "condition", "an SQL expression", &candidate->condition, err))
        return false;
    for (size_t i = 0; i < index; i++)
        if (strcmp(asking->candidates[i].action, action) == 0)
            return err_set(err, ERR_INVALID, "candidate %zu: '%s' is there twice", index + 1, action);
    candidate->action = action;
    asking->has_conditions |= candidate->condition != NULL;
    asking->ask.n_candidates++;
    return true;
}

static bool read_name(const json_t *body, const char *field, bool is_required, const char **ret_name,
                      struct err *err)
{
    json_t *json = json_object_get(body, field);
    const char *text = json_string_value(json);
    if (!json && !is_required) return true;
    if (!text || !*text || strlen(text) > MOST_NAME_BYTES * 10)
        return err_set(err, ERR_INVALID, "%s: expected a text of 1 to %d bytes", field, MOST_NAME_BYTES * 10);
    *ret_name = text;
    return true;
}

/* "7d", "2w", or "0"; -1 where nothing is said. */
static bool read_window(const json_t *body, int64_t *ret_days, struct err *err)
{
    const json_t *json = json_object_get(body, "window");
    struct text text = text_of(json_is_string(json) ? json_string_value(json) : "");
    int64_t days, each = 1;
    *ret_days = -1;
    if (!json) return true;
    if (text_equal(text, text_of("0"))) { *ret_days = 0; return true; }
    char unit = text.length > 1 ? text.at[text.length - 1] : ' ';
    if (unit == 'w') each = 7;
    text.length -= text.length > 0;
    if ((unit != 'd' && unit != 'w') || !text_int64(text, &days) || days < 1 || days > DECIDING_WINDOW_MOST_DAYS / each)
        return err_set(err, ERR_INVALID,
                       "window: expected days or weeks such as \"1d\" or \"2w\", up to %dd, or \"0\" to draw each time",
                       DECIDING_WINDOW_MOST_DAYS);
    *ret_days = days * each;
    return true;
}

static bool read_body(struct asking *asking, const char **ret_field, struct err *err)
{
    struct deciding_ask *ask = &asking->ask;
    *ret_field = NULL;
    if (!request_json(asking->request, &asking->body, err)) return false;
    if (!read_name(asking->body, *ret_field = "customer", true, &ask->customer, err) ||
        !read_name(asking->body, *ret_field = "placement", true, &ask->placement, err) ||
        !read_name(asking->body, *ret_field = "purpose", false, &ask->purpose, err))
        return false;
    *ret_field = "window";
    if (!read_window(asking->body, &ask->window_days, err)) return false;
    json_t *candidates = json_object_get(asking->body, *ret_field = "candidates");
    size_t n = json_array_size(candidates);
    if (!json_is_array(candidates) || n < 1 || n > DECISION_MOST_CANDIDATES)
        return err_set(err, ERR_INVALID, "candidates: expected a list of 1 to %d", DECISION_MOST_CANDIDATES);
    for (size_t i = 0; i < n; i++)
        if (!read_candidate(asking, json_array_get(candidates, i), err)) return false;
    return true;
}

static void decision_is_kept(void *context, const struct err *result)
{
    struct asking *asking = context;
    if (result->code == ERR_NONE)
        reply_text(asking->reply, 200, "application/json", text_of(asking->decided.standing.answer));
    else reply_error(asking->request, asking->reply, result, NULL);
    json_decref(asking->body);
    request_resume(asking->request);
}

/* The answer goes out when the decision is written down. */
static enum handling decide_on(struct request *request, struct reply *reply, struct asking *asking)
{
    struct err err;
    const char *field = NULL;
    asking->job = (struct deciding_job){ request->service, &asking->decided, decision_is_kept, asking };
    if (deciding_make(request->service, &asking->ask, request->arena, &asking->decided, &field, &err) &&
        deciding_keep(&asking->job, &err))
        return HANDLED_LATER;
    json_decref(asking->body);
    return reply_error(request, reply, &err, field);
}

/* Conditions have to be compiled first, which takes longer than the threads of events may. */
static enum handling decide_slowly(struct request *request, struct reply *reply)
{
    return decide_on(request, reply, reply->context);
}

static enum handling handle_decide(struct request *request, struct reply *reply)
{
    struct err err;
    const char *field = NULL;
    struct asking *asking = ARENA_NEW(request->arena, struct asking);
    *asking = (struct asking){ .request = request, .reply = reply };
    asking->ask.candidates = asking->candidates;
    asking->ask.at_ms = clock_now_ms(&request->service->options.clock);
    if (!read_body(asking, &field, &err)) {
        json_decref(asking->body);
        return reply_error(request, reply, &err, field);
    }
    if (!asking->has_conditions) return decide_on(request, reply, asking);
    reply->context = asking;
    enum handling handling = workers_take(request->server->workers, request, reply, decide_slowly);
    if (handling == HANDLED) json_decref(asking->body);     /* too many wait */
    return handling;
}

static enum handling handle_decision(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct sql_decision_get row = { 0 };
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    enum step step =
        sql_decision_get(store, request_param(request, "id"), &row, &err) ? sql_decision_get_step(&row, &err) : STEP_FAIL;
    if (step == STEP_ROW)
        reply_text(reply, 200, "application/json", text_of(arena_copy(request->arena, row.answer.at)));
    if (step == STEP_END) err_set(&err, ERR_MISSING, "there is no decision of this id");
    if (step != STEP_ROW) reply_error(request, reply, &err, step == STEP_END ? "id" : NULL);
    cursor_close(row.cursor);
    service_read_done(request->service, store);
    return HANDLED;
}

#define DECISION_EXAMPLE                                                                                              \
    "{\"decision_id\": \"5cDqZ1hUZn0Yy0mTqkz3Gg\", \"customer\": \"C001407\", \"placement\": \"cart\", "                \
    "\"at_ms\": 1790000000000, \"as_of_ms\": 1790000000000, \"action\": \"free_shipping\", \"propensity\": 0.5, \"policy\": \"pilot\", "             \
    "\"policy_version\": \"1\", \"rule\": null, \"window\": \"1d\", \"sticky\": false, "                                 \
    "\"reason\": \"no experiment has measured what these actions change, ...\", \"alternatives\": [{\"action\": "        \
    "\"free_shipping\", \"is_eligible\": true, \"propensity\": 0.5, \"incremental_profit_cents\": null}, {\"action\": " \
    "\"nothing\", \"is_eligible\": true, \"propensity\": 0.5, \"incremental_profit_cents\": null}], \"scores\": "        \
    "{\"churn\": 0.74, \"value_12m_cents\": 50055}, \"reasons\": [\"last order 55 days ago, 5.5 times the usual gap\"]}"

static const struct route_field decide_body[] = {
    { "customer", "string", "a user id, or \"anonymous:<id>\"", true },
    { "placement", "string", "where the action would show: within the window the same customer gets the same there, of the "
                             "same open candidates", true },
    { "candidates", "array", "1 to 50 actions, each a name or an object; \"nothing\" is always one more", true },
    { "candidates[]", "string, object", "an action's name, or it with whom it is meant for", true },
    { "candidates[].action", "string", "its name", true },
    { "candidates[].segment", "string", "only for members of this segment", false },
    { "candidates[].condition", "string", "only for customers of whom this SQL expression is true, as in segments", false },
    { "purpose", "string", "a purpose of consent, such as \"email\": who has refused it gets nothing", false },
    { "window", "string", "how long a decision stands, in days of the customer's zone: \"1d\" if not said, \"7d\", \"2w\"; \"0\" draws "
                          "each time", false },
    { 0 },
};

static const struct route_field decision_answer[] = {
    { "decision_id", "string", "under which it is kept", true },
    { "customer", "string", "the id that stands for all of the customer's", true },
    { "placement", "string", "as asked", true },
    { "at_ms", "integer", "when", true },
    { "as_of_ms", "integer", "the instant of what was known: as at_ms, or where the history ends (GET /v1/as-of)", true },
    { "action", "string", "one of the candidates, or \"nothing\"", true },
    { "propensity", "number", "the probability with which it was drawn, given everything before", true },
    { "policy", "string",
      "experiment, bandit, plan, explore or pilot; or suppressed, holdout, cap or no_candidate, where nothing was drawn",
      true },
    { "policy_version", "string", "which version of the policy", true },
    { "rule", "string", "what stood in the way of contacting the customer: suppressed, consent, holdout or cap; such decisions "
                        "say nothing of what actions change", false },
    { "window", "string", "how long the decision stands", true },
    { "sticky", "boolean", "whether it was made before, in this window", true },
    { "reason", "string", "why, in a sentence", true },
    { "alternatives", "array", "every candidate and \"nothing\"", true },
    { "alternatives[].action", "string", "its name", true },
    { "alternatives[].is_eligible", "boolean", "whether it was open to this customer", true },
    { "alternatives[].propensity", "number", "its probability", true },
    { "alternatives[].incremental_profit_cents", "number", "null as long as no experiment or plan has measured it", false },
    { "alternatives[].low_cents", "number", "the low end of its interval", false },
    { "alternatives[].high_cents", "number", "and the high end", false },
    { "scores", "object", "what each question's model predicts and the expected value over twelve months; null where unknown", true },
    { "reasons", "array", "what weighs most in the prediction", true },
    { "context", "object", "what a bandit with a context looked at, by feature, squeezed as sign(v) log(1 + |v|)", false },
    { "context.*", "number", "one of its features; null where it is not known", false },
    { 0 },
};

const struct route routes_decide[] = {
    { .method = "POST", .path = "/v1/decide", .needs = ACCESS_DECIDE, .is_no_act = true, .handle = handle_decide,
      .summary = "What to do now for one customer at one place, why, and with what probability",
      .details = "Answered when the decision is written down: it outlives the server's process at once, the machine within "
                 "milliseconds. As long as no experiment has measured what the actions change, "
                 "customers who may be treated are spread evenly over the candidates and nothing. Another window, "
                 "or another set of open candidates, is a new draw that depends on none before.",
      .body = decide_body, .answer = decision_answer,
      .body_example = "{\"customer\": \"C001407\", \"placement\": \"cart\", \"candidates\": [\"free_shipping\", "
                      "{\"action\": \"coupon\", \"condition\": \"churn > 0.5 and order_count >= 3\"}]}",
      .answer_example = DECISION_EXAMPLE },
    { .method = "GET", .path = "/v1/decisions/{id}", .needs = ACCESS_CUSTOMER, .handle = handle_decision, .is_slow = true,
      .summary = "A decision as it was made, with what was known then", .answer = decision_answer,
      .answer_example = DECISION_EXAMPLE },
    { 0 },
};
