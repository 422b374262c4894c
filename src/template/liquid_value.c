/* liquid_value.c - values of templates: made from JSON, compared, counted, printed; see liquid.h. */
#include "template/liquid.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool liquid_fail(struct liquid *liquid, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return err_set(liquid->err, ERR_INVALID, "%s", text);
}

bool liquid_spend(struct liquid *liquid, size_t n_steps, size_t n_bytes)
{
    if (n_steps > liquid->steps_left)
        return err_set(liquid->err, ERR_REFUSED, "the template does not come to an end within its steps");
    if (n_bytes > liquid->bytes_left)
        return err_set(liquid->err, ERR_REFUSED, "the template makes more text than it may");
    liquid->steps_left -= n_steps;
    liquid->bytes_left -= n_bytes;
    return true;
}

bool liquid_put(struct liquid_buffer *buffer, struct text text)
{
    if (!liquid_spend(buffer->liquid, 0, text.length)) return false;
    if (buffer->length + text.length > buffer->room) {
        size_t room = 2 * (buffer->length + text.length) + 64;
        char *bytes = ARENA_ARRAY(buffer->liquid->arena, char, room);
        if (buffer->length > 0) memcpy(bytes, buffer->bytes, buffer->length);
        buffer->bytes = bytes, buffer->room = room;
    }
    if (text.length > 0) memcpy(buffer->bytes + buffer->length, text.at, text.length);
    buffer->length += text.length;
    return true;
}

/* ---- from JSON ---- */

struct liquid_value liquid_of_json(const json_t *json, struct arena *arena)
{
    size_t n = 0;
    switch (json_typeof(json)) {
    case JSON_OBJECT: {
        struct liquid_map *map = ARENA_NEW(arena, struct liquid_map);
        struct liquid_member *members = ARENA_ARRAY(arena, struct liquid_member, json_object_size(json) + 1);
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)(uintptr_t)json, key, value)
            members[n++] = (struct liquid_member){ text_of(key), liquid_of_json(value, arena) };
        *map = (struct liquid_map){ members, n };
        return (struct liquid_value){ .kind = LIQUID_MAP, .map = map };
    }
    case JSON_ARRAY: {
        struct liquid_value *items = ARENA_ARRAY(arena, struct liquid_value, json_array_size(json) + 1);
        for (; n < json_array_size(json); n++) items[n] = liquid_of_json(json_array_get(json, n), arena);
        return (struct liquid_value){ .kind = LIQUID_LIST, .list = { items, n } };
    }
    case JSON_STRING: return liquid_text((struct text){ json_string_value(json), json_string_length(json) });
    case JSON_INTEGER: return liquid_int(json_integer_value(json));
    case JSON_REAL: return (struct liquid_value){ .kind = LIQUID_REAL, .real = json_real_value(json) };
    case JSON_TRUE:
    case JSON_FALSE: return liquid_bool(json_is_true(json));
    case JSON_NULL: break;
    }
    return (struct liquid_value){ .kind = LIQUID_NIL };
}

const struct liquid_value *liquid_member(const struct liquid_map *map, struct text key)
{
    for (size_t i = 0; i < map->n; i++)
        if (text_equal(map->members[i].key, key)) return &map->members[i].value;
    return NULL;
}

/* ---- comparing ---- */

bool liquid_is_empty(const struct liquid_value *value)
{
    if (value->kind == LIQUID_TEXT) return value->text.length == 0;
    if (value->kind == LIQUID_LIST) return value->list.n == 0;
    return value->kind == LIQUID_MAP && value->map->n == 0;
}

static bool liquid_is_blank(const struct liquid_value *value)
{
    if (!liquid_is_truthy(value) || liquid_is_empty(value)) return true;
    return value->kind == LIQUID_TEXT && text_trim(value->text).length == 0;
}

static bool is_number(const struct liquid_value *value)
{
    return value->kind == LIQUID_INT || value->kind == LIQUID_REAL;
}

double liquid_real(const struct liquid_value *number)
{
    return number->kind == LIQUID_INT ? (double)number->integer : number->kind == LIQUID_REAL ? number->real : 0;
}

static bool are_equal_maps(const struct liquid_map *a, const struct liquid_map *b)
{
    if (a->n != b->n) return false;
    for (size_t i = 0; i < a->n; i++) {
        const struct liquid_value *other = liquid_member(b, a->members[i].key);
        if (!other || !liquid_equal(&a->members[i].value, other)) return false;
    }
    return true;
}

