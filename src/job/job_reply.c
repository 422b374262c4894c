/* job_reply.c - see job_reply.h. */
#include "job/job_reply.h"

#include "server/changing.h"
#include "server/server.h"

#include <string.h>

enum { REASON_MOST_BYTES = 300 };

bool jobs_of(const struct request *request, struct jobs **ret_jobs, struct err *err)
{
    *ret_jobs = request->server->jobs;
    return *ret_jobs || err_set(err, ERR_BUSY, "the server has just started: ask again in a second");
}

struct job_ask job_ask_of(const struct request *request, const char *kind)
{
    return (struct job_ask){ .kind = kind, .who = change_who(request), .role = change_role(request) };
}

bool job_answer(const struct request *request, const struct job_words *words, const char *what,
                json_t **ret_answer, struct err *err)
{
    struct jobs *jobs;
    return jobs_of(request, &jobs, err) &&
           jobs_do(jobs, words, change_who(request), change_role(request), what, ret_answer, err);
}

bool job_reason(const struct request *request, const json_t *body, const char *why, const char **ret_reason,
                struct err *err)
{
    const char *reason = json_string_value(json_object_get(body, "reason"));
    if (!reason || !*reason || strlen(reason) > REASON_MOST_BYTES)
        return err_set(err, ERR_INVALID, "reason: expected a text of 1 to %d bytes: %s", REASON_MOST_BYTES, why);
    *ret_reason = arena_copy(request->arena, reason);
    return true;
}

static json_t *instant(int64_t at_ms) { return at_ms ? json_integer((json_int_t)at_ms) : json_null(); }

json_t *job_json(const struct job *job)
{
    return json_pack("{s:I, s:s, s:s, s:I, s:o, s:O?, s:s?}", "id", (json_int_t)job->id, "state",
                     job_state_word[job->state], "who", job->who, "asked_ms", (json_int_t)job->asked_ms,
                     "ended_ms", instant(job->ended_ms), "asked", job->asked, "problem",
                     job->state == JOB_FAILED ? job->err.text : NULL);
}

const char *job_number(const json_t *body, const char *name, struct arena *arena)
{
    const json_t *value = json_object_get(body, name);
    return json_is_number(value) ? arena_format(arena, "%.12g", json_number_value(value)) : NULL;
}

enum handling reply_wanted(struct request *request, struct reply *reply, const struct job_ask *ask,
                           int64_t fresh_ms)
{
    struct err err;
    struct jobs *jobs;
    struct job job;
    if (!jobs_of(request, &jobs, &err) || !jobs_want(jobs, ask, fresh_ms, request->arena, &job, &err))
        return reply_error(request, reply, &err, NULL);
    json_t *json = json_pack("{s:s, s:o, s:s?, s:O?}", "state", job_state_word[job.state], "at_ms",
                             instant(job.ended_ms), "problem", job.state == JOB_FAILED ? job.err.text : NULL,
                             "answer", job.answer);
    job_release(&job);
    reply_json_take(request, reply, 200, json);
    return HANDLED;
}

const struct route_field wanted_answer[] = {
    { "state", "string", "waiting, running, done or failed: ask again until it is one of the last two", true },
    { "at_ms", "integer, null", "when it was reckoned; null: not yet", true },
    { "problem", "string, null", "why there is none, in a sentence", true },
    { "answer", "object", "what the command of the same name says with --json; null: not yet", false },
    { 0 },
};

enum handling reply_done(struct request *request, struct reply *reply, const struct job_words *words,
                         const char *field, const char *what)
{
    struct err err;
    json_t *answer;
    if (!job_answer(request, words, what, &answer, &err)) return reply_error(request, reply, &err, field);
    reply_json_take(request, reply, 200, answer);
    return HANDLED;
}
