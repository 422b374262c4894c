/* command_effect.c - what a treatment seems to have done where there was no experiment. */
#include "cli/command.h"
#include "base/json_write.h"
#include "analyse/covariates.h"
#include "cli/json_out.h"
#include "experiment/observed.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char weaker[] = "It is weaker than an experiment: nobody drew lots, and what no column tells of may "
                             "have made both.";

struct effect_file {
    struct invocation *invocation;
    struct arena      *arena;
    struct frame       frame;
    double            *treatment, *outcome, *placebo, *post, *period;
    double             alpha;
};

/* ---- reading ---- */

/* A flag's column or expression; NULL where it is not given. */
static bool read_column(struct effect_file *f, const char *flag, double **ret_values, struct err *err)
{
    const char *name = flag_text(f->invocation, flag, NULL);
    *ret_values = NULL;
    return !name || frame_numbers(&f->frame, name, f->arena, ret_values, err) || err_context(err, "--%s", flag);
}

static bool check_yes_or_no(const struct effect_file *f, const double *values, const char *flag, struct err *err)
{
    for (size_t i = 0; values && i < f->frame.n_rows; i++)
        if (!isnan(values[i]) && values[i] != 0 && values[i] != 1)
            return err_set(err, ERR_INVALID,
                           "%s: line %" PRIu64 ", --%s: %g is neither 0 nor 1; an SQL condition makes it so, as "
                           "\"%s = 'yes'\"",
                           f->frame.path, f->frame.lines[i], flag, values[i],
                           flag_text(f->invocation, flag, flag));
    return true;
}

/* When each row was, as a number: its own, or the place of its text among the sorted ones. */
static bool read_period(struct effect_file *f, struct err *err)
{
    const char *name = flag_text(f->invocation, "period", NULL);
    size_t column;
    struct frame_levels levels;
    if (!name) return true;
    if (!frame_column(&f->frame, name, &column, f->arena, err)) return err_context(err, "--period");
    if (f->frame.is_number[column]) return read_column(f, "period", &f->period, err);
    if (!frame_levels(&f->frame, column, 10000, f->arena, &levels, err)) return err_context(err, "--period");
    f->period = ARENA_ARRAY(f->arena, double, f->frame.n_rows + 1);
    for (size_t i = 0; i < f->frame.n_rows; i++)
        f->period[i] = levels.of[i] == FRAME_MISSING ? (double)NAN : levels.of[i];
    return true;
}

static bool open_file(struct effect_file *f, struct err *err)
{
    const char *where = flag_text(f->invocation, "where", NULL);
    return flag_double(f->invocation, "alpha", 1e-6, .5, .05, &f->alpha, err) &&
           frame_open(f->invocation->arguments[0], f->invocation->progress, f->arena, &f->frame, err) &&
           (!where || frame_where(&f->frame, where, err));
}

/* ---- saying ---- */

static json_t *estimate(struct estimate e)
{
    return isnan(e.value) ? json_null()
                          : json_pack("{s:o, s:o, s:o, s:o}", "value", number_json(e.value), "se",
                                      number_json(e.se), "low", number_json(e.low), "high", number_json(e.high));
}

static bool holds_zero(struct estimate e) { return isnan(e.value) || (e.low <= 0 && e.high >= 0); }

static const char *effect_sentence(struct arena *arena, const char *outcome, struct estimate e,
                                   struct estimate naive)
{
    return holds_zero(e) ? arena_format(arena,
                                        "No effect is shown: %s differs by %+.4g (%.4g to %.4g), where the plain "
                                        "comparison says %+.4g.",
                                        outcome, e.value, e.low, e.high, naive.value)
                         : arena_format(arena,
                                        "%s seems to change by %+.4g (%.4g to %.4g), where the plain comparison "
                                        "says %+.4g.",
                                        outcome, e.value, e.low, e.high, naive.value);
}

