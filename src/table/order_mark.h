/* order_mark.h - columns beside the status that say of an order whether it is a sale: yes or no ("cancelled",
 * "is_paid", "livemode"), a second status, as of the payment, or what a row is ("transaction type": a sale, a return). */
#ifndef TABLE_ORDER_MARK_H
#define TABLE_ORDER_MARK_H

#include "table/status.h"

enum { ORDER_MARKS_MAX = 8 };

struct order_mark {
    int         column;
    bool        is_kind;        /* its words say what the row is; order_mark_kind reads them */
    bool        is_word;        /* its words are statuses; else: */
    bool        is_payment;     /* ... of the payment: where it was made, an order that is still open is a sale */
    bool        on;             /* the answer that says it */
    enum status status;         /* what it then says; the other answer says nothing */
};

/* By its whole name.  False: the name is none of these. */
bool order_mark_find(const char *name, struct order_mark *ret_mark);

/* Whether a status of this name is the payment's. */
bool order_mark_is_of_payment(const char *name);

/* Whether a column of this name says what each of its rows is. */
bool order_mark_is_of_kinds(const char *name);

/* What a row of this kind is: STATUS_SALE, STATUS_REFUNDED where it gives money back, another status, or
 * STATUS_UNKNOWN. */
enum status order_mark_kind(struct text word);

/* 1 yes, 0 no, -1 neither: in many languages, and as programs write it. */
int order_mark_answer(struct text text);

/* "cancelled", "not paid yet", "a test": what an order then is. */
const char *order_mark_words(enum status status);

/* What a row's status is after what a mark's field says. */
enum status order_mark_apply(const struct order_mark *mark, struct text field, enum status status);

#endif
