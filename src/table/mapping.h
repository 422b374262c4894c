/* mapping.h - the shape of a file and the role of each of its columns, guessed or given.
 *
 * Names and values decide together; every guess carries its reason and the flag that overrides it. */
#ifndef TABLE_MAPPING_H
#define TABLE_MAPPING_H

#include "table/column_kind.h"
#include "table/known_format.h"
#include "table/order_mark.h"
#include "table/role.h"
#include "table/row_kind.h"

struct mapping_options {        /* NULL: guessed */
    const char *shape, *date_format, *decimal, *columns, *traits, *statics, *currency;
    const char *roles[ROLES];
    const char *sales;          /* statuses that are sales: "paid,shipped"; all others are none */
    const char *ignored;        /* columns that are left out: "Notes,Owner" */
};

enum { MAPPING_NONE = -1, MAPPING_TRAITS_MAX = 1000 };    /* as many as feature/survey.h looks at */

struct mapping {
    enum shape     shape;
    const char    *shape_why;
    const char    *event_kind;          /* of events that no column tells apart: all are of this kind; NULL: a column does */
    struct row_kind row_kind;           /* of a history that no column tells the kinds of: what its columns' names speak for */
    bool           is_asked;            /* the shape is, with --shape */
    bool           has_orders_among;    /* of such events, those with money are orders as well */
    char           decimal;
    size_t         n_columns;
    struct column *columns;             /* [n_columns] */
    enum role     *roles;               /* [n_columns] */
    const char   **formats, **whys, **flags;        /* [n_columns] */
    const char   **members;             /* [n_columns] by which name a person's values are kept (trait.h) */
    bool          *is_snapshot; /* [n_columns] of an attribute in a history: how the customer stands on the last day */
    bool           is_label_filled;     /* of a table: the label is whether its column has a day, as "cancelled on" */
    double        *gives_away;  /* [n_columns] of a table: how well the column alone tells the label, an AUC; NaN */
    int            column_of[ROLES];    /* MAPPING_NONE where no column has the role, and for traits */
    struct instant_format time_format, received_format;
    const char    *currency;            /* one code for all rows, or "" */
    const struct known_format *format;  /* NULL: none that is known */
    int            kind_of_payment, payee, outgoing;    /* columns, of an account's activity (known_format.h); MAPPING_NONE */
    bool           has_lines;           /* several rows can be one order */
    bool is_carried; /* an order's fields are blank on its further lines: those of the first count */
    bool           is_order_by_time;    /* no column numbers orders: what a customer bought at one instant is one */
    bool           is_total_last;       /* an order's total stands on its last line only */
    bool           is_refund_of_order;  /* what was refunded is the order's, on all its lines, not each line's */
    const char    *sales;               /* as asked, or NULL */
    struct order_mark marks[ORDER_MARKS_MAX];   /* [n_marks] of orders */
    size_t         n_marks;
    int            money_shift[ROLES];  /* of amount, price, total and refunded: role_money_shift */
    bool           has_refund_prefix;   /* order numbers that begin with C are refunds */
};

/* Everything lives in the arena and borrows the probe.  May rename the probe's columns (--columns).
 * Errors: ERR_INVALID a flag's value is not known or names no column (lists them); what the shape
 * needs was not found (says what was looked for, and the flag that names it). */
bool mapping_guess(struct probe *probe, const struct mapping_options *options, struct arena *arena,
                   struct mapping *ret_mapping, struct err *err) MUST_CHECK;

/* Whether rows carry the number of their order. */
static inline bool mapping_has_order(const struct mapping *mapping)
{
    return mapping->shape == SHAPE_ORDER_LINES && mapping->column_of[ROLE_ORDER] != MAPPING_NONE;
}

/* Whether rows carry the number of their line, by which one that comes again is known. */
static inline bool mapping_numbers_lines(const struct mapping *mapping)
{
    return mapping_has_order(mapping) && mapping->column_of[ROLE_LINE] != MAPPING_NONE;
}

/* Whether rows say whether they are sales. */
static inline bool mapping_tells_sales(const struct mapping *mapping)
{
    return mapping->column_of[ROLE_STATUS] >= 0 || mapping->column_of[ROLE_CANCELLED] >= 0 || mapping->n_marks > 0 ||
           mapping->kind_of_payment >= 0;
}

/* What a row's status says. */
enum status mapping_status(const struct mapping *mapping, struct text word);

#endif
