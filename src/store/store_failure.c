/* store_failure.c - see store_failure.h. */
#include "store/store_failure.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

static bool no_room(const char *path, struct err *err)
{
    return err_set(err, ERR_IO, "no space left for '%s': free some and run the command again; nothing of it was kept", path);
}

bool store_failure(struct sqlite3 *db, const char *path, const char *doing, struct err *err)
{
    if (!db) return err_set(err, ERR_IO, "'%s': out of memory", path);
    int system_errno = sqlite3_system_errno(db);
    switch (sqlite3_extended_errcode(db) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(err, ERR_BUSY, "'%s' is being written by another process: wait until it is done, then try again", path);
    case SQLITE_NOTADB:
        return err_set(err, ERR_CORRUPT, "'%s' is not a database: name another file with --db", path);
    case SQLITE_CORRUPT:
        return err_set(err, ERR_CORRUPT, "'%s' is damaged (%s): restore a copy, or import the files again into a new database",
                       path, sqlite3_errmsg(db));
    case SQLITE_FULL:
        return no_room(path, err);
    case SQLITE_IOERR:
        if (system_errno == ENOSPC || system_errno == EFBIG || system_errno == EDQUOT) return no_room(path, err);
        return err_set(err, ERR_IO, "'%s' cannot be read or written (%s): check the disk", path,
                       system_errno ? strerror(system_errno) : sqlite3_errmsg(db));
    case SQLITE_READONLY:
        return err_set(err, ERR_IO, "'%s' may not be written: check the permissions of the file and its folder", path);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return err_set(err, ERR_IO, "'%s' cannot be opened (%s): check that its folder exists and may be written", path,
                       system_errno ? strerror(system_errno) : sqlite3_errmsg(db));
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return err_set(err, ERR_INVALID, "%s: %s", doing, sqlite3_errmsg(db));
    default:
        return err_set(err, ERR_IO, "'%s': %s: %s", path, doing, sqlite3_errmsg(db));
    }
}
