/* dkim.c - signatures of RFC 6376 with relaxed header and body, by RSA or Ed25519 (RFC 8463); see mime.h. */
#include "channel/mime.h"

#include "base/secret.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { FIELDS_MOST = 32, SIGNATURE_LINE = 70, NAMES_BYTES = 512 };     /* all names, twice, are less */

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

/* The top bit of each byte that is c, and no other bit. */
static uint64_t bytes_that_are(uint64_t eight, char c)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t differing = eight ^ (~UINT64_C(0) / 255 * (unsigned char)c);
    return ~(((differing & low) + low) | differing | low);
}

/* Whether it is what it would be relaxed to, as bodies are that we wrote: no tab, no blank in front of another or of
 * a line's end, no empty line at the end. */
static bool is_relaxed(struct text body)
{
    size_t i = 0, n = body.length;
    if (n < 3 || memcmp(body.at + n - 2, "\r\n", 2) != 0 || body.at[n - 3] == '\n') return false;
    for (uint64_t eight, next; n - i > sizeof eight; i += sizeof eight) {
        memcpy(&eight, body.at + i, sizeof eight);
        memcpy(&next, body.at + i + 1, sizeof next);
        uint64_t blanks = bytes_that_are(eight, ' ');
        if (bytes_that_are(eight, '\t')) return false;
        if (blanks & (bytes_that_are(next, ' ') | bytes_that_are(next, '\r'))) return false;
    }
    for (; i < n; i++)
        if (body.at[i] == '\t' || (body.at[i] == ' ' && (body.at[i + 1] == ' ' || body.at[i + 1] == '\r')))
            return false;
    return true;
}

/* A run of blanks is one, those at the end are none. */
static char *relax_line(char *to, struct text line)
{
    bool is_blank = false;
    for (size_t i = 0; i < line.length; i++) {
        bool is_blank_now = line.at[i] == ' ' || line.at[i] == '\t';
        if (is_blank && !is_blank_now) *to++ = ' ';
        if (!is_blank_now) *to++ = line.at[i];
        is_blank = is_blank_now;
    }
    return to;
}

/* Where the next CRLF is from i on; the end where there is none. */
static size_t line_end(struct text body, size_t i)
{
    for (const char *at; i < body.length && (at = memchr(body.at + i, '\r', body.length - i));) {
        i = (size_t)(at - body.at);
        if (i + 1 < body.length && at[1] == '\n') return i;
        i++;
    }
    return body.length;
}

static struct text relax_body(struct text body, struct arena *arena)
{
    if (is_relaxed(body)) return body;
    char *relaxed = arena_alloc(arena, body.length + 2, 1), *to = relaxed, *end = relaxed;
    for (size_t i = 0, stop; i < body.length; i = stop + 2) {
        char *from = to;
        stop = line_end(body, i);
        to = relax_line(to, (struct text){ body.at + i, stop - i });
        bool is_empty = to == from;
        *to++ = '\r', *to++ = '\n';
        if (!is_empty) end = to;        /* empty lines at the end are no part of it */
    }
    return (struct text){ relaxed, (size_t)(end - relaxed) };
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

/* One more name of those that are signed. */
static char *put_name(char *to, const char *names, const char *name)
{
    size_t n = strlen(name);
    if (to > names) *to++ = ':';
    memcpy(to, name, n);
    return to + n;
}

bool dkim_sign(const struct dkim_key *key, struct text bytes, int64_t sent_ms, struct arena *arena,
               struct text *ret_header, struct err *err)
{
    static const char name[] = "dkim-signature";
    struct field fields[FIELDS_MOST];
    struct text body, signature;
    uint8_t hash[SIGNING_SHA256_BYTES];
    size_t n = read_fields(bytes, fields, &body);
    char names[NAMES_BYTES], *names_end = names;
    signing_sha256(relax_body(body, arena), hash);
    char *input = arena_alloc(arena, (size_t)(body.at - bytes.at) + 2048, 1), *to = input;
    for (size_t i = 0; i < sizeof signed_fields / sizeof *signed_fields; i++) {
        const struct field *field = find_field(fields, n, signed_fields[i]);
        if (!field && i >= OVERSIGNED) continue;
        if (field) {
            to = relax_field(to, signed_fields[i], field->value);
            *to++ = '\r', *to++ = '\n';
        }
        names_end = put_name(names_end, names, signed_fields[i]);
        if (field && i < OVERSIGNED) names_end = put_name(names_end, names, signed_fields[i]);
    }
    const char *value = arena_format(
        arena, " v=1; a=%s-sha256; c=relaxed/relaxed; d=%s;\r\n s=%s; t=%lld;\r\n h=%.*s;\r\n bh=%s;\r\n b=",
        signing_key_is_rsa(key->key) ? "rsa" : "ed25519", key->domain, key->selector, (long long)(sent_ms / 1000),
        (int)(names_end - names), names, secret_base64(arena, hash, sizeof hash, SECRET_BASE64));
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
