/* command_simulate.c - a made-up shop with the truth beside its data. */
#include "cli/command.h"
#include "cli/json_out.h"
#include "base/calendar.h"
#include "simulate/simulate.h"

#include <stdio.h>

static void print_json(const struct simulation *simulation, const char *folder)
{
    char from[11], to[11];
    calendar_format_day(calendar_day_of_ms(simulation->first_ms), from);
    calendar_format_day(calendar_day_of_ms(simulation->end_ms - 1), to);
    json_print_take(json_pack("{s:s, s:I, s:I, s:s, s:s, s:[s,s,s,s]}", "folder", folder, "customers",
                              (json_int_t)simulation->options.n_customers, "events",
                              (json_int_t)simulation->n_events, "from", from, "to", to, "files", "events.csv",
                              "orders.csv", "truth.csv", "truth.json"));
}

static void print_text(const struct simulation *simulation, const char *folder)
{
    char from[11], to[11];
    calendar_format_day(calendar_day_of_ms(simulation->first_ms), from);
    calendar_format_day(calendar_day_of_ms(simulation->end_ms - 1), to);
    printf("a shop of %zu customers with %zu events from %s to %s\n"
           "  %s/events.csv   what they did: visits, e-mails, orders, refunds\n"
           "  %s/orders.csv   the same orders, line by line\n"
           "  %s/truth.csv    what each customer was really like\n"
           "  %s/truth.json   the parameters behind it\n"
           "next: holdfast run %s/events.csv\n",
           simulation->options.n_customers, simulation->n_events, from, to, folder, folder, folder, folder,
           folder);
}

static bool run_simulate(struct invocation *invocation, struct err *err)
{
    int64_t n_customers, n_days, first_ms;
    double dirt_share;
    int64_t usual_first_ms = calendar_day((struct civil){ 2023, 1, 1 }) * MS_PER_DAY;
    if (!flag_int(invocation, "customers", 1, SIMULATE_CUSTOMERS_MAX, 4000, &n_customers, err) ||
        !flag_int(invocation, "days", 60, SIMULATE_DAYS_MAX, 730, &n_days, err) ||
        !flag_date_ms(invocation, "from", usual_first_ms, &first_ms, err) ||
        !flag_double(invocation, "dirt", 0, 0.5, 0, &dirt_share, err))
        return false;
    struct simulate_options options = {
        .seed = invocation->seed,
        .n_customers = (size_t)n_customers,
        .n_days = n_days,
        .first_day = calendar_day_of_ms(first_ms),
        .has_seasons = !flag_is_given(invocation, "no-seasons"),
        .has_campaign = !flag_is_given(invocation, "no-campaign"),
        .n_threads = invocation->n_threads,
    };
    const char *folder = flag_text(invocation, "out", "shop");
    struct simulation *simulation = NULL;
    if (!simulate(&options, invocation->progress, &simulation, err)) return false;
    bool ok = simulation_write(simulation, folder, dirt_share, err);
    if (ok && invocation->is_json) print_json(simulation, folder);
    else if (ok) print_text(simulation, folder);
    simulation_free(simulation);
    return ok;
}

static const struct flag flags[] = {
    { "customers", "N", "how many (else 4000)" },
    { "days", "N", "how long the shop is watched (else 730)" },
    { "from", "DATE", "its first day (else 2023-01-01)" },
    { "out", "FOLDER", "where the files go (else shop)" },
    { "dirt", "SHARE", "share of rows that are spoilt, up to 0.5 (else 0)" },
    { "no-seasons", NULL, "every hour is as busy as every other" },
    { "no-campaign", NULL, "nobody is sent a campaign" },
    { NULL, NULL, NULL }
};

const struct command command_simulate = {
    .name = "simulate",
    .arguments = "",
    .summary = "make up a shop whose truth is known",
    .details = "Customers order at rates of their own and leave unseen (BG/NBD), spend by the gamma-gamma "
               "model, come through\n"
               "channels of different quality, and half of them are sent a campaign. The truth is written "
               "beside the data,\n"
               "so that what is estimated can be compared. The same --seed makes the same files.",
    .example = "holdfast simulate --customers 4000 --seed 7 --out shop",
    .flags = flags,
    .run = run_simulate,
};
