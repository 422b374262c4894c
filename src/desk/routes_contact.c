/* routes_contact.c - one message to one customer, written by hand: tried, then sent.  POST
 * /v1/customers/{id}/contact. */
#include "server/changing.h"
#include "server/route.h"
#include "engine/journeys.h"
#include "engine/service.h"
#include "hub/ingest.h"

#include <inttypes.h>
#include <string.h>

enum { SUBJECT_MOST_BYTES = 300, TEXT_MOST_BYTES = 20000, KEY_MOST_BYTES = 100 };

struct writing {
    struct request      *request;
    struct contact_asked asked;
    struct contact_told  told;
};

static bool write_job(struct store *store, void *context, struct err *err)
{
    struct writing *w = context;
    struct request *request = w->request;
    if (!journeys_write_to(request->service->journeys, store, &w->asked, request->arena, &w->told, err))
        return false;
    return w->told.id == 0 ||
           change_note(request, store, arena_format(request->arena, "message %s", w->asked.channel),
                       w->asked.customer, err);
}

/* ---- what is asked ---- */

/* A text of the body, in the request's arena; NULL: it is not there, or empty. */
static bool read_text(struct request *request, const json_t *body, const char *name, size_t most,
                      const char **ret_text, struct err *err)
{
    const json_t *value = json_object_get(body, name);
    const char *text = json_string_value(value);
    *ret_text = text && *text ? arena_copy(request->arena, text) : NULL;
    if (value && !json_is_null(value) && !text) return err_set(err, ERR_INVALID, "%s must be a text", name);
    return !text || strlen(text) <= most || err_set(err, ERR_INVALID, "%s is longer than %zu bytes", name, most);
}

static bool has_topic(const struct contact_rules *rules, const char *topic)
{
    for (size_t i = 0; topic && i < rules->n_topics; i++)
        if (strcmp(rules->topics[i].name, topic) == 0) return true;
    return !topic;
}

static bool check_way(const struct contact_rules *rules, const struct contact_asked *asked, const char **ret_field,
                      struct err *err)
{
    enum channel_kind kind = contact_channel_kind(rules, asked->channel);
    *ret_field = "channel";
    if (!contact_has_channel(rules, asked->channel) || (kind != CHANNEL_SMTP && kind != CHANNEL_TWILIO))
        return err_set(err, ERR_INVALID,
                       "'%.60s' is no channel of the settings by which a person is written to: by e-mail "
                       "or SMS",
                       asked->channel);
    *ret_field = "topic";
    if (!has_topic(rules, asked->topic))
        return err_set(err, ERR_INVALID, "no topic of the settings is called '%.60s'", asked->topic);
    *ret_field = "subject";
    return kind != CHANNEL_SMTP || asked->subject ||
           err_set(err, ERR_INVALID, "subject is missing: an e-mail has one");
}

static bool read_asked(struct writing *w, const json_t *body, const char **ret_field, struct err *err)
{
    static const char *const names[] = { "channel", "topic", "subject", "text", "key" };
    static const size_t most[] = { 100, 100, SUBJECT_MOST_BYTES, TEXT_MOST_BYTES, KEY_MOST_BYTES };
    const char *key = NULL;
    const char **into[] = { &w->asked.channel, &w->asked.topic, &w->asked.subject, &w->asked.text, &key };
    struct request *request = w->request;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *ret_field = names[i];
        if (!read_text(request, body, names[i], most[i], into[i], err)) return false;
    }
    const json_t *is_tried = json_object_get(body, "is_tried");
    *ret_field = "is_tried";
    if (is_tried && !json_is_boolean(is_tried))
        return err_set(err, ERR_INVALID, "is_tried must be true or false: true where nothing is to be sent");
    w->asked.is_tried = json_is_true(is_tried);
    *ret_field = "text";
    if (!w->asked.text) return err_set(err, ERR_INVALID, "text is missing: what is written to them");
    *ret_field = "key";
    if (!key && !w->asked.is_tried)
        return err_set(err, ERR_INVALID, "key is missing: any text of your own, so that asking twice sends once");
    w->asked.key = arena_format(request->arena, "contact:%s:%" PRIu32 ":%s", request->grant.name,
                                w->asked.customer, key ? key : "");
    *ret_field = "channel";
    if (!w->asked.channel) return err_set(err, ERR_INVALID, "channel is missing: by which way");
    return check_way(journeys_rules_of(request->service->journeys), &w->asked, ret_field, err);
}

/* ---- what is told ---- */

static const char *why_not(const struct contact_answer *answer)
{
    static const char *const words[CONTACT_RULES] = {
        [RULE_CONSENT] = "they have not agreed to be written to about this by this channel",
        [RULE_SUPPRESSED] = "this person or address must not be written to",
        [RULE_NO_ADDRESS] = "this channel has no address of theirs",
        [RULE_CAP] = "they have got as many messages as the cap allows",
        [RULE_HOLDOUT] = "they are in the control group that nobody contacts",
        [RULE_QUIET_HOURS] = "it is their quiet hours",
        [RULE_STOPPED] = "sending is stopped",
    };
    return words[answer->rule];
}

