/* intake_body.c - ids, times, limits and refusals, the same for every protocol; see intake_internal.h. */
#include "intake/intake_internal.h"

#include "base/calendar.h"
#include "customer/encoding.h"

#include <stdarg.h>
#include <string.h>

/* Room for one more item of size bytes: the list, or one of twice its room. */
static void *with_room(struct arena *arena, void *items, size_t n, size_t *room, size_t size)
{
    if (n < *room) return items;
    *room = *room ? 2 * *room : 4;
    void *more = arena_alloc(arena, *room, size);
    if (n) memcpy(more, items, n * size);
    return more;
}

static struct text raw_of(const struct body *body) { return json_whole(&body->json, body->value); }

struct message *body_add(struct body *body)
{
    struct intake *intake = body->intake;
    struct text none = { "", 0 };
    intake->messages = with_room(body->arena, intake->messages, intake->n_messages, &body->messages_room,
                                 sizeof *intake->messages);
    struct message *message = &intake->messages[intake->n_messages++];
    *message = (struct message){ .user_id = none, .anonymous_id = none, .email = none, .previous_id = none,
                                 .previous_email = none, .group_id = none, .message_id = none, .kind = none,
                                 .item = none, .currency = none, .properties = none, .personal = none,
                                 .consent = none, .raw = raw_of(body),
                                 .time_ms = body->request->received_ms };
    return message;
}

static void put_refusal(struct body *body, struct text raw, const char *field, const char *reason)
{
    struct intake *intake = body->intake;
    intake->refusals = with_room(body->arena, intake->refusals, intake->n_refusals, &body->refusals_room,
                                 sizeof *intake->refusals);
    intake->refusals[intake->n_refusals++] =
        (struct refusal){ .raw = raw, .reason = arena_copy(body->arena, reason), .field = field };
}

void body_refuse_message(struct body *body, const struct message *message, const char *reason)
{
    put_refusal(body, message->raw, NULL, reason);
}

