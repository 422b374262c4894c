/* routes_access.c - keys, tokens and people, and signing in and out. */
#include "server/changing.h"
#include "server/http_parse.h"
#include "server/clocks.h"
#include "server/dispatch.h"
#include "server/route.h"
#include "server/server.h"
#include "base/secret.h"
#include "hub/ingest.h"

#include <string.h>

/* One write to the tables of access: what is asked for, and what came of it. */
struct change {
    bool (*make)(struct store *store, struct change *change, struct err *err);
    const char      *what;              /* noted with who did it; NULL: nothing is, as of signing in and out */
    const struct request *request;
    int64_t          id, now_ms, until_ms;
    struct text      name;
    enum access_kind kind;
    enum access_role role;
    const char      *hash;
    char             secret[ACCESS_SECRET_BYTES];
};

static bool run_change(struct store *store, void *context, struct err *err)
{
    struct change *change = context;
    return change->make(store, change, err) &&
           (!change->what || change_note(change->request, store, change->what, 0, err));
}

static bool load(struct request *request, struct err *err)
{
    struct store *store;
    if (!service_read(request->service, &store, err)) return false;
    bool ok = access_load(request->service->access, store, err);
    service_read_done(request->service, store);
    return ok;
}

/* Makes it durable, and has it count. */
static bool apply(struct request *request, struct change *change, struct err *err)
{
    change->request = request;
    change->now_ms = request->received_ms;
    return ingest_run(request->service->ingest, run_change, change, err) && load(request, err);
}

static struct text text_in(const json_t *body, const char *name)
{
    const json_t *value = json_object_get(body, name);
    return (struct text){ json_is_string(value) ? json_string_value(value) : "", json_string_length(value) };
}

static bool role_in(const json_t *body, enum access_role *ret_role, struct err *err)
{
    if (access_role_named(text_in(body, "role"), ret_role)) return true;
    return err_set(err, ERR_INVALID, "role: one of " ACCESS_ROLES);
}

static bool id_in(struct request *request, int64_t *ret_id, struct err *err)
{
    if (text_int64(request_param(request, "id"), ret_id) && *ret_id > 0) return true;
    return err_set(err, ERR_INVALID, "an id is a whole number");
}

/* Of a key: an instant to come.  Anything else taken for "never" would be a key that never ends. */
static bool expiry_in(const json_t *body, int64_t now_ms, int64_t *ret_ms, struct err *err)
{
    const json_t *value = json_object_get(body, "expires_ms");
    *ret_ms = json_integer_value(value);
    if (!value || json_is_null(value) || (json_is_integer(value) && *ret_ms > now_ms)) return true;
    return err_set(err, ERR_INVALID, "expires_ms: a whole number of milliseconds since 1970, in the future");
}

static json_t *instant(int64_t ms) { return ms ? json_integer(ms) : json_null(); }

/* ---- Keys and tokens ---- */

static enum handling get_keys(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct access_key *keys;
    size_t n;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = access_keys(store, request->arena, &keys, &n, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list,
                              json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:o}", "id", (json_int_t)keys[i].id,
                                        "kind", access_kind_word(keys[i].kind), "name", keys[i].name,
                                        "role", access_role_name(keys[i].role), "hint", keys[i].hint, "made_ms",
                                        (json_int_t)keys[i].made_ms, "expires_ms", instant(keys[i].expires_ms)));
    reply_json_take(request, reply, 200, json_pack("{s:o}", "keys", list));
    return HANDLED;
}

static bool make_key(struct store *store, struct change *change, struct err *err)
{
    return access_key_make(store, change->kind, change->name, change->role, change->now_ms, change->until_ms,
                           change->secret, &change->id, err);
}

static void show_secret(struct request *request, struct reply *reply, const struct change *change)
{
    reply_json_take(request, reply, 200,
                    json_pack("{s:I, s:s}", "id", (json_int_t)change->id, "secret", change->secret));
}

static enum handling post_key(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body = NULL;
    const char *field = "kind";
    bool ok = request_json(request, &body, &err);
    if (ok) {
        struct change change = { .make = make_key, .name = text_in(body, "name") };
        if (!access_kind_named(text_in(body, "kind"), &change.kind))
            ok = err_set(&err, ERR_INVALID, "kind: page_key, write_key or token");
        change.what = change.kind == ACCESS_TOKEN      ? "access token"
                      : change.kind == ACCESS_PAGE_KEY ? "access page-key"
                                                       : "access key";
        if (ok && change.kind == ACCESS_TOKEN) { field = "role"; ok = role_in(body, &change.role, &err); }
        if (ok) { field = "expires_ms"; ok = expiry_in(body, request->received_ms, &change.until_ms, &err); }
        if (ok) { field = "name"; ok = apply(request, &change, &err); }
        if (ok) show_secret(request, reply, &change);
    }
    if (!ok) reply_error(request, reply, &err, body ? field : NULL);
    json_decref(body);
    return HANDLED;
}

