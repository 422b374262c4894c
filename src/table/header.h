/* header.h - which line of a file names its columns, and what it calls them.
 *
 * Spreadsheets put titles above, padded to the width of the sheet, and labels that span several columns. */
#ifndef TABLE_HEADER_H
#define TABLE_HEADER_H

#include "table/probe_cells.h"

enum { HEADER_ROWS = 40 };      /* of the first rows one is the header */

/* Whether one of the probe's first rows is the header; *ret_row, a row of the probe, then. */
bool header_find(const struct probe *probe, size_t *ret_row);

/* Names the columns, "column 3" where there is no name, a label that spans columns in front of each; and takes the
 * header and the rows above it from the probe's rows. */
void header_name_columns(struct probe *probe, size_t header, struct arena *arena);

/* Whether a row within a file is the header of another one: at least two columns, most of which have names that are well
 * known.  What follows it would be read by the wrong names. */
bool header_is_another(const struct text *fields, size_t n_fields);

#endif
