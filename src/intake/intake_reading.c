/* intake_reading.c - ids, times, limits and refusals, the same for every protocol; see intake_internal.h. */
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

static struct text raw_of(const struct reading *reading) { return json_whole(&reading->json, reading->value); }

struct message *reading_add(struct reading *reading)
{
    struct intake *intake = reading->intake;
    struct text none = { "", 0 };
    intake->messages = with_room(reading->arena, intake->messages, intake->n_messages, &reading->messages_room,
                                 sizeof *intake->messages);
    struct message *message = &intake->messages[intake->n_messages++];
    *message = (struct message){ .user_id = none, .anonymous_id = none, .email = none, .previous_id = none,
                                 .previous_email = none, .group_id = none, .message_id = none, .kind = none,
                                 .item = none, .currency = none, .properties = none, .personal = none,
                                 .consent = none, .raw = raw_of(reading),
                                 .time_ms = reading->request->received_ms };
    return message;
}

static void put_refusal(struct reading *reading, struct text raw, const char *field, const char *reason)
{
    struct intake *intake = reading->intake;
    intake->refusals = with_room(reading->arena, intake->refusals, intake->n_refusals, &reading->refusals_room,
                                 sizeof *intake->refusals);
    intake->refusals[intake->n_refusals++] =
        (struct refusal){ .raw = raw, .reason = arena_copy(reading->arena, reason), .field = field };
}

void reading_refuse_message(struct reading *reading, const struct message *message, const char *reason)
{
    put_refusal(reading, message->raw, NULL, reason);
}

bool reading_refuse(struct reading *reading, const char *field, const char *fmt, ...)
{
    char reason[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(reason, sizeof reason, fmt, args);
    va_end(args);
    if (reading->index >= 0 && field)
        field = arena_format(reading->arena, "%s[%ld].%s", reading->list, reading->index, field);
    else if (reading->index >= 0)
        field = arena_format(reading->arena, "%s[%ld]", reading->list, reading->index);
    else if (field) field = arena_copy(reading->arena, field);
    put_refusal(reading, raw_of(reading), field, reason);
    return false;
}

bool reading_too_large(struct reading *reading, struct err *err, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    reading->intake->is_too_large = true;
    return err_set(err, ERR_INVALID, "%s", text);
}

/* The names that lead to the first value with a fault of its own, joined by points. */
static const char *path_to_fault(struct reading *reading, enum json_fault *ret_fault)
{
    const struct json *json = &reading->json;
    const char *path = "";
    uint32_t at = reading->value;
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
                path = arena_format(reading->arena, "%s%s%.*s", path, *path ? "." : "", (int)name.length, name.at);
        }
        at = inner;
    }
}

bool reading_is_sound(struct reading *reading)
{
    const struct json_value *value = &reading->json.values[reading->value];
    if (value->length > INTAKE_MOST_EVENT_BYTES && !reading->is_any_size)
        return reading_refuse(reading, NULL, "has %u bytes; a message has at most %d", value->length,
                              INTAKE_MOST_EVENT_BYTES);
    if (value->kind != JSON_IS_OBJECT) return reading_refuse(reading, NULL, "is not a JSON object");
    if (value->fault) {
        enum json_fault fault;
        const char *field = path_to_fault(reading, &fault);
        return reading_refuse(reading, field, "%s", json_fault_words(fault));
    }
    return true;
}

bool reading_each(struct reading *reading, uint32_t list, const char *name, void (*read)(struct reading *),
                  struct err *err)
{
    const struct json *json = &reading->json;
    size_t n = 0;
    for (uint32_t i = json_first(json, list); i; i = json_next(json, list, i)) n++;
    if (n > INTAKE_MOST_EVENTS)
        return reading_too_large(reading, err, "the request has %zu messages; at most %d are taken", n,
                                 INTAKE_MOST_EVENTS);
    reading->intake->messages = ARENA_ARRAY(reading->arena, struct message, n);
    reading->messages_room = n;
    reading->list = name;
    reading->index = 0;
    for (uint32_t i = json_first(json, list); i; i = json_next(json, list, i), reading->index++) {
        reading->value = i;
        if (reading_is_sound(reading)) read(reading);
    }
    return true;
}

void reading_keep_envelope(struct reading *reading, const char *const *names)
{
    const struct json *json = &reading->json;
    const char *kept = "";
    for (; *names; names++) {
        uint32_t value = json_member(json, 0, *names);
        if (!value || json->values[value].fault || json->values[value].kind == JSON_IS_NULL) continue;
        struct text whole = json_whole(json, value);
        kept = arena_format(reading->arena, "%s%s\"%s\":%.*s", kept, *kept ? "," : "{", *names, (int)whole.length,
                            whole.at);
    }
    reading->intake->request.envelope = text_of(*kept ? arena_format(reading->arena, "%s}", kept) : "");
}

struct text reading_text(struct reading *reading, uint32_t value)
{
    enum json_kind kind = reading->json.values[value].kind;
    if (value == 0 || (kind != JSON_IS_STRING && kind != JSON_IS_NUMBER)) return (struct text){ "", 0 };
    return json_text(&reading->json, value, reading->arena);
}

