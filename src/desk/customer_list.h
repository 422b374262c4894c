/* customer_list.h - customers that a condition holds for, in an order, page by page, with any columns of theirs.
 *
 * A page goes on after the last of the one before (its order value and identity), so that the hundredth costs what
 * the first does.  Ordered by a score of the store, rows come in that order and the condition is asked of each;
 * ordered by a column, everybody is looked at. */
#ifndef DESK_CUSTOMER_LIST_H
#define DESK_CUSTOMER_LIST_H

#include "base/arena.h"
#include "base/err.h"
#include "live/segment_source.h"

#include <jansson.h>

struct service;

enum { CUSTOMER_LIST_MOST = 200, CUSTOMER_COLUMNS_MOST = 40 };

struct customer_filter {
    const char *where;              /* NULL: everybody */
    const char *const *columns;     /* [n_columns] features, scores and traits to tell */
    size_t      n_columns;
};

/* A condition and columns made ready for customer after customer.  One thread. */
struct customer_lister;
/* Errors: ERR_INVALID not a condition, or an unknown name (says close ones); *ret_field is "where" or "columns".
 */
bool customer_lister_open(struct service *service, const struct customer_filter *filter, struct arena *arena,
                          struct customer_lister **ret_lister, const char **ret_field, struct err *err) MUST_CHECK;
void customer_lister_free(struct customer_lister *lister);      /* NULL is fine */

/* Whether the condition holds of a customer now; then *ret_values are the columns as an object, the caller's to
 * json_decref.  Takes the lock.  Errors: ERR_INVALID the condition took too long. */
bool customer_lister_look(struct customer_lister *lister, uint32_t customer, bool *ret_holds, json_t **ret_values,
                          struct err *err) MUST_CHECK;

struct customer_page_options {
    const char *order;              /* a column of numbers, or NULL: as they were first seen */
    bool        is_falling;
    const char *after;              /* NULL, or `next` of the page before */
    size_t      limit;              /* 1 .. CUSTOMER_LIST_MOST */
    int64_t     limit_ms;           /* then what was seen so far is ordered, and is_whole is false */
};
struct customer_page {
    uint32_t    customers[CUSTOMER_LIST_MOST];
    json_t     *values[CUSTOMER_LIST_MOST];     /* the caller's */
    size_t      n;
    const char *next;               /* NULL: there is no further page */
    bool        is_whole;           /* everybody was looked at who could be on it */
};

/* By a column.  Customers without a value of it come last.
 * Errors: ERR_INVALID no such column (*ret_field "order"), after is none of ours; ERR_BUSY the features changed.
 */
bool customer_list_read(struct customer_lister *lister, const struct customer_page_options *options,
                        struct arena *arena, struct customer_page *ret_page, const char **ret_field,
                        struct err *err) MUST_CHECK;

/* A place to go on from, as text and back: the order's value (NaN: they have none) and the identity. */
const char *customer_place_write(double value, uint32_t identity, struct arena *arena);
bool customer_place_read(const char *text, double *ret_value, uint32_t *ret_identity, struct err *err) MUST_CHECK;

#endif
