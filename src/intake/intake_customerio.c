/* intake_customerio.c - Customer.io's Track API v1: customers, their events and devices, merging, suppression.
 * See intake.h.  Source: docs.customer.io, Track API v1. */
#include "intake/intake_internal.h"

#include <string.h>

static const struct text nobody = { "", 0 };

/* Of the body or the path: who, and when it happened ("timestamp", seconds). */
static struct message *begin(struct body *body, enum message_type type, struct text email)
{
    const struct json *json = &body->json;
    struct text id, anonymous;
    if (!body_id_of_path(body, body->request->path_id, "id", &id) ||
        !body_id(body, json_member(json, 0, "anonymous_id"), "anonymous_id", &anonymous))
        return NULL;
    struct message *message = body_add(body);
    message->type = type;
    message->kind = text_of("traits");
    message->email = email;
    if (body_who(body, message, id, anonymous, "id") &&
        body_happened(body, json_member(json, 0, "timestamp"), "timestamp", false, 0, &message->time_ms)) {
        flat_begin(body->flat);
        return message;
    }
    body->intake->n_messages--;
    return NULL;
}

static void forget(struct body *body) { body->intake->n_messages--; }

static void read_customer(struct body *body)
{
    static const char *const not_traits[] = { "anonymous_id", "timestamp", "_update", "cio_id", "id" };
    const struct json *json = &body->json;
    struct message *message =
        begin(body, MESSAGE_IDENTIFY, body_email(body, json_member(json, 0, "email")));
    if (!message) return;
    for (uint32_t i = json_first(json, 0); i; i = json_next(json, 0, i)) {
        struct text name = { json->text.at + json->values[i].name_at, json->values[i].name_length };
        bool is_trait = true;
        for (size_t k = 0; k < sizeof not_traits / sizeof *not_traits; k++)
            is_trait = is_trait && !text_equal(name, text_of(not_traits[k]));
        if (is_trait) flat_add_member(body->flat, json, i, name, PERSONAL_OF_PERSON);
    }
    body_flat_end(body, message);
}

/* {"name":"purchase","data":{"price":12},"id":"01H..","type":"page"}; for somebody unknown by anonymous_id or
 * by the address in data.recipient. */
static void read_event(struct body *body)
{
    const struct json *json = &body->json;
    struct text name, id, type = body_text(body, json_member(json, 0, "type"));
    uint32_t data = json_member(json, 0, "data");
    const char *field, *reason;
    if (!body_id(body, json_member(json, 0, "name"), "name", &name) ||
        !body_id(body, json_member(json, 0, "id"), "id", &id))
        return;
    if (name.length == 0) { (void)body_refuse(body, "name", "is missing: what happened?"); return; }
    bool is_page = text_equal(type, text_of("page")), is_screen = text_equal(type, text_of("screen"));
    uint32_t recipient = data ? json_member(json, data, "recipient") : 0;
    struct message *message = begin(body,
                                    is_page     ? MESSAGE_PAGE
                                    : is_screen ? MESSAGE_SCREEN
                                                : MESSAGE_TRACK,
                                    body_email(body, recipient));
    if (!message) return;
    message->kind = is_page ? text_of("page") : is_screen ? text_of("screen") : commerce_kind(name);
    message->message_id = id;
    if (!commerce_read(json, data, body->arena, message, &field, &reason)) {
        (void)body_refuse(body, field, "%s", reason);
        forget(body);
        return;
    }
    if (data) flat_add(body->flat, json, data, "", PERSONAL_OF_EVENT);
    if (is_page || is_screen) flat_put_text(&body->flat->properties, "name", name);
    body_flat_end(body, message);
}

/* {"device":{"id":"<token>","platform":"ios","last_used":1,"attributes":{}}} */
static void read_device(struct body *body)
{
    const struct json *json = &body->json;
    uint32_t device = json_member(json, 0, "device"), id = device ? json_member(json, device, "id") : 0;
    if (id == 0 || json->values[id].kind != JSON_IS_STRING) {
        (void)body_refuse(body, "device.id", "is missing: which device?");
        return;
    }
    struct message *message = begin(body, MESSAGE_IDENTIFY, nobody);
    if (!message) return;
    flat_add_member(body->flat, json, id, text_of("device.token"), PERSONAL_OF_PERSON);
    uint32_t platform = json_member(json, device, "platform");
    if (platform) flat_add_member(body->flat, json, platform, text_of("device.platform"), PERSONAL_OF_PERSON);
    body_flat_end(body, message);
}

static void read_device_removal(struct body *body)
{
    struct message *message = begin(body, MESSAGE_IDENTIFY, nobody);
    if (!message) return;
    flat_put_json(&body->flat->personal, "device.token", text_of("null"));
    body_flat_end(body, message);
}

/* {"id":"1"}, {"email":"a@b.c"} or {"cio_id":"0a"}. */
static bool read_one(struct body *body, const char *name, struct text *ret_id)
{
    static const char *const members[] = { "id", "email", "cio_id" };
    const struct json *json = &body->json;
    uint32_t one = json_member(json, 0, name);
    *ret_id = (struct text){ "", 0 };
    for (size_t i = 0; one && i < 3 && ret_id->length == 0; i++)
        if (!body_id(body, json_member(json, one, members[i]), name, ret_id)) return false;
    return ret_id->length > 0 || body_refuse(body, name, "is missing: which customer?");
}

static void read_merge(struct body *body)
{
    struct text primary, secondary;
    if (!read_one(body, "primary", &primary) || !read_one(body, "secondary", &secondary)) return;
    struct message *message = body_add(body);
    message->type = MESSAGE_MERGE;
    message->kind = text_of("traits");
    if (body_who(body, message, primary, nobody, "primary"))
        body_previous(body, message, secondary, false);
    else forget(body);
}

static void read_suppress(struct body *body)   { (void)begin(body, MESSAGE_SUPPRESS, nobody); }
static void read_unsuppress(struct body *body) { (void)begin(body, MESSAGE_UNSUPPRESS, nobody); }
static void read_delete(struct body *body)     { (void)begin(body, MESSAGE_ERASE, nobody); }

bool customerio_read(struct body *body, struct err *err)
{
    static const struct { const char *type; void (*read)(struct body *body); } routes[] = {
        { "customers", read_customer },         { "customers/events", read_event },
        { "events", read_event },               { "customers/devices", read_device },
        { "customers/devices/delete", read_device_removal },
        { "customers/suppress", read_suppress }, { "customers/unsuppress", read_unsuppress },
        { "customers/delete", read_delete },    { "merge_customers", read_merge },
    };
    const char *type = body->request->type;
    if (body->json.values[0].kind != JSON_IS_OBJECT)
        return err_set(err, ERR_INVALID, "the request is JSON, but not an object");
    for (size_t i = 0; type && i < sizeof routes / sizeof *routes; i++) {
        if (strcmp(type, routes[i].type) != 0) continue;
        if (body_is_sound(body)) routes[i].read(body);
        return true;
    }
    return err_set(err, ERR_INVALID, "no such route: %s", type ? type : "none is named");
}
