/* request.c - what handlers read from a request and write into its reply; see http.h. */
#include "server/http.h"

#include "base/json_error_words.h"
#include "base/similar.h"
#include "server/http_parse.h"
#include "server/route.h"

#include <assert.h>
#include <string.h>

struct text request_param(const struct request *request, const char *name)
{
    const char *form = request->route->path;
    size_t length = strlen(name);
    for (size_t i = 0; i < REQUEST_PARAMS && (form = strchr(form, '{')); i++, form++)
        if (strncmp(form + 1, name, length) == 0 && form[1 + length] == '}') return request->params[i];
    assert(!"the route's path has a parameter of this name");
    return (struct text){ "", 0 };
}

bool request_query(struct request *request, const char *name, struct text *ret_value)
{
    return query_find(request->query, name, request->arena, ret_value);
}

bool request_query_int(struct request *request, const char *name, int64_t least, int64_t most, int64_t otherwise,
                       int64_t *ret_value, struct err *err)
{
    struct text typed;
    int64_t value = otherwise;
    if (request_query(request, name, &typed) && (!text_int64(typed, &value) || value < least || value > most))
        return err_set(err, ERR_INVALID, "%s: give a whole number from %lld to %lld", name, (long long)least,
                       (long long)most);
    *ret_value = value;
    return true;
}

bool request_check_query(struct request *request, struct err *err)
{
    const struct route_field *fields = request->route->query;
    const char **names;
    size_t n = 0;
    while (fields && fields[n].name) n++;
    names = ARENA_ARRAY(request->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) names[i] = fields[i].name;
    for (struct text rest = request->query, name; query_next(&rest, request->arena, &name);) {
        size_t i = 0;
        while (i < n && !text_equal(name, text_of(names[i]))) i++;
        if (i < n || name.length == 0) continue;
        request->field = arena_format(request->arena, "%.*s", (int)(name.length < 100 ? name.length : 100), name.at);
        return err_set(err, ERR_INVALID, "there is no '%s' to give here%s", request->field,
                       similar_names(request->field, names, n, request->arena));
    }
    return true;
}

/* Whether the table has this member, alone or with members of its own: "candidates" by "candidates[].action". */
static bool is_listed(const struct route_field *fields, const char *prefix, const char *name)
{
    size_t of_prefix = strlen(prefix), of_name = strlen(name);
    for (; fields->name; fields++) {
        if (strncmp(fields->name, prefix, of_prefix) != 0) continue;
        const char *rest = fields->name + of_prefix;
        if (strcmp(rest, "*") == 0) return true;
        if (strncmp(rest, name, of_name) == 0 && strchr(".[", rest[of_name])) return true;   /* or its end */
    }
    return false;
}

static bool has_members(const struct route_field *fields, const char *prefix)
{
    for (; fields->name; fields++)
        if (strncmp(fields->name, prefix, strlen(prefix)) == 0) return true;
    return false;
}

static const char *members_of(struct arena *arena, const struct route_field *fields, const char *prefix)
{
    const char *list = "";
    size_t of_prefix = strlen(prefix), of_before = 0;
    const char *before = NULL;
    for (; fields->name; fields++) {
        const char *rest = fields->name + of_prefix;
        if (strncmp(fields->name, prefix, of_prefix) != 0 || !*rest || *rest == '[') continue;
        size_t length = strcspn(rest, ".[");
        if (before && length == of_before && strncmp(rest, before, length) == 0) continue;
        before = rest, of_before = length;
        list = arena_format(arena, "%s%s%.*s", list, *list ? ", " : "", (int)length, rest);
    }
    return list;
}

/* Refuses members that the table does not list, at any depth that the table speaks of. */
static bool check_members(struct request *request, json_t *json, const char *prefix, struct err *err)
{
    const struct route_field *fields = request->route->body;
    struct arena *arena = request->arena;
    const char *name;
    json_t *value;
    size_t i;
    if (!has_members(fields, prefix)) return true;
    json_object_foreach(json, name, value) {
        const char *path = arena_format(arena, "%s%s", prefix, name);
        if (!is_listed(fields, prefix, name)) {
            request->field = path;
            return err_set(err, ERR_INVALID, "there is no member '%.100s' here, only %s", path,
                           members_of(arena, fields, prefix));
        }
        const char *inside = arena_format(arena, "%s[].", path);
        if (json_is_object(value) && !check_members(request, value, arena_format(arena, "%s.", path), err))
            return false;
        if (!json_is_array(value) || !has_members(fields, inside)) continue;
        json_t *item;
        json_array_foreach(value, i, item)
            if (json_is_object(item) && !check_members(request, item, inside, err)) return false;
    }
    return true;
}

bool request_json(struct request *request, json_t **ret_object, struct err *err)
{
    json_error_t why;
    json_t *object = request->body.length
                         ? json_loadb(request->body.at, request->body.length, JSON_REJECT_DUPLICATES, &why)
                         : json_object();
    if (!object)
        return err_set(err, ERR_INVALID, "the body is not JSON: %s, at byte %d", json_error_words(&why),
                       why.position);
    bool ok = json_is_object(object) || err_set(err, ERR_INVALID, "the body is JSON but not an object");
    if (ok && request->route && request->route->body) ok = check_members(request, object, "", err);
    if (ok) *ret_object = object;
    else json_decref(object);
    return ok;
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
    assert(reply->n_headers < REPLY_HEADERS);
    reply->headers[reply->n_headers++] = (struct reply_header){ name, value };
}

void reply_text(struct reply *reply, int status, const char *content_type, struct text body)
{
    reply->status = status;
    reply->content_type = content_type;
    reply->body = body;
}

void reply_json_take(struct request *request, struct reply *reply, int status, json_t *json)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    size_t length = json_dumpb(json, NULL, 0, flags);
    char *bytes = arena_alloc(request->arena, length + 1, 1);
    size_t written = json_dumpb(json, bytes, length, flags);
    assert(length > 0 && written == length);
    (void)written;
    json_decref(json);
    reply_text(reply, status, "application/json", (struct text){ bytes, length });
}

static int status_of(enum err_code code)
{
    switch (code) {
    case ERR_INVALID: return 400;
    case ERR_MISSING: return 404;
    case ERR_REFUSED: return 409;
    case ERR_BUSY:
    case ERR_IO:      return 503;
    case ERR_CORRUPT:
    case ERR_NONE:
    case ERR_CODES:
    default:          return 500;
    }
}

static void reply_failure(struct request *request, struct reply *reply, int status, const char *code,
                          const char *message, const char *field)
{
    json_t *json = json_pack("{s:s, s:s, s:s?}", "code", code, "message", message, "field", field);
    if (!json) json = json_pack("{s:s, s:s, s:n}", "code", code, "message", "what was wrong is not text", "field");
    reply->why = code;
    reply_json_take(request, reply, status, json);
}

enum handling reply_error(struct request *request, struct reply *reply, const struct err *err, const char *field)
{
    int status = status_of(err->code);
    reply_failure(request, reply, status, err_word(err->code), err->text, field ? field : request->field);
    if (status == 503) reply_header(reply, "Retry-After", err->code == ERR_BUSY ? "1" : "5");
    return HANDLED;
}

void reply_refusal(struct request *request, struct reply *reply, int status, const char *code, const char *message)
{
    reply_failure(request, reply, status, code, message, NULL);
}
