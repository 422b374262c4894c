/* intake_posthog.c - PostHog's capture API: one event, a list, or {"batch": [...]}; see intake.h.
 *
 * Which value of "$set_once" was the first is not known here: its members keep their prefix (once.h). */
#include "intake/intake_internal.h"

#include "customer/once.h"

#include <string.h>

struct posthog { bool has_sent; int64_t sent_ms; };

/* Of the many members that the clients add under "$" those that say something about the customer. */
static const struct { const char *name, *as; } kept[] = {
    { "$browser", "context.browser" },           { "$os", "context.os.name" },
    { "$device_type", "context.device.type" },   { "$pathname", "context.page.path" },
    { "$screen_name", "name" },                  { "$referring_domain", "context.referrer.domain" },
    { "$lib", "context.library.name" },          { "$lib_version", "context.library.version" },
    { "$timezone", "context.timezone" },         { "$geoip_country_code", "context.country" },
    { "$ip", "ip" },                             { "$browser_language", "context.locale" },
};

static void add_properties(struct body *body, uint32_t properties)
{
    const struct json *json = &body->json;
    for (uint32_t i = json_first(json, properties); i; i = json_next(json, properties, i)) {
        struct text name = { json->text.at + json->values[i].name_at, json->values[i].name_length };
        bool is_own = name.length == 0 || name.at[0] != '$';
        if (text_equal(name, text_of("token")) || text_equal(name, text_of("distinct_id"))) continue;
        if (is_own) flat_add_member(body->flat, json, i, name, PERSONAL_OF_EVENT);
        for (size_t k = 0; !is_own && k < sizeof kept / sizeof *kept; k++)
            if (text_equal(name, text_of(kept[k].name)))
                flat_add_member(body->flat, json, i, text_of(kept[k].as), PERSONAL_OF_EVENT);
    }
}

/* A member of the event, else of its properties. */
static uint32_t member_of(const struct body *body, const char *name)
{
    const struct json *json = &body->json;
    uint32_t value = json_member(json, body->value, name), properties = 0;
    if (value == 0) properties = json_member(json, body->value, "properties");
    return properties ? json_member(json, properties, name) : value;
}

/* The group that an event is of: the first of {"company":"acme"}. */
static void add_group(struct body *body)
{
    const struct json *json = &body->json;
    uint32_t groups = member_of(body, "$groups");
    uint32_t first = groups && json->values[groups].kind == JSON_IS_OBJECT ? json_first(json, groups) : 0;
    if (first && json->values[first].kind < JSON_IS_LIST)
        flat_add_member(body->flat, json, first, text_of("context.groupId"), PERSONAL_OF_EVENT);
}

/* A browser says by its device's id, or by "$is_identified", that nobody has logged in yet. */
static bool is_anonymous(struct body *body, struct text distinct_id)
{
    uint32_t is_identified = member_of(body, "$is_identified"), device = member_of(body, "$device_id");
    if (is_identified && body->json.values[is_identified].kind == JSON_IS_FALSE) return true;
    return device && distinct_id.length > 0 && text_equal(body_text(body, device), distinct_id);
}

static bool fill_who(struct body *body, struct message *message)
{
    struct text distinct_id, anonymous = { "", 0 };
    if (!body_id(body, member_of(body, "distinct_id"), "distinct_id", &distinct_id) ||
        !body_id(body, member_of(body, "$anon_distinct_id"), "properties.$anon_distinct_id", &anonymous))
        return false;
    if (message->type != MESSAGE_IDENTIFY && is_anonymous(body, distinct_id))
        anonymous = distinct_id, distinct_id.length = 0;
    /* Of "$groupidentify" the clients make up a person, "$company_acme": nobody. */
    if (message->type == MESSAGE_GROUP && distinct_id.length > 0 && distinct_id.at[0] == '$') return true;
    return body_who(body, message, distinct_id, anonymous, "distinct_id");
}

static bool fill_time(struct body *body, struct message *message)
{
    const struct posthog *posthog = body->context;
    uint32_t time = json_member(&body->json, body->value, "timestamp");
    uint32_t offset = json_member(&body->json, body->value, "offset");
    double offset_ms;
    bool ok = body_happened(body, time, "timestamp", posthog->has_sent, posthog->sent_ms, &message->time_ms);
    if (ok && !time && offset && text_double(json_written(&body->json, offset), '.', &offset_ms) &&
        offset_ms > 0 && offset_ms < 1e11)
        message->time_ms -= (int64_t)offset_ms;
    return ok;
}

/* "$set" and "$set_once" as a message about the person; beside another event it is one of its own. */
static void add_traits(struct body *body, struct message *message)
{
    static const struct { const char *name, *prefix; } kinds[] = { { "$set", "" }, { "$set_once", ONCE_PREFIX } };
    for (size_t i = 0; i < 2; i++) {
        uint32_t traits = member_of(body, kinds[i].name);
        if (!traits || body->json.values[traits].kind != JSON_IS_OBJECT) continue;
        if (message->email.length == 0)
            message->email = body_email(body, json_member(&body->json, traits, "email"));
        flat_add_whole(body->flat, &body->json, traits, kinds[i].prefix, PERSONAL_OF_PERSON);
    }
    body_flat_end(body, message);
}

