/* import_result.h - what an import did, and what it refused. */
#ifndef TABLE_IMPORT_RESULT_H
#define TABLE_IMPORT_RESULT_H

#include "table/quality.h"
#include "table/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A row that was refused. */
struct reject {
    uint64_t    line;           /* 1 is the file's first */
    const char *column;         /* "" where the row as a whole is at fault */
    bool        is_fatal;       /* the file is misread, not the row */
    const char *reason;
    const char *raw;            /* the row, cut at 1 KiB, valid UTF-8 */
};

struct import_mapping {
    const char *column;         /* name in the header, or "column 3" */
    enum role   role;
    const char *format;         /* "YYYY-MM-DD", "C... is a refund", or "" */
    const char *why;
    const char *flag;           /* what to type to say otherwise: "--order InvoiceNo" */
};

struct import_result {
    const char *source;         /* the file's name without folders */
    enum shape  shape;
    const char *dialect;        /* "comma-separated, UTF-8, with a header line" */
    const char *format;         /* "Shopify's export of orders"; NULL: none that is known */
    const char *currency;       /* "" where unknown */
    const char *target;         /* the label column of a table, or NULL */
    uint64_t    rows;           /* of data, without header = accepted + rejected + repeated */
    uint64_t    accepted, rejected;
    uint64_t    repeated;       /* imported before */
    uint64_t    no_customer;    /* of those accepted or repeated */
    uint64_t    customers;      /* different ones in the file */
    uint64_t    events;         /* added to the log */
    int64_t     first_ms, last_ms;      /* of accepted or repeated rows; 0 for a table */
    double      seconds;                /* the caller's to fill: below the commands nobody reads a clock */
    struct import_mapping *mapping;     /* [n_mapping] one per column of the file */
    size_t      n_mapping;
    struct quality quality;
    const struct reject *rejects;       /* [n_rejects] rows refused, in the file's order; the first of many */
    size_t      n_rejects;
};

#endif
