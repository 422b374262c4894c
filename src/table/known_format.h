/* known_format.h - the exports of shops, payment services, CRMs and mailing programs that are known by their
 * headers.
 *
 * One table in known_format.c; the next format is a row of it. */
#ifndef TABLE_KNOWN_FORMAT_H
#define TABLE_KNOWN_FORMAT_H

#include "table/column_kind.h"
#include "table/role.h"
#include "table/status.h"

struct known_format {
    const char *name;           /* "Shopify's export of orders" */
    enum shape  shape;
    const char *headers;        /* simplified names, one blank apart, all of which the file has */
    /* The column of each role: simplified names, the better first; the first that is not mostly empty is taken.
     * Roles without one have no column. */
    const char *roles[ROLES];
    const char *statuses;       /* "closed=refunded": what it calls otherwise than others do; NULL none */
};

/* The format that the columns are of; NULL: none that is known. */
const struct known_format *known_format_find(const struct column *columns, size_t n_columns);

/* The index of the column that the format gives the role, -1 for none. */
int known_format_column(const struct known_format *format, enum role role, const struct column *columns,
                        size_t n_columns);

/* status_of, with the format's own meanings; format may be NULL. */
enum status known_format_status(const struct known_format *format, struct text word);

#endif
