/* store_statements.c - prepared statements, kept by name, and what they give; see store.h. */
#include "store/store_internal.h"

#include "base/memory.h"
#include "store/statement.h"

#include <stdlib.h>
#include <string.h>

struct value value_int(int64_t i)   { return (struct value){ .kind = VALUE_INT, .i = i }; }
struct value value_real(double r)   { return (struct value){ .kind = VALUE_REAL, .r = r }; }

struct value value_null(void)       { return (struct value){ .kind = VALUE_NULL }; }

struct value value_text(const char *terminated)
{
    if (!terminated) return (struct value){ .kind = VALUE_NULL };
    return (struct value){ .kind = VALUE_TEXT, .bytes = terminated, .length = strlen(terminated) };
}

struct value value_bytes(const void *bytes, size_t length)
{
    return (struct value){ .kind = VALUE_BLOB, .bytes = bytes, .length = length };
}

/* lifetime: SQLITE_STATIC if the bytes outlive the statement's run, else SQLITE_TRANSIENT, which copies. */
static bool bind(sqlite3_stmt *statement, int position, const struct value *value,
                 sqlite3_destructor_type lifetime)
{
    switch (value->kind) {
    case VALUE_INT:  return sqlite3_bind_int64(statement, position, value->i) == SQLITE_OK;
    case VALUE_REAL: return sqlite3_bind_double(statement, position, value->r) == SQLITE_OK;
    case VALUE_TEXT:
        return sqlite3_bind_text64(statement, position, value->bytes, value->length, lifetime, SQLITE_UTF8) ==
               SQLITE_OK;
    case VALUE_BLOB:
        if (value->length == 0) return sqlite3_bind_zeroblob(statement, position, 0) == SQLITE_OK;
        return sqlite3_bind_blob64(statement, position, value->bytes, value->length, lifetime) == SQLITE_OK;
    case VALUE_NULL: break;
    }
    return sqlite3_bind_null(statement, position) == SQLITE_OK;
}

/* NULL: err says why. */
static struct cursor *cursor_find(struct store *store, const struct statement *statement, struct err *err)
{
    for (struct cursor *cursor = store->cursors; cursor; cursor = cursor->next)
        if (!cursor->is_used && cursor->statement == statement) return cursor;

    struct cursor *cursor = memory_new(1, sizeof *cursor);
    if (sqlite3_prepare_v3(store->db, statement->sql, -1, SQLITE_PREPARE_PERSISTENT, &cursor->prepared, NULL) !=
        SQLITE_OK) {
        free(cursor);
        (void)!store_failed(store, statement->name, err);
        return NULL;
    }
    cursor->statement = statement;
    cursor->store = store;
    cursor->next = store->cursors;
    store->cursors = cursor;
    return cursor;
}

/* NULL: err says why. */
static struct cursor *cursor_open(struct store *store, const struct statement *statement, const struct value *args,
                                  sqlite3_destructor_type lifetime, struct err *err)
{
    store_use(store);
    struct cursor *cursor = cursor_find(store, statement, err);
    if (!cursor) {
        store_use_no_more(store);
        return NULL;
    }
    cursor->is_used = true;
    for (size_t i = 0; i < statement->n_parameters; i++)
        if (!bind(cursor->prepared, (int)i + 1, &args[i], lifetime)) {
            (void)!store_failed(store, statement->name, err);
            cursor_close(cursor);
            return NULL;
        }
    return cursor;
}

bool statement_query(struct store *store, const struct statement *statement, const struct value *args,
                     struct cursor **ret_cursor, struct err *err)
{
    struct cursor *cursor = cursor_open(store, statement, args, SQLITE_TRANSIENT, err);
    if (!cursor) return false;
    *ret_cursor = cursor;
    return true;
}

bool statement_run(struct store *store, const struct statement *statement, const struct value *args,
                   struct err *err)
{
    struct cursor *cursor = cursor_open(store, statement, args, SQLITE_STATIC, err);
    if (!cursor) return false;
    enum step step;
    do step = cursor_step(cursor, err); while (step == STEP_ROW);
    cursor_close(cursor);
    return step == STEP_END;
}

bool statement_one(struct store *store, const struct statement *statement, const struct value *args,
                   struct value *ret_row, struct err *err)
{
    struct cursor *cursor = cursor_open(store, statement, args, SQLITE_STATIC, err);
    if (!cursor) return false;
    enum step step = cursor_step(cursor, err);
    bool has_row = step == STEP_ROW;
    for (size_t c = 0; has_row && c < statement->n_columns; c++) ret_row[c] = cursor_column(cursor, c);
    while (step == STEP_ROW) step = cursor_step(cursor, err);
    cursor_close(cursor);
    if (step == STEP_FAIL) return false;
    return has_row || err_set(err, ERR_MISSING, "%s found nothing", statement->name);
}

enum step cursor_step(struct cursor *cursor, struct err *err)
{
    switch (sqlite3_step(cursor->prepared)) {
    case SQLITE_ROW:  return STEP_ROW;
    case SQLITE_DONE: return STEP_END;
    default:          (void)!store_failed(cursor->store, cursor->statement->name, err); return STEP_FAIL;
    }
}

struct value cursor_column(const struct cursor *cursor, size_t index)
{
    sqlite3_stmt *prepared = cursor->prepared;
    int column = (int)index;
    switch (sqlite3_column_type(prepared, column)) {
    case SQLITE_INTEGER: return value_int(sqlite3_column_int64(prepared, column));
    case SQLITE_FLOAT:   return value_real(sqlite3_column_double(prepared, column));
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(prepared, column);
        return (struct value){ .kind = VALUE_TEXT,
                               .bytes = text,
                               .length = (size_t)sqlite3_column_bytes(prepared, column) };
    }
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_column_blob(prepared, column);
        return value_bytes(bytes, bytes ? (size_t)sqlite3_column_bytes(prepared, column) : 0);
    }
    default: return (struct value){ .kind = VALUE_NULL };
    }
}

int64_t cursor_int(const struct cursor *cursor, size_t index)
{
    return sqlite3_column_int64(cursor->prepared, (int)index);
}

struct text cursor_bytes(const struct cursor *cursor, size_t index)
{
    sqlite3_stmt *prepared = cursor->prepared;
    int column = (int)index;
    const char *bytes = sqlite3_column_type(prepared, column) == SQLITE_BLOB
                            ? sqlite3_column_blob(prepared, column)
                            : (const char *)sqlite3_column_text(prepared, column);
    return (struct text){ bytes ? bytes : "", (size_t)sqlite3_column_bytes(prepared, column) };
}

double cursor_real(const struct cursor *cursor, size_t index)
{
    return sqlite3_column_double(cursor->prepared, (int)index);
}

void cursor_close(struct cursor *cursor)
{
    if (!cursor) return;
    (void)sqlite3_reset(cursor->prepared);     /* an error was reported by the step that met it */
    (void)sqlite3_clear_bindings(cursor->prepared);
    cursor->is_used = false;
    store_use_no_more(cursor->store);
}
