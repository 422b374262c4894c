/* command_kpi.c - the shop month by month, its cohorts and channels, and where its goals stand. */
#include "base/settings.h"
#include "cli/json_out.h"
#include "cli/database_history.h"
#include "model/cohort.h"
#include "model/kpi.h"
#include "model/kpi_activity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LAPSE_DAYS = 90 };

/* What other events tell: channels, carts, messages, engagement. */
static bool add_activity(struct invocation *invocation, const struct database_history *all, json_t *json,
                         struct err *err)
{
    struct settings settings;
    struct costs costs;
    json_t *activity;
    uint32_t goal = 0;
    if (!command_settings(invocation, all->database.store, &settings, err) ||
        !costs_read(&settings, all->database.record.currency, invocation->arena, &costs, err))
        return false;
    (void)log_find(all->database.log, DICTIONARY_KIND, text_of(all->goal), &goal);
    struct kpi_activity_options options = { (uint16_t)goal, ((int64_t)all->as_of_day + 1) * MS_PER_DAY, &costs,
                                            all->database.record.currency };
    if (!kpi_activity_json(all->database.log, &all->history, &options, &activity, err)) return false;
    json_object_update(json, activity);
    json_decref(activity);
    return true;
}

static bool add_goals(struct invocation *invocation, const struct database_history *all, const struct kpis *kpis,
                      json_t *json, struct err *err)
{
    struct settings settings;
    const char *file = flag_text(invocation, "goals", NULL);
    json_t *rows;
    if (!command_settings(invocation, all->database.store, &settings, err) ||
        (file && !settings_replace(&settings, "goals", file, invocation->arena, err)) ||
        !kpi_goals_json(settings_section(&settings, "goals"), kpis, all->as_of_day, invocation->arena, &rows, err))
        return false;
    json_object_set_new(json, "goals", rows);
    return true;
}

/* ---- saying ---- */

static double at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* A number in so many places, or a dash where there is none. */
struct shown { char text[24]; };

static struct shown shown(double value, int places, const char *unit)
{
    struct shown s;
    if (isnan(value)) snprintf(s.text, sizeof s.text, "-");
    else snprintf(s.text, sizeof s.text, "%.*f%s", places, value, unit);
    return s;
}

static void print_month(const json_t *row)
{
    printf("%-8s %9.0f %7.0f %9.0f %9s %11.0f %14.2f %7s %7s%s\n",
           json_string_value(json_object_get(row, "month")), at(row, "customers"), at(row, "new"),
           at(row, "retained"), shown(100 * at(json_object_get(row, "retention"), "value"), 1, " %").text,
           at(row, "reactivated"), at(row, "revenue_cents") / 100, shown(at(row, "nrr"), 3, "").text,
           shown(at(row, "grr"), 3, "").text, json_is_true(json_object_get(row, "partial")) ? "  so far" : "");
}

static void print_channels(const json_t *rows)
{
    size_t i;
    const json_t *row;
    if (json_array_size(rows) > 0)
        printf("\n%-16s %9s %9s %10s %12s %14s %10s\n", "came by", "people", "customers", "converted",
               "cost of one", "pays back in", "retained");
    json_array_foreach(rows, i, row)
        printf("%-16.16s %9.0f %9.0f %10s %12s %14s %10s\n", json_string_value(json_object_get(row, "channel")),
               at(row, "people"), at(row, "customers"),
               shown(100 * at(json_object_get(row, "lead_conversion"), "value"), 1, " %").text,
               shown(at(row, "cost_per_customer_cents") / 100, 2, "").text,
               shown(at(row, "payback_months"), 1, " months").text,
               shown(100 * at(json_object_get(row, "retention"), "value"), 1, " %").text);
}

static void print_messages(const json_t *rows)
{
    static const char *const counts[] = { "delivered", "opened",  "clicked",
                                          "converted", "bounced", "unsubscribed" };
    size_t i;
    const json_t *row;
    if (json_array_size(rows) == 0) return;
    printf("\n%-24s", "messages of");
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) printf(" %12s", counts[c]);
    putchar('\n');
    json_array_foreach(rows, i, row) {
        const char *campaign = json_string_value(json_object_get(row, "campaign"));
        printf("%-24.24s", campaign ? campaign : "(not told)");
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) printf(" %12.0f", at(row, counts[c]));
        putchar('\n');
    }
}

