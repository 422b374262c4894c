/* operator_amount.c - amounts: sum, mean, extremes, the first and the last; see operator.h. */
#include "feature/operator.h"

#include <math.h>

/* Of events at the same instant the smallest amount is the first and the largest the last, so that
 * the order of arrival does not matter. */
struct amount { uint64_t n; int64_t sum, min, max, first_ms, first, last_ms, last; };

static bool is_before(int64_t a_ms, int64_t a, int64_t b_ms, int64_t b) { return a_ms < b_ms || (a_ms == b_ms && a < b); }

/* Sums that leave 64 bits stay at their end instead of changing sign. */
static int64_t add_capped(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return a < 0 ? INT64_MIN : INT64_MAX;
}

static void amount_add(struct amount *amount, const struct amount *other)
{
    if (other->n == 0) return;
    bool is_first = amount->n == 0;
    if (is_first || other->min < amount->min) amount->min = other->min;
    if (is_first || other->max > amount->max) amount->max = other->max;
    if (is_first || is_before(other->first_ms, other->first, amount->first_ms, amount->first)) {
        amount->first_ms = other->first_ms;
        amount->first = other->first;
    }
    if (is_first || is_before(amount->last_ms, amount->last, other->last_ms, other->last)) {
        amount->last_ms = other->last_ms;
        amount->last = other->last;
    }
    amount->sum = add_capped(amount->sum, other->sum);
    amount->n += other->n;
}

static void amount_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    int64_t cents = event->amount_cents, time_ms = event->time_ms;
    amount_add(state, &(struct amount){ 1, cents, cents, cents, time_ms, cents, time_ms, cents });
}

static void amount_merge(void *state, const void *other, const struct operator_use *use)
{
    (void)use;
    amount_add(state, other);
}

enum { OUTPUT_SUM, OUTPUT_MEAN, OUTPUT_MIN, OUTPUT_MAX, OUTPUT_FIRST, OUTPUT_LAST, OUTPUTS };

static void amount_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                        uint64_t n_events, float *ret_row)
{
    (void)moment, (void)n_events;
    const struct amount *amount = state;
    bool is_empty = amount->n == 0;
    operator_put(use, OUTPUT_SUM, ret_row, (double)amount->sum / 100);
    operator_put(use, OUTPUT_MEAN, ret_row, is_empty ? MISSING : (double)amount->sum / 100 / (double)amount->n);
    operator_put(use, OUTPUT_MIN, ret_row, is_empty ? MISSING : (double)amount->min / 100);
    operator_put(use, OUTPUT_MAX, ret_row, is_empty ? MISSING : (double)amount->max / 100);
    operator_put(use, OUTPUT_FIRST, ret_row, is_empty ? MISSING : (double)amount->first / 100);
    operator_put(use, OUTPUT_LAST, ret_row, is_empty ? MISSING : (double)amount->last / 100);
}

static const struct operator_output amount_outputs[OUTPUTS] = {
    [OUTPUT_SUM] = { "amount_sum", "currency", "total amount of all {many}", "sumIf(amount_cents, {is}) / 100", NEEDS_AMOUNT },
    [OUTPUT_MEAN] = { "amount_mean", "currency", "mean amount of {an} {one}",
                      "sumIf(amount_cents, {is}) / 100 / countIf({is})", NEEDS_AMOUNT },
    [OUTPUT_MIN] = { "amount_min", "currency", "smallest amount of {an} {one}",
                     "if(countIf({is}) = 0, nan, minIf(amount_cents, {is}) / 100)", NEEDS_AMOUNT },
    [OUTPUT_MAX] = { "amount_max", "currency", "largest amount of {an} {one}",
                     "if(countIf({is}) = 0, nan, maxIf(amount_cents, {is}) / 100)", NEEDS_AMOUNT },
    [OUTPUT_FIRST] = { "amount_first", "currency", "amount of the first {one}",
                       "if(countIf({is}) = 0, nan, argMinIf(amount_cents, (time_ms, amount_cents), {is}) / 100)", NEEDS_AMOUNT },
    [OUTPUT_LAST] = { "amount_last", "currency", "amount of the last {one}",
                      "if(countIf({is}) = 0, nan, argMaxIf(amount_cents, (time_ms, amount_cents), {is}) / 100)", NEEDS_AMOUNT },
};

const struct operator operator_amount = {
    .name = "amount", .state_bytes = sizeof(struct amount), .outputs = amount_outputs, .n_outputs = OUTPUTS,
    .update = amount_update, .merge = amount_merge, .read = amount_read,
};

struct quantity { uint64_t n; int64_t sum_milli; };

static void quantity_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    struct quantity *quantity = state;
    quantity->sum_milli = add_capped(quantity->sum_milli, event->quantity_milli);
    quantity->n++;
}

static void quantity_merge(void *state, const void *other_state, const struct operator_use *use)
{
    (void)use;
    struct quantity *quantity = state;
    const struct quantity *other = other_state;
    quantity->sum_milli = add_capped(quantity->sum_milli, other->sum_milli);
    quantity->n += other->n;
}

static void quantity_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                          uint64_t n_events, float *ret_row)
{
    (void)moment, (void)n_events;
    const struct quantity *quantity = state;
    double sum = (double)quantity->sum_milli / 1000;
    operator_put(use, 0, ret_row, sum);
    operator_put(use, 1, ret_row, quantity->n ? sum / (double)quantity->n : MISSING);
}

static const struct operator_output quantity_outputs[] = {
    { "quantity_sum", "pieces", "total quantity of all {many}", "sumIf(quantity_milli, {is}) / 1000", NEEDS_QUANTITY },
    { "quantity_mean", "pieces", "mean quantity of {an} {one}", "sumIf(quantity_milli, {is}) / 1000 / countIf({is})",
      NEEDS_QUANTITY },
};

const struct operator operator_quantity = {
    .name = "quantity", .state_bytes = sizeof(struct quantity), .outputs = quantity_outputs, .n_outputs = 2,
    .update = quantity_update, .merge = quantity_merge, .read = quantity_read,
};
