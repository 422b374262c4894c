/* dispatch.c - see dispatch.h. */
#include "server/dispatch.h"
#include "server/clocks.h"
#include "base/calendar.h"
#include "engine/service.h"

#include "server/ingest_reply.h"
#include "server/route.h"
#include "server/server.h"
#include "server/workers.h"

#include <string.h>

/* ---- Requests for which there is no route ---- */

/* The route that a browser asks about before it sends: a preflight names the method that will come. */
static void answer_options(struct request *request, struct reply *reply, const char *allow)
{
    const char *method = request_header(request, "Access-Control-Request-Method"),
               *headers = request_header(request, "Access-Control-Request-Headers"), *unused;
    const struct route *route =
        method ? route_find(method, request->path, request->arena, request->params, &unused) : NULL;
    reply_text(reply, 204, NULL, (struct text){ "", 0 });
    reply_header(reply, "Allow", arena_format(request->arena, "%s, OPTIONS", allow));
    if (!route || !route->is_cross_origin) return;
    reply_header(reply, "Access-Control-Allow-Origin", "*");
    reply_header(reply, "Access-Control-Allow-Methods", arena_format(request->arena, "%s, OPTIONS", allow));
    reply_header(reply, "Access-Control-Allow-Headers", cors_headers(text_of(headers), request->arena));
    reply_header(reply, "Access-Control-Max-Age", "86400");
}

static enum handling answer_without_route(struct request *request, struct reply *reply)
{
    const char *allow;
    (void)route_find("", request->path, request->arena, request->params, &allow);
    if (!allow)
        reply_refusal(request, reply, 404, "missing",
                      "there is nothing at this path; GET /openapi.json lists what there is");
    else if (strcmp(request->method, "OPTIONS") == 0)
        answer_options(request, reply, allow);
    else {
        reply_refusal(request, reply, 405, "method", arena_format(request->arena, "this path takes %s", allow));
        reply_header(reply, "Allow", arena_format(request->arena, "%s, OPTIONS", allow));
    }
    return HANDLED;
}

/* ---- Who asks ---- */

void route_too_often(struct request *request, struct reply *reply, unsigned wait_seconds)
{
    reply_refusal(request, reply, 429, "busy", "too many requests; try again later");
    reply_header(reply, "Retry-After", arena_format(request->arena, "%u", wait_seconds));
}

