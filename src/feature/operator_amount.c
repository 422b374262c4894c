/* operator_amount.c - sums and means of amounts and quantities; extremes, the first and the last amount; see
 * operator.h. */
#include "feature/operator.h"

#include <math.h>

/* Of events at the same instant the smallest amount is the first and the largest the last, so that
 * the order of arrival does not matter. */
struct extremes { uint64_t n; int64_t min, max, first_ms, first, last_ms, last; };

static bool is_before(int64_t a_ms, int64_t a, int64_t b_ms, int64_t b)
{
    return a_ms < b_ms || (a_ms == b_ms && a < b);
}

/* Sums that leave 64 bits stay at their end instead of changing sign. */
static int64_t add_capped(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return a < 0 ? INT64_MIN : INT64_MAX;
}

static void extremes_add(struct extremes *extremes, const struct extremes *other)
{
    if (other->n == 0) return;
    bool is_first = extremes->n == 0;
    if (is_first || other->min < extremes->min) extremes->min = other->min;
    if (is_first || other->max > extremes->max) extremes->max = other->max;
    if (is_first || is_before(other->first_ms, other->first, extremes->first_ms, extremes->first)) {
        extremes->first_ms = other->first_ms;
        extremes->first = other->first;
    }
    if (is_first || is_before(extremes->last_ms, extremes->last, other->last_ms, other->last)) {
        extremes->last_ms = other->last_ms;
        extremes->last = other->last;
    }
    extremes->n += other->n;
}

static void extremes_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    int64_t cents = event->amount_cents, time_ms = event->time_ms;
    extremes_add(state, &(struct extremes){ 1, cents, cents, time_ms, cents, time_ms, cents });
}

static void extremes_merge(void *state, const void *other, const struct operator_use *use)
{
    (void)use;
    extremes_add(state, other);
}

enum { OUTPUT_MIN, OUTPUT_MAX, OUTPUT_FIRST, OUTPUT_LAST, OUTPUTS };

static void extremes_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                          uint64_t n_events, double *ret_row)
{
    (void)moment, (void)n_events;
    const struct extremes *extremes = state;
    bool is_empty = extremes->n == 0;
    operator_put(use, OUTPUT_MIN, ret_row, is_empty ? MISSING : (double)extremes->min / 100);
    operator_put(use, OUTPUT_MAX, ret_row, is_empty ? MISSING : (double)extremes->max / 100);
    operator_put(use, OUTPUT_FIRST, ret_row, is_empty ? MISSING : (double)extremes->first / 100);
    operator_put(use, OUTPUT_LAST, ret_row, is_empty ? MISSING : (double)extremes->last / 100);
}

static const struct operator_output extremes_outputs[OUTPUTS] = {
    [OUTPUT_MIN] = { "amount_min", "currency", "smallest amount of {an} {one}",
                     "if(countIf({is}) = 0, nan, minIf(amount_cents, {is}) / 100)", NEEDS_AMOUNT },
    [OUTPUT_MAX] = { "amount_max", "currency", "largest amount of {an} {one}",
                     "if(countIf({is}) = 0, nan, maxIf(amount_cents, {is}) / 100)", NEEDS_AMOUNT },
    [OUTPUT_FIRST] = { "amount_first", "currency", "amount of the first {one}",
                       "if(countIf({is}) = 0, nan, argMinIf(amount_cents, (time_ms, amount_cents), {is}) "
                       "/ 100)", NEEDS_AMOUNT },
    [OUTPUT_LAST] = { "amount_last", "currency", "amount of the last {one}",
                      "if(countIf({is}) = 0, nan, argMaxIf(amount_cents, (time_ms, amount_cents), {is}) "
                      "/ 100)", NEEDS_AMOUNT },
};

const struct operator operator_extremes = {
    .name = "extremes", .state_bytes = sizeof(struct extremes), .outputs = extremes_outputs, .n_outputs = OUTPUTS,
    .parts = PART_AMOUNT, .update = extremes_update, .merge = extremes_merge, .read = extremes_read,
};

/* Amounts in cents or quantities in thousandths. */
struct total { uint64_t n; int64_t sum; };

static void total_add(struct total *total, uint64_t n, int64_t sum)
{
    total->n += n;
    total->sum = add_capped(total->sum, sum);
}

static void total_merge(void *state, const void *other_state, const struct operator_use *use)
{
    (void)use;
    const struct total *other = other_state;
    total_add(state, other->n, other->sum);
}

static void total_read(const struct total *total, const struct operator_use *use, double units, double *row)
{
    double sum = (double)total->sum / units;
    operator_put(use, 0, row, sum);
    operator_put(use, 1, row, total->n ? sum / (double)total->n : MISSING);
}

static void amount_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    total_add(state, 1, event->amount_cents);
}

static void amount_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                        uint64_t n_events, double *ret_row)
{
    (void)moment, (void)n_events;
    total_read(state, use, 100, ret_row);
}

static const struct operator_output amount_outputs[] = {
    { "amount_sum", "currency", "total amount of all {many}", "sumIf(amount_cents, {is}) / 100", NEEDS_AMOUNT },
    { "amount_mean", "currency", "mean amount of {an} {one}",
      "sumIf(amount_cents, {is}) / 100 / countIf({is})", NEEDS_AMOUNT },
};

const struct operator operator_amount = {
    .name = "amount", .state_bytes = sizeof(struct total), .outputs = amount_outputs, .n_outputs = 2,
    .parts = PART_AMOUNT, .update = amount_update, .merge = total_merge, .read = amount_read,
};

static void quantity_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    (void)use;
    total_add(state, 1, event->quantity_milli);
}

static void quantity_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                          uint64_t n_events, double *ret_row)
{
    (void)moment, (void)n_events;
    total_read(state, use, 1000, ret_row);
}

static const struct operator_output quantity_outputs[] = {
    { "quantity_sum", "pieces", "total quantity of all {many}", "sumIf(quantity_milli, {is}) / 1000",
      NEEDS_QUANTITY },
    { "quantity_mean", "pieces", "mean quantity of {an} {one}",
      "sumIf(quantity_milli, {is}) / 1000 / countIf({is})", NEEDS_QUANTITY },
};

const struct operator operator_quantity = {
    .name = "quantity", .state_bytes = sizeof(struct total), .outputs = quantity_outputs, .n_outputs = 2,
    .parts = PART_QUANTITY, .update = quantity_update, .merge = total_merge, .read = quantity_read,
};
