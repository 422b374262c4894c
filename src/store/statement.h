/* statement.h - a statement of src/store/sql as sql.h, which is written when the program is built, calls it. */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include "base/text.h"
#include "store/store.h"

struct statement {
    const char        *name, *sql;
    size_t             n_parameters, n_columns;
    const char *const *columns;         /* [n_columns] names */
};

/* args are [n_parameters].  Runs it for its effect.  Errors: ERR_INVALID a constraint, ERR_IO, ERR_CORRUPT, ERR_BUSY. */
bool statement_run(struct store *store, const struct statement *statement, const struct value *args,
                   struct err *err) MUST_CHECK;
/* The same for one that gives exactly one row, of numbers: ret_row [n_columns].  Errors: ERR_MISSING it gave none. */
bool statement_one(struct store *store, const struct statement *statement, const struct value *args,
                   struct value *ret_row, struct err *err) MUST_CHECK;
/* For reading rows (store.h).  The args are copied. */
bool statement_query(struct store *store, const struct statement *statement, const struct value *args,
                     struct cursor **ret_cursor, struct err *err) MUST_CHECK;

/* What becomes of a person's data in a table, as the migration says that makes the table. */
struct person_table {
    const char             *table;
    const struct statement *erase;      /* removes the rows of an identity; NULL: other code erases, or nothing is to be */
    const struct statement *export;     /* reads the rows of an identity, for ... */
    const char             *key;        /* ... this member of an export; both NULL: other code, or nothing */
};
extern const struct person_table person_tables[];
extern const size_t              n_person_tables;

static inline struct value value_of_text(struct text text)
{
    return (struct value){ .kind = VALUE_TEXT, .bytes = text.at ? text.at : "", .length = text.length };
}
static inline struct text bytes_of(const void *bytes, size_t length) { return (struct text){ bytes, length }; }
static inline struct value value_of_bytes(struct text bytes) { return value_bytes(bytes.at, bytes.length); }

static inline const char *value_as_text(struct value value) { return value.kind == VALUE_TEXT ? value.bytes : ""; }
/* 0 for NULL. */
static inline int64_t value_as_int(struct value value)
{
    return value.kind == VALUE_INT ? value.i : value.kind == VALUE_REAL ? (int64_t)value.r : 0;
}
static inline double value_as_real(struct value value)
{
    return value.kind == VALUE_REAL ? value.r : value.kind == VALUE_INT ? (double)value.i : 0;
}

#endif
