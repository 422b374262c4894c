/* uplift_columns.c - see uplift_columns.h. */
#include "analyse/uplift_columns.h"

#include "math/numerics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { LEVELS_MOST = 30, SET_LEAST = 10, ID_ROWS = 100, NAMES_SHOWN = 5 };

/* A column differs between arms beyond chance below LEAST_P shared by all columns. */
static const double LEAST_P = .001, SET_BY_CHANCE = 1e-9, IMBALANCED_SHARE = .25;
static const double MUCH = .1;      /* of a correlation: more than a treatment mostly does to a column */

/* ---- tests ---- */

/* How a column differs between arms: whether by chance, and how much (as a correlation). */
struct difference { double p, strength; };

static struct difference difference_of(double chi2, double degrees, double n)
{
    return (struct difference){ chi_squared_tail(chi2, degrees), n > 0 ? sqrt(chi2 / n) : 0 };
}

/* One-way analysis of variance, by its chi-squared limit; p 1 where nothing can be said. */
static struct difference numbers_differ(const double *values, const uint32_t *arm, size_t n_rows, size_t n_arms,
                                        struct arena *arena)
{
    double *n = ARENA_ARRAY(arena, double, n_arms), *sum = ARENA_ARRAY(arena, double, n_arms), all = 0, total = 0,
           between = 0, within = 0;
    for (size_t i = 0; i < n_rows; i++)
        if (arm[i] != FRAME_MISSING && !isnan(values[i]))
            n[arm[i]]++, sum[arm[i]] += values[i], all++, total += values[i];
    size_t groups = 0;
    for (size_t a = 0; a < n_arms; a++)
        if (n[a] > 0) between += n[a] * pow(sum[a] / n[a] - total / all, 2), groups++;
    for (size_t i = 0; i < n_rows; i++)
        if (arm[i] != FRAME_MISSING && !isnan(values[i])) within += pow(values[i] - sum[arm[i]] / n[arm[i]], 2);
    if (groups < 2 || !(within > 0) || all <= (double)groups)
        return groups >= 2 && between > 0 ? (struct difference){ 0, 1 } : (struct difference){ 1, 0 };
    return difference_of(between / (within / (all - (double)groups)), (double)groups - 1, all);
}

static struct difference texts_differ(const struct frame_levels *levels, const uint32_t *arm, size_t n_rows,
                                      size_t n_arms, struct arena *arena)
{
    double *n = ARENA_ARRAY(arena, double, n_arms * levels->n), *in_arm = ARENA_ARRAY(arena, double, n_arms),
           *in_level = ARENA_ARRAY(arena, double, levels->n), all = 0, chi2 = 0;
    for (size_t i = 0; i < n_rows; i++)
        if (arm[i] != FRAME_MISSING && levels->of[i] != FRAME_MISSING)
            n[arm[i] * levels->n + levels->of[i]]++, in_arm[arm[i]]++, in_level[levels->of[i]]++, all++;
    size_t rows = 0, columns = 0;
    for (size_t a = 0; a < n_arms; a++) rows += in_arm[a] > 0;
    for (size_t l = 0; l < levels->n; l++) columns += in_level[l] > 0;
    if (rows < 2 || columns < 2) return (struct difference){ 1, 0 };
    for (size_t a = 0; a < n_arms; a++)
        for (size_t l = 0; l < levels->n; l++) {
            double expected = in_arm[a] * in_level[l] / all;
            if (expected > 0) chi2 += pow(n[a * levels->n + l] - expected, 2) / expected;
        }
    return difference_of(chi2, (double)((rows - 1) * (columns - 1)), all);
}

/* Whether a column is above nothing only for people who have the outcome, and too often for chance. */
static bool is_set_by_outcome(const double *values, const uint32_t *arm, const double *outcome, size_t n_rows)
{
    double n_set = 0, n = 0, n_outcome = 0;
    for (size_t i = 0; i < n_rows; i++) {
        if (arm[i] == FRAME_MISSING || isnan(outcome[i])) continue;
        bool is_set = !isnan(values[i]) && values[i] != 0, has = outcome[i] != 0;
        if (is_set && !has) return false;
        n_set += is_set, n_outcome += has, n++;
    }
    return n_set >= SET_LEAST && n_set < n && n_set * log(n_outcome / n) < log(SET_BY_CHANCE);
}

