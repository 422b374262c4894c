/* json_out.c - see json_out.h. */
#include "command/json_out.h"

#include <stdio.h>

void json_print_take(json_t *object)
{
    json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    putchar('\n');
    json_decref(object);
}

void json_print_error(const struct err *err)
{
    json_t *object = json_pack("{s:{s:s, s:s}}", "error", "code", err_word(err->code), "message", err->text);
    if (object) json_print_take(object);
    else puts("{\"error\": {\"code\": \"invalid\", \"message\": \"the message is not UTF-8\"}}");
}
