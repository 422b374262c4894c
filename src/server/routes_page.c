/* routes_page.c - the pages behind links in messages: unsubscribing, preferences, confirming; links and opens.
 *
 * Whoever fetches a link, a scanner say, changes nothing by it: only a POST states a consent. */
#include "server/page_reply.h"

#include "engine/journeys.h"
#include "engine/service.h"
#include "govern/erasing.h"
#include "hub/ingest.h"
#include "hub/outbox.h"
#include "intake/intake.h"
#include "server/http_parse.h"

#include <stdlib.h>
#include <string.h>

enum { FORM_MOST_BYTES = 16 * 1024, AT_ONCE_MS = 3000 };

/* Something to be written about whom a token names; the page goes out when it is durable. */
struct wish {
    struct request   *request;
    struct reply     *reply;
    struct link_token token;
    struct text       name;             /* of the customer in the dictionary */
    uint32_t          customer;
    const char       *statements;       /* consents as JSON; NULL none */
    const char      **confirmed;        /* [n_confirmed] topics that they confirm */
    size_t            n_confirmed;
    const char       *channel, *topic;  /* what waits for these is not sent any more */
    const char       *privacy;          /* "export", "erase", or NULL */
    const char       *source;
    const char       *page;
    json_t           *data;
};

/* Who the customer is now; false: they were erased, and there is nothing to change. */
static bool find_customer(struct wish *wish)
{
    struct service *service = wish->request->service;
    (void)pthread_rwlock_rdlock(&service->lock);
    bool is_known = wish->token.identity && wish->token.identity < log_n_names(service->log, DICTIONARY_IDENTITY);
    if (is_known) wish->customer = identities_customer(service->identities, wish->token.identity);
    struct text name = is_known ? log_name(service->log, DICTIONARY_IDENTITY, wish->customer) : text_of("");
    wish->name = text_of(arena_format(wish->request->arena, "%.*s", (int)name.length, name.at));
    (void)pthread_rwlock_unlock(&service->lock);
    return wish->name.length > 0 && !log_name_is_erased(wish->name);
}

static bool state(struct wish *wish, struct store *store, int64_t now_ms, struct err *err)
{
    struct service *service = wish->request->service;
    struct text proof = text_of(arena_format(wish->request->arena, "m_%lld", (long long)wish->token.message));
    bool ok = true;
    (void)pthread_rwlock_wrlock(&service->lock);
    if (wish->statements)
        ok = consents_put(service->consents, store, wish->name, text_of(wish->statements), now_ms,
                          text_of(wish->source), proof, err);
    for (size_t i = 0; ok && i < wish->n_confirmed; i++)
        ok = consents_confirm(service->consents, store, wish->name, text_of(wish->confirmed[i]), now_ms, proof,
                              err);
    (void)pthread_rwlock_unlock(&service->lock);
    return ok;
}

static bool carry_out(struct store *store, void *context, struct err *err)
{
    struct wish *wish = context;
    struct service *service = wish->request->service;
    int64_t now_ms = ingest_received_ms(service->ingest);
    size_t n;
    const uint32_t *members = identities_members(service->identities, wish->token.identity, &n);
    if (!state(wish, store, now_ms, err)) return false;
    if (wish->channel &&
        !outbox_cancel_customer(store, members, n, wish->channel, wish->topic, "consent", err))
        return false;
    if (wish->channel && service->journeys &&
        !journeys_tell(service->journeys, store, wish->customer, "Unsubscribed",
                       json_pack("{s:s, s:s}", "channel", wish->channel, "topic", wish->topic), err))
        return false;
    return !wish->privacy ||
           erasing_request(service->erasing, store,
                           strcmp(wish->privacy, "erase") == 0 ? PRIVACY_ERASE : PRIVACY_EXPORT, wish->name, now_ms,
                           wish->source, err);
}

static void is_carried_out(void *context, const struct err *result)
{
    struct wish *wish = context;
    if (result->code == ERR_NONE) (void)page_reply_take(wish->request, wish->reply, 200, wish->page, wish->data);
    else { json_decref(wish->data); (void)page_failure(wish->request, wish->reply, result); }
    request_resume(wish->request);
}