static bool is_id(const double *values, size_t n_rows, struct arena *arena)
{
    double *sorted = ARENA_ARRAY(arena, double, n_rows + 1);
    if (n_rows < ID_ROWS) return false;
    for (size_t i = 0; i < n_rows; i++) {
        if (isnan(values[i]) || values[i] != floor(values[i])) return false;
        sorted[i] = values[i];
    }
    sort_doubles(sorted, n_rows);
    for (size_t i = 1; i < n_rows; i++)
        if (sorted[i] == sorted[i - 1]) return false;
    return true;
}

static bool is_constant(const double *values, size_t n_rows)
{
    for (size_t i = 1; i < n_rows; i++)
        if (values[i] != values[0] && !(isnan(values[i]) && isnan(values[0]))) return false;
    return true;
}

/* ---- judging ---- */

struct judging {
    const struct frame    *frame;
    const uint32_t        *arm;
    size_t                 n_arms;
    const double          *outcome;
    struct arena          *scratch, *arena;
    struct uplift_columns *columns;
    struct difference     *differs;     /* [n_columns] between the arms; p 1: not tested */
};

static void drop(const struct judging *j, size_t column, const char *why)
{
    j->columns->use[column] = COLUMN_DROPPED, j->columns->why[column] = why;
}

static void judge_column(struct judging *j, size_t c)
{
    const struct frame *frame = j->frame;
    struct frame_levels levels;
    struct err err;
    double *values = ARENA_ARRAY(j->scratch, double, frame->n_rows + 1);
    bool is_number = frame->is_number[c];
    if (is_number) {
        bool ok = frame_numbers(frame, frame->names[c], j->scratch, &values, &err);
        assert(ok);
        if (is_id(values, frame->n_rows, j->scratch)) {
            drop(j, c, "is a different whole number in every row: an id");
            return;
        }
        j->differs[c] = numbers_differ(values, j->arm, frame->n_rows, j->n_arms, j->scratch);
    } else {
        if (!frame_levels(frame, c, LEVELS_MOST, j->scratch, &levels, &err)) {
            drop(j, c, arena_format(j->arena, "has more than %d different texts", LEVELS_MOST));
            return;
        }
        for (size_t i = 0; i < frame->n_rows; i++)
            values[i] = levels.of[i] == FRAME_MISSING ? (double)NAN : 1 + levels.of[i];
        j->differs[c] = texts_differ(&levels, j->arm, frame->n_rows, j->n_arms, j->scratch);
    }
    if (is_constant(values, frame->n_rows)) drop(j, c, "is the same everywhere");
    else if (is_set_by_outcome(values, j->arm, j->outcome, frame->n_rows))
        drop(j, c, "is never set without the outcome: it comes after it");
}

/* What the treatment moved was not known before it; unless so much differs that nobody drew lots. */
static void judge_moved(struct judging *j)
{
    size_t n_tested = 0, n_moved = 0, shown = 0;
    const char *names = "";
    for (size_t c = 0; c < j->frame->n_columns; c++) n_tested += j->columns->use[c] == COLUMN_USED;
    for (size_t c = 0; c < j->frame->n_columns; c++) {
        bool is = j->columns->use[c] == COLUMN_USED && j->differs[c].p < LEAST_P / (double)n_tested;
        n_moved += is;
        if (is && shown++ < NAMES_SHOWN)
            names = arena_format(j->arena, "%s%s%s", names, *names ? ", " : "", j->frame->names[c]);
    }
    if (n_moved >= 2 && (double)n_moved >= IMBALANCED_SHARE * (double)n_tested) {
        j->columns->is_imbalanced = true;
        j->columns->imbalance =
            arena_format(j->arena, "%zu of %zu columns differ between those treated and those not (%s)", n_moved,
                         n_tested, names);
        return;
    }
    for (size_t c = 0; c < j->frame->n_columns; c++) {
        if (j->columns->use[c] != COLUMN_USED || !(j->differs[c].p < LEAST_P / (double)n_tested)) continue;
        drop(j, c,
             arena_format(j->arena, "was moved by the treatment (p %.1g): it comes after it", j->differs[c].p));
        if (j->differs[c].strength >= MUCH && !j->columns->doubt)
            j->columns->doubt = arena_format(
                j->arena,
                "'%s' differs much between those treated and those not, and was taken for something that the "
                "treatment changed.  If it was known before, nobody drew lots: then --propensity estimate.",
                j->frame->names[c]);
    }
}

