/* order_number.h - an order's number, by which it is known again whoever tells of it: a file, or a client's message.
 *
 * Events of a file's orders say in the upper 44 bits of their message which order of which customer they are of, so
 * that a client's message about it finds them; a client's events have the number among their properties. */
#ifndef CUSTOMER_ORDER_NUMBER_H
#define CUSTOMER_ORDER_NUMBER_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { ORDER_KEY_SHIFT = 20, ORDER_SPELLINGS = 2 };

/* Of a number as it is written and the customer's identity (its text); order_key of it is in the events' messages. */
uint64_t order_number_hash(struct text number, uint64_t customer_hash);
uint64_t order_hash_of_customer(uint64_t number_hash, uint64_t customer_hash);  /* number_hash: of the number alone */
uint64_t order_number_alone_hash(struct text number);
uint64_t order_customer_hash(struct text customer);
static inline uint64_t order_key(uint64_t order) { return order >> ORDER_KEY_SHIFT; }

/* How else files write a number: "#1001" for "1001", and the other way.  room: of the second. */
struct order_spellings { struct text of[ORDER_SPELLINGS]; char room[128]; };
void order_number_spell(struct text number, struct order_spellings *ret_spellings);

/* Whether a property of this name holds an order's number, and whether two numbers are one. */
bool order_number_is_name(struct text name);
bool order_number_equal(struct text a, struct text b);

#endif
