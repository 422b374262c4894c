/* routes_customer.c - one customer, and finding them: GET /v1/customers... */
#include "server/route.h"
#include "engine/customer_view.h"
#include "live/live.h"
#include "engine/service.h"
#include "learn/reasons.h"
#include "store/sql.h"

#include <math.h>
#include <string.h>

enum { LIST_MOST = 200, TIMELINE_USUAL = 50, TIMELINE_MOST = 1000, DECISIONS_SHOWN = 20, NAMES_A_SLICE = 16384 };

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

/* ---- finding ---- */

/* The lock is held for reading. */
static json_t *found_json(const struct service *service, uint32_t customer, struct text matched)
{
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, customer);
    json_t *out =
        json_pack("{s:s%, s:s%}", "customer", name.at, name.length, "matched", matched.at, matched.length);
    for (size_t m = 0; out && m < live_n_models(service->live); m++) {
        double prediction = live_score(service->live, m, customer).prediction;
        json_object_set_new(out, live_model(service->live, m)->question.name,
                            isnan(prediction) ? json_null() : json_real(prediction));
    }
    return out;
}

static void add_found(json_t *found, json_t *customer)
{
    size_t i;
    json_t *other;
    json_array_foreach(found, i, other)
        if (json_equal(json_object_get(other, "customer"), json_object_get(customer, "customer"))) {
            json_decref(customer);
            return;
        }
    json_array_append_new(found, customer);
}

/* Ids that begin with the text, in the order first seen; the lock is let go between slices. */
static void find_by_id(struct service *service, struct text begin, size_t limit, json_t *found)
{
    size_t n = SIZE_MAX;
    for (uint32_t from = 1; from < n && json_array_size(found) < limit; from += NAMES_A_SLICE) {
        (void)pthread_rwlock_rdlock(&service->lock);
        n = log_n_names(service->log, DICTIONARY_IDENTITY);
        for (uint32_t i = from; i < n && i < from + NAMES_A_SLICE && json_array_size(found) < limit; i++) {
            struct text name = log_name(service->log, DICTIONARY_IDENTITY, i);
            if (name.length >= begin.length && memcmp(name.at, begin.at, begin.length) == 0)
                add_found(found, found_json(service, identities_customer(service->identities, i), name));
        }
        (void)pthread_rwlock_unlock(&service->lock);
    }
}

/* E-mail addresses and telephone numbers are sealed: only a whole one is found. */
static bool find_by_address(struct service *service, struct text address, struct arena *arena, json_t *found,
                            struct err *err)
{
    struct store *store;
    uint32_t *identities;
    size_t n;
    if (!service_read(service, &store, err)) return false;
    bool ok = profiles_find(service->profiles, store, address, arena, &identities, &n, err);
    service_read_done(service, store);
    if (!ok) return false;
    (void)pthread_rwlock_rdlock(&service->lock);
    for (size_t i = 0; i < n; i++)
        add_found(found, found_json(service, identities_customer(service->identities, identities[i]), address));
    (void)pthread_rwlock_unlock(&service->lock);
    return true;
}

/* Why, of the customer as when they were scored, or as after their last event if that is later.  The lock is
 * held. */
static json_t *why_scored(const struct live *live, const struct sql_score_queue *row, const char *question,
                          struct arena *arena)
{
    size_t model;
    uint32_t customer = (uint32_t)row->identity;
    const struct feature_set *set = live_set(live);
    float *all = set ? ARENA_ARRAY(arena, float, feature_set_size(set) + 1) : NULL;
    if (!all || !live_model_of(live, question, &model) || !live_row(live, customer, row->as_of_ms, all))
        return json_array();
    const struct trained *trained = live_model(live, model);
    float *own = ARENA_ARRAY(arena, float, feature_set_size(trained->set) + 1);
    live_own_row(live, model, all, own);
    const char *reasons[REASONS_MOST];
    size_t n = reasons_of(trained, own, live_predict(live, model, all), arena, reasons);
    return reasons_json(reasons, n);
}