bool liquid_equal(const struct liquid_value *a, const struct liquid_value *b)
{
    if (a->kind == LIQUID_BLANK || a->kind == LIQUID_EMPTY) {
        const struct liquid_value *was = a;
        a = b, b = was;
    }
    if (b->kind == LIQUID_BLANK) return a->kind == LIQUID_BLANK || (a->kind != LIQUID_EMPTY && liquid_is_blank(a));
    if (b->kind == LIQUID_EMPTY) return a->kind == LIQUID_EMPTY || liquid_is_empty(a);
    if (is_number(a) && is_number(b))
        return a->kind == b->kind && a->kind == LIQUID_INT ? a->integer == b->integer
                                                           : liquid_real(a) == liquid_real(b);
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case LIQUID_NIL: return true;
    case LIQUID_BOOL: return a->yes == b->yes;
    case LIQUID_TEXT: return text_equal(a->text, b->text);
    case LIQUID_RANGE: return a->range.first == b->range.first && a->range.last == b->range.last;
    case LIQUID_MAP: return are_equal_maps(a->map, b->map);
    case LIQUID_LOOP: return a->loop == b->loop;
    case LIQUID_LIST:
        for (size_t i = 0; i < a->list.n && a->list.n == b->list.n; i++)
            if (!liquid_equal(&a->list.items[i], &b->list.items[i])) return false;
        return a->list.n == b->list.n;
    case LIQUID_INT:
    case LIQUID_REAL:
    case LIQUID_BLANK:
    case LIQUID_EMPTY: break;
    }
    return false;
}

/* ---- numbers ---- */

/* The number a text begins with, as long as it is one; a fraction only where the text is nothing else. */
static struct liquid_value number_of(struct text text)
{
    struct liquid_value value = liquid_int(0);
    text = text_trim(text);
    size_t n = text.length > 0 && text.at[0] == '-', dots = 0, whole = 0;
    for (; n < text.length && ((text.at[n] >= '0' && text.at[n] <= '9') || (text.at[n] == '.' && dots == 0));
         n++) {
        if (text.at[n] == '.') dots++, whole = n;
    }
    if (n == text.length && dots && text_double(text, '.', &value.real)) {
        value.kind = LIQUID_REAL;
        return value;
    }
    struct text digits = { text.at, dots ? whole : n };
    if (!text_int64(digits, &value.integer)) value.integer = 0;
    return value;
}

struct liquid_value liquid_number(const struct liquid_value *value)
{
    if (is_number(value)) return *value;
    return value->kind == LIQUID_TEXT ? number_of(value->text) : liquid_int(0);
}

bool liquid_whole(const struct liquid_value *value, int64_t *ret_integer)
{
    if (value->kind == LIQUID_INT) *ret_integer = value->integer;
    return value->kind == LIQUID_INT || (value->kind == LIQUID_TEXT && text_int64(value->text, ret_integer));
}

bool liquid_decimal(double real, double slack, int64_t *ret_scaled, int64_t *ret_scale)
{
    int64_t scale = 1;
    for (int places = 0; places <= 4 && fabs(real) < 1e9; places++, scale *= 10) {
        double scaled = rint(real * (double)scale);
        if (fabs(scaled / (double)scale - real) > slack) continue;
        *ret_scaled = (int64_t)scaled, *ret_scale = scale;
        return true;
    }
    return false;
}

/* The shortest digits that read back the same; always with a point, as 1.0 is not 1. */
static struct text real_text(struct arena *arena, double real)
{
    char digits[40];
    int64_t scaled, scale;
    if (liquid_decimal(real, 0, &scaled, &scale) && scaled != 0) {
        int places = scale == 1 ? 1 : scale == 10 ? 1 : scale == 100 ? 2 : scale == 1000 ? 3 : 4;
        int64_t whole = scaled / scale, part = scaled % scale;
        return text_of(arena_format(arena, "%s%" PRId64 ".%0*" PRId64, real < 0 ? "-" : "",
                                    whole < 0 ? -whole : whole, places, part < 0 ? -part : part));
    }
    for (int n = 15; n <= 17; n++) {
        snprintf(digits, sizeof digits, "%.*g", n, real);
        if (strtod(digits, NULL) == real) break;
    }
    const char *mark = strpbrk(digits, "ein");
    return text_of(arena_format(arena, mark || strchr(digits, '.') ? "%s" : "%s.0", digits));
}

/* ---- printing ---- */

enum { NESTING_MOST = 30, RANGE_MOST = 1 << 20 };

static bool print(struct liquid_buffer *buffer, const struct liquid_value *value, unsigned depth);

/* {"key"=>"value", ...}, for who prints a whole object. */
static bool print_inside(struct liquid_buffer *buffer, const struct liquid_value *value, unsigned depth)
{
    if (value->kind == LIQUID_NIL) return liquid_put(buffer, text_of("nil"));
    if (value->kind == LIQUID_TEXT)
        return liquid_put(buffer, text_of("\"")) && liquid_put(buffer, value->text) &&
               liquid_put(buffer, text_of("\""));
    if (value->kind != LIQUID_LIST) return print(buffer, value, depth);
    bool ok = liquid_put(buffer, text_of("["));
    for (size_t i = 0; ok && i < value->list.n; i++)
        ok = (i == 0 || liquid_put(buffer, text_of(", "))) && depth < NESTING_MOST &&
             print_inside(buffer, &value->list.items[i], depth + 1);
    return ok && liquid_put(buffer, text_of("]"));
}

