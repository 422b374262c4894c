/* json_read.c - recursive descent into a flat array; see json_read.h. */
#include "base/json_read.h"
#include "base/hash.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const char        *begin, *at, *end;
    struct arena      *arena;
    struct json_value *values;
    uint32_t           n, room;
    unsigned           depth;
    struct err        *err;
};

static bool expected(const struct reader *reader, const char *what)
{
    size_t at = (size_t)(reader->at - reader->begin);
    if (reader->at >= reader->end)
        return err_set(reader->err, ERR_INVALID, "malformed JSON: it ends at byte %zu, where %s should be", at,
                       what);
    unsigned char found = (unsigned char)*reader->at;
    if (found > ' ' && found < 127)
        return err_set(reader->err, ERR_INVALID, "malformed JSON at byte %zu: '%c' where %s should be", at,
                       found, what);
    return err_set(reader->err, ERR_INVALID, "malformed JSON at byte %zu: a byte %u where %s should be", at,
                   found, what);
}

static inline void skip_space(struct reader *reader)
{
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t'))
        reader->at++;
}

/* Eight bytes at once: the highest bit of each that is a quote, a backslash, a control character or not ASCII;
 * the lowest such bit is right, those over it may be there too much. */
static inline uint64_t special_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t quote = word ^ (ones * '"'), escape = word ^ (ones * '\\');
    return (((quote - ones) & ~quote) | ((escape - ones) & ~escape) | ((word - ones * 32) & ~word) | word) & high;
}

/* Past the UTF-8 character that begins here with a byte over 127; NULL: there is none.  Unicode 15, table 3-7. */
static const char *utf8_end(const char *at, const char *end)
{
    const unsigned char *byte = (const unsigned char *)at;
    unsigned low = 0x80, high = 0xBF;
    int n = byte[0] >= 0xC2 && byte[0] <= 0xDF ? 2 : byte[0] >= 0xE0 && byte[0] <= 0xEF ? 3
            : byte[0] >= 0xF0 && byte[0] <= 0xF4 ? 4 : 0;
    if (n == 0 || end - at < n) return NULL;
    if (byte[0] == 0xE0) low = 0xA0;
    if (byte[0] == 0xED) high = 0x9F;
    if (byte[0] == 0xF0) low = 0x90;
    if (byte[0] == 0xF4) high = 0x8F;
    if (byte[1] < low || byte[1] > high) return NULL;
    for (int i = 2; i < n; i++)
        if ((byte[i] & 0xC0) != 0x80) return NULL;
    return at + n;
}

static bool hex_digits(const char *at, uint32_t *ret_code)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        if (c >= '0' && c <= '9') code = 16 * code + (uint32_t)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f') code = 16 * code + (uint32_t)((c | 32) - 'a' + 10);
        else return false;
    }
    *ret_code = code;
    return true;
}

/* At a backslash: steps over the escape, both halves of a pair at once. */
static bool skip_escape(struct reader *reader, uint8_t *fault)
{
    uint32_t code, low;
    reader->at++;
    if (reader->at >= reader->end || !memchr("\"\\/bfnrtu", *reader->at, 9)) return expected(reader, "an escape");
    if (*reader->at++ != 'u') return true;
    if (reader->end - reader->at < 4 || !hex_digits(reader->at, &code))
        return expected(reader, "four hexadecimal digits");
    reader->at += 4;
    if (code == 0 && !*fault) *fault = JSON_NUL;
    if (code < 0xD800 || code > 0xDFFF) return true;
    if (code < 0xDC00 && reader->end - reader->at >= 6 && reader->at[0] == '\\' && reader->at[1] == 'u' &&
        hex_digits(reader->at + 2, &low) && low >= 0xDC00 && low <= 0xDFFF)
        reader->at += 6;
    else if (!*fault) *fault = JSON_LONE_SURROGATE;
    return true;
}

