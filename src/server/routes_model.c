/* routes_model.c - what is predicted, how well, and training it again: GET /v1/models, POST /v1/models/train. */
#include "server/changing.h"
#include "server/route.h"
#include "engine/learning.h"
#include "engine/question_view.h"
#include "learn/model_card.h"
#include "live/live.h"
#include "engine/service.h"
#include "store/store.h"
#include "store/sql.h"

#include <string.h>

static const char *const state_words[] = { "idle", "training", "scoring" };

static bool is_live(struct service *service, const char *question)
{
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t ignored;
    bool is = live_model_of(service->live, question, &ignored);
    (void)pthread_rwlock_unlock(&service->lock);
    return is;
}

/* Spread, at_risk and headline of a question that is scored live; else null. */
static bool add_view(struct request *request, json_t *model, struct err *err)
{
    struct question_view view = { .headline = NULL };
    const char *question = json_string_value(json_object_get(model, "question"));
    bool is_known = is_live(request->service, question);
    if (is_known && !question_view(request->service, question, request->arena, &view, err)) return false;
    json_t *spread = is_known && view.is_chance ? json_array() : json_null();
    for (size_t i = 0; json_is_array(spread) && i < SPREAD_BARS; i++)
        json_array_append_new(spread, json_integer((json_int_t)view.spread[i]));
    json_object_set_new(model, "spread", spread);
    json_object_set_new(model, "headline", view.headline ? json_string(view.headline) : json_null());
    json_object_set_new(model, "at_risk", view.at_risk ? view.at_risk : json_null());
    return true;
}

static json_t *learning_json(struct service *service)
{
    struct learning_status status = learning_status(service->learning);
    json_t *next = json_pack("{s:o, s:o, s:s}", "at_ms",
                             status.next.at_ms ? json_integer(status.next.at_ms) : json_null(), "question",
                             *status.next_question ? json_string(status.next_question) : json_null(), "why",
                             *status.next.why ? status.next.why : "Once there is any history.");
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "state", state_words[status.state], "since_ms",
                     (json_int_t)status.since_ms, "trained_ms",
                     status.trained_ms ? json_integer(status.trained_ms) : json_null(), "scored_ms",
                     status.scored_ms ? json_integer(status.scored_ms) : json_null(), "problem",
                     status.last.code ? json_string(status.last.text) : json_null(), "judged",
                     *status.judged ? json_string(status.judged) : json_null(), "next", next);
}

/* Every question's newest model; with question only that one, with all its evidence. */
static bool read_models(struct service *service, const char *question, json_t *out, struct err *err)
{
    struct store *store;
    struct sql_model_all row = { 0 };
    enum step step = STEP_FAIL;
    if (!service_read(service, &store, err)) return false;
    bool ok = sql_model_all(store, &row, err);
    while (ok && (step = sql_model_all_step(&row, err)) == STEP_ROW) {
        const char *name = row.question.at;
        if (question && strcmp(question, name) != 0) continue;
        json_t *evidence = json_loads(row.evidence.at, 0, NULL);
        json_t *model = json_pack("{s:s, s:I, s:b, s:O?, s:o}", "question", name, "trained_ms",
                                  (json_int_t)row.as_of_ms, "is_live", is_live(service, name), "asks",
                                  json_object_get(json_object_get(evidence, "question"), "sentence"), "chosen",
                                  model_card_chosen(evidence));
        if (question) json_object_set_new(model, "evidence", json_incref(evidence));
        json_decref(evidence);
        json_array_append_new(out, model);
    }
    cursor_close(row.cursor);
    service_read_done(service, store);
    return ok && step == STEP_END;
}

static enum handling handle_models(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *models = json_array();
    if (!read_models(request->service, NULL, models, &err)) {
        json_decref(models);
        reply_error(request, reply, &err, NULL);
        return HANDLED;
    }
    reply_json_take(request, reply, 200,
                    json_pack("{s:o, s:o}", "models", models, "learning", learning_json(request->service)));
    return HANDLED;
}

