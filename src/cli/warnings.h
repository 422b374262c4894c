/* warnings.h - what a person asked for and does not get, said beside the result: the JSON's "warnings". */
#ifndef CLI_WARNINGS_H
#define CLI_WARNINGS_H

#include "cli/command.h"

#include <jansson.h>

/* A sentence that names those of the flags that were typed, if any were; why ends it: "without --options".
 * names ends with NULL. */
void warn_of_flags(const struct invocation *invocation, const char *const *names, const char *why,
                   json_t *warnings);

/* On the error stream; to who handed the command over, with the result. */
void warnings_print(const struct invocation *invocation, const json_t *warnings);

#endif
