/* hold.h - one process alone writes to a database for as long as it runs: a server.
 *
 * It locks the file <database>.lock, which says in words who it is.  The lock goes with the process, however that
 * ends. */
#ifndef STORE_HOLD_H
#define STORE_HOLD_H

#include "base/err.h"

enum { HOLD_NONE = -1 };

/* Locks, or if *file is not HOLD_NONE only changes the words.
 * Errors: ERR_BUSY somebody holds it (says who); ERR_IO. */
bool hold_take(const char *path, const char *who, int *file, struct err *err) MUST_CHECK;
void hold_release(const char *path, int file);      /* HOLD_NONE is fine */

/* Errors: ERR_BUSY somebody holds the database (says who, and what to do). */
bool hold_check(const char *path, struct err *err) MUST_CHECK;

#endif