static enum handling handle_model(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *models = json_array();
    json_int_t as_of_ms = (json_int_t)service_instant_ms(request->service);
    struct text question = request_param(request, "question");
    bool ok = read_models(request->service,
                          arena_format(request->arena, "%.*s", (int)question.length, question.at), models, &err);
    if (ok && json_array_size(models) == 0)
        ok = err_set(&err, ERR_MISSING, "no model of this question is trained; GET /v1/models lists them");
    if (ok) ok = add_view(request, json_array_get(models, 0), &err);
    if (ok) {
        json_t *model = json_array_get(models, 0);
        json_object_set_new(model, "as_of_ms", json_integer(as_of_ms));
        reply_json_take(request, reply, 200, json_incref(model));
    } else {
        reply_error(request, reply, &err, "question");
    }
    json_decref(models);
    return HANDLED;
}

static bool read_ask(const json_t *body, struct learning_ask *ask, const char **ret_field, struct err *err)
{
    const char *question = json_string_value(json_object_get(body, *ret_field = "question"));
    if (json_object_get(body, "question") && (!question || strlen(question) >= sizeof ask->question))
        return err_set(err, ERR_INVALID, "question: expected churn, spend, return, or one that has a model");
    const char *goal = json_string_value(json_object_get(body, *ret_field = "goal"));
    if (json_object_get(body, "goal") && (!goal || strlen(goal) >= sizeof ask->goal))
        return err_set(err, ERR_INVALID, "goal: expected a kind of event, such as order");
    json_t *horizon = json_object_get(body, *ret_field = "horizon_days");
    if (horizon &&
        (!json_is_integer(horizon) || json_integer_value(horizon) < 1 || json_integer_value(horizon) > 3650))
        return err_set(err, ERR_INVALID, "horizon_days: expected 1 to 3650");
    snprintf(ask->question, sizeof ask->question, "%s", question ? question : "");
    snprintf(ask->goal, sizeof ask->goal, "%s", goal ? goal : "");
    ask->horizon_days = json_integer_value(horizon);
    return true;
}

static enum handling handle_train(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body;
    const char *field = NULL;
    struct learning_ask ask = { 0 };
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = read_ask(body, &ask, &field, &err);
    json_decref(body);
    if (ok) {
        field = NULL;
        snprintf(ask.who, sizeof ask.who, "%s", change_who(request));
        ok = learning_train(request->service->learning, &ask, &err);
    }
    if (ok) reply_json_take(request, reply, 202, json_pack("{s:o}", "learning", learning_json(request->service)));
    else reply_error(request, reply, &err, field);
    return HANDLED;
}