static void say(struct invocation *invocation, json_t *json)
{
    size_t i;
    const json_t *row, *balance = json_object_get(json, "balance");
    if (invocation->is_json) { json_print_take(json); return; }
    printf("%s\n", json_string_value(json_object_get(json, "sentence")));
    if (json_array_size(balance) > 0)
        printf("\n%-32s %10s %10s\n", "how far the arms are apart (sd)", "before", "after");
    json_array_foreach(balance, i, row) printf(
        "%-32.32s %+10.3f %+10.3f\n", json_string_value(json_object_get(row, "column")),
        json_number_value(json_object_get(row, "before")), json_number_value(json_object_get(row, "after")));
    json_decref(json);
}

/* ---- aipw ---- */

static bool gather(struct effect_file *f, const struct covariates *c, struct observed_rows *rows,
                   size_t *ret_dropped)
{
    size_t n = 0, all = f->frame.n_rows;
    double *outcome = ARENA_ARRAY(f->arena, double, all + 1), *x = ARENA_ARRAY(f->arena, double, all * c->n + 1),
           *placebo = ARENA_ARRAY(f->arena, double, all + 1);
    bool *is_treated = ARENA_ARRAY(f->arena, bool, all + 1);
    for (size_t i = 0; i < all; i++) {
        bool is_whole = !isnan(f->treatment[i]) && !isnan(f->outcome[i]) && (!f->placebo || !isnan(f->placebo[i]));
        for (size_t k = 0; k < c->n; k++) is_whole &= !isnan(c->values[k][i]);
        if (!is_whole) continue;
        is_treated[n] = f->treatment[i] == 1, outcome[n] = f->outcome[i];
        placebo[n] = f->placebo ? f->placebo[i] : 0;
        for (size_t k = 0; k < c->n; k++) x[n * c->n + k] = c->values[k][i];
        n++;
    }
    *ret_dropped = all - n;
    *rows = (struct observed_rows){
        n, c->n, is_treated, outcome, x, c->names, f->placebo ? placebo : NULL, f->alpha, f->invocation->seed
    };
    return true;
}

static const char *weighted_sentence(const struct effect_file *f, const struct covariates *c,
                                     const struct observed *o)
{
    const char *name = flag_text(f->invocation, "outcome", ""), *text, *unbalanced = NULL;
    double worst = .1;
    if (o->refusal) return o->refusal;
    for (size_t k = 0; k < c->n; k++)
        if (fabs(o->after[k]) > worst) worst = fabs(o->after[k]), unbalanced = c->names[k];
    text = effect_sentence(f->arena, name, o->effect, o->naive);
    if (unbalanced)
        text = arena_format(f->arena, "%s %s is still not alike in the arms, so the figure may be off.", text,
                            unbalanced);
    if (!holds_zero(o->placebo))
        text =
            arena_format(f->arena,
                         "%s Where there can be no effect the same reckoning finds %+.4g (%.4g to %.4g), so it is "
                         "not to be trusted.",
                         text, o->placebo.value, o->placebo.low, o->placebo.high);
    return arena_format(f->arena, "%s %s To explain it away such a cause would have to go with both by a ratio of "
                                  "%.2f (%.2f for the end of the interval).",
                        text, weaker, o->e_value, o->e_limit);
}

