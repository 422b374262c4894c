/* hold.h - one process alone writes to a database for as long as it runs: a server.
 *
 * The lock is on the database file itself, on a byte that SQLite never locks: whatever name the file is opened by, it
 * is the same lock, and it goes with the process, however that ends.  Who holds it is told in words in the file
 * <database>.lock, which nobody needs. */
#ifndef STORE_HOLD_H
#define STORE_HOLD_H

#include "base/err.h"

enum { HOLD_NONE = -1 };

/* Locks, or if *file is not HOLD_NONE only changes the words.
 * Errors: ERR_BUSY somebody holds it (says who); ERR_IO. */
bool hold_take(const char *path, const char *who, int *file, struct err *err) MUST_CHECK;
/* After the last connection of this process to the database was closed, whose own locks would go, too.
 * HOLD_NONE is fine. */
void hold_release(const char *path, int file);

/* Errors: ERR_BUSY somebody holds the database (says who, and what to do). */
bool hold_check(const char *path, struct err *err) MUST_CHECK;

#endif
