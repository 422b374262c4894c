/* workbook.h - makes Excel workbooks for tests from the XML of their parts. */
#ifndef TESTS_BASE_WORKBOOK_H
#define TESTS_BASE_WORKBOOK_H

#include <stddef.h>

struct workbook_part { const char *path, *xml; };

/* With the sheets "First" (sheet1) and "Orders & more" (sheet2), styles (1: a day, 2: a time, 3: money) and these
 * parts; a part that is given replaces ours. */
void workbook_write(const char *path, const struct workbook_part *parts, size_t n_parts);

#endif
