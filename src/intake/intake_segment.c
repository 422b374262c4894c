/* intake_segment.c - Segment's HTTP Tracking API: single messages, short forms, batches; see intake.h. */
#include "intake/intake_internal.h"

#include <string.h>

enum member {
    MEMBER_OTHER,
    MEMBER_TYPE,
    MEMBER_USER,
    MEMBER_ANONYMOUS,
    MEMBER_PREVIOUS,
    MEMBER_GROUP,
    MEMBER_EVENT,
    MEMBER_NAME,
    MEMBER_CATEGORY,
    MEMBER_PROPERTIES,
    MEMBER_TRAITS,
    MEMBER_CONTEXT,
    MEMBER_INTEGRATIONS,
    MEMBER_MESSAGE,
    MEMBER_TIMESTAMP,
    MEMBER_ORIGINAL,
    MEMBER_SENT,
    MEMBER_RECEIVED,
    MEMBER_BATCH,
    MEMBERS
};

#define NAMED(member, name) { (member), sizeof(name) - 1, (name) }
static const struct { enum member member; size_t length; const char *name; } names[] = {
    NAMED(MEMBER_TYPE, "type"),             NAMED(MEMBER_USER, "userId"),
    NAMED(MEMBER_ANONYMOUS, "anonymousId"), NAMED(MEMBER_PREVIOUS, "previousId"),
    NAMED(MEMBER_GROUP, "groupId"),         NAMED(MEMBER_EVENT, "event"),
    NAMED(MEMBER_NAME, "name"),             NAMED(MEMBER_CATEGORY, "category"),
    NAMED(MEMBER_PROPERTIES, "properties"), NAMED(MEMBER_TRAITS, "traits"),
    NAMED(MEMBER_CONTEXT, "context"),       NAMED(MEMBER_INTEGRATIONS, "integrations"),
    NAMED(MEMBER_MESSAGE, "messageId"),     NAMED(MEMBER_TIMESTAMP, "timestamp"),
    NAMED(MEMBER_ORIGINAL, "originalTimestamp"), NAMED(MEMBER_SENT, "sentAt"),
    NAMED(MEMBER_RECEIVED, "receivedAt"),   NAMED(MEMBER_BATCH, "batch"),
};

/* The members of an object by what they mean; 0 where one is absent or null, which clients send for "unknown". */
struct members { uint32_t at[MEMBERS]; };

static struct members members_of(const struct json *json, uint32_t object)
{
    struct members members = { { 0 } };
    for (uint32_t i = json_first(json, object); i; i = json_next(json, object, i)) {
        const struct json_value *value = &json->values[i];
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            if (names[k].length != value->name_length ||
                memcmp(names[k].name, json->text.at + value->name_at, value->name_length) != 0)
                continue;
            if (value->kind != JSON_IS_NULL || names[k].member == MEMBER_BATCH) members.at[names[k].member] = i;
            break;
        }
    }
    return members;
}

static const struct { struct text word, letter; enum message_type type; } types[] = {
    { TEXT("track"), TEXT("t"), MESSAGE_TRACK },   { TEXT("identify"), TEXT("i"), MESSAGE_IDENTIFY },
    { TEXT("page"), TEXT("p"), MESSAGE_PAGE },     { TEXT("screen"), TEXT("s"), MESSAGE_SCREEN },
    { TEXT("group"), TEXT("g"), MESSAGE_GROUP },   { TEXT("alias"), TEXT("a"), MESSAGE_ALIAS },
};

static bool type_find(struct text word, enum message_type *ret_type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (text_equal(word, types[i].word) || text_equal(word, types[i].letter)) {
            *ret_type = types[i].type;
            return true;
        }
    return false;
}

/* What a request says for all its messages. */
struct envelope { uint32_t context, integrations, sent, timestamp; };

/* The contexts of a message, those that outweigh the others first; 0 where there is none. */
enum { CONTEXTS = 2 };
struct contexts { uint32_t at[CONTEXTS]; };

