/* command_journey.h - what the actions of holdfast journey share. */
#ifndef COMMAND_COMMAND_JOURNEY_H
#define COMMAND_COMMAND_JOURNEY_H

#include "cli/command.h"
#include "journey/journey.h"

/* Reads a journey and looks at its templates. */
bool journey_load(const struct invocation *invocation, const char *path, const struct journey **ret_journey,
                  struct err *err) MUST_CHECK;

/* Where the templates of a journey's file are: --templates, else ../templates beside the file's folder; NULL:
 * nowhere, and they are not looked at. */
const char *journey_templates(const struct invocation *invocation, const char *path);

/* Actions, each of a file of its own. */
bool journey_list(struct invocation *invocation, struct err *err) MUST_CHECK;
bool journey_simulate(struct invocation *invocation, struct err *err) MUST_CHECK;
bool journey_preview(struct invocation *invocation, struct err *err) MUST_CHECK;

#endif
