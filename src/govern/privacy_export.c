/* privacy_export.c - everything held about one person, as JSON; see privacy.h. */
#include "govern/privacy.h"
#include "base/calendar.h"
#include "hub/dead_letter.h"
#include "store/statement.h"

#include <stdlib.h>
#include <string.h>

struct export {
    const struct privacy *privacy;
    const uint32_t       *members;      /* [n] ascending */
    size_t                n;
    struct arena         *arena;
    json_t               *root;
};

static json_t *text_json(struct text text) { return json_stringn_nocheck(text.at, text.length); }

static json_t *instant_json(int64_t ms)
{
    char second[21], text[32];
    calendar_format_ms(ms, second);
    int past = (int)(((ms % 1000) + 1000) % 1000);
    if (past == 0) return json_string(second);
    snprintf(text, sizeof text, "%.*s.%03dZ", (int)strcspn(second, "Z"), second, past);
    return json_string(text);
}

static json_t *name_json(const struct export *export, uint32_t identity)
{
    return text_json(log_name(export->privacy->log, DICTIONARY_IDENTITY, identity));
}

static void put_identities(const struct export *export)
{
    json_t *ids = json_array(), *links = json_array();
    size_t n;
    for (size_t i = 0; i < export->n; i++) json_array_append_new(ids, name_json(export, export->members[i]));
    const struct link *all = identities_links(export->privacy->identities, export->members[0], &n);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(links, json_pack("{s:o, s:o, s:s, s:o}", "a", name_json(export, all[i].a), "b",
                                               name_json(export, all[i].b), "how", link_how_name(all[i].how),
                                               "received", instant_json(all[i].received_ms)));
    json_object_set_new(export->root, "identities", ids);
    json_object_set_new(export->root, "links", links);
}

static bool put_personal(const struct export *export, struct err *err)
{
    const struct privacy *privacy = export->privacy;
    struct text json;
    json_t *suppressed = json_object();
    if (!profiles_get(privacy->profiles, privacy->store, export->members, export->n, export->arena, &json, err))
        return false;
    json_object_set_new(export->root, "personal", json_loadb(json.at, json.length, 0, NULL));
    if (!consents_get(privacy->consents, privacy->store, export->members, export->n, export->arena, &json, err))
        return false;
    json_object_set_new(export->root, "consent", json_loadb(json.at, json.length, 0, NULL));
    json_object_set_new(export->root, "suppressed", suppressed);
    for (size_t i = 0; i < export->n; i++) {
        struct text name = log_name(privacy->log, DICTIONARY_IDENTITY, export->members[i]);
        int64_t since_ms;
        const char *source;
        if (!consents_suppressed(privacy->consents, privacy->store, name, export->arena, &since_ms, &source, err))
            return false;
        if (since_ms)
            json_object_setn_new_nocheck(
                suppressed, name.at, name.length,
                json_pack("{s:o, s:s}", "since", instant_json(since_ms), "source", source));
    }
    return true;
}

/* ---- events ---- */

struct told { int64_t time_ms; size_t number; };

static int by_time(const void *left, const void *right)
{
    const struct told *a = left, *b = right;
    if (a->time_ms != b->time_ms) return a->time_ms < b->time_ms ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static json_t *event_json(const struct export *export, const struct events *events, size_t i)
{
    const struct log *log = export->privacy->log;
    uint32_t begin = i ? events->properties_end[i - 1] : 0;
    struct text properties = { events->properties_bytes + begin, events->properties_end[i] - begin };
    json_t *event = json_pack("{s:o, s:o, s:o, s:o}", "identity", name_json(export, events->identity[i]), "kind",
                              text_json(log_name(log, DICTIONARY_KIND, events->kind[i])), "time",
                              instant_json(events->time_ms[i]), "received", instant_json(events->received_ms[i]));
    if (events->amount_cents[i])
        json_object_set_new(event, "amount_cents", json_integer(events->amount_cents[i]));
    if (events->quantity_milli[i])
        json_object_set_new(event, "quantity_milli", json_integer(events->quantity_milli[i]));
    if (events->item[i])
        json_object_set_new(event, "item", text_json(log_name(log, DICTIONARY_ITEM, events->item[i])));
    if (events->source[i])
        json_object_set_new(event, "source", text_json(log_name(log, DICTIONARY_SOURCE, events->source[i])));
    if (properties.length)
        json_object_set_new(event, "properties", json_loadb(properties.at, properties.length, 0, NULL));
    return event;
}

static bool put_events(const struct export *export, struct err *err)
{
    struct log_reader *reader;
    struct events events = { 0 };
    if (!log_reader_open(export->privacy->log, &reader, err)) return false;
    bool ok = log_read_identities(reader, export->members, export->n, LOG_ALL & ~(unsigned)LOG_MESSAGE,
                                  export->arena, &events, err);
    log_reader_close(reader);
    struct told *told = ARENA_ARRAY(export->arena, struct told, events.n + 1);
    json_t *list = json_array();
    for (size_t i = 0; i < events.n; i++) told[i] = (struct told){ events.time_ms[i], i };
    if (events.n) qsort(told, events.n, sizeof *told, by_time);
    for (size_t i = 0; i < events.n; i++)
        json_array_append_new(list, event_json(export, &events, told[i].number));
    json_object_set_new(export->root, "events", list);
    return ok;
}

/* ---- rows of tables ---- */

/* A table's rows about each of them, as its migration says; a column that ends in _ms is an instant, in _json what
 * it says. */
static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), n = strlen(ending);
    return length > n && strcmp(text + length - n, ending) == 0;
}