static struct contexts contexts_of(const struct json *json, const struct members *in,
                                   const struct envelope *envelope)
{
    struct contexts contexts = { { in->at[MEMBER_CONTEXT], envelope->context } };
    for (size_t i = 0; i < CONTEXTS; i++)
        if (json->values[contexts.at[i]].kind != JSON_IS_OBJECT) contexts.at[i] = 0;
    return contexts;
}

/* The address of the device for push messages. */
static void add_device_token(struct body *body, uint32_t context)
{
    uint32_t device = json_member(&body->json, context, "device");
    uint32_t token = device ? json_member(&body->json, device, "token") : 0;
    if (token) flat_add_member(body->flat, &body->json, token, text_of("device.token"), PERSONAL_OF_PERSON);
}

/* What is worth keeping of where an event happened. */
static void add_context(struct body *body, uint32_t context)
{
    static const struct { struct text name; const char *prefix; } objects[] = {
        { TEXT("app"), "context.app." },           { TEXT("campaign"), "context.campaign." },
        { TEXT("device"), "context.device." },     { TEXT("library"), "context.library." },
        { TEXT("os"), "context.os." },             { TEXT("screen"), "context.screen." },
        { TEXT("referrer"), "context.referrer." }, { TEXT("page"), "context.page." },
    };
    static const struct { struct text name, as; } plain[] = {
        { TEXT("locale"), TEXT("context.locale") },       { TEXT("timezone"), TEXT("context.timezone") },
        { TEXT("userAgent"), TEXT("context.userAgent") }, { TEXT("groupId"), TEXT("context.groupId") },
        { TEXT("ip"), TEXT("ip") },
    };
    const struct json *json = &body->json;
    add_device_token(body, context);
    for (uint32_t i = json_first(json, context); i; i = json_next(json, context, i)) {
        struct text name = { json->text.at + json->values[i].name_at, json->values[i].name_length };
        enum json_kind kind = json->values[i].kind;
        for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
            if (kind < JSON_IS_LIST && text_equal(name, plain[k].name))
                flat_add_member(body->flat, json, i, plain[k].as, PERSONAL_OF_EVENT);
        if (kind != JSON_IS_OBJECT) continue;
        for (size_t k = 0; k < sizeof objects / sizeof *objects; k++)
            if (text_equal(name, objects[k].name))
                flat_add(body->flat, json, i, objects[k].prefix, PERSONAL_OF_EVENT);
        if (text_equal(name, text_of("traits")))
            flat_add(body->flat, json, i, "context.traits.", PERSONAL_OF_PERSON);
    }
}

/* Of a person's own message: where and when they live is a trait; addresses of their devices are personal. */
static void add_context_traits(struct body *body, uint32_t context)
{
    static const char *const kept[] = { "locale", "timezone", "ip" };
    const struct json *json = &body->json;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        uint32_t value = json_member(json, context, kept[i]);
        if (value && json->values[value].kind == JSON_IS_STRING)
            flat_add_member(body->flat, json, value, text_of(kept[i]), PERSONAL_OF_PERSON);
    }
    add_device_token(body, context);
}

/* Where a message may go, as "integrations.All" and the like.  {} with settings inside says yes; that all
 * may have it goes without saying, unless the batch says otherwise. */
static void add_integrations(struct body *body, uint32_t own, uint32_t batch)
{
    const struct json *json = &body->json;
    const uint32_t both[] = { own, batch };
    for (size_t i = 0; i < 2; i++)
        for (uint32_t k = both[i] ? json_first(json, both[i]) : 0; k; k = json_next(json, both[i], k)) {
            struct text name = { json->text.at + json->values[k].name_at, json->values[k].name_length };
            enum json_kind kind = json->values[k].kind;
            bool is_yes = kind == JSON_IS_TRUE || kind == JSON_IS_OBJECT;
            if ((!is_yes && kind != JSON_IS_FALSE) || name.length > 100) continue;
            if (is_yes && !batch && text_equal(name, text_of("All"))) continue;
            flat_put_json(&body->flat->properties,
                          arena_format(body->arena, "integrations.%.*s", (int)name.length, name.at),
                          text_of(is_yes ? "true" : "false"));
        }
}

