/* plan_database.h - plan without a file of options: the customers of a database, its actions and its budget. */
#ifndef CAMPAIGN_PLAN_DATABASE_H
#define CAMPAIGN_PLAN_DATABASE_H

#include "cli/command.h"

#include <jansson.h>

/* Errors: those of the database and of plan_from_log; ERR_INVALID an action that cannot be read (says where). */
bool plan_database(struct invocation *invocation, json_t **ret_json, struct err *err) MUST_CHECK;

#endif
