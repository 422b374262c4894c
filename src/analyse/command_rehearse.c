/* command_rehearse.c - a year of pilot, plan, sending, measuring and learning again; see rehearsal.h. */
#include "cli/json_out.h"
#include "analyse/rehearsal.h"

#include "base/calendar.h"
#include "base/secret.h"
#include "customer/profile.h"
#include "store/setting.h"
#include "table/import.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PERIODS_MOST = 52, CUSTOMERS_LEAST = 500 };

static const double BUDGET_CENTS_EACH = 25, QUANTILE = 1.959963984540054, HOLDOUT = .05;
enum file {
    FILE_TRUTH,
    FILE_FEATURES,
    FILE_ASSIGNMENTS,
    FILE_OUTCOMES,
    FILE_NEVER,
    FILE_SINK,
    FILE_SCORES,
    FILES
};
static const struct { const char *name, *head; } files[FILES] = {
    { "truth.csv", "period,customer,action,eligible,tau_cents,cost_cents\n" },
    { "features.csv", "period,customer" },
    { "assignments.csv", "period,customer,group,planned_action,action,propensity,planned_cents\n" },
    { "outcomes.csv", "period,customer,profit_cents,nothing_cents\n" },
    { "never.csv", "customer,period,profit_cents\n" },
    { "sink.ndjson", "" },
    { "scores.csv", "period,customer,risk\n" } };

struct rehearsal {
    struct invocation      *invocation;
    struct arena           *arena;
    const char             *folder, *world_name;
    struct world           *world;
    struct reckoner        *reckoner;
    FILE                   *file[FILES];
    struct store           *store;
    struct log             *log;
    struct identities      *identities;
    struct profiles        *profiles;
    int64_t                 n_periods;
    struct rehearsal_period periods[PERIODS_MOST];
    uint8_t                *action, *planned, *group;   /* [n] of this period */
    double                 *year_profit, *year_never;   /* [n] */
    bool                   *is_held_out;
    struct world_outcome   *outcome;
};

static const struct plan_action actions[] = { { "email", .02, 0, 0, HUGE_VAL, 0 },
                                              { "coupon", .02, .1, .7, HUGE_VAL, 0 },
                                              { "call", 2.5, 0, 0, HUGE_VAL, 0 } };
enum { ACTIONS = sizeof actions / sizeof *actions };

/* ---- the program's side ---- */

static const char *path_of(const struct rehearsal *r, const char *name)
{
    return arena_format(r->arena, "%s/%s", r->folder, name);
}

static bool open_program(struct rehearsal *r, struct err *err)
{
    const char *path = path_of(r, "shop.holdfast");
    static const char *const leftovers[] = { "", "-wal", "-shm", ".key" };
    char salt[17];
    for (size_t i = 0; i < sizeof leftovers / sizeof *leftovers; i++)
        if (unlink(arena_format(r->arena, "%s%s", path, leftovers[i])) != 0 && errno != ENOENT)
            return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    snprintf(salt, sizeof salt, "%016llx",
             (unsigned long long)(r->world->seed * UINT64_C(0x9E3779B97F4A7C15) + 1));
    if (!store_open(path, STORE_CREATE, &r->store, err) || !log_open(r->store, &r->log, err) ||
        !profiles_open(r->store, true, &r->profiles, err) || !store_begin(r->store, err))
        return false;
    return setting_put(r->store, "decision_salt", salt, err) && store_commit(r->store, err);
}

/* As a person would: a file of what happened goes through the import. */
static bool import(struct rehearsal *r, const char *name, struct err *err)
{
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct import_options options = { .n_threads = r->invocation->n_threads };
    struct import_result result;
    bool ok = import_file(r->store, r->log, path_of(r, name), &options, scratch, NULL, &result, err);
    arena_free(scratch);
    return ok;
}

static bool write_events(struct rehearsal *r, const char *name, int period, struct err *err)
{
    FILE *out = fopen(path_of(r, name), "w");
    if (!out) return err_set(err, ERR_IO, "%s: %s", path_of(r, name), strerror(errno));
    if (period == 0) world_write_history(r->world, out);
    else world_live(r->world, period, r->action, out, r->outcome);
    return fclose(out) == 0 || err_set(err, ERR_IO, "%s: %s", path_of(r, name), strerror(errno));
}

