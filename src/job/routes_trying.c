/* routes_trying.c - experiments designed, begun and stopped; what the command of the same name does. */
#include "job/job_reply.h"

#include "server/changing.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEFINITION_MOST_BYTES = 64 * 1024 };

/* ---- how many people it takes ---- */

static enum handling handle_power(struct request *request, struct reply *reply)
{
    static const char *const names[] = { "baseline", "effect", "sd", "power", "alpha", "arms", "daily" };
    struct job_words words = { { "experiment", "power" }, 2 };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text typed;
        if (!request_query(request, names[i], &typed) || typed.length == 0) continue;
        job_words_add(&words, arena_format(request->arena, "--%s=%.*s", names[i], (int)typed.length, typed.at));
    }
    return reply_done(request, reply, &words, NULL, NULL);
}

/* ---- begun and stopped ---- */

/* Errors speak of the file, which nobody sees. */
static void hide_path(struct err *err, const char *path)
{
    char told[sizeof err->text];
    const char *at = strstr(err->text, path);
    if (!at) return;
    snprintf(told, sizeof told, "%.*sthe definition%s", (int)(at - err->text), err->text, at + strlen(path));
    err_set(err, err->code, "%s", told);
}

static enum handling start(struct request *request, struct reply *reply, const char *definition)
{
    struct err err;
    json_t *answer;
    size_t length = strlen(definition);
    int file = memfd_create("definition", MFD_CLOEXEC);
    if (file < 0 || write(file, definition, length) != (ssize_t)length) {
        if (file >= 0) (void)close(file);
        err_set(&err, ERR_IO, "there is no memory for the definition");
        return reply_error(request, reply, &err, NULL);
    }
    const char *path = arena_format(request->arena, "/proc/self/fd/%d", file);
    struct job_words words = { { "experiment", "start", path }, 3 };
    bool ok = job_answer(request, &words, NULL, &answer, &err);
    (void)close(file);
    if (!ok) {
        hide_path(&err, path);
        return reply_error(request, reply, &err, "definition");
    }
    reply_json_take(request, reply, 200, answer);
    return HANDLED;
}

static enum handling handle_start(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body;
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    const char *given = json_string_value(json_object_get(body, "definition"));
    const char *definition = given ? arena_copy(request->arena, given) : NULL;
    json_decref(body);
    if (!definition || !*definition || strlen(definition) > DEFINITION_MOST_BYTES) {
        err_set(&err, ERR_INVALID, "definition: expected YAML of 1 to %d bytes that begins with experiments:",
                DEFINITION_MOST_BYTES);
        return reply_error(request, reply, &err, "definition");
    }
    return start(request, reply, definition);
}

static enum handling reply_no_experiment(struct request *request, struct reply *reply)
{
    struct err err;
    err_set(&err, ERR_MISSING, "there is no experiment of this name");
    return reply_error(request, reply, &err, "name");
}

static enum handling handle_stop(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body;
    const char *reason;
    struct text name = request_param(request, "name");
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    bool is_said = job_reason(request, body, "why it is stopped", &reason, &err);
    json_decref(body);
    if (!is_said) return reply_error(request, reply, &err, "reason");
    const char *word = arena_format(request->arena, "%.*s", (int)name.length, name.at);
    struct job_words words = { { "experiment", "stop", word }, 3 };
    if (name.length == 0 || name.at[0] == '-') return reply_no_experiment(request, reply);
    const char *what = arena_format(request->arena, "experiment stop %s: %s", word, reason);
    return reply_done(request, reply, &words, "name", what);
}

static enum handling handle_ramp(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body;
    const char *reason;
    struct text name = request_param(request, "name");
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    const char *share = job_number(body, "share", request->arena);
    bool is_said = job_reason(request, body, "why more people are let in", &reason, &err);
    json_decref(body);
    if (!is_said) return reply_error(request, reply, &err, "reason");
    if (!share || *share == '-') {
        err_set(&err, ERR_INVALID,
                "share: expected a number above 0 and up to 1, the part of those who may take part");
        return reply_error(request, reply, &err, "share");
    }
    const char *word = arena_format(request->arena, "%.*s", (int)name.length, name.at);
    struct job_words words = { { "experiment", "ramp", word, share }, 4 };
    if (name.length == 0 || name.at[0] == '-') return reply_no_experiment(request, reply);
    return reply_done(request, reply, &words, "share",
                      arena_format(request->arena, "experiment ramp %s %s: %s", word, share, reason));
}

