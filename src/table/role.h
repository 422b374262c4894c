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
    ROLE_CLOCK,             /* at what time of that day, where the time's column has only the day */
    ROLE_RECEIVED,          /* when it became known */
    ROLE_EVENT,             /* the kind of event */
    ROLE_ORDER,             /* the number of the invoice that lines belong to */
    ROLE_LINE,              /* the number of the line within its order: a line that comes again is no other line */
    ROLE_ITEM,
    ROLE_QUANTITY,
    ROLE_PRICE,             /* of one piece; amount = quantity x price */
    ROLE_AMOUNT,            /* of the row: a line's, or the order's where an order is one row */
    ROLE_TOTAL,             /* of the whole order, on its first line or the same on all of them */
    ROLE_REFUNDED,          /* given back of the order or line, as a positive amount */
    ROLE_STATUS,            /* whether the order is a sale (status.h) */
    ROLE_CANCELLED,         /* not empty: the order was cancelled */
    ROLE_CURRENCY,
    ROLE_TARGET,            /* the label of a table */
    ROLE_TRAIT,             /* an attribute of the customer, kept when it changes */
    ROLE_PERSONAL,          /* who the customer is or how they are reached: sealed, and nothing for a model */
    ROLE_PROPERTY,          /* what an event tells of itself, kept with it: its campaign, template or topic */
    ROLE_MARK,              /* yes or no: the order is cancelled, paid, a test ... (order_mark.h) */
    ROLES
};

/* The one word for each, as in flags, JSON and sentences: "order_lines", "customer". */
const char *shape_word(enum shape shape);
const char *role_word(enum role role);
bool        shape_find(const char *word, enum shape *ret_shape);
bool        role_find(struct text word, enum role *ret_role);

/* Whether columns of the role are attributes, the label and properties of the event among them; or personal
 * members. */
static inline bool role_is_attribute(enum role role, bool is_personal)
{
    return is_personal ? role == ROLE_PERSONAL
                       : role == ROLE_TRAIT || role == ROLE_TARGET || role == ROLE_PROPERTY;
}

/* How much a column's name says that it has the role: 0 nothing; up to ROLE_NAME_PART a part of it does (of
 * customers: 1 the name of anything, "id"; 2 a part; 3 a part that is an e-mail address); more the better known
 * the whole name is. Case, accents and what is no letter or digit do not matter. */
enum { ROLE_NAME_PART = 3 };
int role_name_score(enum role role, const char *name);

/* By how many places a column of money is written otherwise than in whole units: -2 in cents ("amount_cents"), 3 in
 * thousands ("Revenue (k€)"), 0 as it stands. */
int role_money_shift(const char *name);

/* Whether by its name a column of money is as some services' APIs have it, in the currency's smallest unit, if it has no
 * decimals: "total_money.amount", "totalPrice.centAmount". */
bool role_money_is_in_units(const char *name);

/* The currency that a column of money is said to be in: "Importe (€)", "price_usd"; "" where it is not said. */
const char *role_money_currency(const char *name);

/* Whether something in the name rules the role out: "updated_at" is not when it happened, a discount no amount. */
bool role_name_is_never(enum role role, const char *name);

/* Lower-case letters without accents, digits and East Asian signs, cut to the room; how names and statuses are compared. */
enum { ROLE_NAME_BYTES = 64 };
void role_simplify(struct text name, char ret_name[ROLE_NAME_BYTES]);

/* Whether what is simplified is one of the words, which blanks part; nothing is none. */
bool role_is_among(const char *simple, const char *words);

/* Whether one of the words is in what is simplified. */
bool role_has_one_of(const char *simple, const char *words);

#endif