static size_t person_of(const struct rehearsal *r, uint32_t identity)
{
    struct text name = log_name(r->log, DICTIONARY_IDENTITY, identity);
    return name.length > 1 && name.at[0] == 'C' ? (size_t)strtoull(name.at + 1, NULL, 10) : SIZE_MAX;
}

static struct plan_setup setup_of(const struct rehearsal *r, int period)
{
    static const char *const who[ACTIONS] = { NULL };
    return (struct plan_setup){ .store = r->store,
                                .log = r->log,
                                .goal = "order",
                                .actions = actions,
                                .who = who,
                                .n_actions = ACTIONS,
                                .margin = WORLD_MARGIN,
                                .budget = BUDGET_CENTS_EACH * (double)r->world->n / 100,
                                .as_of_ms = r->world->begin_ms + (period - 1) * WORLD_PERIOD_DAYS * MS_PER_DAY,
                                .horizon_days = WORLD_PERIOD_DAYS,
                                .identities = r->identities,
                                .holdout = { HOLDOUT, r->world->seed * UINT64_C(0x9E3779B97F4A7C15) + 1 },
                                .explore_share = .1,
                                .withhold_share = .1,
                                .pilot_share = .6,
                                .is_pilot_unbounded = true,
                                .seed = r->world->seed,
                                .n_threads = r->invocation->n_threads };
}

static const char *action_name(size_t action) { return world_action_name[action]; }

/* The program decides; what it decided is all that the world hears. */
static bool plan_period(struct rehearsal *r, int period, struct arena *arena, struct plan_made *ret_made,
                        struct err *err)
{
    identities_close(r->identities);
    r->identities = NULL;
    if (!identities_open(r->store, r->log, &r->identities, err)) return false;
    struct plan_setup setup = setup_of(r, period);
    if (!plan_from_log(&setup, arena, ret_made, err)) return false;
    bool *is_new = ARENA_ARRAY(arena, bool, ret_made->n_rows + 1);
    if (!store_begin(r->store, err)) return false;
    if (!plan_commit(&setup, ret_made, profiles_vault(r->profiles), is_new, err)) {
        store_rollback(r->store);
        return false;
    }
    if (!store_commit(r->store, err)) return false;
    memset(r->action, 0, r->world->n), memset(r->planned, 0, r->world->n),
        memset(r->group, PLAN_HOLDOUT, r->world->n);
    for (size_t i = 0; i < ret_made->n_rows; i++) {
        const struct plan_row *row = &ret_made->rows[i];
        size_t person = person_of(r, row->identity);
        if (person >= r->world->n) continue;
        r->action[person] = row->action, r->planned[person] = row->planned, r->group[person] = (uint8_t)row->group;
        if (period == 1) r->is_held_out[person] = row->group == PLAN_HOLDOUT;
        fprintf(r->file[FILE_ASSIGNMENTS], "%d,C%06zu,%s,%s,%s,%.6g,%.4f\n", period, person,
                plan_group_word[row->group], action_name(row->planned), action_name(row->action), row->propensity,
                100 * row->planned_profit);
        if (row->action)
            fprintf(r->file[FILE_SINK],
                    "{\"period\": %d, \"customer\": \"C%06zu\", \"action\": \"%s\", \"group\": \"%s\"}\n", period,
                    person, action_name(row->action), plan_group_word[row->group]);
    }
    return true;
}

/* ---- measuring ---- */

/* Planned and sent against planned and withheld, by planned action, times those who were sent to.  The spread is of
 * both groups together: money is so skewed that a hundred who were withheld, without a great order among them, would
 * say that they vary little. */
static struct plan_value measured(const struct rehearsal *r)
{
    double value = 0, variance = 0;
    for (uint8_t a = 1; a <= ACTIONS; a++) {
        double n[2] = { 0 }, sum[2] = { 0 }, squares = 0;
        for (size_t i = 0; i < r->world->n; i++) {
            if (r->planned[i] != a || (r->group[i] != PLAN_PLANNED && r->group[i] != PLAN_WITHHELD)) continue;
            int sent = r->group[i] == PLAN_PLANNED;
            n[sent]++, sum[sent] += r->outcome[i].profit_cents, squares += pow(r->outcome[i].profit_cents, 2);
        }
        if (n[0] < 2 || n[1] < 2) continue;
        double within = squares - sum[0] * sum[0] / n[0] - sum[1] * sum[1] / n[1],
               spread = fmax(within, 0) / (n[0] + n[1] - 2);
        value += n[1] * (sum[1] / n[1] - sum[0] / n[0]);
        variance += n[1] * n[1] * spread * (1 / n[0] + 1 / n[1]);
    }
    double se = sqrt(variance);
    return (struct plan_value){ value, se, value - QUANTILE * se, value + QUANTILE * se };
}

