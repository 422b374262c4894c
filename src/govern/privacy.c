/* privacy.c - requests and erasure; see privacy.h.  Export is in privacy_export.c. */
#include "govern/privacy.h"
#include "govern/ledger.h"
#include "base/arena_list.h"
#include "base/calendar.h"
#include "hub/dead_letter.h"
#include "store/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT_ID_BYTES = 8 };

static void lock(const struct privacy *privacy)
{
    if (privacy->lock) pthread_rwlock_wrlock(privacy->lock);
}

static void unlock(const struct privacy *privacy)
{
    if (privacy->lock) pthread_rwlock_unlock(privacy->lock);
}

/* ---- requests ---- */

static bool same_request(struct store *store, struct text kind, uint32_t identity, int64_t *ret_id,
                         struct err *err)
{
    struct sql_privacy_request_same row;
    if (!sql_privacy_request_same(store, kind, identity, &row, err)) return false;
    enum step step = sql_privacy_request_same_step(&row, err);
    *ret_id = step == STEP_ROW ? row.id : 0;
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

static bool put_one(struct store *store, enum privacy_kind kind, uint32_t identity, const char *state,
                    int64_t received_ms, struct text source, int64_t *ret_id, struct err *err)
{
    struct text word = text_of(kind == PRIVACY_ERASE ? "erase" : "export");
    if (!same_request(store, word, identity, ret_id, err)) return false;
    return *ret_id ||
           sql_privacy_request_put(store, word, identity, source, received_ms,
                                   received_ms + PRIVACY_DUE_DAYS * MS_PER_DAY, text_of(state), ret_id, err);
}

bool privacy_request_put(const struct privacy *privacy, enum privacy_kind kind, struct text name,
                         int64_t received_ms, struct text source, int64_t *ret_id, struct err *err)
{
    struct store *store = privacy->store;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    uint32_t identity = 0, *others = NULL, asked = 0;
    size_t n = 0;
    int64_t first = 0, id;
    bool is_known = name.length && log_find(privacy->log, DICTIONARY_IDENTITY, name, &identity) && identity;
    bool ok = profiles_find_name(privacy->profiles, store, name, arena, &others, &n, err);
    if (ok && is_known) ok = put_one(store, kind, identity, "waiting", received_ms, source, &first, err);
    for (size_t i = 0; ok && i < n; i++) {
        uint32_t customer = identities_customer(privacy->identities, others[i]);
        if (is_known && customer == identities_customer(privacy->identities, identity)) continue;
        if (customer == asked) continue;
        ok = put_one(store, kind, others[i], "waiting", received_ms, source, &id, err);
        if (!first) first = id;
        asked = customer;
    }
    if (ok && !first)
        ok = put_one(store, kind, 0, name.length ? "unknown" : "waiting", received_ms, source, &first, err);
    arena_free(arena);
    if (ok) *ret_id = first;
    return ok || err_context(err, "a request of privacy");
}

bool privacy_request_put_of(const struct privacy *privacy, enum privacy_kind kind, uint32_t identity,
                            int64_t received_ms, struct text source, int64_t *ret_id, struct err *err)
{
    return put_one(privacy->store, kind, identity, "waiting", received_ms, source, ret_id, err);
}

static struct privacy_request read_request(const struct sql_privacy_requests *row, struct arena *arena)
{
    return (struct privacy_request){
        .id = row->id, .kind = arena_copy(arena, row->kind.at), .identity = (uint32_t)row->identity,
        .source = arena_copy(arena, row->source.at), .requested_ms = row->requested_ms, .due_ms = row->due_ms,
        .state = arena_copy(arena, row->state.at), .done_ms = row->done_ms,
        .detail = arena_copy(arena, row->detail.at) };
}

bool privacy_requests(struct store *store, size_t most, struct arena *arena,
                      struct privacy_request **ret_requests, size_t *ret_n, struct err *err)
{
    struct sql_privacy_requests row;
    enum step step;
    size_t n = 0, room = 0;
    struct privacy_request *requests = NULL;
    if (!sql_privacy_requests(store, (int64_t)most, &row, err)) return false;
    while ((step = sql_privacy_requests_step(&row, err)) == STEP_ROW) {
        requests = arena_list_grow(arena, requests, n, &room, sizeof *requests);
        requests[n++] = read_request(&row, arena);
    }
    cursor_close(row.cursor);
    *ret_requests = requests;
    *ret_n = n;
    return step == STEP_END;
}

static bool set_state(struct store *store, int64_t id, const char *state, int64_t done_ms, const char *detail,
                      struct err *err)
{
    return sql_privacy_request_done(store, id, text_of(state), done_ms, text_of(detail), err);
}

static bool get_request(struct store *store, int64_t id, struct arena *arena, struct privacy_request *ret_request,
                        struct err *err)
{
    struct sql_privacy_requests row;
    if (!sql_privacy_request_of(store, id, &row, err)) return false;
    enum step step = sql_privacy_requests_step(&row, err);
    if (step == STEP_ROW) *ret_request = read_request(&row, arena);
    if (step == STEP_END) *ret_request = (struct privacy_request){ .kind = "", .state = "" };
    cursor_close(row.cursor);
    return step != STEP_FAIL;
}

bool privacy_request_done(struct store *store, int64_t id, int64_t now_ms, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct privacy_request request = { 0 };
    bool ok = get_request(store, id, arena, &request, err);
    if (ok && !*request.kind) ok = err_set(err, ERR_MISSING, "there is no request %lld", (long long)id);
    if (ok && strcmp(request.state, "done") == 0)
        ok = err_set(err, ERR_REFUSED, "request %lld is done already", (long long)id);
    if (ok && strcmp(request.kind, "erase") == 0 && request.identity > 0)
        ok = err_set(err, ERR_REFUSED, "request %lld is an erasure, which is carried out by itself", (long long)id);
    ok = ok && set_state(store, id, "done", now_ms, request.detail, err);
    arena_free(arena);
    return ok;
}

/* ---- erasure ---- */

/* What would name the person in a text: ids and addresses; short ones as JSON and CSV hold them, since "7" is in
 * many a text that is not about customer 7. */
struct named { struct text *texts; size_t n, room; struct arena *arena; };

static void add_text(struct named *named, struct text text)
{
    if (text.length == 0) return;
    named->texts = arena_list_grow(named->arena, named->texts, named->n, &named->room, sizeof *named->texts);
    if (text.length < SHORT_ID_BYTES)
        text = text_of(arena_format(named->arena, "\"%.*s\"", (int)text.length, text.at));
    named->texts[named->n++] = text;
}

static bool collect_texts(const struct privacy *privacy, const uint32_t *members, size_t n, struct named *named,
                          struct err *err)
{
    struct text json;
    const char *key;
    json_t *value;
    for (size_t i = 0; i < n; i++) {
        struct text name = log_name(privacy->log, DICTIONARY_IDENTITY, members[i]);
        size_t prefix = 0;
        if (identity_kind_of(name) == IDENTITY_EMAIL) continue;
        if (identity_kind_of(name) == IDENTITY_ANONYMOUS) prefix = strlen("anonymous:");
        name = text_of(arena_format(named->arena, "%.*s", (int)(name.length - prefix), name.at + prefix));
        add_text(named, name);
    }
    if (!profiles_get(privacy->profiles, privacy->store, members, n, named->arena, &json, err)) return false;
    json_t *personal = json_loadb(json.at, json.length, 0, NULL);
    json_object_foreach(personal, key, value) {
        const char *text = json_string_value(value);
        if (text && (strchr(text, '@') || strstr(key, "phone")))
            add_text(named, text_of(arena_copy(named->arena, text)));
    }
    json_decref(personal);
    return true;
}

/* Blanks the texts of refused rows of files that name the person. */
static bool erase_rejects(struct store *store, const struct named *named, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < named->n; i++) {
        struct sql_privacy_rejects row;
        enum step step;
        if (!sql_privacy_rejects(store, named->texts[i], &row, err)) return false;
        while (ok && (step = sql_privacy_rejects_step(&row, err)) != STEP_END)
            ok = step == STEP_ROW && sql_privacy_reject_blank(store, row.import_id, row.number, err);
        cursor_close(row.cursor);
    }
    return ok;
}

