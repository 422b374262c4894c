/* jobs.h - commands that a running server runs for people at the dashboard, and what they answered.
 *
 * What takes longer than a request (a plan, how a model has drifted) waits in a queue and runs one at a time; its
 * answer is kept in memory until JOBS_KEPT newer ones are there, or the server ends.  It is the command of the
 * same name with --json, so that page and terminal say the same; what it writes goes through the writer. */
#ifndef JOB_JOBS_H
#define JOB_JOBS_H

#include "base/arena.h"
#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command;
struct jobs;
struct service;
struct uploads;

enum { JOBS_KEPT = 40, JOBS_WAITING_MOST = 8, JOB_WORDS_MOST = 40 };

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED };
extern const char *const job_state_word[];      /* "waiting", "running", "done", "failed" */

/* The words of a command after "holdfast", without --db, --settings and --json. */
struct job_words { const char *words[JOB_WORDS_MOST]; size_t n; };

struct job_ask {
    const char      *kind;              /* constant: "plan", "drift" */
    struct job_words words;
    const char      *who, *role;        /* "http:ann"; role: constant, "lead" */
    const json_t    *asked;             /* what was asked for, to be shown again; NULL: nothing */
    int64_t          about;             /* the id of what it is about where the words do not say it; 0: they do */
};

/* How far the one at work is, in words of base/progress.h; step "": it has not said. */
struct job_progress {
    char     step[64], unit[16];
    uint64_t done, total;           /* total 0: unknown */
    int64_t  began_ms, at_ms;       /* the step; when it was told */
};

/* One job as it stands. */
struct job {
    int64_t        id;
    const char    *kind, *who;          /* who: in the arena that was given */
    enum job_state state;
    int64_t        asked_ms, ended_ms;  /* 0: not yet */
    json_t        *asked, *answer;      /* new references, never changed; NULL: none */
    struct err     err;                 /* of JOB_FAILED */
    struct job_progress progress;       /* of JOB_RUNNING */
};

/* find tells a command by its name. */
struct jobs *jobs_new(struct service *service, const struct command *(*find)(const char *name));
void jobs_end(struct jobs *jobs);       /* waits for the one at work and begins no other; NULL is fine */
void jobs_free(struct jobs *jobs);      /* after jobs_end, once nobody asks any more; NULL is fine */

/* Files that people send for jobs to read (job/uploads.h). */
struct uploads *jobs_uploads(struct jobs *jobs);

void job_words_add(struct job_words *words, const char *word);
/* value NULL: nothing is added. */
void job_words_flag(struct job_words *words, const char *flag, const char *value);

/* Errors: ERR_BUSY too many wait. */
bool jobs_put(struct jobs *jobs, const struct job_ask *ask, int64_t *ret_id, struct err *err) MUST_CHECK;

/* Errors: ERR_MISSING there is none of this kind and number (any more). */
bool jobs_get(struct jobs *jobs, const char *kind, int64_t id, struct arena *arena, struct job *ret_job,
              struct err *err) MUST_CHECK;
/* All of a kind, the newest first. */
void jobs_of_kind(struct jobs *jobs, const char *kind, struct arena *arena, struct job **ret_jobs, size_t *ret_n);

/* The newest job of the same words about the same that is not older than fresh_ms; none: it is put, and waits.
 * Errors: those of jobs_put. */
bool jobs_want(struct jobs *jobs, const struct job_ask *ask, int64_t fresh_ms, struct arena *arena,
               struct job *ret_job, struct err *err) MUST_CHECK;

void job_release(struct job *job);      /* its references */

/* The same at once, in the calling thread.  what: how the ledger calls it; NULL: as the command does.  Errors: those of the command. */
bool jobs_do(struct jobs *jobs, const struct job_words *words, const char *who, const char *role,
             const char *what, json_t **ret_answer, struct err *err) MUST_CHECK;

#endif
