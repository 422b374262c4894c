/* jobs.c - see jobs.h. */
#include "job/jobs.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "cli/terminal.h"
#include "engine/service.h"
#include "job/uploads.h"
#include "server/clocks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const job_state_word[] = { "waiting", "running", "done", "failed" };

struct kept {
    int64_t          id, about, asked_ms, ended_ms;
    const char      *kind, *role;
    char            *who, *line;        /* line: the words, each ended by a line feed */
    struct job_words words;             /* own copies */
    enum job_state   state;
    json_t          *asked, *answer;
    struct err       err;
    struct job_progress progress;
};

struct jobs {
    struct service *service;
    const struct command *(*find)(const char *name);
    pthread_t       thread;
    pthread_mutex_t mutex;              /* guards what follows */
    pthread_cond_t  changed;
    struct kept    *kept[JOBS_KEPT];    /* [n] the oldest first */
    size_t          n;
    int64_t         last_id;
    atomic_bool     is_ending;          /* what is at work looks at it, too */
    struct uploads *uploads;
};

void job_words_add(struct job_words *words, const char *word)
{
    if (words->n < JOB_WORDS_MOST) words->words[words->n++] = word;
}

void job_words_flag(struct job_words *words, const char *flag, const char *value)
{
    if (!value) return;
    job_words_add(words, flag);
    job_words_add(words, value);
}

struct uploads *jobs_uploads(struct jobs *jobs) { return jobs->uploads; }

/* ---- running ---- */

static enum err_code code_of(const char *word)
{
    for (enum err_code code = ERR_NONE + 1; word && code < ERR_CODES; code++)
        if (strcmp(err_word(code), word) == 0) return code;
    return ERR_CORRUPT;
}

static bool read_answer(int status, const char *out, json_t **ret_answer, struct err *err)
{
    json_t *json = json_loads(out, 0, NULL);
    const json_t *error = json_object_get(json, "error");
    if (status == 0 && json) { *ret_answer = json; return true; }
    const char *message = json_string_value(json_object_get(error, "message"));
    err_set(err, code_of(json_string_value(json_object_get(error, "code"))), "%s",
            message ? message : "the command gave no answer; the server's log may say more");
    json_decref(json);
    return false;
}

static bool do_words(struct jobs *jobs, const struct job_words *words, const char *who, const char *role,
                     const char *what, struct progress *progress, json_t **ret_answer, struct err *err)
{
    const struct service_options *options = &jobs->service->options;
    const struct command *command = words->n ? jobs->find(words->words[0]) : NULL;
    const char *argv[JOB_WORDS_MOST + 6];
    char *out_bytes = NULL, *error_bytes = NULL;
    size_t n_out, n_errors;
    int argc = 0;
    if (!command) return err_set(err, ERR_CORRUPT, "there is no such command");
    for (size_t i = 1; i < words->n; i++) argv[argc++] = words->words[i];
    argv[argc++] = "--json";
    argv[argc++] = "--db";
    argv[argc++] = options->path;
    if (options->settings_path) {
        argv[argc++] = "--settings";
        argv[argc++] = options->settings_path;
    }
    FILE *out = open_memstream(&out_bytes, &n_out), *errors = open_memstream(&error_bytes, &n_errors);
    if (!out || !errors) abort();       /* as an arena does */
    const struct surroundings surroundings = { .out = out, .errors = errors, .service = jobs->service,
                                               .who = who, .role = role, .what = what,
                                               .progress = progress };
    int status = command_do(command, argc, (char **)(uintptr_t)argv, &surroundings);
    service_act(jobs->service);
    (void)fclose(out), (void)fclose(errors);
    bool ok = read_answer(status, out_bytes, ret_answer, err);
    free(out_bytes), free(error_bytes);
    return ok;
}

bool jobs_do(struct jobs *jobs, const struct job_words *words, const char *who, const char *role,
             const char *what, json_t **ret_answer, struct err *err)
{
    parallel_stop_by(&jobs->is_ending);
    bool ok = do_words(jobs, words, who, role, what, NULL, ret_answer, err);
    parallel_stop_by(NULL);
    return ok;
}

static int64_t now_of(const struct jobs *jobs) { return clock_now_ms(&jobs->service->options.clock); }

/* What the one at work tells of itself is kept, often enough for a page. */
struct watching {
    struct progress progress;       /* first: it is one */
    struct jobs *jobs;
    struct kept *kept;
};

