/* commands.h - what the program can do: one table of commands. */
#ifndef COMMAND_COMMANDS_H
#define COMMAND_COMMANDS_H

#include "cli/command.h"

extern const struct command *const commands[];              /* ends with NULL */
const struct command *command_find(const char *name);       /* NULL: there is none */

#endif
