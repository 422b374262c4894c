/* routes_note.c - what people write down for one another: notes, and pages as they looked at them. */
#include "server/route.h"
#include "engine/service.h"
#include "hub/ingest.h"
#include "store/store.h"
#include "store/sql.h"

#include <string.h>

enum { WORDS_MOST_BYTES = 4000, SUBJECT_MOST_BYTES = 200, NAME_MOST_BYTES = 200, ADDRESS_MOST_BYTES = 8000 };

struct change {
    const char *about, *subject, *who, *words, *name, *address;
    uint32_t    customer;
    int64_t     id, now_ms;
    bool        is_shared;
};

static bool was_there(struct store *store, uint64_t before, const char *what, struct err *err)
{
    return store_changes(store) > before || err_set(err, ERR_MISSING, "there is no such %s of yours", what);
}

/* ---- notes ---- */

/* Of a customer any id of theirs is good; the note is the customer's. */
static bool read_subject(struct request *request, struct change *c, const char **ret_field, struct err *err)
{
    static const char *const kinds[] = { "customer", "segment", "journey", "experiment" };
    size_t i = 0;
    *ret_field = "about";
    while (i < sizeof kinds / sizeof *kinds && (!c->about || strcmp(kinds[i], c->about) != 0)) i++;
    if (i == sizeof kinds / sizeof *kinds)
        return err_set(err, ERR_INVALID, "about: expected customer, segment, journey or experiment");
    *ret_field = "subject";
    if (!c->subject || !*c->subject || strlen(c->subject) > SUBJECT_MOST_BYTES)
        return err_set(err, ERR_INVALID, "subject is missing or longer than %d bytes: which %s",
                       SUBJECT_MOST_BYTES, c->about);
    if (i > 0) return true;
    if (!service_customer(request->service, text_of(c->subject), &c->customer, err)) return false;
    c->subject = "";
    return true;
}

static enum handling handle_notes(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct text about = text_of(""), subject = text_of("");
    const char *field = NULL;
    struct sql_note_list row;
    enum step step;
    (void)request_query(request, "about", &about);
    (void)request_query(request, "subject", &subject);
    struct change c = { .about = about.at, .subject = subject.at };
    if (!read_subject(request, &c, &field, &err)) return reply_error(request, reply, &err, field);
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    json_t *notes = json_array();
    struct text whom = service_identities(request->service, c.customer, request->arena);
    bool ok = sql_note_list(store, text_of(c.about), text_of(c.subject), whom, &row, &err);
    if (ok) {
        while ((step = sql_note_list_step(&row, &err)) == STEP_ROW)
            json_array_append_new(notes,
                                  json_pack("{s:I, s:I, s:s, s:s}", "id", (json_int_t)row.id, "at_ms",
                                            (json_int_t)row.at_ms, "who", row.who.at, "words", row.words.at));
        cursor_close(row.cursor);
        ok = step == STEP_END;
    }
    service_read_done(request->service, store);
    if (!ok) return json_decref(notes), reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, json_pack("{s:o}", "notes", notes));
    return HANDLED;
}

static bool put_note(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    return sql_note_put(store, text_of(c->about), text_of(c->subject), c->customer, c->now_ms, text_of(c->who),
                        text_of(c->words), &c->id, err);
}

static enum handling handle_put_note(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body = NULL;
    const char *field = NULL;
    bool ok = request_json(request, &body, &err);
    struct change c = { .about = json_string_value(json_object_get(body, "about")),
                        .subject = json_string_value(json_object_get(body, "subject")),
                        .words = json_string_value(json_object_get(body, "words")), .who = request->grant.name,
                        .now_ms = clock_now_ms(&request->service->options.clock) };
    ok = ok && read_subject(request, &c, &field, &err);
    if (ok && (!c.words || text_trim(text_of(c.words)).length == 0 || strlen(c.words) > WORDS_MOST_BYTES)) {
        field = "words";
        ok = err_set(&err, ERR_INVALID, "words are missing or more than %d bytes", WORDS_MOST_BYTES);
    }
    ok = ok && ingest_run(request->service->ingest, put_note, &c, &err);
    if (ok) reply_json_take(request, reply, 201, json_pack("{s:I}", "id", (json_int_t)c.id));
    else reply_error(request, reply, &err, field);
    json_decref(body);
    return HANDLED;
}

