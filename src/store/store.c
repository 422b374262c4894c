/* store.c - SQLite behind store.h: opening and transactions; statements are in store_statements.c. */
#include "store/store_internal.h"
#include "base/memory.h"
#include "base/assets.h"
#include "base/crash_point.h"
#include "store/hold.h"
#include "store/migration.h"
#include "store/sql.h"
#include "store/store_failure.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 300 };
#define APPLICATION_ID 0x48465354       /* "HFST" */
#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

const char *store_path(const struct store *store) { return store->path; }

/* ---- by one thread at a time ---- */

/* SQLite does not find out by itself, and what is committed may be lost without a word: two threads in one
 * connection can write pages of the -wal file to one place.  Of a transaction all is one use. */
void store_use(struct store *store)
{
    static _Thread_local const char here;
    const char *user = NULL;
    if (!atomic_compare_exchange_strong(&store->user, &user, &here)) assert(user == &here);
    store->n_uses++;
}

void store_use_no_more(struct store *store)
{
    if (--store->n_uses == 0 && !store_in_transaction(store)) store->user = NULL;
}

bool store_failed(const struct store *store, const char *doing, struct err *err)
{
    return store_failure(store->db, store->path, doing, err);
}

static bool run_script(struct store *store, const char *script, struct err *err)
{
    char path[64];
    snprintf(path, sizeof path, "src/store/%s.sql", script);
    const struct asset *asset = asset_find(path);
    assert(asset);
    return sqlite3_exec(store->db, asset->bytes, NULL, NULL, NULL) == SQLITE_OK || store_failed(store, script, err);
}

static bool run_text(struct store *store, const char *sql, struct err *err)
{
    store_use(store);
    bool ok = sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_failed(store, sql, err);
    store_use_no_more(store);
    return ok;
}

/* What a file says of itself: whether it holds anything, and its version. */
struct claim { int64_t application_id, version, n_tables; };

static bool read_claim(struct store *store, struct claim *ret_claim, struct err *err)
{
    return sql_owner(store, &ret_claim->application_id, &ret_claim->version, &ret_claim->n_tables, err);
}

static bool is_new(const struct claim *claim)
{
    return claim->application_id == 0 && claim->version == 0 && claim->n_tables == 0;
}

/* Refuses what is not ours before anything is written to it. */
static bool check_claim(const struct store *store, const struct claim *claim, struct err *err)
{
    if (is_new(claim)) return true;
    if (claim->application_id != APPLICATION_ID)
        return err_set(err, ERR_INVALID,
                       "'%s' is another program's SQLite database: name another file with --db", store->path);
    if (claim->version > migration_newest())
        return err_set(err, ERR_INVALID,
                       "'%s' was written by a newer Holdfast (version %lld of the file, this program knows "
                       "%d): use the newer program",
                       store->path, (long long)claim->version, migration_newest());
    return true;
}

/* The claim is read again inside the transaction: another process may have been quicker. */
static bool migrate(struct store *store, struct err *err)
{
    struct claim claim;
    return read_claim(store, &claim, err) && check_claim(store, &claim, err) &&
           (!is_new(&claim) || run_text(store, "PRAGMA application_id = " TEXT_OF(APPLICATION_ID), err)) &&
           migration_run(store->db, store->path, (int)claim.version, err);
}

static bool prepare_tables(struct store *store, struct err *err)
{
    if (!run_script(store, store->is_memory ? "open_memory" : "open", err)) return false;
    if (!store_begin(store, err)) return false;
    crash_point();
    bool ok = migrate(store, err) && store_commit(store, err);
    if (!ok) store_rollback(store);
    return ok && run_text(store, "PRAGMA foreign_keys = ON", err);
}

/* Whoever only reads brings an older file up to date too, if nobody holds it and it may be written. */
static bool prepare_reading(struct store *store, const struct claim *claim, struct err *err)
{
    if (!store->is_memory && claim->version < migration_newest() &&
        (store->holder.code != ERR_NONE ? (*err = store->holder, true) : !prepare_tables(store, err)))
        return err_context(err, "an older Holdfast wrote this database, and it is to be brought up to date first");
    return run_text(store, "PRAGMA query_only = ON", err);
}

/* Copies of pages, by which a job can be undone, stay in memory, taken as they come: with a limit SQLite takes all of it at once
 * for every statement that can fail half-way, and from there on each job writes a file, at whose end it may write nothing
 * and take that for a full disk. */
static void set_up_sqlite(void) { (void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1); }
static bool connect(struct store *store, int flags, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, set_up_sqlite);
    int rc = sqlite3_open_v2(store->address, &store->db,
                             flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK) return store_failed(store, "opening", err);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return true;
}

/* A path as a URI, so that no character of it means anything to SQLite. */
static char *address_of(const char *path, const void *unique)
{
    size_t room = 3 * strlen(path) + 64, n = 0;
    char *address = malloc(room);
    if (!address) return NULL;
    if (strcmp(path, ":memory:") == 0) {
        snprintf(address, room, "file:/%p?vfs=memdb", unique);
        return address;
    }
    n = (size_t)snprintf(address, room, "file:");
    for (; *path; path++)
        n += (size_t)snprintf(address + n, room - n, strchr("%?#", *path) ? "%%%02X" : "%c", (unsigned char)*path);
    return address;
}

