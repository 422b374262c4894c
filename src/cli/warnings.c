/* warnings.c - see warnings.h. */
#include "cli/warnings.h"

void warn_of_flags(const struct invocation *invocation, const char *const *names, const char *why,
                   json_t *warnings)
{
    const char *typed = "";
    size_t n = 0;
    for (size_t i = 0; names[i]; i++)
        if (flag_is_given(invocation, names[i]))
            typed = arena_format(invocation->arena, "%s%s--%s", typed, n++ ? ", " : "", names[i]);
    if (n > 0)
        json_array_append_new(warnings, json_string(arena_format(invocation->arena, "%s %s no effect %s", typed,
                                                                 n > 1 ? "have" : "has", why)));
}

void warnings_print(const struct invocation *invocation, const json_t *warnings)
{
    size_t i;
    const json_t *row;
    FILE *to = invocation->service ? invocation->out : stderr;
    json_array_foreach(warnings, i, row)
        fprintf(to, "holdfast %s: warning: %s\n", invocation->command->name, json_string_value(row));
}
