/* expression.h - a condition in SQL over one row: "order_recency_days > 60 AND country IN ('DE', 'AT')".
 *
 * SQLite's own engine evaluates it behind an authoriser that allows an expression and nothing else: no
 * table, subquery, aggregate, pragma or parameter, and only functions without effects.  Names with
 * other characters are written in double quotes: "Contract = Month-to-month" = 1.  Length, depth and time are
 * bounded.  Over numbers alone (expression_compile) or numbers and texts (expression_compile_columns). */
#ifndef CONDITION_EXPRESSION_H
#define CONDITION_EXPRESSION_H

#include "base/err.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

struct expression;

enum { EXPRESSION_MOST_BYTES = 4096, EXPRESSION_TEXT_MOST_BYTES = 16 * 1024 };

/* names [n_names] what the columns of a row are called; case does not matter.  Used by one thread at a
 * time.  Errors: ERR_INVALID not an expression, too long, or an unknown name (says close ones). */
bool expression_compile(const char *sql, const char *const *names, size_t n_names,
                        struct expression **ret_expression, struct err *err) MUST_CHECK;
void expression_free(struct expression *expression);        /* NULL is fine */

/* The rows for which it is true; NULL and 0 are not.
 * rows [n_rows x n_names] row-major; NaN is NULL.  ret_is_true [n_rows].
 * Errors: ERR_INVALID it took too long. */
bool expression_test(struct expression *expression, const float *rows, size_t n_rows, bool *ret_is_true,
                     struct err *err) MUST_CHECK;

/* A column of a row of numbers and texts.  Compared with a number column, '3' is 3 and a text that is
 * no number is missing; compared with a text column, 3 is '3'.  Texts are equal byte for byte, LIKE ignores
 * the case of ASCII letters, COLLATE NOCASE and lower() are there to ignore it elsewhere. */
enum expression_type { EXPRESSION_NUMBER, EXPRESSION_TEXT };
struct expression_column { const char *name; enum expression_type type; };
struct expression_value {
    enum { EXPRESSION_IS_NULL, EXPRESSION_IS_NUMBER, EXPRESSION_IS_TEXT } kind;
    double      number;
    struct text text;
};

/* As expression_compile, over columns of both kinds; also allowed are LIKE, GLOB, ||, CAST, lower, upper, length,
 * substr.  is_lenient: a name that is no column is always missing, instead of an error.  The columns
 * may go afterwards. */
bool expression_compile_columns(const char *sql, const struct expression_column *columns, size_t n_columns,
                                bool is_lenient, struct expression **ret_expression,
                                struct err *err) MUST_CHECK;

/* Whether it is true of one row, of which only the columns that are needed are asked for; texts live until it
 * returns.  Of an expression from expression_compile_columns.
 * Errors: ERR_INVALID it took too long, or made a text of more than 16 KiB. */
bool expression_holds(struct expression *expression,
                      struct expression_value (*value)(void *context, size_t column), void *context,
                      bool *ret_is_true, struct err *err) MUST_CHECK;

/* The same over the columns of a file, which an unknown name is said not to be one of. */
bool expression_compile_of_file(const char *sql, const struct expression_column *columns, size_t n_columns,
                                struct expression **ret_expression, struct err *err) MUST_CHECK;

/* As expression_compile_columns, for what is worth a number: "10 * purchase", "spend / visits"; noun: what one of
 * the names is called, "column". */
bool expression_compile_number(const char *sql, const struct expression_column *columns, size_t n_columns,
                               const char *noun, struct expression **ret_expression, struct err *err) MUST_CHECK;

/* What it is worth for one row; NaN where it is NULL or no number.  Of an expression from
 * expression_compile_number; otherwise as expression_holds. */
bool expression_number(struct expression *expression,
                       struct expression_value (*value)(void *context, size_t column), void *context,
                       double *ret_number, struct err *err) MUST_CHECK;

/* The columns that occur in it, [*ret_n] indexes ascending, until it is freed. */
const uint32_t *expression_columns(const struct expression *expression, size_t *ret_n);

#endif
