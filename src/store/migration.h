/* migration.h - the numbered changes that made the tables what this program expects: migration/0001_first.sql and on.
 *
 * A file's version (PRAGMA user_version) is the number of the last one that was run on it; 0 is a new file.  What is
 * there is never edited once it is on main: another change of a table is another file, with the next number. */
#ifndef STORE_MIGRATION_H
#define STORE_MIGRATION_H

#include "base/err.h"

struct sqlite3;

int migration_newest(void);     /* the version that this program writes */

/* Runs what a file of the version lacks, within the caller's transaction, and notes the newest version in it.
 * Foreign keys are to be off, so that a table may be replaced; they are checked at the end.
 * Errors: those of the statements, with the migration's name, ERR_CORRUPT a row refers to one that is not there. */
bool migration_run(struct sqlite3 *db, const char *path, int version, struct err *err) MUST_CHECK;

#endif