static void write_truth(struct rehearsal *r, int period)
{
    for (size_t i = 0; i < r->world->n; i++) {
        float seen[WORLD_SEEN];
        world_seen(r->world, i, period, seen);
        fprintf(r->file[FILE_FEATURES], "%d,C%06zu", period, i);
        for (size_t c = 0; c < WORLD_SEEN; c++) fprintf(r->file[FILE_FEATURES], ",%.6g", (double)seen[c]);
        fprintf(r->file[FILE_FEATURES], ",%.6g\n", r->world->people[i].fatigue);
        fprintf(r->file[FILE_SCORES], "%d,C%06zu,%.6g\n", period, i, rehearsal_risk(r->world, i, period));
        for (enum world_action a = WORLD_EMAIL; a < WORLD_ACTIONS; a++)
            fprintf(r->file[FILE_TRUTH], "%d,C%06zu,%s,1,%.4f,%.4f\n", period, i, world_action_name[a],
                    world_tau_cents(r->world, i, a, period), world_cost_cents(r->world, i, a, period));
    }
}

static bool run_period(struct rehearsal *r, int period, struct err *err)
{
    struct rehearsal_period *p = &r->periods[period - 1];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct plan_made made;
    bool *is_planned = ARENA_ARRAY(arena, bool, r->world->n);
    const char *name = arena_format(arena, "events_%02d.csv", period);
    p->budget_cents = BUDGET_CENTS_EACH * (double)r->world->n;
    bool ok = plan_period(r, period, arena, &made, err);
    if (ok) {
        write_truth(r, period);
        for (size_t i = 0; i < r->world->n; i++) {
            is_planned[i] = r->group[i] == PLAN_PLANNED || r->group[i] == PLAN_WITHHELD;
            if (r->group[i] != PLAN_PLANNED || !r->action[i]) continue;
            p->true_cents += world_tau_cents(r->world, i, r->action[i], period);
            p->spent_cents += world_cost_cents(r->world, i, r->action[i], period);
        }
        p->has_plan = !made.is_pilot && made.result.is_proposed;
        reckon(r->reckoner, r->world, period, is_planned, r->invocation->n_threads, p);
        double sent = p->has_plan ? 100 * .9 : 0;       /* in cents, and a tenth is withheld */
        p->planned = (struct plan_value){ sent * made.result.profit.value, sent * made.result.profit.se,
                                          sent * made.result.profit.low, sent * made.result.profit.high };
    }
    ok = ok && write_events(r, name, period, err) && import(r, name, err);
    for (size_t i = 0; ok && i < r->world->n; i++) {
        fprintf(r->file[FILE_OUTCOMES], "%d,C%06zu,%.4f,%.4f\n", period, i, r->outcome[i].profit_cents,
                r->outcome[i].nothing_cents);
        fprintf(r->file[FILE_NEVER], "C%06zu,%d,%.4f\n", i, period, r->outcome[i].never_cents);
        r->year_profit[i] += r->outcome[i].profit_cents, r->year_never[i] += r->outcome[i].never_cents;
    }
    if (ok && p->has_plan) p->measured = measured(r);
    arena_free(arena);
    return ok;
}

/* ---- the report ---- */

static json_t *value_of(const struct plan_value *v)
{
    return json_pack("{s:f, s:f, s:f}", "value", v->value, "low", v->low, "high", v->high);
}

static bool covers(const struct plan_value *v, double truth) { return v->low <= truth && truth <= v->high; }

/* Everybody not held out against the holdout, in all; the truth is what they earned beyond a world where nothing
 * is sent. */