static enum handling have(struct wish *wish)
{
    struct err err;
    if (ingest_run_later(wish->request->service->ingest, carry_out, wish, is_carried_out, &err))
        return HANDLED_LATER;
    json_decref(wish->data);
    return page_failure(wish->request, wish->reply, &err);
}

static struct wish *wish_new(struct request *request, struct reply *reply, const char *page)
{
    struct wish *wish = ARENA_NEW(request->arena, struct wish);
    *wish = (struct wish){
        .request = request, .reply = reply, .page = page, .source = arena_format(request->arena, "page: %s", page)
    };
    return wish;
}

static const char *title_of(const struct page_settings *settings, const char *name)
{
    const struct topic *topic = topic_find(&settings->topics, text_of(name));
    return topic ? topic->title : *name ? name : "anything";
}

static const char *preferences_url(struct request *request, const struct page_settings *settings,
                                   uint32_t identity)
{
    const struct link_token token = { .identity = identity, .text = text_of("") };
    return link_url(profiles_vault(request->service->profiles), settings->public_url, LINK_PREFERENCES, &token,
                    request->arena);
}

/* ---- unsubscribing (RFC 8058) ---- */

static enum handling unsubscribe(struct request *request, struct reply *reply)
{
    struct page_settings settings;
    struct err err;
    bool is_post = strcmp(request->method, "POST") == 0;
    struct wish *wish = wish_new(request, reply, "unsubscribe");
    const char *channel = "", *topic = "";
    if (!page_token(request, reply, LINK_UNSUBSCRIBE, &wish->token)) return HANDLED;
    if (!page_settings(request, &settings, &err)) return page_failure(request, reply, &err);
    (void)link_split(wish->token.text, request->arena, &channel, &topic);
    wish->data = json_pack("{s:b, s:s, s:s, s:s}", "done", is_post, "topic", title_of(&settings, topic), "channel",
                           *channel ? channel : "any way", "preferences",
                           preferences_url(request, &settings, wish->token.identity));
    if (!is_post || !find_customer(wish)) return page_reply_take(request, reply, 200, wish->page, wish->data);
    const char *purpose = arena_format(request->arena, "%s%s%s", channel, *channel && *topic ? "." : "", topic);
    wish->statements = arena_format(request->arena, "{\"%s\": false}", purpose);
    wish->channel = channel, wish->topic = topic;
    return have(wish);
}

/* ---- confirming ---- */

static enum handling confirm(struct request *request, struct reply *reply)
{
    struct page_settings settings;
    struct err err;
    bool is_post = strcmp(request->method, "POST") == 0;
    struct wish *wish = wish_new(request, reply, "confirm");
    if (!page_token(request, reply, LINK_CONFIRM, &wish->token)) return HANDLED;
    if (!page_settings(request, &settings, &err)) return page_failure(request, reply, &err);
    const struct topic *topic = topic_find(&settings.topics, wish->token.text);
    wish->data = json_pack("{s:b, s:s, s:s}", "done", is_post, "topic", title_of(&settings, wish->token.text.at),
                           "purpose", topic ? topic->purpose : "");
    if (!is_post || !find_customer(wish)) return page_reply_take(request, reply, 200, wish->page, wish->data);
    wish->confirmed = ARENA_NEW(request->arena, const char *);
    wish->confirmed[wish->n_confirmed++] = wish->token.text.at;
    return have(wish);
}

/* ---- preferences ---- */

/* What was stated of names, and whether profiling was refused. */
static bool stated_of(struct wish *wish, const char *const *names, size_t n, struct consent_statement *ret_said,
                      struct err *err)
{
    struct service *service = wish->request->service;
    struct store *store;
    uint32_t members[IDENTITY_MEMBERS_MOST];
    if (!service_read(service, &store, err)) return false;
    (void)pthread_rwlock_rdlock(&service->lock);
    size_t n_members =
        identities_members_at(service->identities, wish->customer, INT64_MAX, members, IDENTITY_MEMBERS_MOST);
    bool ok = consents_statements(service->consents, store, members, n_members, names, n, ret_said, err);
    (void)pthread_rwlock_unlock(&service->lock);
    service_read_done(service, store);
    return ok;
}

static bool form_has(struct request *request, const char *name, const char *value)
{
    const char *at = request->body.at, *end = at + request->body.length;
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        struct text pair = { at, (size_t)((stop ? stop : end) - at) }, found;
        if (query_find(pair, name, request->arena, &found) && text_equal(found, text_of(value))) return true;
        at = stop ? stop + 1 : end;
    }
    return false;
}

