/* command_journey.h - what the actions of holdfast journey share. */
#ifndef COMMAND_COMMAND_JOURNEY_H
#define COMMAND_COMMAND_JOURNEY_H

#include "command/command.h"
#include "journey/journey.h"

/* Reads a journey and looks at its templates. */
bool journey_load(const struct invocation *invocation, const char *path, const struct journey **ret_journey,
                  struct err *err) MUST_CHECK;

#endif
