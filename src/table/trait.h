/* trait.h - attributes of customers: which columns are some, and their values as JSON. */
#ifndef TABLE_TRAIT_H
#define TABLE_TRAIT_H

#include "table/mapping.h"

/* Whether a column of a history says something about the customer rather than the row: its name
 * says so, or its few values hardly ever differ within one customer of the probe. */
bool trait_is_likely(const struct probe *probe, const struct column *columns, size_t column, size_t customer,
                     struct arena *arena, const char **ret_why);

/* Whether columns of the role are attributes, the label among them; or personal members. */
static inline bool trait_is_of(enum role role, bool is_personal)
{
    return is_personal ? role == ROLE_PERSONAL : role == ROLE_TRAIT || role == ROLE_TARGET;
}

/* {"Country":"France","Age":31}: the values of the attributes or of the personal members, each ended by end, in
 * the file's order.  Missing ones are left out; columns of numbers give numbers. */
const char *trait_json(const struct mapping *mapping, bool is_personal, bool is_latin1, const char *values,
                       char end, struct arena *arena);

#endif
