/* store_internal.h - what store.c and store_statements.c share of a database file. */
#ifndef STORE_STORE_INTERNAL_H
#define STORE_STORE_INTERNAL_H

#include "store/store.h"

#include <sqlite3.h>
#include <stdatomic.h>

struct store {
    sqlite3       *db;
    char          *path;        /* as the caller wrote it */
    char          *address;     /* what SQLite opens: the path, or the name of a memory database */
    bool           is_memory;
    bool           is_bulk;     /* see bulk.h */
    int            hold;        /* HOLD_NONE unless this store alone may write */
    struct err     holder;      /* ERR_BUSY, and who held it when it was opened */
    sqlite3_file  *wal;         /* NULL: commits wait for the disk themselves */
    size_t         n_wal_pages;
    struct cursor *cursors;     /* every statement prepared so far */
    _Atomic(const char *) user; /* stands for the thread that uses it now; NULL: none */
    unsigned       n_uses;      /* of that thread: open cursors and calls */
};

struct cursor {
    struct store  *store;
    sqlite3_stmt  *prepared;
    bool           is_used;     /* until cursor_close */
    struct cursor *next;
    const struct statement *statement;
};

/* Whoever uses the connection is the only one who does, until store_use_no_more, or the program ends. */
void store_use(struct store *store);
void store_use_no_more(struct store *store);

/* Begins a transaction of much alone; false: it is a usual one again, and not begun. */
bool store_begin_bulk(struct store *store);

/* What SQLite says went wrong while doing something; false. */
bool store_failed(const struct store *store, const char *doing, struct err *err) MUST_CHECK;

#endif
