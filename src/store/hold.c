/* hold.c - see hold.h. */
#include "store/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* SQLite locks bytes from 0x40000000 on, some hundreds. */
enum { NAME_ROOM = 4096 + 8, WHO_ROOM = 256, LOCKED_BYTE = 0x40000000 + 0x10000 };

static bool name_of(const char *path, char ret_name[NAME_ROOM], struct err *err)
{
    return snprintf(ret_name, NAME_ROOM, "%s.lock", path) < NAME_ROOM ||
           err_set(err, ERR_INVALID, "the name of the database is too long: name another with --db");
}

static struct flock whole_lock(short type)
{
    return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = LOCKED_BYTE, .l_len = 1 };
}

static bool held(const char *path, struct err *err)
{
    char name[NAME_ROOM], who[WHO_ROOM] = "";
    if (!name_of(path, name, err)) return false;
    int file = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = file < 0 ? 0 : pread(file, who, sizeof who - 1, 0);
    if (file >= 0) (void)close(file);       /* it was only read */
    who[n > 0 ? n : 0] = '\0';
    who[strcspn(who, "\n")] = '\0';
    return err_set(err, ERR_BUSY,
                   "'%s' is held by %s, which alone writes to it: ask it over HTTP, or stop it first", path,
                   *who ? who : "another process");
}

static bool take(const char *path, int *ret_file, struct err *err)
{
    struct flock lock = whole_lock(F_WRLCK);
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return err_set(err, ERR_IO, "'%s' cannot be opened: %s", path, strerror(errno));
    if (fcntl(file, F_OFD_SETLK, &lock) == 0) { *ret_file = file; return true; }
    bool is_held = errno == EAGAIN || errno == EACCES;
    if (is_held) held(path, err);
    else err_set(err, ERR_IO, "'%s' cannot be locked: %s", path, strerror(errno));
    (void)close(file);      /* nothing was written */
    return false;
}

bool hold_take(const char *path, const char *who, int *file, struct err *err)
{
    char name[NAME_ROOM], text[WHO_ROOM];
    if (!name_of(path, name, err) || (*file == HOLD_NONE && !take(path, file, err))) return false;
    int length = snprintf(text, sizeof text, "%.150s (process %ld)\n", who, (long)getpid());
    /* Without the words the lock holds all the same. */
    (void)unlink(name);
    int words = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (words < 0) return true;
    (void)!write(words, text, (size_t)length);
    (void)close(words);
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
    struct flock lock = whole_lock(F_WRLCK);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return true;
    bool is_free = fcntl(file, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK;
    (void)close(file);
    return is_free || held(path, err);
}
