/* command_drift.c - which columns of a file are no longer what they were in another; or what a model sees. */
#include "cli/command.h"
#include "base/json_write.h"
#include "analyse/drift_database.h"
#include "cli/json_out.h"
#include "model/drift.h"
#include "table/frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEVELS_MOST = 1000 };

static const double MISSING_TOLD = .01;     /* a change in the share of empty cells that is said */

#define UNKNOWN ((double)NAN)
static const struct drift NOTHING_KNOWN = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, false };

struct drift_file {
    struct invocation *invocation;
    struct arena      *arena;
    struct frame       before, now;
    size_t             n_drifted;
    const char        *names;       /* of the drifted */
};

/* ---- one column ---- */

static size_t known(double *values, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) values[kept++] = values[i];
    return kept;
}

static bool numbers_drift(struct drift_file *f, const char *name, struct drift *ret, double ret_missing[2],
                          struct err *err)
{
    double *before, *now;
    if (!frame_numbers(&f->before, name, f->arena, &before, err) ||
        !frame_numbers(&f->now, name, f->arena, &now, err))
        return false;
    size_t n_before = known(before, f->before.n_rows), n_now = known(now, f->now.n_rows);
    ret_missing[0] = 1 - (double)n_before / (double)f->before.n_rows,
    ret_missing[1] = 1 - (double)n_now / (double)f->now.n_rows;
    *ret = NOTHING_KNOWN;
    if (n_before > 0 && n_now > 0) *ret = drift_numbers(before, n_before, now, n_now);
    return true;
}

static bool texts_drift(struct drift_file *f, const char *name, struct drift *ret, double ret_missing[2],
                        struct err *err)
{
    struct frame_levels before, now;
    size_t a, b, n = 0;
    if (!frame_column(&f->before, name, &a, f->arena, err) || !frame_column(&f->now, name, &b, f->arena, err) ||
        !frame_levels(&f->before, a, LEVELS_MOST, f->arena, &before, err) ||
        !frame_levels(&f->now, b, LEVELS_MOST, f->arena, &now, err))
        return false;
    double *was = ARENA_ARRAY(f->arena, double, before.n + now.n + 1),
           *is = ARENA_ARRAY(f->arena, double, before.n + now.n + 1), n_was = 0, n_is = 0;
    for (size_t i = 0, j = 0; i < before.n || j < now.n; n++) {     /* both are in order of their texts */
        int order = i == before.n ? 1 : j == now.n ? -1 : strcmp(before.names[i], now.names[j]);
        if (order <= 0) was[n] = (double)before.counts[i++];
        if (order >= 0) is[n] = (double)now.counts[j++];
        n_was += was[n], n_is += is[n];
    }
    ret_missing[0] = 1 - n_was / (double)f->before.n_rows, ret_missing[1] = 1 - n_is / (double)f->now.n_rows;
    *ret = NOTHING_KNOWN;
    if (n_was > 0 && n_is > 0) *ret = drift_counts(was, is, n);
    return true;
}

static bool add_column(struct drift_file *f, const char *name, bool is_number, json_t *columns, struct err *err)
{
    struct drift drift = { 0 };
    double missing[2] = { 0 };
    if (!(is_number ? numbers_drift(f, name, &drift, missing, err) : texts_drift(f, name, &drift, missing, err)))
        return false;
    json_array_append_new(columns, drift_column_json(name, is_number ? "number" : "text", &drift, missing));
    if (drift.is_drifted)
        f->names = arena_format(f->arena, "%s%s%s", f->names, f->n_drifted++ ? ", " : "", name);
    return true;
}

/* ---- all ---- */

static bool asked_columns(struct drift_file *f, json_t *columns, json_t *skipped, struct err *err)
{
    const char *list = flag_text(f->invocation, "columns", NULL);
    struct err none;
    size_t a, b;
    for (const char *rest = list ? list : ""; *rest;) {
        size_t length = strcspn(rest, ",");
        const char *name = arena_format(f->arena, "%.*s", (int)length, rest);
        if (!frame_column(&f->before, name, &a, f->arena, err) ||
            !frame_column(&f->now, name, &b, f->arena, err) ||
            !add_column(f, f->before.names[a], f->before.is_number[a] && f->now.is_number[b], columns, err))
            return err_context(err, "--columns");
        rest += length + (rest[length] == ',');
    }
    for (size_t c = 0; !list && c < f->before.n_columns; c++) {
        const char *name = f->before.names[c];
        bool is_there = frame_column(&f->now, name, &b, f->arena, &none);
        if (!is_there || !add_column(f, name, f->before.is_number[c] && f->now.is_number[b], columns, &none))
            json_array_append_new(skipped, json_pack("{s:s, s:s}", "column", name, "why", none.text));
    }
    return json_array_size(columns) > 0 ||
           err_set(err, ERR_REFUSED, "%s and %s have no column in common to compare", f->before.path, f->now.path);
}

