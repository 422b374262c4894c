/* leak.h - columns of a table that know the label: written after what they are to foretell. */
#ifndef TABLE_LEAK_H
#define TABLE_LEAK_H

#include "table/mapping_internal.h"

#define LEAK_WARNS .9           /* an AUC that a single honest column hardly has */
#define LEAK_LEAVES_OUT .98     /* one that none has */

/* A column that is called like the label and tells nearly all of it was made of it: "Churn Score" beside "Churn". */

/* Fills mapping->gives_away from the probe, and takes their role from attributes that give the label away, unless
 * somebody named them. */
void leak_find(struct guess *guess);

#endif