static void add_second_message(struct body *body, size_t first)
{
    if (!member_of(body, "$set") && !member_of(body, "$set_once")) return;
    struct message *second = body_add(body);
    *second = body->intake->messages[first];
    second->type = MESSAGE_IDENTIFY;
    second->kind = text_of("traits");
    second->amount_cents = second->quantity_milli = 0;
    second->item = second->currency = (struct text){ "", 0 };
    second->n_lines = 0;
    if (second->message_id.length > 0)
        second->message_id =
            text_of(arena_format(body->arena, "%.*s set", (int)second->message_id.length, second->message_id.at));
    flat_begin(body->flat);
    add_traits(body, second);
}

static bool fill_alias(struct body *body, struct message *message)
{
    struct text alias;
    if (!body_id(body, member_of(body, "alias"), "properties.alias", &alias)) return false;
    if (alias.length == 0)
        return body_refuse(body, "properties.alias", "is missing: who is the same person?");
    body_previous(body, message, alias, false);
    return true;
}

static bool fill_group(struct body *body, struct message *message)
{
    uint32_t traits = member_of(body, "$group_set");
    if (!body_id(body, member_of(body, "$group_key"), "properties.$group_key", &message->group_id))
        return false;
    if (message->group_id.length == 0)
        return body_refuse(body, "properties.$group_key", "is missing: which group?");
    if (traits) flat_add(body->flat, &body->json, traits, "", PERSONAL_OF_EVENT);
    body->flat->personal.n = 0;       /* the account's, not a person's */
    body_flat_end(body, message);
    return true;
}

static bool fill_event(struct body *body, struct message *message)
{
    uint32_t properties = json_member(&body->json, body->value, "properties");
    const char *field, *reason;
    bool is_object = properties && body->json.values[properties].kind == JSON_IS_OBJECT;
    if (message->type == MESSAGE_TRACK &&
        !commerce_read(&body->json, properties, body->arena, message, &field, &reason))
        return body_refuse(body, field, "%s", reason);
    if (is_object) add_properties(body, properties);
    add_group(body);
    body_flat_end(body, message);
    return true;
}

static void read_event(struct body *body)
{
    static const struct { const char *event; enum message_type type; const char *kind; } special[] = {
        { "$identify", MESSAGE_IDENTIFY, "traits" },    { "$set", MESSAGE_IDENTIFY, "traits" },
        { "$create_alias", MESSAGE_ALIAS, "traits" },   { "$merge_dangerously", MESSAGE_MERGE, "traits" },
        { "$groupidentify", MESSAGE_GROUP, "traits" },  { "$pageview", MESSAGE_PAGE, "page" },
        { "$screen", MESSAGE_SCREEN, "screen" },
    };
    struct text event;
    if (!body_id(body, json_member(&body->json, body->value, "event"), "event", &event)) return;
    if (event.length == 0) { (void)body_refuse(body, "event", "is missing: what happened?"); return; }
    struct message *message = body_add(body);
    size_t index = body->intake->n_messages - 1;
    message->type = MESSAGE_TRACK;
    message->kind = commerce_kind(event);
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (text_equal(event, text_of(special[i].event))) {
            message->type = special[i].type;
            message->kind = text_of(special[i].kind);
        }
    flat_begin(body->flat);
    bool is_event = message->type <= MESSAGE_SCREEN,
         is_same = message->type == MESSAGE_ALIAS || message->type == MESSAGE_MERGE;
    bool ok = body_id(body, json_member(&body->json, body->value, "uuid"), "uuid", &message->message_id) &&
              fill_who(body, message) && fill_time(body, message) && (!is_same || fill_alias(body, message)) &&
              (message->type != MESSAGE_GROUP || fill_group(body, message)) &&
              (!is_event || fill_event(body, message));
    if (!ok) { body->intake->n_messages = index; return; }
    if (message->type == MESSAGE_IDENTIFY) add_traits(body, message);
    else if (is_event) add_second_message(body, index);
}

bool posthog_read(struct body *body, struct err *err)
{
    const struct json *json = &body->json;
    enum json_kind kind = json->values[0].kind;
    static const char *const shared[] = { "sent_at", NULL };
    struct posthog posthog = { 0 };
    uint32_t batch = kind == JSON_IS_OBJECT ? json_member(json, 0, "batch") : 0;
    if (kind != JSON_IS_OBJECT && kind != JSON_IS_LIST)
        return err_set(err, ERR_INVALID, "the request is JSON, but neither an object nor a list");
    if (kind == JSON_IS_OBJECT)
        posthog.has_sent = body_time(body, json_member(json, 0, "sent_at"), &posthog.sent_ms);
    body->context = &posthog;
    if (kind == JSON_IS_OBJECT && batch == 0) {
        if (body_is_sound(body)) read_event(body);
        return true;
    }
    if (json->values[batch].kind != JSON_IS_LIST)
        return err_set(err, ERR_INVALID, "\"batch\" is not a list of events");
    if (batch) body_keep_envelope(body, shared);
    return body_each(body, batch, "batch", read_event, err);
}
