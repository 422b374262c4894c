/* routes_plan.c - plans of who gets which action under a budget: made, compared, wanted, approved.  What is asked
 * is what holdfast plan asks of the database; its actions are those of the settings. */
#include "job/job_reply.h"

#include "base/calendar.h"
#include "engine/service.h"
#include "server/changing.h"

#include <math.h>
#include <string.h>

enum { CUSTOMERS_USUAL = 100, CUSTOMERS_MOST = 100000 };

static const char PLAN[] = "plan";

/* ---- asking ---- */

/* The day that has begun: the same plan is the same all day long, however much comes in meanwhile. */
static const char *today(const struct request *request)
{
    char day[11];
    calendar_format_day(calendar_day_of_ms(service_instant_ms(request->service)), day);
    return arena_copy(request->arena, day);
}

static bool check_number(const json_t *body, const char *name, double least, double most, struct err *err)
{
    const json_t *value = json_object_get(body, name);
    if (!value || json_is_null(value)) return true;
    double number = json_is_number(value) ? json_number_value(value) : (double)NAN;
    return (number >= least && number <= most) ||
           err_set(err, ERR_INVALID, "%s: expected a number from %g to %g", name, least, most);
}

static bool check_ask(const json_t *body, const char **ret_field, struct err *err)
{
    static const struct { const char *name; double least, most; } numbers[] = {
        { "budget", 0, 1e12 }, { "margin", .0001, 1 }, { "horizon_days", 1, 3650 }, { "explore", 0, 1 },
        { "withhold", 0, .9 }, { "max_disparity", 0, 1 },
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!check_number(body, *ret_field = numbers[i].name, numbers[i].least, numbers[i].most, err))
            return false;
    const json_t *group = json_object_get(body, *ret_field = "group");
    if (group && !json_is_null(group) && !json_is_string(group))
        return err_set(err, ERR_INVALID, "group: expected the name of a trait");
    if (json_is_number(json_object_get(body, "max_disparity")) && json_string_length(group) == 0)
        return err_set(err, ERR_INVALID,
                       "group: max_disparity needs it, the trait whose groups are to be chosen alike");
    *ret_field = NULL;
    return true;
}

static void words_of(const json_t *asked, struct arena *arena, struct job_words *words)
{
    const char *group = json_string_value(json_object_get(asked, "group")),
               *horizon = job_number(asked, "horizon_days", arena);
    *words = (struct job_words){ .n = 0 };
    job_words_add(words, PLAN);
    job_words_flag(words, "--as-of", arena_copy(arena, json_string_value(json_object_get(asked, "as_of"))));
    job_words_flag(words, "--budget", job_number(asked, "budget", arena));
    job_words_flag(words, "--margin", job_number(asked, "margin", arena));
    job_words_flag(words, "--horizon", horizon ? arena_format(arena, "%sd", horizon) : NULL);
    job_words_flag(words, "--explore", job_number(asked, "explore", arena));
    job_words_flag(words, "--withhold", job_number(asked, "withhold", arena));
    job_words_flag(words, "--max-disparity", job_number(asked, "max_disparity", arena));
    job_words_flag(words, "--group", group && *group ? arena_copy(arena, group) : NULL);
}

static enum handling put(struct request *request, struct reply *reply, const struct job_ask *ask)
{
    struct err err;
    struct jobs *jobs;
    int64_t id;
    if (!jobs_of(request, &jobs, &err) || !jobs_put(jobs, ask, &id, &err))
        return reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 202, json_pack("{s:I}", "id", (json_int_t)id));
    return HANDLED;
}

static enum handling handle_make(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body;
    const char *field = NULL;
    struct job_ask ask = job_ask_of(request, PLAN);
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    if (!check_ask(body, &field, &err)) {
        json_decref(body);
        return reply_error(request, reply, &err, field);
    }
    json_object_set_new(body, "as_of", json_string(today(request)));
    words_of(body, request->arena, &ask.words);
    ask.asked = body;
    enum handling handling = put(request, reply, &ask);
    json_decref(body);
    return handling;
}

/* ---- telling ---- */

/* What a list of plans says of one. */
static json_t *short_json(const struct job *job)
{
    static const char *const kept[] = { "sentence", "budget", "spent", "profit", "pilot", "proposed", "committed",
                                        "approval", "queued" };
    json_t *json = job_json(job);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        json_t *value = json_object_get(job->answer, kept[i]);
        json_object_set_new(json, kept[i], value ? json_incref(value) : json_null());
    }
    json_object_set_new(json, "chosen_n",
                        json_integer((json_int_t)json_array_size(json_object_get(job->answer, "chosen"))));
    return json;
}

