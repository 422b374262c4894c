/* journey_person.c - see journey_person.h. */
#include "command/journey_person.h"

#include "base/calendar.h"
#include "hub/event_build.h"
#include "intake/intake.h"

#include <stdlib.h>
#include <string.h>

static bool read_person(const char *path, struct person_shop *shop, struct err *err)
{
    json_error_t fault;
    shop->person = json_load_file(path, 0, &fault);
    if (!shop->person && fault.line <= 0) return err_set(err, ERR_MISSING, "%s: %s", path, fault.text);
    if (!shop->person)
        return err_set(err, ERR_INVALID, "%s:%d:%d: %s", path, fault.line, fault.column, fault.text);
    shop->id = json_string_value(json_object_get(shop->person, "id"));
    if (!shop->id || !*shop->id)
        return err_set(err, ERR_INVALID, "%s: 'id' is missing: the person's, as \"ada\"", path);
    static const struct { const char *name; json_type type; const char *word; } members[] = {
        { "traits", JSON_OBJECT, "an object" }, { "consent", JSON_OBJECT, "an object of true and false" },
        { "events", JSON_ARRAY, "a list" },
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const json_t *value = json_object_get(shop->person, members[i].name);
        if (value && json_typeof(value) != members[i].type)
            return err_set(err, ERR_INVALID, "%s: '%s' must be %s", path, members[i].name, members[i].word);
    }
    return true;
}

/* Their traits and events as a client would have sent them. */
static bool batch_of(const char *path, const struct person_shop *shop, int64_t from_ms, json_t **ret_batch,
                     struct err *err)
{
    char before[21];
    size_t i;
    json_t *batch = json_array(), *event, *traits = json_object_get(shop->person, "traits");
    calendar_format_ms(from_ms - 1000, before);
    json_array_append_new(batch, json_pack("{s:s, s:s, s:s, s:O}", "type", "identify", "userId", shop->id,
                                           "timestamp", before, "traits", traits ? traits : json_object()));
    json_array_foreach(json_object_get(shop->person, "events"), i, event) {
        const char *name = json_string_value(json_object_get(event, "event")),
                   *time = json_string_value(json_object_get(event, "time"));
        int64_t time_ms;
        json_t *properties = json_object_get(event, "properties");
        if (!name || !time || !calendar_parse_iso(time, strlen(time), &time_ms)) {
            json_decref(batch);
            return err_set(err, ERR_INVALID, "%s: event %zu needs an \"event\" and a \"time\" such as "
                           "\"2027-03-27T11:00:00Z\"", path, i + 1);
        }
        json_array_append_new(batch, json_pack("{s:s, s:s, s:s, s:s, s:o}", "type", "track", "userId", shop->id,
                                               "event", name, "timestamp", time, "properties",
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

static bool add_message(struct person_shop *shop, const struct message *message, size_t number,
                        struct arena *arena, struct event_batch *events, struct err *err)
{
    uint32_t kind, line_kind, *items = ARENA_ARRAY(arena, uint32_t, message->n_lines + 1);
    struct event_names names = { 0 };
    if (!intern(shop->log, DICTIONARY_IDENTITY, text_of(shop->id), &names.identity, err) ||
        !intern(shop->log, DICTIONARY_KIND, message->kind, &kind, err) ||
        !intern(shop->log, DICTIONARY_KIND, event_line_kind(message->kind), &line_kind, err) ||
        !intern(shop->log, DICTIONARY_ITEM, message->item, &items[0], err))
        return false;
    for (size_t i = 0; i < message->n_lines; i++)
        if (!intern(shop->log, DICTIONARY_ITEM, message->lines[i].item, &items[1 + i], err)) return false;
    names.kind = (uint16_t)kind;
    names.line_kind = (uint16_t)line_kind;
    return event_build(events, message, &names, items, message->time_ms,
                       event_message_hash(message, message->time_ms, number), err);
}

static bool fill(const char *path, struct person_shop *shop, int64_t from_ms, struct arena *arena, struct err *err)
{
    json_t *batch = NULL;
    struct intake intake;
    struct event_batch events = { 0 };
    if (!batch_of(path, shop, from_ms, &batch, err)) return false;
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
    bool ok = store_begin(shop->store, err);
    for (size_t i = 0; ok && i < intake.n_messages; i++)
        ok = add_message(shop, &intake.messages[i], i, arena, &events, err);
    ok = ok && log_append(shop->log, &events.events, err) && store_commit(shop->store, err);
    event_batch_free(&events);
    return ok;
}

bool person_shop_open(const char *path, int64_t from_ms, struct arena *arena, struct person_shop *ret_shop,
                      struct err *err)
{
    struct person_shop shop = { 0 };
    if (read_person(path, &shop, err) && store_open(":memory:", STORE_CREATE, &shop.store, err) &&
        log_open(shop.store, &shop.log, err) && identities_open(shop.store, shop.log, &shop.identities, err) &&
        fill(path, &shop, from_ms, arena, err)) {
        *ret_shop = shop;
        return true;
    }
    person_shop_close(&shop);
    return false;
}

void person_shop_close(struct person_shop *shop)
{
    identities_close(shop->identities);
    log_close(shop->log);
    store_close(shop->store);
    json_decref(shop->person);
}