static bool is_this_machine(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

bool route_address_may(struct request *request, struct reply *reply)
{
    unsigned wait_seconds;
    if (is_this_machine(request->address)) return true;
    if (throttle_take(request->server->of_address, text_of(request->address), clock_seconds(), &wait_seconds))
        return true;
    if (route_takes_key(request->route)) {
        struct err err;
        err_set(&err, ERR_BUSY, "too many requests from this address");
        ingest_refuse(request, reply, &err, false);
    } else {
        route_too_often(request, reply, wait_seconds);
    }
    return false;
}

/* A browser says where a request comes from; one that changes something by a cookie must come from our own pages.
 */
static bool is_same_origin(const struct request *request)
{
    const char *origin = request_header(request, "Origin"), *site = request_header(request, "Sec-Fetch-Site"),
               *host = request_header(request, "Host");
    if (strcmp(request->method, "GET") == 0) return true;
    if (site && strcmp(site, "same-origin") != 0) return false;
    return origin && host && origin_is_host(text_of(origin), text_of(host), request->is_secure);
}

static bool known(struct request *request, bool *ret_is_foreign)
{
    const char *authorization = request_header(request, "Authorization"),
               *cookies = request_header(request, "Cookie");
    struct access *access = request->service->access;
    struct text token, session;
    *ret_is_foreign = false;
    if (authorization && bearer_read(text_of(authorization), &token))
        return access_by_token(access, token, &request->grant);
    if (!cookies || !cookie_find(text_of(cookies), SESSION_COOKIE, &session)) return false;
    if (!access_by_session(access, session, &request->grant)) return false;
    *ret_is_foreign = !is_same_origin(request);
    return true;
}

/* Whether a value of the query is one. */
static bool holds_secret(struct text query, enum access_kind kind)
{
    for (size_t i = 0; i < query.length; i++) {
        bool is_begin = i == 0 || query.at[i - 1] == '=' || query.at[i - 1] == '&';
        if (is_begin && access_looks_like((struct text){ query.at + i, query.length - i }, kind)) return true;
    }
    return false;
}

/* What was sent instead of a token of ours, in words.  What stands in an address stays in logs and histories, so it
 * counts nowhere. */
static const char *why_unknown(struct request *request)
{
    const char *authorization = request_header(request, "Authorization");
    struct text shown = { "", 0 }, password;
    bool is_bearer = authorization && bearer_read(text_of(authorization), &shown);
    if (authorization && !is_bearer) (void)basic_read(text_of(authorization), request->arena, &shown, &password);
    if (access_looks_like(shown, ACCESS_WRITE_KEY) || access_looks_like(shown, ACCESS_PAGE_KEY))
        return "this is a key, which sends events; asking takes a token: Authorization: Bearer hf_...";
    if (access_looks_like(shown, ACCESS_TOKEN))
        return is_bearer ? "the token is not known here: it is another database's, has ended or was removed; holdfast "
                           "access list shows those there are"
                         : "send the token as it is: Authorization: Bearer hf_...";
    if (holds_secret(request->query, ACCESS_WRITE_KEY) || holds_secret(request->query, ACCESS_PAGE_KEY))
        return "a key sends events, and in an address it stays in logs and histories: make another in its place "
               "(holdfast access rotate); asking takes a token: Authorization: Bearer hf_...";
    if (holds_secret(request->query, ACCESS_TOKEN))
        return "a token in the address stays in logs and histories: make another in its place (holdfast access "
               "rotate) and send it as Authorization: Bearer hf_...";
    return "send an API token: Authorization: Bearer hf_...";
}

/* Answers unless the request may go on. */
static bool may_go_on(struct request *request, struct reply *reply)
{
    struct server *server = request->server;
    enum access_right needs = request->route->needs;
    struct text address = text_of(request->address);
    unsigned wait_seconds;
    bool is_foreign;
    if (!route_address_may(request, reply)) return false;
    if (!known(request, &is_foreign)) {
        if (!throttle_take(server->failures, address, clock_seconds(), &wait_seconds)) {
            route_too_often(request, reply, wait_seconds);
            return false;
        }
        reply_refusal(request, reply, 401, "unauthorized", why_unknown(request));
        reply_header(reply, "WWW-Authenticate", "Bearer");
        return false;
    }
    if (is_foreign) {
        reply_refusal(request, reply, 403, "foreign",
                      "a session may change things from this server's own pages only");
        return false;
    }
    struct err err;
    if ((request->grant.rights & needs) && !request_check_query(request, &err)) {
        reply_error(request, reply, &err, NULL);
        return false;
    }
    if (request->grant.rights & needs) return true;
    reply_refusal(request, reply, 403, "forbidden",
                  arena_format(request->arena, "this needs the right '%s', which the role %s does not have",
                               access_right_name(needs), access_role_name(request->grant.role)));
    return false;
}

void route_refuse(struct request *request, struct reply *reply, const struct err *err, bool is_too_large)
{
    if (request->route && request->route->is_cross_origin) reply_header(reply, "Access-Control-Allow-Origin", "*");
    if (request->route && route_takes_key(request->route)) {
        ingest_refuse(request, reply, err, is_too_large);
        return;
    }
    reply_error(request, reply, err, NULL);
    if (is_too_large) reply->status = 413;
}

/* Every answer says as of when it is, by a header, where that is not now. */
static void say_as_of(struct request *request, struct reply *reply)
{
    int64_t instant_ms = request->service->instant_ms;
    char text[21];
    if (instant_ms == 0) return;
    calendar_format_ms(instant_ms, text);
    reply_header(reply, "X-As-Of", arena_copy(request->arena, text));
}

/* Lets the handler answer: at once, or in a thread where it may take its time. */
static enum handling hand_over(struct request *request, struct reply *reply)
{
    const struct route *route = request->route;
    if (!route->is_slow) return route->handle(request, reply);
    if (workers_kept(request->server->workers, request, reply)) return HANDLED;
    return workers_take(request->server->workers, request, reply, route->handle);
}

enum handling route_handle(struct request *request, struct reply *reply)
{
    const struct route *route = request->route;
    struct server *server = request->server;
    unsigned wait_seconds;
    if (!route) return answer_without_route(request, reply);
    if (route->is_cross_origin) {
        reply_header(reply, "Access-Control-Allow-Origin", "*");
        reply_header(reply, "Access-Control-Expose-Headers", "Retry-After, X-RateLimit-Reset, X-Request-Id");
    }
    if (route->needs == ACCESS_OPEN || route_takes_key(route)) return hand_over(request, reply);
    reply_header(reply, "Cache-Control", "no-store");
    reply_header(reply, "X-Content-Type-Options", "nosniff");
    if (!may_go_on(request, reply)) return HANDLED;
    struct text who =
        text_of(arena_format(request->arena, "%d:%lld", (int)request->grant.how, (long long)request->grant.id));
    if (!throttle_take(server->of_key, who, clock_seconds(), &wait_seconds)) {
        route_too_often(request, reply, wait_seconds);
        return HANDLED;
    }
    say_as_of(request, reply);
    return hand_over(request, reply);
}