static enum handling handle_list(struct request *request, struct reply *reply)
{
    struct err err;
    struct jobs *jobs;
    struct job *rows;
    size_t n;
    if (!jobs_of(request, &jobs, &err)) return reply_error(request, reply, &err, NULL);
    jobs_of_kind(jobs, PLAN, request->arena, &rows, &n);
    json_t *plans = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(plans, short_json(&rows[i]));
        job_release(&rows[i]);
    }
    reply_json_take(request, reply, 200, json_pack("{s:o}", "plans", plans));
    return HANDLED;
}

static json_t *part_of(const json_t *chosen, int64_t from, int64_t limit)
{
    json_t *part = json_array();
    for (int64_t i = from; i < from + limit && (size_t)i < json_array_size(chosen); i++)
        json_array_append(part, json_array_get(chosen, (size_t)i));
    return part;
}

/* Customers by what is done with them, and in which group. */
static json_t *count_actions(const json_t *chosen)
{
    size_t i;
    json_t *row, *counts = json_array();
    json_array_foreach(chosen, i, row) {
        size_t k;
        json_t *count, *at = NULL;
        json_array_foreach(counts, k, count)
            if (json_equal(json_object_get(count, "action"), json_object_get(row, "action")) &&
                json_equal(json_object_get(count, "group"), json_object_get(row, "group")))
                at = count;
        if (!at) {
            at = json_pack("{s:O, s:O, s:i, s:f}", "action", json_object_get(row, "action"), "group",
                           json_object_get(row, "group"), "n", 0, "cost", 0.0);
            json_array_append_new(counts, at);
        }
        json_object_set_new(at, "n", json_integer(json_integer_value(json_object_get(at, "n")) + 1));
        json_object_set_new(at, "cost", json_real(json_number_value(json_object_get(at, "cost")) +
                                                  json_number_value(json_object_get(row, "cost"))));
    }
    return counts;
}

static enum handling handle_one(struct request *request, struct reply *reply)
{
    struct err err;
    struct jobs *jobs;
    struct job job;
    int64_t id, from, limit;
    if (!text_int64(request_param(request, "id"), &id)) id = 0;
    if (!request_query_int(request, "from", 0, INT32_MAX, 0, &from, &err))
        return reply_error(request, reply, &err, "from");
    if (!request_query_int(request, "limit", 0, CUSTOMERS_MOST, CUSTOMERS_USUAL, &limit, &err))
        return reply_error(request, reply, &err, "limit");
    if (!jobs_of(request, &jobs, &err) || !jobs_get(jobs, PLAN, id, request->arena, &job, &err))
        return reply_error(request, reply, &err, "id");
    json_t *json = short_json(&job), *plan = job.answer ? json_copy(job.answer) : json_object();
    const json_t *chosen = json_object_get(job.answer, "chosen");
    json_object_set_new(plan, "chosen", part_of(chosen, from, limit));
    json_object_update(json, plan);
    json_object_set_new(json, "by_action", count_actions(chosen));
    json_decref(plan);
    job_release(&job);
    reply_json_take(request, reply, 200, json);
    return HANDLED;
}

/* ---- acting ---- */

static enum handling handle_commit(struct request *request, struct reply *reply)
{
    struct err err;
    struct jobs *jobs;
    struct job job;
    int64_t id;
    json_t *body;
    struct job_ask ask = job_ask_of(request, PLAN);
    if (!text_int64(request_param(request, "id"), &id)) id = 0;
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    bool is_yes = json_is_true(json_object_get(body, "approve"));
    json_decref(body);
    if (!jobs_of(request, &jobs, &err) || !jobs_get(jobs, PLAN, id, request->arena, &job, &err))
        return reply_error(request, reply, &err, "id");
    json_t *asked = job.asked ? json_deep_copy(job.asked) : json_object();
    job_release(&job);
    json_object_set_new(asked, "commit", json_true());
    json_object_set_new(asked, "approve", json_boolean(is_yes));
    words_of(asked, request->arena, &ask.words);
    job_words_add(&ask.words, "--commit");
    if (is_yes) job_words_add(&ask.words, "--approve");
    ask.asked = asked;
    enum handling handling = put(request, reply, &ask);
    json_decref(asked);
    return handling;
}

static const struct route_field make_body[] = {
    { "budget", "number, null", "what may be spent, in units of money; else the settings' or no limit", false },
    { "margin", "number, null", "the share of the price that is earned: 0.0001 to 1; else that of the costs, or 1", false },
    { "horizon_days", "integer, null", "how long effects are waited for; else the budget's span, or 28", false },
    { "explore", "number, null", "by lot: each action and nothing alike, to learn from; else 0.1", false },
    { "withhold", "number, null", "of those planned for, by lot, to measure the plan; else 0.1", false },
    { "group", "string, null", "a trait whose groups are to be chosen alike", false },
    { "max_disparity", "number, null", "by how much the shares chosen of groups may differ; needs group", false },
    { 0 },
};
static const struct route_field made_answer[] = {
    { "id", "integer", "its number, to ask GET /v1/plans/{id} about until its state is done or failed", true },
    { 0 },
};

