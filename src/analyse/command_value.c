/* command_value.c - how often customers will still order and for how much: fit, check, totals. */
#include "cli/import_flags.h"
#include "server/clocks.h"
#include "cli/json_out.h"
#include "cli/database_history.h"
#include "model/value.h"

#include <math.h>
#include <stdio.h>

static void print_parameter(FILE *out, const char *name, double value, double se)
{
    if (isfinite(se)) fprintf(out, "  %-6s %10.4f  (standard error %.4f)\n", name, value, se);
    else fprintf(out, "  %-6s %10.4f\n", name, value);
}

static void print_orders(FILE *out, const struct orders_fit *fit)
{
    const struct bgnbd_fit *bgnbd = &fit->bgnbd;
    const struct pareto_nbd_fit *pareto = &fit->pareto;
    bool is_pareto = fit->kind == ORDERS_PARETO_NBD;
    const char *missing = is_pareto ? pareto->se_missing : bgnbd->se_missing;
    if (is_pareto) {
        print_parameter(out, "r", pareto->model.r, pareto->se.r);
        print_parameter(out, "alpha", pareto->model.alpha, pareto->se.alpha);
        print_parameter(out, "s", pareto->model.s, pareto->se.s);
        print_parameter(out, "beta", pareto->model.beta, pareto->se.beta);
    } else {
        print_parameter(out, "r", bgnbd->model.r, bgnbd->se.r);
        print_parameter(out, "alpha", bgnbd->model.alpha, bgnbd->se.alpha);
    }
    if (!is_pareto && fit->kind != ORDERS_NBD) {
        print_parameter(out, "a", bgnbd->model.a, bgnbd->se.a);
        print_parameter(out, "b", bgnbd->model.b, bgnbd->se.b);
    }
    fprintf(out, "  log-likelihood %.4f\n", is_pareto ? pareto->log_likelihood : bgnbd->log_likelihood);
    if (missing) fprintf(out, "  no standard errors: %s\n", missing);
}

static void print_fit(FILE *out, const struct value_model *value)
{
    const struct gamma_gamma_fit *spend = &value->calibration_spend;
    char end[11];
    calendar_format_day(value->calibration_end_day, end);
    fprintf(out, "%s, %zu customers up to %s, unit %s\n", orders_model_name(value->calibration.kind),
            value->n_calibration, end, unit_word(value->unit));
    if (value->orders_model_why) fprintf(out, "%s\n", value->orders_model_why);
    print_orders(out, &value->calibration);
    if (value->has_spend) {
        fprintf(out, "Gamma-Gamma, %zu customers with a repeat order\n", spend->n_used);
        print_parameter(out, "p", spend->model.p, spend->se.p);
        print_parameter(out, "q", spend->model.q, spend->se.q);
        print_parameter(out, "gamma", spend->model.gamma, spend->se.gamma);
        fprintf(out, "  log-likelihood %.4f\n", spend->log_likelihood);
        fprintf(out, "  correlation of number and size of orders %.3f (the model supposes 0)\n",
                value->spend_correlation);
    } else if (value->spend_missing) fprintf(out, "%s\n", value->spend_missing);
}

static void print_check(FILE *out, const struct value_model *value)
{
    fprintf(out, "\nOrder days per customer after that, by repeat orders before:\n  repeats  customers    actual  "
                 "expected\n");
    for (int i = 0; i < VALUE_FREQUENCIES; i++) {
        const struct frequency_row *row = &value->by_frequency[i];
        fprintf(out, "  %6d%s  %9zu  %8.3f  %8.3f\n", i, i == VALUE_FREQUENCIES - 1 ? "+" : " ", row->customers,
                row->actual, row->expected);
    }
    fprintf(out, "%s\n", value->holdout_note);
    if (!value->refusal) fprintf(out, "\n%s\n", value->sentence);
}

static bool read_options(const struct invocation *invocation, const struct database_history *all,
                         struct value_options *ret_options, struct err *err)
{
    int64_t calibration_ms, horizon_days;
    struct value_options options = { .as_of_day = all->as_of_day,
                                     .calibration_end_day = VALUE_CHOOSE_DAY,
                                     .n_threads = invocation->n_threads,
                                     .currency = all->database.record.currency };
    const char *unit = flag_text(invocation, "unit", "week");
    if (!unit_parse(unit, &options.unit))
        return err_set(err, ERR_INVALID, "--unit '%s': want day, week or month", unit);
    const char *model = flag_text(invocation, "model", "bg-nbd");
    options.is_pareto = strcmp(model, "pareto-nbd") == 0;
    if (!options.is_pareto && strcmp(model, "bg-nbd") != 0)
        return err_set(err, ERR_INVALID, "--model '%s': want bg-nbd or pareto-nbd", model);
    if (!flag_date_ms(invocation, "calibration-end", INT64_MIN, &calibration_ms, err)) return false;
    if (!flag_days(invocation, "horizon", 365, &horizon_days, err)) return false;
    if (!flag_double(invocation, "discount", 0, 10, 0.1, &options.discount_yearly, err)) return false;
    if (horizon_days < 1 || horizon_days > 3650)
        return err_set(err, ERR_INVALID, "--horizon: want 1 day to 10 years");
    if (calibration_ms != INT64_MIN) options.calibration_end_day = (int32_t)calendar_day_of_ms(calibration_ms);
    options.horizon_days = (int32_t)horizon_days;
    *ret_options = options;
    return true;
}

static bool run_value(struct invocation *invocation, struct err *err)
{
    struct database_history all;
    struct value_options options;
    struct value_model value;
    double began = clock_seconds();
    if (!database_history_open(invocation, LEAVING_KNOWN, &all, err)) return false;
    bool ok = read_options(invocation, &all, &options, err)
              && value_fit(&all.history, &options, invocation->arena, &value, err);
    if (ok && invocation->is_json) {
        json_t *json = value_json(&value);
        json_object_set_new(json, "goal", json_string(all.goal));
        json_object_set_new(json, "seconds", json_real(clock_seconds() - began));
        json_write_take(invocation->out, json);
    } else if (ok) {
        print_fit(invocation->out, &value);
        print_check(invocation->out, &value);
    }
    database_history_close(&all);
    return ok;
}

static const struct flag flags[] = {
    { "unit", "UNIT", "of time for the model: day, week or month (else week)" },
    { "model", "NAME", "of when customers order: bg-nbd or pareto-nbd (else bg-nbd)" },
    { "calibration-end", "DATE",
      "the last day fitted; what follows judges the fit (else after 60 % of the history)" },
    { "horizon", "SPAN", "over which orders and spend are expected: 90d, 12w, 3m, 1y (else 1y)" },
    { "discount", "SHARE", "discount rate a year (else 0.1)" },
    HISTORY_FLAGS,
    LEAVING_FLAGS,
    IMPORT_FLAGS,
    { 0 }
};

const struct command command_value = {
    .name = "value",
    .arguments = "[FILE]",
    .summary = "how often customers will still order, and for how much (BG/NBD, Gamma-Gamma)",
    .details = "Fits how often customers order and when they leave, and how much they spend, on the history up "
               "to the\n"
               "calibration end; shows how the fit fared on what followed; then fits everything and sums up "
               "the horizon.\n"
               "FILE is imported first, as by holdfast import.",
    .example = "holdfast value --unit week --calibration-end 1997-09-30",
    .flags = flags,
    .run = run_value,
    .is_writing = writes_file,
    .is_named_by_file = true,
};
