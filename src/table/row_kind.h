/* row_kind.h - what the rows of a file are that has no column for it and no sales: page views, tickets, log-ins ...
 *
 * One table of names of columns, by language, in row_kind.c; the next kind is a row of it. */
#ifndef TABLE_ROW_KIND_H
#define TABLE_ROW_KIND_H

#include "table/column_kind.h"

enum { ROW_KIND_NEEDED = 2, ROW_KIND_SURE = 4 };

struct row_kind {
    const char *kind;       /* of the events that rows become: "page_view"; NULL: nothing speaks for one */
    const char *words;      /* "page views" */
    unsigned    score;      /* ROW_KIND_NEEDED and more: rows are of it where none is a sale */
    const char *names;      /* of the columns that say so, at most three: "page_url, referrer" */
};

/* What the names of the columns say most for; names live in the arena. */
struct row_kind row_kind_find(const struct column *columns, size_t n_columns, struct arena *arena);

/* Whether the name of a column speaks for the kind, as "Ticket No" does for tickets. */
bool row_kind_is_name(const struct row_kind *kind, const char *name);

/* Whether the name of a column of times is of sales, as "purchased_at". */
bool row_kind_is_of_sale(const char *name);

#endif
