/* policy_file.h - a log of actions and their chances, and the flags that say what is in it. */
#ifndef ANALYSE_POLICY_FILE_H
#define ANALYSE_POLICY_FILE_H

#include "cli/command.h"

#include <jansson.h>

/* Errors: those of frame_open; ERR_INVALID a flag is missing or names nothing in the file; a propensity that is
 * none; a policy whose chances do not add up (each says where). */
bool policy_file_evaluate(struct invocation *invocation, const char *path, json_t **ret_json,
                          struct err *err) MUST_CHECK;
bool policy_file_learn(struct invocation *invocation, const char *path, json_t **ret_json,
                       struct err *err) MUST_CHECK;

#endif
