/* routes_upload.c - a customer file sent in pieces, looked at, and imported; what holdfast import does. */
#include "job/job_reply.h"
#include "job/uploads.h"

#include "server/changing.h"
#include "server/clocks.h"

#include <string.h>

static enum handling reply_upload(struct request *request, struct reply *reply, int status, int64_t id);

/* ---- how it is told ---- */

/* How far a job is, with its rate and what is left of its step. */
static json_t *progress_json(const struct job *job)
{
    const struct job_progress *p = &job->progress;
    if (job->state != JOB_RUNNING || !*p->step) return json_null();
    double seconds = (double)(p->at_ms - p->began_ms) / 1000;
    bool has_rate = seconds >= .5 && p->done > 0, is_bounded = has_rate && p->total >= p->done;
    double per_second = has_rate ? (double)p->done / seconds : 0;
    return json_pack("{s:s, s:I, s:o, s:s, s:o, s:o}", "step", p->step, "done", (json_int_t)p->done, "total",
                     p->total ? json_integer((json_int_t)p->total) : json_null(), "unit", p->unit, "per_second",
                     has_rate ? json_real(per_second) : json_null(), "left_ms",
                     is_bounded ? json_integer((json_int_t)(1000 * (double)(p->total - p->done) / per_second))
                                : json_null());
}

/* A job's sentence names the file by where it lies, which is nobody's business. */
static const char *named(const char *text, const struct upload *upload, struct arena *arena)
{
    const char *at = strstr(text, upload->path);
    return at ? arena_format(arena, "%.*s%s%s", (int)(at - text), text, upload->name, at + strlen(upload->path))
              : text;
}

/* null: none was asked for, or it is long ago. */
static json_t *told_json(struct jobs *jobs, const char *kind, int64_t id, const struct upload *upload,
                         struct arena *arena)
{
    struct err err;
    struct job job;
    if (id == 0 || !jobs_get(jobs, kind, id, arena, &job, &err)) return json_null();
    const char *problem = job.state == JOB_FAILED ? named(job.err.text, upload, arena) : NULL;
    json_t *json = json_pack("{s:s, s:s?, s:O?, s:O?, s:o}", "state", job_state_word[job.state], "problem", problem,
                             "asked", job.asked, "answer", job.answer, "progress", progress_json(&job));
    job_release(&job);
    return json;
}

static json_t *upload_json(struct jobs *jobs, const struct upload *upload, struct arena *arena)
{
    return json_pack("{s:I, s:s, s:s, s:I, s:I, s:b, s:o, s:o}", "id", (json_int_t)upload->id, "name", upload->name,
                     "who", upload->who, "bytes", (json_int_t)upload->bytes, "received",
                     (json_int_t)upload->received, "is_imported", upload->is_imported, "look",
                     told_json(jobs, "look", upload->look_job, upload, arena), "import",
                     told_json(jobs, "import", upload->import_job, upload, arena));
}

/* ---- the file ---- */

/* The upload that the path names.  Errors: ERR_MISSING; those of jobs_of. */
static bool find(struct request *request, struct jobs **ret_jobs, struct upload *ret_upload, struct err *err)
{
    int64_t id;
    if (!jobs_of(request, ret_jobs, err)) return false;
    if (!text_int64(request_param(request, "id"), &id)) return err_set(err, ERR_MISSING, "there is no such file");
    return uploads_get(jobs_uploads(*ret_jobs), id, request->arena, ret_upload, err);
}

static enum handling reply_upload(struct request *request, struct reply *reply, int status, int64_t id)
{
    struct err err;
    struct jobs *jobs;
    struct upload upload;
    if (!jobs_of(request, &jobs, &err) ||
        !uploads_get(jobs_uploads(jobs), id, request->arena, &upload, &err))
        return reply_error(request, reply, &err, "id");
    reply_json_take(request, reply, status, upload_json(jobs, &upload, request->arena));
    return HANDLED;
}

static enum handling handle_list(struct request *request, struct reply *reply)
{
    struct err err;
    struct jobs *jobs;
    struct upload *uploads;
    size_t n;
    if (!jobs_of(request, &jobs, &err)) return reply_error(request, reply, &err, NULL);
    uploads_all(jobs_uploads(jobs), request->arena, &uploads, &n);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *json = upload_json(jobs, &uploads[i], request->arena);
        (void)json_object_del(json_object_get(json, "look"), "answer");
        json_array_append_new(list, json);
    }
    reply_json_take(request, reply, 200, json_pack("{s:o, s:i}", "uploads", list, "piece_most_bytes",
                                                   UPLOAD_PIECE_MOST_BYTES));
    return HANDLED;
}

