/* command_plan.c - which action for whom. */
#include "cli/command.h"
#include "cli/json_out.h"
#include "analyse/plan_file.h"
#include "campaign/plan_database.h"
#include "campaign/plan_split.h"
#include "cli/warnings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void print_plan(const json_t *json)
{
    size_t i;
    const char *name;
    const json_t *row;
    json_t *price;
    printf("%zu customers get something, which earns %.10g for %.10g",
           json_array_size(json_object_get(json, "chosen")), at(json_object_get(json, "profit"), "value"),
           at(json, "spent"));
    printf(json_is_true(json_object_get(json, "exact"))
               ? ": no plan earns more, all were weighed (the bound by prices alone is %.10g, %.3g %% above).\n"
               : "; no plan earns more than %.10g (%.3g %% apart).\n",
           at(json, "bound"), 100 * at(json, "gap"));
    json_object_foreach(json_object_get(json, "shadow_prices"), name, price)
        printf("one more unit of %s would earn %.6g\n", name, json_number_value(price));
    printf("%.0f are left alone.\n", at(json_object_get(json, "left_alone"), "n"));
    plan_split_print(stdout, json_object_get(json, "split"));
    printf("\n%-24s %-16s %10s %10s\n", "customer", "action", "cost", "profit");
    json_array_foreach(json_object_get(json, "chosen"), i, row) {
        if (i == 20) {
            printf("... and %zu more; --json lists all\n", json_array_size(json_object_get(json, "chosen")) - i);
            break;
        }
        printf("%-24.24s %-16.16s %10.6g %10.6g\n", json_string_value(json_object_get(row, "customer")),
               json_string_value(json_object_get(row, "action")), at(row, "cost"),
               at(json_object_get(row, "profit"), "value"));
    }
    printf("\n%12s %12s\n", "budget", "profit");
    json_array_foreach(json_object_get(json, "curve"), i, row)
        printf("%12.6g %12.6g\n", at(row, "budget"), at(row, "profit"));
}

static void print_offers(const json_t *json)
{
    size_t i;
    const json_t *row;
    printf("%s\n\n%10s %10s %14s %12s\n", json_string_value(json_object_get(json, "sentence")), "depth",
           "response", "earns a head", "margin left");
    json_array_foreach(json_object_get(json, "depths"), i, row) printf(
        "%10g %10.4f %14.6g %12.4f%s\n", at(row, "depth"), at(row, "response"), at(row, "margin_per_customer"),
        at(row, "margin_left"), json_is_true(json_object_get(row, "allowed")) ? "" : "  below the floor");
}

static void print_shop(FILE *out, const json_t *json)
{
    size_t i;
    const json_t *row;
    const json_t *approval = json_object_get(json, "approval");
    fprintf(out, "%s\n", json_string_value(json_object_get(json, "sentence")));
    if (json_is_object(approval) && !json_is_true(json_object_get(json, "committed")))
        fprintf(out, "Nothing was written: %s, and somebody else%s%s has to say yes: plan --commit --approve.\n",
                json_string_value(json_object_get(approval, "needs")),
                json_string_value(json_object_get(approval, "role")) ? " of the role " : "",
                json_string_value(json_object_get(approval, "role"))
                    ? json_string_value(json_object_get(approval, "role"))
                    : "");
    if (json_array_size(json_object_get(json, "chosen")) == 0) return;
    plan_split_print(out, json_object_get(json, "split"));
    fprintf(out, "\n%-24s %-16s %-10s %10s %10s\n", "customer", "action", "group", "cost", "profit");
    json_array_foreach(json_object_get(json, "chosen"), i, row) {
        if (i == 20) {
            fprintf(out, "... and %zu more; --json lists all\n",
                    json_array_size(json_object_get(json, "chosen")) - i);
            break;
        }
        double profit = at(json_object_get(row, "profit"), "value");
        fprintf(out, "%-24.24s %-16.16s %-10s %10.4g ", json_string_value(json_object_get(row, "customer")),
                json_string_value(json_object_get(row, "action")),
                json_string_value(json_object_get(row, "group")), at(row, "cost"));
        if (isnan(profit)) fprintf(out, "%10s\n", "-");        /* drawn by lot: nothing was foretold of them */
        else fprintf(out, "%10.4g\n", profit);
    }
}