/* From the opening quote to past the closing one. */
static bool read_string(struct reader *reader, uint32_t *ret_at, uint32_t *ret_length, bool *ret_is_escaped,
                        uint8_t *fault)
{
    const char *begin = ++reader->at;
    *ret_is_escaped = false;
    for (;;) {
        uint64_t word, special = 0;
        while (!special && reader->end - reader->at >= 8) {
            memcpy(&word, reader->at, 8);
            special = special_bytes(le64toh(word));
            reader->at += special ? __builtin_ctzll(special) / 8 : 8;
        }
        while (!special && reader->at < reader->end && (unsigned char)*reader->at >= ' ' &&
               (unsigned char)*reader->at < 128 && *reader->at != '"' && *reader->at != '\\')
            reader->at++;
        if (reader->at >= reader->end) return expected(reader, "the end of a string");
        if (*reader->at == '"') break;
        if (*reader->at == '\\') {
            *ret_is_escaped = true;
            if (!skip_escape(reader, fault)) return false;
        } else if ((unsigned char)*reader->at >= 128) {
            const char *past = utf8_end(reader->at, reader->end);
            if (!past && !*fault) *fault = JSON_BAD_UTF8;
            reader->at = past ? past : reader->at + 1;
        } else {
            return expected(reader, "a character that may stand in a string");
        }
    }
    *ret_at = (uint32_t)(begin - reader->begin);
    *ret_length = (uint32_t)(reader->at++ - begin);
    return true;
}

static size_t skip_digits(struct reader *reader)
{
    const char *begin = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') reader->at++;
    return (size_t)(reader->at - begin);
}

static bool read_number(struct reader *reader)
{
    if (*reader->at == '-') reader->at++;
    if (reader->at < reader->end && *reader->at == '0') reader->at++;
    else if (skip_digits(reader) == 0) return expected(reader, "a digit");
    if (reader->at < reader->end && *reader->at == '.') {
        reader->at++;
        if (skip_digits(reader) == 0) return expected(reader, "a digit");
    }
    if (reader->at < reader->end && (*reader->at | 32) == 'e') {
        reader->at++;
        if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-')) reader->at++;
        if (skip_digits(reader) == 0) return expected(reader, "a digit");
    }
    return true;
}

static bool read_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return expected(reader, "a value");
    reader->at += length;
    return true;
}

static struct json_value *add_value(struct reader *reader)
{
    if (reader->n == reader->room) {
        struct json_value *more = ARENA_ARRAY(reader->arena, struct json_value, 2 * (size_t)reader->room);
        memcpy(more, reader->values, reader->n * sizeof *more);
        reader->values = more;
        reader->room *= 2;
    }
    return &reader->values[reader->n++];
}

static struct json json_so_far(const struct reader *reader)
{
    return (struct json){ { reader->begin, (size_t)(reader->end - reader->begin) }, reader->values, reader->n };
}

/* Whether a name of the object stands there twice, by a table of the names with their escapes undone. */
static bool has_repeated_name(struct reader *reader, uint32_t object, uint32_t n_members)
{
    size_t room = 16;
    while (room < 2 * (size_t)n_members) room *= 2;
    struct text *table = calloc(room, sizeof *table);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct json json = json_so_far(reader);
    bool is_repeated = !table;
    for (uint32_t i = json_first(&json, object); i && !is_repeated; i = json_next(&json, object, i)) {
        struct text name = json_name(&json, i, arena);
        size_t at = hash_bytes(name.at, name.length, 0) & (room - 1);
        while (table[at].at && !text_equal(table[at], name)) at = (at + 1) & (room - 1);
        is_repeated = table[at].at != NULL;
        table[at] = name;
    }
    free(table);
    arena_free(arena);
    return is_repeated;
}

static bool name_stands_before(const struct reader *reader, uint32_t object, uint32_t member)
{
    const struct json_value *values = reader->values, *new = &values[member];
    for (uint32_t i = object + 1; i < member; i = values[i].next)
        if (values[i].name_length == new->name_length &&
            memcmp(reader->begin + values[i].name_at, reader->begin + new->name_at, new->name_length) == 0)
            return true;
    return false;
}

/* Which of 64 classes a name belongs to: two names of different classes differ. */
static inline uint64_t name_class(const struct reader *reader, const struct json_value *member)
{
    const char *name = reader->begin + member->name_at;
    if (member->name_length == 0) return 1;
    return UINT64_C(1) << ((member->name_length * 5u + (unsigned char)name[0] * 3u +
                            (unsigned char)name[member->name_length - 1] +
                            (unsigned char)name[member->name_length / 2] * 7u) & 63);
}

