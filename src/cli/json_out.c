/* json_out.c - see json_out.h. */
#include "cli/json_out.h"

void json_write_take(FILE *out, json_t *object)
{
    json_dumpf(object, out, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    fputc('\n', out);
    json_decref(object);
}

void json_print_take(json_t *object) { json_write_take(stdout, object); }

void json_print_error(FILE *out, const struct err *err)
{
    json_t *object = json_pack("{s:{s:s, s:s}}", "error", "code", err_word(err->code), "message", err->text);
    if (object) json_write_take(out, object);
    else fputs("{\"error\": {\"code\": \"invalid\", \"message\": \"the message is not UTF-8\"}}\n", out);
}