static enum handling handle_begin(struct request *request, struct reply *reply)
{
    struct err err;
    struct jobs *jobs;
    json_t *body;
    int64_t id;
    if (!jobs_of(request, &jobs, &err) || !request_json(request, &body, &err))
        return reply_error(request, reply, &err, NULL);
    const char *given = json_string_value(json_object_get(body, "name"));
    const char *name = arena_copy(request->arena, given ? given : "");
    const json_t *told = json_object_get(body, "bytes");
    json_int_t bytes = json_is_integer(told) ? json_integer_value(told) : -1;
    json_decref(body);
    if (bytes < 0) {
        err_set(&err, ERR_INVALID, "bytes: expected how many the file has, a whole number");
        return reply_error(request, reply, &err, "bytes");
    }
    if (!uploads_begin(jobs_uploads(jobs), name, (uint64_t)bytes, change_who(request), &id, &err))
        return reply_error(request, reply, &err, NULL);
    return reply_upload(request, reply, 201, id);
}

static enum handling handle_get(struct request *request, struct reply *reply)
{
    struct err err;
    struct jobs *jobs;
    struct upload upload;
    if (!find(request, &jobs, &upload, &err)) return reply_error(request, reply, &err, "id");
    return reply_upload(request, reply, 200, upload.id);
}

static enum handling handle_piece(struct request *request, struct reply *reply)
{
    struct err err;
    struct jobs *jobs;
    struct upload upload;
    int64_t at;
    uint64_t received;
    if (!find(request, &jobs, &upload, &err)) return reply_error(request, reply, &err, "id");
    if (!request_query_int(request, "at", 0, INT64_MAX, 0, &at, &err) ||
        !uploads_put(jobs_uploads(jobs), upload.id, (uint64_t)at, request->body, &received, &err))
        return reply_error(request, reply, &err, "at");
    reply_json_take(request, reply, 200, json_pack("{s:I}", "received", (json_int_t)received));
    return HANDLED;
}

/* Whether a job of it is not over yet. */
static bool is_in_use(struct jobs *jobs, const char *kind, int64_t id, struct arena *arena)
{
    struct err ignored;
    struct job job;
    if (id == 0 || !jobs_get(jobs, kind, id, arena, &job, &ignored)) return false;
    bool is = job.state < JOB_DONE;
    job_release(&job);
    return is;
}

static bool check_idle(struct jobs *jobs, const struct upload *upload, struct arena *arena, struct err *err)
{
    bool is_busy = is_in_use(jobs, "look", upload->look_job, arena) ||
                   is_in_use(jobs, "import", upload->import_job, arena);
    return !is_busy || err_set(err, ERR_REFUSED, "%s is being read: wait until that is over", upload->name);
}

static enum handling handle_remove(struct request *request, struct reply *reply)
{
    struct err err;
    struct jobs *jobs;
    struct upload upload;
    if (!find(request, &jobs, &upload, &err) || !check_idle(jobs, &upload, request->arena, &err) ||
        !uploads_remove(jobs_uploads(jobs), upload.id, &err))
        return reply_error(request, reply, &err, "id");
    reply_json_take(request, reply, 200, json_pack("{s:s}", "removed", upload.name));
    return HANDLED;
}

/* ---- looked at, and imported ---- */

/* What holdfast import may be told of a file; switches are true or false. */
static const char *const flags[] = { "separator", "encoding", "header-line", "sheet", "columns", "shape",
                                     "date-format", "decimal", "customer", "time", "clock", "received", "event",
                                     "order", "line", "item", "quantity", "price", "amount", "total", "refunded",
                                     "status", "sales", "cancelled", "currency", "target", "traits", "static",
                                     "ignore" };
static const char *const switches[] = { "no-header", "force" };

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0) return true;
    return false;
}

