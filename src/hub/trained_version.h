/* trained_version.h - a trained model with its question, features and evidence, and how it is kept in the store. */
#ifndef HUB_TRAINED_VERSION_H
#define HUB_TRAINED_VERSION_H

#include "feature/feature_set.h"
#include "feature/question.h"
#include "model/predictor.h"

#include <jansson.h>

struct contest;

struct trained {
    struct question     question;
    int64_t             as_of_ms;       /* end of the data it was trained on: nothing later was seen */
    int64_t             made_ms;        /* when that was done; 0: not said */
    struct feature_set *set;
    struct predictor   *predictor;
    double             *usual;          /* [features] the middle value among customers; NaN not known */
    double              base_rate;      /* share of yes among the judged rows */
    struct contest     *contest;        /* versions that act beside the one in force (hub/contest.h); NULL: none */
    json_t *evidence; /* the report's question, models, calibration, deciles, roc, drivers; backtest */
};

void trained_version_release(struct trained *trained);      /* the evidence; all else lives in the arena */

/* Keeps it as the question's newest model, which is in force from now on: in the store's transaction, or in one of its own if there is none. */
bool trained_put(struct store *store, const struct trained *trained, struct arena *arena,
                 struct err *err) MUST_CHECK;

/* One of the question's models, in force or not, alone: without what acts beside it.  question NULL: any; id of table model,
 * 0: the one in force, of any question the one put in force last.
 * Errors: ERR_MISSING nothing trained yet, says what to do; ERR_CORRUPT. */
bool trained_get_version(struct store *store, const struct log *log, const char *question, int64_t id,
                         struct arena *arena, struct trained *ret_trained, struct err *err) MUST_CHECK;

#endif
