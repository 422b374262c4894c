/* import.h - a customer file becomes events in the log, all of it or nothing.
 *
 * The file's dialect, shape and columns are recognised from its content; every guess has its
 * reason and the option that overrides it.  Rows become events:
 *   order lines  one `order` per invoice (amount and quantity summed) and one `order_item` per line;
 *                `refund` and `refund_item` where the number begins with C or every line is negative;
 *                without an invoice number one `order` per row
 *   event log    one event per row, its kind the text of the event column
 *   table        one `traits` event per row at time 0, with the label
 * Attributes of a customer become an event `traits` with properties, when they change.  Rows whose
 * customer is empty are kept under identity 0.  Imported history was known when it happened:
 * received_ms is time_ms unless the file says otherwise.
 *
 * The k-th row of a file with a given content is always the same message, so importing a file
 * again adds nothing and importing a longer version adds what is new. */
#ifndef TABLE_IMPORT_H
#define TABLE_IMPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "table/role.h"
#include "table/quality.h"
#include "log/log.h"

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct import_result;
struct reject;
struct input;

/* NULL or 0: recognised from the file.  Columns are named by header or by 1-based number. */
struct import_options {
    const char *separator;      /* ",", ";", "|", "tab", "space" (any run of spaces) */
    const char *encoding;       /* as in probe.h */
    const char *decimal;        /* "." or "," */
    const char *date_format;    /* a name of customer/instant.h's, or a pattern of strptime */
    const char *shape;          /* "order_lines", "events", "table" */
    const char *columns;        /* roles or names in the file's order: "customer,date,quantity,amount" */
    const char *roles[ROLES];   /* [role] the column that has it; "none" for no column */
    const char *traits;         /* columns kept as traits: "Country,Plan"; "none" */
    const char *statics;        /* traits that were so from a customer's first row on: "Country"; "none" */
    const char *sales;          /* the statuses that are sales: "paid,shipped" */
    const char *ignored;        /* columns that are left out: "Notes,Owner" */
    const char *currency;       /* a column, or a code for all rows: "GBP" */
    bool        has_no_header;
    const char *header_line;    /* its number, the file's first is 1 */
    const char *sheet;          /* of a workbook */
    struct input *input;        /* the file, which the caller opened and closes; NULL: path is opened */
    const char *name;           /* what the import is called; NULL: as the file */
    bool        is_looked;      /* only looked at: checked and described, nothing is named, built or written */
    bool        is_forced;      /* import what can be read although a third of the rows, or amounts, cannot */
    int64_t     now_ms;         /* times after it are refused; 0: none is */
    int64_t     known_ms;       /* all rows are written down as received then; 0: when each happened */
    unsigned    n_threads;      /* 0 is 1 */
    /* Runs a job in a transaction, of which nothing stays if it fails; NULL: one of the store's own is begun and
     * committed. */
    bool      (*transact)(void *context, bool (*job)(struct store *store, void *job_context, struct err *err),
                          void *job_context, struct err *err);
    /* Beside others who write the log, whose lock it is: runs a short job before that, by who writes.  Then nearly all
     * is done beside them, on this thread, and transact is for what is left: to write down what is ready.  What an
     * import that fails had brought into the dictionaries stays there, named by no event. */
    bool      (*step)(void *context, bool (*job)(struct store *store, void *job_context, struct err *err),
                      void *job_context, struct err *err);
    pthread_rwlock_t *lock;
    void       *context;
    /* Called once all is written and nothing is committed: false undoes the import.  For what can be judged only by
     * what the file holds.  NULL: nothing is asked. */
    bool      (*judge)(void *judge_context, const struct log *log, const struct import_result *result,
                       struct err *err);
    void       *judge_context;
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

/* Reads path ("-" is standard input; gzip is recognised) into the log in one transaction of its
 * store.  The result lives in the arena.
 * Errors: ERR_MISSING no such file; ERR_INVALID empty, a folder, binary, cut off, no usable columns
 * or a third of the rows refused, or amounts that are no numbers (says what was looked for and which flag helps);
 * ERR_IO, ERR_BUSY from the store.  After an error the log and the store are as before. */
bool import_file(struct store *store, struct log *log, const char *path, const struct import_options *options,
                 struct arena *arena, struct progress *progress, struct import_result *ret_result,
                 struct err *err) MUST_CHECK;

/* What an import of a path is called: "orders.csv", "standard input". */
const char *import_source_name(const char *path);

/* { "import": {...}, "quality": {...} } as in the report; the caller owns it. */
json_t *import_json(const struct import_result *result);

/* What the latest import left in the store, for commands that come later. */
struct import_record {
    int64_t     id;
    const char *source, *currency, *target;     /* "" , "" and NULL where unknown */
    enum shape  shape;
    int64_t     first_ms, last_ms;
    const char *json;           /* the text of import_json */
};

/* Errors: ERR_MISSING nothing was imported yet. */
bool import_latest(struct store *store, struct arena *arena, struct import_record *ret_record,
                   struct err *err) MUST_CHECK;

/* The latest import, or a record of the same kind for a history that came as live events only; and when the
 * history begins and ends (0 and 1 for a table).  Errors: ERR_MISSING there is no history yet. */
bool import_describe(struct store *store, const struct log *log, struct arena *arena,
                     struct import_record *ret_record, int64_t *ret_first_ms, int64_t *ret_as_of_ms,
                     struct err *err) MUST_CHECK;

/* Refused rows, in the order met.  Reads at most limit rows (0: all) of one import (0: the latest)
 * into the arena. */
struct reject {
    uint64_t    line;           /* 1 is the file's first */
    const char *column;         /* "" where the row as a whole is at fault */
    bool        is_fatal;       /* the file is misread, not the row */
    const char *reason;
    const char *raw;            /* the row, cut at 1 KiB, valid UTF-8 */
};
bool import_rejects(struct store *store, int64_t import_id, uint64_t limit, struct arena *arena,
                    struct reject **ret_rejects, size_t *ret_n, uint64_t *ret_total,
                    struct err *err) MUST_CHECK;

#endif
