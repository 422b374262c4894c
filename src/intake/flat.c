/* flat.c - see flat.h. */
#include "intake/flat.h"

#include <string.h>

/* Where in the tree: the names so far, as they are written, joined by points. */
struct place {
    char             name[FLAT_MOST_NAME_BYTES];
    size_t           n_prefix, n;       /* bytes: of the prefix, of all */
    enum personal_of of;
    bool             is_in_address;
};

void flat_begin(struct flat *flat)
{
    flat->properties.n = flat->personal.n = 0;
    flat->properties.is_of_many = flat->personal.is_of_many = false;
}

/* Room is kept for the brace at the end. */
static bool has_room(const struct flat_object *object, size_t n_name, size_t n_value)
{
    return object->n + n_name + n_value + 5 <= sizeof object->bytes;
}

static void put(struct flat_object *object, const char *bytes, size_t n)
{
    memcpy(object->bytes + object->n, bytes, n);
    object->n += n;
}

/* "name": stands in it.  Within a string every quote has a backslash before it, so nothing else looks like
 * that. */
static bool has_name(const struct flat_object *object, struct text name)
{
    char wanted[FLAT_MOST_NAME_BYTES + 3];
    wanted[0] = '"';
    memcpy(wanted + 1, name.at, name.length);
    memcpy(wanted + 1 + name.length, "\":", 2);
    return memmem(object->bytes, object->n, wanted, name.length + 3) != NULL;
}

/* Names of one object differ from each other (json_read.h); those of several, or with points, may not. */
static bool may_put(const struct flat_object *object, struct text name, size_t n_value)
{
    if (!has_room(object, name.length, n_value)) return false;
    return object->n == 0 || (!object->is_of_many && !memchr(name.at, '.', name.length)) ||
           !has_name(object, name);
}

static void put_name(struct flat_object *object, struct text name)
{
    put(object, object->n == 0 ? "{\"" : ",\"", 2);
    put(object, name.at, name.length);
    put(object, "\":", 2);
}

static void put_member(struct flat_object *object, struct text name, struct text value)
{
    if (!may_put(object, name, value.length)) return;
    put_name(object, name);
    put(object, value.at, value.length);
}

/* The longest beginning of a written string that is a string: no half escape, no half character. */
static struct text cut(struct text written, size_t most)
{
    size_t n = 0;
    while (n < written.length) {
        size_t step = 1;
        if (written.at[n] == '\\') step = written.at[n + 1] == 'u' ? 6 : 2;
        if (step == 6 && (written.at[n + 2] | 32) == 'd' && strchr("89abAB", written.at[n + 3])) step = 12;
        while (n + step < written.length && ((unsigned char)written.at[n + step] & 0xC0) == 0x80) step++;
        if (n + step > most) break;
        n += step;
    }
    return (struct text){ written.at, n };
}

/* The query of a web address may carry anything about anybody: it is not kept. */
static struct text without_query(struct text written)
{
    bool is_query = written.length > 0 && written.at[0] == '?';
    if (is_query) return (struct text){ written.at, 0 };
    if (written.length < 6 || memcmp(written.at, "http", 4) != 0 || (written.at[4] != ':' && written.at[5] != ':'))
        return written;
    for (size_t i = 5; i < written.length; i++)
        if (written.at[i] == '?' || written.at[i] == '#') written.length = i;
    return written;
}

static void put_string(struct flat_object *object, struct text name, struct text written)
{
    written = without_query(written);
    if (written.length > FLAT_MOST_TEXT_BYTES) written = cut(written, FLAT_MOST_TEXT_BYTES);
    if (!may_put(object, name, written.length + 2)) return;
    put_name(object, name);
    put(object, "\"", 1);
    put(object, written.at, written.length);
    put(object, "\"", 1);
}

/* ["a",1] as "a,1"; nothing where an item is a list or an object. */
static void put_list(struct flat_object *object, struct text name, const struct json *json, uint32_t list)
{
    char joined[FLAT_MOST_TEXT_BYTES];
    size_t n = 0;
    for (uint32_t i = json_first(json, list); i; i = json_next(json, list, i)) {
        struct text item = json_written(json, i);
        if (json->values[i].kind >= JSON_IS_LIST) return;
        if (n + item.length + 1 > sizeof joined) break;
        if (n > 0) joined[n++] = ',';
        memcpy(joined + n, item.at, item.length);
        n += item.length;
    }
    if (n > 0) put_string(object, name, (struct text){ joined, n });
}

static bool is_personal(const struct place *place, const struct json *json, uint32_t value, struct text name)
{
    enum json_kind kind = json->values[value].kind;
    if (kind == JSON_IS_TRUE || kind == JSON_IS_FALSE) return false;
    if (place->is_in_address) return !personal_is_region(name);
    if (kind == JSON_IS_STRING && message_is_email(json_written(json, value))) return true;
    return personal_is_name(name, place->of);
}