static bool run_weighted(struct effect_file *f, struct err *err)
{
    struct covariates covariates;
    struct observed_rows rows;
    struct observed o;
    size_t n_dropped;
    const char *list = flag_text(f->invocation, "covariates", NULL);
    if (!flag_text(f->invocation, "treatment", NULL) || !flag_text(f->invocation, "outcome", NULL) || !list)
        return err_set(
            err, ERR_INVALID,
            "aipw needs --treatment, who was treated (0 or 1), --outcome, and --covariates, what was known "
            "before and may have made the choice");
    if (!open_file(f, err) || !read_column(f, "treatment", &f->treatment, err) ||
        !check_yes_or_no(f, f->treatment, "treatment", err) || !read_column(f, "outcome", &f->outcome, err) ||
        !read_column(f, "placebo", &f->placebo, err) ||
        !covariates_read(&f->frame, list, f->arena, &covariates, err))
        return false;
    (void)gather(f, &covariates, &rows, &n_dropped);
    if (!observed_weighted(&rows, f->arena, &o, err)) return err_context(err, "%s", f->frame.path);
    json_t *balance = json_array(), *placebo = estimate(o.placebo);
    for (size_t k = 0; k < covariates.n; k++)
        json_array_append_new(balance, json_pack("{s:s, s:o, s:o}", "column", covariates.names[k], "before",
                                                 number_json(o.before[k]), "after", number_json(o.after[k])));
    if (json_is_object(placebo))
        json_object_set_new(placebo, "outcome", json_string(f->placebo ? flag_text(f->invocation, "placebo", "")
                                                                       : "a treatment drawn by lot"));
    say(f->invocation,
        json_pack("{s:s, s:I, s:I, s:o, s:o, s:{s:o, s:f, s:f}, s:o, s:o, s:{s:o, s:o}, s:s, s:s}", "method",
                  "aipw", "n", (json_int_t)rows.n, "dropped", (json_int_t)n_dropped, "estimate",
                  estimate(o.effect), "naive", estimate(o.naive), "overlap", "ess", number_json(o.ess), "min",
                  o.least, "max", o.greatest, "balance", balance, "placebo", placebo, "e_value", "estimate",
                  number_json(o.e_value), "limit", number_json(o.e_limit), "verdict",
                  o.refusal ? "refused" : "weak", "sentence", weighted_sentence(f, &covariates, &o)));
    return true;
}

/* ---- did ---- */

/* Rows that have all, compacted in place. */
static size_t keep_whole(struct effect_file *f, uint64_t *unit, bool *is_treated, bool *is_post)
{
    size_t n = 0;
    for (size_t i = 0; i < f->frame.n_rows; i++) {
        if (isnan(f->treatment[i]) || isnan(f->outcome[i]) || isnan(f->post[i]) || !unit[i] ||
            (f->period && isnan(f->period[i])))
            continue;
        is_treated[n] = f->treatment[i] == 1, is_post[n] = f->post[i] > 0, unit[n] = unit[i];
        f->outcome[n] = f->outcome[i];
        if (f->period) f->period[n] = f->period[i];
        n++;
    }
    return n;
}

static const char *panel_sentence(const struct effect_file *f, const struct panel *panel)
{
    const char *text =
        effect_sentence(f->arena, flag_text(f->invocation, "outcome", ""), panel->effect, panel->naive);
    size_t fewest = panel->n_treated_units;
    if (panel->n_units - fewest < fewest) fewest = panel->n_units - fewest;
    if (isnan(panel->placebo.value))
        text = arena_format(f->arena,
                            "%s There is one period before only, so nobody can tell whether both went alike "
                            "until then (--period COL).",
                            text);
    else if (!holds_zero(panel->placebo))
        text = arena_format(f->arena,
                            "%s They did not go alike before: a treatment put there finds %+.4g (%.4g to "
                            "%.4g), so the figure is not to be trusted.",
                            text, panel->placebo.value, panel->placebo.low, panel->placebo.high);
    if (fewest < 10)
        text = arena_format(f->arena, "%s With %zu units in an arm the interval is rough.", text, fewest);
    return arena_format(f->arena, "%s %s", text, weaker);
}