/* What is asked about: the topics, the channels, "profiling", and of each topic "channel.topic", by which a link of one message
 * is refused. */
static size_t n_shown(const struct page_settings *settings) { return settings->topics.n + settings->n_channels; }

static size_t place_of_both(const struct page_settings *settings, size_t topic, size_t channel)
{
    return n_shown(settings) + 1 + topic * settings->n_channels + channel;
}

static const char **names_of(const struct page_settings *settings, struct arena *arena, size_t *ret_n)
{
    size_t n_topics = settings->topics.n, n_channels = settings->n_channels, n = place_of_both(settings, n_topics, 0);
    const char **names = ARENA_ARRAY(arena, const char *, n);
    for (size_t t = 0; t < n_topics; t++) names[t] = settings->topics.list[t].name;
    for (size_t c = 0; c < n_channels; c++) names[n_topics + c] = settings->channels[c];
    names[n_shown(settings)] = "profiling";
    for (size_t t = 0; t < n_topics; t++)
        for (size_t c = 0; c < n_channels; c++)
            names[place_of_both(settings, t, c)] = arena_format(arena, "%s.%s", settings->channels[c], names[t]);
    *ret_n = n;
    return names;
}

/* Whether its box is ticked: of a topic only where it is refused by no channel. */
static bool is_ticked(const struct page_settings *settings, const struct consent_statement *said, size_t i)
{
    bool is_topic = i < settings->topics.n, is_open = !is_topic || settings->topics.list[i].right == RIGHT_INTEREST;
    for (size_t c = 0; is_topic && c < settings->n_channels; c++)
        if (said[place_of_both(settings, i, c)].said == CONSENT_SAID_NO) return false;
    return said[i].said == CONSENT_SAID_YES || (is_open && said[i].said == CONSENT_SAID_NOTHING);
}

/* What the form states, as far as it differs from what was stated. */
static json_t *statements_of(struct wish *wish, const struct page_settings *settings, const char *const *names,
                             const struct consent_statement *said)
{
    json_t *statements = json_object();
    size_t n_topics = settings->topics.n, n = n_shown(settings);
    for (size_t i = 0; i < n; i++) {
        if (i < n_topics && settings->topics.list[i].right == RIGHT_CONTRACT) continue;
        bool is_wanted = form_has(wish->request, i < n_topics ? "topic" : "channel", names[i]);
        if (is_wanted == is_ticked(settings, said, i)) continue;
        json_object_set_new(statements, names[i], json_boolean(is_wanted));
        for (size_t c = 0; is_wanted && i < n_topics && c < settings->n_channels; c++) {
            size_t both = place_of_both(settings, i, c);
            if (said[both].said == CONSENT_SAID_NO) json_object_set_new(statements, names[both], json_true());
        }
    }
    bool is_profiled = form_has(wish->request, "profiling", "yes"), was = said[n].said != CONSENT_SAID_NO;
    if (is_profiled != was) json_object_set_new(statements, "profiling", json_boolean(is_profiled));
    return statements;
}

static json_t *preferences_data(const struct page_settings *settings, const char *const *names,
                                const struct consent_statement *said, const json_t *changed)
{
    json_t *topics = json_array(), *channels = json_array();
    size_t n_topics = settings->topics.n, n = n_shown(settings);
    for (size_t i = 0; i < n; i++) {
        const struct topic *topic = i < n_topics ? &settings->topics.list[i] : NULL;
        const json_t *now = json_object_get(changed, names[i]);
        bool is_on = now ? json_is_true(now) : is_ticked(settings, said, i);
        if (topic && topic->right == RIGHT_CONTRACT) continue;
        json_array_append_new(topic ? topics : channels,
                              json_pack("{s:s, s:s, s:s, s:b}", "name", names[i], "title",
                                        topic ? topic->title : names[i], "purpose", topic ? topic->purpose : "",
                                        "on", is_on));
    }
    const json_t *profiling = json_object_get(changed, "profiling");
    bool is_profiled = profiling ? json_is_true(profiling) : said[n].said != CONSENT_SAID_NO;
    return json_pack("{s:o, s:o, s:b, s:s}", "topics", topics, "channels", channels, "profiled", is_profiled,
                     "done", "");
}

