/* import_flags.h - the flags that say how a file is to be read, shared by import and run. */
#ifndef CLI_IMPORT_FLAGS_H
#define CLI_IMPORT_FLAGS_H

#include "cli/command.h"
#include "table/import.h"

#include <stdio.h>

/* Rows of a command's flag table: { ..., IMPORT_FLAGS, { NULL } }. */
#define IMPORT_FLAGS                                                                                  \
    { "separator", "CHAR", "what stands between columns: , ; | tab space" },                          \
    { "encoding", "NAME", "utf-8, latin-1, windows-1250, shift_jis ..." },                            \
    { "no-header", NULL, "the first line is data" },                                                  \
    { "header-line", "N", "the line that names the columns; the file's first is 1" },                 \
    { "sheet", "NAME", "of a workbook; else its first" },                                             \
    { "columns", "LIST", "roles or names of the columns in order: customer,date,quantity,amount" },   \
    { "shape", "NAME", "order_lines, events, table or items" },                                              \
    { "date-format", "NAME", "YYYY-MM-DD, D/M/Y, M/D/Y, D.M.Y, epoch-s ... or as strptime: %d.%m.%Y" }, \
    { "decimal", "CHAR", "what stands before the decimals: . or ," },                                 \
    { "customer", "COLUMN", "who; columns by name or number, none for no column" },                   \
    { "time", "COLUMN", "when it happened" },                                                         \
    { "clock", "COLUMN", "the time of day, where the time's column has only the day" },               \
    { "received", "COLUMN", "when it became known" },                                                 \
    { "event", "COLUMN", "what happened" },                                                           \
    { "order", "COLUMN", "the invoice or order that a line belongs to" },                             \
    { "line", "COLUMN", "the line's number within its order: one that comes again counts once" },      \
    { "item", "COLUMN", "the product" },                                                              \
    { "quantity", "COLUMN", "how many" },                                                             \
    { "price", "COLUMN", "of one piece" },                                                            \
    { "amount", "COLUMN", "money of the row" },                                                       \
    { "total", "COLUMN", "money of the whole order, on its first line or all of them" },              \
    { "refunded", "COLUMN", "money given back of it" },                                               \
    { "status", "COLUMN", "whether it is a sale: paid, pending, cancelled, failed, refunded ..." },   \
    { "sales", "LIST", "the statuses that are sales, where not all are known: paid,shipped" },        \
    { "cancelled", "COLUMN", "not empty where the order was cancelled" },                             \
    { "currency", "COLUMN", "the currency, or one code for all rows: GBP" },                          \
    { "target", "COLUMN", "the label to predict, for a table with one row per customer" },            \
    { "traits", "LIST", "columns kept as attributes of the customer" },                               \
    { "static", "LIST", "attributes that were always so: a history's models see them" },              \
    { "force", NULL, "import the rest where much cannot be read" }

/* now_ms is taken from the system's clock. */
void import_flags_read(const struct invocation *invocation, struct import_options *ret_options);

/* For a person: shape, dialect, the role of each column with its reason, counts, findings. */
void import_print(FILE *out, const struct import_result *result);

#endif