static void watch(struct progress *progress, const char *step, uint64_t done, uint64_t total, const char *unit)
{
    enum { TOLD_EVERY_MS = 100 };
    struct watching *watching = (struct watching *)progress;
    struct job_progress *kept = &watching->kept->progress;
    int64_t now_ms = (int64_t)(clock_seconds() * 1000);
    pthread_mutex_lock(&watching->jobs->mutex);
    bool is_new = strcmp(kept->step, step) != 0;
    if (is_new) {
        *kept = (struct job_progress){ .began_ms = now_ms };
        snprintf(kept->step, sizeof kept->step, "%s", step);
    }
    if (is_new || now_ms - kept->at_ms >= TOLD_EVERY_MS) {
        kept->done = done, kept->total = total, kept->at_ms = now_ms;
        snprintf(kept->unit, sizeof kept->unit, "%s", unit);
    }
    pthread_mutex_unlock(&watching->jobs->mutex);
}

static void kept_free(struct kept *kept)
{
    if (!kept) return;
    json_decref(kept->asked);
    json_decref(kept->answer);
    for (size_t i = 0; i < kept->words.n; i++) free((void *)(uintptr_t)kept->words.words[i]);
    free(kept->who), free(kept->line), free(kept);
}

/* Under the mutex. */
static struct kept *next_waiting(struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->n; i++)
        if (jobs->kept[i]->state == JOB_WAITING) return jobs->kept[i];
    return NULL;
}

static void *work(void *context)
{
    struct jobs *jobs = context;
    parallel_give_way();
    parallel_stop_by(&jobs->is_ending);
    pthread_mutex_lock(&jobs->mutex);
    for (;;) {
        struct kept *kept = NULL;
        while (!jobs->is_ending && !(kept = next_waiting(jobs))) pthread_cond_wait(&jobs->changed, &jobs->mutex);
        if (!kept || jobs->is_ending) break;
        kept->state = JOB_RUNNING;
        pthread_mutex_unlock(&jobs->mutex);
        json_t *answer = NULL;
        struct err err = { 0 };
        struct watching watching = { { watch }, jobs, kept };
        bool ok = do_words(jobs, &kept->words, kept->who, kept->role, NULL, &watching.progress, &answer, &err);
        if (ok && strcmp(kept->kind, "import") == 0) uploads_note_imported(jobs->uploads, kept->about);
        pthread_mutex_lock(&jobs->mutex);
        kept->state = ok ? JOB_DONE : JOB_FAILED, kept->answer = answer, kept->err = err;
        kept->ended_ms = now_of(jobs);
    }
    pthread_mutex_unlock(&jobs->mutex);
    return NULL;
}

struct jobs *jobs_new(struct service *service, const struct command *(*find)(const char *name))
{
    struct jobs *jobs = memory_new(1, sizeof *jobs);
    jobs->service = service, jobs->find = find;
    jobs->uploads = uploads_new(service->options.path);
    pthread_mutex_init(&jobs->mutex, NULL);
    pthread_cond_init(&jobs->changed, NULL);
    if (pthread_create(&jobs->thread, NULL, work, jobs) != 0) abort();      /* no thread, as no memory */
    return jobs;
}

void jobs_end(struct jobs *jobs)
{
    if (!jobs) return;
    pthread_mutex_lock(&jobs->mutex);
    jobs->is_ending = true;
    pthread_cond_broadcast(&jobs->changed);
    pthread_mutex_unlock(&jobs->mutex);
    pthread_join(jobs->thread, NULL);
}

void jobs_free(struct jobs *jobs)
{
    if (!jobs) return;
    for (size_t i = 0; i < jobs->n; i++) kept_free(jobs->kept[i]);
    uploads_free(jobs->uploads);
    pthread_cond_destroy(&jobs->changed);
    pthread_mutex_destroy(&jobs->mutex);
    free(jobs);
}

/* ---- asking ---- */

static char *line_of(const struct job_words *words)
{
    size_t length = 1;
    for (size_t i = 0; i < words->n; i++) length += strlen(words->words[i]) + 1;
    char *line = memory_new(length, 1), *at = line;
    for (size_t i = 0; i < words->n; i++) {
        size_t n = strlen(words->words[i]);
        memcpy(at, words->words[i], n);
        at[n] = '\n', at += n + 1;
    }
    return line;
}

