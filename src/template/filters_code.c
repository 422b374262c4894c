/* filters_code.c - filters that write a text for an address, for base64, for JSON; and the list of all filters. */
#include "template/liquid.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

static bool text_in(const struct liquid_call *call, struct text *ret_text)
{
    return liquid_print(call->liquid, &call->in, ret_text);
}

static bool is_utf8(struct text text)
{
    for (size_t i = 0; i < text.length;) {
        unsigned char c = (unsigned char)text.at[i];
        size_t more = c < 0x80                ? 0
                      : c >= 0xc2 && c < 0xe0 ? 1
                      : c >= 0xe0 && c < 0xf0 ? 2
                      : c >= 0xf0 && c < 0xf5 ? 3
                                              : 9;
        if (i + more >= text.length + (more == 0)) return false;
        for (size_t k = 1; k <= more; k++)
            if (((unsigned char)text.at[i + k] & 0xc0) != 0x80) return false;
        i += more + 1;
    }
    return true;
}

/* ---- addresses ---- */

static bool run_url_encode(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    if (call->in.kind == LIQUID_NIL) { *ret_value = call->in; return true; }
    if (!text_in(call, &text) || !liquid_spend(call->liquid, 0, 3 * text.length)) return false;
    char *to = ARENA_ARRAY(call->liquid->arena, char, 3 * text.length + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) {
        static const char digits[] = "0123456789ABCDEF";
        unsigned char c = (unsigned char)text.at[i];
        bool stays = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c && strchr("_.-~", c));
        if (stays) to[n++] = (char)c;
        else if (c == ' ') to[n++] = '+';
        else to[n++] = '%', to[n++] = digits[c >> 4], to[n++] = digits[c & 15];
    }
    *ret_value = liquid_text((struct text){ to, n });
    ret_value->is_safe = true;
    return true;
}

static int hex_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static bool run_url_decode(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text;
    if (call->in.kind == LIQUID_NIL) { *ret_value = call->in; return true; }
    if (!text_in(call, &text) || !liquid_spend(call->liquid, 0, text.length)) return false;
    char *to = ARENA_ARRAY(call->liquid->arena, char, text.length + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) {
        bool is_code =
            text.at[i] == '%' && i + 2 < text.length && hex_of(text.at[i + 1]) >= 0 && hex_of(text.at[i + 2]) >= 0;
        if (is_code) {
            to[n++] = (char)(hex_of(text.at[i + 1]) * 16 + hex_of(text.at[i + 2]));
            i += 2;
        } else {
            to[n++] = text.at[i] == '+' ? ' ' : text.at[i];
        }
    }
    *ret_value = liquid_text((struct text){ to, n });
    return is_utf8(ret_value->text) || liquid_fail(call->liquid, "what it gives is no UTF-8");
}

/* ---- base64 ---- */

static bool encoded(const struct liquid_call *call, bool is_for_url, struct liquid_value *ret_value)
{
    struct text text;
    if (!text_in(call, &text) || !liquid_spend(call->liquid, 0, 2 * text.length)) return false;
    char *to = secret_base64(call->liquid->arena, text.at, text.length, SECRET_BASE64);
    for (char *at = to; is_for_url && *at; at++) *at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at);
    *ret_value = liquid_text(text_of(to));
    return true;
}

static bool run_base64_decode(const struct liquid_call *call, struct liquid_value *ret_value)
{
    struct text text = call->in.text;
    if (call->in.kind == LIQUID_NIL) { *ret_value = liquid_text(text_of("")); return true; }
    if (call->in.kind != LIQUID_TEXT) return liquid_fail(call->liquid, "only a text can be base64");
    if (!liquid_spend(call->liquid, 0, text.length)) return false;
    if (!secret_unbase64(text, call->liquid->arena, &text) || !is_utf8(text))
        return liquid_fail(call->liquid, "this is no base64 of a text");
    *ret_value = liquid_text(text);
    return true;
}

static bool run_base64_encode(const struct liquid_call *call, struct liquid_value *ret_value)
{
    return encoded(call, false, ret_value);
}

static bool run_base64_url_safe_encode(const struct liquid_call *call, struct liquid_value *ret_value)
{
    return encoded(call, true, ret_value);
}

/* ---- JSON ---- */

static json_t *json_of(const struct liquid_value *value)
{
    json_t *json;
    switch (value->kind) {
    case LIQUID_BOOL: return json_boolean(value->yes);
    case LIQUID_INT: return json_integer(value->integer);
    case LIQUID_REAL: return json_real(value->real);
    case LIQUID_TEXT: return json_stringn(value->text.at, value->text.length);
    case LIQUID_LIST:
        json = json_array();
        for (size_t i = 0; i < value->list.n; i++) json_array_append_new(json, json_of(&value->list.items[i]));
        return json;
    case LIQUID_MAP:
        json = json_object();
        for (size_t i = 0; i < value->map->n; i++)
            json_object_setn_new(json, value->map->members[i].key.at, value->map->members[i].key.length,
                                 json_of(&value->map->members[i].value));
        return json;
    case LIQUID_RANGE:
    case LIQUID_LOOP:
    case LIQUID_BLANK:
    case LIQUID_EMPTY:
    case LIQUID_NIL: break;
    }
    return json_null();
}

static bool run_json(const struct liquid_call *call, struct liquid_value *ret_value)
{
    json_t *json = json_of(&call->in);
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(json);
    if (!text) return liquid_fail(call->liquid, "this cannot be written as JSON");
    *ret_value = liquid_text(text_of(arena_copy(call->liquid->arena, text)));
    free(text);
    return liquid_spend(call->liquid, 0, ret_value->text.length);
}

static const struct liquid_filter liquid_filters_code[] = {
    { "url_encode", 0, 0, run_url_encode },
    { "url_decode", 0, 0, run_url_decode },
    { "base64_encode", 0, 0, run_base64_encode },
    { "base64_decode", 0, 0, run_base64_decode },
    { "base64_url_safe_encode", 0, 0, run_base64_url_safe_encode },
    { "base64_url_safe_decode", 0, 0, run_base64_decode },
    { "json", 0, 0, run_json },
    { 0 },
};

const struct liquid_filter *liquid_filter(struct text name)
{
    static const struct liquid_filter *const all[] = { liquid_filters_text, liquid_filters_list,
                                                       liquid_filters_number, liquid_filters_date,
                                                       liquid_filters_code };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (const struct liquid_filter *filter = all[i]; filter->name; filter++)
            if (text_equal(name, text_of(filter->name))) return filter;
    return NULL;
}
