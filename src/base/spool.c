/* spool.c - see spool.h. */
#include "base/spool.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool open_unnamed(int *ret_file, struct err *err)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder) folder = "/tmp";
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) {
        char path[512];
        snprintf(path, sizeof path, "%s/holdfast-XXXXXX", folder);
        file = mkstemp(path);
        if (file >= 0) unlink(path);
    }
    if (file < 0)
        return err_set(err, ERR_IO, "cannot write in %s: %s; set TMPDIR to a folder with room", folder,
                       strerror(errno));
    *ret_file = file;
    return true;
}

bool spool_open(struct spool **ret_spool, struct err *err)
{
    *ret_spool = NULL;
    struct spool *spool = memory_grow(NULL, 1, sizeof *spool);
    spool->n_bytes = spool->n_waiting = 0;
    if (!open_unnamed(&spool->file, err)) {
        free(spool);
        return false;
    }
    *ret_spool = spool;
    return true;
}

void spool_close(struct spool *spool)
{
    if (!spool) return;
    if (spool->file >= 0) close(spool->file);
    free(spool);
}

static bool write_all(int file, const unsigned char *bytes, size_t length, struct err *err)
{
    while (length > 0) {
        ssize_t n = write(file, bytes, length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            return err_set(err, ERR_IO,
                           "cannot keep its text in the temporary folder: %s; make room or set TMPDIR",
                           strerror(errno));
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

bool spool_flush(struct spool *spool, struct err *err)
{
    size_t n = spool->n_waiting;
    spool->n_waiting = 0;
    return write_all(spool->file, spool->waiting, n, err);
}

bool spool_write(struct spool *spool, const void *bytes, size_t length, struct err *err)
{
    spool->n_bytes += length;
    if (length > SPOOL_BYTES - spool->n_waiting && !spool_flush(spool, err)) return false;
    if (length >= SPOOL_BYTES) return write_all(spool->file, bytes, length, err);
    if (length > 0) memcpy(spool->waiting + spool->n_waiting, bytes, length);
    spool->n_waiting += length;
    return true;
}
