/* terminal.h - how a command meets the person: its flags, its --help, its progress line, its errors. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "cli/command.h"

/* Reads the words after the command's name, runs it and returns the process's exit status.
 * Errors go to standard error as one sentence, or with --json to standard output as
 * {"error": {"code": "missing", "message": "..."}}. */
int command_main(const struct command *command, int argc, char **argv);

/* The same somewhere else than on the terminal: by a server, for who typed it; role: that the server knows them by,
 * NULL: the database knows it by their name. */
struct surroundings {
    FILE *out, *errors, *in;
    struct service *service;
    const char *who, *role;
    const char *what;           /* is done, for the ledger, with its reason; NULL: as the command calls it */
    struct progress *progress;      /* is told how far it is; NULL: the terminal is */
};
int command_do(const struct command *command, int argc, char **argv, const struct surroundings *surroundings);
/* What --help prints. */
void command_help(const struct command *command);

#endif
