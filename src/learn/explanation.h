/* explanation.h - why the model thinks what it thinks of one customer, as numbers and in plain words. */
#ifndef LEARN_EXPLANATION_H
#define LEARN_EXPLANATION_H

#include "learn/reasons.h"

struct term { size_t feature; double contribution; };       /* to the log-odds, or to the amount */

struct explanation {
    const struct trained *trained;
    const float          *row;          /* borrowed */
    double                prediction, base;
    struct term          *terms;        /* [n_terms] the weightiest first; with base they add up to the raw score */
    size_t                n_terms;
    const char           *reasons[REASONS_MOST];
    size_t                n_reasons;
};

/* row [features of the trained set]; texts and terms live in the arena. */
struct explanation explanation_of(const struct trained *trained, const float *row, struct arena *arena);

/* {"question", "prediction", "base_rate", "base", "model", "reasons": [...], "contributions": [{"feature",
 * "meaning", "value", "contribution"}]}: the caller owns it. */
json_t *explanation_json(const struct explanation *explanation);

#endif