static bool check_id(struct reading *reading, struct text id, const char *field)
{
    if (id.length > MESSAGE_MOST_ID_BYTES)
        return reading_refuse(reading, field, "has %zu bytes; at most %d are taken", id.length,
                              MESSAGE_MOST_ID_BYTES);
    for (size_t i = 0; i < id.length; i++)
        if ((unsigned char)id.at[i] < ' ' || id.at[i] == 127)
            return reading_refuse(reading, field, "has a control character");
    return true;
}

bool reading_id(struct reading *reading, uint32_t value, const char *field, struct text *ret_id)
{
    enum json_kind kind = reading->json.values[value].kind;
    *ret_id = (struct text){ "", 0 };
    if (value == 0 || kind == JSON_IS_NULL) return true;
    if (kind != JSON_IS_STRING && kind != JSON_IS_NUMBER)
        return reading_refuse(reading, field, "is not a text or a number");
    struct text id = text_trim(reading_text(reading, value));
    if (kind == JSON_IS_NUMBER && id.length > 2 && memcmp(id.at + id.length - 2, ".0", 2) == 0) id.length -= 2;
    if (!check_id(reading, id, field)) return false;
    *ret_id = id;
    return true;
}

bool reading_id_of_path(struct reading *reading, struct text text, const char *field, struct text *ret_id)
{
    struct text id = text_trim(text);
    if (!check_id(reading, id, field)) return false;
    if (encoding_valid_utf8(id.at, id.length, false) != id.length)
        return reading_refuse(reading, field, "holds bytes that are not UTF-8");
    *ret_id = id;
    return true;
}

struct text email_lower(struct text email, struct arena *arena)
{
    email = text_trim(email);
    if (!message_is_email(email)) return (struct text){ "", 0 };
    char *lower = arena_alloc(arena, email.length, 1);
    for (size_t i = 0; i < email.length; i++)
        lower[i] = email.at[i] >= 'A' && email.at[i] <= 'Z' ? (char)(email.at[i] + 32) : email.at[i];
    return (struct text){ lower, email.length };
}

struct text reading_email(struct reading *reading, uint32_t value)
{
    if (value == 0 || reading->json.values[value].kind != JSON_IS_STRING) return (struct text){ "", 0 };
    return email_lower(json_text(&reading->json, value, reading->arena), reading->arena);
}

bool reading_who(struct reading *reading, struct message *message, struct text user_id, struct text anonymous_id,
                 const char *field)
{
    if (message_is_email(user_id)) {
        message->email = email_lower(user_id, reading->arena);
        message->email_is_id = true;
        user_id.length = 0;
    }
    if (message_is_email(anonymous_id)) {
        if (message->email.length == 0) {
            message->email = email_lower(anonymous_id, reading->arena);
            message->email_is_id = true;
        }
        anonymous_id.length = 0;
    }
    message->user_id = user_id;
    message->anonymous_id = anonymous_id;
    if (user_id.length > 0 || anonymous_id.length > 0 || message->email.length > 0) return true;
    return reading_refuse(reading, field, "names nobody: there is no id and no e-mail address");
}

void reading_previous(struct reading *reading, struct message *message, struct text previous_id, bool is_anonymous)
{
    if (message_is_email(previous_id)) message->previous_email = email_lower(previous_id, reading->arena);
    else message->previous_id = previous_id;
    message->previous_is_anonymous = is_anonymous && message->previous_id.length > 0;
}

bool reading_time(struct reading *reading, uint32_t value, int64_t *ret_time_ms)
{
    const struct json_value *time = &reading->json.values[value];
    struct text written = json_written(&reading->json, value);
    double number;
    if (value == 0) return false;
    if (time->kind == JSON_IS_STRING && calendar_parse_iso(written.at, written.length, ret_time_ms)) return true;
    if ((time->kind != JSON_IS_STRING && time->kind != JSON_IS_NUMBER) || !text_double(written, '.', &number) ||
        number < -1e15 || number > 1e15)
        return false;
    *ret_time_ms = (int64_t)(number > 1e11 || number < -1e11 ? number : number * 1000);
    return true;
}

bool reading_happened(struct reading *reading, uint32_t time, const char *field, bool has_sent, int64_t sent_ms,
                      int64_t *ret_time_ms)
{
    static const int64_t first_ms = INT64_C(31536000000); /* 1971: before it lie clocks that were never set */
    static const int64_t most_ahead_ms = 366 * MS_PER_DAY;
    int64_t received_ms = reading->request->received_ms, time_ms;
    *ret_time_ms = received_ms;
    if (time == 0 || reading->json.values[time].kind == JSON_IS_NULL) return true;
    if (!reading_time(reading, time, &time_ms)) return reading_refuse(reading, field, "is not a time");
    if (has_sent && !reading->request->is_import) {
        int64_t corrected_ms = received_ms - (sent_ms - time_ms);
        if (corrected_ms >= first_ms && corrected_ms <= received_ms + most_ahead_ms) time_ms = corrected_ms;
    }
    if (time_ms < first_ms) return reading_refuse(reading, field, "lies before 1971");
    if (time_ms > received_ms + most_ahead_ms)
        return reading_refuse(reading, field, "lies over a year in the future");
    *ret_time_ms = time_ms < received_ms ? time_ms : received_ms;
    return true;
}

void reading_flat_end(struct reading *reading, struct message *message)
{
    message->properties = flat_end(&reading->flat->properties, reading->arena);
    message->personal = flat_end(&reading->flat->personal, reading->arena);
}