static bool erase_rows(const struct privacy *privacy, const uint32_t *members, size_t n, const struct named *named,
                       int64_t now_ms, struct err *err)
{
    size_t n_letters;
    for (size_t i = 0; i < n; i++) {
        const struct value arg = value_int(members[i]);
        for (size_t t = 0; t < n_person_tables; t++)
            if (person_tables[t].erase && !statement_run(privacy->store, person_tables[t].erase, &arg, err))
                return false;
        if (!profiles_erase(privacy->profiles, privacy->store, members[i], err) ||
            !ledger_put_erasure(privacy->store, profiles_vault(privacy->profiles), members[i], now_ms, err))
            return false;
    }
    return erase_rejects(privacy->store, named, err) &&
           dead_letters_forget(privacy->store, privacy->profiles, named->texts, named->n, &n_letters, err);
}

/* What is in memory too. */
static bool erase_names(const struct privacy *privacy, const uint32_t *members, size_t n, struct err *err)
{
    bool ok = identities_forget(privacy->identities, privacy->store, members, n, err);
    for (size_t i = 0; ok && i < n; i++) {
        struct text name = log_name(privacy->log, DICTIONARY_IDENTITY, members[i]);
        if (log_name_is_erased(name)) continue;
        ok = consents_erase(privacy->consents, privacy->store, name, err) &&
             log_rename_erased(privacy->log, members[i], err);
    }
    return ok;
}

/* Copies the members of a customer, ascending; in the arena. */
static uint32_t *copy_members(const struct privacy *privacy, uint32_t identity, struct arena *arena, size_t *ret_n)
{
    const uint32_t *members = identities_members(privacy->identities, identity, ret_n);
    uint32_t *copy = ARENA_ARRAY(arena, uint32_t, *ret_n);
    memcpy(copy, members, *ret_n * sizeof *copy);
    return copy;
}