static json_t *scored_json(struct service *service, const struct sql_score_queue *row, const char *question,
                           struct arena *arena)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    struct text name = log_name(service->log, DICTIONARY_IDENTITY, (uint32_t)row->identity);
    json_t *customer = json_stringn(name.at, name.length);
    json_t *reasons = row->prediction.kind == VALUE_NULL ? json_array()
                                                         : why_scored(service->live, row, question, arena);
    (void)pthread_rwlock_unlock(&service->lock);
    return json_pack("{s:o, s:I, s:o, s:I, s:o, s:I, s:s, s:s, s:o, s:s}", "customer", customer, "scored_ms",
                     (json_int_t)row->as_of_ms, "prediction",
                     row->prediction.kind == VALUE_NULL ? json_null() : json_real(value_as_real(row->prediction)),
                     "value_12m_cents", (json_int_t)row->expected_value_cents, "value_if_stays_cents",
                     row->value_if_stays_cents.kind == VALUE_NULL
                         ? json_null()
                         : json_integer(value_as_int(row->value_if_stays_cents)),
                     "expected_loss_cents", (json_int_t)row->expected_loss_cents, "rfm_group",
                     value_as_text(row->rfm_group), "stage", value_as_text(row->stage),
                     "reasons", reasons, "question", question);
}

/* By answers to the question, NULL: the main one.  Errors: ERR_MISSING it has no model. */
static bool list_by_score(struct request *request, const char *question, const char *order, int64_t limit,
                          int64_t offset, json_t *found, struct err *err)
{
    struct service *service = request->service;
    struct store *store;
    struct sql_score_queue row = { 0 };
    enum step step = STEP_FAIL;
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t model = live_main_model(service->live);
    bool has_model = question ? live_model_of(service->live, question, &model) : live_n_models(service->live) > 0;
    if (has_model) question = arena_copy(request->arena, live_model(service->live, model)->question.name);
    (void)pthread_rwlock_unlock(&service->lock);
    if (!has_model)
        return !question ||
               err_set(err, ERR_MISSING, "no model of the question '%s' is trained; GET /v1/models lists them",
                       question);
    if (!service_read(service, &store, err)) return false;
    bool ok = sql_score_queue(store, text_of(order), limit, offset, text_of(question), &row, err);
    while (ok && (step = sql_score_queue_step(&row, err)) == STEP_ROW)
        json_array_append_new(found, scored_json(service, &row, question, request->arena));
    cursor_close(row.cursor);
    service_read_done(service, store);
    return ok && step == STEP_END;
}

