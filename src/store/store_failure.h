/* store_failure.h - what SQLite's errors mean for a person, said once. */
#ifndef STORE_STORE_FAILURE_H
#define STORE_STORE_FAILURE_H

#include "base/err.h"

struct sqlite3;

/* Fills *err from the last error of db (NULL: out of memory) while doing something to the database
 * at path, and returns false.  doing is a query's name or a few words. */
bool store_failure(struct sqlite3 *db, const char *path, const char *doing, struct err *err);

#endif
