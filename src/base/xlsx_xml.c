/* xlsx_xml.c - the XML of a workbook's members, piece by piece; see xlsx_internal.h.
 *
 * Sheets are millions of small elements, and most of the time of reading one went into expat.  This reads what programs
 * write into them: elements, attributes, texts, entities of one character, CDATA, comments, in UTF-8. */
#include "base/xlsx_internal.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 256 * 1024, ROOM = 2 * PIECE_BYTES, MOST_ATTRIBUTES = 64, MOST_DEPTH = 64, NAMES_BYTES = 4096 };

struct xlsx_xml {
    const struct xlsx_handler *handler;
    char          bytes[ROOM + 1];
    size_t        n;
    unsigned long line;
    const char   *why;                          /* NULL: nothing is wrong so far */
    bool          has_doctype, has_root;
    unsigned      depth;
    char          names[NAMES_BYTES];           /* of the elements that are open, one behind the other */
    size_t        name_ends[MOST_DEPTH + 1];
    char         *name_at[MOST_ATTRIBUTES], *name_end[MOST_ATTRIBUTES], *value_at[MOST_ATTRIBUTES],
                 *value_end[MOST_ATTRIBUTES];
    const char   *attributes[2 * MOST_ATTRIBUTES + 1];
};

struct xlsx_xml *xlsx_xml_new(const struct xlsx_handler *handler)
{
    struct xlsx_xml *xml = memory_new(1, sizeof *xml);
    xml->handler = handler;
    xml->line = 1;
    return xml;
}

void xlsx_xml_free(struct xlsx_xml *xml) { free(xml); }

char *xlsx_xml_room(struct xlsx_xml *xml, unsigned *ret_n)
{
    *ret_n = PIECE_BYTES;
    return xml->bytes + xml->n;
}

const char *xlsx_xml_why(const struct xlsx_xml *xml, unsigned long *ret_line, bool *ret_has_doctype)
{
    *ret_line = xml->line;
    *ret_has_doctype = xml->has_doctype;
    return xml->why;
}

/* Readers give where they came to, and NULL where what they read goes on behind the bytes that there are, or is wrong
 * (why). */
static char *wrong(struct xlsx_xml *xml, const char *why)
{
    if (!xml->why) xml->why = why;
    return NULL;
}

static inline bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

static inline bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '_' || c == '-' ||
           c == '.' || (unsigned char)c >= 0x80;
}

static char *skip_blanks(char *at, const char *end)
{
    while (at < end && is_blank(*at)) at++;
    return at;
}

static size_t put_utf8(uint32_t code, char *to)
{
    if (code < 0x80) { to[0] = (char)code; return 1; }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code >>= 6) to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | code);
    return n;
}