static bool add_flags(struct job_words *words, const json_t *given, struct arena *arena, struct err *err)
{
    const char *name;
    json_t *value;
    if (given && !json_is_object(given))
        return err_set(err, ERR_INVALID, "flags: expected an object of flags of holdfast import");
    json_object_foreach((json_t *)(uintptr_t)given, name, value) {
        const char *text = json_string_value(value);
        if (is_one_of(name, switches, sizeof switches / sizeof *switches) && json_is_boolean(value)) {
            if (json_is_true(value)) job_words_add(words, arena_format(arena, "--%s", name));
        } else if (text && is_one_of(name, flags, sizeof flags / sizeof *flags)) {
            if (*text) job_words_add(words, arena_format(arena, "--%s=%s", name, text));
        } else {
            return err_set(err, ERR_INVALID,
                           "flags.%.60s: expected a flag of holdfast import that says how a file is read, with "
                           "its text",
                           name);
        }
    }
    return true;
}

/* kind: constant, "look" or "import". */
static bool ask_for(struct request *request, const char *kind, struct jobs *jobs, const struct upload *upload,
                    const json_t *given, struct err *err)
{
    int64_t job;
    bool is_look = strcmp(kind, "look") == 0;
    struct job_ask ask = job_ask_of(request, kind);
    ask.about = upload->id, ask.asked = given;
    ask.words = (struct job_words){ { "import", upload->path,
                                      arena_format(request->arena, "--name=%s", upload->name) }, 3 };
    if (is_look) job_words_add(&ask.words, "--look");
    if (!add_flags(&ask.words, given, request->arena, err) || !jobs_put(jobs, &ask, &job, err)) return false;
    uploads_note_jobs(jobs_uploads(jobs), upload->id, is_look ? job : 0, is_look ? 0 : job);
    return true;
}

static enum handling read_file(struct request *request, struct reply *reply, const char *kind)
{
    struct err err;
    struct jobs *jobs;
    struct upload upload;
    json_t *body;
    if (!find(request, &jobs, &upload, &err)) return reply_error(request, reply, &err, "id");
    bool is_whole = upload.received == upload.bytes && !upload.is_imported;
    if (!is_whole)
        err_set(&err, ERR_REFUSED, "%s %s", upload.name,
                upload.is_imported ? "was imported already" : "has not come as a whole yet");
    if (!is_whole || !check_idle(jobs, &upload, request->arena, &err) || !request_json(request, &body, &err))
        return reply_error(request, reply, &err, NULL);
    bool ok = ask_for(request, kind, jobs, &upload, json_object_get(body, "flags"), &err);
    json_decref(body);
    if (!ok) return reply_error(request, reply, &err, "flags");
    return reply_upload(request, reply, 202, upload.id);
}

static enum handling handle_look(struct request *request, struct reply *reply)
{
    return read_file(request, reply, "look");
}

static enum handling handle_import(struct request *request, struct reply *reply)
{
    return read_file(request, reply, "import");
}

#define JOB_FIELDS(name, what)                                                                               \
    { name, "object", what "; null: nobody asked, or it is long ago", false },                               \
    { name ".state", "string", "waiting, running, done or failed", false },                                  \
    { name ".problem", "string, null", "why it failed, with line, column and what helps", false },           \
    { name ".asked", "object", "the flags that were given", false },                                         \
    { name ".answer", "object", "what holdfast import says with --json", false },                            \
    { name ".progress", "object", "while it runs; null: it has not said", false },                           \
    { name ".progress.step", "string", "what it does", false },                                              \
    { name ".progress.done", "integer", "how much of it is done", false },                                   \
    { name ".progress.total", "integer, null", "of so much", false },                                        \
    { name ".progress.unit", "string", "what is counted", false },                                           \
    { name ".progress.per_second", "number, null", "how fast", false },                                      \
    { name ".progress.left_ms", "integer, null", "until the step is over", false }

