/* http_parse_fuzz.c - any bytes as target, headers and list: nothing is read beyond them, and what is found is
 * clean. */
#include "server/framing.h"
#include "server/http_parse.h"
#include "server/proxy.h"
#include "server/route.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No control characters, but for those that are named. */
static void check_clean(struct text text, const char *but)
{
    for (size_t i = 0; i < text.length; i++)
        assert(((unsigned char)text.at[i] >= 0x20 && text.at[i] != 0x7f) || (text.at[i] && strchr(but, text.at[i])));
    assert(text.at[text.length] == '\0');
}

static void check_target(struct text target, struct arena *arena)
{
    struct text path, query, value, name, params[REQUEST_PARAMS] = { 0 };
    const char *allow;
    target_split(target, &path, &query);
    assert(path.length > 0 && path.length + query.length <= target.length + 1);
    for (struct text rest = query; query_next(&rest, arena, &name);) assert(rest.length < query.length);
    if (query_find(query, "data", arena, &value)) check_clean(value, "\t\r\n");
    if (query_find(query, "writekey", arena, &value)) check_clean(value, "\t\r\n");
    const struct route *route = route_find("PUT", path, arena, params, &allow);
    const char *at = route ? strchr(route->path, '{') : NULL;
    for (size_t i = 0; at; at = strchr(at + 1, '{'), i++) {
        assert(params[i].length > 0 && !text_equal(params[i], text_of("..")) &&
               !text_equal(params[i], text_of(".")));
        check_clean(params[i], "");
    }
}

static void check_headers(struct text header, struct arena *arena)
{
    struct text user, password, token, cookie;
    if (basic_read(header, arena, &user, &password)) assert(user.length + password.length <= header.length);
    if (bearer_read(header, &token)) assert(token.length > 0 && token.length < header.length);
    if (cookie_find(header, "holdfast_session", &cookie)) assert(cookie.length < header.length);
    check_clean(text_of(cors_headers(header, arena)), "");
    (void)origin_is_host(header, header, false);
}

/* As a header's value, which has no NUL: what is certain is a length in digits or chunks; a client behind a proxy is an
 * address, whatever the proxy was told. */
static void check_proxied(struct text text, struct arena *arena)
{
    struct framing framing = { .n_hosts = 1 };
    struct proxies *proxies, *none;
    struct err err;
    const char *value = arena_format(arena, "%.*s", (int)text.length, text.at);
    framing_header(&framing, "Content-Length", value);
    if (!framing_fault(&framing, true)) assert(*value && strspn(value, "0123456789") == strlen(value));
    if (!proxies_read("10.0.0.0/8", arena, &proxies, &err)) abort();
    const char *client = proxies_client(proxies, "10.0.0.1", value, arena);
    assert(proxies_read(client, arena, &none, &err) && proxies_trust(none, client));
    (void)!proxies_read(value, arena, &none, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)1 << 32);
    char *bytes = malloc(size ? size : 1);   /* exactly as long as it is, so that a byte too far is seen */
    if (size > 0) memcpy(bytes, data, size);
    struct text text = { bytes, size };
    check_target(text, arena);
    check_headers(text, arena);
    check_proxied(text, arena);
    free(bytes);
    arena_free(arena);
    return 0;
}