static void print_kpis(const json_t *json)
{
    size_t i;
    const json_t *row, *repeat = json_object_get(json, "repeat_rate"), *goals = json_object_get(json, "goals");
    printf("Of %.0f customers %.1f %% (%.1f to %.1f) ordered on two days or more.\n\n", at(json, "customers"),
           100 * at(repeat, "value"), 100 * at(repeat, "low"), 100 * at(repeat, "high"));
    printf("%-8s %9s %7s %9s %9s %11s %14s %7s %7s\n", "month", "customers", "new", "retained", "share",
           "reactivated", "revenue", "NRR", "GRR");
    json_array_foreach(json_object_get(json, "rows"), i, row) print_month(row);
    print_channels(json_object_get(json, "channels"));
    print_messages(json_object_get(json_object_get(json, "messages"), "rows"));
    if (json_array_size(goals) > 0)
        printf("\n%-16s %10s %22s %18s %12s\n", "goal", "now", "interval", "wanted", "chance");
    json_array_foreach(goals, i, row) {
        const json_t *value = json_object_get(row, "value");
        printf("%-16.16s %10.4g %10.4g -%10.4g %6s %.4g by %s %8s\n",
               json_string_value(json_object_get(row, "name")), at(value, "value"), at(value, "low"),
               at(value, "high"), json_string_value(json_object_get(row, "side")), at(row, "target"),
               json_string_value(json_object_get(row, "by")), shown(100 * at(row, "chance"), 0, " %").text);
    }
}

static bool run_kpi(struct invocation *invocation, struct err *err)
{
    struct database_history all;
    struct kpis kpis;
    struct cohorts cohorts;
    const char *by = flag_text(invocation, "by", "month");
    if (strcmp(by, "month") != 0)
        return err_set(err, ERR_INVALID, "--by month is the only span there is; not %s", by);
    if (!database_history_open(invocation, LEAVING_IGNORED, &all, err)) return false;
    bool ok =
        all.history.n_customers > 0 ||
        err_set(err, ERR_REFUSED, "nobody has an event '%s' before this day, so there is nothing to count", all.goal);
    if (ok) {
        kpis_build(&all.history, all.as_of_day, invocation->arena, &kpis);
        cohorts_build(&all.history, all.as_of_day, LAPSE_DAYS, invocation->arena, &cohorts);
        json_t *json = kpis_json(&kpis), *rows = cohorts_json(&cohorts);
        char as_of[11];
        calendar_format_day(all.as_of_day, as_of);
        json_object_set_new(json, "as_of", json_string(as_of));
        json_object_set_new(json, "goal", json_string(all.goal));
        json_object_set(json, "cohorts", json_object_get(rows, "rows"));
        json_decref(rows);
        ok = add_activity(invocation, &all, json, err) && add_goals(invocation, &all, &kpis, json, err);
        if (ok && !invocation->is_json) print_kpis(json);
        if (ok && invocation->is_json) json_print_take(json);
        else json_decref(json);
    }
    database_history_close(&all);
    return ok;
}

static const struct flag flags[] = {
    { "by", "month", "the span of a row" },
    { "goals", "FILE",
      "goals in YAML (else those of the settings): goals: [{name: churn, below: .04, by: 2027-06-30}]" },
    HISTORY_FLAGS,
    { 0 },
};

const struct command command_kpi = {
    .name = "kpi",
    .arguments = "",
    .summary = "the shop month by month: who stayed, came and came back, their money, cohorts, goals",
    .details = "Each number's definition stands in the JSON beside it.  A goal's chance supposes that the last "
               "year's course\n"
               "and scatter go on.",
    .example = "holdfast kpi --by month --as-of 1998-07-01 --json",
    .flags = flags,
    .run = run_kpi,
};
