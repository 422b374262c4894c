/* routes_version.c - a question's models: all that were trained, what one is, how it has drifted, whom it treats
 * how, and putting another in force.  Each answers what the command of the same name says. */
#include "job/job_reply.h"

#include "engine/service.h"
#include "store/sql.h"

#include <string.h>

static const int64_t FRESH_MS = 10 * 60 * 1000;

/* A question or a trait as a word of a command; NULL: it looks like a flag, and there is none of that name. */
static const char *word_of(struct request *request, struct text typed)
{
    bool is_word = typed.length > 0 && typed.at[0] != '-' && !memchr(typed.at, '\0', typed.length);
    return is_word ? arena_format(request->arena, "%.*s", (int)typed.length, typed.at) : NULL;
}

static enum handling no_such(struct request *request, struct reply *reply, const char *field)
{
    struct err err;
    err_set(&err, ERR_MISSING, "%s: there is none of this name; GET /v1/models lists the questions", field);
    return reply_error(request, reply, &err, field);
}

static enum handling handle_versions(struct request *request, struct reply *reply)
{
    struct err err;
    size_t i;
    json_t *all, *row;
    struct job_words words = { { "model", "list" }, 2 };
    const char *question = word_of(request, request_param(request, "question"));
    if (!question) return no_such(request, reply, "question");
    if (!job_answer(request, &words, NULL, &all, &err)) return reply_error(request, reply, &err, NULL);
    json_t *versions = json_array();
    json_array_foreach(json_object_get(all, "models"), i, row)
        if (strcmp(json_string_value(json_object_get(row, "name")), question) == 0)
            json_array_append(versions, row);
    json_decref(all);
    reply_json_take(request, reply, 200, json_pack("{s:o}", "versions", versions));
    return HANDLED;
}

/* The id of the model that is in force for a question; 0: none is. */
static bool find_in_force(struct request *request, const char *question, int64_t *ret_id, struct err *err)
{
    struct store *store;
    struct sql_model_versions row;
    enum step step = STEP_FAIL;
    *ret_id = 0;
    if (!service_read(request->service, &store, err)) return false;
    if (sql_model_versions(store, value_text(question), &row, err)) {
        while ((step = sql_model_versions_step(&row, err)) == STEP_ROW)
            if (row.in_force) *ret_id = row.id;
        cursor_close(row.cursor);
    }
    service_read_done(request->service, store);
    return step == STEP_END;
}

/* What was reckoned of another model than the one in force now is not answered with. */
static enum handling wanted(struct request *request, struct reply *reply, struct job_ask *ask, const char *question)
{
    struct err err;
    if (!find_in_force(request, question, &ask->about, &err)) return reply_error(request, reply, &err, NULL);
    return reply_wanted(request, reply, ask, FRESH_MS);
}

static enum handling handle_card(struct request *request, struct reply *reply)
{
    struct err err;
    int64_t version;
    const char *question = word_of(request, request_param(request, "question"));
    struct job_ask ask = job_ask_of(request, "card");
    if (!question) return no_such(request, reply, "question");
    if (!request_query_int(request, "version", 1, INT32_MAX, 0, &version, &err))
        return reply_error(request, reply, &err, "version");
    ask.words = (struct job_words){ { "model", "card", question }, 3 };
    if (version) job_words_add(&ask.words, arena_format(request->arena, "%lld", (long long)version));
    return wanted(request, reply, &ask, question);
}

static enum handling handle_drift(struct request *request, struct reply *reply)
{
    const char *question = word_of(request, request_param(request, "question"));
    struct job_ask ask = job_ask_of(request, "drift");
    if (!question) return no_such(request, reply, "question");
    ask.words = (struct job_words){ { "drift", "--question", question }, 3 };
    return wanted(request, reply, &ask, question);
}

