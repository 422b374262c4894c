/* bandit_database.h - what the arms of a bandit of the settings earned in the database. */
#ifndef ANALYSE_BANDIT_DATABASE_H
#define ANALYSE_BANDIT_DATABASE_H

#include "cli/command.h"

#include <jansson.h>

/* As of --as-of DATE, else now.  Errors: ERR_MISSING no such bandit (names close ones). */
bool bandit_database(struct invocation *invocation, const char *name, json_t **ret_json,
                     struct err *err) MUST_CHECK;

#endif
