/* command.h - what one command of the program is: a row of the table in command/commands.c.
 *
 * A command is one file, command_<name>.c, whose only global symbol is its const struct command.
 * Only commands and the server print: results to standard output, everything else to standard error. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct flag {
    const char *name;       /* "horizon": written --horizon */
    const char *value;      /* what stands for its value in --help: "DAYS"; NULL for a switch */
    const char *help;
};

struct invocation;
struct service;

struct command {
    const char *name;       /* "run" */
    const char *arguments;  /* "FILE", "[CUSTOMER]": one word each; [] optional, ... the last repeats */
    const char *summary;    /* one line, no full stop */
    const char *details;    /* more lines for --help, or NULL */
    const char *example;    /* one command line that works */
    const struct flag *flags;       /* ends with a row whose name is NULL; NULL for none */
    bool (*run)(struct invocation *invocation, struct err *err);
    /* Whether what was typed writes to the database, or needs what is live: then a server that holds it does it (handover.h), and what is
     * printed goes to invocation->out.  NULL: it only reads. */
    bool (*is_writing)(const struct invocation *invocation);
    bool is_named_by_file;          /* the first argument names the database, where --db does not */
    size_t input_most_bytes;        /* of standard input, which stands for a FILE not given; 0: it reads none */
};

/* What the person typed.  Every command also has --db, --settings, --json, --quiet, --threads, --seed, --help. */
struct invocation {
    const struct command *command;
    struct arena         *arena;            /* lives as long as the command */
    struct progress      *progress;         /* a terminal's progress line, or NULL */
    const char           *arguments[256];
    size_t                n_arguments;
    const char           *values[96];       /* [flag] as typed; NULL where not given; "" for a switch */
    bool                  is_json;
    unsigned              n_threads;        /* --threads, or the cores there are */
    uint64_t              seed;             /* --seed, or 1 */
    FILE                 *out, *in;         /* what is printed; standard input */
    struct service       *service;          /* of the server that runs the command for somebody; NULL: nobody's */
    const char           *who;              /* "cli:ann", who typed it */
    const char           *what;             /* surroundings'; see command_what */
    const char           *role;             /* "lead", that a server knows them by; NULL: by their name (plan_role.h) */
    int failure_status; /* the exit status of its failure, if not that of its error's kind; else 0 */
    bool                  has_answered;     /* its JSON is out already, and says the failure */
};

/* How the ledger calls what is done: as who had it done says, else so. */
static inline const char *command_what(const struct invocation *invocation, const char *plain)
{
    return invocation->what ? invocation->what : plain;
}

bool        writes_file(const struct invocation *invocation);       /* where an argument names a file to import */
bool        always_writes(const struct invocation *invocation);     /* an is_writing */

/* Tells each flag that was typed. */
void flags_each(const struct invocation *invocation,
                void (*tell)(void *context, const struct flag *flag, const char *value), void *context);

bool        flag_is_given(const struct invocation *invocation, const char *name);
const char *flag_text(const struct invocation *invocation, const char *name, const char *otherwise);

/* Errors: ERR_INVALID not a number, or outside least..most; names the flag. */
bool flag_double(const struct invocation *invocation, const char *name, double least, double most,
                 double otherwise, double *ret_value, struct err *err) MUST_CHECK;
bool flag_int(const struct invocation *invocation, const char *name, int64_t least, int64_t most,
              int64_t otherwise, int64_t *ret_value, struct err *err) MUST_CHECK;
/* "90", "90d", "12w", "3m" (30 days each), "1y" in days. */
bool flag_days(const struct invocation *invocation, const char *name, int64_t otherwise, int64_t *ret_days,
               struct err *err) MUST_CHECK;
/* "2011-09-09" as the instant it begins, UTC. */
bool flag_date_ms(const struct invocation *invocation, const char *name, int64_t otherwise, int64_t *ret_ms,
                  struct err *err) MUST_CHECK;

/* The database a command works on: --db, else <stem of file>.holdfast when file is not NULL,
 * else the only *.holdfast in the folder.  Errors: ERR_MISSING none, ERR_INVALID several (lists
 * them). */
bool command_database(struct invocation *invocation, const char *file, const char **ret_path,
                      struct err *err) MUST_CHECK;

/* Opens what an argument names: a file, or "-", the command's standard input.  sheet may be NULL.
 * Errors: those of input_open. */
struct input;
bool command_input(const struct invocation *invocation, const char *path, const char *sheet,
                   struct input **ret_input, struct err *err) MUST_CHECK;

/* The settings that hold for the command: --settings, else those of the database (store/setting.h).  store may be
 * NULL: no database is at hand.  Errors: those of settings_read. */
struct store;
struct settings;
bool command_settings(const struct invocation *invocation, struct store *store, struct settings *ret_settings,
                      struct err *err) MUST_CHECK;

/* Runs a job in a transaction of the store's own; or, for a server, in one of its writer's. */
typedef bool command_job(struct store *store, void *context, struct err *err);
bool command_write(const struct invocation *invocation, struct store *store, command_job *job, void *context,
                   struct err *err) MUST_CHECK;

#endif
