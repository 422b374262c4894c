/* json_out.h - what --json prints: one object, on standard output. */
#ifndef COMMAND_JSON_OUT_H
#define COMMAND_JSON_OUT_H

#include "base/err.h"

#include <jansson.h>

void json_print_take(json_t *object);       /* prints, then releases it */
void json_print_error(const struct err *err);

#endif
