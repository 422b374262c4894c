/* experiment_log.h - the actions of holdfast experiment that work on a database. */
#ifndef ANALYSE_EXPERIMENT_LOG_H
#define ANALYSE_EXPERIMENT_LOG_H

#include "cli/command.h"

#include <jansson.h>

/* What is typed after "experiment" is in invocation->arguments; each prints what it did or found.
 * Errors: those of experiment_find and of the store; ERR_INVALID what is declared. */
bool experiment_log_start(struct invocation *invocation, struct err *err) MUST_CHECK;
bool experiment_log_list(struct invocation *invocation, struct err *err) MUST_CHECK;
bool experiment_log_stop(struct invocation *invocation, struct err *err) MUST_CHECK;
bool experiment_log_ramp(struct invocation *invocation, struct err *err) MUST_CHECK;
bool experiment_log_assign(struct invocation *invocation, struct err *err) MUST_CHECK;
bool experiment_log_program(struct invocation *invocation, struct err *err) MUST_CHECK;
/* What campaigns earned, of one experiment or with NULL of all: "roi --json". */
bool experiment_log_roi(struct invocation *invocation, const char *name, json_t **ret_json,
                        struct err *err) MUST_CHECK;
/* The analysis of an experiment by name. */
bool experiment_log_analyse(struct invocation *invocation, const char *name, json_t **ret_json,
                            struct err *err) MUST_CHECK;

#endif
