/* json_error_words.h - what the JSON library finds wrong, in words for whoever wrote it. */
#ifndef BASE_JSON_ERROR_WORDS_H
#define BASE_JSON_ERROR_WORDS_H

#include <jansson.h>

static inline const char *json_error_words(const json_error_t *fault)
{
    enum json_error_code code = json_error_code(fault);
    return code == json_error_null_character || code == json_error_null_byte_in_key
               ? "a text holds \\u0000, which no message and no database keeps: take it out" : fault->text;
}

#endif