static struct store *store_new(const char *path, const char *address)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) return NULL;
    store->hold = HOLD_NONE;
    store->path = strdup(path);
    store->is_memory = strcmp(path, ":memory:") == 0;
    store->address = address ? strdup(address) : address_of(path, store);
    if (store->path && store->address) return store;
    store_close(store);
    return NULL;
}

/* Whether the folder of a file to be made is there and may be written. */
static bool check_folder(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char folder[4096];
    if (snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + (slash == path) : 1,
                 slash ? path : ".") >= (int)sizeof folder)
        return err_set(err, ERR_INVALID, "the name of the database is too long: name another with --db");
    struct stat status;
    if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode))
        return err_set(err, ERR_MISSING,
                       "the folder '%s' does not exist: make it first, or name another with --db", folder);
    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)
        return err_set(err, ERR_IO,
                       "'%s' cannot be made: the folder '%s' may not be written: check its permissions, or name "
                       "another with --db", path, folder);
    return true;
}

/* What can be said about the path before SQLite sees it. */
static bool check_path(const char *path, enum store_mode mode, bool *ret_exists, struct err *err)
{
    struct stat status;
    *ret_exists = stat(path, &status) == 0;
    if (!*path) return err_set(err, ERR_INVALID, "the name of the database is empty: name a file with --db");
    if (*ret_exists && S_ISDIR(status.st_mode))
        return err_set(err, ERR_INVALID, "'%s' is a folder: name a file in it, such as %s/shop.holdfast", path,
                       path);
    if (*ret_exists && !S_ISREG(status.st_mode))
        return err_set(err, ERR_INVALID, "'%s' is not a file: name another with --db", path);
    if (!*ret_exists && mode != STORE_CREATE)
        return err_set(err, ERR_MISSING,
                       "there is no database '%s': import a file first, or name another with --db", path);
    return *ret_exists || check_folder(path, err);
}

/* Leaves nothing behind of a database that could not be made. */
static void remove_files(const char *path)
{
    static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[4096 + 16];
        if ((size_t)snprintf(name, sizeof name, "%s%s", path, endings[i]) < sizeof name) (void)unlink(name);
    }
}

/* A new database is its owner's alone: SQLite makes the files beside it as readable as the file itself. */
static bool make_private(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file >= 0) close(file);         /* else SQLite says what is wrong */
    return file >= 0;
}

static bool open_for(struct store *store, enum store_mode mode, bool *ret_was_empty, struct err *err)
{
    int flags = SQLITE_OPEN_READWRITE | (mode == STORE_CREATE || store->is_memory ? SQLITE_OPEN_CREATE : 0);
    struct claim claim;
    if (!connect(store, flags, err) || !read_claim(store, &claim, err) || !check_claim(store, &claim, err))
        return false;
    *ret_was_empty = is_new(&claim);
    if (*ret_was_empty && mode != STORE_CREATE && !store->is_memory)
        return err_set(err, ERR_MISSING, "the database '%s' is empty: import a file first", store->path);
    return mode == STORE_READ ? prepare_reading(store, &claim, err) : prepare_tables(store, err);
}

/* A reader, too, writes to files beside the database.  Where the folder does not let it, and nothing waits
 * in such a file, the database alone is all there is and can be read as a file that never changes. */
static struct store *open_unchanging(const char *path)
{
    char beside[4096 + 8];
    struct err ignored;     /* the error of the usual way is the one to tell */
    bool was_empty;
    if ((size_t)snprintf(beside, sizeof beside, "%s-wal", path) >= sizeof beside || access(beside, F_OK) == 0)
        return NULL;
    struct store *store = store_new(path, NULL);
    char *address = store ? malloc(strlen(store->address) + 16) : NULL;
    if (address) {
        snprintf(address, strlen(store->address) + 16, "%s?immutable=1", store->address);
        free(store->address);
        store->address = address;
        if (open_for(store, STORE_READ, &was_empty, &ignored)) return store;
    }
    store_close(store);
    return NULL;
}

bool store_open(const char *path, enum store_mode mode, struct store **ret_store, struct err *err)
{
    bool exists = false, was_empty = false, is_memory = strcmp(path, ":memory:") == 0;
    if (!is_memory && !check_path(path, mode, &exists, err)) return false;
    /* Before SQLite opens it: closing the file once more would let go of SQLite's own locks. */
    struct err holder = { 0 };
    if (!is_memory && !hold_check(path, &holder) && mode != STORE_READ) return *err = holder, false;
    struct store *store = store_new(path, NULL);
    if (!store) return err_set(err, ERR_IO, "'%s': out of memory", path);
    store->holder = holder;
    bool is_made = !is_memory && !exists && make_private(path);
    if (open_for(store, mode, &was_empty, err)) { *ret_store = store; return true; }

    store_close(store);
    if (is_made || (!is_memory && !exists && was_empty)) remove_files(path);
    if (mode == STORE_READ && err->code == ERR_IO && (store = open_unchanging(path))) {
        *ret_store = store;
        return true;
    }
    return false;
}