static json_t *year_json(const struct rehearsal *r)
{
    double n[2] = { 0 }, sum[2] = { 0 }, squares[2] = { 0 }, truth = 0;
    for (size_t i = 0; i < r->world->n; i++) {
        int other = !r->is_held_out[i];
        n[other]++, sum[other] += r->year_profit[i], squares[other] += r->year_profit[i] * r->year_profit[i];
        if (other) truth += r->year_profit[i] - r->year_never[i];
    }
    double mean[2], variance = 0;
    for (int g = 0; g < 2; g++)
        mean[g] = sum[g] / n[g], variance += fmax(squares[g] / n[g] - mean[g] * mean[g], 0) / (n[g] - 1);
    double value = n[1] * (mean[1] - mean[0]), se = n[1] * sqrt(variance);
    struct plan_value v = { value, se, value - QUANTILE * se, value + QUANTILE * se };
    return json_pack("{s:o, s:f}", "measured", value_of(&v), "true_cents", truth);
}

static json_t *report_of(const struct rehearsal *r)
{
    json_t *periods = json_array();
    double last = 0, attainable = 0;
    int n_plans = 0, n_measured = 0, n_planned = 0;
    for (int64_t i = 0; i < r->n_periods; i++) {
        const struct rehearsal_period *p = &r->periods[i];
        if (i + 3 >= r->n_periods) last += p->true_cents, attainable += p->attainable_cents;
        n_plans += p->has_plan, n_measured += p->has_plan && covers(&p->measured, p->true_cents);
        n_planned += p->has_plan && covers(&p->planned, p->true_cents);
        json_array_append_new(
            periods, json_pack("{s:I, s:f, s:f, s:o, s:o, s:f, s:f, s:f, s:f, s:f}", "period", (json_int_t)(i + 1),
                               "budget_cents", p->budget_cents, "spent_cents", p->spent_cents, "planned",
                               p->has_plan ? value_of(&p->planned) : json_null(), "measured",
                               p->has_plan ? value_of(&p->measured) : json_null(), "true_cents", p->true_cents,
                               "attainable_cents", p->attainable_cents, "oracle_cents", p->oracle_cents,
                               "risk_cents", p->risk_cents, "random_cents", p->random_cents));
    }
    return json_pack("{s:s, s:I, s:o, s:o, s:f, s:{s:s, s:s}}", "world", r->world_name, "seed",
                     (json_int_t)r->world->seed, "periods", periods, "year", year_json(r), "share_last_3",
                     attainable > 0 ? last / attainable : 0., "coverage", "measured",
                     arena_format(r->arena, "%d/%d", n_measured, n_plans), "planned",
                     arena_format(r->arena, "%d/%d", n_planned, n_plans));
}

static void print_report(FILE *out, const json_t *report)
{
    size_t i;
    const json_t *row;
    fprintf(out, "%6s %10s %10s %10s %10s %10s %10s %10s\n", "period", "spent", "planned", "measured", "true",
            "attainable", "oracle", "risk");
    json_array_foreach(json_object_get(report, "periods"), i, row) {
        const json_t *planned = json_object_get(json_object_get(row, "planned"), "value"),
                     *seen = json_object_get(json_object_get(row, "measured"), "value");
        fprintf(out, "%6zu %10.0f %10.0f %10.0f %10.0f %10.0f %10.0f %10.0f\n", i + 1,
                json_number_value(json_object_get(row, "spent_cents")) / 100, json_number_value(planned) / 100,
                json_number_value(seen) / 100, json_number_value(json_object_get(row, "true_cents")) / 100,
                json_number_value(json_object_get(row, "attainable_cents")) / 100,
                json_number_value(json_object_get(row, "oracle_cents")) / 100,
                json_number_value(json_object_get(row, "risk_cents")) / 100);
    }
    fprintf(out, "\nThe last three periods earn %.0f %% of what is attainable.\n",
            100 * json_number_value(json_object_get(report, "share_last_3")));
}

/* ---- the command ---- */

static bool read_flags(struct rehearsal *r, int64_t *ret_n, double *ret_scale, struct err *err)
{
    static const struct {
        const char *name;
        double scale;
    } worlds[] = { { "standard", 1 }, { "faint", .5 }, { "none", 0 } };
    struct invocation *in = r->invocation;
    r->world_name = flag_text(in, "world", "standard"), r->folder = flag_text(in, "out", "year");
    *ret_scale = -1;
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        if (strcmp(worlds[i].name, r->world_name) == 0) *ret_scale = worlds[i].scale;
    if (*ret_scale < 0)
        return err_set(err, ERR_INVALID, "--world is standard, faint or none; not %s", r->world_name);
    return flag_int(in, "customers", CUSTOMERS_LEAST, SIMULATE_CUSTOMERS_MAX, 20000, ret_n, err) &&
           flag_int(in, "periods", 1, PERIODS_MOST, 13, &r->n_periods, err);
}

