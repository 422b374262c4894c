/* routes_return.c - what comes back: bounces and complaints of e-mail, callbacks of a provider of SMS. */
#include "server/route.h"
#include "server/clocks.h"
#include "server/http_parse.h"
#include "server/dispatch.h"
#include "server/server.h"
#include "channel/channel.h"
#include "engine/returning.h"
#include "hub/ingest.h"
#include "base/secret.h"
#include "store/setting.h"

#include <string.h>
#include <strings.h>

enum { REPORT_MOST_BYTES = 1 << 20, FIELDS_MOST = 64, FORM_MOST_BYTES = 64 * 1024 };

struct coming {
    struct request *request;
    struct reply *reply;
    json_t *answer;
    const char *channel;
    struct text number, sid, status;
    int64_t error;
    int word;
};

static void answer(struct coming *coming, const struct err *result)
{
    if (result->code != ERR_NONE) reply_error(coming->request, coming->reply, result, NULL);
    else
        reply_json_take(coming->request, coming->reply, 200,
                        coming->answer ? coming->answer : json_pack("{s:b}", "success", 1));
    if (result->code != ERR_NONE) json_decref(coming->answer);
}

static void is_done(void *context, const struct err *result)
{
    struct coming *coming = context;
    answer(coming, result);
    request_resume(coming->request);
}

static enum handling run(struct coming *coming, ingest_job *job)
{
    struct err err;
    if (ingest_run_later(coming->request->service->ingest, job, coming, is_done, &err)) return HANDLED_LATER;
    return reply_error(coming->request, coming->reply, &err, NULL);
}

/* ---- bounces ---- */

static bool take_report(struct store *store, void *context, struct err *err)
{
    struct coming *coming = context;
    struct service *service = coming->request->service;
    json_decref(coming->answer);        /* of a run before, whose group failed */
    coming->answer = NULL;
    return returning_take(service, store, coming->request->body, ingest_received_ms(service->ingest),
                          coming->request->arena, &coming->answer, err);
}

static enum handling handle_bounce(struct request *request, struct reply *reply)
{
    struct coming *coming = ARENA_NEW(request->arena, struct coming);
    *coming = (struct coming){ .request = request, .reply = reply };
    return run(coming, take_report);
}

/* ---- callbacks ---- */

static bool take_callback(struct store *store, void *context, struct err *err)
{
    struct coming *coming = context;
    struct service *service = coming->request->service;
    int64_t now_ms = ingest_received_ms(service->ingest);
    if (coming->word)
        return returning_word(service, store, coming->channel, coming->number, coming->word < 0, now_ms,
                              coming->request->arena, err);
    return returning_status(service, store, coming->sid, coming->status, coming->error, now_ms,
                            coming->request->arena, err);
}

