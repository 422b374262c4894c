/* dkim.c - signatures of RFC 6376 with relaxed header and body, by RSA or Ed25519 (RFC 8463); see mime.h. */
#include "channel/mime.h"

#include "base/secret.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { FIELDS_MOST = 32, SIGNATURE_LINE = 70 };

/* Those that a reader sees or a receiver acts upon; the first four once more, so that nobody adds another. */
static const char *const signed_fields[] = { "from",
                                             "to",
                                             "subject",
                                             "date",
                                             "message-id",
                                             "list-unsubscribe",
                                             "list-unsubscribe-post",
                                             "feedback-id",
                                             "mime-version",
                                             "content-type",
                                             "content-transfer-encoding" };
enum { OVERSIGNED = 4 };

/* A header field: its name, and its value up to the CRLF that no blank follows. */
struct field { struct text name, value; };

static size_t read_fields(struct text bytes, struct field fields[FIELDS_MOST], struct text *ret_body)
{
    size_t n = 0, at = 0;
    while (at + 1 < bytes.length && !(bytes.at[at] == '\r' && bytes.at[at + 1] == '\n')) {
        size_t end = at;
        for (;;) {
            const char *line = memmem(bytes.at + end, bytes.length - end, "\r\n", 2);
            end = line ? (size_t)(line - bytes.at) : bytes.length;
            bool is_folded = end + 2 < bytes.length && (bytes.at[end + 2] == ' ' || bytes.at[end + 2] == '\t');
            if (!is_folded) break;
            end += 2;
        }
        const char *colon = memchr(bytes.at + at, ':', end - at);
        if (colon && n < FIELDS_MOST)
            fields[n++] = (struct field){ { bytes.at + at, (size_t)(colon - bytes.at) - at },
                                          { colon + 1, (size_t)(bytes.at + end - colon - 1) } };
        at = end + 2 < bytes.length ? end + 2 : bytes.length;
    }
    size_t body = at + 2 < bytes.length ? at + 2 : bytes.length;
    *ret_body = (struct text){ bytes.at + body, bytes.length - body };
    return n;
}

/* Runs of blanks are one, without those at the ends; folds are no more. */
static char *relax_value(char *to, struct text value)
{
    bool is_blank = false, is_begun = false;
    for (size_t i = 0; i < value.length; i++) {
        char c = value.at[i];
        if (c == '\r' || c == '\n') continue;
        if (c == ' ' || c == '\t') { is_blank = true; continue; }
        if (is_blank && is_begun) *to++ = ' ';
        is_blank = false, is_begun = true;
        *to++ = c;
    }
    return to;
}

static char *relax_field(char *to, const char *name, struct text value)
{
    size_t n = strlen(name);
    memcpy(to, name, n);
    to[n] = ':';
    return relax_value(to + n + 1, value);
}

static struct text relax_body(struct text body, struct arena *arena)
{
    char *relaxed = arena_alloc(arena, body.length + 2, 1);
    size_t n = 0, end = 0;      /* end: behind the last line that is not empty */
    for (size_t i = 0; i < body.length;) {
        const char *line_end = memmem(body.at + i, body.length - i, "\r\n", 2);
        size_t stop = line_end ? (size_t)(line_end - body.at) : body.length, from = n;
        bool is_blank = false;
        for (size_t k = i; k < stop; k++) {
            bool is_blank_now = body.at[k] == ' ' || body.at[k] == '\t';
            if (is_blank && !is_blank_now) relaxed[n++] = ' ';
            if (!is_blank_now) relaxed[n++] = body.at[k];
            is_blank = is_blank_now;
        }
        bool is_empty = n == from;
        relaxed[n++] = '\r', relaxed[n++] = '\n';
        if (!is_empty) end = n;
        i = stop + 2;
    }
    return (struct text){ relaxed, end };
}

static const struct field *find_field(const struct field *fields, size_t n, const char *name)
{
    for (size_t i = n; i-- > 0;)
        if (fields[i].name.length == strlen(name) &&
            strncasecmp(fields[i].name.at, name, fields[i].name.length) == 0)
            return &fields[i];
    return NULL;
}

static char *fold_signature(const char *signature, struct arena *arena)
{
    size_t length = strlen(signature), n = 0;
    char *folded = arena_alloc(arena, length + 3 * (length / SIGNATURE_LINE + 1) + 1, 1);
    for (size_t i = 0; i < length; i++) {
        if (i % SIGNATURE_LINE == 0) folded[n++] = '\r', folded[n++] = '\n', folded[n++] = ' ';
        folded[n++] = signature[i];
    }
    return folded;
}

bool dkim_sign(const struct dkim_key *key, struct text bytes, int64_t sent_ms, struct arena *arena,
               struct text *ret_header, struct err *err)
{
    static const char name[] = "dkim-signature";
    struct field fields[FIELDS_MOST];
    struct text body, signature;
    uint8_t hash[SIGNING_SHA256_BYTES];
    size_t n = read_fields(bytes, fields, &body);
    const char *names = "";
    signing_sha256(relax_body(body, arena), hash);
    char *input = arena_alloc(arena, (size_t)(body.at - bytes.at) + 2048, 1), *to = input;
    for (size_t i = 0; i < sizeof signed_fields / sizeof *signed_fields; i++) {
        const struct field *field = find_field(fields, n, signed_fields[i]);
        if (!field && i >= OVERSIGNED) continue;
        if (field) {
            to = relax_field(to, signed_fields[i], field->value);
            *to++ = '\r', *to++ = '\n';
        }
        names = arena_format(arena, "%s%s%s%s%s", names, *names ? ":" : "", signed_fields[i],
                             field && i < OVERSIGNED ? ":" : "", field && i < OVERSIGNED ? signed_fields[i] : "");
    }
    const char *value = arena_format(
        arena, " v=1; a=%s-sha256; c=relaxed/relaxed; d=%s;\r\n s=%s; t=%lld;\r\n h=%s;\r\n bh=%s;\r\n b=",
        signing_key_is_rsa(key->key) ? "rsa" : "ed25519", key->domain, key->selector, (long long)(sent_ms / 1000),
        names, secret_base64(arena, hash, sizeof hash, SECRET_BASE64));
    to = relax_field(to, name, text_of(value));
    if (!signing_sign(key->key, (struct text){ input, (size_t)(to - input) }, arena, &signature, err))
        return false;
    const char *text = secret_base64(arena, signature.at, signature.length, SECRET_BASE64);
    *ret_header = text_of(arena_format(arena, "DKIM-Signature:%s%s\r\n", value, fold_signature(text, arena)));
    return true;
}

const char *dkim_record_name(const struct dkim_key *key, struct arena *arena)
{
    return arena_format(arena, "%s._domainkey.%s", key->selector, key->domain);
}

const char *dkim_record_text(const struct dkim_key *key, struct arena *arena)
{
    return arena_format(arena, "v=DKIM1; k=%s; p=%s", signing_key_is_rsa(key->key) ? "rsa" : "ed25519",
                        signing_public_text(key->key, arena));
}
