/* trait.h - which columns are attributes of customers, and by which names personal ones are kept; building_names.c writes
 * their values. */
#ifndef TABLE_TRAIT_H
#define TABLE_TRAIT_H

#include "table/column_kind.h"
#include "table/probe.h"
#include "table/role.h"

/* Whether a column of a history says something about the customer rather than the row: its name
 * says so, or its few values hardly ever differ within one customer of the probe. */
bool trait_is_likely(const struct probe *probe, const struct column *columns, size_t column, size_t customer,
                     struct arena *arena, const char **ret_why);

/* Whether the values of a column do not change within customers, as far as the probe tells. */
bool trait_is_constant(const struct probe *probe, size_t column, size_t customer);

/* [n_columns]: of a personal column its member, what a channel writes to, as `email` and `phone`, whatever the file's
 * language calls them; else the column's own name.  Of several that could be one the first that is named just so is, the
 * others keep their names. */
const char **member_names(const struct column *columns, const enum role *roles, size_t n_columns,
                          struct arena *arena);

#endif
