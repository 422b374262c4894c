/* channel_webhook.c - signed requests to other programs (Standard Webhooks 1.0); see channel.h. */
#include "channel/channel.h"

#include "base/secret.h"

#include <string.h>

/* "whsec_" and base64, or the text itself. */
static struct text key_of(const char *secret, struct arena *arena)
{
    static const char prefix[] = "whsec_";
    struct text key;
    if (strncmp(secret, prefix, sizeof prefix - 1) == 0 &&
        secret_unbase64(text_of(secret + sizeof prefix - 1), arena, &key))
        return key;
    return text_of(secret);
}

const char *webhook_signature(const char *secret, const char *id, int64_t seconds, struct text body,
                              struct arena *arena)
{
    uint8_t mac[SECRET_MAC_BYTES];
    const char *head = arena_format(arena, "%s.%lld.", id, (long long)seconds);
    size_t n = strlen(head);
    char *signed_text = arena_alloc(arena, n + body.length + 1, 1);
    memcpy(signed_text, head, n);
    if (body.length) memcpy(signed_text + n, body.at, body.length);
    secret_hmac_sha256(key_of(secret, arena), (struct text){ signed_text, n + body.length }, mac);
    return arena_format(arena, "v1,%s", secret_base64(arena, mac, sizeof mac, SECRET_BASE64));
}

static void prepare(const struct channel *channel, const struct consignment *consignment, struct arena *arena,
                    struct transfer *ret_transfer)
{
    const char **headers = ARENA_ARRAY(arena, const char *, 4);
    int64_t seconds = consignment->now_ms / 1000;
    size_t n = 0;
    headers[n++] = "Content-Type: application/json";
    headers[n++] = arena_format(arena, "webhook-id: %s", consignment->id);
    headers[n++] = arena_format(arena, "webhook-timestamp: %lld", (long long)seconds);
    if (channel->secret)
        headers[n++] =
            arena_format(arena, "webhook-signature: %s",
                         webhook_signature(channel->secret, consignment->id, seconds, consignment->bytes, arena));
    ret_transfer->url = channel->url;
    ret_transfer->headers = headers, ret_transfer->n_headers = n;
    ret_transfer->body = consignment->bytes;
    ret_transfer->is_guarded = true;
    ret_transfer->allowed = channel->allowed, ret_transfer->n_allowed = channel->n_allowed;
}

static void judge(const struct channel *channel, const struct transfer_result *result,
                  struct delivered *ret_delivered)
{
    int code = result->code;
    (void)channel;
    switch (result->end) {
    case TRANSFER_ANSWERED: {
        bool is_later = code == 408 || code == 425 || code == 429 || code >= 500;
        ret_delivered->delivery = code >= 200 && code < 300 ? DELIVERY_SENT
                                  : is_later                ? DELIVERY_LATER
                                                            : DELIVERY_REFUSED;
        ret_delivered->is_of_relay = is_later;
        break;
    }
    case TRANSFER_GUARDED: ret_delivered->delivery = DELIVERY_REFUSED; break;
    case TRANSFER_NOT_BEGUN: ret_delivered->delivery = DELIVERY_LATER; break;
    case TRANSFER_BROKEN:
    case TRANSFER_IN_DOUBT: ret_delivered->delivery = DELIVERY_UNKNOWN; break;
    }
}

const struct channel_ops webhook_ops = { .word = "webhook", .prepare = prepare, .judge = judge };