bool body_refuse(struct body *body, const char *field, const char *fmt, ...)
{
    char reason[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(reason, sizeof reason, fmt, args);
    va_end(args);
    if (body->index >= 0 && field)
        field = arena_format(body->arena, "%s[%ld].%s", body->list, body->index, field);
    else if (body->index >= 0)
        field = arena_format(body->arena, "%s[%ld]", body->list, body->index);
    else if (field) field = arena_copy(body->arena, field);
    put_refusal(body, raw_of(body), field, reason);
    return false;
}

bool body_too_large(struct body *body, struct err *err, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    body->intake->is_too_large = true;
    return err_set(err, ERR_INVALID, "%s", text);
}

/* The names that lead to the first value with a fault of its own, joined by points. */
static const char *path_to_fault(struct body *body, enum json_fault *ret_fault)
{
    const struct json *json = &body->json;
    const char *path = "";
    uint32_t at = body->value;
    *ret_fault = json->values[at].fault;
    for (;;) {
        uint32_t inner = json->values[at].kind >= JSON_IS_LIST ? json_first(json, at) : 0;
        while (inner && !json->values[inner].fault) inner = json_next(json, at, inner);
        if (!inner || strlen(path) > 200) return *path ? path : NULL;
        *ret_fault = json->values[inner].fault;
        if (json->values[at].kind == JSON_IS_OBJECT) {
            struct text name = { json->text.at + json->values[inner].name_at, json->values[inner].name_length };
            bool is_plain = name.length > 0 && name.length <= 40;
            for (size_t i = 0; i < name.length && is_plain; i++) is_plain = name.at[i] >= ' ' && name.at[i] < 127;
            if (is_plain)
                path = arena_format(body->arena, "%s%s%.*s", path, *path ? "." : "", (int)name.length, name.at);
        }
        at = inner;
    }
}

bool body_is_sound(struct body *body)
{
    const struct json_value *value = &body->json.values[body->value];
    if (value->length > INTAKE_MOST_EVENT_BYTES && !body->is_any_size)
        return body_refuse(body, NULL, "has %u bytes; a message has at most %d", value->length,
                           INTAKE_MOST_EVENT_BYTES);
    if (value->kind != JSON_IS_OBJECT) return body_refuse(body, NULL, "is not a JSON object");
    if (value->fault) {
        enum json_fault fault;
        const char *field = path_to_fault(body, &fault);
        return body_refuse(body, field, "%s", json_fault_words(fault));
    }
    return true;
}

bool body_each(struct body *body, uint32_t list, const char *name, void (*read)(struct body *), struct err *err)
{
    const struct json *json = &body->json;
    size_t n = 0;
    for (uint32_t i = json_first(json, list); i; i = json_next(json, list, i)) n++;
    if (n > INTAKE_MOST_EVENTS)
        return body_too_large(body, err, "the request has %zu messages; at most %d are taken", n,
                              INTAKE_MOST_EVENTS);
    body->intake->messages = ARENA_ARRAY(body->arena, struct message, n);
    body->messages_room = n;
    body->list = name;
    body->index = 0;
    for (uint32_t i = json_first(json, list); i; i = json_next(json, list, i), body->index++) {
        body->value = i;
        if (body_is_sound(body)) read(body);
    }
    return true;
}

void body_keep_envelope(struct body *body, const char *const *names)
{
    const struct json *json = &body->json;
    const char *kept = "";
    for (; *names; names++) {
        uint32_t value = json_member(json, 0, *names);
        if (!value || json->values[value].fault || json->values[value].kind == JSON_IS_NULL) continue;
        struct text whole = json_whole(json, value);
        kept = arena_format(body->arena, "%s%s\"%s\":%.*s", kept, *kept ? "," : "{", *names, (int)whole.length,
                            whole.at);
    }
    body->intake->request.envelope = text_of(*kept ? arena_format(body->arena, "%s}", kept) : "");
}

struct text body_text(struct body *body, uint32_t value)
{
    enum json_kind kind = body->json.values[value].kind;
    if (value == 0 || (kind != JSON_IS_STRING && kind != JSON_IS_NUMBER)) return (struct text){ "", 0 };
    return json_text(&body->json, value, body->arena);
}

static bool check_id(struct body *body, struct text id, const char *field)
{
    if (id.length > MESSAGE_MOST_ID_BYTES)
        return body_refuse(body, field, "has %zu bytes; at most %d are taken", id.length, MESSAGE_MOST_ID_BYTES);
    for (size_t i = 0; i < id.length; i++)
        if ((unsigned char)id.at[i] < ' ' || id.at[i] == 127)
            return body_refuse(body, field, "has a control character");
    return true;
}

bool body_id(struct body *body, uint32_t value, const char *field, struct text *ret_id)
{
    enum json_kind kind = body->json.values[value].kind;
    *ret_id = (struct text){ "", 0 };
    if (value == 0 || kind == JSON_IS_NULL) return true;
    if (kind != JSON_IS_STRING && kind != JSON_IS_NUMBER)
        return body_refuse(body, field, "is not a text or a number");
    struct text id = text_trim(body_text(body, value));
    if (kind == JSON_IS_NUMBER && id.length > 2 && memcmp(id.at + id.length - 2, ".0", 2) == 0) id.length -= 2;
    if (!check_id(body, id, field)) return false;
    *ret_id = id;
    return true;
}

bool body_id_of_path(struct body *body, struct text text, const char *field, struct text *ret_id)
{
    struct text id = text_trim(text);
    if (!check_id(body, id, field)) return false;
    if (encoding_valid_utf8(id.at, id.length, false) != id.length)
        return body_refuse(body, field, "holds bytes that are not UTF-8");
    *ret_id = id;
    return true;
}

static struct text email_lower(struct text email, struct arena *arena)
{
    email = text_trim(email);
    if (!message_is_email(email)) return (struct text){ "", 0 };
    char *lower = arena_alloc(arena, email.length, 1);
    for (size_t i = 0; i < email.length; i++)
        lower[i] = email.at[i] >= 'A' && email.at[i] <= 'Z' ? (char)(email.at[i] + 32) : email.at[i];
    return (struct text){ lower, email.length };
}

struct text body_email(struct body *body, uint32_t value)
{
    if (value == 0 || body->json.values[value].kind != JSON_IS_STRING) return (struct text){ "", 0 };
    return email_lower(json_text(&body->json, value, body->arena), body->arena);
}

bool body_who(struct body *body, struct message *message, struct text user_id, struct text anonymous_id,
              const char *field)
{
    if (message_is_email(user_id)) {
        message->email = email_lower(user_id, body->arena);
        message->email_is_id = true;
        user_id.length = 0;
    }
    if (message_is_email(anonymous_id)) {
        if (message->email.length == 0) {
            message->email = email_lower(anonymous_id, body->arena);
            message->email_is_id = true;
        }
        anonymous_id.length = 0;
    }
    message->user_id = user_id;
    message->anonymous_id = anonymous_id;
    if (user_id.length > 0 || anonymous_id.length > 0 || message->email.length > 0) return true;
    return body_refuse(body, field, "names nobody: there is no id and no e-mail address");
}

void body_previous(struct body *body, struct message *message, struct text previous_id, bool is_anonymous)
{
    if (message_is_email(previous_id)) message->previous_email = email_lower(previous_id, body->arena);
    else message->previous_id = previous_id;
    message->previous_is_anonymous = is_anonymous && message->previous_id.length > 0;
}

bool body_time(struct body *body, uint32_t value, int64_t *ret_time_ms)
{
    const struct json_value *time = &body->json.values[value];
    struct text written = json_written(&body->json, value);
    double number;
    if (value == 0) return false;
    if (time->kind == JSON_IS_STRING && calendar_parse_iso(written.at, written.length, ret_time_ms)) return true;
    if ((time->kind != JSON_IS_STRING && time->kind != JSON_IS_NUMBER) || !text_double(written, '.', &number) ||
        number < -1e15 || number > 1e15)
        return false;
    *ret_time_ms = (int64_t)(number > 1e11 || number < -1e11 ? number : number * 1000);
    return true;
}

bool body_happened(struct body *body, uint32_t time, const char *field, bool has_sent, int64_t sent_ms,
                   int64_t *ret_time_ms)
{
    static const int64_t first_ms = INT64_C(31536000000); /* 1971: before it lie clocks that were never set */
    static const int64_t most_ahead_ms = 366 * MS_PER_DAY;
    int64_t received_ms = body->request->received_ms, time_ms;
    *ret_time_ms = received_ms;
    if (time == 0 || body->json.values[time].kind == JSON_IS_NULL) return true;
    if (!body_time(body, time, &time_ms)) return body_refuse(body, field, "is not a time");
    if (has_sent && !body->request->is_import) {
        int64_t corrected_ms = received_ms - (sent_ms - time_ms);
        if (corrected_ms >= first_ms && corrected_ms <= received_ms + most_ahead_ms) time_ms = corrected_ms;
    }
    if (time_ms < first_ms) return body_refuse(body, field, "lies before 1971");
    if (time_ms > received_ms + most_ahead_ms)
        return body_refuse(body, field, "lies over a year in the future");
    *ret_time_ms = time_ms < received_ms ? time_ms : received_ms;
    return true;
}

void body_put_number(struct body *body, struct message *message, const char *name, struct text number)
{
    number = text_trim(number);
    if (number.length == 0 || number.length > 100) return;
    for (size_t i = 0; i < number.length; i++)
        if (number.at[i] < ' ' || number.at[i] > '~' || number.at[i] == '"' || number.at[i] == '\\') return;
    commerce_add_number(message, number);
    flat_put_json(&body->flat->properties, name,
                  text_of(arena_format(body->arena, "\"%.*s\"", (int)number.length, number.at)));
}

void body_flat_end(struct body *body, struct message *message)
{
    message->properties = flat_end(&body->flat->properties, body->arena);
    message->personal = flat_end(&body->flat->personal, body->arena);
}
