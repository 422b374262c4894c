/* http_parse.c - see http_parse.h. */
#include "server/http_parse.h"
#include "channel/channel.h"

#include "base/secret.h"

#include <string.h>

static struct text part(const char *from, const char *to) { return (struct text){ from, (size_t)(to - from) }; }

static bool starts_with(struct text text, const char *prefix)
{
    size_t n = strlen(prefix);
    return text.length >= n && text_equal_ignoring_case((struct text){ text.at, n }, (struct text){ prefix, n });
}

void target_split(struct text target, struct text *ret_path, struct text *ret_query)
{
    const char *at = target.at, *end = at + target.length;
    if (starts_with(target, "http://") || starts_with(target, "https://")) {
        at = (const char *)memchr(at, ':', target.length) + 3;
        const char *slash = memchr(at, '/', (size_t)(end - at));
        at = slash ? slash : end;
    }
    const char *mark = at < end ? memchr(at, '?', (size_t)(end - at)) : NULL;
    *ret_query = mark ? part(mark + 1, end) : (struct text){ "", 0 };
    if (mark) end = mark;
    while (end - at > 1 && at[0] == '/' && at[1] == '/') at++;
    while (end - at > 1 && end[-1] == '/') end--;
    *ret_path = at < end ? part(at, end) : (struct text){ "/", 1 };
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool percent_decode(struct text text, bool is_form, struct arena *arena, struct text *ret_decoded)
{
    char *decoded = arena_alloc(arena, text.length + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '%') {
            if (text.length - i < 3) return false;
            int high = hex_value(text.at[i + 1]), low = hex_value(text.at[i + 2]);
            if (high < 0 || low < 0) return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && is_form) {
            c = ' ';
        }
        bool is_space = is_form && (c == '\t' || c == '\n' || c == '\r');     /* JSON written in lines */
        if (((unsigned char)c < 0x20 && !is_space) || c == 0x7f) return false;
        decoded[n++] = c;
    }
    *ret_decoded = (struct text){ decoded, n };
    return true;
}

/* The text up to the next separator; *rest goes on behind it. */
static struct text next_part(struct text *rest, char separator)
{
    const char *mark = rest->length ? memchr(rest->at, separator, rest->length) : NULL;
    struct text first = mark ? part(rest->at, mark) : *rest;
    *rest = mark ? part(mark + 1, rest->at + rest->length) : (struct text){ rest->at + rest->length, 0 };
    return first;
}

bool query_find(struct text query, const char *name, struct arena *arena, struct text *ret_value)
{
    while (query.length > 0) {
        struct text value = next_part(&query, '&'), key = next_part(&value, '='), decoded;
        if (text_equal(key, text_of(name))) return percent_decode(value, true, arena, ret_value);
        if (key.length > strlen(name) && memchr(key.at, '%', key.length) &&
            percent_decode(key, true, arena, &decoded) && text_equal(decoded, text_of(name)))
            return percent_decode(value, true, arena, ret_value);
    }
    return false;
}

bool query_next(struct text *rest, struct arena *arena, struct text *ret_name)
{
    if (rest->length == 0) return false;
    struct text value = next_part(rest, '&'), name = next_part(&value, '=');
    if (!percent_decode(name, true, arena, ret_name)) *ret_name = name;
    return true;
}

size_t form_read(struct text body, struct arena *arena, struct form_field *fields, size_t most)
{
    size_t n = 0;
    const char *at = body.at, *end = at + body.length;
    while (at < end && n < most) {
        const char *stop = memchr(at, '&', (size_t)(end - at)), *equals;
        struct text pair = { at, (size_t)((stop ? stop : end) - at) };
        equals = pair.length ? memchr(pair.at, '=', pair.length) : NULL;
        struct text name = { pair.at, equals ? (size_t)(equals - pair.at) : pair.length };
        struct text value = { equals ? equals + 1 : "", equals ? pair.length - name.length - 1 : 0 };
        if (percent_decode(name, true, arena, &fields[n].name) &&
            percent_decode(value, true, arena, &fields[n].value))
            n++;
        at = stop ? stop + 1 : end;
    }
    return n;
}