void uplift_columns_judge(const struct frame *frame, const uint32_t *arm, size_t n_arms, const double *outcome,
                          bool is_randomised, struct arena *arena, struct uplift_columns *columns)
{
    struct judging j = { frame, arm, n_arms, outcome, arena_new(ARENA_NO_LIMIT), arena, columns,
                         ARENA_ARRAY(arena, struct difference, frame->n_columns + 1) };
    for (size_t c = 0; c < frame->n_columns; c++) {
        j.differs[c].p = 1;
        if (columns->use[c] == COLUMN_USED) judge_column(&j, c);
        arena_reset(j.scratch);
    }
    for (size_t c = 0; is_randomised && c < frame->n_columns; c++)
        if (columns->use[c] == COLUMN_DROPPED && j.differs[c].p < LEAST_P / (double)frame->n_columns)
            columns->why[c] = arena_format(arena, "%s, and was moved by the treatment (p %.1g)", columns->why[c],
                                           j.differs[c].p);
    if (is_randomised) judge_moved(&j);
    arena_free(j.scratch);
}

/* ---- features ---- */

struct uplift_features uplift_features_of(const struct frame *frame, const struct uplift_columns *columns,
                                          struct arena *arena)
{
    struct uplift_features f = { .each = ARENA_ARRAY(arena, struct uplift_feature,
                                                     frame->n_columns * LEVELS_MOST + 1) };
    for (size_t c = 0; c < frame->n_columns; c++) {
        struct frame_levels levels;
        struct err err;
        if (columns->use[c] != COLUMN_USED) continue;
        const char *column = frame->names[c];
        if (frame->is_number[c]) {
            f.each[f.n++] = (struct uplift_feature){ column, NULL, false, column };
            continue;
        }
        if (!frame_levels(frame, c, LEVELS_MOST, arena, &levels, &err)) continue;
        for (size_t l = levels.n == 2 ? 1 : 0; l < levels.n; l++)
            f.each[f.n++] = (struct uplift_feature){ column, levels.names[l], true,
                                                     arena_format(arena, "%s=%s", column, levels.names[l]) };
    }
    f.names = ARENA_ARRAY(arena, const char *, f.n + 1);
    for (size_t i = 0; i < f.n; i++) f.names[i] = f.each[i].name;
    return f;
}

bool uplift_features_read(const struct frame *frame, const struct uplift_features *features, struct arena *arena,
                          float **ret_values, struct err *err)
{
    float *values = *ret_values = ARENA_ARRAY(arena, float, frame->n_rows * features->n + 1);
    for (size_t f = 0; f < features->n; f++) {
        const struct uplift_feature *feature = &features->each[f];
        size_t column;
        double *numbers;
        if (!frame_column(frame, feature->column, &column, arena, err)) return false;
        if (feature->is_text) {
            struct text level = text_of(feature->level);
            for (size_t i = 0; i < frame->n_rows; i++)
                values[i * features->n + f] = text_equal(frame->cells[i * frame->n_columns + column], level);
            continue;
        }
        if (!frame_numbers(frame, feature->column, arena, &numbers, err)) return false;
        for (size_t i = 0; i < frame->n_rows; i++) values[i * features->n + f] = (float)numbers[i];
    }
    return true;
}
