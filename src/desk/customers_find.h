/* customers_find.h - finding customers by an id or an address. */
#ifndef DESK_CUSTOMERS_FIND_H
#define DESK_CUSTOMERS_FIND_H

#include "server/route.h"

/* Customers whose id begins with the words, or whose address they are, added to found:
 * {"customer", "matched", ...}. */
bool customers_find(struct request *request, struct text words, size_t limit, json_t *found,
                    struct err *err) MUST_CHECK;

#endif
