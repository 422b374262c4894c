/* main.c - the first word names a command (commands.c), which reads the others. */
#include "command/commands.h"
#include "cli/terminal.h"
#include "base/similar.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static void print_overview(FILE *out)
{
    fputs("holdfast - who is leaving, what that costs, and whom to act on first\n\n"
          "usage: holdfast COMMAND [ARGUMENT ...] [--FLAG ...]\n\ncommands:\n", out);
    for (size_t i = 0; commands[i]; i++) fprintf(out, "  %-11s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nstart with:  holdfast run orders.csv\nmore:        holdfast help COMMAND\n", out);
}

static int no_such_command(const char *name)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t n = 0;
    while (commands[n]) n++;
    const char **names = ARENA_ARRAY(arena, const char *, n);
    for (size_t i = 0; i < n; i++) names[i] = commands[i]->name;
    const char *close = similar_names(name, names, n, arena);
    fprintf(stderr, "holdfast: there is no command '%s'%s holdfast --help lists them\n", name,
            strchr(close, '?') ? close : ";");
    arena_free(arena);
    return err_exit_status(ERR_INVALID);
}

/* holdfast help [COMMAND] */
static int help(const char *name)
{
    const struct command *command = name ? command_find(name) : NULL;
    if (name && !command) return no_such_command(name);
    if (command) command_help(command);
    else print_overview(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    (void)signal(SIGXFSZ, SIG_IGN);     /* a file at its limit is an error to report, not the end */
    const char *name = argc > 1 ? argv[1] : "";
    if (argc == 1) {
        print_overview(stdout);
        return err_exit_status(ERR_INVALID);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    if (strcmp(name, "--version") == 0) {
        puts("holdfast 0.1.0");
        return 0;
    }
    const struct command *command = command_find(name);
    if (command) return command_main(command, argc - 2, argv + 2);
    return no_such_command(name);
}
