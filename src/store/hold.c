/* hold.c - see hold.h. */
#include "store/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_ROOM = 4096 + 8, WHO_ROOM = 256 };

static bool name_of(const char *path, char ret_name[NAME_ROOM], struct err *err)
{
    return snprintf(ret_name, NAME_ROOM, "%s.lock", path) < NAME_ROOM ||
           err_set(err, ERR_INVALID, "the name of the database is too long: name another with --db");
}

static bool held(const char *path, int file, struct err *err)
{
    char who[WHO_ROOM];
    ssize_t n = pread(file, who, sizeof who - 1, 0);
    who[n > 0 ? n : 0] = '\0';
    who[strcspn(who, "\n")] = '\0';
    return err_set(err, ERR_BUSY,
                   "'%s' is held by %s, which alone writes to it: ask it over HTTP, or stop it first", path,
                   *who ? who : "another process");
}

/* Whoever held it before removes the file on leaving: what was opened must still be the file of that name. */
static bool is_current(const char *name, int file)
{
    struct stat opened, named;
    return fstat(file, &opened) == 0 && stat(name, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

static bool take(const char *path, const char *name, int *ret_file, struct err *err)
{
    for (;;) {
        int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
        if (file < 0) return err_set(err, ERR_IO, "'%s' cannot be made: %s", name, strerror(errno));
        if (flock(file, LOCK_EX | LOCK_NB) != 0) {
            held(path, file, err);
            (void)close(file);      /* nothing was written */
            return false;
        }
        if (is_current(name, file)) { *ret_file = file; return true; }
        (void)close(file);
    }
}

bool hold_take(const char *path, const char *who, int *file, struct err *err)
{
    char name[NAME_ROOM], text[WHO_ROOM];
    if (!name_of(path, name, err) || (*file == HOLD_NONE && !take(path, name, file, err))) return false;
    int length = snprintf(text, sizeof text, "%.150s (process %ld)\n", who, (long)getpid());
    /* Without the words the lock holds all the same. */
    if (ftruncate(*file, 0) == 0) (void)!pwrite(*file, text, (size_t)length, 0);
    return true;
}

void hold_release(const char *path, int file)
{
    char name[NAME_ROOM];
    struct err ignored;
    if (file == HOLD_NONE) return;
    if (name_of(path, name, &ignored)) (void)unlink(name);
    (void)close(file);
}

bool hold_check(const char *path, struct err *err)
{
    char name[NAME_ROOM];
    if (!name_of(path, name, err)) return false;
    int file = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return true;
    bool ok = flock(file, LOCK_SH | LOCK_NB) == 0 || held(path, file, err);
    (void)close(file);
    return ok;
}
