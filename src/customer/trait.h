/* trait.h - attributes of customers: which columns are some, and their values as JSON. */
#ifndef CUSTOMER_TRAIT_H
#define CUSTOMER_TRAIT_H

#include "customer/column.h"

/* Whether a column of a history says something about the customer rather than the row: its name
 * says so, or its few values hardly ever differ within one customer of the probe. */
bool trait_is_likely(const struct probe *probe, const struct column *columns, size_t column, size_t customer,
                     struct arena *arena, const char **ret_why);

#endif
