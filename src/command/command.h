/* command.h - what one command of the program is: a row of the table in main.c.
 *
 * A command is one file, command_<name>.c, whose only global symbol is its const struct command.
 * Only app/ prints: results to standard output, everything else to standard error. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"

#include <stddef.h>
#include <stdint.h>

struct flag {
    const char *name;       /* "horizon": written --horizon */
    const char *value;      /* what stands for its value in --help: "DAYS"; NULL for a switch */
    const char *help;
};

struct invocation;

struct command {
    const char *name;       /* "run" */
    const char *arguments;  /* "FILE", "[CUSTOMER]": one word each; [] optional, ... the last repeats */
    const char *summary;    /* one line, no full stop */
    const char *details;    /* more lines for --help, or NULL */
    const char *example;    /* one command line that works */
    const struct flag *flags;       /* ends with a row whose name is NULL; NULL for none */
    bool (*run)(struct invocation *invocation, struct err *err);
};

/* What the person typed.  Every command also has --db, --json, --quiet, --threads, --seed, --help. */
struct invocation {
    const struct command *command;
    struct arena         *arena;            /* lives as long as the command */
    struct progress      *progress;         /* a terminal's progress line, or NULL */
    const char           *arguments[8];
    size_t                n_arguments;
    const char           *values[96];       /* [flag] as typed; NULL where not given; "" for a switch */
    bool                  is_json;
    unsigned              n_threads;        /* --threads, or the cores there are */
    uint64_t              seed;             /* --seed, or 1 */
};

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
bool command_database(struct invocation *invocation, const char *file, const char **ret_path, struct err *err) MUST_CHECK;


#endif