static bool rotate_key(struct store *store, struct change *change, struct err *err)
{
    return access_key_rotate(store, change->id, change->now_ms, change->until_ms, change->secret, &change->id,
                             err);
}

static enum handling post_rotate(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body = NULL;
    struct change change = { .make = rotate_key, .what = "access rotate" };
    bool ok = id_in(request, &change.id, &err) && request_json(request, &body, &err);
    if (ok) {
        const json_t *grace = json_object_get(body, "grace_hours");
        double hours = grace ? json_number_value(grace) : 7 * 24;
        if (hours < 0 || hours > 24 * 366 || (grace && !json_is_number(grace)))
            ok = err_set(&err, ERR_INVALID, "grace_hours: a number from 0 to 8784");
        change.until_ms = (int64_t)(hours * 3600e3);
    }
    ok = ok && apply(request, &change, &err);
    if (ok) show_secret(request, reply, &change);
    else reply_error(request, reply, &err, NULL);
    json_decref(body);
    return HANDLED;
}

static bool remove_key(struct store *store, struct change *change, struct err *err)
{
    return access_key_remove(store, change->id, change->now_ms, err);
}

static bool remove_person(struct store *store, struct change *change, struct err *err)
{
    return access_person_remove(store, change->id, change->now_ms, err);
}

static enum handling remove_one(struct request *request, struct reply *reply, const char *what,
                                bool (*make)(struct store *, struct change *, struct err *))
{
    struct err err;
    struct change change = { .make = make, .what = what };
    if (!id_in(request, &change.id, &err) || !apply(request, &change, &err))
        return reply_error(request, reply, &err, "id");
    reply_text(reply, 200, "application/json", text_of("{\"success\":true}"));
    return HANDLED;
}

static enum handling delete_key(struct request *request, struct reply *reply)
{
    return remove_one(request, reply, "access remove", remove_key);
}
static enum handling delete_person(struct request *request, struct reply *reply)
{
    return remove_one(request, reply, "access remove-person", remove_person);
}

/* ---- People ---- */

static enum handling get_people(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct access_person *people;
    size_t n;
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    bool ok = access_people(store, request->arena, &people, &n, &err);
    service_read_done(request->service, store);
    if (!ok) return reply_error(request, reply, &err, NULL);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:I}", "id", (json_int_t)people[i].id, "name",
                                              people[i].name, "role", access_role_name(people[i].role), "made_ms",
                                              (json_int_t)people[i].made_ms));
    reply_json_take(request, reply, 200, json_pack("{s:o}", "people", list));
    return HANDLED;
}

static bool put_person(struct store *store, struct change *change, struct err *err)
{
    return access_person_put(store, change->name, change->role, change->hash, change->now_ms, &change->id, err);
}

static enum handling post_person(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body = NULL;
    const char *field = NULL;
    char hash[SECRET_PASSWORD_BYTES];
    struct change change = { .make = put_person, .what = "access person", .hash = hash };
    bool ok = request_json(request, &body, &err);
    if (ok) {
        struct text password = text_in(body, "password");
        change.name = text_in(body, "name");
        field = "role";
        ok = role_in(body, &change.role, &err);
        if (ok) { field = "password"; ok = access_password_check(change.name, password, &err); }
        ok = ok && secret_password_hash(password.at, hash, &err);
        if (ok) { field = "name"; ok = apply(request, &change, &err); }
    }
    if (ok) reply_json_take(request, reply, 200, json_pack("{s:I}", "id", (json_int_t)change.id));
    else reply_error(request, reply, &err, field);
    json_decref(body);
    return HANDLED;
}

/* ---- Sessions ---- */

static json_t *grant_json(const struct access_grant *grant)
{
    static const enum access_right rights[] = { ACCESS_VIEW,    ACCESS_CUSTOMER, ACCESS_DECIDE,
                                                ACCESS_SEGMENT, ACCESS_MODEL,    ACCESS_IDENTITY,
                                                ACCESS_PRIVACY, ACCESS_OPERATE,  ACCESS_ADMIN,
                                                ACCESS_JOURNEY, ACCESS_TASK,     ACCESS_APPROVE };
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
        if (grant->rights & rights[i]) json_array_append_new(list, json_string(access_right_name(rights[i])));
    return json_pack("{s:s, s:s, s:o}", "name", grant->name, "role", access_role_name(grant->role), "rights",
                     list);
}

