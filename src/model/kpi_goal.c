/* kpi_goal.c - where goals stand, and the chance to reach them; see kpi.h. */
#include "model/kpi.h"

#include "math/numerics.h"

#include <math.h>
#include <string.h>

enum {
    CHURN,
    RETENTION,
    REPEAT_RATE,
    NRR,
    GRR,
    REVENUE,
    CUSTOMERS,
    NEW,
    REACTIVATED,
    ORDERS,
    ORDER_VALUE,
    CUSTOMER_VALUE
};
const char *const kpi_goal_names[] = { "churn",     "retention", "repeat_rate", "nrr",         "grr",
                                       "revenue",   "customers", "new",         "reactivated", "orders",
                                       "order_value", "customer_value", NULL };
enum { MONTHS_MOST = 12, MONTHS_LEAST = 4 };
#define Z95 1.959963984540054

static int name_of(const struct kpi_goal *goal)
{
    int i = 0;
    while (kpi_goal_names[i] && strcmp(kpi_goal_names[i], goal->name) != 0) i++;
    return i;
}

/* Of one month; amounts in units of money. */
static struct kpi_share value_of(int name, const struct kpi_month *m)
{
    struct kpi_share share = kpi_retention(m);
    double count = NAN;
    switch (name) {
    case RETENTION: return share;
    case CHURN: return (struct kpi_share){ 1 - share.value, 1 - share.high, 1 - share.low };
    case NRR: return (struct kpi_share){ kpi_nrr(m), NAN, NAN };
    case GRR: return (struct kpi_share){ kpi_grr(m), NAN, NAN };
    case REVENUE: return (struct kpi_share){ (double)m->revenue_cents / 100, NAN, NAN };
    case ORDER_VALUE:
        return (struct kpi_share){ m->orders ? (double)m->revenue_cents / 100 / (double)m->orders : (double)NAN,
                                   NAN, NAN };
    case CUSTOMERS: count = (double)m->customers; break;
    case NEW: count = (double)m->first_time; break;
    case REACTIVATED: count = (double)m->reactivated; break;
    case ORDERS: count = (double)m->orders; break;
    }
    return (struct kpi_share){ count, fmax(0, count - Z95 * sqrt(count)), count + Z95 * sqrt(count) };
}

/* A share is looked at on the scale of its odds, so that a line through it stays between 0 and 1. */
static double scaled(int name, double y)
{
    if (name != CHURN && name != RETENTION) return y;
    y = fmax(.0005, fmin(.9995, y));
    return log(y / (1 - y));
}

/* The line through the last whole months, and how far it may be off in the month of `by`. */
static double chance_of(const struct kpis *kpis, const struct kpi_goal *goal, int name, size_t *ret_n)
{
    struct civil by = calendar_civil(calendar_day_of_ms(goal->by_ms));
    double n = 0, mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
    size_t from = kpis->n_whole > MONTHS_MOST ? kpis->n_whole - MONTHS_MOST : 1;
    for (size_t m = from; m < kpis->n_whole; m++) {
        double y = scaled(name, value_of(name, &kpis->months[m]).value), x = (double)m;
        if (isnan(y)) continue;
        double dx = x - mean_x, dy = y - mean_y;
        n++, mean_x += dx / n, mean_y += dy / n;
        xx += dx * (x - mean_x), xy += dx * (y - mean_y), yy += dy * (y - mean_y);
    }
    *ret_n = (size_t)n;
    if (n < MONTHS_LEAST) return NAN;
    const struct kpi_month *first = &kpis->months[0];
    double at = (by.year - first->year) * 12 + by.month - first->month, slope = xy / xx,
           off = sqrt(fmax(0, yy - slope * xy) / (n - 2) * (1 + 1 / n + (at - mean_x) * (at - mean_x) / xx));
    double target = scaled(name, goal->target), expected = mean_y + slope * (at - mean_x),
           gap = goal->is_below ? target - expected : expected - target;
    if (off == 0) return gap > 0;
    double t = gap / off, degrees = n - 2, tail = .5 * beta_cdf(degrees / (degrees + t * t), degrees / 2, .5);
    return t > 0 ? 1 - tail : tail;
}

/* Of a share of all customers so far there is no course by month; its chance is that the truth is beyond the
 * target. */
static double chance_now(double value, double low, double high, const struct kpi_goal *goal)
{
    double se = (high - low) / (2 * Z95);
    return se > 0 ? normal_cdf((goal->is_below ? goal->target - value : value - goal->target) / se) : (double)NAN;
}

struct kpi_standing kpi_stand(const struct kpis *kpis, const struct kpi_goal *goal, int32_t as_of_day)
{
    int name = name_of(goal);
    struct kpi_standing s = { NAN, NAN, NAN, NAN, 0 };
    if (name == REPEAT_RATE || name == CUSTOMER_VALUE) {
        struct kpi_share r = kpis->repeat_rate;
        if (name == CUSTOMER_VALUE)
            r = (struct kpi_share){ kpis->customer_value_cents / 100, kpis->customer_value_low / 100,
                                    kpis->customer_value_high / 100 };
        return (struct kpi_standing){ r.value, r.low, r.high, chance_now(r.value, r.low, r.high, goal),
                                      kpis->n_whole };
    }
    if (kpis->n_whole == 0) return s;
    struct kpi_share now = value_of(name, &kpis->months[kpis->n_whole - 1]);
    s.value = now.value, s.low = now.low, s.high = now.high;
    s.chance = chance_of(kpis, goal, name, &s.n_months);
    if (calendar_day_of_ms(goal->by_ms) < as_of_day)
        s.chance = goal->is_below ? s.value < goal->target : s.value > goal->target;
    return s;
}
