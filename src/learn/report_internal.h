/* report_internal.h - shared by the files that make the report's JSON. */
#ifndef LEARN_REPORT_INTERNAL_H
#define LEARN_REPORT_INTERNAL_H

#include "learn/report.h"

struct reporting {
    const struct report_input *in;
    const struct scores       *scores;
    struct arena              *arena;
    double                    *churn;           /* [history.n_customers] the history's order; NaN not asked */
    int64_t                   *value_cents;     /* the same: expected, and already times the chance to stay */
    uint32_t                  *asked;           /* [n_asked] identities, by falling expected loss */
    bool                       is_churn;
};

/* The report's "summary": the headline, and every number of it explained. */
json_t *summary_json(const struct reporting *r);

/* The report's "pilot"; null where nobody is at risk. */
json_t *pilot_json(const struct reporting *r);

#endif