static bool open_files(struct rehearsal *r, struct err *err)
{
    if (mkdir(r->folder, 0777) != 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "%s: %s", r->folder, strerror(errno));
    for (size_t f = 0; f < FILES; f++) {
        r->file[f] = fopen(path_of(r, files[f].name), "w");
        if (!r->file[f]) return err_set(err, ERR_IO, "%s: %s", path_of(r, files[f].name), strerror(errno));
        fputs(files[f].head, r->file[f]);
    }
    for (size_t c = 0; c < WORLD_SEEN; c++) fprintf(r->file[FILE_FEATURES], ",%s", world_seen_name[c]);
    fputs(",fatigue\n", r->file[FILE_FEATURES]);
    return true;
}

static bool live(struct rehearsal *r, struct err *err)
{
    size_t n = r->world->n;
    r->action = ARENA_ARRAY(r->arena, uint8_t, n), r->planned = ARENA_ARRAY(r->arena, uint8_t, n);
    r->group = ARENA_ARRAY(r->arena, uint8_t, n), r->is_held_out = ARENA_ARRAY(r->arena, bool, n);
    r->year_profit = ARENA_ARRAY(r->arena, double, n), r->year_never = ARENA_ARRAY(r->arena, double, n);
    r->outcome = ARENA_ARRAY(r->arena, struct world_outcome, n);
    if (!open_files(r, err) || !open_program(r, err) || !write_events(r, "history.csv", 0, err) ||
        !import(r, "history.csv", err))
        return false;
    for (int period = 1; period <= r->n_periods; period++) {
        progress_report(r->invocation->progress, "living", (uint64_t)period, (uint64_t)r->n_periods, "periods");
        if (!run_period(r, period, err)) return err_context(err, "period %d", period);
    }
    return true;
}

static void close_all(struct rehearsal *r)
{
    for (size_t f = 0; f < FILES; f++)
        if (r->file[f]) fclose(r->file[f]);
    identities_close(r->identities);
    profiles_close(r->profiles);
    log_close(r->log);
    store_close(r->store);
    world_free(r->world);
}

static bool run_rehearse(struct invocation *invocation, struct err *err)
{
    struct rehearsal *r = ARENA_NEW(invocation->arena, struct rehearsal);
    int64_t n;
    double scale;
    r->invocation = invocation, r->arena = invocation->arena;
    bool ok = secret_start(err) && read_flags(r, &n, &scale, err) &&
              world_new(invocation->seed, (size_t)n, scale, invocation->n_threads, &r->world, err) &&
              reckoner_new(r->world, invocation->n_threads, r->arena, &r->reckoner, err) && live(r, err);
    if (ok) {
        json_t *report = report_of(r);
        ok = json_dump_file(report, path_of(r, "report.json"), JSON_INDENT(2)) == 0 ||
             err_set(err, ERR_IO, "%s cannot be written", path_of(r, "report.json"));
        if (ok && invocation->is_json) json_write_take(invocation->out, json_incref(report));
        else if (ok) print_report(invocation->out, report);
        json_decref(report);
    }
    close_all(r);
    return ok;
}

static const struct flag flags[] = {
    { "customers", "N", "how many (else 20000)" },
    { "periods", "N", "of 28 days (else 13)" },
    { "world", "NAME", "standard, faint or none: how much actions change (else standard)" },
    { "out", "FOLDER", "where the year's files go (else year)" },
    { 0 },
};

const struct command command_rehearse = {
    .name = "rehearse",
    .arguments = "",
    .summary =
        "live a year of pilot, plan, sending, measuring and learning again, in a world whose truth is known",
    .details =
        "The program sees events only; the truth stands in files beside: truth.csv, never.csv, outcomes.csv.",
    .example = "holdfast rehearse --customers 20000 --periods 13 --world standard --seed 1 --out year",
    .flags = flags,
    .run = run_rehearse,
};