static bool read_value(struct reader *reader, uint32_t value);

/* The names met so far in an object.  Few of them are compared with each other as they come, many at the end. */
enum { NAMES_COMPARED = 64 };
struct names { uint64_t classes; uint32_t n; bool is_any_escaped; };

static bool read_member(struct reader *reader, uint32_t object, struct names *names)
{
    uint32_t member = reader->n;
    struct json_value *value = add_value(reader);
    uint8_t fault = JSON_SOUND;
    if (reader->at >= reader->end || *reader->at != '"') return expected(reader, "a member's name");
    if (!read_string(reader, &value->name_at, &value->name_length, &value->name_is_escaped, &fault)) return false;
    names->is_any_escaped |= value->name_is_escaped;
    uint64_t class = name_class(reader, value);
    if (++names->n <= NAMES_COMPARED && (names->classes & class) && name_stands_before(reader, object, member))
        fault = JSON_REPEATED_NAME;
    names->classes |= class;
    value->fault = fault;
    skip_space(reader);
    if (reader->at >= reader->end || *reader->at != ':') return expected(reader, "':'");
    reader->at++;
    skip_space(reader);
    return read_value(reader, member);
}

static bool read_object(struct reader *reader, uint32_t object)
{
    struct names names = { 0 };
    reader->at++;
    skip_space(reader);
    if (reader->at < reader->end && *reader->at == '}') { reader->at++; return true; }
    for (;;) {
        uint32_t member = reader->n;
        if (!read_member(reader, object, &names)) return false;
        if (!reader->values[object].fault) reader->values[object].fault = reader->values[member].fault;
        skip_space(reader);
        if (reader->at >= reader->end || (*reader->at != ',' && *reader->at != '}'))
            return expected(reader, "',' or '}'");
        if (*reader->at++ == '}') break;
        skip_space(reader);
    }
    reader->values[object].next = reader->n;
    if (!reader->values[object].fault && (names.n > NAMES_COMPARED || names.is_any_escaped) &&
        has_repeated_name(reader, object, names.n))
        reader->values[object].fault = JSON_REPEATED_NAME;
    return true;
}

static bool read_list(struct reader *reader, uint32_t list)
{
    reader->at++;
    skip_space(reader);
    if (reader->at < reader->end && *reader->at == ']') { reader->at++; return true; }
    for (;;) {
        uint32_t item = reader->n;
        (void)add_value(reader);
        if (!read_value(reader, item)) return false;
        if (!reader->values[list].fault) reader->values[list].fault = reader->values[item].fault;
        skip_space(reader);
        if (reader->at >= reader->end || (*reader->at != ',' && *reader->at != ']'))
            return expected(reader, "',' or ']'");
        if (*reader->at++ == ']') break;
        skip_space(reader);
    }
    return true;
}

static bool read_container(struct reader *reader, uint32_t value, bool is_object)
{
    if (reader->depth == JSON_READABLE_DEPTH)
        return err_set(reader->err, ERR_INVALID,
                       "malformed JSON at byte %zu: over %d lists and objects inside each other",
                       (size_t)(reader->at - reader->begin), JSON_READABLE_DEPTH);
    if (++reader->depth > JSON_MOST_DEPTH) reader->values[value].fault = JSON_TOO_DEEP;
    bool ok = is_object ? read_object(reader, value) : read_list(reader, value);
    reader->depth--;
    return ok;
}

/* Reads into values[value], which may move meanwhile. */
static bool read_value(struct reader *reader, uint32_t value)
{
    const char *begin = reader->at;
    enum json_kind kind = JSON_IS_NUMBER;
    bool ok;
    switch (begin < reader->end ? *begin : 0) {
    case '{': kind = JSON_IS_OBJECT; ok = read_container(reader, value, true); break;
    case '[': kind = JSON_IS_LIST; ok = read_container(reader, value, false); break;
    case 't': kind = JSON_IS_TRUE; ok = read_word(reader, "true"); break;
    case 'f': kind = JSON_IS_FALSE; ok = read_word(reader, "false"); break;
    case 'n': kind = JSON_IS_NULL; ok = read_word(reader, "null"); break;
    case '"': {
        struct json_value *string = &reader->values[value];
        string->kind = JSON_IS_STRING;
        string->next = value + 1;
        return read_string(reader, &string->at, &string->length, &string->is_escaped, &string->fault);
    }
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        ok = read_number(reader);
        break;
    default: return expected(reader, "a value");
    }
    struct json_value *done = &reader->values[value];
    done->kind = (uint8_t)kind;
    done->at = (uint32_t)(begin - reader->begin);
    done->length = (uint32_t)(reader->at - begin);
    done->next = reader->n;
    return ok;
}

