/* report.h - everything known about a shop, as the JSON object that the page draws. */
#ifndef LEARN_REPORT_H
#define LEARN_REPORT_H

#include "table/import_record.h"
#include "learn/score.h"

#include <jansson.h>

enum { REPORT_LISTED = 50 };

struct report_input {
    const struct import_record *import;
    const struct trained       *trained;
    const struct scores        *scores;
    const struct score_options *options;
    const struct log           *log;
    size_t n_listed;            /* customers in the list to act on; 0: REPORT_LISTED */
    double import_seconds, features_seconds, train_seconds, score_seconds, total_seconds;   /* NaN: not done now */
};

/* The whole report; a new reference.  The arena holds only what is thrown away. */
json_t *report_json(const struct report_input *input, struct arena *arena);

/* {customers, expected_leavers, revenue_cents, low_cents, high_cents, backtest}; a new reference. */
json_t *at_risk_json(const struct at_risk *at_risk);

/* Summary's headline, one sentence, in the arena. */
const char *report_headline(const struct report_input *input, struct arena *arena);

#endif