static void add_properties(struct body *body, const struct members *in, const struct envelope *envelope,
                           enum message_type type)
{
    const struct contexts contexts = contexts_of(&body->json, in, envelope);
    const struct json *json = &body->json;
    struct flat *flat = body->flat;
    bool is_about_person = type == MESSAGE_IDENTIFY;
    if (type == MESSAGE_ALIAS) return;
    if (type != MESSAGE_GROUP)
        add_integrations(body, in->at[MEMBER_INTEGRATIONS], envelope->integrations);
    if (is_about_person || type == MESSAGE_GROUP) {
        if (in->at[MEMBER_TRAITS])
            flat_add(flat, json, in->at[MEMBER_TRAITS], "",
                     is_about_person ? PERSONAL_OF_PERSON : PERSONAL_OF_EVENT);
        if (type == MESSAGE_GROUP) flat->personal.n = 0;        /* the account's, not the person's */
    } else if (in->at[MEMBER_PROPERTIES]) {
        flat_add(flat, json, in->at[MEMBER_PROPERTIES], "", PERSONAL_OF_EVENT);
    }
    if (type == MESSAGE_PAGE || type == MESSAGE_SCREEN) {
        static const struct { enum member member; const char *as; } both[] = { { MEMBER_NAME, "name" },
                                                                               { MEMBER_CATEGORY, "category" } };
        for (size_t i = 0; i < 2; i++)
            if (in->at[both[i].member])
                flat_add_member(flat, json, in->at[both[i].member], text_of(both[i].as), PERSONAL_OF_EVENT);
    }
    for (size_t i = 0; i < CONTEXTS && type != MESSAGE_GROUP; i++) {
        if (!contexts.at[i]) continue;
        if (is_about_person) {
            uint32_t traits = json_member(json, contexts.at[i], "traits");
            if (traits) flat_add(flat, json, traits, "", PERSONAL_OF_PERSON);
            add_context_traits(body, contexts.at[i]);
        } else {
            add_context(body, contexts.at[i]);
        }
    }
}

static struct text email_of_context(struct body *body, uint32_t context)
{
    const struct json *json = &body->json;
    struct text email = { "", 0 };
    uint32_t traits = json_member(json, context, "traits"), ids = json_member(json, context, "externalIds");
    if (traits) email = body_email(body, json_member(json, traits, "email"));
    if (email.length > 0 || !ids || json->values[ids].kind != JSON_IS_LIST) return email;
    for (uint32_t i = json_first(json, ids); i && email.length == 0; i = json_next(json, ids, i)) {
        uint32_t type_of_id = json_member(json, i, "type");
        if (type_of_id && text_equal(json_written(json, type_of_id), text_of("email")))
            email = body_email(body, json_member(json, i, "id"));
    }
    return email;
}

/* The e-mail address that a message mentions: in the traits, in a context's, in a list of ids. */
static struct text email_of(struct body *body, const struct members *in, const struct envelope *envelope,
                            enum message_type type)
{
    const struct json *json = &body->json;
    const struct contexts contexts = contexts_of(json, in, envelope);
    struct text email = { "", 0 };
    if (type == MESSAGE_IDENTIFY && in->at[MEMBER_TRAITS])
        email = body_email(body, json_member(json, in->at[MEMBER_TRAITS], "email"));
    for (size_t i = 0; i < CONTEXTS && email.length == 0; i++)
        if (contexts.at[i]) email = email_of_context(body, contexts.at[i]);
    return email;
}

