/* operator_profile.c - at which hours and on which days of the week, UTC; see operator.h. */
#include "feature/operator.h"
#include "base/calendar.h"

#include <math.h>

enum { OUTPUT_NIGHT, OUTPUT_MORNING, OUTPUT_AFTERNOON, OUTPUT_EVENING, OUTPUT_WEEKEND, OUTPUTS };

struct profile { uint32_t n[OUTPUTS], unused; };

static void profile_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    struct profile *profile = state;
    int64_t day = calendar_day_of_ms(event->time_ms);
    int64_t quarter = (event->time_ms - day * MS_PER_DAY) / (MS_PER_DAY / 4);
    profile->n[OUTPUT_NIGHT + quarter]++;
    profile->n[OUTPUT_WEEKEND] += calendar_weekday(day) >= 5;
}

static void profile_merge(void *state, const void *other_state, const struct operator_use *use)
{
    (void)use;
    struct profile *profile = state;
    const struct profile *other = other_state;
    for (int i = 0; i < OUTPUTS; i++) profile->n[i] += other->n[i];
}

static void profile_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                         uint64_t n_events, double *ret_row)
{
    (void)moment, (void)n_events;
    const struct profile *profile = state;
    double n = 0;
    for (int i = OUTPUT_NIGHT; i <= OUTPUT_EVENING; i++) n += profile->n[i];
    for (size_t i = 0; i < OUTPUTS; i++) operator_put(use, i, ret_row, n > 0 ? profile->n[i] / n : MISSING);
}

#define HOURS_SQL(quarter) "countIf({is} AND intDiv(time_ms, 21600000) % 4 = " quarter ") / countIf({is})"

static const struct operator_output outputs[OUTPUTS] = {
    [OUTPUT_NIGHT] = { "night_share", "share", "share of {many} between 0 and 6 o'clock UTC",
                       HOURS_SQL("0"), NEEDS_CLOCK },
    [OUTPUT_MORNING] = { "morning_share", "share", "share of {many} between 6 and 12 o'clock UTC",
                         HOURS_SQL("1"), NEEDS_CLOCK },
    [OUTPUT_AFTERNOON] = { "afternoon_share", "share", "share of {many} between 12 and 18 o'clock UTC",
                           HOURS_SQL("2"), NEEDS_CLOCK },
    [OUTPUT_EVENING] = { "evening_share", "share", "share of {many} between 18 and 24 o'clock UTC",
                         HOURS_SQL("3"), NEEDS_CLOCK },
    [OUTPUT_WEEKEND] = { "weekend_share", "share", "share of {many} on Saturdays and Sundays",
                         "countIf({is} AND (intDiv(time_ms, 86400000) + 3) % 7 >= 5) / countIf({is})", 0 },
};

const struct operator operator_profile = {
    .name = "profile", .state_bytes = sizeof(struct profile), .outputs = outputs, .n_outputs = OUTPUTS,
    .update = profile_update, .merge = profile_merge, .read = profile_read,
};