static enum handling handle_fairness(struct request *request, struct reply *reply)
{
    struct text typed = text_of("");
    const char *question = word_of(request, request_param(request, "question")), *group;
    struct job_ask ask = job_ask_of(request, "fairness");
    if (!question) return no_such(request, reply, "question");
    (void)request_query(request, "group", &typed);
    if (!(group = word_of(request, typed))) return no_such(request, reply, "group");
    ask.words = (struct job_words){ { "fairness", "--of", question, "--group", group }, 5 };
    return wanted(request, reply, &ask, question);
}

static enum handling handle_compare(struct request *request, struct reply *reply)
{
    struct err err;
    int64_t version;
    const char *question = word_of(request, request_param(request, "question"));
    struct job_ask ask = job_ask_of(request, "compare");
    if (!question) return no_such(request, reply, "question");
    if (!request_query_int(request, "version", 1, INT32_MAX, 0, &version, &err))
        return reply_error(request, reply, &err, "version");
    if (version == 0) {
        err_set(&err, ERR_INVALID, "version: expected the number of one that is not in force");
        return reply_error(request, reply, &err, "version");
    }
    ask.words = (struct job_words){ { "model", "compare", question,
                                      arena_format(request->arena, "%lld", (long long)version) }, 4 };
    return wanted(request, reply, &ask, question);
}

/* ---- a challenger ---- */

/* The newest training of a challenger for a question; false: none that is remembered. */
static bool find_challenge(struct request *request, struct jobs *jobs, const char *question, struct job *ret_job)
{
    struct job *list;
    size_t n;
    bool is_found = false;
    jobs_of_kind(jobs, "challenge", request->arena, &list, &n);
    for (size_t i = 0; i < n; i++) {
        const char *of = json_string_value(json_object_get(list[i].asked, "question"));
        if (!is_found && of && strcmp(of, question) == 0) is_found = true, *ret_job = list[i];
        else job_release(&list[i]);
    }
    return is_found;
}

static enum handling reply_challenge(struct request *request, struct reply *reply, int status, const char *question)
{
    struct err err;
    struct jobs *jobs;
    struct job job;
    if (!jobs_of(request, &jobs, &err)) return reply_error(request, reply, &err, NULL);
    json_t *json = json_null();
    if (find_challenge(request, jobs, question, &job)) {
        json = job_json(&job);
        job_release(&job);
    }
    reply_json_take(request, reply, status, json_pack("{s:o}", "training", json));
    return HANDLED;
}

static enum handling handle_challenge(struct request *request, struct reply *reply)
{
    const char *question = word_of(request, request_param(request, "question"));
    return question ? reply_challenge(request, reply, 200, question) : no_such(request, reply, "question");
}

static enum handling handle_challenge_begin(struct request *request, struct reply *reply)
{
    struct err err;
    struct jobs *jobs;
    struct job running;
    int64_t id;
    const char *question = word_of(request, request_param(request, "question"));
    if (!question) return no_such(request, reply, "question");
    if (!jobs_of(request, &jobs, &err) || !find_in_force(request, question, &id, &err))
        return reply_error(request, reply, &err, NULL);
    if (id == 0) return no_such(request, reply, "question");
    if (find_challenge(request, jobs, question, &running)) {
        bool is_over = running.state >= JOB_DONE;
        job_release(&running);
        if (!is_over) return reply_challenge(request, reply, 202, question);
    }
    struct job_ask ask = job_ask_of(request, "challenge");
    json_t *asked = json_pack("{s:s}", "question", question);
    ask.words = (struct job_words){ { "train", "--question", question, "--challenger", "--search-seconds=120" }, 5 };
    ask.asked = asked;
    bool ok = jobs_put(jobs, &ask, &id, &err);
    json_decref(asked);
    return ok ? reply_challenge(request, reply, 202, question) : reply_error(request, reply, &err, NULL);
}

/* ---- acting ---- */

