/* ingest_reply.c - see ingest_reply.h. */
#include "server/ingest_reply.h"
#include "server/route.h"

#include <string.h>

void ingest_refuse_as(struct request *request, struct reply *reply, int status, const char *code, const char *message,
                      const char *field)
{
    json_t *json =
        json_pack("{s:b, s:s, s:s, s:s?}", "success", 0, "code", code, "message", message, "field", field);
    if (!json)
        json = json_pack("{s:b, s:s, s:s}", "success", 0, "code", code, "message", "what was sent is not text");
    reply->why = code;
    reply_json_take(request, reply, status, json);
}

void ingest_refuse_for_now(struct request *request, struct reply *reply, int status, unsigned wait_seconds,
                           const char *code, const char *message)
{
    ingest_refuse_as(request, reply, status, code, message, NULL);
    const char *wait = arena_format(request->arena, "%u", wait_seconds);
    reply_header(reply, "Retry-After", wait);
    if (status == 429) reply_header(reply, "X-RateLimit-Reset", wait);
}

static bool is_posthog(const struct request *request)
{
    const char *path = request->route->path;
    return strcmp(path, "/batch") == 0 || strcmp(path, "/e") == 0 || strcmp(path, "/capture") == 0 ||
           strcmp(path, "/i/v0/e") == 0;
}

void ingest_refuse(struct request *request, struct reply *reply, const struct err *err, bool is_too_large)
{
    switch (err->code) {
    case ERR_BUSY:
        ingest_refuse_for_now(request, reply, 429, 1, "too_many_requests", err->text);
        return;
    case ERR_IO:
    case ERR_REFUSED:
    case ERR_CORRUPT:
        ingest_refuse_for_now(request, reply, 503, 5, "unavailable", err->text);
        return;
    case ERR_INVALID:
    case ERR_MISSING:
    case ERR_NONE:
    case ERR_CODES:
    default:
        /* PostHog's clients halve a batch at 413; Segment's drop it at either and are promised 400. */
        ingest_refuse_as(request, reply, is_too_large && is_posthog(request) ? 413 : 400, "invalid_request",
                         err->text, NULL);
    }
}
