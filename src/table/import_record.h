/* import_record.h - what an import leaves in the store beside its events: internal to engine/. */
#ifndef TABLE_IMPORT_RECORD_H
#define TABLE_IMPORT_RECORD_H

#include "table/import.h"
#include "table/reading.h"

enum { REJECTS_KEPT_MAX = 100000 };

/* The rows refused, with lines counted from the file's start, at most REJECTS_KEPT_MAX, in the
 * arena; and the reason that most of them share, NULL if there are none. */
void import_rejects_gather(const struct reading *reading, struct arena *arena, struct reject **ret_rejects,
                           size_t *ret_n, const char **ret_common_reason);

/* Within the caller's transaction. */
bool import_record_put(struct store *store, const struct import_result *result, const struct reject *rejects,
                       size_t n_rejects, struct err *err) MUST_CHECK;

#endif
