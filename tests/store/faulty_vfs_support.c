/* faulty_vfs_support.c - see faulty_vfs.h. */
#include "store/faulty_vfs.h"
#include "base/err.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic unsigned n_calls, fail_at;
static _Atomic enum fault fault_kind;
static atomic_bool keeps_synced;
static pthread_mutex_t synced = PTHREAD_MUTEX_INITIALIZER;     /* the copies of what was synced */
static sqlite3_vfs *system_vfs, faulty_vfs;

struct faulty_file { sqlite3_file base; sqlite3_file *real; const char *name; };

void faulty_vfs_fail_at(unsigned nth, enum fault fault)
{
    n_calls = 0;
    fail_at = nth;
    fault_kind = fault;
}

unsigned faulty_vfs_calls(void) { return n_calls; }

static bool fails(bool is_sync)
{
    return is_sync == (fault_kind == FAULT_SYNC) && ++n_calls >= fail_at && fail_at > 0;
}

#define REAL(file) (((struct faulty_file *)(file))->real)

static int f_close(sqlite3_file *f) { return REAL(f)->pMethods->xClose(REAL(f)); }
static int f_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return REAL(f)->pMethods->xRead(REAL(f), to, n, at);
}
static int f_size(sqlite3_file *f, sqlite3_int64 *ret) { return REAL(f)->pMethods->xFileSize(REAL(f), ret); }
static int f_lock(sqlite3_file *f, int level) { return REAL(f)->pMethods->xLock(REAL(f), level); }
static int f_unlock(sqlite3_file *f, int level) { return REAL(f)->pMethods->xUnlock(REAL(f), level); }
static int f_reserved(sqlite3_file *f, int *ret) { return REAL(f)->pMethods->xCheckReservedLock(REAL(f), ret); }
static int f_control(sqlite3_file *f, int op, void *arg)
{
    return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}
static int f_sector(sqlite3_file *f) { return REAL(f)->pMethods->xSectorSize(REAL(f)); }
static int f_device(sqlite3_file *f) { return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f)); }
static int f_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return REAL(f)->pMethods->xShmLock(REAL(f), at, n, flags);
}
static void f_shm_barrier(sqlite3_file *f) { REAL(f)->pMethods->xShmBarrier(REAL(f)); }
static int f_shm_unmap(sqlite3_file *f, int gone) { return REAL(f)->pMethods->xShmUnmap(REAL(f), gone); }

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, ret);
}

static int f_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    if (fails(false)) return fault_kind == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return REAL(f)->pMethods->xWrite(REAL(f), from, n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return fails(false) ? SQLITE_IOERR_TRUNCATE : REAL(f)->pMethods->xTruncate(REAL(f), size);
}

static void copy(const char *from, const char *to)
{
    char bytes[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!out) abort();
    for (size_t n; in && (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        if (fwrite(bytes, 1, n, out) != n) abort();
    if (in) (void)fclose(in);
    if (fclose(out) != 0) abort();
}

static void copy_synced(const char *path, const char *ending, const char *to)
{
    char from[512], copied[512];
    snprintf(from, sizeof from, "%s%s.synced", path, ending);
    snprintf(copied, sizeof copied, "%s%s", to, ending);
    copy(from, copied);
}

void faulty_vfs_keep_synced(void) { keeps_synced = true; }

void faulty_vfs_cut_power(const char *path, const char *to)
{
    char shared_memory[512];
    snprintf(shared_memory, sizeof shared_memory, "%s-shm", to);
    (void)remove(shared_memory);
    pthread_mutex_lock(&synced);
    copy_synced(path, "", to);
    copy_synced(path, "-wal", to);
    pthread_mutex_unlock(&synced);
}

static int f_sync(sqlite3_file *f, int flags)
{
    const char *name = ((struct faulty_file *)f)->name;
    char to[512];
    (void)flags;
    if (fails(true)) return SQLITE_IOERR_FSYNC;
    if (!keeps_synced || !name) return SQLITE_OK;
    snprintf(to, sizeof to, "%s.synced", name);
    pthread_mutex_lock(&synced);
    copy(name, to);
    pthread_mutex_unlock(&synced);
    return SQLITE_OK;
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2,
    .xClose = f_close,
    .xRead = f_read,
    .xWrite = f_write,
    .xTruncate = f_truncate,
    .xSync = f_sync,
    .xFileSize = f_size,
    .xLock = f_lock,
    .xUnlock = f_unlock,
    .xCheckReservedLock = f_reserved,
    .xFileControl = f_control,
    .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_device,
    .xShmMap = f_shm_map,
    .xShmLock = f_shm_lock,
    .xShmBarrier = f_shm_barrier,
    .xShmUnmap = f_shm_unmap,
};

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    (void)vfs;
    struct faulty_file *faulty = (struct faulty_file *)file;
    faulty->name = name;        /* lives as long as the file is open */
    faulty->real = (sqlite3_file *)(faulty + 1);
    int rc = system_vfs->xOpen(system_vfs, name, faulty->real, flags, ret_flags);
    faulty->base.pMethods = faulty->real->pMethods ? &faulty_methods : NULL;
    return rc;
}

void faulty_vfs_install(void)
{
    system_vfs = sqlite3_vfs_find(NULL);
    faulty_vfs = *system_vfs;
    faulty_vfs.zName = "faulty";
    faulty_vfs.szOsFile = (int)sizeof(struct faulty_file) + system_vfs->szOsFile;
    faulty_vfs.xOpen = faulty_open;
    sqlite3_vfs_register(&faulty_vfs, 1);
}
