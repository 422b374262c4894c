/* routes_client.c - what clients in browsers ask before they begin, each in its own words: where to send, and that
 * nothing beside events is taken here. */
#include "server/ingest_reply.h"
#include "server/routes_ingest.h"
#include "server/route.h"
#include "server/server.h"
#include "base/calendar.h"
#include "govern/quiet_page.h"
#include "server/clocks.h"

#include <string.h>

/* What stands in Host and may be shown to a client again: letters, digits, dots, colons, brackets. */
static const char *safe_host(const struct request *request)
{
    const char *host = request_header(request, "Host");
    if (!host ||
        strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:-[]") != strlen(host))
        return NULL;
    return host;
}

static const char segment_name[] = "Segment.io", customerio_name[] = "Customer.io Data Pipelines";

/* A page whose client does not find its name here is never heard of again: said in the log once an hour. */
static void warn_of_quiet_page(struct request *request)
{
    struct server *server = request->server;
    struct quiet_page page;
    unsigned wait_seconds;
    char since[21];
    if (!request_header(request, "Origin") ||
        !quiet_pages_asked(server->quiet_pages, &request->grant, request->received_ms, &page))
        return;
    calendar_format_ms(page.since_ms, since);
    struct text id = text_of(arena_format(request->arena, "quiet %lld", (long long)page.key));
    if (throttle_take(server->warnings, id, clock_seconds(), &wait_seconds))
        server_log(server, "warning", "pages with the key '%s' (number %lld) asked %u times since %s where to send, "
                   "and sent nothing: in Customer.io's client the key is written with customerio_ before it, and of "
                   "any other the page's console says why", page.name, (long long)page.key, page.n_asked, since);
}

/* Of clients that Segment's analytics.js is in: each looks for an integration of its own name, and where there is
 * another beside it has to fetch a part of itself from its maker's host before it sends anything.  Their requests
 * are the same but for the key in the path. */
static enum handling answer_settings(struct request *request, struct reply *reply, bool is_customerio)
{
    const char *host = safe_host(request);
    struct text key = text_trim(request_param(request, "key"));
    is_customerio |= ingest_key_named(&key);
    if (!ingest_key(request, key)) {
        ingest_refuse_as(request, reply, 404, "missing", "there is no project with this write key", NULL);
        return HANDLED;
    }
    if (!is_customerio) warn_of_quiet_page(request);
    json_t *target =
        json_pack("{s:s%, s:s}", "apiKey", key.at, key.length, "protocol", request->is_secure ? "https" : "http");
    if (host) json_object_set_new(target, "apiHost", json_string(arena_format(request->arena, "%s/v1", host)));
    json_t *rule = json_pack("{s:{s:b}}", "__default", "enabled", 1);
    json_t *plan = json_pack("{s:O, s:O, s:o}", "track", rule, "identify", rule, "group", rule);
    reply_json_take(request, reply, 200,
                    json_pack("{s:{s:o}, s:o}", "integrations", is_customerio ? customerio_name : segment_name,
                              target, "plan", plan));
    reply_header(reply, "Cache-Control", "public, max-age=120");
    return HANDLED;
}

static enum handling get_settings(struct request *request, struct reply *reply)
{
    return answer_settings(request, reply, false);
}

static enum handling get_customerio_settings(struct request *request, struct reply *reply)
{
    return answer_settings(request, reply, true);
}

static enum handling get_source_config(struct request *request, struct reply *reply)
{
    const char *off = "enabled";
    if (!ingest_key_outside(request)) {
        ingest_refuse_as(request, reply, 401, "unauthorized", "the write key is not known", "writeKey");
        return HANDLED;
    }
    struct text typed;
    const char *key = request_query(request, "writeKey", &typed) ? typed.at : "";
    json_t *collection =
        json_pack("{s:{s:{s:b}, s:{s:b}}}", "statsCollection", "errors", off, 0, "metrics", off, 0);
    json_t *source = json_pack("{s:s, s:s, s:s, s:b, s:s, s:[], s:[], s:{}, s:o}", "id", request->grant.name,
                               "name", request->grant.name, "writeKey", key, "enabled", 1, "workspaceId",
                               "holdfast", "destinations", "connections", "dataplanes", "config", collection);
    reply_json_take(request, reply, 200, json_pack("{s:o}", "source", source));
    return HANDLED;
}

/* What PostHog's browser client asks before it begins: nothing beside events is taken here. */
static enum handling get_posthog_config(struct request *request, struct reply *reply)
{
    struct text key = request_param(request, "key");
    if (!ingest_key(request, key)) {
        ingest_refuse_as(request, reply, 404, "missing", "there is no project with this key", NULL);
        return HANDLED;
    }
    reply_json_take(request, reply, 200,
                    json_pack("{s:s%, s:[sss], s:{s:s}, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:[]}", "token", key.at,
                              key.length, "supportedCompression", "gzip", "gzip-js", "base64", "analytics", "endpoint",
                              "/i/v0/e/", "hasFeatureFlags", 0, "sessionRecording", 0, "surveys", 0, "heatmaps", 0,
                              "captureDeadClicks", 0, "capturePerformance", 0, "autocaptureExceptions", 0,
                              "elementsChainAsString", 1, "siteApps"));
    reply_header(reply, "Cache-Control", "public, max-age=120");
    return HANDLED;
}

/* ---- The table ---- */

static const struct route_field settings_answer[] = {
    { "integrations", "object", "the client's own name: where browsers send", true },
    { "plan", "object", "what may be sent: all", true },
    { 0 },
};
static const struct route_field key_query[] = { { "writeKey", "string", "or as HTTP Basic", false }, { 0 } };
static const struct route_field source_answer[] = { { "source", "object", "what a browser's client may do", true },
                                                    { 0 } };
static const struct route_field posthog_config[] = {
    { "token", "string", "the key", true },
    { "supportedCompression", "array", "how what is sent may be packed", true },
    { "analytics", "object", "where events go", true },
    { "hasFeatureFlags", "boolean", "false: there are none", true },
    { 0 },
};

const struct route routes_client[] = {
    { .method = "GET",
      .path = "/v1/projects/{key}/settings",
      .needs = ACCESS_OPEN,
      .handle = get_settings,
      .summary = "What analytics.js asks before it begins",
      .details = "Customer.io's client asks the same: its key is written with customerio_ before it.",
      .answer = settings_answer,
      .is_cross_origin = true,
      .answer_example = "{\"integrations\":{\"Segment.io\":{\"apiKey\":\"wk_...\"}},\"plan\":{}}" },
    { .method = "GET",
      .path = "/customerio/v1/projects/{key}/settings",
      .needs = ACCESS_OPEN,
      .handle = get_customerio_settings,
      .summary = "What Customer.io's browser client asks before it begins",
      .answer = settings_answer,
      .is_cross_origin = true,
      .answer_example = "{\"integrations\":{\"Customer.io Data Pipelines\":{\"apiKey\":\"pk_...\"}},\"plan\":{}}" },
    { .method = "GET",
      .path = "/sourceConfig",
      .needs = ACCESS_INGEST,
      .handle = get_source_config,
      .summary = "What RudderStack's browser client asks before it begins",
      .query = key_query,
      .answer = source_answer,
      .answer_example = "{\"source\":{\"enabled\":true,\"destinations\":[]}}",
      .is_cross_origin = true },
    { .method = "GET",
      .path = "/array/{key}/config",
      .needs = ACCESS_OPEN,
      .handle = get_posthog_config,
      .summary = "What PostHog's browser client asks before it begins",
      .answer = posthog_config,
      .is_cross_origin = true,
      .answer_example = "{\"token\":\"pk_...\",\"supportedCompression\":[\"gzip\"],\"analytics\":"
                        "{\"endpoint\":\"/i/v0/e/\"},\"hasFeatureFlags\":false}" },
    { 0 }
};