bool json_read(struct text text, struct arena *arena, struct json *ret_json, struct err *err)
{
    if (text.length >= UINT32_MAX / 2) return err_set(err, ERR_INVALID, "over 2 GB of JSON in one piece");
    struct reader reader = { .begin = text.at,
                             .at = text.at,
                             .end = text.at + text.length,
                             .arena = arena,
                             .err = err,
                             .room = (uint32_t)(text.length / 16) + 16 };
    reader.values = ARENA_ARRAY(arena, struct json_value, reader.room);
    skip_space(&reader);
    (void)add_value(&reader);
    if (!read_value(&reader, 0)) return false;
    skip_space(&reader);
    if (reader.at != reader.end) return expected(&reader, "the end");
    *ret_json = (struct json){ text, reader.values, reader.n };
    return true;
}

uint32_t json_member_named(const struct json *json, uint32_t object, struct text name)
{
    if (json->values[object].kind != JSON_IS_OBJECT) return 0;
    for (uint32_t i = json_first(json, object); i; i = json_next(json, object, i))
        if (json->values[i].name_length == name.length && !json->values[i].name_is_escaped &&
            memcmp(json->text.at + json->values[i].name_at, name.at, name.length) == 0)
            return i;
    return 0;
}

struct text json_whole(const struct json *json, uint32_t value)
{
    struct text text = json_written(json, value);
    if (json->values[value].kind != JSON_IS_STRING) return text;
    return (struct text){ text.at - 1, text.length + 2 };
}

static size_t put_utf8(uint32_t code, char *ret_bytes)
{
    static const unsigned char first[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code >>= 6) ret_bytes[i] = (char)(0x80 | (code & 0x3F));
    ret_bytes[0] = (char)(first[n] | code);
    return n;
}

/* Decoding never lengthens: "\u0041" is six bytes for at most three. */
static struct text unescaped(struct text written, struct arena *arena)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char *bytes = arena_alloc(arena, written.length, 1);
    size_t n = 0;
    for (const char *at = written.at, *end = at + written.length; at < end;) {
        uint32_t code = 0, low = 0;
        if (*at != '\\') { bytes[n++] = *at++; continue; }
        if (at[1] != 'u') { bytes[n++] = meanings[strchr(letters, at[1]) - letters]; at += 2; continue; }
        (void)hex_digits(at + 2, &code);
        at += 6;
        if (code >= 0xD800 && code < 0xDC00 && end - at >= 6 && hex_digits(at + 2, &low)) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            at += 6;
        }
        n += put_utf8(code, bytes + n);
    }
    return (struct text){ bytes, n };
}

struct text json_text(const struct json *json, uint32_t value, struct arena *arena)
{
    struct text written = json_written(json, value);
    return json->values[value].is_escaped ? unescaped(written, arena) : written;
}

struct text json_name(const struct json *json, uint32_t member, struct arena *arena)
{
    const struct json_value *value = &json->values[member];
    struct text written = { json->text.at + value->name_at, value->name_length };
    return value->name_is_escaped ? unescaped(written, arena) : written;
}

const char *json_fault_words(enum json_fault fault)
{
    static const char *const words[] = {
        [JSON_SOUND] = "is sound",
        [JSON_BAD_UTF8] = "holds bytes that are not UTF-8",
        [JSON_LONE_SURROGATE] = "holds half of a surrogate pair",
        [JSON_NUL] = "holds a NUL character",
        [JSON_REPEATED_NAME] = "is named twice in one object",
        [JSON_TOO_DEEP] = "lies over 32 lists and objects deep",
    };
    return words[fault];
}
