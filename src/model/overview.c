/* overview.c - how the shop did, as amounts with intervals; see overview.h. */
#include "model/overview.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static const double Z95 = 1.959963984540054;
static const int64_t HOUR_MS = 3600000;

struct overview *overview_new(void)
{
    struct overview *overview = memory_new(1, sizeof *overview);
    pthread_mutex_init(&overview->lock, NULL);
    return overview;
}

void overview_free(struct overview *overview)
{
    if (!overview) return;
    pthread_mutex_destroy(&overview->lock);
    free(overview);
}

bool overview_source_stopped(const struct overview_source *source, int64_t now_ms)
{
    double silent_ms = (double)(now_ms - source->last_ms);
    return source->usual_gap_ms > 0 && source->n_live >= 20 &&
           silent_ms > fmax((double)HOUR_MS, 20 * source->usual_gap_ms);
}

/* Orders come as if by chance: a sum of them scatters by the root of the sum of squares. */
struct overview_amount overview_revenue(const struct overview_period *period)
{
    double value = (double)period->revenue_cents, half = Z95 * sqrt(period->squares);
    return (struct overview_amount){ value, value - half, value + half };
}

struct overview_amount overview_order_value(const struct overview_period *period)
{
    double n = (double)period->n_orders;
    if (n < 1) return (struct overview_amount){ NAN, NAN, NAN };
    double mean = period->order_sum / n, variance = fmax(0, period->order_squares / n - mean * mean);
    double half = n > 1 ? Z95 * sqrt(variance / (n - 1)) : (double)NAN;
    return (struct overview_amount){ mean, mean - half, mean + half };
}

struct overview_amount overview_count(double n)
{
    return (struct overview_amount){ n, fmax(0, n - Z95 * sqrt(n)), n + Z95 * sqrt(n) };
}