static const struct route_field models_answer[] = {
    { "models", "array", "every question's newest model, newest first", true },
    { "models[].question", "string", "its name, as in segments and scores", true },
    { "models[].asks", "string", "what it asks, as a sentence", false },
    { "models[].trained_ms", "integer", "the end of the data it learned from", true },
    { "models[].is_live", "boolean", "whether scores move with each event", true },
    { "models[].chosen", "object", "the learner that was chosen, with its measures and their intervals", false },
    { "models[].chosen.name", "string", "its name", false },
    { "models[].chosen.auc", "object", "where a yes or no is asked", false },
    { "models[].chosen.auc.value", "number", "of customers that it did not learn from", false },
    { "models[].chosen.auc.low", "number", "the 95 % interval's lower end", false },
    { "models[].chosen.auc.high", "number", "its upper end", false },
    { "learning", "object", "what is going on: state (idle, training, scoring), since_ms, trained_ms, scored_ms, problem, judged, next", true },
    { "learning.state", "string", "idle, training or scoring", true },
    { "learning.since_ms", "integer", "since when", true },
    { "learning.problem", "string, null", "what the last attempt failed for", true },
    { "learning.judged", "string, null", "how the model that it last trained by itself did against the one in force, and which is in force now", true },
    { "learning.next", "object", "when it trains by itself: at_ms (the earliest; null: not known yet), question, and why", true },
    { "learning.next.at_ms", "integer, null", "the earliest; null: not known yet", true },
    { "learning.next.question", "string, null", "which", true },
    { "learning.next.why", "string", "in plain words", true },
    { 0 },
};
static const struct route_field model_answer[] = {
    { "question", "string", "its name", true },
    { "asks", "string", "what it asks, as a sentence", false },
    { "trained_ms", "integer", "the end of the data it learned from", true },
    { "is_live", "boolean", "whether scores move with each event", true },
    { "chosen", "object", "the learner that was chosen", false },
    { "spread", "array", "how many customers have a prediction in each tenth from 0 to 1, as scored now; null: not live", false },
    { "spread[]", "integer", "customers of one tenth", true },
    { "headline", "string", "the report's first sentence, of the answers as they are now", false },
    { "at_risk", "object", "as score --json says it: customers, expected_leavers, revenue_cents, low_cents, high_cents, backtest; null: it is not about leaving", false },
    { "as_of_ms", "integer", "the instant of the spread", true },
    { "evidence", "object", "leaderboard, calibration, deciles, ROC and drivers", true },
    { 0 },
};
static const struct route_field train_body[] = {
    { "question", "string", "churn (if not said), spend, return, or one that has a model, asked again as it was", false },
    { "goal", "string", "the event that marks a customer who stays; chosen from the data if not said", false },
    { "horizon_days", "integer", "how far ahead is asked; chosen from the data if not said", false },
    { 0 },
};
static const struct route_field train_answer[] = {
    { "learning", "object", "as in GET /v1/models, which tells when it is done", true },
    { 0 },
};

#define LEARNING_EXAMPLE \
    "{\"state\": \"training\", \"since_ms\": 1790000000000, \"trained_ms\": null, \"scored_ms\": null, \"problem\": null, \"judged\": null, " \
    "\"next\": {\"at_ms\": 1790600000000, \"question\": \"churn\", \"why\": \"A week has passed by then since the end of what the model learned from.\"}}"
#define MODEL_EXAMPLE                                                                                               \
    "\"question\": \"churn\", \"asks\": \"Which customer will have no order in the next 60 days?\", \"trained_ms\": " \
    "1790000000000, \"is_live\": true, \"chosen\": {\"name\": \"random forest\", \"chosen\": true}"

const struct route routes_model[] = {
    { .method = "GET", .path = "/v1/models", .needs = ACCESS_VIEW, .handle = handle_models, .is_slow = true,
      .summary = "What is predicted, how well, and whether anything is being trained", .answer = models_answer,
      .answer_example = "{\"models\": [{" MODEL_EXAMPLE "}], \"learning\": " LEARNING_EXAMPLE "}" },
    { .method = "GET", .path = "/v1/models/{question}", .needs = ACCESS_VIEW, .handle = handle_model, .keeps = ROUTE_KEEPS_TILL_ACT, .is_slow = true,
      .summary = "One model with all its evidence", .answer = model_answer,
      .answer_example = "{" MODEL_EXAMPLE ", \"spread\": [4, 9, 12, 8, 7, 6, 9, 14, 20, 11], " \
          "\"headline\": \"Of 120 customers about 61 (48 to 74) will have no order in the next 60 days.\", \"at_risk\": null, \"as_of_ms\": 1790000000000, \"evidence\": {\"models\": []}}" },
    { .method = "POST", .path = "/v1/models/train", .needs = ACCESS_MODEL, .handle = handle_train, .is_slow = true,
      .summary = "Train on everything up to now, judge, and put the best in force", .body = train_body, .answer = train_answer,
      .answer_status = 202,
      .details = "Returns at once; events and decisions go on meanwhile.",
      .body_example = "{\"question\": \"churn\"}", .answer_example = "{\"learning\": " LEARNING_EXAMPLE "}" },
    { 0 },
};