/* Under the mutex: the oldest that is over makes room. */
static bool make_room(struct jobs *jobs, struct err *err)
{
    size_t n_waiting = 0, oldest = jobs->n;
    for (size_t i = jobs->n; i-- > 0;) {
        n_waiting += jobs->kept[i]->state == JOB_WAITING;
        if (jobs->kept[i]->state >= JOB_DONE) oldest = i;
    }
    if (jobs->is_ending) return err_set(err, ERR_BUSY, "the server is about to end");
    if (n_waiting >= JOBS_WAITING_MOST)
        return err_set(err, ERR_BUSY, "%zu others wait to be reckoned: ask again in a minute", n_waiting);
    if (jobs->n < JOBS_KEPT) return true;
    kept_free(jobs->kept[oldest]);
    memmove(&jobs->kept[oldest], &jobs->kept[oldest + 1], (jobs->n - oldest - 1) * sizeof *jobs->kept);
    jobs->n--;
    return true;
}

/* Under the mutex. */
static bool put(struct jobs *jobs, const struct job_ask *ask, struct kept **ret_kept, struct err *err)
{
    if (!make_room(jobs, err)) return false;
    struct kept *kept = memory_new(1, sizeof *kept);
    *kept = (struct kept){ .id = ++jobs->last_id, .kind = ask->kind, .role = ask->role, .who = memory_copy(ask->who),
                           .line = line_of(&ask->words), .about = ask->about,
                           .asked_ms = now_of(jobs) };
    kept->words.n = ask->words.n;
    for (size_t i = 0; i < ask->words.n; i++) kept->words.words[i] = memory_copy(ask->words.words[i]);
    kept->asked = ask->asked ? json_deep_copy(ask->asked) : NULL;
    jobs->kept[jobs->n++] = kept;
    pthread_cond_broadcast(&jobs->changed);
    *ret_kept = kept;
    return true;
}

bool jobs_put(struct jobs *jobs, const struct job_ask *ask, int64_t *ret_id, struct err *err)
{
    struct kept *kept;
    pthread_mutex_lock(&jobs->mutex);
    bool ok = put(jobs, ask, &kept, err);
    if (ok) *ret_id = kept->id;
    pthread_mutex_unlock(&jobs->mutex);
    return ok;
}

/* Under the mutex. */
static struct job told(const struct kept *kept, struct arena *arena)
{
    return (struct job){ .id = kept->id, .kind = kept->kind, .who = arena_copy(arena, kept->who),
                         .state = kept->state, .asked_ms = kept->asked_ms, .ended_ms = kept->ended_ms,
                         .asked = json_incref(kept->asked), .answer = json_incref(kept->answer),
                         .err = kept->err, .progress = kept->progress };
}

bool jobs_get(struct jobs *jobs, const char *kind, int64_t id, struct arena *arena, struct job *ret_job,
              struct err *err)
{
    bool is_found = false;
    pthread_mutex_lock(&jobs->mutex);
    for (size_t i = 0; i < jobs->n && !is_found; i++) {
        const struct kept *kept = jobs->kept[i];
        is_found = kept->id == id && strcmp(kept->kind, kind) == 0;
        if (is_found) *ret_job = told(kept, arena);
    }
    pthread_mutex_unlock(&jobs->mutex);
    return is_found || err_set(err, ERR_MISSING,
                               "there is no %s %lld any more: the newest are kept until the server ends", kind,
                               (long long)id);
}

void jobs_of_kind(struct jobs *jobs, const char *kind, struct arena *arena, struct job **ret_jobs, size_t *ret_n)
{
    *ret_jobs = ARENA_ARRAY(arena, struct job, JOBS_KEPT);
    *ret_n = 0;
    pthread_mutex_lock(&jobs->mutex);
    for (size_t i = jobs->n; i-- > 0;)
        if (strcmp(jobs->kept[i]->kind, kind) == 0) (*ret_jobs)[(*ret_n)++] = told(jobs->kept[i], arena);
    pthread_mutex_unlock(&jobs->mutex);
}

bool jobs_want(struct jobs *jobs, const struct job_ask *ask, int64_t fresh_ms, struct arena *arena,
               struct job *ret_job, struct err *err)
{
    char *line = line_of(&ask->words);
    struct kept *found = NULL;
    pthread_mutex_lock(&jobs->mutex);
    int64_t oldest_ms = now_of(jobs) - fresh_ms;
    for (size_t i = jobs->n; i-- > 0 && !found;)
        if (strcmp(jobs->kept[i]->line, line) == 0 && jobs->kept[i]->about == ask->about &&
            (jobs->kept[i]->state < JOB_DONE || jobs->kept[i]->ended_ms >= oldest_ms))
            found = jobs->kept[i];
    bool ok = found || put(jobs, ask, &found, err);
    if (ok) *ret_job = told(found, arena);
    pthread_mutex_unlock(&jobs->mutex);
    free(line);
    return ok;
}

void job_release(struct job *job)
{
    json_decref(job->asked);
    json_decref(job->answer);
}