/* What is done is written down with its reason. */
static enum handling act(struct request *request, struct reply *reply, const char *action, json_t *body)
{
    struct err err;
    const char *question = word_of(request, request_param(request, "question")), *reason;
    int64_t version = json_integer_value(json_object_get(body, "version"));
    struct job_words words = { { "model", action, question }, 3 };
    if (!question) return no_such(request, reply, "question");
    if (!job_reason(request, body, "why another model is to be in force", &reason, &err))
        return reply_error(request, reply, &err, "reason");
    if (version > 0) job_words_add(&words, arena_format(request->arena, "%lld", (long long)version));
    const char *what = arena_format(request->arena, "model %s %s%s: %s", action, question,
                                    version > 0 ? arena_format(request->arena, " %lld", (long long)version) : "",
                                    reason);
    return reply_done(request, reply, &words, NULL, what);
}

static enum handling act_with_body(struct request *request, struct reply *reply, const char *action)
{
    struct err err;
    json_t *body;
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    enum handling handling = act(request, reply, action, body);
    json_decref(body);
    return handling;
}

static enum handling handle_promote(struct request *request, struct reply *reply)
{
    return act_with_body(request, reply, "promote");
}

static enum handling handle_rollback(struct request *request, struct reply *reply)
{
    return act_with_body(request, reply, "rollback");
}

static const struct route_field versions_answer[] = {
    { "versions", "array", "the newest first", true },
    { "versions[].name", "string", "the question", true },
    { "versions[].version", "integer", "its number", true },
    { "versions[].in_force", "boolean", "whether scores are made by it", true },
    { "versions[].learner", "string", "what was chosen", true },
    { "versions[].auc", "number, null", "on customers it did not learn from", true },
    { "versions[].trained_until", "string, null", "the end of the data it learned from", true },
    { "versions[].made", "string, null", "the day it was trained", true },
    { "versions[].review", "string, null", "when somebody is to look at it again", true },
    { "versions[].overdue", "boolean", "that day is over, and it is in force", true },
    { "versions[].shadow", "boolean", "a challenger: kept beside the one in force, to be compared with it", true },
    { "versions[].gate", "string, null", "what a comparison said before it was put in force by itself", true },
    { 0 },
};
static const struct route_field card_query[] = {
    { "version", "integer", "which; the one in force if not said", false },
    { 0 },
};
static const struct route_field compare_query[] = {
    { "version", "integer", "which is compared with the one in force", true },
    { 0 },
};
static const struct route_field challenge_answer[] = {
    { "training", "object", "the newest; null: none, or it is long ago", false },
    { "training.id", "integer", "its number", false },
    { "training.state", "string", "waiting, running, done or failed", false },
    { "training.who", "string", "who wanted it", false },
    { "training.asked_ms", "integer", "when", false },
    { "training.ended_ms", "integer, null", "when it was over; null: not yet", false },
    { "training.asked", "object", "of which question", false },
    { "training.problem", "string, null", "why there is none, in a sentence", false },
    { 0 },
};
static const struct route_field fairness_query[] = {
    { "group", "string", "the trait whose groups are compared", true },
    { 0 },
};
static const struct route_field promote_body[] = {
    { "version", "integer", "which is to be in force", true },
    { "reason", "string", "why; it is written down", true },
    { 0 },
};
static const struct route_field rollback_body[] = {
    { "reason", "string", "why; it is written down", true },
    { 0 },
};
static const struct route_field moved_answer[] = {
    { "name", "string", "the question", true },
    { "version", "integer", "which is in force now", true },
    { "instead_of", "integer", "which was before", true },
    { "sentence", "string", "in words", true },
    { 0 },
};

#define WANTED_EXAMPLE "{\"state\": \"done\", \"at_ms\": 1790000000000, \"problem\": null, \"answer\": {}}"
#define CHALLENGE_EXAMPLE "{\"training\": null}"
#define MOVED_EXAMPLE \
    "{\"name\": \"churn\", \"version\": 2, \"instead_of\": 3, \"sentence\": \"churn: version 2 is in force.\"}"

