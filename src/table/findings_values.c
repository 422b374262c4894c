/* findings_values.c - what the values of the probe's rows say; see findings.h. */
#include "table/findings.h"
#include "table/leak.h"

#include "base/number.h"
#include "base/words.h"
#include "customer/treatment.h"
#include "table/row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double median(int64_t *sorted, size_t n)
{
    return 0.5 * ((double)sorted[(n - 1) / 2] + (double)sorted[n / 2]);
}

/* Amounts further from the median than 50 robust standard deviations (of Hampel's identifier: 1.4826
 * times the median distance): not merely large, but of another kind. */
static void judge_amounts(struct findings *f)
{
    const struct probe *probe = f->facts->probe;
    const struct mapping *mapping = f->facts->mapping;
    const struct reading_counts *counts = &f->facts->reading->counts;
    if (mapping->shape == SHAPE_TABLE ||
        (mapping->column_of[ROLE_AMOUNT] < 0 && mapping->column_of[ROLE_PRICE] < 0))
        return;
    struct row_reader reader = row_reader_new(mapping, 0, f->arena);
    int64_t *amounts = ARENA_ARRAY(f->arena, int64_t, probe->n_rows + 1),
            *distances = ARENA_ARRAY(f->arena, int64_t, probe->n_rows + 1);
    size_t n = 0, n_far = 0;
    struct row row;
    for (size_t r = 0; r < probe->n_rows; r++)
        if (row_read(&reader, probe->cells + r * probe->n_columns, probe->n_columns, &row) &&
            row.amount_cents > 0)
            amounts[n++] = row.amount_cents;
    if (n < 100) return;
    qsort(amounts, n, sizeof *amounts, compare_int64);
    double centre = median(amounts, n);
    for (size_t i = 0; i < n; i++) distances[i] = (int64_t)fabs((double)amounts[i] - centre);
    qsort(distances, n, sizeof *distances, compare_int64);
    double limit = centre + 50 * 1.4826 * fmax(median(distances, n), 1);
    while (n_far < n && (double)amounts[n - 1 - n_far] > limit) n_far++;
    if (n_far == 0 && (double)counts->most_cents <= limit) return;
    findings_add(
        f, SEVERITY_NOTE, n_far, (double)n_far / (double)n, "Some amounts are far from all others",
        arena_format(f->arena,
                     "half of the positive amounts lie below %s, the largest of all is %s; %s of the rows "
                     "sampled lie beyond %s",
                     words_money(f->arena, centre, ""), words_money(f->arena, (double)counts->most_cents, ""),
                     n_far ? words_share(f->arena, (double)n_far / (double)n) : "none",
                     words_money(f->arena, limit, "")));
}

/* Columns that tell the label of a table: those that give it away are left out of the mapping already. */
static void judge_leaks(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    int target = mapping->column_of[ROLE_TARGET];
    for (size_t c = 0; c < mapping->n_columns && target >= 0; c++) {
        double auc = mapping->gives_away[c];
        bool is_left_out = mapping->roles[c] == ROLE_NONE;
        if (isnan(auc) || auc < LEAK_WARNS) continue;
        findings_add(f, is_left_out ? SEVERITY_PROBLEM : SEVERITY_WARNING, f->facts->probe->n_rows, NAN,
                     arena_format(f->arena,
                                  is_left_out ? "%s gives the label away and is left out"
                                              : "%s alone tells nearly all of the label",
                                  mapping->columns[c].name),
                     arena_format(f->arena,
                                  is_left_out
                                      ? "alone it separates %s with an AUC of %.3f on %s sampled rows: it was "
                                        "written after the fact; --traits with %s in its list takes it in all "
                                        "the same"
                                      : "alone it separates %s with an AUC of %.3f on %s sampled rows: was it "
                                        "known before? --ignore %s leaves it out",
                                  mapping->columns[target].name, auc,
                                  words_count(f->arena, (double)f->facts->probe->n_rows),
                                  words_shell(f->arena, mapping->columns[c].name)));
    }
}

/* Whether a column says what was done to some: by its name, or because some of its values say that nothing was. */
static bool is_treatment(const struct findings *f, size_t column)
{
    enum { ARMS_MOST = 8 };
    const struct probe *probe = f->facts->probe;
    const struct column *c = &f->facts->mapping->columns[column];
    if (f->facts->mapping->roles[column] != ROLE_TRAIT || c->n_distinct < 2 || c->n_distinct > ARMS_MOST)
        return false;
    if (treatment_is_name(c->name)) return true;
    for (size_t r = 0; r < probe->n_rows; r++)
        if (treatment_is_control(probe->cells[r * probe->n_columns + column])) return true;
    return false;
}

static void judge_treatments(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    for (size_t c = 0; c < mapping->n_columns && mapping->column_of[ROLE_TARGET] >= 0; c++) {
        if (!is_treatment(f, c)) continue;
        const char *name = words_shell(f->arena, mapping->columns[c].name);
        findings_add(f, SEVERITY_WARNING, f->facts->probe->n_rows, NAN,
                     arena_format(f->arena, "%s says what was done to some", mapping->columns[c].name),
                     arena_format(f->arena,
                                  "a model that sees it tells who says yes when treated, not whom treating helps: "
                                  "that asks holdfast experiment analyse FILE --arm %s; --ignore %s leaves it out",
                                  name, name));
    }
}

/* Attributes of a history that nothing before its last day could know. */
static void judge_snapshots(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    const char *names = "", *list = "";
    size_t n = 0;
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (!mapping->is_snapshot[c]) continue;
        names = arena_format(f->arena, "%s%s%s", names, n ? ", " : "", mapping->columns[c].name);
        list = arena_format(f->arena, "%s%s%s", list, n ? "," : "", mapping->columns[c].name);
        n++;
    }
    if (n == 0) return;
    findings_add(f, SEVERITY_WARNING, n, NAN,
                 arena_format(f->arena, "%s %s known from the last day on only", names, n == 1 ? "is" : "are"),
                 arena_format(f->arena,
                              "a file says how its customers stand on the day it was made, so models of the "
                              "history do not see this; what was always so, as a country or a birthday, is "
                              "taken in by --static %s",
                              words_shell(f->arena, list)));
}

/* Kinds of events that are numbers: no name tells which of them is a purchase. */
static void judge_numbered_events(struct findings *f)
{
    const struct mapping *mapping = f->facts->mapping;
    int event = mapping->column_of[ROLE_EVENT];
    if (event < 0 || mapping->shape != SHAPE_EVENTS || mapping->columns[event].kind != KIND_NUMBER) return;
    const struct column *column = &mapping->columns[event];
    findings_add(f, SEVERITY_WARNING, column->n_distinct, NAN, "Events are called by numbers",
                 arena_format(f->arena,
                              "column %s has %zu, as \"%s\", and no name tells which of them is a purchase: what most "
                              "customers do would be taken for the goal; name it with --goal NUMBER when training, or "
                              "write words into the file",
                              column->name, column->n_distinct, column->example));
}

void findings_from_values(struct findings *findings)
{
    judge_amounts(findings);
    judge_leaks(findings);
    judge_treatments(findings);
    judge_snapshots(findings);
    judge_numbered_events(findings);
}
