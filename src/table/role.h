/* role.h - what a column of a customer file can be, and the shape of a file as a whole. */
#ifndef TABLE_ROLE_H
#define TABLE_ROLE_H

#include "base/text.h"

#include <stdbool.h>

enum shape {
    SHAPE_ORDER_LINES,      /* a line of an order, or a whole order, per row */
    SHAPE_EVENTS,           /* something that a customer did per row */
    SHAPE_TABLE,            /* a customer per row, usually with a label to predict */
    SHAPES
};

enum role {
    ROLE_NONE,              /* not kept */
    ROLE_CUSTOMER,
    ROLE_TIME,              /* when it happened */
    ROLE_RECEIVED,          /* when it became known */
    ROLE_EVENT,             /* the kind of event */
    ROLE_ORDER,             /* the number of the invoice that lines belong to */
    ROLE_ITEM,
    ROLE_QUANTITY,
    ROLE_PRICE,             /* of one piece; amount = quantity x price */
    ROLE_AMOUNT,
    ROLE_CURRENCY,
    ROLE_TARGET,            /* the label of a table */
    ROLE_TRAIT,             /* an attribute of the customer, kept when it changes */
    ROLES
};

/* The one word for each, as in flags, JSON and sentences: "order_lines", "customer". */
const char *shape_word(enum shape shape);
const char *role_word(enum role role);
bool        shape_find(const char *word, enum shape *ret_shape);
bool        role_find(struct text word, enum role *ret_role);

/* How much a column's name says that it has the role: 0 nothing, 1 a part of it does, more the
 * better known the name is.  Case and what is no letter or digit do not matter. */
int role_name_score(enum role role, const char *name);

#endif