bool store_open_beside(const struct store *store, struct store **ret_store, struct err *err)
{
    struct store *beside = store_new(store->path, store->address);
    if (!beside) return err_set(err, ERR_IO, "'%s': out of memory", store->path);
    if (!connect(beside, SQLITE_OPEN_READWRITE, err) || !run_text(beside, "PRAGMA query_only = ON", err)) {
        store_close(beside);
        return false;
    }
    *ret_store = beside;
    return true;
}

void store_close(struct store *store)
{
    if (!store) return;
    for (struct cursor *cursor = store->cursors, *next; cursor; cursor = next) {
        next = cursor->next;
        sqlite3_finalize(cursor->prepared);
        free(cursor);
    }
    sqlite3_close(store->db);
    if (store->path) hold_release(store->path, store->hold);
    free(store->address);
    free(store->path);
    free(store);
}

bool store_hold(struct store *store, const char *who, struct err *err)
{
    return store->is_memory || hold_take(store->path, who, &store->hold, err);
}

bool store_is_held(const char *path)
{
    struct err ignored;
    return !hold_check(path, &ignored);
}

bool store_in_transaction(const struct store *store) { return !sqlite3_get_autocommit(store->db); }

bool store_begin(struct store *store, struct err *err)
{
    assert(!store_in_transaction(store));
    return (store->is_bulk && store_begin_bulk(store)) || run_text(store, "BEGIN IMMEDIATE", err);
}

bool store_begin_reading(struct store *store, struct err *err)
{
    assert(!store_in_transaction(store));
    return run_text(store, "BEGIN", err);
}

bool store_commit(struct store *store, struct err *err)
{
    crash_point();
    bool ok = run_text(store, "COMMIT", err);
    crash_point();
    return ok;
}

void store_rollback(struct store *store)
{
    struct err ignored;
    if (store_in_transaction(store)) (void)!run_text(store, "ROLLBACK", &ignored);     /* gone either way */
}

/* ---- durability apart from the commit ---- */

static int count_wal_pages(void *context, sqlite3 *db, const char *database, int n_pages)
{
    (void)db, (void)database;
    ((struct store *)context)->n_wal_pages = (size_t)n_pages;
    return SQLITE_OK;
}

/* In WAL mode synchronous = NORMAL leaves out the sync of each commit and nothing else: SQLite syncs the -wal file
 * before it moves pages out of it, and the database before it lets them be overwritten. */
bool store_defer_sync(struct store *store, struct err *err)
{
    if (store->is_memory) return true;
    (void)sqlite3_wal_hook(store->db, count_wal_pages, store);      /* in place of SQLite's own checkpoints */
    /* What is changed here and there, such as a million timers, is held in memory rather than read again. */
    return run_text(store, "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768", err) &&
           (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &store->wal) == SQLITE_OK ||
            store_failed(store, "deferring syncs", err));
}

bool store_sync(struct store *store, struct err *err)
{
    if (!store->wal || !store->wal->pMethods) return true;
    if (store->wal->pMethods->xSync(store->wal, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) == SQLITE_OK)
        return true;
    return err_set(
        err, ERR_IO,
        "the disk did not take what was written to '%s': check it, then start the server again; what was "
        "not acknowledged is to be sent again",
        store->path);
}

size_t store_wal_pages(const struct store *store) { return store->n_wal_pages; }

/* SQLite syncs the database only when the last page of the -wal file is in it, and then all of it; so what was
 * moved before is synced here.  A connection that has read nothing yet does not know of the -wal file. */
bool store_checkpoint(struct store *store, struct err *err)
{
    sqlite3_file *file = NULL;
    if (!run_text(store, "PRAGMA data_version", err)) return false;
    int result = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (result != SQLITE_OK && (result & 0xff) != SQLITE_BUSY) return store_failed(store, "moving pages", err);
    if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file->pMethods)
        return true;
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) == SQLITE_OK ||
           err_set(err, ERR_IO, "the disk did not take pages of '%s'", store->path);
}

/* Marks have one name: SQLite takes the innermost of it. */
bool store_mark(struct store *store, struct err *err)
{
    assert(store_in_transaction(store));
    return run_text(store, "SAVEPOINT mark", err);
}

bool store_release(struct store *store, struct err *err)
{
    return run_text(store, "RELEASE mark", err);
}

void store_rollback_to(struct store *store)
{
    struct err ignored;
    if (store_in_transaction(store))
        (void)!run_text(store, "ROLLBACK TO mark; RELEASE mark", &ignored);     /* gone either way */
}

uint64_t store_changes(const struct store *store) { return (uint64_t)sqlite3_total_changes64(store->db); }