static bool print_map(struct liquid_buffer *buffer, const struct liquid_map *map, unsigned depth)
{
    bool ok = liquid_put(buffer, text_of("{"));
    for (size_t i = 0; ok && i < map->n; i++) {
        struct liquid_value key = liquid_text(map->members[i].key);
        ok = (i == 0 || liquid_put(buffer, text_of(", "))) && print_inside(buffer, &key, depth) &&
             liquid_put(buffer, text_of("=>")) && print_inside(buffer, &map->members[i].value, depth + 1);
    }
    return ok && liquid_put(buffer, text_of("}"));
}

static bool print(struct liquid_buffer *buffer, const struct liquid_value *value, unsigned depth)
{
    struct arena *arena = buffer->liquid->arena;
    if (depth > NESTING_MOST) return liquid_fail(buffer->liquid, "a value is nested too deeply to be printed");
    switch (value->kind) {
    case LIQUID_BOOL: return liquid_put(buffer, text_of(value->yes ? "true" : "false"));
    case LIQUID_INT: return liquid_put(buffer, text_of(arena_format(arena, "%" PRId64, value->integer)));
    case LIQUID_REAL: return liquid_put(buffer, real_text(arena, value->real));
    case LIQUID_TEXT: return liquid_put(buffer, value->text);
    case LIQUID_RANGE:
        return liquid_put(buffer, text_of(arena_format(arena, "%" PRId64 "..%" PRId64, value->range.first,
                                                       value->range.last)));
    case LIQUID_MAP: return print_map(buffer, value->map, depth);
    case LIQUID_LIST:
        for (size_t i = 0; i < value->list.n; i++)
            if (!print(buffer, &value->list.items[i], depth + 1)) return false;
        return true;
    case LIQUID_NIL:
    case LIQUID_LOOP:
    case LIQUID_BLANK:
    case LIQUID_EMPTY: break;
    }
    return true;
}

bool liquid_print(struct liquid *liquid, const struct liquid_value *value, struct text *ret_text)
{
    struct liquid_buffer buffer = { .liquid = liquid };
    if (value->kind == LIQUID_TEXT) { *ret_text = value->text; return true; }
    if (!print(&buffer, value, 0)) return false;
    *ret_text = liquid_put_text(&buffer);
    return true;
}

bool liquid_escape(struct liquid *liquid, struct text text, bool is_once, struct text *ret_text)
{
    static const struct {
        char sign;
        const char *entity;
    } signs[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" } };
    struct liquid_buffer buffer = { .liquid = liquid };
    size_t from = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char *entity = NULL;
        for (size_t s = 0; s < sizeof signs / sizeof *signs; s++)
            if (text.at[i] == signs[s].sign) entity = signs[s].entity;
        if (entity && is_once && text.at[i] == '&') {
            size_t n = i + 1;
            while (n < text.length && n - i < 12 &&
                   (text.at[n] == '#' || (text.at[n] >= '0' && text.at[n] <= '9') ||
                    ((text.at[n] | 32) >= 'a' && (text.at[n] | 32) <= 'z')))
                n++;
            if (n < text.length && n > i + 1 && text.at[n] == ';') entity = NULL;
        }
        if (!entity) continue;
        if (!liquid_put(&buffer, (struct text){ text.at + from, i - from }) ||
            !liquid_put(&buffer, text_of(entity)))
            return false;
        from = i + 1;
    }
    if (from == 0) { *ret_text = text; return true; }
    if (!liquid_put(&buffer, (struct text){ text.at + from, text.length - from })) return false;
    *ret_text = liquid_put_text(&buffer);
    return true;
}

/* ---- going over ---- */

bool liquid_items(struct liquid *liquid, const struct liquid_value *value, struct liquid_value *ret_list)
{
    size_t n = 0;
    struct liquid_value *items = NULL;
    *ret_list = (struct liquid_value){ .kind = LIQUID_LIST };
    if (value->kind == LIQUID_LIST) { *ret_list = *value; return liquid_spend(liquid, value->list.n, 0); }
    if (value->kind == LIQUID_RANGE) {
        if (value->range.last < value->range.first) return true;
        uint64_t wide = (uint64_t)value->range.last - (uint64_t)value->range.first;
        if (wide >= RANGE_MOST)
            return err_set(liquid->err, ERR_REFUSED, "a range of %" PRIu64 " numbers is too long", wide + 1);
        if (!liquid_spend(liquid, (size_t)wide + 1, 0)) return false;
        items = ARENA_ARRAY(liquid->arena, struct liquid_value, (size_t)wide + 1);
        for (; n <= wide; n++) items[n] = liquid_int(value->range.first + (int64_t)n);
    } else if (value->kind == LIQUID_MAP) {
        if (!liquid_spend(liquid, value->map->n, 0)) return false;
        items = ARENA_ARRAY(liquid->arena, struct liquid_value, value->map->n + 1);
        for (; n < value->map->n; n++) {
            struct liquid_value *pair = ARENA_ARRAY(liquid->arena, struct liquid_value, 2);
            pair[0] = liquid_text(value->map->members[n].key);
            pair[1] = value->map->members[n].value;
            items[n] = (struct liquid_value){ .kind = LIQUID_LIST, .list = { pair, 2 } };
        }
    }
    ret_list->list.items = items, ret_list->list.n = n;
    return true;
}
