/* routes_ledgers.c - what people stated about consent, and where messages go: GET /v1/consents and
 * /v1/destinations. */
#include "server/route.h"
#include "base/calendar.h"
#include "channel/channel.h"
#include "engine/service.h"
#include "hub/outbox.h"
#include "store/setting.h"
#include "store/sql.h"

#include <string.h>

enum { ROWS_USUAL = 50, ROWS_MOST = 500 };

/* ---- consent ---- */

static bool read_counts(struct store *store, json_t *list, struct err *err)
{
    struct sql_consent_counts row;
    enum step step;
    if (!sql_consent_counts(store, &row, err)) return false;
    while ((step = sql_consent_counts_step(&row, err)) == STEP_ROW)
        json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "purpose", row.purpose.at, "given",
                                              (json_int_t)row.yes, "refused", (json_int_t)row.no));
    cursor_close(row.cursor);
    return step == STEP_END;
}

static bool read_statements(struct store *store, int64_t before, int64_t limit, json_t *list, struct err *err)
{
    struct sql_consent_ledger row;
    enum step step;
    if (!sql_consent_ledger(store, before, limit, &row, err)) return false;
    while ((step = sql_consent_ledger_step(&row, err)) == STEP_ROW)
        json_array_append_new(list, json_pack("{s:I, s:s, s:b, s:I, s:s, s:s}", "id", (json_int_t)row.id, "purpose",
                                              row.purpose.at, "is_given", row.is_given != 0, "stated_ms",
                                              (json_int_t)row.stated_ms, "source", row.source.at, "proof",
                                              row.proof.at));
    cursor_close(row.cursor);
    return step == STEP_END;
}

static enum handling handle_consents(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    int64_t before, limit;
    if (!request_query_int(request, "before", 1, INT64_MAX, INT64_MAX, &before, &err))
        return reply_error(request, reply, &err, "before");
    if (!request_query_int(request, "limit", 1, ROWS_MOST, ROWS_USUAL, &limit, &err))
        return reply_error(request, reply, &err, "limit");
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    json_t *purposes = json_array(), *statements = json_array();
    bool ok = read_counts(store, purposes, &err) && read_statements(store, before, limit, statements, &err);
    service_read_done(request->service, store);
    if (ok)
        reply_json_take(request, reply, 200,
                        json_pack("{s:O, s:O}", "purposes", purposes, "statements", statements));
    else reply_error(request, reply, &err, NULL);
    json_decref(purposes);
    json_decref(statements);
    return HANDLED;
}

/* ---- destinations ---- */

/* Where it leads, without what is secret: scheme and host.  Only before the first of /?# does an @ end a password. */
static const char *leads_to(const struct channel *channel, struct arena *arena)
{
    if (channel->kind == WAY_FILE) return channel->path ? channel->path : "";
    const char *url = channel->url ? channel->url : "", *colon = strstr(url, "://");
    if (!colon) return "";
    const char *host = colon + 3, *end = host + strcspn(host, "/?#");
    for (const char *at = host; at < end; at++)
        if (*at == '@') host = at + 1;
    return arena_format(arena, "%.*s://%.*s", (int)(colon - url), url, (int)(end - host), host);
}

static json_t *channel_json(const struct channel *channel, const struct outbox_stopped *stops, struct arena *arena)
{
    json_t *json = json_pack("{s:s, s:s, s:s, s:b, s:f, s:{}, s:n}", "name", channel->name, "kind",
                             channel_way_word(channel->kind), "leads_to", leads_to(channel, arena), "is_stopped",
                             outbox_is_stopped(stops, text_of(channel->name), text_of("")), "rate", channel->rate,
                             "messages", "sent_ms");
    if (channel->kind == WAY_SMTP) json_object_set_new(json, "is_signed", json_boolean(channel_is_aligned(channel)));
    return json;
}

static bool add_counts(struct store *store, int64_t since_ms, json_t *list, struct err *err)
{
    struct sql_message_channels row;
    enum step step;
    size_t i;
    json_t *one;
    if (!sql_message_channels(store, since_ms, &row, err)) return false;
    while ((step = sql_message_channels_step(&row, err)) == STEP_ROW)
        json_array_foreach(list, i, one) {
            if (strcmp(json_string_value(json_object_get(one, "name")), row.channel.at) != 0) continue;
            json_object_set_new(json_object_get(one, "messages"), row.status.at, json_integer(row.n));
            if (row.last_ms > json_integer_value(json_object_get(one, "sent_ms")))
                json_object_set_new(one, "sent_ms", json_integer(row.last_ms));
        }
    cursor_close(row.cursor);
    return step == STEP_END;
}

