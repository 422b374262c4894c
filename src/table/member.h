/* member.h - by which name a personal column's values are kept: what a channel writes to is `email` and `phone`, whatever
 * the file's language calls them. */
#ifndef TABLE_MEMBER_H
#define TABLE_MEMBER_H

#include "table/column_kind.h"
#include "table/role.h"

/* [n_columns]: of a personal column its member, else the column's own name.  Of several that could be one the first that is
 * named just so is, the others keep their names. */
const char **member_names(const struct column *columns, const enum role *roles, size_t n_columns,
                          struct arena *arena);

#endif