#define PLAN_FIELDS(at) \
    { at "id", "integer", "its number", true }, \
    { at "state", "string", "waiting, running, done or failed", true }, \
    { at "who", "string", "who asked for it", true }, \
    { at "asked_ms", "integer", "when", true }, \
    { at "ended_ms", "integer, null", "when it was done, or failed; null: not yet", true }, \
    { at "asked", "object", "what was asked for, and as of which day", true }, \
    { at "asked.*", "number, string, boolean, null", "budget, margin and the others, as_of, commit", false }, \
    { at "problem", "string, null", "why it failed, in a sentence", true }, \
    { at "sentence", "string, null", "what it comes to; null: not yet", true }, \
    { at "budget", "number, null", "what may be spent; null: no limit", true }, \
    { at "spent", "number, null", "what it spends on those planned for", true }, \
    { at "profit", "object", "of the plan as a policy, on people who did not teach it", false }, \
    { at "profit.value", "number", "what it earns more than doing nothing", true }, \
    { at "profit.low", "number", "the lower end of its 95 % interval", true }, \
    { at "profit.high", "number", "its upper end", true }, \
    { at "pilot", "object", "where nothing was drawn by lot yet: the pilot to begin with; else null", false }, \
    { at "pilot.arms", "integer", "arms with nothing among them", true }, \
    { at "pilot.per_arm", "integer", "people in each", true }, \
    { at "pilot.weeks", "number", "how long it takes", true }, \
    { at "pilot.cost", "number, null", "what it costs", true }, \
    { at "pilot.detects", "number, null", "the difference a customer that it would find", true }, \
    { at "pilot.why", "string", "why there is no plan yet", true }, \
    { at "proposed", "boolean, null", "whether its interval lies above zero", true }, \
    { at "committed", "boolean, null", "whether it was written down", true }, \
    { at "approval", "object", "where somebody else has to say yes; else null", false }, \
    { at "approval.needs", "string", "which limit it is above", true }, \
    { at "approval.state", "string", "waiting or approved", true }, \
    { at "approval.asked_by", "string", "who wanted it committed", true }, \
    { at "approval.approved_by", "string, null", "who said yes", true }, \
    { at "approval.role", "string, null", "of which role that has to be", true }, \
    { at "queued", "integer, null", "messages and tasks that it put", true }, \
    { at "chosen_n", "integer", "customers who get something, or would but for the lot", true }

static const struct route_field list_answer[] = {
    { "plans", "array", "the newest first; older ones are forgotten, and all when the server ends", true },
    PLAN_FIELDS("plans[]."),
    { 0 },
};
static const struct route_field one_query[] = {
    { "from", "integer", "how many of the chosen are passed over", false },
    { "limit", "integer", "how many of the chosen are told: 0 to 100000; 100 if not said", false },
    { 0 },
};
static const struct route_field one_answer[] = {
    PLAN_FIELDS(""),
    { "bound", "number", "no plan earns more", false },
    { "gap", "number", "by which share it may be below the bound", false },
    { "shadow_prices", "object", "what one more unit of the budget, or of a capacity, would earn", false },
    { "shadow_prices.*", "number", "of \"budget\", or of the action of this name", false },
    { "chosen", "array", "who gets what", false },
    { "chosen[].customer", "string", "their id", true },
    { "chosen[].action", "string", "what they get", true },
    { "chosen[].group", "string", "plan, withheld (by lot, to measure), explore or pilot (by lot, to learn)",
      true },
    { "chosen[].propensity", "number", "the chance with which it was drawn", true },
    { "chosen[].cost", "number", "what it costs", true },
    { "chosen[].profit", "object", "value, low and high of what it earns; null: it was drawn by lot", true },
    { "chosen[].profit.value", "number", "what it earns", false },
    { "chosen[].profit.low", "number", "the lower end of its interval", false },
    { "chosen[].profit.high", "number", "its upper end", false },
    { "chosen[].why", "string", "in words", true },
    { "by_action", "array", "how many get which action in which group, and what that costs", true },
    { "by_action[].action", "string", "the action", true },
    { "by_action[].group", "string", "the group", true },
    { "by_action[].n", "integer", "customers", true },
    { "by_action[].cost", "number", "what they cost in all", true },
    { "left_alone", "object", "n, and reasons: how many by each", false },
    { "left_alone.n", "integer", "who get nothing", true },
    { "left_alone.reasons", "object", "how many of them for which reason", true },
    { "left_alone.reasons.*", "integer", "holdout, drawn_nothing, nothing_pays, budget, or a rule of contact",
      false },
    { "curve", "array", "what other budgets would earn", false },
    { "curve[].budget", "number", "in units of money", true },
    { "curve[].profit", "number", "what it earns", true },
    { "curve[].low", "number", "the lower end of its 95 % interval; older plans have none", false },
    { "curve[].high", "number", "its upper end", false },
    { "taught_by", "integer", "earlier decisions by lot that taught it", false },
    { "disparity", "object", "how alike groups are chosen, where a group was given; else null", false },
    { "disparity.difference", "number", "of the largest share chosen and the smallest", true },
    { "disparity.ratio", "number", "of the smallest to the largest", true },
    { "disparity.shares", "object", "the share chosen of each group", true },
    { "disparity.shares.*", "number", "of the group of this name", false },
    { "price_of_fairness", "number, null", "what that costs", false },
    { "warnings", "array", "in words", false },
    { "warnings[]", "string", "one of them", true },
    { 0 },
};
static const struct route_field commit_body[] = {
    { "approve", "boolean", "say yes to a plan that somebody else wanted committed", false },
    { 0 },
};