static bool has_personal_text(const struct json *json, uint32_t list)
{
    for (uint32_t i = json_first(json, list); i; i = json_next(json, list, i))
        if (json->values[i].kind == JSON_IS_STRING && message_is_email(json_written(json, i))) return true;
    return false;
}

static void add_object(struct flat *flat, const struct json *json, uint32_t object, struct place *place);

/* The value whose whole name is place's; name is the last part of it. */
static void add_value(struct flat *flat, const struct json *json, uint32_t value, struct text name,
                      struct place *place)
{
    enum json_kind kind = json->values[value].kind;
    bool was_in_address = place->is_in_address;
    if (kind == JSON_IS_OBJECT) {
        place->is_in_address |= personal_is_address(name);
        if (place->n < sizeof place->name) {
            place->name[place->n++] = '.';
            add_object(flat, json, value, place);
        }
        place->is_in_address = was_in_address;
        return;
    }
    bool is_apart =
        is_personal(place, json, value, name) || (kind == JSON_IS_LIST && has_personal_text(json, value));
    struct flat_object *into = is_apart ? &flat->personal : &flat->properties;
    size_t from = is_apart ? place->n_prefix : 0;
    struct text whole = { place->name + from, place->n - from };
    if (kind == JSON_IS_LIST) put_list(into, whole, json, value);
    else if (kind == JSON_IS_STRING) put_string(into, whole, json_written(json, value));
    else put_member(into, whole, json_written(json, value));
}

static void add_object(struct flat *flat, const struct json *json, uint32_t object, struct place *place)
{
    size_t n = place->n;
    for (uint32_t i = json_first(json, object); i; i = json_next(json, object, i)) {
        struct text name = { json->text.at + json->values[i].name_at, json->values[i].name_length };
        if (n + name.length > sizeof place->name) continue;
        memcpy(place->name + n, name.at, name.length);
        place->n = n + name.length;
        add_value(flat, json, i, name, place);
    }
    place->n = n;
}

static struct place place_of(struct text prefix, enum personal_of of)
{
    struct place place = { .of = of };
    place.n_prefix = place.n = prefix.length;
    memcpy(place.name, prefix.at, prefix.length);
    return place;
}

static void add_at(struct flat *flat, const struct json *json, uint32_t object, struct place *place)
{
    if (json->values[object].kind == JSON_IS_OBJECT) add_object(flat, json, object, place);
    flat->properties.is_of_many |= flat->properties.n > 0;
    flat->personal.is_of_many |= flat->personal.n > 0;
}

void flat_add(struct flat *flat, const struct json *json, uint32_t object, const char *prefix, enum personal_of of)
{
    struct place place = place_of(text_of(prefix), of);
    add_at(flat, json, object, &place);
}

void flat_add_whole(struct flat *flat, const struct json *json, uint32_t object, const char *prefix,
                    enum personal_of of)
{
    struct place place = place_of(text_of(prefix), of);
    place.n_prefix = 0;
    add_at(flat, json, object, &place);
}

void flat_add_member(struct flat *flat, const struct json *json, uint32_t value, struct text name,
                     enum personal_of of)
{
    if (name.length > FLAT_MOST_NAME_BYTES) return;
    struct place place = place_of(name, of);
    place.n_prefix = 0;
    flat->properties.is_of_many = flat->personal.is_of_many = true;
    add_value(flat, json, value, name, &place);
}

void flat_put_json(struct flat_object *object, const char *name, struct text json)
{
    object->is_of_many = true;
    put_member(object, text_of(name), json);
}

void flat_put_text(struct flat_object *object, const char *name, struct text text)
{
    static const char hex[] = "0123456789abcdef";
    char written[FLAT_MOST_TEXT_BYTES + 8];
    size_t n = 0;
    object->is_of_many = true;
    size_t i = 0;
    for (; i < text.length && n < FLAT_MOST_TEXT_BYTES; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '"' || c == '\\') written[n++] = '\\';
        if (c >= ' ') { written[n++] = (char)c; continue; }
        memcpy(written + n, "\\u00", 4);
        written[n + 4] = hex[c >> 4];
        written[n + 5] = hex[c & 15];
        n += 6;
    }
    while (n > 0 && i < text.length && ((unsigned char)text.at[i] & 0xC0) == 0x80)
        i--, n--; /* no half character */
    put_string(object, text_of(name), (struct text){ written, n });
}

struct text flat_end(const struct flat_object *object, struct arena *arena)
{
    if (object->n == 0) return (struct text){ "", 0 };
    char *bytes = arena_alloc(arena, object->n + 1, 1);
    memcpy(bytes, object->bytes, object->n);
    bytes[object->n] = '}';
    return (struct text){ bytes, object->n + 1 };
}
