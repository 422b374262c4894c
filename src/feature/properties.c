/* properties.c - a scanner for flat JSON objects; see properties.h. */
#include "feature/properties.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void skip_space(struct properties *properties)
{
    while (properties->at < properties->end && strchr(" \t\r\n", *properties->at) && *properties->at)
        properties->at++;
}

static bool take(struct properties *properties, char wanted)
{
    skip_space(properties);
    if (properties->at == properties->end || *properties->at != wanted) return false;
    properties->at++;
    return true;
}

static bool take_hex(struct properties *properties, uint32_t *ret_code)
{
    uint32_t code = 0;
    if (properties->end - properties->at < 4) return false;
    for (int i = 0; i < 4; i++) {
        char digit = *properties->at++;
        if (digit >= '0' && digit <= '9') code = 16 * code + (uint32_t)(digit - '0');
        else if ((digit | 32) >= 'a' && (digit | 32) <= 'f')
            code = 16 * code + (uint32_t)((digit | 32) - 'a' + 10);
        else return false;
    }
    *ret_code = code;
    return true;
}

/* After "\u": one code point, of two halves where it needs them, as UTF-8.  Returns its bytes, 0 if it is
 * none. */
static size_t take_code_point(struct properties *properties, char ret_bytes[4])
{
    uint32_t code, low;
    if (!take_hex(properties, &code)) return 0;
    if (code >= 0xD800 && code < 0xDC00) {
        if (properties->end - properties->at < 2 || properties->at[0] != '\\' || properties->at[1] != 'u')
            return 0;
        properties->at += 2;
        if (!take_hex(properties, &low) || low < 0xDC00 || low > 0xDFFF) return 0;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        return 0;
    }
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = n; i-- > 1; code >>= 6) ret_bytes[i] = (char)(0x80 | (code & 0x3F));
    ret_bytes[0] = (char)(first[n] | code);
    return n;
}

/* A string with escapes, from its beginning after the quote, decoded into room. */
static bool take_escaped(struct properties *properties, char room[PROPERTY_MOST_BYTES], struct text *ret_text)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    size_t length = 0;
    while (properties->at < properties->end) {
        char bytes[4] = { *properties->at++ };
        size_t n = 1;
        if (bytes[0] == '"') { *ret_text = (struct text){ room, length }; return true; }
        if (bytes[0] == '\\') {
            if (properties->at == properties->end) return false;
            char letter = *properties->at++;
            const char *known = letter ? strchr(letters, letter) : NULL;
            if (known) bytes[0] = meanings[known - letters];
            else if (letter != 'u' || (n = take_code_point(properties, bytes)) == 0) return false;
        }
        if (length + n > PROPERTY_MOST_BYTES) continue;
        memcpy(room + length, bytes, n);
        length += n;
    }
    return false;
}

static bool take_string(struct properties *properties, char room[PROPERTY_MOST_BYTES], struct text *ret_text)
{
    if (!take(properties, '"')) return false;
    const char *begin = properties->at;
    while (properties->at < properties->end && *properties->at != '"' && *properties->at != '\\')
        properties->at++;
    if (properties->at == properties->end) return false;
    if (*properties->at == '"') {
        *ret_text = (struct text){ begin, (size_t)(properties->at++ - begin) };
        return true;
    }
    properties->at = begin;
    return take_escaped(properties, room, ret_text);
}

/* An object or array, passed over with all that is in it. */
static bool pass_over(struct properties *properties)
{
    struct text ignored;
    char room[PROPERTY_MOST_BYTES];
    size_t depth = 0;
    do {
        skip_space(properties);
        if (properties->at == properties->end) return false;
        char letter = *properties->at;
        if (letter == '"') {
            if (!take_string(properties, room, &ignored)) return false;
            continue;
        }
        if (letter == '{' || letter == '[') depth++;
        if (letter == '}' || letter == ']') depth--;
        properties->at++;
    } while (depth > 0);
    return true;
}

/* "12.50" and "1.25e1" are the same number and get the same text. */
static struct text shortest(struct text number, char room[PROPERTY_MOST_BYTES])
{
    double value;
    bool is_plain = !memchr(number.at, '.', number.length) && !memchr(number.at, 'e', number.length) &&
                    !memchr(number.at, 'E', number.length);
    if (is_plain || !text_double(number, '.', &value)) return number;
    return (struct text){ room, (size_t)snprintf(room, PROPERTY_MOST_BYTES, "%.15g", value) };
}

static bool take_value(struct properties *properties, struct text *ret_text)
{
    skip_space(properties);
    if (properties->at == properties->end) return false;
    if (*properties->at == '"') {
        if (!take_string(properties, properties->value, ret_text)) return false;
        *ret_text = text_trim(*ret_text);
        return true;
    }
    *ret_text = (struct text){ "", 0 };
    if (*properties->at == '{' || *properties->at == '[') return pass_over(properties);
    const char *begin = properties->at;
    while (properties->at < properties->end && !strchr(",} \t\r\n]", *properties->at)) properties->at++;
    struct text word = { begin, (size_t)(properties->at - begin) };
    if (text_equal(word, text_of("null"))) return true;
    if (!text_equal(word, text_of("true")) && !text_equal(word, text_of("false"))) {
        if (word.length == 0 || (word.at[0] != '-' && (word.at[0] < '0' || word.at[0] > '9'))) return false;
        word = shortest(word, properties->value);
    }
    *ret_text = word;
    return true;
}

void properties_begin(struct properties *properties, struct text json)
{
    properties->at = json.at;
    properties->end = json.at + json.length;
    if (!take(properties, '{')) properties->at = properties->end;
}

bool properties_next(struct properties *properties, struct property *ret_property)
{
    struct property property;
    (void)take(properties, ',');
    if (!take_string(properties, properties->name, &property.name) || !take(properties, ':') ||
        !take_value(properties, &property.value)) {
        properties->at = properties->end;
        return false;
    }
    *ret_property = property;
    return true;
}
