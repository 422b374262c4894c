/* row.h - one record of a file as what a customer did, or the reason why it is none. */
#ifndef TABLE_ROW_H
#define TABLE_ROW_H

#include "table/mapping.h"

#define TOTAL_BLANK INT64_MIN

struct row {
    struct text customer; /* as in the file, without blanks and a trailing ".0"; empty if unknown */
    struct text event, item, order, line, currency;       /* trimmed; empty where there is no such column */
    int64_t     time_ms, received_ms;               /* 0 in a table */
    int64_t     amount_cents, quantity_milli;
    int64_t     total_cents;        /* of the order; 0 where there is no such column; TOTAL_BLANK: the last line has it */
    int64_t     refunded_cents;     /* >= 0 */
    enum status status;
    bool        is_refund;          /* by its order number */
};

/* Statuses met, so that each is looked up once. */
enum { STATUS_MEMORY = 16, STATUS_MEMORY_BYTES = 32 };
struct status_memory { char word[STATUS_MEMORY_BYTES]; size_t length; enum status status; };

struct row_reader {
    const struct mapping *mapping;
    struct instant_reader time, received;
    int64_t latest_ms;              /* times after it are refused */
    size_t *numbers, n_numbers;     /* columns of a table that must be numbers */
    struct status_memory statuses[STATUS_MEMORY];
    size_t  n_statuses;
    bool    is_fatal;               /* of the row refused last: not the row but the file is misread */
    int     bad_column;             /* the same; MAPPING_NONE: the row as a whole */
    char    reason[256];
};

/* now_ms 0: any time is fine. */
struct row_reader row_reader_new(const struct mapping *mapping, int64_t now_ms, struct arena *arena);

/* The row's texts borrow the fields.  False if the row is refused; says why in the reader. */
bool row_read(struct row_reader *reader, const struct text *fields, size_t n_fields, struct row *ret_row);

#endif
