/* json_read.h - a JSON text as a flat list of its values, in the order written, read in one pass.
 *
 * Strict RFC 8259: a text that breaks its grammar is refused with the byte.  What leaves no doubt where a value
 * ends is a fault of that value alone, so that one bad event does not cost its batch: see json_fault.  Strings
 * stay as they are written until asked for.
 *
 * Where a JSON object is described or changed, use jansson; this is for what comes in at a rate that jansson
 * does not reach (bench/json_bench.c has both). */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stdint.h>

enum json_kind {
    JSON_IS_NULL,
    JSON_IS_FALSE,
    JSON_IS_TRUE,
    JSON_IS_NUMBER,
    JSON_IS_STRING,
    JSON_IS_LIST,
    JSON_IS_OBJECT
};

enum json_fault {
    JSON_SOUND,
    JSON_BAD_UTF8,          /* bytes of a string that are not UTF-8 */
    JSON_LONE_SURROGATE,    /* "\ud83d" without its other half */
    JSON_REPEATED_NAME,     /* an object has two members of one name, whichever way they are written */
    JSON_NUL,               /* "\u0000", which nothing that comes after can keep */
    JSON_TOO_DEEP           /* over JSON_MOST_DEPTH lists and objects around a value */
};

/* More than JSON_READABLE_DEPTH refuses the text. */
enum { JSON_MOST_DEPTH = 32, JSON_READABLE_DEPTH = 256 };

struct json_value {
    uint32_t at, length;                /* its bytes in the text; of a string those between the quotes */
    uint32_t name_at, name_length;      /* of a member: its name's bytes between the quotes */
    uint32_t next;                      /* the first value that is not inside this one */
    uint8_t  kind, fault;               /* fault: of itself or of the first value inside that has one */
    bool     is_escaped, name_is_escaped;
};

struct json {
    struct text              text;      /* borrowed */
    const struct json_value *values;    /* [n_values] in the arena; the first is the whole */
    uint32_t                 n_values;
};

/* Reads the whole text.  Errors: ERR_INVALID what was expected and at which byte, counted from 0. */
bool json_read(struct text text, struct arena *arena, struct json *ret_json, struct err *err) MUST_CHECK;

/* The values directly inside a list or object, one after the other:
 * for (uint32_t i = json_first(json, object); i; i = json_next(json, object, i)) */
static inline uint32_t json_first(const struct json *json, uint32_t outer)
{
    return json->values[outer].next > outer + 1 ? outer + 1 : 0;
}

static inline uint32_t json_next(const struct json *json, uint32_t outer, uint32_t inner)
{
    uint32_t next = json->values[inner].next;
    return next < json->values[outer].next ? next : 0;
}

/* The member of this name; 0: there is none, or object is not an object. */
uint32_t json_member_named(const struct json *json, uint32_t object, struct text name);
static inline uint32_t json_member(const struct json *json, uint32_t object, const char *name)
{
    return json_member_named(json, object, text_of(name));      /* of a literal the length is known */
}

/* The value as written: of a string between its quotes, escapes and all. */
static inline struct text json_written(const struct json *json, uint32_t value)
{
    return (struct text){ json->text.at + json->values[value].at, json->values[value].length };
}

/* With the quotes: a JSON text of its own. */
struct text json_whole(const struct json *json, uint32_t value);

/* A string or a name with its escapes undone, in the text or in the arena.  Only of sound values. */
struct text json_text(const struct json *json, uint32_t value, struct arena *arena);
struct text json_name(const struct json *json, uint32_t member, struct arena *arena);

/* What is wrong, as the end of a sentence: "holds half of a surrogate pair". */
const char *json_fault_words(enum json_fault fault);

#endif