static enum handling handle_destinations(struct request *request, struct reply *reply)
{
    struct err err;
    struct store *store;
    struct settings settings;
    struct channels channels = { 0 };
    struct outbox_stopped stops;
    int64_t now_ms = clock_now_ms(&request->service->options.clock);
    if (!service_read(request->service, &store, &err)) return reply_error(request, reply, &err, NULL);
    json_t *list = json_array();
    bool ok = setting_file(store, request->service->options.settings_path, request->arena, &settings, &err) &&
              channels_read(&settings, request->arena, &channels, &err) && outbox_read_stops(store, &stops, &err);
    for (size_t i = 0; ok && i < channels.n; i++)
        json_array_append_new(list, channel_json(&channels.list[i], &stops, request->arena));
    ok = ok && add_counts(store, now_ms - 7 * MS_PER_DAY, list, &err);
    channels_forget(&channels);
    service_read_done(request->service, store);
    if (ok) reply_json_take(request, reply, 200, json_pack("{s:O}", "destinations", list));
    else reply_error(request, reply, &err, NULL);
    json_decref(list);
    return HANDLED;
}

/* ---- the table ---- */

static const struct route_field consents_query[] = {
    { "before", "integer", "only ids below this number: the last of the page before", false },
    { "limit", "integer", "1 to 500; 50 if not said", false },
    { 0 },
};
static const struct route_field consents_answer[] = {
    { "purposes", "array", "what people said last, by purpose", true },
    { "purposes[].purpose", "string", "email, analytics, a topic ...", true },
    { "purposes[].given", "integer", "ids that said yes", true },
    { "purposes[].refused", "integer", "ids that said no", true },
    { "statements", "array", "the newest first", true },
    { "statements[].id", "integer", "its number", true },
    { "statements[].purpose", "string", "about what", true },
    { "statements[].is_given", "boolean", "yes or no", true },
    { "statements[].stated_ms", "integer", "when it was stated", true },
    { "statements[].source", "string", "where: a page, an import, a client", true },
    { "statements[].proof", "string", "what shows it; empty: nothing", true },
    { 0 },
};
static const struct route_field destinations_answer[] = {
    { "destinations", "array", "the channels of the settings", true },
    { "destinations[].name", "string", "as journeys call it", true },
    { "destinations[].kind", "string", "smtp, twilio, webhook or file", true },
    { "destinations[].leads_to", "string", "scheme and host, or a path", true },
    { "destinations[].is_stopped", "boolean", "nothing leaves by it now", true },
    { "destinations[].rate", "number", "messages a second; 0: no limit", true },
    { "destinations[].messages", "object", "of the last seven days, and those that wait, by state", true },
    { "destinations[].messages.*", "integer", "of one state", false },
    { "destinations[].sent_ms", "integer, null", "when one was sent last", true },
    { "destinations[].is_signed", "boolean", "of e-mail: DKIM signs for the From's domain", false },
    { 0 },
};

const struct route routes_ledgers[] = {
    { .method = "GET",
      .path = "/v1/consents",
      .needs = ACCESS_PRIVACY,
      .handle = handle_consents,
      .is_slow = true,
      .summary = "The ledger of consent: what people stated, when, where, and what shows it",
      .details = "Ids are kept as hashes only, so that it outlives an erasure: of one person ask for their export.",
      .query = consents_query,
      .answer = consents_answer,
      .answer_example = "{\"purposes\": [{\"purpose\": \"email\", \"given\": 212, \"refused\": 9}], \"statements\": "
                        "[{\"id\": 7, \"purpose\": \"email\", \"is_given\": false, \"stated_ms\": 1790000000000, "
                        "\"source\": \"page\", \"proof\": \"\"}]}" },
    { .method = "GET",
      .path = "/v1/destinations",
      .needs = ACCESS_VIEW,
      .handle = handle_destinations,
      .is_slow = true,
      .summary = "Where messages go, and how each way fares",
      .answer = destinations_answer,
      .answer_example = "{\"destinations\": [{\"name\": \"email\", \"kind\": \"smtp\", \"leads_to\": "
                        "\"smtp://127.0.0.1:25\", \"is_stopped\": false, \"rate\": 10.0, \"messages\": {\"sent\": 40}, "
                        "\"sent_ms\": 1790000000000, \"is_signed\": true}]}" },
    { 0 },
};
