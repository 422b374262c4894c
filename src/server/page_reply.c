/* page_reply.c - see page_reply.h. */
#include "server/page_reply.h"
#include "server/dispatch.h"
#include "server/route.h"

#include "base/assets.h"
#include "engine/service.h"
#include "store/setting.h"
#include "template/template.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_MOST_BYTES = 256 * 1024 };

/* Nothing of a page is kept, framed, or told to others. */
static void add_headers(struct reply *reply)
{
    reply_header(reply, "Cache-Control", "no-store");
    reply_header(reply, "Referrer-Policy", "no-referrer");
    reply_header(reply, "X-Robots-Tag", "noindex");
    reply_header(reply, "Content-Security-Policy",
                 "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; "
                 "base-uri 'none'");
}

bool page_token(struct request *request, struct reply *reply, enum link_kind kind, struct link_token *ret_token)
{
    if (!route_address_may(request, reply)) return false;
    if (link_read(profiles_vault(request->service->profiles), kind, request_param(request, "token"),
                  request->arena, ret_token))
        return true;
    (void)page_reply_take(request, reply, 404, "nowhere", json_object());
    return false;
}

/* The shop's own page goes before ours. */
static struct text source_of(struct request *request, const char *name)
{
    const char *campaigns = request->service->options.campaigns;
    FILE *file = campaigns
                     ? fopen(arena_format(request->arena, "%s/templates/pages/%s.html", campaigns, name), "rb")
                     : NULL;
    if (file) {
        char *bytes = arena_alloc(request->arena, PAGE_MOST_BYTES, 1);
        size_t n = fread(bytes, 1, PAGE_MOST_BYTES, file);
        fclose(file);
        if (n > 0 && n < PAGE_MOST_BYTES) return (struct text){ bytes, n };
    }
    const struct asset *asset = asset_find(arena_format(request->arena, "src/server/page/%s.html", name));
    return asset ? (struct text){ asset->bytes, asset->length } : text_of("");
}

enum handling page_reply_take(struct request *request, struct reply *reply, int status, const char *name,
                              json_t *data)
{
    const struct template *template;
    struct template_result result = { .text = { "", 0 } };
    struct template_place place;
    struct err err;
    const struct asset *style = asset_find("src/server/page/style.css");
    json_object_set_new(data, "style", json_stringn(style ? style->bytes : "", style ? style->length : 0));
    const struct template_options options = { .data = data, .is_html = true, .now_ms = request->received_ms };
    bool ok = template_parse(source_of(request, name), request->arena, &template, &place, &err) &&
              template_render(template, &options, request->arena, &result, &place, &err);
    json_decref(data);
    if (!ok) return page_failure(request, reply, &err);
    reply_text(reply, status, "text/html; charset=utf-8", result.text);
    add_headers(reply);
    return HANDLED;
}

enum handling page_failure(struct request *request, struct reply *reply, const struct err *why)
{
    (void)request;
    reply->why = err_word(why->code);
    reply_text(
        reply, 503, "text/html; charset=utf-8",
        text_of(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Please try again</title></head>"
            "<body><main><h1>Please try again in a minute</h1></main></body></html>"));
    add_headers(reply);
    return HANDLED;
}

bool page_settings(struct request *request, struct page_settings *ret_settings, struct err *err)
{
    struct settings settings;
    struct store *store;
    struct page_settings page = { .public_url = "" };
    if (!service_read(request->service, &store, err)) return false;
    bool ok = setting_file(store, request->service->options.settings_path, request->arena, &settings, err);
    service_read_done(request->service, store);
    if (!ok || !topics_read(&settings, request->arena, &page.topics, err) ||
        !settings_text(&settings, "public_url", &page.public_url, err))
        return false;
    const struct yaml_node *channels = settings_section(&settings, "channels");
    page.channels = ARENA_ARRAY(request->arena, const char *, channels ? channels->n + 1 : 1);
    for (size_t i = 0; channels && i < channels->n; i++) {
        const char *kind = "";
        bool is_to_people = yaml_text(channels->items[i], "kind", &kind, err) && strcmp(kind, "webhook") != 0;
        if (is_to_people) page.channels[page.n_channels++] = channels->keys[i];
    }
    *ret_settings = page;
    return true;
}