static bool run_panel(struct effect_file *f, struct err *err)
{
    const char *unit = flag_text(f->invocation, "unit", NULL);
    struct panel panel;
    size_t column;
    if (!unit || !flag_text(f->invocation, "treatment", NULL) || !flag_text(f->invocation, "post", NULL) ||
        !flag_text(f->invocation, "outcome", NULL))
        return err_set(
            err, ERR_INVALID,
            "did needs --unit, the shop or person that has several rows, --treatment, whether it is one of "
            "those treated, --post, whether the row is from after, and --outcome");
    if (!open_file(f, err) || !frame_column(&f->frame, unit, &column, f->arena, err) ||
        !read_column(f, "treatment", &f->treatment, err) || !check_yes_or_no(f, f->treatment, "treatment", err) ||
        !read_column(f, "outcome", &f->outcome, err) || !read_column(f, "post", &f->post, err) ||
        !read_period(f, err))
        return false;
    size_t all = f->frame.n_rows;
    uint64_t *units = frame_hashes(&f->frame, column, f->arena);
    bool *is_treated = ARENA_ARRAY(f->arena, bool, all + 1), *is_post = ARENA_ARRAY(f->arena, bool, all + 1);
    if (!f->period) f->period = f->post;        /* periods counted from the treatment: -2, -1, 0, 1 */
    size_t n = keep_whole(f, units, is_treated, is_post);
    struct panel_rows rows = { n, is_treated, is_post, f->outcome, units, f->period, f->alpha };
    if (!observed_panel(&rows, f->arena, &panel, err)) return err_context(err, "%s", f->frame.path);
    json_t *placebo = estimate(panel.placebo);
    say(f->invocation,
        json_pack("{s:s, s:I, s:I, s:I, s:o, s:o, s:{s:{s:f, s:f}, s:{s:f, s:f}}, s:n, s:[], s:o, s:n, s:s, s:s}",
                  "method", "did", "n", (json_int_t)n, "dropped", (json_int_t)(all - n), "units",
                  (json_int_t)panel.n_units, "estimate", estimate(panel.effect), "naive", estimate(panel.naive),
                  "means", "treated", "before", panel.cell[1][0], "after", panel.cell[1][1], "others", "before",
                  panel.cell[0][0], "after", panel.cell[0][1], "overlap", "balance", "placebo", placebo, "e_value",
                  "verdict", "weak", "sentence", panel_sentence(f, &panel)));
    return true;
}

static bool run_effect(struct invocation *invocation, struct err *err)
{
    struct effect_file f = { .invocation = invocation, .arena = invocation->arena };
    const char *method = flag_text(invocation, "method", "aipw");
    if (strcmp(method, "aipw") == 0) return run_weighted(&f, err);
    if (strcmp(method, "did") == 0) return run_panel(&f, err);
    return err_set(err, ERR_INVALID, "--method is aipw or did; not %s", method);
}

static const struct flag flags[] = {
    { "method", "NAME", "aipw: rows weighted to be alike; did: before and after, against others (else aipw)" },
    { "treatment", "COL", "1 for who was treated, 0 for who was not: a column or SQL condition" },
    { "outcome", "COL", "what it may have changed: a column or SQL expression" },
    { "covariates", "LIST", "aipw: what was known before and may have made the choice" },
    { "placebo", "COL", "aipw: an outcome that it cannot have changed" },
    { "unit", "COL", "did: the shop or person that has several rows" },
    { "post", "COL", "did: above 0 for rows from after" },
    { "period", "COL", "did: when, to see whether both went alike before" },
    { "where", "SQL", "only rows for which this holds" },
    { "alpha", "SHARE", "intervals leave out as much (else .05)" },
    { 0 },
};

const struct command command_effect = {
    .name = "effect",
    .arguments = "FILE",
    .summary = "what a treatment seems to have done where there was no experiment; weaker than one",
    .details =
        "aipw weights rows by the chance of treatment and models the outcome, both on other rows (five folds),\n"
        "and refuses where hardly anybody is comparable.  did takes the errors by unit.",
    .example =
        "holdfast effect shops.csv --method did --unit store --treatment treated --post post --outcome sales",
    .flags = flags,
    .run = run_effect,
};