static bool compare(struct drift_file *f, json_t **ret_json, struct err *err)
{
    const char *where = flag_text(f->invocation, "where", NULL);
    json_t *columns = json_array(), *skipped = json_array();
    bool ok = frame_open(f->invocation->arguments[0], f->invocation->progress, f->arena, &f->before, err) &&
              frame_open(f->invocation->arguments[1], f->invocation->progress, f->arena, &f->now, err) &&
              (!where || (frame_where(&f->before, where, err) && frame_where(&f->now, where, err))) &&
              asked_columns(f, columns, skipped, err);
    if (!ok) {
        json_decref(columns), json_decref(skipped);
        return false;
    }
    size_t n = json_array_size(columns);
    const char *sentence =
        f->n_drifted == 0
            ? arena_format(f->arena, "None of %zu columns has moved enough to matter.", n)
            : arena_format(
                  f->arena,
                  "%zu of %zu columns moved enough to matter: %s.  A model that rests on them should be judged "
                  "on new people, and trained again if it has become worse.",
                  f->n_drifted, n, f->names);
    *ret_json = json_pack("{s:o, s:I, s:s, s:o}", "columns", columns, "drifted", (json_int_t)f->n_drifted,
                          "sentence", sentence, "skipped", skipped);
    return true;
}

/* A number as text, or a dash: not every kind of column has every measure. */
struct shown { char text[32]; };

static struct shown fixed(const json_t *row, const char *key)
{
    struct shown s = { "-" };
    const json_t *value = json_object_get(row, key);
    if (json_is_number(value)) snprintf(s.text, sizeof s.text, "%.4f", json_number_value(value));
    return s;
}

static struct shown rounded(const json_t *row, const char *key, int digits)
{
    struct shown s = { "-" };
    const json_t *value = json_object_get(row, key);
    if (json_is_number(value)) snprintf(s.text, sizeof s.text, "%.*g", digits, json_number_value(value));
    return s;
}

/* Where cells are empty more or less often than they were. */
static void print_missing(const json_t *missing, bool is_drifted)
{
    double before = json_number_value(json_object_get(missing, "before")),
           now = json_number_value(json_object_get(missing, "now"));
    if (fabs(now - before) >= MISSING_TOLD)
        printf("%s%.1f %% are missing, where %.1f %% were", is_drifted ? ": " : "", 100 * now, 100 * before);
    putchar('\n');
}

static void print_drift(const json_t *json)
{
    size_t i;
    const json_t *row;
    printf("%s\n\n%-28s %-7s %9s %9s %9s %11s %9s\n", json_string_value(json_object_get(json, "sentence")),
           "column", "kind", "PSI", "KS", "p", "chi2", "Hellinger");
    json_array_foreach(json_object_get(json, "columns"), i, row) {
        bool is_drifted = json_is_true(json_object_get(row, "drifted"));
        printf("%-28.28s %-7s %9s %9s %9s %11s %9s  %s", json_string_value(json_object_get(row, "column")),
               json_string_value(json_object_get(row, "kind")), fixed(row, "psi").text, fixed(row, "ks").text,
               rounded(row, "p", 2).text, rounded(row, "chi2", 5).text, fixed(row, "hellinger").text,
               is_drifted ? "drifted" : "");
        print_missing(json_object_get(row, "missing"), is_drifted);
    }
    json_array_foreach(json_object_get(json, "skipped"), i, row)
        printf("not compared: %s (%s)\n", json_string_value(json_object_get(row, "column")),
               json_string_value(json_object_get(row, "why")));
}

static bool run_drift(struct invocation *invocation, struct err *err)
{
    struct drift_file *f = ARENA_NEW(invocation->arena, struct drift_file);
    json_t *json;
    f->invocation = invocation, f->arena = invocation->arena, f->names = "";
    if (invocation->n_arguments == 1)
        return err_set(err, ERR_INVALID,
                       "drift compares two files, REFERENCE and CURRENT; without any it looks at "
                       "the database's model");
    if (invocation->n_arguments ? !compare(f, &json, err) : !drift_database(invocation, &json, err)) return false;
    if (invocation->is_json) { json_write_take(invocation->out, json); return true; }
    print_drift(json);
    json_decref(json);
    return true;
}

static const struct flag flags[] = {
    { "columns", "LIST", "only these (else all that both files have)" },
    { "where", "SQL", "only rows for which this holds, of both" },
    { "question", "NAME", "without files: the model whose features, scores and outcomes are compared" },
    { 0 },
};

const struct command command_drift = {
    .name = "drift",
    .arguments = "[REFERENCE] [CURRENT]",
    .summary = "which columns of a file are no longer what they were in another",
    .details = "Effect sizes decide (population stability index, Kolmogorov-Smirnov), not p-values: with many "
               "rows those cry wolf.  Without files: what the model in force sees now against\n"
               "when it learned, what it says, what happened, and how well it still ranks.",
    .example = "holdfast drift january.csv june.csv",
    .flags = flags,
    .run = run_drift,
};
