/* commerce.h - what an event's properties say in money, items and pieces.
 *
 * Source: Segment's e-commerce spec v2 and its names before that.  "Order Completed" is kind `order`,
 * "Order Refunded" kind `refund`, "Order Cancelled" kind `order_cancelled`,
 * "Order Updated" with a number and a worth kind `order` again; all other events keep their name as kind. */
#ifndef INTAKE_COMMERCE_H
#define INTAKE_COMMERCE_H

#include "base/json_read.h"
#include "intake/message.h"

/* The kind that an event of this name has. */
struct text commerce_kind(struct text event);
/* The kind that somebody means who writes "Order Completed" where events are named, as a journey's trigger; any
 * other name stays, as does NULL.  The string lives as long as the name. */
const char *commerce_meant(const char *event);

/* Fills amount, quantity, item, currency and lines of a message whose kind is set, from its properties (0: none).
 * The amount of an order or refund is `total` less what is no revenue (`revenue`, else `total`, else its
 * lines); of anything else `revenue`, `total` or `value`, or price x quantity of a product.  Refunds are
 * negative, their lines too.
 * False: an order's or refund's amount cannot be read; *ret_field names it and *ret_reason says why. */
bool commerce_read(const struct json *json, uint32_t properties, struct arena *arena, struct message *message,
                   const char **ret_field, const char **ret_reason);

/* An amount as written: a number or a string with one, exact in cents, within +-10^15.  False if it is none. */
bool commerce_cents(const struct json *json, uint32_t value, int64_t *ret_cents);

/* Adds a number that the order goes by, where there is room. */
void commerce_add_number(struct message *message, struct text number);

/* Whether the kind is an order or a refund. */
bool commerce_is_refund(struct text kind);
/* ... or that an order was cancelled. */
bool commerce_is_of_order(struct text kind);

#endif
