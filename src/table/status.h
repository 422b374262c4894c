/* status.h - what the status of an order says: whether it is a sale.
 *
 * One table knows the words of shops and payment services in twelve languages.  A status that is in it nowhere is
 * nobody's to guess: the file is refused with the flag that says what it is. */
#ifndef TABLE_STATUS_H
#define TABLE_STATUS_H

#include "base/text.h"

#include <stdbool.h>

enum status {
    STATUS_SALE,            /* paid, shipped, completed, partially refunded ... */
    STATUS_REFUNDED,        /* it was a sale, and all of it was given back */
    STATUS_PENDING,         /* not paid: open, draft, on hold, negotiation */
    STATUS_CANCELLED,       /* cancelled, voided, expired, lost */
    STATUS_FAILED,          /* the payment did not go through */
    STATUS_TEST,
    STATUS_OTHER,           /* none of those that --sales names */
    STATUSES,
    STATUS_UNKNOWN = STATUSES
};

/* Case, accents and what is no letter or digit do not matter; "" is STATUS_SALE: nothing was said against it. */
enum status status_of(struct text word);

/* Whether rows of the status count as sales. */
static inline bool status_is_sale(enum status status)
{
    return status == STATUS_SALE || status == STATUS_REFUNDED;
}

/* The kind of event of an order that is no sale: "order_pending", "order_cancelled" ...; of a sale "order". */
const char *status_kind(enum status status);
/* The same of its lines: "order_cancelled_item". */
const char *status_item_kind(enum status status);
/* For sentences: "refunded in full", "not paid", "cancelled", "failed", "a test". */
const char *status_words(enum status status);

#endif