#define PLAN_EXAMPLE                                                                                              \
    "\"id\": 3, \"state\": \"done\", \"who\": \"http:ann\", \"asked_ms\": 1790000000000, \"ended_ms\": "          \
    "1790000004000, "                                                                                             \
    "\"asked\": {\"budget\": 200, \"as_of\": \"2026-09-21\"}, \"problem\": null, \"sentence\": \"Of 2400 "        \
    "customers 380 "                                                                                              \
    "get something.\", \"budget\": 200.0, \"spent\": 118.0, \"profit\": {\"value\": 310.0, \"low\": 120.0, "      \
    "\"high\": "                                                                                                  \
    "500.0}, \"pilot\": null, \"proposed\": true, \"committed\": false, \"approval\": null, \"queued\": 0, "      \
    "\"chosen_n\": 380"

const struct route routes_plan[] = {
    { .method = "GET",
      .path = "/v1/plans",
      .needs = ACCESS_VIEW,
      .handle = handle_list,
      .is_slow = true,
      .summary = "Plans that were made lately, to be compared",
      .answer = list_answer,
      .answer_example = "{\"plans\": [{" PLAN_EXAMPLE "}]}" },
    { .method = "POST",
      .path = "/v1/plans",
      .needs = ACCESS_SEGMENT,
      .handle = handle_make,
      .is_slow = true,
      .summary = "Make a plan: which action for whom, so that a budget earns most",
      .details =
          "The actions are those of the settings.  Nothing is written and nothing sent.  Answers at once; the "
          "plan is as of the beginning of this day.",
      .body = make_body,
      .answer = made_answer,
      .answer_status = 202,
      .body_example = "{\"budget\": 200, \"margin\": 0.4}",
      .answer_example = "{\"id\": 3}" },
    { .method = "GET",
      .path = "/v1/plans/{id}",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_one,
      .is_slow = true,
      .summary = "One plan: whom it chooses and why, who is left alone, what other budgets would earn",
      .query = one_query,
      .answer = one_answer,
      .answer_example =
          "{" PLAN_EXAMPLE ", \"bound\": 311.0, \"gap\": 0.003, \"shadow_prices\": {\"budget\": 0.4}, "
          "\"chosen\": [{\"customer\": \"C00014\", \"action\": \"email\", \"group\": \"plan\", "
          "\"propensity\": 0.9, \"cost\": 0.05, \"profit\": {\"value\": 4.1, \"low\": 1.2, \"high\": "
          "7.0}, \"why\": \"earns 4.1 for 0.05\"}], \"by_action\": [{\"action\": \"email\", \"group\": "
          "\"plan\", \"n\": 380, \"cost\": 19.0}], \"left_alone\": {\"n\": 2020, \"reasons\": "
          "{\"holdout\": 120}}, \"curve\": [{\"budget\": 19, \"profit\": 280, \"low\": 90, "
          "\"high\": 470}], \"taught_by\": 1600, "
          "\"disparity\": null, \"price_of_fairness\": null, \"warnings\": []}" },
    { .method = "POST",
      .path = "/v1/plans/{id}/commit",
      .needs = ACCESS_APPROVE,
      .handle = handle_commit,
      .is_slow = true,
      .summary = "Write a plan down and send it, or ask for the yes of somebody else where it is above the limits",
      .details =
          "A plan of its own with the same wishes, whose committed, queued and approval tell what came of it.",
      .body = commit_body,
      .answer = made_answer,
      .answer_status = 202,
      .body_example = "{\"approve\": false}",
      .answer_example = "{\"id\": 4}" },
    { 0 },
};
