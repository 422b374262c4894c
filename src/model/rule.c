/* rule.c - the benchmark that every model must beat: one feature, in its better direction.
 *
 * The score is the calibrated log-odds (or logarithm of the amount) at the feature's value, strictly monotone in
 * it; a missing value has the score of the rows where it was missing.  See learner.h. */
#include "model/calibration.h"
#include "model/learner.h"
#include "model/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEARCH_ROWS_MAX = 20000 };

struct rule {
    struct fitted      fitted;
    size_t             column;
    double             direction;       /* 1 or -1: the score rises with direction x value */
    struct calibration calibration;     /* from direction x value to the score */
    double             missing_score, mean_score;
};

size_t rule_column(const struct fitted *rule) { return ((const struct rule *)rule)->column; }

/* The rows where the column is known: labels and values; returns how many. */
static size_t known(const struct sample *sample, size_t column, size_t step, float *ret_labels, double *ret_values)
{
    size_t n = 0;
    for (size_t i = 0; i < sample->n_rows; i += step) {
        float value = sample_row(sample, i)[column];
        if (isnan(value)) continue;
        ret_labels[n] = sample->labels[i];
        ret_values[n++] = (double)value;
    }
    return n;
}

/* How well the value ranks the labels, from -1 to 1; its sign is the direction. */
static double strength(enum target target, const float *labels, const double *values, size_t n)
{
    double rank = target == TARGET_YES_NO ? 2 * metric_compute(METRIC_AUC, labels, values, n, 0) - 1
                                          : metric_compute(METRIC_SPEARMAN, labels, values, n, 0);
    return isnan(rank) ? 0 : rank;
}

static size_t best_column(enum target target, const struct sample *sample, float *labels, double *values)
{
    size_t best = 0, step = 1 + sample->n_rows / SEARCH_ROWS_MAX;
    double best_strength = -1;
    for (size_t c = 0; c < sample->n_columns; c++) {
        size_t n = known(sample, c, step, labels, values);
        double share_known = (double)(n * step) / (double)sample->n_rows;
        double found = fabs(strength(target, labels, values, n)) * share_known;
        if (found > best_strength) best_strength = found, best = c;
    }
    return best;
}

static double mean_link(enum target target, const struct sample *sample, size_t column)
{
    double n = 0, sum = 0;
    for (size_t i = 0; i < sample->n_rows; i++) {
        if (!isnan(sample_row(sample, i)[column])) continue;
        n += 1;
        sum += sample->labels[i] > 0 ? (double)sample->labels[i] : 0;
    }
    if (target == TARGET_AMOUNT) return n > 0 ? log(fmax(sum / n, 1e-9)) : (double)NAN;
    return n > 0 ? log((sum + 0.5) / (n - sum + 0.5)) : (double)NAN;
}

static double rule_score(const struct rule *rule, float value)
{
    return isnan(value) ? rule->missing_score
                        : calibration_link(&rule->calibration, rule->direction * (double)value);
}

static bool rule_fit(const struct learner_settings *settings, const struct sample *sample, unsigned n_threads,
                     struct arena *arena, struct fitted **ret_fitted, struct err *err)
{
    (void)n_threads;
    if (sample->n_columns == 0) return err_set(err, ERR_INVALID, "there is no feature to make a rule of");
    size_t column = 0;
    if (settings->rule) {
        while (column < sample->n_columns && strcmp(sample->names[column], settings->rule) != 0) column++;
        if (column == sample->n_columns)
            return err_set(err, ERR_INVALID, "there is no feature \"%s\" to make a rule of", settings->rule);
    }
    float *labels = malloc(sample->n_rows * sizeof *labels);
    double *values = malloc(sample->n_rows * sizeof *values);
    assert(labels && values);
    if (!settings->rule) column = best_column(settings->target, sample, labels, values);
    struct rule *rule = ARENA_NEW(arena, struct rule);
    rule->fitted = (struct fitted){ &learner_rule, settings->target, sample->n_columns };
    rule->column = column;
    size_t n = known(sample, column, 1, labels, values);
    rule->direction = strength(settings->target, labels, values, n) < 0 ? -1 : 1;
    for (size_t i = 0; i < n; i++) values[i] *= rule->direction;
    rule->calibration = calibration_choose(settings->target, values, labels, NULL, n, settings->seed, arena);
    free(labels);
    free(values);

    rule->missing_score = mean_link(settings->target, sample, column);
    double sum = 0;
    size_t n_known = 0;
    for (size_t i = 0; i < sample->n_rows; i++) {
        float value = sample_row(sample, i)[column];
        if (isnan(value) && isnan(rule->missing_score)) continue;
        sum += rule_score(rule, value);
        n_known++;
    }
    rule->mean_score = n_known ? sum / (double)n_known : 0;
    if (isnan(rule->missing_score)) rule->missing_score = rule->mean_score;
    *ret_fitted = &rule->fitted;
    return true;
}

static void rule_predict(const struct fitted *fitted, const float *values, size_t n_rows, unsigned n_threads,
                         double *ret_scores)
{
    (void)n_threads;
    const struct rule *rule = (const struct rule *)fitted;
    for (size_t i = 0; i < n_rows; i++)
        ret_scores[i] = rule_score(rule, values[i * fitted->n_columns + rule->column]);
}

static void rule_explain(const struct fitted *fitted, const float *values, size_t n_rows, double *ret_contributions,
                         double *ret_base)
{
    const struct rule *rule = (const struct rule *)fitted;
    for (size_t i = 0; i < n_rows * fitted->n_columns; i++) ret_contributions[i] = 0;
    for (size_t at = rule->column; at < n_rows * fitted->n_columns; at += fitted->n_columns)
        ret_contributions[at] = rule_score(rule, values[at]) - rule->mean_score;
    *ret_base = rule->mean_score;
}

static const char *rule_describe(const struct learner_settings *settings, struct arena *arena)
{
    return settings->rule ? arena_format(arena, "%s alone", settings->rule)
                          : arena_copy(arena, "the best single feature");
}

static void rule_save(const struct fitted *fitted, struct bytes_writer *writer)
{
    const struct rule *rule = (const struct rule *)fitted;
    write_u32(writer, (uint32_t)rule->column);
    write_f64(writer, rule->direction);
    write_f64(writer, rule->missing_score);
    write_f64(writer, rule->mean_score);
    calibration_save(&rule->calibration, writer);
}

static bool rule_load(struct bytes_reader *reader, enum target target, size_t n_columns, struct arena *arena,
                      struct fitted **ret_fitted, struct err *err)
{
    struct rule *rule = ARENA_NEW(arena, struct rule);
    rule->fitted = (struct fitted){ &learner_rule, target, n_columns };
    rule->column = read_u32(reader, n_columns ? (uint32_t)n_columns - 1 : 0);
    rule->direction = read_f64(reader);
    rule->missing_score = read_f64(reader);
    rule->mean_score = read_f64(reader);
    if (reader->is_bad || n_columns == 0 || (rule->direction != 1 && rule->direction != -1))
        return err_set(err, ERR_CORRUPT, "the rule is broken");
    *ret_fitted = &rule->fitted;
    return calibration_load(reader, target, arena, &rule->calibration, err);
}

static const struct learner_settings RULE_GRID[] = { { 0 } };

const struct learner learner_rule = {
    .name = "rule", .grid = RULE_GRID, .n_grid = 1, .is_for_amounts = true, .is_for_yes_no = true,
    .fit = rule_fit, .predict = rule_predict, .explain = rule_explain, .describe = rule_describe,
    .save = rule_save, .load = rule_load,
};
