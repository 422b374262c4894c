/* json_lines.h - which list within the objects of a JSON file holds the lines of an order. */
#ifndef TABLE_JSON_LINES_H
#define TABLE_JSON_LINES_H

#include "base/json_rows.h"
#include "table/role.h"

/* The node of the list of objects that has the name of an order's lines, beside a number of the order, in objects that
 * do not say what happened; 0: none.  columns have been learnt from the file's beginning. */
uint32_t json_lines_find(const struct json_columns *columns);

/* "line_items.product.id" is "lineitemproductid", whatever the list is called: as role_simplify.  False: the name is
 * of no line. */
bool json_lines_simplify(const char *name, char ret_name[ROLE_NAME_BYTES]);

#endif
