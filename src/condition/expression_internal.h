/* expression_internal.h - what the files of an expression share: expression.c compiles and runs,
 * expression_table.c is the row as a virtual table, expression_guard.c says what is allowed. */
#ifndef CONDITION_EXPRESSION_INTERNAL_H
#define CONDITION_EXPRESSION_INTERNAL_H

#include "condition/expression.h"

#include <sqlite3.h>
#include <stdint.h>

enum { EXPRESSION_MOST_COLUMNS = 1000, EXPRESSION_STEPS_BETWEEN_CHECKS = 1000,
       EXPRESSION_MOST_CHECKS_A_ROW = 200 };

/* Comparisons of characters that LIKE and GLOB may make in one row: some milliseconds. */
enum { EXPRESSION_MOST_PATTERN_STEPS = 2 * 1000 * 1000 };

struct expression {
    sqlite3      *db;
    sqlite3_stmt *statement;
    bool          is_typed;         /* numbers and texts, a row at a time, by a callback */
    bool          is_number;        /* what it is worth is asked, not whether it is true */
    char          refused[96];      /* what the authoriser refused, or "" */
    unsigned      n_selects;        /* seen by the authoriser in this compilation */
    int           n_before;         /* bytes before the condition in what was compiled last */
    char         *declaration;      /* of the virtual table */
    /* For each column of the virtual table from 1 on: that of a row, and whether it is a text. */
    uint32_t     *column_of;        /* [n_columns]; EXPRESSION_NO_COLUMN: always missing */
    bool         *is_text;          /* [n_columns] */
    size_t        n_columns;
    uint32_t     *used;             /* [n_used] columns of a row, ascending */
    size_t        n_used;
    uint64_t      checks_left, pattern_steps_left;

    /* The rows being tested: an array of floats, or one row that never ends. */
    const float  *rows;
    size_t        n_rows, row_columns;
    bool          is_endless;
    struct expression_value (*value)(void *context, size_t column);
    void         *value_context;
};

#define EXPRESSION_NO_COLUMN UINT32_MAX

/* The module of the virtual table "features"; its client data is the expression. */
extern const sqlite3_module expression_table;

/* Opens the engine with the table declared, then allows nothing but a condition.  Errors: ERR_IO. */
bool expression_guard(struct expression *expression, struct err *err) MUST_CHECK;

#endif