/* context.consent.categoryPreferences: {"marketing":true}. */
static struct text consent_of(struct body *body, uint32_t context)
{
    const struct json *json = &body->json;
    struct flat_object *flat = &body->flat->personal;
    uint32_t consent = context ? json_member(json, context, "consent") : 0;
    uint32_t purposes = consent ? json_member(json, consent, "categoryPreferences") : 0;
    if (!purposes || json->values[purposes].kind != JSON_IS_OBJECT) return (struct text){ "", 0 };
    flat->n = 0;
    for (uint32_t i = json_first(json, purposes); i; i = json_next(json, purposes, i)) {
        enum json_kind kind = json->values[i].kind;
        struct text name = { json->text.at + json->values[i].name_at, json->values[i].name_length };
        if ((kind != JSON_IS_TRUE && kind != JSON_IS_FALSE) || name.length > 100) continue;
        flat_put_json(flat, arena_format(body->arena, "%.*s", (int)name.length, name.at), json_written(json, i));
    }
    return flat_end(flat, body->arena);
}

static bool read_time(struct body *body, const struct members *in, const struct envelope *envelope,
                      int64_t *ret_time_ms)
{
    uint32_t sent = in->at[MEMBER_SENT] ? in->at[MEMBER_SENT] : envelope->sent;
    uint32_t original = in->at[MEMBER_ORIGINAL],
             timestamp = in->at[MEMBER_TIMESTAMP] ? in->at[MEMBER_TIMESTAMP] : envelope->timestamp;
    int64_t sent_ms = 0;
    bool has_sent = sent && body_time(body, sent, &sent_ms);
    if (timestamp && in->at[MEMBER_RECEIVED])       /* another server took it first, and corrected it */
        return body_happened(body, timestamp, "timestamp", false, 0, ret_time_ms);
    return body_happened(body, original ? original : timestamp, original ? "originalTimestamp" : "timestamp",
                         has_sent, sent_ms, ret_time_ms);
}

/* What each type must have beside somebody: an event's name, a group, the id before. */
static bool read_required(struct body *body, const struct members *in, struct message *message)
{
    struct text id;
    if (message->type == MESSAGE_TRACK) {
        if (!body_id(body, in->at[MEMBER_EVENT], "event", &id)) return false;
        if (id.length == 0) return body_refuse(body, "event", "is missing: what happened?");
        message->kind = commerce_kind(id);
    } else if (message->type == MESSAGE_GROUP) {
        if (!body_id(body, in->at[MEMBER_GROUP], "groupId", &message->group_id)) return false;
        if (message->group_id.length == 0) return body_refuse(body, "groupId", "is missing: which group?");
    } else if (message->type == MESSAGE_ALIAS) {
        if (!body_id(body, in->at[MEMBER_PREVIOUS], "previousId", &id)) return false;
        if (id.length == 0) return body_refuse(body, "previousId", "is missing: who was it before?");
        body_previous(body, message, id, text_equal(id, message->anonymous_id));
    }
    return true;
}

static bool read_ids(struct body *body, const struct members *in, const struct envelope *envelope,
                     struct message *message)
{
    struct text user, anonymous;
    if (!body_id(body, in->at[MEMBER_USER], "userId", &user) ||
        !body_id(body, in->at[MEMBER_ANONYMOUS], "anonymousId", &anonymous) ||
        !body_id(body, in->at[MEMBER_MESSAGE], "messageId", &message->message_id))
        return false;
    size_t n_characters = 0;
    for (size_t i = 0; i < message->message_id.length; i++)
        n_characters += ((unsigned char)message->message_id.at[i] & 0xC0) != 0x80;
    if (n_characters > MESSAGE_MOST_MESSAGE_ID_CHARACTERS)
        return body_refuse(body, "messageId", "has %zu characters; at most %d are taken", n_characters,
                           MESSAGE_MOST_MESSAGE_ID_CHARACTERS);
    message->email = email_of(body, in, envelope, message->type);
    return body_who(body, message, user, anonymous, "userId");
}

