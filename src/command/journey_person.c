/* journey_person.c - see journey_person.h. */
#include "command/journey_person.h"

#include "base/calendar.h"
#include "base/json_error_words.h"
#include "hub/event_build.h"
#include "intake/intake.h"

#include <stdlib.h>
#include <string.h>

static bool read_person(const char *path, struct person_database *database, struct err *err)
{
    json_error_t fault;
    database->person = json_load_file(path, 0, &fault);
    if (!database->person && fault.line <= 0) return err_set(err, ERR_MISSING, "%s: %s", path, fault.text);
    if (!database->person)
        return err_set(err, ERR_INVALID, "%s:%d:%d: %s", path, fault.line, fault.column,
                       json_error_words(&fault));
    database->id = json_string_value(json_object_get(database->person, "id"));
    if (!database->id || !*database->id)
        return err_set(err, ERR_INVALID, "%s: 'id' is missing: the person's, as \"ada\"", path);
    const char *name;
    json_t *said;
    static const struct { const char *name; json_type type; const char *word; } members[] = {
        { "id", JSON_STRING, "a text" }, { "traits", JSON_OBJECT, "an object" }, { "consent", JSON_OBJECT, "an object of true and false" },
        { "events", JSON_ARRAY, "a list" },
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const json_t *value = json_object_get(database->person, members[i].name);
        if (value && json_typeof(value) != members[i].type)
            return err_set(err, ERR_INVALID, "%s: '%s' must be %s", path, members[i].name, members[i].word);
    }
    json_t *holdout = json_object_get(database->person, "holdout");
    if (holdout && !json_is_boolean(holdout))
        return err_set(err, ERR_INVALID, "%s: 'holdout' must be true or false", path);
    json_object_foreach(json_object_get(database->person, "consent"), name, said)
        if (!json_is_boolean(said) && !json_is_boolean(json_object_get(said, "given")))
            return err_set(err, ERR_INVALID, "%s: 'consent' says of '%.60s' neither true nor false", path, name);
    json_object_foreach(database->person, name, said) {
        bool is_known = strcmp(name, "holdout") == 0;
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) is_known |= strcmp(name, members[i].name) == 0;
        if (!is_known)
            return err_set(err, ERR_INVALID, "%s: '%.60s' is not known here; there are: id, traits, consent, holdout, events",
                           path, name);
    }
    return true;
}

/* Their traits and events as a client would have sent them. */
static bool batch_of(const char *path, const struct person_database *database, int64_t from_ms, json_t **ret_batch,
                     struct err *err)
{
    char before[21];
    size_t i;
    json_t *batch = json_array(), *event, *traits = json_object_get(database->person, "traits");
    calendar_format_ms(from_ms - 1000, before);
    json_array_append_new(batch, json_pack("{s:s, s:s, s:s, s:O}", "type", "identify", "userId", database->id,
                                           "timestamp", before, "traits", traits ? traits : json_object()));
    json_array_foreach(json_object_get(database->person, "events"), i, event) {
        const char *name = json_string_value(json_object_get(event, "event")),
                   *time = json_string_value(json_object_get(event, "time"));
        int64_t time_ms;
        json_t *properties = json_object_get(event, "properties");
        if (!name || !time || !calendar_parse_iso(time, strlen(time), &time_ms)) {
            json_decref(batch);
            return err_set(err, ERR_INVALID, "%s: event %zu needs an \"event\" and a \"time\" such as "
                           "\"2027-03-27T11:00:00Z\"", path, i + 1);
        }
        json_array_append_new(batch, json_pack("{s:s, s:s, s:s, s:s, s:o}", "type", "track", "userId",
                                               database->id, "event", name, "timestamp", time, "properties",
                                               properties ? json_incref(properties) : json_object()));
    }
    *ret_batch = json_pack("{s:o}", "batch", batch);
    return true;
}

static bool intern(struct log *log, enum dictionary dictionary, struct text text, uint32_t *ret_index,
                   struct err *err)
{
    *ret_index = 0;
    return text.length == 0 || log_intern(log, dictionary, text, ret_index, err);
}

static bool add_message(struct person_database *database, const struct message *message, size_t number,
                        struct arena *arena, struct event_batch *events, struct err *err)
{
    uint32_t kind, line_kind, *items = ARENA_ARRAY(arena, uint32_t, message->n_lines + 1);
    struct event_names names = { 0 };
    if (!intern(database->log, DICTIONARY_IDENTITY, text_of(database->id), &names.identity, err) ||
        !intern(database->log, DICTIONARY_KIND, message->kind, &kind, err) ||
        !intern(database->log, DICTIONARY_KIND, event_line_kind(message->kind), &line_kind, err) ||
        !intern(database->log, DICTIONARY_ITEM, message->item, &items[0], err))
        return false;
    for (size_t i = 0; i < message->n_lines; i++)
        if (!intern(database->log, DICTIONARY_ITEM, message->lines[i].item, &items[1 + i], err)) return false;
    names.kind = (uint16_t)kind;
    names.line_kind = (uint16_t)line_kind;
    return event_build(events, message, &names, items, message->time_ms,
                       event_message_hash(message, message->time_ms, number), err);
}

static bool fill(const char *path, struct person_database *database, int64_t from_ms, struct arena *arena,
                 struct err *err)
{
    json_t *batch = NULL;
    struct intake intake;
    struct event_batch events = { 0 };
    if (!batch_of(path, database, from_ms, &batch, err)) return false;
    char *body = json_dumps(batch, JSON_COMPACT);
    json_decref(batch);
    struct intake_request request = { .protocol = PROTOCOL_SEGMENT,
                                      .type = "batch",
                                      .body = text_of(arena_copy(arena, body)),
                                      .received_ms = from_ms + 366 * 20 * MS_PER_DAY,
                                      .is_import = true };
    free(body);
    if (!intake_read(&request, arena, &intake, err)) return err_context(err, "%s", path);
    if (intake.n_refusals)
        return err_set(err, ERR_INVALID, "%s: %s (%.200s)", path, intake.refusals[0].reason,
                       intake.refusals[0].raw.at);
    event_batch_clear(&events);
    bool ok = store_begin(database->store, err);
    for (size_t i = 0; ok && i < intake.n_messages; i++)
        ok = add_message(database, &intake.messages[i], i, arena, &events, err);
    ok = ok && log_append(database->log, &events.events, err) && store_commit(database->store, err);
    event_batch_free(&events);
    return ok;
}

bool person_database_open(const char *path, int64_t from_ms, struct arena *arena,
                          struct person_database *ret_database, struct err *err)
{
    struct person_database database = { 0 };
    if (read_person(path, &database, err) && store_open(":memory:", STORE_CREATE, &database.store, err) &&
        log_open(database.store, &database.log, err) &&
        identities_open(database.store, database.log, &database.identities, err) &&
        fill(path, &database, from_ms, arena, err)) {
        *ret_database = database;
        return true;
    }
    person_database_close(&database);
    return false;
}

void person_database_close(struct person_database *database)
{
    identities_close(database->identities);
    log_close(database->log);
    store_close(database->store);
    json_decref(database->person);
}
