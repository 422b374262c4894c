/* kpi_activity.h - what the log tells beyond orders: channels of acquisition, carts, messages, referrals,
 * engagement. */
#ifndef MODEL_KPI_ACTIVITY_H
#define MODEL_KPI_ACTIVITY_H

#include "feature/history.h"
#include "model/kpi.h"
#include "table/costs.h"

struct kpi_activity_options {
    uint16_t goal_kind;
    int64_t as_of_ms;
    const struct costs *costs;
    const char *currency;
};

/* {"channels", "messages", "carts", "referrals", "engagement"} with definitions, from one reading of the log; the
 * history is that of the same instant.  Errors: those of log_read. */
bool kpi_activity_json(const struct log *log, const struct history *history,
                       const struct kpi_activity_options *options, json_t **ret_json, struct err *err) MUST_CHECK;

#endif
