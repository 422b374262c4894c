/* err.h - how every function that can fail says so.
 *
 * A fallible function returns bool: true means the job is done, false means
 * *err is filled and nothing the caller owns has changed.  err is the last
 * parameter and is never NULL. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#define MUST_CHECK          __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a)   __attribute__((format(printf, f, a)))

enum err_code {
    ERR_NONE,
    ERR_INVALID,    /* the caller's data is wrong; retrying cannot help */
    ERR_MISSING,    /* no such customer, model, query or file */
    ERR_REFUSED,    /* a rule said no: too little data, no better than the rule, consent */
    ERR_BUSY,       /* try again later: another process holds the file */
    ERR_IO,         /* disk or network failed */
    ERR_CORRUPT,    /* stored data broke an invariant we rely on */
    ERR_CODES
};

struct err {
    enum err_code code;
    char          text[1024];   /* outermost context first, no newline */
};

/* Fills *err and returns false, so that "return err_set(...)" reads well. */
bool err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "<context>: " before the text already in *err; returns false. */
bool err_context(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The one table from an error to a process exit status, and the word --json prints for it. */
int         err_exit_status(enum err_code code);
const char *err_word(enum err_code code);

#endif