static bool remove_note(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    uint64_t before = store_changes(store);
    return sql_note_remove(store, c->id, text_of(c->who), err) && was_there(store, before, "note", err);
}

static bool remove_view(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    uint64_t before = store_changes(store);
    return sql_view_remove(store, c->id, text_of(c->who), err) && was_there(store, before, "view", err);
}

static enum handling handle_remove(struct request *request, struct reply *reply, ingest_job *job, const char *who)
{
    struct err err;
    struct change c = { .who = who };
    bool ok =
        text_int64(request_param(request, "id"), &c.id) || err_set(&err, ERR_INVALID, "the id must be a number");
    if (!ok || !ingest_run(request->service->ingest, job, &c, &err))
        return reply_error(request, reply, &err, "id");
    reply_json_take(request, reply, 200, json_pack("{s:I}", "removed", (json_int_t)c.id));
    return HANDLED;
}

/* One's own; an administrator anybody's. */
static enum handling handle_remove_note(struct request *request, struct reply *reply)
{
    return handle_remove(request, reply, remove_note,
                         request->grant.rights & ACCESS_ADMIN ? "" : request->grant.name);
}

/* ---- views ---- */

static enum handling handle_views(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct sql_view_list row;
    enum step step;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    json_t *views = json_array();
    bool ok = sql_view_list(store, text_of(request->grant.name), &row, &err);
    if (ok) {
        while ((step = sql_view_list_step(&row, &err)) == STEP_ROW)
            json_array_append_new(views, json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:I}", "id", (json_int_t)row.id,
                                                   "owner", row.owner.at, "name", row.name.at, "address",
                                                   row.address.at, "is_shared", row.is_shared != 0, "is_mine",
                                                   strcmp(row.owner.at, request->grant.name) == 0, "made_ms",
                                                   (json_int_t)row.made_ms));
        cursor_close(row.cursor);
        ok = step == STEP_END;
    }
    service_read_done(request->service, store);
    if (!ok) return json_decref(views), reply_error(request, reply, &err, NULL);
    reply_json_take(request, reply, 200, json_pack("{s:o}", "views", views));
    return HANDLED;
}

static bool put_view(struct store *store, void *context, struct err *err)
{
    struct change *c = context;
    return sql_view_put(store, text_of(c->who), text_of(c->name), text_of(c->address), c->is_shared, c->now_ms,
                        err);
}

/* Only a page of this server: nothing that leads elsewhere. */
static bool check_view(const struct change *c, const char **ret_field, struct err *err)
{
    *ret_field = "name";
    if (!c->name || text_trim(text_of(c->name)).length == 0 || strlen(c->name) > NAME_MOST_BYTES)
        return err_set(err, ERR_INVALID, "name is missing or longer than %d bytes", NAME_MOST_BYTES);
    *ret_field = "address";
    return (c->address && strncmp(c->address, "#/", 2) == 0 && strlen(c->address) <= ADDRESS_MOST_BYTES) ||
           err_set(err, ERR_INVALID, "address: expected a page of this server, \"#/customers?where=...\"");
}

static enum handling handle_put_view(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body = NULL;
    const char *field = NULL;
    bool ok = request_json(request, &body, &err);
    struct change c = { .name = json_string_value(json_object_get(body, "name")),
                        .address = json_string_value(json_object_get(body, "address")),
                        .is_shared = json_is_true(json_object_get(body, "is_shared")), .who = request->grant.name,
                        .now_ms = clock_now_ms(&request->service->options.clock) };
    ok = ok && check_view(&c, &field, &err) && ingest_run(request->service->ingest, put_view, &c, &err);
    if (ok) reply_json_take(request, reply, 200, json_pack("{s:s}", "name", c.name));
    else reply_error(request, reply, &err, field);
    json_decref(body);
    return HANDLED;
}

static enum handling handle_remove_view(struct request *request, struct reply *reply)
{
    return handle_remove(request, reply, remove_view, request->grant.name);
}

/* ---- the table ---- */

