/* money.c - see money.h. */
#include "experiment/money.h"

#include <math.h>

static struct estimate scaled(struct estimate e, double by, double less)
{
    return (struct estimate){ e.value * by - less, e.se * fabs(by), e.low * by - less, e.high * by - less };
}

struct earned earned_by(struct arm_sample control, struct arm_sample treated, double cost, double contact,
                        double alpha)
{
    double p;
    struct estimate margin = welch(control, treated, alpha, &p);
    struct earned e = { .n = treated.n, .cost = cost, .roi = { NAN, NAN, NAN, NAN } };
    e.profit = scaled(margin, treated.n, cost);
    e.per_treated = scaled(margin, 1, cost / treated.n);
    if (cost > 0) e.roi = scaled(e.profit, 1 / cost, 0);
    double other = cost / treated.n - contact;
    e.break_even = margin.value > other ? margin.value - other : (double)NAN;
    return e;
}

struct earned_parts earned_parts_of(struct buying control, struct buying treated)
{
    double b0 = control.buyers / control.n, b1 = treated.buyers / treated.n;
    double o0 = control.buyers > 0 ? control.orders / control.buyers : 0,
           o1 = treated.buyers > 0 ? treated.orders / treated.buyers : 0;
    double v0 = control.orders > 0 ? control.revenue / control.orders : 0,
           v1 = treated.orders > 0 ? treated.revenue / treated.orders : 0;
    if (control.buyers <= 0) o0 = o1; /* nobody to compare with: what there is comes from those who buy at all */
    if (control.orders <= 0) v0 = v1;
    return (struct earned_parts){ (b1 - b0) * o0 * v0, b1 * (o1 - o0) * v0, b1 * o1 * (v1 - v0) };
}