static const char *text_of_json(const json_t *json, struct arena *arena)
{
    char *text = json_dumps(json, JSON_COMPACT);
    const char *copy = arena_copy(arena, text ? text : "{}");
    free(text);
    return copy;
}

/* A yes is confirmed by whoever says it behind a link that only they were sent. */
static void confirm_too(struct wish *wish, const struct page_settings *settings,
                        const struct consent_statement *said)
{
    wish->confirmed = ARENA_ARRAY(wish->request->arena, const char *, settings->topics.n + 1);
    for (size_t i = 0; i < settings->topics.n; i++) {
        const struct topic *topic = &settings->topics.list[i];
        if (topic->is_double_opt_in && !said[i].is_confirmed && form_has(wish->request, "topic", topic->name))
            wish->confirmed[wish->n_confirmed++] = topic->name;
    }
}

static enum handling save(struct wish *wish, const struct page_settings *settings, const char *const *names,
                          const struct consent_statement *said)
{
    struct request *request = wish->request;
    const char *done = "It is saved.";
    json_t *statements = json_object();
    if (form_has(request, "what", "export"))
        wish->privacy = "export", done = "We send you a copy of all that we hold within a month.";
    else if (form_has(request, "what", "erase"))
        wish->privacy = "erase", done = "What we hold about you will be erased.";
    else {
        json_decref(statements);
        statements = statements_of(wish, settings, names, said);
        confirm_too(wish, settings, said);
    }
    if (json_object_size(statements) > 0) wish->statements = text_of_json(statements, request->arena);
    wish->data = preferences_data(settings, names, said, statements);
    json_object_set_new(wish->data, "done", json_string(done));
    json_decref(statements);
    return have(wish);
}

static enum handling preferences(struct request *request, struct reply *reply)
{
    struct page_settings settings;
    struct err err;
    struct wish *wish = wish_new(request, reply, "preferences");
    if (!page_token(request, reply, LINK_PREFERENCES, &wish->token)) return HANDLED;
    if (!page_settings(request, &settings, &err)) return page_failure(request, reply, &err);
    size_t n;
    const char **names = names_of(&settings, request->arena, &n);
    struct consent_statement *said = ARENA_ARRAY(request->arena, struct consent_statement, n);
    bool is_known = find_customer(wish);
    if (is_known && !stated_of(wish, names, n, said, &err)) return page_failure(request, reply, &err);
    if (is_known && strcmp(request->method, "POST") == 0) return save(wish, &settings, names, said);
    wish->data = preferences_data(&settings, names, said, NULL);
    if (!is_known)
        json_object_set_new(wish->data, "done", json_string("We hold nothing about you any more, so nothing is to be changed."));
    return page_reply_take(request, reply, 200, wish->page, wish->data);
}

/* ---- what was clicked and opened ---- */

static void forget_taken(void *context, const struct ingest_outcome *outcome) { (void)context, (void)outcome; }

/* Whether a program fetched it, not a person: what says so itself, a mailbox that loads all pictures before
 * anybody looks (its name is "Mozilla/5.0" and nothing else), a scanner that is there as soon as the message is.
 */
static bool is_machine(struct request *request, int64_t sent_ms)
{
    static const char *const words[] = {
        "bot", "crawl", "spider", "scan", "preview", "curl/", "python", "headless"
    };
    static const char *const headers[] = { "Purpose", "Sec-Purpose", "X-Purpose", "X-Moz" };
    const char *agent = request_header(request, "User-Agent");
    if (!agent || strcmp(agent, "Mozilla/5.0") == 0) return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(agent, words[i])) return true;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (request_header(request, headers[i])) return true;
    return sent_ms > 0 && request->received_ms - sent_ms < AT_ONCE_MS;
}

/* What is known of the message: where in which journey it was sent. */
static json_t *properties_of(struct request *request, const struct link_token *token, const char *url)
{
    struct store *store;
    struct err err;
    struct outbox_row row, unknown = { .key = "", .journey = "", .step = "", .channel = "", .topic = "" };
    bool is_known = false;      /* of whom was erased the message is gone, and the link still leads */
    if (service_read(request->service, &store, &err)) {
        is_known = outbox_get(store, token->message, request->arena, &row, &err);
        service_read_done(request->service, store);
    }
    if (!is_known) row = unknown;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s*}", "message", row.key, "channel", row.channel, "topic",
                     row.topic, "journey", row.journey, "step", row.step, "machine",
                     is_machine(request, row.sent_ms), "link_url", url);
}

