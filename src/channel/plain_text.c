/* plain_text.c - see plain_text.h. */
#include "channel/plain_text.h"

#include "channel/html_entity.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NAME_ROOM = 16, HREF_MOST = 2000 };

struct writing {
    char       *at;
    size_t      n;
    unsigned    n_breaks;       /* line ends that are wanted before the next letter */
    bool        is_blank;       /* and a blank */
    bool        is_hidden;      /* within style, script, head, title */
    struct text href;           /* of the link that is open; length 0: none */
    size_t      link_from;      /* where its words begin */
};

static void put(struct writing *w, char c)
{
    if (w->n > 0) {
        for (unsigned i = 0; i < w->n_breaks; i++) w->at[w->n++] = '\n';
        if (w->n_breaks == 0 && w->is_blank) w->at[w->n++] = ' ';
    }
    w->n_breaks = 0, w->is_blank = false;
    w->at[w->n++] = c;
}

static void want_breaks(struct writing *w, unsigned n) { if (w->n_breaks < n) w->n_breaks = n; }

/* An entity at text.at[0] == '&' as UTF-8; returns how many bytes it took, 0: it is none. */
static size_t entity(struct text text, char ret_bytes[5])
{
    enum { NO_BREAK_SPACE = 0xA0 };
    uint32_t code;
    size_t n = html_entity(text, &code);
    if (n > 0) (void)html_utf8(code == NO_BREAK_SPACE ? ' ' : code, ret_bytes);
    return n;
}

static bool is_one(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0) return true;
    return false;
}

/* The value of an attribute within a tag; length 0: it has none. */
static struct text attribute(struct text tag, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 1; i + n + 1 < tag.length; i++) {
        if (!isspace((unsigned char)tag.at[i - 1]) || strncasecmp(tag.at + i, name, n) != 0) continue;
        size_t k = i + n;
        while (k < tag.length && isspace((unsigned char)tag.at[k])) k++;
        if (k >= tag.length || tag.at[k] != '=') continue;
        k++;
        while (k < tag.length && isspace((unsigned char)tag.at[k])) k++;
        char quote = k < tag.length && (tag.at[k] == '"' || tag.at[k] == '\'') ? tag.at[k++] : '\0';
        size_t end = k;
        while (end < tag.length && (quote ? tag.at[end] != quote : !isspace((unsigned char)tag.at[end]))) end++;
        return (struct text){ tag.at + k, end - k };
    }
    return (struct text){ "", 0 };
}

static void put_plain(struct writing *w, struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char bytes[5];
        size_t n = text.at[i] == '&' ? entity((struct text){ text.at + i, text.length - i }, bytes) : 0;
        if (n == 0) { put(w, text.at[i]); continue; }
        for (const char *c = bytes; *c; c++) put(w, *c);
        i += n - 1;
    }
}

/* Behind the words of a link its address, unless they are it. */
static void end_link(struct writing *w)
{
    struct text words = { w->at + w->link_from, w->n - w->link_from };
    struct text href = w->href;
    w->href.length = 0;
    if (href.length == 0 || href.at[0] == '#' || href.length > HREF_MOST || text_equal(text_trim(words), href))
        return;
    if (words.length > 0) w->is_blank = true, put(w, '(');
    put_plain(w, href);
    if (words.length > 0) put(w, ')');
}

static void take_tag(struct writing *w, struct text tag)
{
    static const char *const hidden[] = { "style", "script", "head", "title", NULL };
    static const char *const blocks[] = { "p",  "h1", "h2",    "h3",         "h4",      "h5",   "h6",  "ul",
                                          "ol", "dl", "table", "blockquote", "article", "form", "pre", NULL };
    static const char *const lines[] = { "br",     "div",    "tr",   "li",  "hr",     "section",    "footer",
                                         "header", "center", "main", "nav", "figure", "figcaption", "dt",
                                         "dd",     NULL };
    bool is_end = tag.length > 0 && tag.at[0] == '/';
    char name[NAME_ROOM];
    size_t n = 0;
    for (size_t i = is_end; i < tag.length && isalnum((unsigned char)tag.at[i]) && n + 1 < sizeof name; i++)
        name[n++] = (char)tolower((unsigned char)tag.at[i]);
    name[n] = '\0';
    if (is_one(name, hidden)) { w->is_hidden = !is_end; return; }
    if (w->is_hidden) return;
    if (is_one(name, blocks)) want_breaks(w, 2);
    if (is_one(name, lines)) want_breaks(w, 1);
    if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) w->is_blank = true;
    if (strcmp(name, "li") == 0 && !is_end) { put(w, '-'); w->is_blank = true; }
    if (strcmp(name, "img") == 0) put_plain(w, attribute(tag, "alt"));
    if (strcmp(name, "a") == 0 && !is_end) w->href = attribute(tag, "href"), w->link_from = w->n;
    if (strcmp(name, "a") == 0 && is_end) end_link(w);
}

struct text plain_text(struct text html, struct arena *arena)
{
    /* Breaks and brackets are fewer than the bytes of the tags that ask for them. */
    struct writing w = { .at = arena_alloc(arena, 3 * html.length + 16, 1) };
    for (size_t i = 0; i < html.length;) {
        unsigned char c = (unsigned char)html.at[i];
        if (c == '<') {
            bool is_comment = html.length - i >= 4 && memcmp(html.at + i, "<!--", 4) == 0;
            const char *end = is_comment ? memmem(html.at + i, html.length - i, "-->", 3)
                                         : memchr(html.at + i, '>', html.length - i);
            if (!end) break;
            if (!is_comment) take_tag(&w, (struct text){ html.at + i + 1, (size_t)(end - (html.at + i + 1)) });
            i = (size_t)(end - html.at) + (is_comment ? 3 : 1);
            continue;
        }
        if (w.is_hidden) { i++; continue; }
        if (isspace(c)) { w.is_blank = true; i++; continue; }
        char bytes[5];
        size_t n = c == '&' ? entity((struct text){ html.at + i, html.length - i }, bytes) : 0;
        if (n == 0) { put(&w, (char)c); i++; continue; }
        for (const char *b = bytes; *b; b++) put(&w, *b);
        i += n;
    }
    if (w.n > 0) w.at[w.n++] = '\n';
    return (struct text){ w.at, w.n };
}
