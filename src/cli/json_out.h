/* json_out.h - what --json prints: one object. */
#ifndef CLI_JSON_OUT_H
#define CLI_JSON_OUT_H

#include "base/err.h"

#include <jansson.h>
#include <stdio.h>

void json_print_take(json_t *object);       /* prints on standard output, then releases it */
void json_write_take(FILE *out, json_t *object);
void json_print_error(FILE *out, const struct err *err);

#endif
