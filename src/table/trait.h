/* trait.h - which columns are attributes of customers; building_names.c writes their values. */
#ifndef TABLE_TRAIT_H
#define TABLE_TRAIT_H

#include "table/column_kind.h"
#include "table/probe.h"

/* Whether a column of a history says something about the customer rather than the row: its name
 * says so, or its few values hardly ever differ within one customer of the probe. */
bool trait_is_likely(const struct probe *probe, const struct column *columns, size_t column, size_t customer,
                     struct arena *arena, const char **ret_why);

/* Whether the values of a column do not change within customers, as far as the probe tells. */
bool trait_is_constant(const struct probe *probe, size_t column, size_t customer);

#endif
