/* argument.c - see argument.h. */
#include "cli/argument.h"

#include <string.h>
#include <unistd.h>

bool argument_is_file(const char *argument)
{
    return strpbrk(argument, "./") || access(argument, F_OK) == 0;
}
