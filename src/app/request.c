/* request.c - what handlers read from a request and write into its reply; see http.h. */
#include "app/http.h"

#include "app/http_parse.h"
#include "app/route.h"

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

bool request_json(const struct request *request, json_t **ret_object, struct err *err)
{
    json_error_t why;
    json_t *object = request->body.length
                         ? json_loadb(request->body.at, request->body.length, JSON_REJECT_DUPLICATES, &why)
                         : json_object();
    if (!object)
        return err_set(err, ERR_INVALID, "the body is not JSON: %s, at byte %d", why.text, why.position);
    if (!json_is_object(object)) {
        json_decref(object);
        return err_set(err, ERR_INVALID, "the body is JSON but not an object");
    }
    *ret_object = object;
    return true;
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
    reply_failure(request, reply, status, err_word(err->code), err->text, field);
    if (status == 503) reply_header(reply, "Retry-After", err->code == ERR_BUSY ? "1" : "5");
    return HANDLED;
}

void reply_refusal(struct request *request, struct reply *reply, int status, const char *code, const char *message)
{
    reply_failure(request, reply, status, code, message, NULL);
}
