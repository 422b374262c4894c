/* expression.h - a condition in SQL over one row of numbers: "order_recency_days > 60 AND orders >= 2".
 *
 * SQLite's own engine evaluates it behind an authoriser that allows an expression and nothing else: no
 * table, subquery, aggregate, pragma or parameter, and only functions without effects.  Names with
 * other characters are written in double quotes: "Contract = Month-to-month" = 1. */
#ifndef STORE_EXPRESSION_H
#define STORE_EXPRESSION_H

#include "base/err.h"

#include <stddef.h>

struct expression;

enum { EXPRESSION_MOST_BYTES = 4096 };

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

#endif