static json_t *value_json(const char *column, struct value value)
{
    bool is_json = ends_with(column, "_json");
    switch (value.kind) {
    case VALUE_INT:
        if (!ends_with(column, "_ms")) return json_integer(value.i);
        return value.i ? instant_json(value.i) : json_null();
    case VALUE_REAL: return json_real(value.r);
    case VALUE_TEXT: {
        json_t *parsed = is_json ? json_loadb(value.bytes, value.length, JSON_DECODE_ANY, NULL) : NULL;
        return parsed ? parsed : json_stringn_nocheck(value.bytes, value.length);
    }
    case VALUE_BLOB:
    case VALUE_NULL: break;
    }
    return json_null();
}

static json_t *row_json(const struct cursor *cursor, const struct statement *statement, struct arena *arena)
{
    json_t *row = json_object();
    for (size_t c = 0; c < statement->n_columns; c++) {
        const char *column = statement->columns[c];
        size_t length = strlen(column) - (ends_with(column, "_ms") ? 3 : ends_with(column, "_json") ? 5 : 0);
        json_object_set_new(row, arena_format(arena, "%.*s", (int)length, column),
                            value_json(column, cursor_column(cursor, c)));
    }
    return row;
}

static bool put_table(const struct export *export, const struct person_table *table, struct err *err)
{
    json_t *rows = json_array();
    json_object_set_new(export->root, table->key, rows);
    for (size_t m = 0; m < export->n; m++) {
        struct cursor *cursor;
        enum step step;
        const struct value arg = value_int(export->members[m]);
        if (!statement_query(export->privacy->store, table->export, &arg, &cursor, err)) return false;
        while ((step = cursor_step(cursor, err)) == STEP_ROW)
            json_array_append_new(rows, row_json(cursor, table->export, export->arena));
        cursor_close(cursor);
        if (step == STEP_FAIL) return false;
    }
    return true;
}

static bool put_tables(const struct export *export, struct err *err)
{
    for (size_t t = 0; t < n_person_tables; t++)
        if (person_tables[t].export && !put_table(export, &person_tables[t], err)) return false;
    return true;
}

static bool export_of(const struct privacy *privacy, uint32_t identity, json_t **ret_json, struct err *err)
{
    struct export export = { .privacy = privacy, .arena = arena_new(ARENA_NO_LIMIT), .root = json_object() };
    const uint32_t *members = identities_members(privacy->identities, identity, &export.n);
    uint32_t *copy = ARENA_ARRAY(export.arena, uint32_t, export.n);
    memcpy(copy, members, export.n * sizeof *copy);
    export.members = copy;
    uint32_t customer = identities_customer(privacy->identities, identity);
    json_object_set_new(export.root, "customer", name_json(&export, customer));
    put_identities(&export);
    bool ok = put_personal(&export, err) && put_tables(&export, err) && put_events(&export, err);
    arena_free(export.arena);
    if (ok) *ret_json = export.root;
    else json_decref(export.root);
    return ok || err_context(err, "exporting a person");
}

bool privacy_export_beside(struct store *store, struct profiles *profiles, uint32_t identity, json_t **ret_json,
                           struct err *err)
{
    struct privacy privacy = { .store = store, .profiles = profiles };
    bool ok =
        log_open(store, &privacy.log, err) && identities_open(store, privacy.log, &privacy.identities, err) &&
        consents_open(store, privacy.log, privacy.identities, profiles_vault(profiles), &privacy.consents, err);
    if (ok && identity >= log_n_names(privacy.log, DICTIONARY_IDENTITY))
        ok = err_set(err, ERR_MISSING, "there is no customer number %u", identity);
    ok = ok && export_of(&privacy, identity, ret_json, err);
    consents_close(privacy.consents);
    identities_close(privacy.identities);
    log_close(privacy.log);
    return ok;
}
