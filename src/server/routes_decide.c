/* routes_decide.c - what to do now for one customer: POST /v1/decide, and what was decided: GET /v1/decisions/{id}.
 *
 * The answer goes out when the decision is durable, so that every action anybody acted on can be looked up. */
#include "server/route.h"
#include "server/server.h"
#include "server/workers.h"
#include "base/secret.h"
#include "decide/decision.h"
#include "engine/eligibility.h"
#include "learn/evidence.h"
#include "learn/explanation.h"
#include "hub/ingest.h"
#include "live/live.h"
#include "live/membership.h"
#include "engine/service.h"
#include "hub/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NAME_BYTES = 100, ID_BYTES = 32, SEGMENTS_OF_MOST = 256 };

struct deciding {
    struct request  *request;
    struct reply    *reply;
    /* What was asked. */
    json_t          *body;
    const char      *customer_id, *placement, *purpose;
    struct candidate candidates[DECISION_MOST_CANDIDATES];
    /* Of each candidate, NULL: for everyone. */
    const char      *segments[DECISION_MOST_CANDIDATES], *conditions[DECISION_MOST_CANDIDATES];
    size_t           n_candidates;
    bool             has_conditions;
    /* What is known. */
    uint32_t         customer;
    const char      *name;
    int64_t          at_ms;
    float           *row;               /* NULL: no features */
    size_t           n_columns;
    const struct trained *trained;      /* used under the lock only */
    const char      *question;
    int64_t          trained_ms;
    double           value_cents;
    struct explanation explanation;
    /* What comes of it. */
    struct decision  decision;
    char             id[ID_BYTES];
    const char      *reason, *answer;
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

static bool read_candidate(struct deciding *d, json_t *json, struct err *err)
{
    const char *action =
        json_is_string(json) ? json_string_value(json) : json_string_value(json_object_get(json, "action"));
    size_t index = d->n_candidates;
    if (!action || !*action || strlen(action) > MOST_NAME_BYTES || strcmp(action, ACTION_NOTHING) == 0)
        return err_set(err, ERR_INVALID,
                       "candidate %zu: expected an action's name of 1 to %d bytes other than \"nothing\" (which is always "
                       "a candidate), or {\"action\": ..., \"segment\": ..., \"condition\": ...}", index + 1, MOST_NAME_BYTES);
    if (!read_text(json, index + 1, "segment", "the name of a segment", &d->segments[index], err) ||
        !read_text(json, index + 1, "condition", "an SQL expression", &d->conditions[index], err))
        return false;
    for (size_t i = 0; i < index; i++)
        if (text_equal(d->candidates[i].action, text_of(action)))
            return err_set(err, ERR_INVALID, "candidate %zu: '%s' is there twice", index + 1, action);
    d->candidates[index].action = text_of(action);
    d->has_conditions |= d->conditions[index] != NULL;
    d->n_candidates++;
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

static bool read_body(struct deciding *d, const char **ret_field, struct err *err)
{
    *ret_field = NULL;
    if (!request_json(d->request, &d->body, err)) return false;
    if (!read_name(d->body, *ret_field = "customer", true, &d->customer_id, err)) return false;
    if (!read_name(d->body, *ret_field = "placement", true, &d->placement, err)) return false;
    if (!read_name(d->body, *ret_field = "purpose", false, &d->purpose, err)) return false;
    json_t *candidates = json_object_get(d->body, *ret_field = "candidates");
    size_t n = json_array_size(candidates);
    if (!json_is_array(candidates) || n < 1 || n > DECISION_MOST_CANDIDATES)
        return err_set(err, ERR_INVALID, "candidates: expected a list of 1 to %d", DECISION_MOST_CANDIDATES);
    for (size_t i = 0; i < n; i++)
        if (!read_candidate(d, json_array_get(candidates, i), err)) return false;
    return true;
}

/* Of what this customer is meant for by segments.  Errors: ERR_MISSING a segment that there is not. */
static bool find_segments(struct deciding *d, struct err *err)
{
    struct memberships *memberships = d->request->service->memberships;
    struct segment_since of[SEGMENTS_OF_MOST];
    struct segment *all = NULL;
    size_t n_all = 0, n_of = memberships_of(memberships, d->customer, of, SEGMENTS_OF_MOST);
    for (size_t i = 0; i < d->n_candidates; i++) {
        d->candidates[i].is_eligible = !d->segments[i];
        if (!d->segments[i]) continue;
        if (!all) n_all = memberships_list(memberships, d->request->arena, &all);
        size_t s = 0;
        while (s < n_all && strcmp(all[s].name, d->segments[i]) != 0) s++;
        if (s == n_all)
            return err_set(err, ERR_MISSING,
                           "candidate %zu: there is no segment '%s'; GET /v1/segments lists them", i + 1,
                           d->segments[i]);
        for (size_t k = 0; k < n_of; k++) d->candidates[i].is_eligible |= of[k].segment == all[s].id;
    }
    return true;
}

/* And of that, what the conditions leave. */
static bool find_conditions(struct deciding *d, struct err *err)
{
    bool hold[DECISION_MOST_CANDIDATES];
    size_t index;
    if (!d->has_conditions) return true;
    if (!conditions_hold(d->request->service, d->customer, d->at_ms, d->conditions, d->n_candidates, hold, &index,
                         err))
        return err->code == ERR_INVALID ? err_context(err, "candidate %zu", index + 1) : false;
    for (size_t i = 0; i < d->n_candidates; i++) d->candidates[i].is_eligible &= hold[i];
    return true;
}

/* What is in memory, as of now, under the lock. */
static void look_at_customer(struct deciding *d, bool *ret_is_suppressed)
{
    struct service *service = d->request->service;
    struct arena *arena = d->request->arena;
    size_t n;
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, d->customer);
    d->name = arena_format(arena, "%.*s", (int)name.length, name.at);
    const uint32_t *members = identities_members(service->identities, d->customer, &n);
    for (size_t i = 0; i < n; i++)
        *ret_is_suppressed |= consents_check(service->consents, log_name(service->log, DICTIONARY_IDENTITY,
                                                                         members[i])) != CONSENT_ALLOWED;
    d->value_cents = live_value(service->live, d->customer).value_cents;
    const struct feature_set *set = live_set(service->live);
    if (set) {
        d->n_columns = feature_set_size(set);
        d->row = ARENA_ARRAY(arena, float, d->n_columns);
        if (!live_row(service->live, d->customer, d->at_ms, d->row)) d->row = NULL;
    }
    d->trained = live_trained(service->live);
    size_t main = live_main_model(service->live);
    if (d->trained) d->trained = live_model(service->live, main);
    if (d->row && d->trained && live_is_asked(service->live, main, d->row)) {
        float *own = ARENA_ARRAY(arena, float, feature_set_size(d->trained->set) + 1);
        live_own_row(service->live, main, d->row, own);
        d->row = own, d->n_columns = feature_set_size(d->trained->set);
        d->explanation = explanation_of(d->trained, d->row, arena);
        d->question = arena_copy(arena, d->trained->question.name);
        d->trained_ms = d->trained->as_of_ms;
    }
    (void)pthread_rwlock_unlock(&service->lock);
}

/* Whether the customer has said no to the purpose. */
static bool has_refused(struct deciding *d, bool *ret_has, struct err *err)
{
    struct service *service = d->request->service;
    struct store *store;
    uint32_t members[IDENTITY_MEMBERS_MOST];
    bool is_given = true;
    if (!d->purpose) return true;
    if (!service_read(service, &store, err)) return false;
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t n = identities_members_at(service->identities, d->customer, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
    bool ok = consents_given(service->consents, store, members, n, d->purpose, true, &is_given, err);
    (void)pthread_rwlock_unlock(&service->lock);
    service_read_done(service, store);
    *ret_has |= !is_given;
    return ok;
}

static const char *reason_of(const struct deciding *d, double holdout_share)
{
    struct arena *arena = d->request->arena;
    switch (d->decision.policy) {
    case POLICY_SUPPRESSED: return "this customer asked not to be contacted";
    case POLICY_HOLDOUT:
        return arena_format(
            arena,
            "this customer is in the global control group: %g %% of customers get nothing anywhere, so "
            "that what the others get can be measured",
            100 * holdout_share);
    case POLICY_NO_CANDIDATE: return "none of the candidates is meant for this customer";
    case POLICY_PILOT: break;
    }
    const char *risk = d->question ? arena_format(arena,
                                                  " ('%s' is %.0f %%: that says what may come, not what an action "
                                                  "changes)",
                                                  d->question, 100 * d->explanation.prediction)
                                   : " (nothing is predicted yet)";
    return arena_format(
        arena,
        "no experiment has measured what these actions change, so customers are spread evenly over %zu "
        "choices, nothing among them: a randomised pilot%s",
        d->decision.n_open, risk);
}

static json_t *alternatives_json(const struct deciding *d)
{
    json_t *out = json_array();
    bool is_pilot = d->decision.policy == POLICY_PILOT;
    for (size_t i = 0; i <= d->n_candidates; i++) {
        bool is_nothing = i == d->n_candidates, is_open = is_nothing || d->candidates[i].is_eligible;
        double propensity = is_pilot ? (is_open ? d->decision.propensity : 0) : (is_nothing ? 1 : 0);
        struct text action = is_nothing ? text_of(ACTION_NOTHING) : d->candidates[i].action;
        json_array_append_new(out,
                              json_pack("{s:s%, s:b, s:f, s:n}", "action", action.at, action.length, "is_eligible",
                                        is_open, "propensity", propensity, "incremental_profit_cents"));
    }
    return out;
}

static json_t *answer_json(const struct deciding *d)
{
    struct text action = d->decision.action == d->n_candidates ? text_of(ACTION_NOTHING)
                                                               : d->candidates[d->decision.action].action;
    json_t *reasons = json_array();
    for (size_t i = 0; i < d->explanation.n_reasons; i++)
        json_array_append_new(reasons, json_string(d->explanation.reasons[i]));
    json_t *scores = json_pack("{s:o}", "value_12m_cents", number_json(round(d->value_cents)));
    if (d->question) json_object_set_new(scores, d->question, number_json(d->explanation.prediction));
    return json_pack("{s:s, s:s, s:s, s:I, s:s%, s:f, s:s, s:s, s:o, s:o, s:o}", "decision_id", d->id, "customer",
                     d->name, "placement", d->placement, "at_ms", (json_int_t)d->at_ms, "action", action.at,
                     action.length, "propensity", d->decision.propensity, "policy",
                     decision_policy_word(d->decision.policy), "reason", d->reason, "alternatives",
                     alternatives_json(d), "scores", scores, "reasons", reasons);
}

static bool put_decision(struct store *store, void *context, struct err *err)
{
    const struct deciding *d = context;
    const struct value null = { .kind = VALUE_NULL };
    struct text action = d->decision.action == d->n_candidates ? text_of(ACTION_NOTHING)
                                                               : d->candidates[d->decision.action].action;
    struct value action_value = value_bytes(action.at, action.length);
    action_value.kind = VALUE_TEXT;
    const struct value args[] = {
        value_text(d->id),
        value_int(d->customer),
        value_int(d->at_ms),
        value_text(d->placement),
        action_value,
        value_real(d->decision.propensity),
        value_text(decision_policy_word(d->decision.policy)),
        value_text(d->answer),
        value_text(d->question),
        d->question ? value_int(d->trained_ms) : null,
        d->question ? value_bytes(d->row, d->n_columns * sizeof *d->row) : null,
    };
    return store_run(store, "decision_put", args, sizeof args / sizeof *args, err);
}

static void decision_is_kept(void *context, const struct err *result)
{
    struct deciding *d = context;
    if (result->code == ERR_NONE) {
        reply_text(d->reply, 200, "application/json", text_of(d->answer));
        stream_put(d->request->service->stream, "decision", text_of(d->answer));
    } else {
        reply_error(d->request, d->reply, result, NULL);
    }
    json_decref(d->body);
    request_resume(d->request);
}

static bool decide(struct deciding *d, const char **ret_field, struct err *err)
{
    struct service *service = d->request->service;
    struct decision_request ask = { .holdout_share = service->holdout_share, .salt = service->decision_salt };
    *ret_field = "customer";
    if (!service_customer(service, text_of(d->customer_id), &d->customer, err)) return false;
    *ret_field = "candidates";
    if (!find_segments(d, err) || !find_conditions(d, err)) return false;
    *ret_field = NULL;
    look_at_customer(d, &ask.is_suppressed);
    if (!has_refused(d, &ask.is_suppressed, err)) return false;
    ask.customer = text_of(d->name);
    ask.placement = text_of(d->placement);
    ask.candidates = d->candidates;
    ask.n_candidates = d->n_candidates;
    d->decision = decision_make(&ask);
    d->reason = reason_of(d, service->holdout_share);
    secret_token(d->id, sizeof d->id, 16);
    json_t *answer = answer_json(d);
    char *text = json_dumps(answer, JSON_COMPACT);
    d->answer = arena_copy(d->request->arena, text);
    free(text);
    json_decref(answer);
    return ingest_run_soon(service->ingest, put_decision, d, decision_is_kept, err);
}

static enum handling decide_on(struct request *request, struct reply *reply, struct deciding *d)
{
    struct err err;
    const char *field = NULL;
    if (decide(d, &field, &err)) return HANDLED_LATER;
    json_decref(d->body);
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
    struct deciding *d = ARENA_NEW(request->arena, struct deciding);
    *d = (struct deciding){ .request = request, .reply = reply, .value_cents = NAN,
                            .at_ms = clock_now_ms(&request->service->options.clock) };
    if (!read_body(d, &field, &err)) {
        json_decref(d->body);
        return reply_error(request, reply, &err, field);
    }
    if (!d->has_conditions) return decide_on(request, reply, d);
    reply->context = d;
    enum handling handling = workers_take(request->server->workers, request, reply, decide_slowly);
    if (handling == HANDLED) json_decref(d->body);      /* too many wait */
    return handling;
}

static enum handling handle_decision(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct cursor *cursor = NULL;
    struct text id = request_param(request, "id");
    struct value arg = value_bytes(id.at, id.length);
    arg.kind = VALUE_TEXT;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    enum step step =
        store_query(store, "decision_get", &arg, 1, &cursor, &err) ? cursor_step(cursor, &err) : STEP_FAIL;
    if (step == STEP_ROW)
        reply_text(reply, 200, "application/json", text_of(arena_copy(request->arena, cursor_text(cursor, 0))));
    if (step == STEP_END) err_set(&err, ERR_MISSING, "there is no decision of this id");
    if (step != STEP_ROW) reply_error(request, reply, &err, step == STEP_END ? "id" : NULL);
    cursor_close(cursor);
    service_read_done(request->service, store);
    return HANDLED;
}

#define DECISION_EXAMPLE                                                                                              \
    "{\"decision_id\": \"5cDqZ1hUZn0Yy0mTqkz3Gg\", \"customer\": \"C001407\", \"placement\": \"cart\", "                \
    "\"at_ms\": 1790000000000, \"action\": \"free_shipping\", \"propensity\": 0.5, \"policy\": \"pilot\", "             \
    "\"reason\": \"no experiment has measured what these actions change, ...\", \"alternatives\": [{\"action\": "        \
    "\"free_shipping\", \"is_eligible\": true, \"propensity\": 0.5, \"incremental_profit_cents\": null}, {\"action\": " \
    "\"nothing\", \"is_eligible\": true, \"propensity\": 0.5, \"incremental_profit_cents\": null}], \"scores\": "        \
    "{\"churn\": 0.74, \"value_12m_cents\": 50055}, \"reasons\": [\"last order 55 days ago, 5.5 times the usual gap\"]}"

static const struct route_field decide_body[] = {
    { "customer", "string", "a user id, or \"anonymous:<id>\"", true },
    { "placement", "string", "where the action would show: the same customer always gets the same there", true },
    { "candidates", "array", "1 to 50 actions, each a name or an object; \"nothing\" is always one more", true },
    { "candidates[]", "string, object", "an action's name, or it with whom it is meant for", true },
    { "candidates[].action", "string", "its name", true },
    { "candidates[].segment", "string", "only for members of this segment", false },
    { "candidates[].condition", "string", "only for customers of whom this SQL expression is true, as in segments", false },
    { "purpose", "string", "a purpose of consent, such as \"email\": who has refused it gets nothing", false },
    { 0 },
};

static const struct route_field decision_answer[] = {
    { "decision_id", "string", "under which it is kept", true },
    { "customer", "string", "the id that stands for all of the customer's", true },
    { "placement", "string", "as asked", true },
    { "at_ms", "integer", "when", true },
    { "action", "string", "one of the candidates, or \"nothing\"", true },
    { "propensity", "number", "the probability with which it was drawn", true },
    { "policy", "string", "suppressed, holdout, no_candidate or pilot", true },
    { "reason", "string", "why, in a sentence", true },
    { "alternatives", "array", "every candidate and \"nothing\"", true },
    { "alternatives[].action", "string", "its name", true },
    { "alternatives[].is_eligible", "boolean", "whether it was open to this customer", true },
    { "alternatives[].propensity", "number", "its probability", true },
    { "alternatives[].incremental_profit_cents", "number", "null as long as no experiment has measured it", false },
    { "scores", "object", "what the model predicts and the expected value over twelve months; null where unknown", true },
    { "reasons", "array", "what weighs most in the prediction", true },
    { 0 },
};

const struct route routes_decide[] = {
    { .method = "POST", .path = "/v1/decide", .needs = ACCESS_DECIDE, .handle = handle_decide,
      .summary = "What to do now for one customer at one place, why, and with what probability",
      .details = "Answered when the decision is written down: it outlives the server's process at once, the machine within "
                 "milliseconds. As long as no experiment has measured what the actions change, "
                 "customers who may be treated are spread evenly over the candidates and nothing.",
      .body = decide_body, .answer = decision_answer,
      .body_example = "{\"customer\": \"C001407\", \"placement\": \"cart\", \"candidates\": [\"free_shipping\", "
                      "{\"action\": \"coupon\", \"condition\": \"churn > 0.5 and order_count >= 3\"}]}",
      .answer_example = DECISION_EXAMPLE },
    { .method = "GET", .path = "/v1/decisions/{id}", .needs = ACCESS_CUSTOMER, .handle = handle_decision, .is_slow = true,
      .summary = "A decision as it was made, with what was known then", .answer = decision_answer,
      .answer_example = DECISION_EXAMPLE },
    { 0 },
};
