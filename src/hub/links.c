/* links.c - see links.h. */
#include "hub/links.h"

#include "base/secret.h"

#include <inttypes.h>
#include <string.h>

enum { MARK_BYTES = 10, HEAD_BYTES = 12 };

static const char letters[] = {
    [LINK_UNSUBSCRIBE] = 'u', [LINK_PREFERENCES] = 'p', [LINK_CONFIRM] = 'c', [LINK_CLICK] = 'l', [LINK_OPEN] = 'o'
};

static void mark_of(const struct vault *vault, const char *kind, struct text bytes, uint8_t ret_mark[MARK_BYTES])
{
    uint8_t hash[VAULT_HASH_BYTES];
    vault_hash(vault, kind, bytes, hash);
    memcpy(ret_mark, hash, MARK_BYTES);
}

static const char *word_of(enum link_kind kind)
{
    static const char *const words[] = { [LINK_UNSUBSCRIBE] = "link unsubscribe",
                                         [LINK_PREFERENCES] = "link preferences",
                                         [LINK_CONFIRM] = "link confirm",
                                         [LINK_CLICK] = "link click",
                                         [LINK_OPEN] = "link open" };
    return words[kind];
}

const char *link_url(const struct vault *vault, const char *public_url, enum link_kind kind,
                     const struct link_token *token, struct arena *arena)
{
    size_t n = HEAD_BYTES + token->text.length, slash = strlen(public_url);
    uint8_t *bytes = arena_alloc(arena, n + MARK_BYTES, 1);
    for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(token->identity >> 8 * i);
    for (int i = 0; i < 8; i++) bytes[4 + i] = (uint8_t)((uint64_t)token->message >> 8 * i);
    if (token->text.length) memcpy(bytes + HEAD_BYTES, token->text.at, token->text.length);
    mark_of(vault, word_of(kind), (struct text){ (const char *)bytes, n }, bytes + n);
    while (slash > 0 && public_url[slash - 1] == '/') slash--;
    return arena_format(arena, "%.*s/%c/%s", (int)slash, public_url, letters[kind],
                        secret_base64(arena, bytes, n + MARK_BYTES, SECRET_BASE64_URL));
}

bool link_read(const struct vault *vault, enum link_kind kind, struct text token, struct arena *arena,
               struct link_token *ret_token)
{
    struct text bytes;
    uint8_t mark[MARK_BYTES];
    if (token.length > 4 * LINK_TEXT_MOST_BYTES || !secret_unbase64(token, arena, &bytes) ||
        bytes.length < HEAD_BYTES + MARK_BYTES)
        return false;
    size_t n = bytes.length - MARK_BYTES;
    mark_of(vault, word_of(kind), (struct text){ bytes.at, n }, mark);
    if (!secret_equal(mark, bytes.at + n, MARK_BYTES)) return false;
    uint64_t message = 0;
    uint32_t identity = 0;
    for (int i = 0; i < 4; i++) identity |= (uint32_t)(unsigned char)bytes.at[i] << 8 * i;
    for (int i = 0; i < 8; i++) message |= (uint64_t)(unsigned char)bytes.at[4 + i] << 8 * i;
    *ret_token =
        (struct link_token){ identity, (int64_t)message,
                             text_of(arena_format(arena, "%.*s", (int)(n - HEAD_BYTES), bytes.at + HEAD_BYTES)) };
    return true;
}

bool link_split(struct text text, struct arena *arena, const char **ret_channel, const char **ret_topic)
{
    const char *slash = text.length ? memchr(text.at, '/', text.length) : NULL;
    if (!slash) return false;
    *ret_channel = arena_format(arena, "%.*s", (int)(slash - text.at), text.at);
    *ret_topic = arena_format(arena, "%.*s", (int)(text.at + text.length - slash - 1), slash + 1);
    return true;
}

const char *link_bounce_token(const struct vault *vault, int64_t message, struct arena *arena)
{
    uint8_t mark[MARK_BYTES];
    char hex[2 * MARK_BYTES + 1];
    const char *id = arena_format(arena, "%" PRIx64, (uint64_t)message);
    mark_of(vault, "bounce", text_of(id), mark);
    secret_hex(mark, MARK_BYTES, hex);
    return arena_format(arena, "%s%s", hex, id);
}

bool link_bounce_read(const struct vault *vault, struct text token, int64_t *ret_message)
{
    uint8_t mark[MARK_BYTES], given[MARK_BYTES];
    uint64_t id = 0;
    if (token.length <= 2 * MARK_BYTES || token.length > 2 * MARK_BYTES + 16 ||
        !secret_unhex((struct text){ token.at, 2 * MARK_BYTES }, given, MARK_BYTES))
        return false;
    char text[17];
    size_t n = token.length - 2 * MARK_BYTES;
    for (size_t i = 0; i < n; i++) {
        char c = token.at[2 * MARK_BYTES + i];
        c = (char)(c >= 'A' && c <= 'F' ? c + 32 : c);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
        id = id << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
        text[i] = c;
    }
    mark_of(vault, "bounce", (struct text){ text, n }, mark);
    if (!secret_equal(mark, given, MARK_BYTES)) return false;
    *ret_message = (int64_t)id;
    return true;
}
