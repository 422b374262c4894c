/* program.h - the whole program: everybody who may be reached against the global control group, month by month.
 *
 * It is measured as a whole, so it claims no sum of winners: profit of all, contacted or not, against that of
 * those who got nothing, by the same count for both, less what campaigns cost besides messages.  Whoever was in both
 * groups is left out. */
#ifndef ENGINE_PROGRAM_H
#define ENGINE_PROGRAM_H

#include "engine/assigning.h"
#include "feature/history.h"
#include "table/costs.h"

#include <jansson.h>

struct program_options {
    int64_t             since_ms, as_of_ms;     /* since 0: since the first decision, experiment or message */
    const struct costs *costs;
    const char         *currency;               /* "" or NULL: nobody has said */
    const char         *goal;                   /* the event that is an order; NULL: "order" */
    double              alpha;
    double              effect_cents;           /* a customer, that one wishes to see; 0: the one that is found */
};

/* When the first decision, experiment or message was.  Errors: ERR_REFUSED there was none. */
bool program_begin(struct store *store, int64_t *ret_since_ms, struct err *err) MUST_CHECK;

/* As "experiment program --json".  history: as of as_of_ms.
 * Errors: ERR_REFUSED nothing was decided yet, or a group has fewer than two customers. */
bool program_run(const struct assigning *where, const struct history *history,
                 const struct program_options *options, struct arena *arena, json_t **ret_json,
                 struct err *err) MUST_CHECK;

#endif
