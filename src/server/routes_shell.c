/* routes_shell.c - the page for people: its shell, asked for anew each time and answered by its tag, and its
 * chunks, whose names change with what is in them and which are kept for ever. */
#include "server/route.h"
#include "base/assets.h"
#include "base/hash.h"
#include "base/input.h"

#include <string.h>

#define FOLDER "build/web/board/"

enum { CHUNK_MOST_BYTES = 4 * 1024 * 1024 };

/* Only scripts and styles of ours, and connections to this server; no text becomes markup.  Single elements' style
 * is set by drawings. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' "
    "data:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types default mail";

/* As the browser keeps it, packed; unpacked for whoever cannot unpack. */
static enum handling answer_asset(struct request *request, struct reply *reply, const char *path, const char *type)
{
    struct err err;
    const struct asset *asset = asset_find(path);
    if (!asset) {
        reply_refusal(request, reply, 404, "missing", "there is no such part of the page: load the page again");
        return HANDLED;
    }
    const char *accepted = request_header(request, "Accept-Encoding");
    struct text bytes = { asset->bytes, asset->length };
    bool is_packed = accepted && strstr(accepted, "gzip"), is_too_large = false;
    if (!is_packed && !input_gunzip(bytes, CHUNK_MOST_BYTES, request->arena, &bytes, &is_too_large, &err))
        return reply_error(request, reply, &err, NULL);
    reply_text(reply, 200, type, bytes);
    if (is_packed) reply_header(reply, "Content-Encoding", "gzip");
    reply_header(reply, "Vary", "Accept-Encoding");
    reply_header(reply, "X-Content-Type-Options", "nosniff");
    return HANDLED;
}

static enum handling get_page(struct request *request, struct reply *reply)
{
    const struct asset *page = asset_find(FOLDER "board.html.gz");
    const char *known = request_header(request, "If-None-Match"), *tag;
    if (!page) {
        reply_refusal(request, reply, 404, "missing", "this program was built without its page");
        return HANDLED;
    }
    tag =
        arena_format(request->arena, "\"%016llx\"", (unsigned long long)hash_bytes(page->bytes, page->length, 0));
    if (known && strstr(known, tag)) reply_text(reply, 304, NULL, (struct text){ "", 0 });
    else answer_asset(request, reply, FOLDER "board.html.gz", "text/html; charset=utf-8");
    reply_header(reply, "ETag", tag);
    reply_header(reply, "Cache-Control", "no-cache");
    reply_header(reply, "Content-Security-Policy", policy);
    reply_header(reply, "Referrer-Policy", "no-referrer");
    return HANDLED;
}

static enum handling get_asset(struct request *request, struct reply *reply)
{
    struct text name = request_param(request, "name");
    const char *path = arena_format(request->arena, FOLDER "assets/%.*s.gz", (int)name.length, name.at);
    bool is_style = name.length > 4 && memcmp(name.at + name.length - 4, ".css", 4) == 0;
    answer_asset(request, reply, path, is_style ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
    if (reply->status == 200) reply_header(reply, "Cache-Control", "public, max-age=31536000, immutable");
    return HANDLED;
}

const struct route routes_shell[] = {
    { .method = "GET", .path = "/", .needs = ACCESS_OPEN, .handle = get_page, .summary = "The page for people",
      .answer_type = "text/html; charset=utf-8", .answer_example = "<!doctype html>" },
    { .method = "GET", .path = "/assets/{name}", .needs = ACCESS_OPEN, .handle = get_asset,
      .summary = "A script or style of that page", .answer_type = "text/javascript; charset=utf-8",
      .answer_example = "export {};" },
    { 0 },
};
