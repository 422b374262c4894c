/* fill_down.h - what an order says on its first line holds for its further lines, where they are blank.
 *
 * Exports write the fields of an order once, as merged cells of a sheet.  Lines of one order follow each other. */
#ifndef TABLE_FILL_DOWN_H
#define TABLE_FILL_DOWN_H

#include "table/mapping.h"

struct fill_down {
    const struct mapping *mapping;
    struct text *first;         /* [n_columns] of the order's first line, in bytes */
    char        *bytes;         /* on the heap */
    size_t       bytes_room;
    bool         has_order;
    char         reason[256];   /* of the line at fault */
};

struct fill_down fill_down_new(const struct mapping *mapping, struct arena *arena);
void             fill_down_free(struct fill_down *fill);

/* Whether a column of this role says something of the order rather than of its line. */
bool fill_down_is_of_order(enum role role);

/* Whether a line sums up lines above it, as at the end of what programs print: "Total" and no time. */
bool fill_down_is_sum(const struct mapping *mapping, const struct text *fields);

/* Fills a line's blank fields; they live until the next line is given.  Returns the column in which the line
 * contradicts the order's first (says how in reason), or MAPPING_NONE. */
int fill_down_line(struct fill_down *fill, struct text *fields);

#endif