struct text form_find(const struct form_field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(fields[i].name, text_of(name))) return fields[i].value;
    return text_of("");
}

static bool is_dots(struct text segment)
{
    return segment.at[0] == '.' && (segment.length == 1 || (segment.length == 2 && segment.at[1] == '.'));
}

bool path_match(const char *form, struct text path, struct arena *arena, struct text *ret_params)
{
    struct text found[REQUEST_PARAMS];
    size_t n = 0;
    const char *at = path.at, *end = at + path.length;
    while (*form) {
        if (*form != '{') {
            if (at == end || *at != *form) return false;
            at++, form++;
            continue;
        }
        const char *slash = at < end ? memchr(at, '/', (size_t)(end - at)) : NULL;
        struct text segment = part(at, slash ? slash : end);
        if (segment.length == 0 || n == REQUEST_PARAMS) return false;
        found[n++] = segment;
        at += segment.length;
        form = strchr(form, '}') + 1;
    }
    if (at != end) return false;
    for (size_t i = 0; i < n; i++)
        if (!percent_decode(found[i], false, arena, &ret_params[i]) || is_dots(ret_params[i])) return false;
    return true;
}

bool bearer_read(struct text header, struct text *ret_token)
{
    if (!starts_with(header, "Bearer ")) return false;
    *ret_token = text_trim(part(header.at + 7, header.at + header.length));
    return ret_token->length > 0;
}

bool basic_read(struct text header, struct arena *arena, struct text *ret_user, struct text *ret_password)
{
    struct text bytes, coded = text_trim(header);
    if (starts_with(coded, "Basic ")) coded = text_trim(part(coded.at + 6, coded.at + coded.length));
    if (coded.length == 0 || !secret_unbase64(coded, arena, &bytes)) return false;
    *ret_user = next_part(&bytes, ':');
    *ret_password = bytes;
    return true;
}

bool cookie_find(struct text header, const char *name, struct text *ret_value)
{
    while (header.length > 0) {
        struct text value = text_trim(next_part(&header, ';')), key = next_part(&value, '=');
        if (text_equal(key, text_of(name))) { *ret_value = value; return true; }
    }
    return false;
}

/* What browsers' clients send; a name that ends with a hyphen is a prefix. */
static const char *const cross_origin_headers[] = { "authorization", "content-type", "content-encoding",
                                                    "x-retry-count", "x-write-key",  "anonymousid",
                                                    "sentat",        "rsa-",         NULL };

static bool may_cross(struct text name)
{
    for (size_t i = 0; cross_origin_headers[i]; i++) {
        struct text allowed = text_of(cross_origin_headers[i]);
        bool is_prefix = allowed.at[allowed.length - 1] == '-';
        if (is_prefix ? starts_with(name, allowed.at) : text_equal_ignoring_case(name, allowed)) return true;
    }
    return false;
}

static bool is_token(struct text name)
{
    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_letter && c != '-' && c != '_') return false;
    }
    return name.length > 0;
}

const char *cors_headers(struct text requested, struct arena *arena)
{
    char *list = arena_alloc(arena, 2 * requested.length + 3, 1);   /* ", " may take the place of "," */
    size_t n = 0;
    while (requested.length > 0) {
        struct text name = text_trim(next_part(&requested, ','));
        if (!is_token(name) || !may_cross(name)) continue;
        if (n > 0) { memcpy(list + n, ", ", 2); n += 2; }
        memcpy(list + n, name.at, name.length);
        n += name.length;
    }
    return list;
}

bool origin_is_host(struct text origin, struct text host, bool is_secure)
{
    struct text scheme = text_of(is_secure ? "https://" : "http://");
    return host.length > 0 && origin.length == scheme.length + host.length && starts_with(origin, scheme.at) &&
           text_equal_ignoring_case(part(origin.at + scheme.length, origin.at + origin.length), host);
}
