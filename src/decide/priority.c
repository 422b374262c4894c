/* priority.c - see priority.h. */
#include "decide/priority.h"

#include <math.h>
#include <stdlib.h>

struct ranked { int64_t loss_cents; uint32_t index; };

static int by_falling_loss(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->loss_cents != b->loss_cents) return a->loss_cents < b->loss_cents ? 1 : -1;
    return a->index < b->index ? -1 : a->index > b->index;
}

uint32_t *priority_order(const int64_t *expected_loss_cents, size_t n, struct arena *arena)
{
    struct ranked *ranked = ARENA_ARRAY(arena, struct ranked, n);
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, n);
    for (size_t i = 0; i < n; i++) ranked[i] = (struct ranked){ expected_loss_cents[i], (uint32_t)i };
    qsort(ranked, n, sizeof *ranked, by_falling_loss);
    for (size_t i = 0; i < n; i++) order[i] = ranked[i].index;
    return order;
}

struct outcome outcome_of(const double *churn, const float *label, size_t n, double threshold)
{
    enum { TELLING = 20 };
    double observed = 0, predicted = 0, squares = 0;
    size_t n_similar = 0;
    for (size_t i = 0; i < n; i++) {
        if (churn[i] < threshold) continue;
        n_similar++;
        observed += (double)label[i];
        predicted += churn[i];
    }
    if (n_similar < TELLING || predicted <= 0) return (struct outcome){ 1, 0 };
    double ratio = observed / predicted;
    for (size_t i = 0; i < n; i++) {
        if (churn[i] < threshold) continue;
        double residual = (double)label[i] - ratio * churn[i];
        squares += residual * residual;
    }
    return (struct outcome){ ratio, squares / (predicted * predicted) };
}

struct at_risk at_risk_estimate(const double *churn, const double *value_cents, size_t n, double threshold,
                                struct outcome outcome)
{
    double total = 0, squares = 0;
    int64_t customers = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(churn[i] >= threshold)) continue;
        double loss = churn[i] * value_cents[i];
        customers++;
        total += loss;
        squares += loss * loss;
    }
    if (customers == 0) return (struct at_risk){ 0 };
    double sampling_variance = squares - total * total / (double)customers;     /* of a sum of that many draws */
    double off = outcome.ratio - 1, outcome_error = total * total * (outcome.variance + off * off);
    double half_width = 1.959963984540054 * sqrt(sampling_variance + outcome_error);
    return (struct at_risk){
        .customers = customers,
        .revenue_cents = llround(total),
        .low_cents = llround(fmax(0, total - half_width)),
        .high_cents = llround(total + half_width),
    };
}
