/* command_roi.c - what campaigns earned, against those who were left alone. */
#include "cli/argument.h"
#include "cli/command.h"
#include "base/json_write.h"
#include "analyse/experiment_file.h"
#include "analyse/experiment_log.h"
#include "cli/json_out.h"
#include "cli/database_history.h"
#include "experiment/money.h"
#include "table/frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct roi_file {
    struct invocation  *invocation;
    struct arena       *arena;
    struct frame        frame;
    struct frame_levels arms;
    size_t              control;
    double             *revenue, *orders;   /* [rows]; orders NULL: not known */
    double              margin, contact, fixed, alpha;
};

/* ---- reading ---- */

static bool read_file(struct roi_file *f, struct err *err)
{
    struct invocation *in = f->invocation;
    const char *arm = flag_text(in, "arm", NULL), *control = flag_text(in, "control", NULL),
               *revenue = flag_text(in, "revenue", NULL), *orders = flag_text(in, "orders", NULL),
               *where = flag_text(in, "where", NULL);
    size_t column;
    if (!arm || !control || !revenue)
        return err_set(
            err, ERR_INVALID,
            "--arm COL says which column has the campaigns, --control ARM who was left alone, --revenue "
            "what each spent");
    if (!flag_double(in, "margin", 0, 1, 1, &f->margin, err) ||
        !flag_double(in, "contact-cost", 0, 1e15, 0, &f->contact, err) ||
        !flag_double(in, "fixed-cost", 0, 1e15, 0, &f->fixed, err) ||
        !flag_double(in, "alpha", 1e-6, .5, .05, &f->alpha, err) ||
        !frame_open(in->arguments[0], in->progress, f->arena, &f->frame, err) ||
        (where && !frame_where(&f->frame, where, err)))
        return false;
    if (!frame_column(&f->frame, arm, &column, f->arena, err) ||
        !frame_arms(&f->frame, column, ANALYSIS_ARMS_MOST, f->arena, &f->arms, err) ||
        !experiment_arm(&f->arms, control, "control", f->arena, &f->control, err) ||
        !frame_numbers(&f->frame, revenue, f->arena, &f->revenue, err))
        return false;
    return !orders || frame_numbers(&f->frame, orders, f->arena, &f->orders, err);
}

static struct arm_sample sample_of(const struct roi_file *f, size_t arm, struct buying *ret_buying)
{
    struct arm_sample s = { 0 };
    *ret_buying = (struct buying){ 0 };
    for (size_t i = 0; i < f->frame.n_rows; i++) {
        if (f->arms.of[i] != arm || isnan(f->revenue[i])) continue;
        double value = f->margin * f->revenue[i], d = value - s.mean,
               orders = f->orders ? (isnan(f->orders[i]) ? 0 : f->orders[i]) : f->revenue[i] > 0;
        s.n++, s.mean += d / s.n, s.variance += d * (value - s.mean);
        ret_buying->n++, ret_buying->buyers += orders > 0, ret_buying->orders += orders,
            ret_buying->revenue += f->revenue[i];
    }
    s.variance /= s.n - 1;
    return s;
}

static bool check(const struct roi_file *f, struct err *err)
{
    bool any = false;
    if (f->arms.n < 2)
        return err_set(err, ERR_INVALID,
                       "there is one arm only, %s: what would have been spent anyway is not known",
                       f->arms.names[0]);
    for (size_t i = 0; i < f->frame.n_rows; i++) any |= !isnan(f->revenue[i]) && f->revenue[i] != 0;
    if (!any)
        return err_set(err, ERR_REFUSED,
                       "%s is 0 for everybody: is it the right column, and the window long enough?",
                       flag_text(f->invocation, "revenue", ""));
    for (size_t a = 0; a < f->arms.n; a++) {
        struct buying none;
        struct arm_sample s = sample_of(f, a, &none);
        if (s.n < 2)
            return err_set(err, ERR_REFUSED, "arm %s has %.0f row%s, too few to say anything of it",
                           f->arms.names[a], s.n, s.n == 1 ? "" : "s");
    }
    return true;
}

/* ---- saying ---- */

static json_t *interval(struct estimate e)
{
    if (isnan(e.value)) return json_null();
    return json_pack("{s:o, s:o, s:o}", "value", number_json(e.value), "low", number_json(e.low), "high",
                     number_json(e.high));
}

static const char *sentence_of(const struct roi_file *f, const char *arm, const struct earned *e)
{
    const char *word = e->profit.low > 0 ? "earned" : e->profit.high < 0 ? "lost" : NULL;
    double sign = word && *word == 'l' ? -1 : 1;
    return word ? arena_format(f->arena, "%s %s %.6g (%.6g to %.6g) more than doing nothing, after costs of %.6g.",
                               arm, word, sign * e->profit.value,
                               sign * (sign > 0 ? e->profit.low : e->profit.high),
                               sign * (sign > 0 ? e->profit.high : e->profit.low), e->cost)
                : arena_format(f->arena, "%s: %.6g (%.6g to %.6g) after costs of %.6g; it is not shown to pay.",
                               arm, e->profit.value, e->profit.low, e->profit.high, e->cost);
}

