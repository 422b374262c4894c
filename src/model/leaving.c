/* leaving.c - see leaving.h. */
#include "model/leaving.h"

#include "model/survival.h"

#include <math.h>

enum { ROWS_MOST = 200 * 1000, EVENTS_LEAST = 30 };
#define PRIOR_GAPS 2.           /* a customer's own mean begins as if it had so many gaps of the shop's */
#define DAYS_MOST 3650.

/* ---- how long customers stay ---- */

static double shape_of_stays(const struct history *h, int32_t as_of_day, int64_t horizon_days, struct arena *arena)
{
    size_t n = 0, every = h->n_customers / ROWS_MOST + 1, n_left = 0;
    double *time = ARENA_ARRAY(arena, double, h->n_customers / every + 2);
    bool *has_left = ARENA_ARRAY(arena, bool, h->n_customers / every + 2);
    struct survival_fit fit;
    struct err none;
    for (size_t c = 0; c < h->n_customers; c += every) {
        size_t first = h->first[c], end = h->first[c + 1], last = first;
        while (last + 1 < end && h->day[last + 1] - h->day[last] <= horizon_days) last++;
        has_left[n] = last + 1 < end || as_of_day - h->day[last] > horizon_days;
        time[n] = fmax(.5, (has_left[n] ? h->day[last] : as_of_day) - h->day[first]);
        n_left += has_left[n++];
    }
    struct durations stays = { .n = n, .time = time, .is_event = has_left };
    if (n_left < EVENTS_LEAST || !survival_weibull(&stays, NULL, 0, NULL, arena, &fit, &none)) return 1;
    return fmax(.2, fmin(3, 1 / fit.scale));
}

/* ---- gaps ---- */

static double own_mean(const struct leaving *leaving, double sum, double n)
{
    return log((sum + PRIOR_GAPS * leaving->mean_gap_days) / (n + PRIOR_GAPS));
}

static void fit_gaps(const struct history *h, int32_t as_of_day, struct arena *arena, struct leaving *leaving)
{
    static const char *const names[] = { "own gaps", "number" };
    size_t n_entries = h->first[h->n_customers], every = n_entries / ROWS_MOST + 1, n = 0, n_gaps = 0;
    double *time = ARENA_ARRAY(arena, double, n_entries + 1), *x = ARENA_ARRAY(arena, double, 2 * n_entries + 2),
           sum = 0;
    bool *is_event = ARENA_ARRAY(arena, bool, n_entries + 1);
    struct survival_fit fit;
    struct err none;
    for (size_t c = 0; c < h->n_customers; c++)
        for (size_t e = h->first[c] + 1; e < h->first[c + 1]; e++) sum += h->day[e] - h->day[e - 1], n_gaps++;
    if (n_gaps < EVENTS_LEAST) return;
    leaving->mean_gap_days = sum / (double)n_gaps;
    for (size_t c = 0; c < h->n_customers; c += every) {
        double own = 0;
        for (size_t e = h->first[c]; e < h->first[c + 1]; e++) {
            double number = (double)(e - h->first[c]);
            bool is_last = e + 1 == h->first[c + 1];
            time[n] = fmax(.5, (is_last ? as_of_day : h->day[e + 1]) - h->day[e]);
            is_event[n] = !is_last;
            x[2 * n] = own_mean(leaving, own, number), x[2 * n + 1] = log1p(number);
            own += time[n++];
        }
    }
    struct durations gaps = { .n = n, .time = time, .is_event = is_event };
    if (!survival_weibull(&gaps, x, 2, names, arena, &fit, &none)) return;
    leaving->intercept = fit.coefficient[0], leaving->slope = fit.coefficient[1],
    leaving->by_number = fit.coefficient[2];
    leaving->scale = fit.scale, leaving->has_gaps = true;
}

void leaving_fit(const struct history *history, int32_t as_of_day, int64_t horizon_days, struct arena *arena,
                 struct leaving *ret_leaving)
{
    struct leaving leaving = { .shape = 1 };
    if (history->n_customers > 0) {
        leaving.shape = shape_of_stays(history, as_of_day, horizon_days, arena);
        fit_gaps(history, as_of_day, arena, &leaving);
    }
    *ret_leaving = leaving;
}

/* ---- asking ---- */

double leaving_days(const struct leaving *leaving, double tenure_days, double churn, double horizon_days)
{
    double k = leaving->shape, now = pow(fmax(0, tenure_days), k);
    if (churn >= 1) return 0;
    if (!(churn > 0)) return DAYS_MOST;
    double of_horizon = pow(tenure_days + horizon_days, k) - now;
    double days = pow(now + M_LN2 * of_horizon / -log1p(-churn), 1 / k) - tenure_days;
    return fmin(DAYS_MOST, fmax(0, days));
}

double leaving_next_day(const struct leaving *leaving, const struct history *h, size_t customer, int32_t as_of_day)
{
    size_t first = h->first[customer], last = h->first[customer + 1] - 1;
    double number = (double)(last - first), silence = fmax(0, as_of_day - h->day[last]);
    if (!leaving->has_gaps) return NAN;
    double log_scale = leaving->intercept +
                       leaving->slope * own_mean(leaving, h->day[last] - h->day[first], number) +
                       leaving->by_number * log1p(number);
    double k = 1 / leaving->scale, lambda = exp(log_scale);
    double gap = lambda * pow(pow(silence / lambda, k) + M_LN2, leaving->scale);
    return gap - silence > DAYS_MOST ? (double)NAN : h->day[last] + ceil(gap);
}