static bool fill_message(struct body *body, const struct members *in, const struct envelope *envelope,
                         struct message *message)
{
    static const char *const kinds[MESSAGE_TYPES] = { [MESSAGE_PAGE] = "page", [MESSAGE_SCREEN] = "screen" };
    const char *field, *reason;
    uint32_t context = in->at[MEMBER_CONTEXT];
    message->kind = text_of(kinds[message->type] ? kinds[message->type] : "traits");
    if (!read_ids(body, in, envelope, message) || !read_required(body, in, message) ||
        !read_time(body, in, envelope, &message->time_ms))
        return false;
    if (body->request->is_archive && in->at[MEMBER_RECEIVED] &&
        !body_time(body, in->at[MEMBER_RECEIVED], &message->received_ms))
        return body_refuse(body, "receivedAt", "is not a time");
    if (message->type == MESSAGE_TRACK &&
        !commerce_read(&body->json, in->at[MEMBER_PROPERTIES], body->arena, message, &field, &reason))
        return body_refuse(body, field, "%s", reason);
    flat_begin(body->flat);
    add_properties(body, in, envelope, message->type);
    body_flat_end(body, message);
    message->consent = consent_of(body, context);
    if (message->consent.length == 0) message->consent = consent_of(body, envelope->context);
    return true;
}

static void read_message(struct body *body, const struct envelope *envelope)
{
    struct members in = members_of(&body->json, body->value);
    const char *path_type = body->request->type;
    struct text word = body_text(body, in.at[MEMBER_TYPE]);
    enum message_type type;
    if (!(path_type && type_find(text_of(path_type), &type)) && !type_find(word, &type)) {
        (void)body_refuse(body, "type",
                          word.length ? "is none of track, identify, page, screen, group, alias"
                                      : "is missing: track, identify, page, screen, group or alias");
        return;
    }
    struct message *message = body_add(body);
    message->type = type;
    if (!fill_message(body, &in, envelope, message)) body->intake->n_messages--;
}

static void read_item(struct body *body)
{
    read_message(body, body->context);
}

/* The members of {"batch": [...]} that all messages share.  What is not sound of them is left out. */
static struct envelope envelope_of(const struct json *json, const struct members *in)
{
    uint32_t context = in->at[MEMBER_CONTEXT], integrations = in->at[MEMBER_INTEGRATIONS];
    return (struct envelope){ .context = json->values[context].fault ? 0 : context,
                              .integrations = json->values[integrations].fault ? 0 : integrations,
                              .sent = in->at[MEMBER_SENT], .timestamp = in->at[MEMBER_TIMESTAMP] };
}

bool segment_read(struct body *body, struct err *err)
{
    const struct json *json = &body->json;
    static const char *const shared[] = { "sentAt", "timestamp", "context", "integrations", NULL };
    struct envelope envelope = { 0 };
    enum json_kind kind = json->values[0].kind;
    uint32_t batch = 0;
    body->context = &envelope;
    if (kind == JSON_IS_OBJECT) {
        struct members in = members_of(json, 0);
        batch = in.at[MEMBER_BATCH];
        if (batch == 0) {
            body->value = 0;
            if (body_is_sound(body)) read_message(body, &envelope);
            return true;
        }
        envelope = envelope_of(json, &in);
        body_keep_envelope(body, shared);
        for (uint32_t i = json_first(json, 0); i && i < batch; i = json_next(json, 0, i))
            if (json->values[i].name_length == 5 &&
                memcmp(json->text.at + json->values[i].name_at, "batch", 5) == 0)
                return err_set(err, ERR_INVALID, "\"batch\" is named twice");
    }
    if (json->values[batch].kind != JSON_IS_LIST)
        return err_set(err, ERR_INVALID, batch ? "\"batch\" is not a list of messages"
                                               : "the request is JSON, but neither an object nor a list");
    return body_each(body, batch, "batch", read_item, err);
}