static const struct route_field upload_answer[] = {
    { "id", "integer", "of the file", true },
    { "name", "string", "as whoever sent it calls it", true },
    { "who", "string", "who sent it", true },
    { "bytes", "integer", "in all", true },
    { "received", "integer", "that came; the next piece begins here", true },
    { "is_imported", "boolean", "it is in the history, and its bytes are gone", true },
    JOB_FIELDS("look", "how it would be read"),
    JOB_FIELDS("import", "what became of it"),
    { 0 },
};
static const struct route_field list_answer[] = {
    { "uploads", "array", "the newest first, without what a look found", true },
    { "uploads[].id", "integer", "of the file", true },
    { "uploads[].name", "string", "as whoever sent it calls it", true },
    { "uploads[].who", "string", "who sent it", true },
    { "uploads[].bytes", "integer", "in all", true },
    { "uploads[].received", "integer", "that came", true },
    { "uploads[].is_imported", "boolean", "it is in the history", true },
    JOB_FIELDS("uploads[].look", "how it would be read"),
    JOB_FIELDS("uploads[].import", "what became of it"),
    { "piece_most_bytes", "integer", "of one piece", true },
    { 0 },
};
static const struct route_field begin_body[] = {
    { "name", "string", "the file's name", true },
    { "bytes", "integer", "how many it has", true },
    { 0 },
};
static const struct route_field piece_query[] = {
    { "at", "integer", "how many bytes came before this piece; 0 if not said", false },
    { 0 },
};
static const struct route_field piece_answer[] = {
    { "received", "integer", "bytes that came so far", true },
    { 0 },
};
static const struct route_field removed_answer[] = { { "removed", "string", "its name", true }, { 0 } };
static const struct route_field read_body[] = {
    { "flags", "object", "of holdfast import, by name without the dashes: how the file is read", false },
    { "flags.*", "string, boolean", "a column, a word; true for a switch", false },
    { 0 },
};

#define EXAMPLE                                                                                                \
    "{\"id\": 1, \"name\": \"orders.csv\", \"who\": \"http:ann\", \"bytes\": 48213, \"received\": 48213, "     \
    "\"is_imported\": false, \"look\": null, \"import\": null}"
#define UPLOADED .needs = ACCESS_OPERATE, .is_slow = true

const struct route routes_upload[] = {
    { .method = "GET", .path = "/v1/uploads", UPLOADED, .handle = handle_list,
      .summary = "Customer files that were sent to be imported",
      .answer = list_answer,
      .answer_example = "{\"uploads\": [], \"piece_most_bytes\": 4194304}" },
    { .method = "POST", .path = "/v1/uploads", UPLOADED, .handle = handle_begin,
      .summary = "Begin to send a customer file",
      .details = "Its bytes follow in pieces.  It lies beside the database until it was imported or removed, or "
                 "the server ends.",
      .body = begin_body,
      .body_example = "{\"name\": \"orders.csv\", \"bytes\": 48213}",
      .answer = upload_answer,
      .answer_example = EXAMPLE,
      .answer_status = 201 },
    { .method = "GET", .path = "/v1/uploads/{id}", UPLOADED, .handle = handle_get,
      .summary = "How far a customer file is, and what was found in it",
      .answer = upload_answer,
      .answer_example = EXAMPLE },
    { .method = "PUT", .path = "/v1/uploads/{id}", UPLOADED, .handle = handle_piece,
      .summary = "Send the next piece of a customer file, its bytes as they are",
      .details = "A piece that came already may be sent again.",
      .query = piece_query,
      .answer = piece_answer,
      .answer_example = "{\"received\": 48213}",
      .most_body_bytes = UPLOAD_PIECE_MOST_BYTES },
    { .method = "DELETE", .path = "/v1/uploads/{id}", UPLOADED, .handle = handle_remove,
      .summary = "Remove a customer file that was sent; what was imported of it stays",
      .answer = removed_answer,
      .answer_example = "{\"removed\": \"orders.csv\"}" },
    { .method = "POST", .path = "/v1/uploads/{id}/look", UPLOADED, .handle = handle_look,
      .summary = "Say how a customer file would be read, and what is wrong with it",
      .details = "As holdfast import --look.  Ask for the file until its look is done or failed.",
      .body = read_body,
      .body_example = "{\"flags\": {\"date-format\": \"D/M/Y\"}}",
      .answer = upload_answer,
      .answer_example = EXAMPLE,
      .answer_status = 202 },
    { .method = "POST", .path = "/v1/uploads/{id}/import", UPLOADED, .handle = handle_import,
      .summary = "Import a customer file that was sent: all of it or nothing",
      .details = "As holdfast import.  Ask for the file until its import is done or failed.",
      .body = read_body,
      .body_example = "{\"flags\": {\"date-format\": \"D/M/Y\"}}",
      .answer = upload_answer,
      .answer_example = EXAMPLE,
      .answer_status = 202 },
    { 0 },
};