static enum handling get_session(struct request *request, struct reply *reply)
{
    reply_json_take(request, reply, 200, grant_json(&request->grant));
    return HANDLED;
}

static const char *cookie(struct request *request, const char *value, int64_t seconds)
{
    return arena_format(request->arena, SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
                        value, (long long)seconds, request->is_secure ? "; Secure" : "");
}

static bool make_session(struct store *store, struct change *change, struct err *err)
{
    return access_session_make(store, change->id, change->now_ms, change->secret, err);
}

static bool end_session(struct store *store, struct change *change, struct err *err)
{
    return access_session_end(store, change->name, err);
}

/* Tries at passwords are counted for a name from an address, strictly, so that whoever guesses locks out neither the
 * others behind the same address nor the person elsewhere; by address and by name, which many may share, loosely;
 * and all together, for each costs some tens of ms. */
static bool may_try(struct request *request, struct reply *reply, struct text name)
{
    struct server *server = request->server;
    double now = clock_seconds();
    unsigned wait_seconds;
    struct text both = text_of(arena_format(request->arena, "%s %.*s", request->address, (int)name.length, name.at));
    if (throttle_take(server->logins, both, now, &wait_seconds) &&
        throttle_take(server->login_addresses, text_of(request->address), now, &wait_seconds) &&
        throttle_take(server->login_names, name, now, &wait_seconds) &&
        throttle_take(server->all_logins, text_of("all"), now, &wait_seconds))
        return true;
    route_too_often(request, reply, wait_seconds);
    return false;
}

static void sign_in(struct request *request, struct reply *reply, struct text name, struct text password)
{
    struct err err;
    struct access_grant grant;
    if (!may_try(request, reply, name)) return;
    if (!access_by_password(request->service->access, name, password, &grant)) {
        reply_refusal(request, reply, 401, "unauthorized", "the name or the password is wrong");
        return;
    }
    struct change change = { .make = make_session, .id = grant.id };
    if (!apply(request, &change, &err)) {
        reply_error(request, reply, &err, NULL);
        return;
    }
    reply_json_take(request, reply, 200, grant_json(&grant));
    reply_header(reply, "Set-Cookie", cookie(request, change.secret, ACCESS_SESSION_MS / 1000));
}

static enum handling post_session(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body;
    reply_header(reply, "Cache-Control", "no-store");
    if (!route_address_may(request, reply)) return HANDLED;
    if (!request_json(request, &body, &err)) return reply_error(request, reply, &err, NULL);
    sign_in(request, reply, text_in(body, "name"), text_in(body, "password"));
    json_decref(body);
    return HANDLED;
}

static enum handling delete_session(struct request *request, struct reply *reply)
{
    struct err err;
    struct change change = { .make = end_session };
    const char *cookies = request_header(request, "Cookie");
    if (cookies && cookie_find(text_of(cookies), SESSION_COOKIE, &change.name) && !apply(request, &change, &err))
        return reply_error(request, reply, &err, NULL);
    reply_header(reply, "Set-Cookie", cookie(request, "", 0));
    reply_text(reply, 200, "application/json", text_of("{\"success\":true}"));
    return HANDLED;
}

/* ---- The table ---- */

static const struct route_field keys_answer[] = {
    { "keys[].id", "integer", "names it here", true },
    { "keys[].kind", "string", "page_key, write_key or token", true },
    { "keys[].name", "string", "what it is for", true },
    { "keys[].role", "string", "of a token", true },
    { "keys[].hint", "string", "how the secret begins", true },
    { "keys[].made_ms", "integer", "when it was made", true },
    { "keys[].expires_ms", "integer", "when it ends; null: never", false },
    { 0 },
};
static const struct route_field key_body[] = {
    { "kind", "string", "page_key (for web pages and apps: may only send), write_key (for servers: also imports, joins, "
      "erases) or token", true },
    { "name", "string", "what it is for", true },
    { "role", "string", "of a token: " ACCESS_ROLES, false },
    { "expires_ms", "integer", "when it ends; else never", false },
    { 0 },
};
static const struct route_field secret_answer[] = {
    { "id", "integer", "names it here", true },
    { "secret", "string", "shown this once: only its hash is kept", true },
    { 0 },
};
static const struct route_field rotate_body[] = {
    { "grace_hours", "number", "how long the old one counts; else 168", false }, { 0 },
};
static const struct route_field success[] = { { "success", "boolean", "true: it is durable", true }, { 0 } };
static const struct route_field people_answer[] = {
    { "people[].id", "integer", "names them here", true },
    { "people[].name", "string", "what they sign in with", true },
    { "people[].role", "string", "what they may", true },
    { "people[].made_ms", "integer", "since when", true },
    { 0 },
};
static const struct route_field person_body[] = {
    { "name", "string", "what they sign in with; of somebody who is there, password and role change", true },
    { "role", "string", ACCESS_ROLES, true },
    { "password", "string", "10 to 256 bytes", true },
    { 0 },
};
static const struct route_field person_answer[] = { { "id", "integer", "names them here", true }, { 0 } };
static const struct route_field login_body[] = {
    { "name", "string", "the name", true }, { "password", "string", "the password", true }, { 0 },
};
static const struct route_field session_answer[] = {
    { "name", "string", "who asks", true },
    { "role", "string", "their role", true },
    { "rights", "array", "what they may", true },
    { "rights[]", "string", "one of them", true },
    { 0 },
};

