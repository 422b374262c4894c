/* operator.c - the list of operators, and what several of them share; see operator.h. */
#include "feature/operator.h"
#include "base/calendar.h"
#include "base/hash.h"

#include <math.h>

const struct operator *const operators[] = {
    &operator_times, &operator_days, &operator_decayed, &operator_amount, &operator_extremes, &operator_quantity,
    &operator_distinct, &operator_profile,
};
const size_t n_operators = sizeof operators / sizeof *operators;

const double decay_days[DECAYS] = { 7, 30, 90, 365 };

uint64_t item_hash_of(struct text item) { return item.length ? hash_xxh64(item.at, item.length) : 0; }

void decay_table_fill(struct decay_table *table, int64_t landmark_day)
{
    table->landmark_ms = landmark_day * MS_PER_DAY;
    for (int day = 0; day < DECAY_TABLE_DAYS; day++)
        for (int h = 0; h < DECAYS; h++) table->day[day][h] = exp2((day - DECAY_TABLE_DAYS / 2) / decay_days[h]);
    for (int hour = 0; hour < 24; hour++)
        for (int h = 0; h < DECAYS; h++) table->hour[hour][h] = exp2((hour + 0.5) / 24 / decay_days[h]);
}

/* Beyond the table the exponent is cut off where a double would leave its range. */
static void factors_outside(const struct decay_table *table, int64_t time_ms, double ret_factor[DECAYS])
{
    double days = ((double)time_ms - (double)table->landmark_ms) / (double)MS_PER_DAY;
    for (int h = 0; h < DECAYS; h++) ret_factor[h] = exp2(fmax(-1000, fmin(days / decay_days[h], 1000)));
}

/* 2^(days + hours + rest) = product of two table entries and a series for the rest: at most half an
 * hour either way, so x = ln 2 rest / half-life < 0.0021 and the terms after the fourth are below 1e-15. */
void decay_factors(const struct decay_table *table, int64_t time_ms, double ret_factor[DECAYS])
{
    static const double rate_per_ms[DECAYS] = {
        M_LN2 / (7 * 86400e3), M_LN2 / (30 * 86400e3), M_LN2 / (90 * 86400e3), M_LN2 / (365 * 86400e3)
    };
    int64_t since_ms = time_ms - table->landmark_ms + (int64_t)(DECAY_TABLE_DAYS / 2) * MS_PER_DAY;
    if (since_ms < 0 || since_ms >= (int64_t)DECAY_TABLE_DAYS * MS_PER_DAY) {
        factors_outside(table, time_ms, ret_factor);
        return;
    }
    uint64_t day = (uint64_t)since_ms / (uint64_t)MS_PER_DAY;
    uint32_t rest_ms = (uint32_t)((uint64_t)since_ms - day * (uint64_t)MS_PER_DAY);
    uint32_t hour = rest_ms / 3600000;
    double rest = (double)((int32_t)(rest_ms - hour * 3600000) - 1800000);
    const double *by_day = table->day[day], *by_hour = table->hour[hour];
    for (int h = 0; h < DECAYS; h++) {
        double x = rest * rate_per_ms[h];
        double series = 1 + x * (1 + x * (1.0 / 2) * (1 + x * (1.0 / 3) * (1 + x * (1.0 / 4))));
        ret_factor[h] = by_day[h] * by_hour[h] * series;
    }
}