/* An event of the log with Segment's name; that it cannot be written is no reason to hold up a person. */
static void happened(struct request *request, const struct link_token *token, const char *event, const char *url)
{
    struct service *service = request->service;
    struct wish wish = { .request = request, .token = *token };
    struct intake intake;
    struct err err;
    static const char prefix[] = "anonymous:";
    if (!find_customer(&wish)) return;
    enum identity_kind kind = identity_kind_of(wish.name);
    if (kind == IDENTITY_EMAIL) return;
    bool is_anonymous = kind == IDENTITY_ANONYMOUS;
    json_t *message = json_pack("{s:s, s:s, s:s, s:o}", "type", "track", "event", event,
                                is_anonymous ? "anonymousId" : "userId",
                                wish.name.at + (is_anonymous ? sizeof prefix - 1 : 0), "properties",
                                properties_of(request, token, url));
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const struct intake_request sent = { .protocol = PROTOCOL_SEGMENT,
                                         .type = "batch",
                                         .received_ms = request->received_ms,
                                         .body = text_of(arena_format(arena, "{\"batch\":[%s]}",
                                                                      text_of_json(message, arena))) };
    json_decref(message);
    if (!intake_read(&sent, arena, &intake, &err) ||
        !ingest_put(service->ingest, arena, &intake, text_of("links"), forget_taken, NULL, &err))
        arena_free(arena);
}

static enum handling follow(struct request *request, struct reply *reply)
{
    struct link_token token;
    if (!page_token(request, reply, LINK_CLICK, &token)) return HANDLED;
    happened(request, &token, "Email Link Clicked", token.text.at);
    reply_text(reply, 302, NULL, text_of(""));
    reply_header(reply, "Location", token.text.at);
    reply_header(reply, "Cache-Control", "no-store");
    return HANDLED;
}

static enum handling open_pixel(struct request *request, struct reply *reply)
{
    static const char gif[] =
        "GIF89a\1\0\1\0\200\0\0\0\0\0\377\377\377!\371\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    struct link_token token;
    if (!page_token(request, reply, LINK_OPEN, &token)) return HANDLED;
    happened(request, &token, "Email Opened", NULL);
    reply_text(reply, 200, "image/gif", (struct text){ gif, sizeof gif - 1 });
    reply_header(reply, "Cache-Control", "no-store");
    return HANDLED;
}

#define PAGE(METHOD, PATH, HANDLE, SUMMARY)                                                                       \
    {                                                                                                             \
        .method = METHOD, .path = PATH, .needs = ACCESS_OPEN, .handle = HANDLE, .summary = SUMMARY,               \
        .is_slow = true, .answer_type = "text/html", .answer_example = "<!doctype html>",                         \
        .most_body_bytes = FORM_MOST_BYTES                                                                        \
    }

const struct route routes_page[] = {
    PAGE("GET", "/u/{token}", unsubscribe,
         "The page that asks whether somebody wants to unsubscribe; changes nothing"),
    PAGE("POST", "/u/{token}", unsubscribe, "Unsubscribe, at once (RFC 8058)"),
    PAGE("GET", "/p/{token}", preferences, "What somebody agreed to, and what is made of their data"),
    PAGE("POST", "/p/{token}", preferences, "Change it, or ask for a copy or for erasure"),
    PAGE("GET", "/c/{token}", confirm, "The page that asks for the confirmation of a consent; changes nothing"),
    PAGE("POST", "/c/{token}", confirm, "Confirm a consent"),
    { .method = "GET",
      .path = "/l/{token}",
      .needs = ACCESS_OPEN,
      .handle = follow,
      .is_slow = true,
      .answer_status = 302,
      .summary = "Where a link of a message leads",
      .answer_type = "text/plain",
      .answer_example = "" },
    { .method = "GET",
      .path = "/o/{token}",
      .needs = ACCESS_OPEN,
      .handle = open_pixel,
      .is_slow = true,
      .summary = "A pixel that says a message was opened",
      .answer_type = "image/gif",
      .answer_example = "" },
    { 0 },
};
