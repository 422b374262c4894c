/* leak.c - see leak.h. */
#include "table/leak.h"

#include "base/text.h"
#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* How well a column's values tell the label; a text only by being there.  NaN: they say nothing of most rows. */
static double area_of_values(const struct guess *guess, size_t c, const bool *is_yes, struct scored *rows)
{
    const struct probe *probe = guess->probe;
    const struct column *column = &guess->mapping->columns[c];
    struct value_count values[VALUES_MAX];
    bool is_category = column->kind == KIND_CATEGORY;
    size_t n = 0, n_values = is_category ? count_values(probe, c, is_yes, values) : 0;
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text text = text_trim(probe->cells[r * probe->n_columns + c]);
        double score = 0;
        if (column->kind == KIND_NUMBER) {
            if (!number_double(text, guess->mapping->decimal, &score)) continue;
        } else if (is_category) {
            size_t k = 0;
            while (k < n_values && !text_equal(values[k].value, text)) k++;
            if (k == n_values || values[k].n < 20) continue;
            score = values[k].n_yes / values[k].n;
        }
        rows[n++] = (struct scored){ score, is_yes[r] };
    }
    return n * 2 > probe->n_rows ? area(rows, n) : (double)NAN;
}

/* A reason that only those have who left tells them by being there. */
static double area_of_presence(const struct guess *guess, size_t c, const bool *is_yes, struct scored *rows)
{
    const struct probe *probe = guess->probe;
    for (size_t r = 0; r < probe->n_rows; r++)
        rows[r] = (struct scored){ probe_is_missing(probe->cells[r * probe->n_columns + c]) ? 0 : 1, is_yes[r] };
    return area(rows, probe->n_rows);
}

static double told(double a, double b)
{
    a = fmax(a, 1 - a), b = fmax(b, 1 - b);     /* the other way round is as good */
    return isnan(a) ? b : isnan(b) ? a : fmax(a, b);
}

/* Whether a column's name has a word of the label's: "Churn Score" of "Churn Label". */
static bool is_called_alike(const char *name, const char *label)
{
    enum { WORD_LEAST = 4 };
    while (*label) {
        size_t n = strcspn(label, " _-.");
        char word[64];
        if (n >= WORD_LEAST && n < sizeof word) {
            memcpy(word, label, n);
            word[n] = '\0';
            if (strcasestr(name, word)) return true;
        }
        label += n;
        label += strspn(label, " _-.");
    }
    return false;
}

void leak_find(struct guess *guess)
{
    const struct probe *probe = guess->probe;
    struct mapping *mapping = guess->mapping;
    int target = mapping->column_of[ROLE_TARGET];
    for (size_t c = 0; c < mapping->n_columns; c++) mapping->gives_away[c] = NAN;
    if (target < 0 || (mapping->columns[target].n_distinct != 2 && !mapping->is_label_filled) || probe->n_rows < 50) return;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    bool *is_yes = ARENA_ARRAY(scratch, bool, probe->n_rows);
    struct scored *rows = ARENA_ARRAY(scratch, struct scored, probe->n_rows);
    struct text first = text_trim(probe->cells[target]);
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text label = text_trim(probe->cells[r * probe->n_columns + (size_t)target]);
        is_yes[r] = mapping->is_label_filled ? !probe_is_missing(label) : !text_equal(label, first);
    }
    for (size_t c = 0; c < mapping->n_columns; c++) {
        if (mapping->roles[c] != ROLE_TRAIT) continue;
        double auc = told(area_of_values(guess, c, is_yes, rows), area_of_presence(guess, c, is_yes, rows));
        mapping->gives_away[c] = auc;
        bool is_made_of_it =
            auc >= LEAK_WARNS && is_called_alike(mapping->columns[c].name, mapping->columns[target].name);
        if (!(auc >= LEAK_LEAVES_OUT || is_made_of_it) || guess->is_given[c]) continue;
        mapping->roles[c] = ROLE_NONE;
        mapping->whys[c] = arena_format(guess->arena, "left out: alone it tells %s with an AUC of %.3f",
                                        mapping->columns[target].name, auc);
    }
    arena_free(scratch);
}
