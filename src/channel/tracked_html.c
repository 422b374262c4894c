/* tracked_html.c - see tracked_html.h. */
#include "channel/tracked_html.h"

#include "channel/html_entity.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct tracked { struct arena *arena; const struct tracking *tracking; char *at; size_t n, room; };

static void put(struct tracked *out, const char *at, size_t n)
{
    if (out->n + n > out->room) {
        size_t room = 2 * (out->n + n) + 256;
        char *more = arena_alloc(out->arena, room, 1);
        if (out->n) memcpy(more, out->at, out->n);
        out->at = more, out->room = room;
    }
    if (n) memcpy(out->at + out->n, at, n);
    out->n += n;
}

/* As it stands between quotation marks of an attribute. */
static void put_attribute(struct tracked *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&') put(out, "&amp;", 5);
        else if (*text == '"') put(out, "&quot;", 6);
        else put(out, text, 1);
    }
}

/* The address that a browser would go to: its entities as characters, without line ends and tabs. */
static struct text address_of(struct text href, struct arena *arena)
{
    char *at = arena_alloc(arena, 3 * href.length + 5, 1);      /* a blank becomes three bytes, an entity never more */
    size_t n = 0;
    href = text_trim(href);
    for (size_t i = 0; i < href.length;) {
        uint32_t code = (unsigned char)href.at[i];
        size_t length = code == '&' ? html_entity((struct text){ href.at + i, href.length - i }, &code) : 0;
        if (code == ' ') memcpy(at + n, "%20", 3), n += 3;
        else if (length > 0) n += html_utf8(code, at + n);
        else if (code != '\t' && code != '\r' && code != '\n') at[n++] = href.at[i];
        i += length > 0 ? length : 1;
    }
    return (struct text){ at, n };
}

static bool begins(struct text text, const char *with)
{
    size_t n = strlen(with);
    return text.length >= n && strncasecmp(text.at, with, n) == 0;
}

/* A tag's next attribute from *at on, its value without quotation marks; false: there is none. */
static bool next_attribute(struct text tag, size_t *at, struct text *ret_name, struct text *ret_value)
{
    size_t i = *at;
    while (i < tag.length && (isspace((unsigned char)tag.at[i]) || tag.at[i] == '/')) i++;
    size_t name = i;
    while (i < tag.length && !isspace((unsigned char)tag.at[i]) && tag.at[i] != '=') i++;
    *ret_name = (struct text){ tag.at + name, i - name };
    while (i < tag.length && isspace((unsigned char)tag.at[i])) i++;
    *ret_value = (struct text){ tag.at + i, 0 };
    if (i < tag.length && tag.at[i] == '=') {
        i++;
        while (i < tag.length && isspace((unsigned char)tag.at[i])) i++;
        char quote = i < tag.length && (tag.at[i] == '"' || tag.at[i] == '\'') ? tag.at[i++] : '\0';
        size_t value = i;
        while (i < tag.length && (quote ? tag.at[i] != quote : !isspace((unsigned char)tag.at[i]))) i++;
        *ret_value = (struct text){ tag.at + value, i - value };
        if (quote && i < tag.length) i++;
    }
    bool has_moved = i > *at && ret_name->at < tag.at + tag.length;
    *at = i;
    return has_moved;
}

/* Where a tag that begins at html.at[from] ends, behind its >: one within quotation marks does not end it. */
static size_t tag_end(struct text html, size_t from)
{
    char quote = '\0';
    for (size_t i = from + 1; i < html.length; i++) {
        char c = html.at[i];
        if (quote) quote = c == quote ? '\0' : quote;
        else if (c == '>') return i + 1;
        else if ((c == '"' || c == '\'') && html.at[i - 1] == '=') quote = c;
    }
    return html.length;
}

/* An <a> with its address exchanged, where it is one to be. */
static void put_link(struct tracked *out, struct text tag)
{
    const struct tracking *tracking = out->tracking;
    struct text name, value;
    for (size_t at = 2; next_attribute(tag, &at, &name, &value);) {
        if (name.length != 4 || strncasecmp(name.at, "href", 4) != 0) continue;
        struct text url = address_of(value, out->arena);
        const char *link = NULL;
        if (begins(url, "http://") || begins(url, "https://")) link = tracking->link(tracking->context, url);
        if (!link) break;
        bool is_quoted = value.at[-1] == '"' || value.at[-1] == '\'';
        put(out, tag.at, (size_t)(value.at - tag.at) - is_quoted);
        put(out, "\"", 1), put_attribute(out, link), put(out, "\"", 1);
        const char *rest = value.at + value.length + is_quoted, *end = tag.at + tag.length;
        if (rest < end) put(out, rest, (size_t)(end - rest));
        return;
    }
    put(out, tag.at, tag.length);
}

static void put_pixel(struct tracked *out)
{
    static const char before[] = "<img src=\"", behind[] = "\" width=\"1\" height=\"1\" alt=\"\">";
    put(out, before, sizeof before - 1);
    put_attribute(out, out->tracking->pixel);
    put(out, behind, sizeof behind - 1);
}

struct text tracked_html(struct text html, const struct tracking *tracking, struct arena *arena)
{
    struct tracked out = { .arena = arena, .tracking = tracking };
    bool has_pixel = !tracking->pixel;
    for (size_t i = 0; i < html.length;) {
        const char *tag = memchr(html.at + i, '<', html.length - i);
        size_t at = tag ? (size_t)(tag - html.at) : html.length;
        put(&out, html.at + i, at - i);
        i = at;
        if (!tag) break;
        struct text rest = { html.at + i, html.length - i };
        size_t end = tag_end(html, i);
        bool is_link = begins(rest, "<a") && rest.length > 2 && isspace((unsigned char)rest.at[2]);
        if (!has_pixel && begins(rest, "</body")) put_pixel(&out), has_pixel = true;
        bool is_closed = html.at[end - 1] == '>';
        if (is_link && tracking->link) put_link(&out, (struct text){ rest.at, end - i - is_closed });
        else put(&out, rest.at, end - i - is_closed);
        if (is_closed) put(&out, ">", 1);
        i = end;
    }
    if (!has_pixel) put_pixel(&out);
    return (struct text){ out.at ? out.at : "", out.n };
}
