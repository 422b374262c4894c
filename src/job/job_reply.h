/* job_reply.h - what routes over jobs share: the jobs of the server that was asked, and how a job is told. */
#ifndef JOB_JOB_REPLY_H
#define JOB_JOB_REPLY_H

#include "job/jobs.h"
#include "server/route.h"

/* Errors: ERR_BUSY the server has just started. */
bool jobs_of(const struct request *request, struct jobs **ret_jobs, struct err *err) MUST_CHECK;

/* A job of whoever asks, to which words are added.  kind: constant. */
struct job_ask job_ask_of(const struct request *request, const char *kind);

/* Runs a command at once for whoever asks.  what: how the ledger calls it; NULL: as the command does.  Errors: those of jobs_of and of the command. */
bool job_answer(const struct request *request, const struct job_words *words, const char *what,
                json_t **ret_answer, struct err *err) MUST_CHECK;

/* The body's "reason", in the request's arena.  why: what it is to explain, for the sentence.
 * Errors: ERR_INVALID there is none, or it is too long. */
bool job_reason(const struct request *request, const json_t *body, const char *why, const char **ret_reason,
                struct err *err) MUST_CHECK;

/* {id, state, who, asked_ms, ended_ms, asked, problem}, without the answer. */
json_t *job_json(const struct job *job);

/* A number of the body as the words of a command have it; NULL: not given. */
const char *job_number(const json_t *body, const char *name, struct arena *arena);

/* Answers with a job that is wanted at most fresh_ms old: {state, at_ms, problem, answer}, the answer as the
 * command gave it.  Always 200: whoever asks again gets it once it is there. */
enum handling reply_wanted(struct request *request, struct reply *reply, const struct job_ask *ask,
                           int64_t fresh_ms);
extern const struct route_field wanted_answer[];

/* Runs a command at once and answers with what it says; what: as job_answer. */
enum handling reply_done(struct request *request, struct reply *reply, const struct job_words *words,
                         const char *field, const char *what);

#endif