static enum handling handle_list(struct request *request, struct reply *reply)
{
    static const char *const orders[] = { "loss", "prediction", "value" };
    struct err err;
    struct text query = { "", 0 }, order = text_of("loss");
    int64_t limit, offset;
    size_t o = 0;
    if (!request_query_int(request, "limit", 1, LIST_MOST, 50, &limit, &err))
        return reply_error(request, reply, &err, "limit");
    if (!request_query_int(request, "offset", 0, 1000000000, 0, &offset, &err))
        return reply_error(request, reply, &err, "offset");
    (void)request_query(request, "order", &order);
    while (o < 3 && !text_equal(order, text_of(orders[o]))) o++;
    if (o == 3) {
        (void)err_set(&err, ERR_INVALID, "order: expected loss, prediction or value");
        return reply_error(request, reply, &err, "order");
    }
    json_t *found = json_array();
    bool is_search = request_query(request, "search", &query) && query.length > 0;
    bool ok = true;
    if (is_search) {
        if (memchr(query.at, '@', query.length) || *query.at == '+')
            ok = find_by_address(request->service, query, request->arena, found, &err);
        if (ok) find_by_id(request->service, query, (size_t)limit, found);
    } else {
        ok = list_by_score(request, query_question(request), orders[o], limit, offset, found, &err);
    }
    if (!ok) {
        json_decref(found);
        return reply_error(request, reply, &err, err.code == ERR_MISSING ? "question" : NULL);
    }
    reply_json_take(request, reply, 200, json_pack("{s:o, s:I}", "customers", found, "as_of_ms",
                                                   (json_int_t)service_instant_ms(request->service)));
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
    "50055, \"scored_ms\": 1789900000000}}, \"rfm_group\": \"Champions\", \"cluster\": null, \"stage\": "          \
    "\"active\", \"reasons\": [\"last order 55 days ago\"], \"features\": "                                       \
    "[{\"name\": "                                                                                                \
    "\"order_recency_days\", \"value\": 55.2, \"unit\": \"days\", \"meaning\": \"days since the last order\", "   \
    "\"sentence\": "                                                                                              \
    "\"last order 55 days ago\"}], \"segments\": [{\"id\": 1, \"name\": \"at risk\", \"since_ms\": "              \
    "1789990000000}], "                                                                                           \
    "\"timeline\": [{\"time_ms\": 1785200000000, \"received_ms\": 1785200000100, \"kind\": \"order\", "           \
    "\"identity\": "                                                                                              \
    "\"C001407\", \"amount_cents\": 4200}], \"decisions\": []}"

static const struct route_field list_query[] = {
    { "search", "string", "the beginning of an id, or a whole e-mail address or telephone number", false },
    { "order", "string", "without search: by expected loss (loss), prediction or value, greatest first", false },
    { "question", "string",
      "without search: whose answers order the list; if not said, churn, else the newest that asks who leaves",
      false },
    { "limit", "integer", "at most so many, 1 to 200; 50 if not said", false },
    { "offset", "integer", "skip so many; without search", false },
    { 0 },
};
static const struct route_field list_answer[] = {
    { "customers", "array", "who was found", true },
    { "customers[].customer", "string", "the id that stands for all of the customer's", true },
    { "customers[].matched", "string", "with search: the id that was found", false },
    { "customers[].question", "string", "without search: whose answer prediction is", false },
    { "customers[].prediction", "number",
      "the model's answer to its question; with search, each question's answer stands "
      "under the question's name",
      false },
    { "customers[].value_if_stays_cents", "integer",
      "what is expected within the value's horizon if this is a customer still; null where not known", false },
    { "customers[].expected_loss_cents", "integer",
      "prediction x value_if_stays x margin: what leaves if nothing changes", false },
    { "customers[].value_12m_cents", "integer", "expected spend of twelve months", false },
    { "customers[].reasons", "array",
      "what weighs most in the prediction, of the customer as of scored_ms or, if that is later, their last event",
      false },
    { "customers[].reasons[]", "string", "in plain words", true },
    { "customers[].scored_ms", "integer", "when", false },
    { "as_of_ms", "integer", "as of when questions are answered: now, or where the history ends (GET /v1/as-of)", true },
    { 0 },
};
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
    { "cluster", "string, null", "the group of those who are alike", true },
    { "stage", "string, null", "where they stand: new, active, cooling, lapsed ...", true },
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
      .path = "/v1/customers",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_list,
      .is_slow = true,
      .summary = "Find customers by id, e-mail or telephone, or list them by what is at stake",
      .query = list_query,
      .answer = list_answer,
      .answer_example =
          "{\"customers\": [{\"customer\": \"C001407\", \"scored_ms\": 1790000000000, \"prediction\": 0.74, "
          "\"value_12m_cents\": 40055, \"value_if_stays_cents\": 50055, \"expected_loss_cents\": 37067, "
          "\"rfm_group\": \"At risk\", \"stage\": "
          "\"cooling\", \"reasons\": [\"last order 55 days ago\"], \"question\": \"churn\"}], \"as_of_ms\": 1790000000000}" },
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