static json_t *told_json(const struct contact_told *told)
{
    static const char *const verdicts[] = {
        [CONTACT_GO] = "go", [CONTACT_SKIP] = "skip", [CONTACT_HOLD] = "hold"
    };
    const struct contact_answer *answer = &told->answer;
    bool has_until = answer->verdict == CONTACT_HOLD && answer->until_ms != MOMENT_NEVER;
    return json_pack("{s:s, s:s?, s:s?, s:o, s:s, s:s, s:s}", "verdict", verdicts[answer->verdict], "rule",
                     contact_rule_word(answer->rule), "why", why_not(answer), "until_ms",
                     has_until ? json_integer(answer->until_ms) : json_null(), "address", told->address, "subject",
                     told->subject, "text", told->text);
}

static void reply_told(const struct writing *w, struct reply *reply)
{
    struct request *request = w->request;
    struct err err;
    if (!w->asked.is_tried && w->told.id == 0) {
        err_set(&err, ERR_REFUSED, "nothing is sent to them: %s", why_not(&w->told.answer));
        reply_error(request, reply, &err, NULL);
        return;
    }
    json_t *json = told_json(&w->told);
    json_object_set_new(json, "id", w->told.id ? json_sprintf("m_%" PRId64, w->told.id) : json_null());
    reply_json_take(request, reply, w->told.id ? 202 : 200, json);
}

static enum handling handle_contact(struct request *request, struct reply *reply)
{
    struct err err;
    json_t *body = NULL;
    const char *field = NULL;
    struct writing w = { .request = request };
    if (!service_customer(request->service, request_param(request, "id"), &w.asked.customer, &err))
        return reply_error(request, reply, &err, "id");
    bool ok = request_json(request, &body, &err) && read_asked(&w, body, &field, &err);
    json_decref(body);
    if (ok) field = "text", ok = ingest_run(request->service->ingest, write_job, &w, &err);
    if (ok) reply_told(&w, reply);
    else reply_error(request, reply, &err, field);
    return HANDLED;
}

/* ---- by which ways ---- */

static enum handling handle_ways(struct request *request, struct reply *reply)
{
    const struct contact_rules *rules = journeys_rules_of(request->service->journeys);
    json_t *channels = json_array(), *topics = json_array();
    for (size_t i = 0; i < rules->n_channels; i++)
        if (rules->channels[i].kind == CHANNEL_SMTP || rules->channels[i].kind == CHANNEL_TWILIO)
            json_array_append_new(channels, json_pack("{s:s, s:s}", "name", rules->channels[i].name, "kind",
                                                      rules->channels[i].kind == CHANNEL_SMTP ? "email" : "sms"));
    for (size_t i = 0; i < rules->n_topics; i++) json_array_append_new(topics, json_string(rules->topics[i].name));
    reply_json_take(request, reply, 200, json_pack("{s:o, s:o}", "channels", channels, "topics", topics));
    return HANDLED;
}

/* ---- the table ---- */

static const struct route_field contact_body[] = {
    { "channel", "string", "of the settings, by e-mail or SMS", true },
    { "topic", "string, null", "what it is about, of the settings; null: nothing they could have agreed to",
      false },
    { "subject", "string, null", "of an e-mail; templates as in journeys", false },
    { "text", "string", "what is written to them; templates as in journeys: Hello {{ customer.name }}", true },
    { "is_tried", "boolean", "true: nothing is sent, and it is told what would be", false },
    { "key", "string", "your own; asking again with the same one sends this customer nothing more", false },
    { 0 },
};
static const struct route_field contact_answer[] = {
    { "verdict", "string", "go, hold (it waits until then), or skip", true },
    { "rule", "string, null", "which rule of contact holds it", true },
    { "why", "string, null", "the same in words", true },
    { "until_ms", "integer, null", "when it goes; null: now, or not", true },
    { "address", "string", "where to", true },
    { "subject", "string", "as they get it", true },
    { "text", "string", "as they get it", true },
    { "id", "string, null", "the message's, in the outbox; null: it was only tried", true },
    { 0 },
};
static const struct route_field ways_answer[] = {
    { "channels", "array", "by which a person is written to", true },
    { "channels[].name", "string", "its name in the settings", true },
    { "channels[].kind", "string", "email or sms", true },
    { "topics", "array", "of the settings", true },
    { "topics[]", "string", "its name", false },
    { 0 },
};

const struct route routes_contact[] = {
    { .method = "GET",
      .path = "/v1/ways",
      .needs = ACCESS_CUSTOMER,
      .handle = handle_ways,
      .is_slow = true,
      .summary = "By which channels, and about what, a person may be written to",
      .answer = ways_answer,
      .answer_example = "{\"channels\": [{\"name\": \"email\", \"kind\": \"email\"}], \"topics\": [\"offers\"]}" },
    { .method = "POST",
      .path = "/v1/customers/{id}/contact",
      .needs = ACCESS_TASK,
      .handle = handle_contact,
      .is_slow = true,
      .summary = "Write to one customer",
      .details = "By the rules that journeys keep: consent, control group, caps, quiet hours, stops.  409 where "
                 "they say no.",
      .body = contact_body,
      .answer = contact_answer,
      .answer_status = 202,
      .body_example =
          "{\"channel\": \"email\", \"topic\": \"offers\", \"subject\": \"Your order\", \"text\": \"Hello "
          "{{ customer.name }}\", \"key\": \"7f3a\"}",
      .answer_example =
          "{\"verdict\": \"go\", \"rule\": null, \"why\": null, \"until_ms\": null, \"address\": "
          "\"ada@example.com\", \"subject\": \"Your order\", \"text\": \"Hello Ada\", \"id\": \"m_7\"}" },
    { 0 },
};
