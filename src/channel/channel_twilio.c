/* channel_twilio.c - SMS as Twilio's API of 2010-04-01 takes them; see channel.h. */
#include "channel/channel.h"

#include "base/secret.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { STOPPED = 21610, NO_NUMBER = 21211, NO_MOBILE = 21614 };

static const char *form_escape(struct arena *arena, struct text text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, 3 * text.length + 1, 1), *to = out;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') *to++ = (char)c;
        else *to++ = '%', *to++ = digits[c >> 4], *to++ = digits[c & 15];
    }
    return out;
}

static void prepare(const struct channel *channel, const struct consignment *consignment, struct arena *arena,
                    struct transfer *ret_transfer)
{
    static const char *const headers[] = { "Content-Type: application/x-www-form-urlencoded" };
    bool is_service = strncmp(channel->from.email, "MG", 2) == 0;
    const char *form = arena_format(arena, "To=%s&%s=%s&Body=%s", form_escape(arena, text_of(consignment->to)),
                                    is_service ? "MessagingServiceSid" : "From",
                                    form_escape(arena, text_of(channel->from.email)),
                                    form_escape(arena, consignment->bytes));
    if (consignment->callback)
        form =
            arena_format(arena, "%s&StatusCallback=%s", form, form_escape(arena, text_of(consignment->callback)));
    ret_transfer->url =
        arena_format(arena, "%s/2010-04-01/Accounts/%s/Messages.json", channel->url, channel->user);
    ret_transfer->user = channel->user, ret_transfer->password = channel->password;
    ret_transfer->headers = headers, ret_transfer->n_headers = 1;
    ret_transfer->body = text_of(form);
}

static void judge_answer(const struct transfer_result *result, struct delivered *ret_delivered)
{
    json_t *answer = json_loadb(result->body.at, result->body.length, 0, NULL);
    json_int_t code = json_integer_value(json_object_get(answer, "code"));
    const char *sid = json_string_value(json_object_get(answer, "sid"));
    const char *message = json_string_value(json_object_get(answer, "message"));
    bool is_sent = result->code >= 200 && result->code < 300;
    bool is_later = result->code == 429 || result->code == 408 || result->code >= 500 || result->code == 401;
    ret_delivered->delivery = is_sent ? DELIVERY_SENT : is_later ? DELIVERY_LATER : DELIVERY_REFUSED;
    ret_delivered->is_of_relay = is_later;
    ret_delivered->is_address_closed = !is_sent && (code == STOPPED || code == NO_NUMBER || code == NO_MOBILE);
    if (is_sent && sid) snprintf(ret_delivered->provider_id, sizeof ret_delivered->provider_id, "%s", sid);
    if (!is_sent && message)
        snprintf(ret_delivered->reply, sizeof ret_delivered->reply, "%d: %lld %s", result->code, (long long)code,
                 message);
    json_decref(answer);
}

static void judge(const struct channel *channel, const struct transfer_result *result,
                  struct delivered *ret_delivered)
{
    (void)channel;
    if (result->end == TRANSFER_ANSWERED) judge_answer(result, ret_delivered);
    else
        ret_delivered->delivery =
            result->end == TRANSFER_IN_DOUBT || result->end == TRANSFER_BROKEN ? DELIVERY_UNKNOWN : DELIVERY_LATER;
    ret_delivered->answer = text_of("");
}

static int by_name(const void *a, const void *b)
{
    const struct form_field *x = a, *y = b;
    size_t n = x->name.length < y->name.length ? x->name.length : y->name.length;
    int order = n ? memcmp(x->name.at, y->name.at, n) : 0;
    return order ? order : (x->name.length > y->name.length) - (x->name.length < y->name.length);
}

const char *twilio_signature(const char *token, const char *url, const struct form_field *fields, size_t n,
                             struct arena *arena)
{
    uint8_t mac[SIGNING_SHA1_BYTES];
    struct form_field *sorted = ARENA_ARRAY(arena, struct form_field, n + 1);
    size_t length = strlen(url), at = length;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = fields[i];
        length += fields[i].name.length + fields[i].value.length;
    }
    qsort(sorted, n, sizeof *sorted, by_name);
    char *text = arena_alloc(arena, length + 1, 1);
    memcpy(text, url, at);
    for (size_t i = 0; i < n; i++) {
        const struct text parts[] = { sorted[i].name, sorted[i].value };
        for (size_t k = 0; k < 2; at += parts[k++].length)
            if (parts[k].length) memcpy(text + at, parts[k].at, parts[k].length);
    }
    signing_hmac_sha1(text_of(token), (struct text){ text, length }, mac);
    return secret_base64(arena, mac, sizeof mac, SECRET_BASE64);
}

const struct channel_ops twilio_ops = { .word = "twilio", .prepare = prepare, .judge = judge };