/* What was typed and is only of a plan from the database, or of the other kind of file. */
static json_t *file_warnings(const struct invocation *invocation, bool is_options)
{
    static const char *const shop[] = { "actions", "as-of",  "horizon", "goal", "explore", "withhold",
                                        "pilot",   "commit", "sink",    "approve", NULL },
                      *const options[] = { "budget", "capacity", "max-disparity", "group", "where", NULL },
                      *const offers[] = { "price", "margin", "floor", "competitor", "stock", "customers", NULL };
    json_t *warnings = json_array();
    warn_of_flags(invocation, shop, "on a file: a plan from the database takes such", warnings);
    if (is_options) warn_of_flags(invocation, offers, "on --options", warnings);
    else warn_of_flags(invocation, options, "on --offers", warnings);
    return warnings;
}

static bool run_plan(struct invocation *invocation, struct err *err)
{
    const char *options = flag_text(invocation, "options", NULL), *offers = flag_text(invocation, "offers", NULL);
    json_t *json;
    if (options && offers)
        return err_set(err, ERR_INVALID, "plan takes --options FILE or --offers FILE, not both");
    if (options ? !plan_options_file(invocation, options, &json, err)
        : offers ? !plan_offers_file(invocation, offers, &json, err) : !plan_database(invocation, &json, err))
        return false;
    if (options || offers) json_object_set_new(json, "warnings", file_warnings(invocation, options));
    if (invocation->is_json) { json_write_take(invocation->out, json); return true; }
    if (options) print_plan(json);
    else if (offers) print_offers(json);
    else print_shop(invocation->out, json);
    warnings_print(invocation, json_object_get(json, "warnings"));
    json_decref(json);
    return true;
}

static bool is_writing(const struct invocation *invocation) { return flag_is_given(invocation, "commit"); }

static const struct flag flags[] = {
    { "options", "FILE", "what could be done: customer, action, cost, profit" },
    { "budget", "AMOUNT", "what may be spent (else no limit)" },
    { "capacity", "LIST", "how often each action can be taken: call=10,coupon=20" },
    { "max-disparity", "SHARE", "shares chosen of groups differ by no more" },
    { "group", "COL", "whose shares: a column of --options, or a trait" },
    { "where", "SQL", "only options for which this holds" },
    { "actions", "FILE", "what can be done, in YAML (else the section actions of holdfast.yaml)" },
    { "as-of", "DATE", "by what was known when this day began (else now: after the last event)" },
    { "horizon", "SPAN", "how long what an action does is waited for (else the budget's span, else 4w)" },
    { "goal", "EVENT", "the event that counts (else order)" },
    { "explore", "SHARE", "by lot: each action and nothing alike, to learn from (else .1)" },
    { "withhold", "SHARE", "of those planned for, by lot, to measure the plan (else .1)" },
    { "pilot", "SHARE", "the same as --explore where nothing was drawn before (else .6)" },
    { "commit", NULL, "write the decisions down, and queue a message or task for each customer chosen" },
    { "sink", "FILE", "instead of sending: one line of JSON for each customer who gets something" },
    { "approve", NULL, "with --commit: say yes to a plan that somebody else wanted committed" },
    { "offers", "FILE", "how many bought at each depth: depth, response, and n where known" },
    { "price", "AMOUNT", "offers: what is paid without a discount" },
    { "margin", "SHARE", "the share of the price that is earned (else that of the settings' costs, else 1)" },
    { "competitor", "AMOUNT", "offers: what others ask for it today; the column competitor says what they asked then" },
    { "stock", "N", "offers: how many there are to sell, of --customers" },
    { "customers", "N", "offers: how many are asked" },
    { "floor", "SHARE", "offers: the least margin that must be left of what is paid (else 0)" },
    { 0 },
};

const struct command command_plan = {
    .name = "plan",
    .arguments = "",
    .summary = "which action for whom, so that a budget earns most, and who is better left alone",
    .details =
        "Of a database: effects are learned from what was drawn by lot before; without that a pilot is designed.\n"
        "The profit is that of the plan as a policy on people who did not teach it, never the sum of "
        "predictions.\n"
        "The bound is Lagrange's: no plan earns more.  Small instances are solved to the end.",
    .example = "holdfast plan --options options.csv --budget 120 --capacity call=10,coupon=20",
    .flags = flags,
    .run = run_plan,
    .is_writing = is_writing,
};