static json_t *campaign_json(const struct roi_file *f, size_t arm, struct arm_sample control,
                             const struct buying *control_buying)
{
    struct buying buying;
    struct arm_sample treated = sample_of(f, arm, &buying);
    struct earned e = earned_by(control, treated, f->contact * treated.n + f->fixed, f->contact, f->alpha);
    struct earned_parts parts = earned_parts_of(*control_buying, buying);
    double scale = f->margin * treated.n;
    json_t *json = json_pack(
        "{s:s, s:I, s:o, s:o, s:f, s:o, s:o, s:{s:f, s:f, s:f}, s:s}", "arm", f->arms.names[arm], "n",
        (json_int_t)treated.n, "incremental_profit", interval(e.profit), "per_treated", interval(e.per_treated),
        "cost", e.cost, "roi", interval(e.roi), "break_even_contact_cost", number_json(e.break_even), "parts",
        "customers_kept", scale * parts.kept, "orders_added", scale * parts.added, "orders_grown",
        scale * parts.grown, "sentence", sentence_of(f, f->arms.names[arm], &e));
    return json;
}

static void print_campaigns(const json_t *json)
{
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(json, "campaigns"), i, row) {
        const json_t *roi = json_object_get(row, "roi"), *even = json_object_get(row, "break_even_contact_cost"),
                     *parts = json_object_get(row, "parts");
        printf("%s\n", json_string_value(json_object_get(row, "sentence")));
        if (json_is_object(roi))
            printf("  Each unit of cost brought %.4g (%.4g to %.4g).",
                   json_number_value(json_object_get(roi, "value")),
                   json_number_value(json_object_get(roi, "low")),
                   json_number_value(json_object_get(roi, "high")));
        if (json_is_real(even)) printf("  A contact may cost %.4g before nothing is left.", json_real_value(even));
        printf("\n  Margin by more buyers %.6g, more orders of each %.6g, larger orders %.6g.\n",
               json_number_value(json_object_get(parts, "customers_kept")),
               json_number_value(json_object_get(parts, "orders_added")),
               json_number_value(json_object_get(parts, "orders_grown")));
    }
}

static bool roi_of_file(struct invocation *invocation, json_t **ret_json, struct err *err)
{
    struct roi_file f = { .invocation = invocation, .arena = invocation->arena };
    struct buying buying;
    if (!read_file(&f, err) || !check(&f, err)) return false;
    struct arm_sample control = sample_of(&f, f.control, &buying);
    json_t *campaigns = json_array();
    for (size_t a = 0; a < f.arms.n; a++)
        if (a != f.control) json_array_append_new(campaigns, campaign_json(&f, a, control, &buying));
    *ret_json =
        json_pack("{s:s, s:f, s:o}", "control", f.arms.names[f.control], "alpha", f.alpha, "campaigns", campaigns);
    return true;
}

static bool run_roi(struct invocation *invocation, struct err *err)
{
    const char *what = invocation->n_arguments > 0 ? invocation->arguments[0] : NULL;
    bool is_file = what && argument_is_file(what);
    json_t *json;
    if (!(is_file ? roi_of_file(invocation, &json, err) : experiment_log_roi(invocation, what, &json, err)))
        return false;
    if (invocation->is_json) {
        json_print_take(json);
        return true;
    }
    print_campaigns(json);
    json_decref(json);
    return true;
}

static const struct flag flags[] = {
    { "arm", "COL", "the column that says who got which campaign" },
    { "control", "ARM", "the arm that was left alone" },
    { "revenue", "COL", "what each spent: a column or SQL expression; returns are negative" },
    { "orders", "COL", "how many orders each had (else whether there was revenue)" },
    { "margin", "SHARE", "what is left of revenue (else 1)" },
    { "contact-cost", "AMOUNT", "what contacting one person costs" },
    { "fixed-cost", "AMOUNT", "what each campaign costs besides" },
    { "where", "SQL", "only rows for which this holds" },
    { "alpha", "SHARE", "intervals leave out as much (else .05)" },
    HISTORY_FLAGS,
    { 0 },
};

const struct command command_roi = {
    .name = "roi",
    .arguments = "[FILE|CAMPAIGN]",
    .summary = "what campaigns earned beyond what would have been spent anyway, after costs",
    .details =
        "Profit is the difference from the control in margin, times those contacted, less costs; its interval\n"
        "is that of the difference.",
    .example = "holdfast roi mails.csv --arm segment --control 'No E-Mail' --revenue spend --margin .4 "
               "--contact-cost .05",
    .flags = flags,
    .run = run_roi,
};
