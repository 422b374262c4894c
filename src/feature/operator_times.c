/* operator_times.c - how often, since when and how long ago; see operator.h. */
#include "feature/operator.h"
#include "base/calendar.h"

#include <math.h>

struct times { uint64_t n; int64_t first_ms, last_ms; };

static void times_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    struct times *times = state;
    if (times->n == 0 || event->time_ms < times->first_ms) times->first_ms = event->time_ms;
    if (times->n == 0 || event->time_ms > times->last_ms) times->last_ms = event->time_ms;
    times->n++;
}

static void times_merge(void *state, const void *other_state, const struct operator_use *use)
{
    (void)use;
    struct times *times = state;
    const struct times *other = other_state;
    if (other->n == 0) return;
    if (times->n == 0 || other->first_ms < times->first_ms) times->first_ms = other->first_ms;
    if (times->n == 0 || other->last_ms > times->last_ms) times->last_ms = other->last_ms;
    times->n += other->n;
}

enum { OUTPUT_COUNT, OUTPUT_SHARE, OUTPUT_RECENCY, OUTPUT_TENURE, OUTPUTS };

static void times_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                       uint64_t n_events, double *ret_row)
{
    const struct times *times = state;
    double n = (double)times->n, day_ms = (double)MS_PER_DAY;
    operator_put(use, OUTPUT_COUNT, ret_row, n);
    operator_put(use, OUTPUT_SHARE, ret_row, n_events ? n / (double)n_events : MISSING);
    operator_put(use, OUTPUT_RECENCY, ret_row,
                 times->n ? (double)(moment->as_of_ms - times->last_ms) / day_ms : MISSING);
    operator_put(use, OUTPUT_TENURE, ret_row,
                 times->n ? (double)(moment->as_of_ms - times->first_ms) / day_ms : MISSING);
}

static const struct operator_output outputs[OUTPUTS] = {
    [OUTPUT_COUNT] = { "count", "events", "number of {many} so far", "countIf({is})", 0 },
    [OUTPUT_SHARE] = { "share", "share", "share of {many} among all events", "countIf({is}) / countIf({counted})",
                       NEEDS_OTHERS },
    [OUTPUT_RECENCY] = { "recency_days", "days", "days since the last {one}",
                         "if(countIf({is}) = 0, nan, (as_of_ms - maxIf(time_ms, {is})) / 86400000)", 0 },
    [OUTPUT_TENURE] = { "tenure_days", "days", "days since the first {one}",
                        "if(countIf({is}) = 0, nan, (as_of_ms - minIf(time_ms, {is})) / 86400000)", 0 },
};

const struct operator operator_times = {
    .name = "times", .state_bytes = sizeof(struct times), .outputs = outputs, .n_outputs = OUTPUTS,
    .update = times_update, .merge = times_merge, .read = times_read,
};