static bool blank(const struct privacy *privacy, const uint32_t *members, size_t n, uint64_t *ret_n_events,
                  struct err *err)
{
    if (!log_blank(privacy->log, members, n, ret_n_events, err)) return false;
    for (size_t i = 0; privacy->blanked && i < n; i++) privacy->blanked(privacy->context, members[i]);
    return true;
}

static bool erase_members(const struct privacy *privacy, const uint32_t *members, size_t n, int64_t now_ms,
                          struct arena *arena, struct erased *ret_erased, struct err *err)
{
    struct named named = { .arena = arena };
    uint64_t n_events = 0, n_changes = store_changes(privacy->store);
    size_t n_links;
    (void)identities_links(privacy->identities, members[0], &n_links);
    if (!collect_texts(privacy, members, n, &named, err) || !blank(privacy, members, n, &n_events, err) ||
        !erase_rows(privacy, members, n, &named, now_ms, err))
        return false;
    lock(privacy);
    bool ok = erase_names(privacy, members, n, err);
    unlock(privacy);
    if (ok)
        *ret_erased = (struct erased){ n, (size_t)n_events, n_links,
                                       (size_t)(store_changes(privacy->store) - n_changes) };
    return ok;
}

/* Erases now, and leaves the request in the state that wants a second pass. */
static bool carry_out(const struct privacy *privacy, int64_t id, uint32_t identity, int64_t now_ms,
                      struct arena *arena, struct erased *ret_erased, struct err *err)
{
    struct erased erased;
    size_t n;
    const uint32_t *members = copy_members(privacy, identity, arena, &n);
    if (!erase_members(privacy, members, n, now_ms, arena, &erased, err))
        return err_context(err, "erasing a person");
    json_t *detail = json_pack("{s:I, s:I, s:I, s:[]}", "events", (json_int_t)erased.n_events, "links",
                               (json_int_t)erased.n_links, "rows", (json_int_t)erased.n_rows, "identities");
    for (size_t i = 0; i < n; i++)
        json_array_append_new(json_object_get(detail, "identities"), json_integer(members[i]));
    char *text = json_dumps(detail, JSON_COMPACT);
    bool ok = set_state(privacy->store, id, "erased", 0, text ? text : "", err);
    free(text);
    json_decref(detail);
    if (ok) *ret_erased = erased;
    return ok;
}

bool privacy_erase(const struct privacy *privacy, uint32_t identity, int64_t now_ms, struct erased *ret_erased,
                   struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    int64_t id;
    bool ok = put_one(privacy->store, PRIVACY_ERASE, identity, "waiting", now_ms, text_of("request"), &id, err) &&
              carry_out(privacy, id, identity, now_ms, arena, ret_erased, err);
    arena_free(arena);
    return ok;
}

/* The second time: events that were on their way. */
static bool finish(const struct privacy *privacy, const struct privacy_request *request, int64_t now_ms,
                   struct arena *arena, struct err *err)
{
    json_t *detail = json_loads(request->detail, 0, NULL), *list = json_object_get(detail, "identities");
    size_t n = json_array_size(list), n_known = 0;
    uint32_t *members = ARENA_ARRAY(arena, uint32_t, n + 1);
    uint64_t n_events;
    for (size_t i = 0; i < n; i++) {
        json_int_t member = json_integer_value(json_array_get(list, i));
        if (member > 0 && (uint64_t)member < log_n_names(privacy->log, DICTIONARY_IDENTITY))
            members[n_known++] = (uint32_t)member;
    }
    json_decref(detail);
    return blank(privacy, members, n_known, &n_events, err) &&
           set_state(privacy->store, request->id, "done", now_ms, request->detail, err);
}

bool privacy_carry_out(const struct privacy *privacy, int64_t id, int64_t now_ms, bool *ret_is_left,
                       struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct privacy_request request = { 0 };
    struct erased erased;
    bool ok = get_request(privacy->store, id, arena, &request, err), is_left = false;
    bool is_erasure = ok && strcmp(request.kind, "erase") == 0 && request.identity > 0 &&
                      request.identity < log_n_names(privacy->log, DICTIONARY_IDENTITY);
    if (is_erasure && strcmp(request.state, "erased") == 0) {
        ok = finish(privacy, &request, now_ms, arena, err);
    } else if (is_erasure && strcmp(request.state, "waiting") == 0) {
        is_left = true;
        ok = carry_out(privacy, request.id, request.identity, now_ms, arena, &erased, err);
    }
    arena_free(arena);
    if (ok) *ret_is_left = is_left;
    return ok;
}

bool privacy_scrub(struct store *store, struct err *err)
{
    int64_t is_busy, n_log, n_moved;
    if (!sql_scrub(store, &is_busy, &n_log, &n_moved, err)) return false;
    return !is_busy || err_set(err, ERR_BUSY, "a reader still looks at what was there before: try again");
}
