/* json_rows_internal.h - the tree of names, between the files that read JSON records. */
#ifndef BASE_JSON_ROWS_INTERNAL_H
#define BASE_JSON_ROWS_INTERNAL_H

#include "base/json_rows.h"

/* The node of a member below another; 0: there is none. */
uint32_t json_node_find(const struct json_columns *columns, uint32_t parent, struct text name);
uint32_t json_node_add(struct json_columns *columns, uint32_t parent, struct text name);

#endif
