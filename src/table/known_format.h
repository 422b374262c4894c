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
    /* Of an account's activity, in which not every row is a customer's payment: the column that says what a row is,
     * words one of which it then has where money came, and where it went back, and whom it went to.  NULL none. */
    const char *kind, *sale_words, *refund_words, *payee;
    const char *outgoing;       /* the column of what is paid the other way, where the amount's is blank then; NULL none */
    bool is_in_cents;           /* amounts are whole numbers of cents */
    const char *statuses;       /* "closed=refunded": what it calls otherwise than others do; NULL none */
};

/* The formats of the table, in its order; NULL past the last. */
const struct known_format *known_format_at(size_t index);

/* The format that the columns are of; NULL: none that is known. */
const struct known_format *known_format_find(const struct column *columns, size_t n_columns);

/* The index of the column that the format gives the role, -1 for none. */
int known_format_column(const struct known_format *format, enum role role, const struct column *columns,
                        size_t n_columns);

/* The index of the column of a simplified name, -1 for none or NULL. */
int known_format_find_column(const char *simple, const struct column *columns, size_t n_columns);

/* Whether one of the words, one blank apart, is in the text, whatever its case. */
bool known_format_says(const char *words, struct text text);

/* status_of, with the format's own meanings; format may be NULL. */
enum status known_format_status(const struct known_format *format, struct text word);

#endif
