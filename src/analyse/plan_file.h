/* plan_file.h - plans from a file of options, and the depth of an offer from a file of responses. */
#ifndef ANALYSE_PLAN_FILE_H
#define ANALYSE_PLAN_FILE_H

#include "cli/command.h"

#include <jansson.h>

/* Errors: those of frame_open; ERR_INVALID a column is missing, a negative cost, an option twice, a capacity of an
 * action that nobody is offered (each says where). */
bool plan_options_file(struct invocation *invocation, const char *path, json_t **ret_json,
                       struct err *err) MUST_CHECK;
bool plan_offers_file(struct invocation *invocation, const char *path, json_t **ret_json,
                      struct err *err) MUST_CHECK;

#endif