/* "amp", "#x41": the bytes of what it stands for; 0: it is none. */
static size_t decode_entity(struct text name, char to[4])
{
    static const struct { const char *name; char c; } known[] = {
        { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_equal(name, text_of(known[i].name))) { *to = known[i].c; return 1; }
    if (name.length < 2 || name.length > 9 || *name.at != '#') return 0;
    bool is_hex = name.at[1] == 'x';
    uint32_t code = 0;
    for (size_t i = is_hex ? 2 : 1; i < name.length; i++) {
        char c = name.at[i];
        uint32_t digit = 99;
        if (c >= '0' && c <= '9') digit = (uint32_t)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f') digit = (uint32_t)((c | 32) - 'a' + 10);
        if (digit >= (is_hex ? 16u : 10u) || code > 0x10ffff) return 0;
        code = code * (is_hex ? 16 : 10) + digit;
    }
    return code > 0 && code <= 0x10ffff && (code & 0xfffff800) != 0xd800 ? put_utf8(code, to) : 0;
}

/* Puts what entities stand for in their place; the text becomes shorter.  NULL: one is not known. */
static char *decode(char *at, char *end)
{
    char *to = memchr(at, '&', (size_t)(end - at)), *from = to;
    if (!to) return end;
    while (from < end) {
        char *semicolon = *from == '&' ? memchr(from, ';', (size_t)(end - from)) : NULL, plain[4];
        if (*from != '&') { *to++ = *from++; continue; }
        size_t n = semicolon ? decode_entity((struct text){ from + 1, (size_t)(semicolon - from) - 1 }, plain) : 0;
        if (n == 0) return NULL;
        memcpy(to, plain, n);
        to += n, from = semicolon + 1;
    }
    return to;
}

/* Of what an attribute's name begins at: its parts are found, and nothing is changed. */
static char *find_attribute(struct xlsx_xml *xml, char *at, char *end, size_t n)
{
    if (n == MOST_ATTRIBUTES) return wrong(xml, "an element has too many attributes");
    xml->name_at[n] = at;
    while (at < end && is_of_name(*at)) at++;
    xml->name_end[n] = at;
    at = skip_blanks(at, end);
    if (at == end) return NULL;
    if (*at != '=' || xml->name_end[n] == xml->name_at[n]) return wrong(xml, "not well-formed");
    at = skip_blanks(at + 1, end);
    if (at == end) return NULL;
    if (*at != '"' && *at != '\'') return wrong(xml, "not well-formed");
    xml->value_at[n] = at + 1;
    at = memchr(at + 1, *at, (size_t)(end - at) - 1);
    xml->value_end[n] = at;
    return at ? at + 1 : NULL;
}

static bool push(struct xlsx_xml *xml, const char *name, size_t length)
{
    size_t begin = xml->name_ends[xml->depth];
    if (xml->depth == MOST_DEPTH || begin + length > NAMES_BYTES) return wrong(xml, "elements are nested too deep") != NULL;
    if (xml->depth == 0 && xml->has_root) return wrong(xml, "there is something behind the end") != NULL;
    memcpy(xml->names + begin, name, length);
    xml->name_ends[++xml->depth] = begin + length;
    xml->has_root = true;
    return true;
}

static bool end_element(struct xlsx_xml *xml, const char *name, size_t length)
{
    size_t begin = xml->depth > 0 ? xml->name_ends[xml->depth - 1] : 0, end = xml->name_ends[xml->depth];
    if (xml->depth == 0 || end - begin != length || memcmp(xml->names + begin, name, length) != 0)
        return wrong(xml, "an end without its beginning") != NULL;
    xml->depth--;
    return true;
}

static void tell_end(struct xlsx_xml *xml, const char *name)
{
    if (xml->handler->end) xml->handler->end(xml->handler->context, xlsx_local_name(name));
}

static char *read_begin(struct xlsx_xml *xml, char *at, char *end)
{
    char *name = at;
    size_t n = 0;
    while (at < end && is_of_name(*at)) at++;
    char *name_end = at;
    for (;; n++) {
        at = skip_blanks(at, end);
        if (at == end) return NULL;
        if (*at == '>' || *at == '/') break;
        at = find_attribute(xml, at, end, n);
        if (!at) return NULL;
    }
    bool is_empty = *at == '/';
    if (is_empty && at + 1 == end) return NULL;
    if (name_end == name || (is_empty && at[1] != '>')) return wrong(xml, "not well-formed");
    size_t length = (size_t)(name_end - name);
    if (!push(xml, name, length)) return NULL;
    *name_end = 0;
    for (size_t i = 0; i < n; i++) {
        char *value_end = decode(xml->value_at[i], xml->value_end[i]);
        if (!value_end) return wrong(xml, "an entity that is not known");
        *value_end = *xml->name_end[i] = 0;
        xml->attributes[2 * i] = xml->name_at[i], xml->attributes[2 * i + 1] = xml->value_at[i];
    }
    xml->attributes[2 * n] = NULL;
    if (xml->handler->begin) xml->handler->begin(xml->handler->context, xlsx_local_name(name), xml->attributes);
    if (!is_empty) return at + 1;
    if (!end_element(xml, name, length)) return NULL;
    tell_end(xml, name);
    return at + 2;
}

static char *read_end(struct xlsx_xml *xml, char *at, char *end)
{
    char *name = at;
    while (at < end && is_of_name(*at)) at++;
    char *name_end = at;
    at = skip_blanks(at, end);
    if (at == end) return NULL;
    if (*at != '>') return wrong(xml, "not well-formed");
    if (!end_element(xml, name, (size_t)(name_end - name))) return NULL;
    *name_end = 0;
    tell_end(xml, name);
    return at + 1;
}

static void tell_text(struct xlsx_xml *xml, const char *at, const char *end)
{
    if (xml->depth > 0 && end > at && xml->handler->text)
        xml->handler->text(xml->handler->context, at, (int)(end - at));
}

/* Comments, CDATA, what is said to programs; a document type is none of a workbook's. */
static char *read_other(struct xlsx_xml *xml, char *at, char *end)
{
    static const struct { const char *begin, *end; } kinds[] = { { "?", "?>" }, { "!--", "-->" }, { "![CDATA[", "]]>" } };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = strlen(kinds[i].begin), left = (size_t)(end - at);
        if (memcmp(at, kinds[i].begin, left < length ? left : length) != 0) continue;
        if (left < length) return NULL;
        char *stop = memmem(at + length, left - length, kinds[i].end, strlen(kinds[i].end));
        if (!stop) return NULL;
        if (i == 2) tell_text(xml, at + length, stop);
        return stop + strlen(kinds[i].end);
    }
    xml->has_doctype = true;
    return wrong(xml, "a document type");
}

/* Up to the next element, or as far as no entity is cut. */
static char *read_text(struct xlsx_xml *xml, char *at, char *end)
{
    char *stop = memchr(at, '<', (size_t)(end - at));
    if (!stop) {
        char *cut = memrchr(at, '&', (size_t)(end - at));
        stop = cut && !memchr(cut, ';', (size_t)(end - cut)) && end - cut < 16 ? cut : end;
        if (stop == at) return NULL;
    }
    char *text_end = decode(at, stop);
    if (!text_end) return wrong(xml, "an entity that is not known");
    tell_text(xml, at, text_end);
    return stop;
}

static char *read_one(struct xlsx_xml *xml, char *at, char *end)
{
    if (*at != '<') return read_text(xml, at, end);
    if (at + 1 == end) return NULL;
    if (at[1] == '/') return read_end(xml, at + 2, end);
    return at[1] == '!' || at[1] == '?' ? read_other(xml, at + 1, end) : read_begin(xml, at + 1, end);
}

bool xlsx_xml_take(struct xlsx_xml *xml, size_t n, bool is_last)
{
    char *at = xml->bytes, *end = xml->bytes + xml->n + n;
    for (const char *from = xml->bytes + xml->n; n > 0 && (from = memchr(from, '\n', (size_t)(end - from))); from++)
        xml->line++;
    while (at < end && xml->handler->failed->code == ERR_NONE) {
        char *next = read_one(xml, at, end);
        if (!next) break;
        at = next;
    }
    xml->n = (size_t)(end - at);
    if (xml->handler->failed->code != ERR_NONE) return false;
    if (!xml->why && xml->n > ROOM - PIECE_BYTES) (void)wrong(xml, "an element has no end");
    if (!xml->why && is_last && (xml->n > 0 || xml->depth > 0 || !xml->has_root)) (void)wrong(xml, "it is cut off");
    memmove(xml->bytes, at, xml->n);
    return !xml->why;
}
