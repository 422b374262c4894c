/* store.h - the one database file: opening, transactions, and rows.
 *
 * Statements are files of sql/, which sql.h makes functions of; C holds no SQL.  Calls on one store never
 * overlap.  SQLite in WAL mode; a commit is durable when it returns. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

struct store;
struct cursor;

enum store_mode {
    STORE_READ,         /* the file must exist; ERR_MISSING if not */
    STORE_WRITE,        /* the file must exist */
    STORE_CREATE        /* made if absent */
};

struct value {
    enum { VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_BLOB } kind;
    union { int64_t i; double r; struct { const char *bytes; size_t length; }; };   /* borrowed */
};

struct value value_int(int64_t i);
struct value value_real(double r);
struct value value_null(void);
struct value value_text(const char *terminated);        /* NULL gives VALUE_NULL */
struct value value_bytes(const void *bytes, size_t length);

/* Opens or makes the file and brings its tables up to this program's version.
 * path ":memory:" is a store that nobody else sees.
 * Errors: ERR_MISSING absent, or its folder is; ERR_CORRUPT not a database, or damaged; ERR_INVALID another
 * program's database, a newer version's, or a folder; ERR_BUSY another process writes, or a server holds it and
 * mode is not STORE_READ; ERR_IO read-only folder or no space.  Each names path and says what to do. */
bool store_open(const char *path, enum store_mode mode, struct store **ret_store, struct err *err) MUST_CHECK;
void store_close(struct store *store);      /* NULL is fine; rolls back what is not committed */

/* A second connection to the same database, for reading only, that another thread may use: it sees
 * what is committed.  Closed with store_close, before the store it came from.  A store in memory can be
 * read beside only while it is in no transaction (ERR_BUSY). */
bool store_open_beside(const struct store *store, struct store **ret_store, struct err *err) MUST_CHECK;

/* From now until it is closed this store alone may write: whoever else opens the database for writing is told that
 * `who` ("the server at http://127.0.0.1:8080") holds it.  Again: with other words.
 * Errors: ERR_BUSY somebody holds it already. */
bool store_hold(struct store *store, const char *who, struct err *err) MUST_CHECK;

/* Whether somebody holds the database at a path, for a process that has not opened it.  No such file: nobody. */
bool store_is_held(const char *path);

const char *store_path(const struct store *store);

/* Everything between begin and commit becomes visible at once or, after rollback or a crash, not
 * at all.  Errors of begin: ERR_BUSY. */
bool store_begin(struct store *store, struct err *err) MUST_CHECK;
bool store_commit(struct store *store, struct err *err) MUST_CHECK;
void store_rollback(struct store *store);   /* nothing to roll back is fine */

/* From now on a commit outlives this process when it returns, but the machine only once a store_sync that began
 * after it has returned; and no commit tidies up the -wal file, which store_checkpoint is for.  A store in memory
 * takes all three and does nothing. */
bool store_defer_sync(struct store *store, struct err *err) MUST_CHECK;
/* From any thread, beside any other call on the store but close.  Errors: ERR_IO; what was committed since the last
 * sync may then never reach the disk, and no later sync tells. */
bool store_sync(struct store *store, struct err *err) MUST_CHECK;
/* Pages that the last commit left in the -wal file.  For the thread that commits. */
size_t store_wal_pages(const struct store *store);
/* Moves what is committed from the -wal file into the database, as far as no reader needs it where it is, and waits
 * until it is on the disk, while others read and write; the file is used anew from its beginning once nothing is left in it.  Outside a
 * transaction, through this connection or one opened beside.  That somebody else is at it is fine. */
bool store_checkpoint(struct store *store, struct err *err) MUST_CHECK;
bool store_in_transaction(const struct store *store);

/* A transaction within the transaction: rollback_to undoes what was written since the mark, release keeps it; both
 * end the mark.  Marks nest.  A failure that undid the whole transaction (a full disk) undid its marks as well:
 * store_in_transaction tells. */
bool store_mark(struct store *store, struct err *err) MUST_CHECK;
bool store_release(struct store *store, struct err *err) MUST_CHECK;
void store_rollback_to(struct store *store);

uint64_t store_changes(const struct store *store);      /* rows written through it since it was opened, kept or not */

/* As store_begin, but for reading: queries until commit or rollback see one state of the database. */
bool store_begin_reading(struct store *store, struct err *err) MUST_CHECK;

/* Statements are called as functions (store/sql.h); a cursor reads the rows of one.  They are kept prepared and used again.
 * Text and bytes of a column are valid until the next step. */
enum step { STEP_ROW, STEP_END, STEP_FAIL };
enum step     cursor_step(struct cursor *cursor, struct err *err) MUST_CHECK;
struct value  cursor_column(const struct cursor *cursor, size_t index);
int64_t       cursor_int(const struct cursor *cursor, size_t index);     /* 0 for NULL */
struct text   cursor_bytes(const struct cursor *cursor, size_t index);   /* of a text or bytes; a text ends with a NUL */
double        cursor_real(const struct cursor *cursor, size_t index);
void          cursor_close(struct cursor *cursor);      /* NULL is fine */

#endif
