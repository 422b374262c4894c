/* main.c - the first word names a command (commands.c), which reads the others. */
#include "command/command.h"
#include "command/terminal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static void print_overview(FILE *out)
{
    fputs("holdfast - who is leaving, what that costs, and whom to act on first\n\n"
          "usage: holdfast COMMAND [ARGUMENT ...] [--FLAG ...]\n\ncommands:\n", out);
    for (size_t i = 0; commands[i]; i++) fprintf(out, "  %-11s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nstart with:  holdfast run orders.csv\nmore:        holdfast COMMAND --help\n", out);
}

int main(int argc, char **argv)
{
    (void)signal(SIGXFSZ, SIG_IGN);     /* a file at its limit is an error to report, not the end */
    const char *name = argc > 1 ? argv[1] : "--help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_overview(stdout);
        return argc > 1 ? 0 : err_exit_status(ERR_INVALID);
    }
    if (strcmp(name, "--version") == 0) {
        puts("holdfast 0.1.0");
        return 0;
    }
    const struct command *command = command_find(name);
    if (command) return command_main(command, argc - 2, argv + 2);
    fprintf(stderr, "holdfast: there is no command '%s'; holdfast --help lists them\n", name);
    return err_exit_status(ERR_INVALID);
}