const struct route routes_version[] = {
    { .method = "GET",
      .path = "/v1/models/{question}/versions",
      .needs = ACCESS_VIEW,
      .handle = handle_versions,
      .keeps = ROUTE_KEEPS_TILL_ACT, .is_slow = true,
      .summary = "Every model that was trained for a question",
      .answer = versions_answer,
      .answer_example = "{\"versions\": [{\"name\": \"churn\", \"version\": 2, \"in_force\": true, \"learner\": "
                        "\"logistic regression\", \"auc\": 0.81, \"trained_until\": \"2026-09-21\", \"made\": "
                        "\"2026-09-21\", \"review\": \"2027-03-20\", \"overdue\": false, \"shadow\": "
                        "false, \"gate\": null}]}" },
    { .method = "GET",
      .path = "/v1/models/{question}/compare",
      .needs = ACCESS_VIEW,
      .handle = handle_compare,
      .is_slow = true,
      .query = compare_query,
      .answer = wanted_answer,
      .answer_example = WANTED_EXAMPLE,
      .summary = "Which of two models is better: the one in force, or another, of people whom neither learned from",
      .details = "Reckoned at the first time it is asked for: ask again until state is done." },
    { .method = "GET",
      .path = "/v1/models/{question}/challenge",
      .needs = ACCESS_VIEW,
      .handle = handle_challenge,
      .is_slow = true,
      .answer = challenge_answer,
      .answer_example = CHALLENGE_EXAMPLE,
      .summary = "How far the training of a challenger is" },
    { .method = "POST",
      .path = "/v1/models/{question}/challenge",
      .needs = ACCESS_MODEL,
      .handle = handle_challenge_begin,
      .is_slow = true,
      .answer = challenge_answer,
      .answer_example = CHALLENGE_EXAMPLE,
      .answer_status = 202,
      .summary = "Train a challenger, which is kept beside the model in force until somebody puts it there" },
    { .method = "GET",
      .path = "/v1/models/{question}/card",
      .needs = ACCESS_VIEW,
      .handle = handle_card,
      .is_slow = true,
      .query = card_query,
      .answer = wanted_answer,
      .answer_example = WANTED_EXAMPLE,
      .summary =
          "What a model is: whom it asks, from what it learned, for which groups it is how good, its limits",
      .details = "Reckoned at the first time it is asked for: ask again until state is done." },
    { .method = "GET",
      .path = "/v1/models/{question}/drift",
      .needs = ACCESS_VIEW,
      .handle = handle_drift,
      .is_slow = true,
      .answer = wanted_answer,
      .answer_example = WANTED_EXAMPLE,
      .summary = "How far what a model sees, says and is asked about has moved since it learned",
      .details = "Reckoned at the first time it is asked for: ask again until state is done." },
    { .method = "GET",
      .path = "/v1/models/{question}/fairness",
      .needs = ACCESS_VIEW,
      .handle = handle_fairness,
      .is_slow = true,
      .query = fairness_query,
      .answer = wanted_answer,
      .answer_example = WANTED_EXAMPLE,
      .summary = "Whether a model's scores treat the groups of a trait alike",
      .details = "Reckoned at the first time it is asked for: ask again until state is done." },
    { .method = "POST",
      .path = "/v1/models/{question}/promote",
      .needs = ACCESS_MODEL,
      .handle = handle_promote,
      .is_slow = true,
      .body = promote_body,
      .answer = moved_answer,
      .answer_example = MOVED_EXAMPLE,
      .summary = "Put another of a question's models in force",
      .body_example = "{\"version\": 2, \"reason\": \"the newest misjudges new customers\"}" },
    { .method = "POST",
      .path = "/v1/models/{question}/rollback",
      .needs = ACCESS_MODEL,
      .handle = handle_rollback,
      .is_slow = true,
      .body = rollback_body,
      .answer = moved_answer,
      .answer_example = MOVED_EXAMPLE,
      .summary = "Put in force what was in force before",
      .body_example = "{\"reason\": \"the newest misjudges new customers\"}" },
    { 0 },
};
