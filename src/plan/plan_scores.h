/* plan_scores.h - what customers were scored, as columns beside the features: an action's who may ask for
 * churn > 0.4. */
#ifndef PLAN_PLAN_SCORES_H
#define PLAN_PLAN_SCORES_H

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

struct plan_scores {
    const char **names; /* [n] of the questions */
    size_t       n, n_identities;
    float       *of;    /* [n x n_identities]; NaN: not scored */
};

/* Of scores as of an instant no later than as_of_ms.  In arena.  Errors: those of the store. */
bool plan_scores_read(struct store *store, size_t n_identities, int64_t as_of_ms, struct arena *arena,
                      struct plan_scores *ret_scores, struct err *err) MUST_CHECK;

/* ret [n] */
void plan_scores_fill(const struct plan_scores *scores, uint32_t identity, float *ret);

#endif
