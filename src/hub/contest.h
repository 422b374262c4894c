/* contest.h - versions of a model that act beside each other: an experiment whose arms are versions.
 *
 *   experiments: [{name: churn-2, model: churn, arms: {1: .5, 2: .5}, control: 1, metrics: [...]}]
 * Each customer is scored by the version of their arm, so that plans, segments and journeys treat them by it; what
 * they then do is compared as in any experiment.  Whoever is scored while it runs is exposed by that, on a server when
 * everybody is scored, once a day. */
#ifndef HUB_CONTEST_H
#define HUB_CONTEST_H

#include "customer/identity.h"
#include "decide/holdout.h"
#include "experiment/design.h"
#include "hub/trained_version.h"

struct contest {
    struct design      design;
    struct trained     arms[DESIGN_ARMS_MOST];      /* [design.n_arms] */
    struct identities *identities;                  /* as they were when it was read */
    struct holdout     holdout;
};

/* The earliest that runs on the model; NULL: none.  In the arena, but for what contest_release gives back.
 * Errors: ERR_MISSING a version that an arm names; those of the store. */
bool contest_find(struct store *store, const struct log *log, const char *question, struct arena *arena,
                  struct contest **ret_contest, struct err *err) MUST_CHECK;
void contest_release(struct contest *contest);      /* NULL is fine */

/* Whether each arm of an experiment on a model is a version there is.  Errors: ERR_MISSING says which is not. */
bool contest_check(struct store *store, const struct design *design, struct arena *arena,
                   struct err *err) MUST_CHECK;

/* The arm of whoever an identity belongs to; SIZE_MAX: none. */
size_t contest_arm(const struct contest *contest, const struct log *log, const struct identities *identities,
                   uint32_t identity);

/* In the store's transaction: that they are acted upon by their arm's version.  Of the global control group, whom
 * nothing is sent to, nothing. */
bool contest_expose(struct store *store, const struct contest *contest, const struct log *log, uint32_t identity,
                    int64_t at_ms, struct err *err) MUST_CHECK;

#endif
