/* routes_customer.c - all that is known of one customer, and why: GET /v1/customers/{id}... */
#include "server/route.h"
#include "engine/customer_view.h"
#include "engine/service.h"

#include <string.h>

enum { TIMELINE_USUAL = 50, TIMELINE_MOST = 1000, DECISIONS_SHOWN = 20 };

static int64_t now_of(const struct request *request) { return clock_now_ms(&request->service->options.clock); }

/* Which question's model is meant; NULL: the main one (live_main_model). */
static const char *query_question(struct request *request)
{
    struct text question = { "", 0 };
    if (!request_query(request, "question", &question) || question.length == 0) return NULL;
    return arena_format(request->arena, "%.*s", (int)question.length, question.at);
}

static enum handling handle_view(struct request *request, struct reply *reply)
{
    struct err err;
    uint32_t customer;
    int64_t n_timeline;
    json_t *out;
    if (!request_query_int(request, "timeline", 0, TIMELINE_MOST, TIMELINE_USUAL, &n_timeline, &err))
        return reply_error(request, reply, &err, "timeline");
    if (!service_customer(request->service, request_param(request, "id"), &customer, &err))
        return reply_error(request, reply, &err, "id");
    const struct customer_view_options options = {
        .as_of_ms = now_of(request), .has_personal = request->grant.rights & ACCESS_PRIVACY,
        .n_timeline = (size_t)n_timeline, .n_decisions = DECISIONS_SHOWN, .n_features = 1,
    };
    if (!customer_view(request->service, customer, &options, request->arena, &out, &err))
        return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, out);
    return HANDLED;
}

static enum handling handle_explain(struct request *request, struct reply *reply)
{
    struct err err;
    uint32_t customer;
    json_t *out;
    const char *question = query_question(request);
    if (!service_customer(request->service, request_param(request, "id"), &customer, &err))
        return reply_error(request, reply, &err, "id");
    if (!customer_explain(request->service, customer, question, now_of(request), request->arena, &out, &err))
        return reply_error(request, reply, &err, err.code == ERR_MISSING ? "question" : NULL);
    reply_json_take(request, reply, 200, out);
    return HANDLED;
}

static enum handling handle_timeline(struct request *request, struct reply *reply)
{
    struct err err;
    uint32_t customer;
    int64_t n, before_ms;
    json_t *out;
    if (!request_query_int(request, "limit", 1, TIMELINE_MOST, TIMELINE_USUAL, &n, &err))
        return reply_error(request, reply, &err, "limit");
    if (!request_query_int(request, "before_ms", INT64_MIN, INT64_MAX, INT64_MAX, &before_ms, &err))
        return reply_error(request, reply, &err, "before_ms");
    if (!service_customer(request->service, request_param(request, "id"), &customer, &err))
        return reply_error(request, reply, &err, "id");
    if (!customer_timeline(request->service, customer, before_ms, (size_t)n, request->arena, &out, &err))
        return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, json_pack("{s:o}", "timeline", out));
    return HANDLED;
}

#define VIEW_EXAMPLE                                                                                              \
    "{\"customer\": \"C001407\", \"as_of_ms\": 1790000000000, \"last_known_ms\": 1789990000000, \"identities\": " \
    "[{\"id\": "                                                                                                  \
    "\"C001407\", \"kind\": \"user\"}], \"is_suppressed\": false, \"traits\": {\"channel\": \"search\"}, "        \
    "\"personal\": "                                                                                              \
    "{\"email\": \"(hidden)\"}, \"consent\": {}, \"scores\": {\"churn\": {\"value\": 0.74, \"scored_ms\": "       \
    "1790000000000, "                                                                                             \
    "\"base_rate\": 0.71, \"model\": \"random forest\", \"trained_ms\": 1789900000000}, \"value_12m_cents\": "    \
    "{\"value\": "                                                                                                \
    "50055, \"scored_ms\": 1789900000000}}, \"rfm_group\": \"Champions\", \"rfm_rule\": "                        \
    "\"are of the 40 % who ordered last\", \"cluster\": null, \"stage\": \"active\", \"stage_rule\": "              \
    "\"silent for no longer than twice their own usual gap between orders\", \"reasons\": [\"last order 55 days ago\"], \"features\": "                                       \
    "[{\"name\": "                                                                                                \
    "\"order_recency_days\", \"value\": 55.2, \"unit\": \"days\", \"meaning\": \"days since the last order\", "   \
    "\"sentence\": "                                                                                              \
    "\"last order 55 days ago\"}], \"segments\": [{\"id\": 1, \"name\": \"at risk\", \"since_ms\": "              \
    "1789990000000}], "                                                                                           \
    "\"timeline\": [{\"time_ms\": 1785200000000, \"received_ms\": 1785200000100, \"kind\": \"order\", "           \
    "\"identity\": "                                                                                              \
    "\"C001407\", \"amount_cents\": 4200}], \"decisions\": []}"

