/* store_failure.c - see store_failure.h. */
#include "store/store_failure.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { WAL_WRITE_LOCK = 120 };

static bool no_room(const char *path, struct err *err)
{
    return err_set(err, ERR_IO,
                   "no space left for '%s': free some and run the command again; nothing of it was kept", path);
}

/* The process that holds the lock of writers (byte 120 of the -shm file, SQLite's WAL format), as the
 * system lists it; 0 if that cannot be told.  The file must not be opened here: closing it would drop
 * this process's own locks. */
static long holder_of(const char *path)
{
    char name[4096 + 8], line[256];
    struct stat status;
    long found = 0;
    if ((size_t)snprintf(name, sizeof name, "%s-shm", path) >= sizeof name || stat(name, &status) != 0) return 0;
    FILE *locks = fopen("/proc/locks", "re");
    while (locks && !found && fgets(line, sizeof line, locks)) {
        long pid;
        unsigned long inode, first, last;
        if (sscanf(line, "%*d: POSIX ADVISORY WRITE %ld %*x:%*x:%lu %lu %lu", &pid, &inode, &first, &last) == 4 &&
            inode == status.st_ino && first <= WAL_WRITE_LOCK && last >= WAL_WRITE_LOCK && pid > 0) found = pid;
    }
    if (locks) fclose(locks);
    return found;
}

static bool busy(const char *path, struct err *err)
{
    char name[64], program[64] = "";
    long pid = holder_of(path);
    if (pid == 0)
        return err_set(err, ERR_BUSY,
                       "'%s' is being written by another process: wait until it is done, then try again", path);
    snprintf(name, sizeof name, "/proc/%ld/comm", pid);
    FILE *file = fopen(name, "re");
    if (file && fgets(program, sizeof program, file)) program[strcspn(program, "\n")] = 0;
    if (file) fclose(file);
    return err_set(err, ERR_BUSY,
                   "'%s' is being written by process %ld%s%s%s: wait until it is done, then try again", path,
                   pid, *program ? " (" : "", program, *program ? ")" : "");
}

bool store_failure(struct sqlite3 *db, const char *path, const char *doing, struct err *err)
{
    if (!db) return err_set(err, ERR_IO, "'%s': out of memory", path);
    int system_errno = sqlite3_system_errno(db);
    switch (sqlite3_extended_errcode(db) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return busy(path, err);
    case SQLITE_NOTADB:
        return err_set(err, ERR_CORRUPT, "'%s' is not a database: name another file with --db", path);
    case SQLITE_CORRUPT:
        return err_set(err, ERR_CORRUPT,
                       "'%s' is damaged (%s): restore a copy, or import the files again into a new database",
                       path, sqlite3_errmsg(db));
    case SQLITE_FULL:
        return no_room(path, err);
    case SQLITE_IOERR:
        if (system_errno == ENOSPC || system_errno == EFBIG || system_errno == EDQUOT) return no_room(path, err);
        switch (sqlite3_extended_errcode(db)) {
        case SQLITE_IOERR_WRITE:
        case SQLITE_IOERR_SHMSIZE:      /* SQLite has forgotten the system's own reason */
            return err_set(err, ERR_IO,
                           "'%s' cannot be written any further: check for space left on its disk, for a limit "
                           "on the size of files (ulimit -f), and the disk itself; nothing of it was kept",
                           path);
        default:
            return err_set(err, ERR_IO, "'%s' cannot be read or written (%s): check the disk", path,
                           system_errno ? strerror(system_errno) : sqlite3_errmsg(db));
        }
    case SQLITE_READONLY:
        return err_set(err, ERR_IO, "'%s' may not be written: check the permissions of the file and its folder",
                       path);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return err_set(err, ERR_IO,
                       "'%s' cannot be opened (%s): check that its folder exists and may be written", path,
                       system_errno ? strerror(system_errno) : sqlite3_errmsg(db));
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return err_set(err, ERR_INVALID, "%s: %s", doing, sqlite3_errmsg(db));
    default:
        return err_set(err, ERR_IO, "'%s': %s: %s", path, doing, sqlite3_errmsg(db));
    }
}
