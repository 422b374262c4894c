/* trait.h - attributes of customers: which columns are some, and their values as JSON. */
#ifndef TABLE_TRAIT_H
#define TABLE_TRAIT_H

#include "table/mapping.h"

/* Whether a column of a history says something about the customer rather than the row: its name
 * says so, or its few values hardly ever differ within one customer of the probe. */
bool trait_is_likely(const struct probe *probe, const struct column *columns, size_t column, size_t customer,
                     struct arena *arena, const char **ret_why);

/* Whether the values of a column do not change within customers, as far as the probe tells. */
bool trait_is_constant(const struct probe *probe, size_t column, size_t customer);

/* Which of a customer's columns: attributes, the label among them, that are so from their row on, or those of the
 * last day; properties of the row's own event; or personal members. */
enum trait_part { TRAITS_OF_ROW, TRAITS_OF_LAST_DAY, TRAITS_OF_EVENT, TRAITS_PERSONAL };

/* Whether columns of the role are attributes, the label and properties of the event among them; or personal
 * members. */
static inline bool trait_is_of(enum role role, bool is_personal)
{
    return is_personal ? role == ROLE_PERSONAL
                       : role == ROLE_TRAIT || role == ROLE_TARGET || role == ROLE_PROPERTY;
}

/* {"Country":"France","Age":31}: the values of that part; values are those of all attributes, or of the personal
 * members, each ended by end, in the file's order.  Missing ones are left out; columns of numbers give numbers. */
const char *trait_json(const struct mapping *mapping, enum trait_part part, bool is_latin1, const char *values,
                       char end, struct arena *arena);

#endif