static const struct route_field view_query[] = {
    { "timeline", "integer", "how many of the latest events, 0 to 1000; 50 if not said", false },
    { 0 },
};
static const struct route_field view_answer[] = {
    { "customer", "string", "the id that stands for all of the customer's", true },
    { "as_of_ms", "integer", "the instant of the features and scores", true },
    { "last_known_ms", "integer", "when the last event became known", false },
    { "identities", "array", "the ids that are this customer", true },
    { "identities[].id", "string", "as stored", true },
    { "identities[].kind", "string", "user, anonymous or email", true },
    { "is_suppressed", "boolean", "asked not to be measured or contacted", true },
    { "traits", "object", "the last value of each", true },
    { "traits.*", "string, number, boolean, null", "of one", false },
    { "personal", "object", "sealed members; in clear only for those who may see them", true },
    { "consent", "object", "the latest statement by purpose", true },
    { "scores", "object",
      "by name, each question's among them: value, scored_ms, kind and reasons; null where the question is "
      "not asked of this customer",
      true },
    { "scores.*", "object", "an answer", false },
    { "scores.*.value", "number, null", "the answer itself; null: not known", true },
    { "scores.*.scored_ms", "integer, null", "as of when", true },
    { "scores.*.kind", "string", "churn, event, spend or trait; of a question", false },
    { "scores.*.base_rate", "number", "the share of yes among all; of a question", false },
    { "scores.*.model", "string", "which learner; of a question", false },
    { "scores.*.trained_ms", "integer", "the end of the data it learned from; of a question", false },
    { "scores.*.reasons", "array", "in plain words; of a question", false },
    { "scores.*.reasons[]", "string", "one of them", true },
    { "rfm_group", "string, null", "the group by recency, frequency and money", true },
    { "rfm_rule", "string, null", "who is in that group, compared with all customers", true },
    { "cluster", "string, null", "the group of those who are alike, in words beside the average customer", true },
    { "stage", "string, null", "where they stand: new, active, cooling, lapsed ...", true },
    { "stage_rule", "string, null", "what that means, by their own rhythm", true },
    { "missing", "string", "why there is no prediction", false },
    { "reasons", "array",
      "what weighs most in the answer to churn, else to the newest question that asks who leaves, in plain words",
      true },
    { "reasons[]", "string", "one of them", true },
    { "features", "array", "all features", false },
    { "features[].name", "string", "as in conditions and exports", true },
    { "features[].value", "number, null", "this customer's", true },
    { "features[].unit", "string", "of the value", true },
    { "features[].meaning", "string", "in words", true },
    { "features[].sentence", "string, null", "what it says of this customer", true },
    { "segments", "array", "those the customer is in", true },
    { "segments[].id", "integer", "the segment's number", true },
    { "segments[].name", "string", "its name", true },
    { "segments[].since_ms", "integer", "since when", true },
    { "timeline", "array", "the latest events, newest first", false },
    { "timeline[].time_ms", "integer", "when it happened", true },
    { "timeline[].received_ms", "integer", "when it became known", true },
    { "timeline[].kind", "string", "what happened", true },
    { "timeline[].identity", "string", "the id that did it", true },
    { "timeline[].item", "string", "if there is one", false },
    { "timeline[].amount_cents", "integer", "if there is one", false },
    { "timeline[].quantity", "number", "if there is one", false },
    { "timeline[].properties", "object", "as sent, flattened, without personal members", false },
    { "decisions", "array", "the latest decisions, newest first", true },
    { "decisions[].decision_id", "string", "its number", true },
    { "decisions[].at_ms", "integer", "when it was made", true },
    { "decisions[].placement", "string", "where", true },
    { "decisions[].action", "string", "what", true },
    { "decisions[].propensity", "number", "the chance with which it was chosen", true },
    { "decisions[].policy", "string", "by which policy", true },
    { "decisions[].rule", "string, null", "the rule of reach that left nothing to choose; null: none", true },
    { 0 },
};
static const struct route_field explain_answer[] = {
    { "customer", "string", "the id that stands for all of the customer's", true },
    { "as_of_ms", "integer", "the instant", true },
    { "question", "string", "what the model predicts", true },
    { "prediction", "number", "its answer", true },
    { "base_rate", "number", "the share of yes among all", true },
    { "base", "number", "the raw score of an average customer; contributions add to it", true },
    { "model", "string", "which learner", true },
    { "reasons", "array", "in plain words", true },
    { "reasons[]", "string", "one of them", true },
    { "contributions", "array", "by falling weight", true },
    { "contributions[].feature", "string", "its name", true },
    { "contributions[].meaning", "string", "in words", true },
    { "contributions[].value", "number", "this customer's", false },
    { "contributions[].contribution", "number", "to the log-odds: an exact SHAP value or a linear term", true },
    { 0 },
};
static const struct route_field explain_query[] = {
    { "question", "string", "whose model is meant; if not said, churn, else the newest that asks who leaves",
      false },
    { 0 },
};
static const struct route_field timeline_query[] = {
    { "limit", "integer", "1 to 1000; 50 if not said", false },
    { "before_ms", "integer", "only events that happened before", false },
    { 0 },
};
static const struct route_field timeline_answer[] = {
    { "timeline", "array", "newest first", true },
    { "timeline[].time_ms", "integer", "when it happened", true },
    { "timeline[].received_ms", "integer", "when it became known", true },
    { "timeline[].kind", "string", "what happened", true },
    { "timeline[].amount_cents", "integer", "if there is one", false },
    { "timeline[].properties", "object", "as sent, flattened, without personal members", false },
    { 0 },
};

