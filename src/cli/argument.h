/* argument.h - what an argument of a command is. */
#ifndef CLI_ARGUMENT_H
#define CLI_ARGUMENT_H

#include <stdbool.h>

/* Where a file or a name may stand: with a dot or a slash, or if there is such a file, it is a file. */
bool argument_is_file(const char *argument);

#endif