static const struct route_field subject_query[] = {
    { "about", "string", "customer, segment, journey or experiment", true },
    { "subject", "string", "which: an id of theirs, a number or a name", true },
    { 0 },
};
static const struct route_field notes_answer[] = {
    { "notes", "array", "the newest first, at most 200", true },
    { "notes[].id", "integer", "its number", true },
    { "notes[].at_ms", "integer", "when it was written", true },
    { "notes[].who", "string", "by whom", true },
    { "notes[].words", "string", "what", true },
    { 0 },
};
static const struct route_field note_body[] = {
    { "about", "string", "customer, segment, journey or experiment", true },
    { "subject", "string", "which: an id of theirs, a number or a name", true },
    { "words", "string", "at most 4,000 bytes", true },
    { 0 },
};
static const struct route_field made_answer[] = { { "id", "integer", "its number", true }, { 0 } };
static const struct route_field removed_answer[] = { { "removed", "integer", "its number", true }, { 0 } };
static const struct route_field views_answer[] = {
    { "views", "array", "one's own and those that are shared, by name", true },
    { "views[].id", "integer", "its number", true },
    { "views[].owner", "string", "who saved it", true },
    { "views[].name", "string", "what it is called", true },
    { "views[].address", "string", "where the page is", true },
    { "views[].is_shared", "boolean", "everybody sees it", true },
    { "views[].is_mine", "boolean", "who asks saved it", true },
    { "views[].made_ms", "integer", "when it was saved", true },
    { 0 },
};
static const struct route_field view_body[] = {
    { "name", "string", "at most 200 bytes; one's own of this name is replaced", true },
    { "address", "string", "of a page of this server: \"#/customers?where=...\"", true },
    { "is_shared", "boolean", "everybody sees it; false if not said", false },
    { 0 },
};
static const struct route_field view_answer[] = { { "name", "string", "as it is called", true }, { 0 } };

const struct route routes_note[] = {
    { .method = "GET",
      .path = "/v1/notes",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_notes,
      .is_slow = true,
      .summary = "What people wrote about a customer, segment, journey or experiment",
      .query = subject_query,
      .answer = notes_answer,
      .answer_example = "{\"notes\": [{\"id\": 4, \"at_ms\": 1790000000000, \"who\": \"ann\", \"words\": "
                        "\"called, will stay\"}]}" },
    { .method = "POST",
      .path = "/v1/notes",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_put_note,
      .is_slow = true,
      .summary = "Write a note",
      .body = note_body,
      .answer = made_answer,
      .answer_status = 201,
      .details = "A note about a customer goes when they are erased, and is in their export.",
      .body_example = "{\"about\": \"customer\", \"subject\": \"C001407\", \"words\": \"called, will stay\"}",
      .answer_example = "{\"id\": 4}" },
    { .method = "DELETE",
      .path = "/v1/notes/{id}",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_remove_note,
      .is_slow = true,
      .summary = "Remove a note of one's own; an administrator anybody's",
      .answer = removed_answer,
      .answer_example = "{\"removed\": 4}" },
    { .method = "GET",
      .path = "/v1/views",
      .needs = ACCESS_VIEW,
      .handle = handle_views,
      .is_slow = true,
      .summary = "Saved pages: one's own, and those that are shared",
      .answer = views_answer,
      .answer_example =
          "{\"views\": [{\"id\": 2, \"owner\": \"ann\", \"name\": \"Leaving in Austria\", \"address\": "
          "\"#/customers?where=churn%20%3E%200.6\", \"is_shared\": true, \"is_mine\": true, \"made_ms\": "
          "1790000000000}]}" },
    { .method = "POST",
      .path = "/v1/views",
      .needs = ACCESS_VIEW,
      .handle = handle_put_view,
      .is_slow = true,
      .summary = "Save a page as one looks at it",
      .body = view_body,
      .answer = view_answer,
      .body_example = "{\"name\": \"Leaving in Austria\", \"address\": \"#/customers?where=churn%20%3E%200.6\"}",
      .answer_example = "{\"name\": \"Leaving in Austria\"}" },
    { .method = "DELETE",
      .path = "/v1/views/{id}",
      .needs = ACCESS_VIEW,
      .handle = handle_remove_view,
      .is_slow = true,
      .summary = "Remove a saved page of one's own",
      .answer = removed_answer,
      .answer_example = "{\"removed\": 2}" },
    { 0 },
};
