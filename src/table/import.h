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
#include "table/import_result.h"
#include "log/log.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

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

#endif
