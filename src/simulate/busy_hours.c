/* busy_hours.c - running sums over the hours of the shop's time; see busy_hours.h. */
#include "simulate/busy_hours.h"

#include "base/calendar.h"
#include "base/memory.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

enum { HOUR_MS = 3600000 };

/* The run up to Christmas, a quiet January and a summer lull; quiet Saturdays; lunch and evening. */
static const double months[12] = { 0.78, 0.84, 0.94, 0.97, 0.98, 0.93, 0.86, 0.85, 0.98, 1.08, 1.36, 1.43 };
static const double weekdays[7] = { 1.08, 1.06, 1.03, 1.05, 0.96, 0.80, 1.02 };
static const double day_hours[24] = { 0.35, 0.18, 0.10, 0.08, 0.08, 0.14, 0.35, 0.70, 1.05, 1.30, 1.45, 1.50,
                                      1.60, 1.50, 1.40, 1.35, 1.35, 1.40, 1.50, 1.70, 1.85, 1.65, 1.15, 0.67 };

double busy_month(int month)     { return months[month - 1]; }
double busy_weekday(int weekday) { return weekdays[weekday]; }

struct busy_hours {
    int64_t first_day;
    size_t  n_hours;
    double *passed;     /* [n_hours + 1] busy days passed when hour i begins */
};

struct busy_hours *busy_hours_new(int64_t first_day, int64_t n_days, bool has_seasons)
{
    assert(n_days > 0);
    struct busy_hours *hours = memory_new(1, sizeof *hours);
    size_t n = (size_t)n_days * 24;
    hours->passed = memory_new(n + 1, sizeof *hours->passed);
    hours->first_day = first_day;
    hours->n_hours = n;
    hours->passed[0] = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t day = first_day + (int64_t)(i / 24);
        double busy = months[calendar_civil(day).month - 1] * weekdays[calendar_weekday(day)] * day_hours[i % 24];
        hours->passed[i + 1] = hours->passed[i] + (has_seasons ? busy : 1);
    }
    double scale = (double)n_days / hours->passed[n];
    for (size_t i = 1; i <= n; i++) hours->passed[i] *= scale;
    return hours;
}

void busy_hours_free(struct busy_hours *hours)
{
    if (!hours) return;
    free(hours->passed);
    free(hours);
}

int64_t busy_hours_begin_ms(const struct busy_hours *hours) { return hours->first_day * MS_PER_DAY; }
int64_t busy_hours_end_ms(const struct busy_hours *hours)
{
    return busy_hours_begin_ms(hours) + (int64_t)hours->n_hours * HOUR_MS;
}

int64_t busy_hours_at(const struct busy_hours *hours, double busy_days)
{
    size_t low = 0, high = hours->n_hours - 1;      /* the last hour that begins at or before busy_days */
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (hours->passed[middle] <= busy_days) low = middle;
        else high = middle - 1;
    }
    double share = (busy_days - hours->passed[low]) / (hours->passed[low + 1] - hours->passed[low]);
    int64_t into_ms = (int64_t)(share * HOUR_MS);
    if (into_ms > HOUR_MS - 1) into_ms = HOUR_MS - 1;
    return busy_hours_begin_ms(hours) + (int64_t)low * HOUR_MS + into_ms;
}

double busy_hours_until(const struct busy_hours *hours, int64_t time_ms)
{
    int64_t since_ms = time_ms - busy_hours_begin_ms(hours);
    if (since_ms <= 0) return 0;
    size_t hour = (size_t)(since_ms / HOUR_MS);
    if (hour >= hours->n_hours) return hours->passed[hours->n_hours];
    double share = (double)(since_ms % HOUR_MS) / HOUR_MS;
    return hours->passed[hour] + share * (hours->passed[hour + 1] - hours->passed[hour]);
}