const struct route routes_customer[] = {
    { .method = "GET",
      .path = "/v1/customers/{id}",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_view,
      .is_slow = true,
      .summary = "All that is known of one customer",
      .query = view_query,
      .answer = view_answer,
      .details = "Features and predictions are of this instant; each score says when it was made.",
      .answer_example = VIEW_EXAMPLE },
    { .method = "GET",
      .path = "/v1/customers/{id}/explain",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_explain,
      .is_slow = true,
      .summary = "Why the model thinks what it thinks of one customer",
      .query = explain_query,
      .answer = explain_answer,
      .details = "What the model leans on, not what causes anyone to leave.",
      .answer_example =
          "{\"customer\": \"C001407\", \"as_of_ms\": 1790000000000, \"question\": \"churn\", \"prediction\": "
          "0.74, "
          "\"base_rate\": 0.71, \"base\": 0.9, \"model\": \"random forest\", \"reasons\": [\"last order 55 days "
          "ago\"], \"contributions\": [{\"feature\": \"order_recency_days\", \"meaning\": \"days since the last "
          "order\", \"value\": 55.2, \"contribution\": 0.41}]}" },
    { .method = "GET",
      .path = "/v1/customers/{id}/timeline",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_timeline,
      .is_slow = true,
      .summary = "What one customer did, newest first",
      .query = timeline_query,
      .answer = timeline_answer,
      .answer_example =
          "{\"timeline\": [{\"time_ms\": 1785200000000, \"received_ms\": 1785200000100, \"kind\": \"order\", "
          "\"identity\": \"C001407\", \"amount_cents\": 4200}]}" },
    { 0 },
};