static const struct route_field power_query[] = {
    { "baseline", "number", "the usual mean, or share of people", true },
    { "effect", "number", "the difference it should find, in the same units", true },
    { "sd", "number", "the standard deviation among people, for a mean; a share needs none", false },
    { "power", "number", "the chance to find it; 0.8 if not said", false },
    { "alpha", "number", "the chance of a false alarm; 0.05 if not said", false },
    { "arms", "integer", "arms with the control; 2 if not said", false },
    { "daily", "number", "people a day, for how long it takes", false },
    { 0 },
};
static const struct route_field power_answer[] = {
    { "per_arm", "integer", "people in each arm", true },
    { "total", "integer", "people in all", true },
    { "days", "integer, null", "how long it takes; null: nobody said how many come a day", true },
    { "power", "number", "the chance to find it with so many", true },
    { "mde", "number, null", "the difference that so many would find", true },
    { "bounds", "array", "for looks that were planned", true },
    { "bounds[]", "number", "stop when |z| is above it", true },
    { 0 },
};
static const struct route_field start_body[] = {
    { "definition", "string", "experiments in YAML, as holdfast experiment start takes them", true },
    { 0 },
};
static const struct route_field start_answer[] = {
    { "started", "array", "what is in force now", true },
    { "started[]", "string", "its name", true },
    { 0 },
};
static const struct route_field ramp_body[] = {
    { "share", "number", "above what it is now, and up to 1: the part of those who may take part", true },
    { "reason", "string", "why; it is written down", true },
    { 0 },
};
static const struct route_field ramp_answer[] = {
    { "ramped", "string", "its name", true },
    { "share", "number", "which share takes part from now on", true },
    { "before", "number", "which share did", true },
    { 0 },
};
static const struct route_field stop_body[] = {
    { "reason", "string", "why; it is written down", true },
    { 0 },
};
static const struct route_field stop_answer[] = {
    { "stopped", "string", "its name", true },
    { 0 },
};

const struct route routes_trying[] = {
    { .method = "GET",
      .path = "/v1/power",
      .needs = ACCESS_VIEW,
      .handle = handle_power,
      .is_slow = true,
      .summary = "How many people an experiment takes to find a difference",
      .query = power_query,
      .answer = power_answer,
      .answer_example = "{\"per_arm\": 24638, \"total\": 49276, \"days\": 99, \"power\": 0.8, \"mde\": 0.01, "
                        "\"bounds\": [2.1]}" },
    { .method = "POST",
      .path = "/v1/experiments",
      .needs = ACCESS_JOURNEY,
      .handle = handle_start,
      .is_slow = true,
      .summary = "Put experiments in force",
      .body = start_body,
      .answer = start_answer,
      .details = "A name is used once: arms that are dealt stay as they are.  A ramp of the definition goes on by "
                 "itself; POST /v1/experiments/{name}/ramp lets more people in.",
      .body_example = "{\"definition\": \"experiments:\\n  - {name: trial, control: control, arms: {control: .5, "
                      "mail: .5}, start: 2026-01-01, exposure: call, primary: kept, metrics: [{name: kept, event: "
                      "order, kind: any, window: 7d}]}\\n\"}",
      .answer_example = "{\"started\": [\"trial\"]}" },
    { .method = "POST",
      .path = "/v1/experiments/{name}/ramp",
      .needs = ACCESS_JOURNEY,
      .handle = handle_ramp,
      .is_slow = true,
      .summary = "Let more people into an experiment that runs",
      .details = "Arms are dealt by a hash, so nobody who is in it changes arms, and who was exposed stays.  It "
                 "only rises.",
      .body = ramp_body,
      .answer = ramp_answer,
      .body_example = "{\"share\": 0.5, \"reason\": \"a week without harm\"}",
      .answer_example = "{\"ramped\": \"trial\", \"share\": 0.5, \"before\": 0.1}" },
    { .method = "POST",
      .path = "/v1/experiments/{name}/stop",
      .needs = ACCESS_JOURNEY,
      .handle = handle_stop,
      .is_slow = true,
      .summary = "Nobody else is exposed; those who were are still followed",
      .body = stop_body,
      .answer = stop_answer,
      .body_example = "{\"reason\": \"the verdict is clear\"}",
      .answer_example = "{\"stopped\": \"trial\"}" },
    { 0 },
};
