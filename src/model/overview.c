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
    bool is_all_paid = value >= period->order_sum;      /* nothing went back: chance makes no orders of less than nothing */
    return (struct overview_amount){ value, is_all_paid ? fmax(0, value - half) : value - half, value + half };
}

struct overview_amount overview_order_value(const struct overview_period *period)
{
    double n = (double)period->n_orders;
    if (n < 1) return (struct overview_amount){ NAN, NAN, NAN };
    double mean = period->order_sum / n, variance = fmax(0, period->order_squares / n - mean * mean);
    double half = n > 1 ? Z95 * sqrt(variance / (n - 1)) : (double)NAN;
    return (struct overview_amount){ mean, mean - half, mean + half };
}

/* Money of orders is buyers times orders of each times the mean order.  Each factor gets the change of its logarithm
 * times the logarithmic mean of both sums, so that nothing is left over, whichever is taken first. */
bool overview_change(const struct overview_period *now, const struct overview_period *before,
                     struct overview_change *ret_change)
{
    if (now->n_buyers == 0 || before->n_buyers == 0 || now->order_sum <= 0 || before->order_sum <= 0) return false;
    double sum = now->order_sum, sum_before = before->order_sum, ratio = log(sum / sum_before);
    double mean = fabs(ratio) < 1e-9 ? sum : (sum - sum_before) / ratio;
    double each = (double)now->n_orders / (double)now->n_buyers,
           each_before = (double)before->n_orders / (double)before->n_buyers;
    double value = sum / (double)now->n_orders, value_before = sum_before / (double)before->n_orders;
    *ret_change = (struct overview_change){
        .buyers = mean * log((double)now->n_buyers / (double)before->n_buyers),
        .orders_each = mean * log(each / each_before),
        .order_value = mean * log(value / value_before),
        .went_back = ((double)now->revenue_cents - sum) - ((double)before->revenue_cents - sum_before),
    };
    return true;
}

struct overview_amount overview_count(double n)
{
    return (struct overview_amount){ n, fmax(0, n - Z95 * sqrt(n)), n + Z95 * sqrt(n) };
}