#define WHO "{\"name\":\"ada\",\"role\":\"analyst\",\"rights\":[\"view\",\"customer\",\"segment\",\"model\"]}"

const struct route routes_access[] = {
    { .method = "GET",
      .path = "/v1/keys",
      .needs = ACCESS_ADMIN,
      .handle = get_keys, .is_slow = true,
      .summary = "Write keys and tokens",
      .answer = keys_answer,
      .answer_example = "{\"keys\":[{\"id\":1,\"kind\":\"write_key\",\"name\":\"shop\",\"role\":\"none\","
                        "\"hint\":\"wk_3fJ9a\",\"made_ms\":1700000000000,\"expires_ms\":null}]}" },
    { .method = "POST",
      .path = "/v1/keys",
      .needs = ACCESS_ADMIN,
      .handle = post_key, .is_slow = true,
      .summary = "Makes a write key or a token",
      .body = key_body,
      .body_example = "{\"kind\":\"token\",\"name\":\"dashboard\",\"role\":\"viewer\"}",
      .answer = secret_answer,
      .answer_example = "{\"id\":3,\"secret\":\"hf_...\"}" },
    { .method = "POST",
      .path = "/v1/keys/{id}/rotate",
      .needs = ACCESS_ADMIN,
      .handle = post_rotate, .is_slow = true,
      .summary = "Makes a new secret of the same name; the old one counts for some time",
      .body = rotate_body,
      .body_example = "{\"grace_hours\":168}",
      .answer = secret_answer,
      .answer_example = "{\"id\":4,\"secret\":\"wk_...\"}" },
    { .method = "DELETE",
      .path = "/v1/keys/{id}",
      .needs = ACCESS_ADMIN,
      .handle = delete_key, .is_slow = true,
      .summary = "Removes a write key or token at once",
      .answer = success,
      .answer_example = "{\"success\":true}" },
    { .method = "GET",
      .path = "/v1/people",
      .needs = ACCESS_ADMIN,
      .handle = get_people, .is_slow = true,
      .summary = "Who may sign in",
      .answer = people_answer,
      .answer_example =
          "{\"people\":[{\"id\":1,\"name\":\"ada\",\"role\":\"analyst\",\"made_ms\":1700000000000}]}" },
    { .method = "POST",
      .path = "/v1/people",
      .needs = ACCESS_ADMIN,
      .handle = post_person, .is_slow = true,
      .summary = "Adds a person, or changes one's password and role",
      .body = person_body,
      .body_example = "{\"name\":\"ada\",\"role\":\"analyst\",\"password\":\"...\"}",
      .answer = person_answer,
      .answer_example = "{\"id\":1}" },
    { .method = "DELETE",
      .path = "/v1/people/{id}",
      .needs = ACCESS_ADMIN,
      .handle = delete_person, .is_slow = true,
      .summary = "Removes a person and ends their sessions",
      .answer = success,
      .answer_example = "{\"success\":true}" },
    { .method = "POST",
      .path = "/v1/session",
      .needs = ACCESS_OPEN,
      .handle = post_session, .is_slow = true,
      .summary = "Signs in",
      .details = "The answer sets a cookie that lasts 12 hours.",
      .body = login_body,
      .body_example = "{\"name\":\"ada\",\"password\":\"...\"}",
      .answer = session_answer,
      .answer_example = WHO },
    { .method = "GET",
      .path = "/v1/session",
      .needs = ACCESS_SESSION,
      .handle = get_session,
      .summary = "Who asks, and what they may",
      .answer = session_answer,
      .answer_example = WHO },
    { .method = "DELETE",
      .path = "/v1/session",
      .needs = ACCESS_SESSION,
      .handle = delete_session, .is_slow = true,
      .summary = "Signs out",
      .answer = success,
      .answer_example = "{\"success\":true}" },
    { 0 },
};
