/* operator_decayed.c - counts and amounts that fade with age, and their trend; see operator.h. */
#include "feature/operator.h"

#include <math.h>

struct decayed { double count[DECAYS], cents[DECAYS]; };    /* as of the table's landmark */

static void decayed_update(void *state, const struct fold_event *event, const struct operator_use *use)
{
    struct decayed *decayed = state;
    double factor[DECAYS], cents = (double)event->amount_cents;
    decay_factors(use->decay, event->time_ms, factor);
    for (int h = 0; h < DECAYS; h++) {
        decayed->count[h] += factor[h];
        decayed->cents[h] += factor[h] * cents;
    }
}

static void decayed_merge(void *state, const void *other_state, const struct operator_use *use)
{
    (void)use;
    struct decayed *decayed = state;
    const struct decayed *other = other_state;
    for (int h = 0; h < DECAYS; h++) {
        decayed->count[h] += other->count[h];
        decayed->cents[h] += other->cents[h];
    }
}

enum { OUTPUT_COUNT, OUTPUT_AMOUNT = DECAYS, OUTPUT_TREND = 2 * DECAYS, OUTPUT_AMOUNT_TREND, OUTPUTS };
enum { SHORT = 1, LONG = 3 };       /* 30 and 365 days */

/* 1 for someone as busy lately as over the year; more is speeding up, less is slowing down. */
static double trend_of(double short_sum, double long_sum)
{
    return long_sum > 0 ? short_sum / long_sum * (decay_days[LONG] / decay_days[SHORT]) : MISSING;
}

static void decayed_read(const void *state, const struct operator_use *use, const struct fold_moment *moment,
                         uint64_t n_events, double *ret_row)
{
    (void)n_events;
    const struct decayed *decayed = state;
    const double *scale = moment->scale;
    for (size_t h = 0; h < DECAYS; h++) {
        operator_put(use, OUTPUT_COUNT + h, ret_row, decayed->count[h] * scale[h]);
        operator_put(use, OUTPUT_AMOUNT + h, ret_row, decayed->cents[h] * scale[h] / 100);
    }
    if (use->column[OUTPUT_TREND] >= 0)
        operator_put(use, OUTPUT_TREND, ret_row,
                     trend_of(decayed->count[SHORT] * scale[SHORT], decayed->count[LONG] * scale[LONG]));
    if (use->column[OUTPUT_AMOUNT_TREND] >= 0)
        operator_put(use, OUTPUT_AMOUNT_TREND, ret_row,
                     trend_of(decayed->cents[SHORT] * scale[SHORT], decayed->cents[LONG] * scale[LONG]));
}

#define COUNT_SQL(days)  "sumIf(exp2((time_ms - as_of_ms) / (" days " * 86400000.)), {is})"
#define AMOUNT_SQL(days) "sumIf(amount_cents * exp2((time_ms - as_of_ms) / (" days " * 86400000.)), {is}) / 100"
#define COUNT_OUTPUT(days) { "decayed_" days "d", "events", \
                             "{many}, each counting half as much after " days " days", COUNT_SQL(days), 0 }
#define AMOUNT_OUTPUT(days) { "amount_decayed_" days "d", "currency", \
                              "amount of {many}, counting half as much after " days " days", AMOUNT_SQL(days), \
                              NEEDS_AMOUNT }

static const struct operator_output outputs[OUTPUTS] = {
    COUNT_OUTPUT("7"), COUNT_OUTPUT("30"), COUNT_OUTPUT("90"), COUNT_OUTPUT("365"),
    AMOUNT_OUTPUT("7"), AMOUNT_OUTPUT("30"), AMOUNT_OUTPUT("90"), AMOUNT_OUTPUT("365"),
    { "trend", "ratio", "rate of {many} of late over that of the year (half-lives 30 and 365 days); 1 is steady",
      "if(" COUNT_SQL("365") " > 0, " COUNT_SQL("30") " / " COUNT_SQL("365") " * 365 / 30, nan)", 0 },
    { "amount_trend", "ratio",
      "amount of {many} of late over that of the year (half-lives 30 and 365 days); 1 is steady",
      "if(" AMOUNT_SQL("365") " > 0, (" AMOUNT_SQL("30") ") / (" AMOUNT_SQL("365") ") * 365 / 30, nan)",
      NEEDS_AMOUNT },
};

const struct operator operator_decayed = {
    .name = "decayed", .state_bytes = sizeof(struct decayed), .outputs = outputs, .n_outputs = OUTPUTS,
    .parts = PART_AMOUNT, .update = decayed_update, .merge = decayed_merge, .read = decayed_read,
};
