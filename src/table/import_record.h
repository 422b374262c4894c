/* import_record.h - what an import leaves in the store beside its events, for whoever comes later. */
#ifndef TABLE_IMPORT_RECORD_H
#define TABLE_IMPORT_RECORD_H

#include "base/arena.h"
#include "base/err.h"
#include "log/log.h"
#include "table/import_result.h"

#include <jansson.h>

struct reading;

enum { REJECTS_KEPT_MAX = 100000 };

/* The rows refused, with lines counted from the file's start, at most REJECTS_KEPT_MAX, in the
 * arena; and the reason that most of them share, NULL if there are none. */
void import_rejects_gather(const struct reading *reading, struct arena *arena, struct reject **ret_rejects,
                           size_t *ret_n, const char **ret_common_reason);

/* Within the caller's transaction. */
bool import_record_put(struct store *store, const struct import_result *result, const struct reject *rejects,
                       size_t n_rejects, struct err *err) MUST_CHECK;

/* { "import": {...}, "quality": {...} } as in the report; the caller owns it. */
json_t *import_json(const struct import_result *result);

/* What the latest import left in the store, for commands that come later. */
struct import_record {
    int64_t     id;
    const char *source, *currency, *target;     /* "" , "" and NULL where unknown */
    enum shape  shape;
    int64_t     first_ms, last_ms;
    const char *json;           /* the text of import_json */
};

/* Errors: ERR_MISSING nothing was imported yet. */
bool import_latest(struct store *store, struct arena *arena, struct import_record *ret_record,
                   struct err *err) MUST_CHECK;

/* The latest import, or a record of the same kind for a history that came as live events only; and when the
 * history begins and ends (0 and 1 for a table).  Errors: ERR_MISSING there is no history yet. */
bool import_describe(struct store *store, const struct log *log, struct arena *arena,
                     struct import_record *ret_record, int64_t *ret_first_ms, int64_t *ret_as_of_ms,
                     struct err *err) MUST_CHECK;

/* Refused rows, in the order met.  Reads at most limit rows (0: all) of one import (0: the latest)
 * into the arena. */
bool import_rejects(struct store *store, int64_t import_id, uint64_t limit, struct arena *arena,
                    struct reject **ret_rejects, size_t *ret_n, uint64_t *ret_total,
                    struct err *err) MUST_CHECK;

#endif
