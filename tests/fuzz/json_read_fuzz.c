/* json_read_fuzz.c - any bytes are JSON or refused; what jansson takes we take, and what we take it takes but for
 * numbers that are too large for it. */
#include "base/json_read.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct json *json, struct arena *arena)
{
    for (uint32_t i = 0; i < json->n_values; i++) {
        const struct json_value *value = &json->values[i];
        assert((size_t)value->at + value->length <= json->text.length && value->next > i &&
               value->next <= json->n_values);
        assert(value->kind >= JSON_IS_LIST || value->next == i + 1);
        for (uint32_t k = value->kind >= JSON_IS_LIST ? json_first(json, i) : 0; k; k = json_next(json, i, k)) {
            assert(json->values[k].at >= value->at && json->values[k].next <= value->next);
            assert(!json->values[k].fault || value->fault);
        }
        if (value->fault) continue;
        if (value->kind == JSON_IS_STRING) assert(json_text(json, i, arena).length <= value->length);
        assert(json_name(json, i, arena).length <= value->name_length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct json json;
    struct err err;
    json_error_t error;
    bool is_read = json_read((struct text){ (const char *)data, size }, arena, &json, &err);
    json_t *theirs = json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (is_read) walk(&json, arena);
    else assert(strstr(err.text, "byte"));
    bool is_sound = is_read && json.values[0].fault == JSON_SOUND;
    if (memchr(data, 0, size))
        theirs = (json_decref(theirs), NULL); /* after a number jansson passes one over */
    if (theirs)
        assert(is_sound || (is_read && json.values[0].fault == JSON_TOO_DEEP) ||
               strstr(err.text, "inside each other"));
    else
        assert(!is_sound || memchr(data, 0, size) || strstr(error.text, "overflow") ||
               strstr(error.text, "too big"));
    json_decref(theirs);
    arena_free(arena);
    return 0;
}