/* Words that providers and carriers know: -1 ends, 1 begins again, 0 another. */
static int word_of(struct text body)
{
    static const char *const ends[] = { "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "STOPP" };
    static const char *const begins[] = { "START", "YES", "UNSTOP" };
    body = text_trim(body);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (text_equal_ignoring_case(body, text_of(ends[i]))) return -1;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (text_equal_ignoring_case(body, text_of(begins[i]))) return 1;
    return 0;
}

/* The URL as the provider knows it is that of the settings, not of the request, which a proxy may have changed. */
static bool is_signed(struct request *request, const struct form_field *fields, size_t n, struct err *err)
{
    struct settings settings;
    struct channels channels;
    struct store *store;
    const char *url = "", *given = request_header(request, "X-Twilio-Signature");
    struct text name = request_param(request, "channel");
    if (!service_read(request->service, &store, err)) return false;
    bool ok = setting_file(store, request->service->options.settings_path, request->arena, &settings, err);
    service_read_done(request->service, store);
    if (!ok || !settings_text(&settings, "public_url", &url, err) ||
        !channels_read(&settings, request->arena, &channels, err))
        return false;
    const struct channel *channel = channel_find(&channels, name);
    bool is_known = channel && channel->kind == WAY_TWILIO;
    const char *wanted = "";
    if (is_known)
        wanted = twilio_signature(channel->password,
                                  arena_format(request->arena, "%s/v1/callbacks/%s", url, channel->name), fields,
                                  n, request->arena);
    channels_forget(&channels);
    if (!is_known)
        return err_set(err, ERR_MISSING, "there is no channel of kind twilio called '%.*s'",
                       (int)(name.length < 60 ? name.length : 60), name.at);
    size_t length = strlen(wanted);
    if (given && strlen(given) == length && secret_equal(given, wanted, length)) return true;
    return err_set(err, ERR_REFUSED, "the signature X-Twilio-Signature is missing or wrong");
}

static enum handling handle_callback(struct request *request, struct reply *reply)
{
    struct err err;
    unsigned wait_seconds;
    struct form_field *fields = ARENA_ARRAY(request->arena, struct form_field, FIELDS_MOST);
    if (!route_address_may(request, reply)) return HANDLED;
    size_t n = form_read(request->body, request->arena, fields, FIELDS_MOST);
    if (!is_signed(request, fields, n, &err)) {
        if (err.code != ERR_REFUSED) return reply_error(request, reply, &err, NULL);
        (void)throttle_take(request->server->failures, text_of(request->address), clock_seconds(), &wait_seconds);
        reply_refusal(request, reply, 401, "unauthorized", err.text);
        return HANDLED;
    }
    struct coming *coming = ARENA_NEW(request->arena, struct coming);
    struct text channel = request_param(request, "channel"), body = form_find(fields, n, "Body");
    *coming = (struct coming){ .request = request,
                               .reply = reply,
                               .channel = arena_format(request->arena, "%.*s", (int)channel.length, channel.at),
                               .number = form_find(fields, n, "From"),
                               .sid = form_find(fields, n, "MessageSid"),
                               .status = form_find(fields, n, "MessageStatus"),
                               .word = word_of(body) };
    (void)text_int64(form_find(fields, n, "ErrorCode"), &coming->error);
    bool is_incoming = body.length > 0 && coming->status.length == 0;
    if (is_incoming && !coming->word) {     /* somebody wrote something: nobody here answers */
        reply_json_take(request, reply, 200, json_pack("{s:b}", "success", 1));
        return HANDLED;
    }
    if (!is_incoming) coming->word = 0;
    return run(coming, take_callback);
}

static const struct route_field bounce_answer[] = {
    { "kind", "string", "hard, soft, delayed or complaint", true },
    { "message", "string", "what came back: m_ and a number", true },
    { "address_closed", "boolean", "nothing more is sent to its address", true },
    { "channel_stopped", "boolean", "too many of a day's came back: the channel is stopped", true },
    { "status", "string", "as RFC 3463 has it, 5.1.1", true },
    { "diagnostic", "string", "what the relay said", true },
    { 0 },
};
static const struct route_field success_answer[] = { { "success", "boolean", "it is written down", true }, { 0 } };

const struct route routes_return[] = {
    { .method = "POST",
      .path = "/v1/bounces",
      .needs = ACCESS_OPERATE,
      .handle = handle_bounce,
      .is_slow = true,
      .summary = "Take in a bounce (RFC 3464) or a complaint (RFC 5965) as it came, message/rfc822",
      .answer = bounce_answer,
      .most_body_bytes = REPORT_MOST_BYTES,
      .answer_example =
          "{\"kind\": \"hard\", \"message\": \"m_17\", \"address_closed\": true, \"channel_stopped\": false, "
          "\"status\": \"5.1.1\", \"diagnostic\": \"smtp; 550 no such user\"}" },
    { .method = "POST",
      .path = "/v1/callbacks/{channel}",
      .needs = ACCESS_OPEN,
      .handle = handle_callback,
      .is_slow = true,
      .summary = "What a provider of SMS says of a message, or of somebody who answered STOP; signed",
      .answer = success_answer,
      .answer_example = "{\"success\": true}",
      .most_body_bytes = FORM_MOST_BYTES },
    { 0 },
};
