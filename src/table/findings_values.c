/* findings_values.c - what the values of the probe's rows say; see findings.h. */
#include "table/findings.h"

#include "base/number.h"
#include "base/words.h"
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
                     words_share(f->arena, (double)n_far / (double)n), words_money(f->arena, limit, "")));
}

/* One row of a table as a column sees it. */
struct scored { double score; bool is_yes; };

static int compare_score(const void *a, const void *b)
{
    double x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;
    return (x > y) - (x < y);
}

/* The area under the ROC curve of a score: Mann-Whitney's U with ties at mid-rank; NAN without both labels. */
static double area(struct scored *rows, size_t n)
{
    double n_yes = 0, rank_sum = 0;
    qsort(rows, n, sizeof *rows, compare_score);
    for (size_t i = 0, end; i < n; i = end) {
        double n_tied_yes = 0;
        for (end = i; end < n && !(rows[end].score > rows[i].score); end++) n_tied_yes += rows[end].is_yes;
        rank_sum += n_tied_yes * 0.5 * (double)(i + 1 + end);
        n_yes += n_tied_yes;
    }
    double n_no = (double)n - n_yes;
    return n_yes > 0 && n_no > 0 ? (rank_sum - n_yes * (n_yes + 1) / 2) / (n_yes * n_no) : (double)NAN;
}

/* Category values with how often the label is yes among them. */
enum { VALUES_MAX = 64 };
struct value_count { struct text value; double n, n_yes; };

static size_t count_values(const struct probe *probe, size_t column, const bool *is_yes,
                           struct value_count ret[VALUES_MAX])
{
    size_t n = 0;
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text value = text_trim(probe->cells[r * probe->n_columns + column]);
        size_t k = 0;
        while (k < n && !text_equal(ret[k].value, value)) k++;
        if (k == VALUES_MAX) continue;
        if (k == n) ret[n++] = (struct value_count){ .value = value };
        ret[k].n++;
        ret[k].n_yes += is_yes[r];
    }
    return n;
}

static double area_of_column(const struct findings *f, size_t c, const bool *is_yes, struct scored *rows)
{
    const struct probe *probe = f->facts->probe;
    const struct column *column = &f->facts->mapping->columns[c];
    struct value_count values[VALUES_MAX];
    size_t n = 0, n_values = column->kind == KIND_NUMBER ? 0 : count_values(probe, c, is_yes, values);
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = text_trim(probe->cells[r * probe->n_columns + c]);
        double score = 0;
        if (column->kind == KIND_NUMBER) {
            if (!number_double(text, f->facts->mapping->decimal, &score)) continue;
        } else {
            size_t k = 0;
            while (k < n_values && !text_equal(values[k].value, text)) k++;
            if (k == n_values || values[k].n < 20) continue;
            score = values[k].n_yes / values[k].n;
        }
        rows[n++] = (struct scored){ score, is_yes[r] };
    }
    return n * 2 > probe->n_rows ? area(rows, n) : (double)NAN;
}

/* A single column that separates the label better than any honest one does has seen the answer. */
static void judge_leaks(struct findings *f)
{
    enum { COLUMNS_LOOKED_AT = 300 };
    const struct probe *probe = f->facts->probe;
    const struct mapping *mapping = f->facts->mapping;
    int target = mapping->column_of[ROLE_TARGET];
    if (target < 0 || mapping->columns[target].n_distinct != 2 || probe->n_rows < 50) return;
    bool *is_yes = ARENA_ARRAY(f->arena, bool, probe->n_rows);
    struct scored *rows = ARENA_ARRAY(f->arena, struct scored, probe->n_rows);
    struct text first = text_trim(probe->cells[target]);
    for (size_t r = 0; r < probe->n_rows; r++)
        is_yes[r] = !text_equal(text_trim(probe->cells[r * probe->n_columns + (size_t)target]), first);
    for (size_t c = 0; c < mapping->n_columns && c < COLUMNS_LOOKED_AT; c++) {
        if (mapping->roles[c] != ROLE_TRAIT || mapping->columns[c].kind == KIND_TEXT) continue;
        double auc = area_of_column(f, c, is_yes, rows);
        if (isnan(auc)) continue;
        if (auc < 0.5) auc = 1 - auc;
        if (auc < 0.95) continue;
        findings_add(f, SEVERITY_PROBLEM, probe->n_rows, NAN,
                     arena_format(f->arena, "%s gives the label away", mapping->columns[c].name),
                     arena_format(f->arena,
                                  "alone it separates %s with an AUC of %.3f on %s sampled rows: it was "
                                  "probably written after the fact; "
                                  "leave it out of the file",
                                  mapping->columns[target].name, auc,
                                  words_count(f->arena, (double)probe->n_rows)));
    }
}

void findings_from_values(struct findings *findings)
{
    judge_amounts(findings);
    judge_leaks(findings);
}
