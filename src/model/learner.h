/* learner.h - the ways to learn a score from rows, behind one interface.
 *
 * A learner turns rows into a fitted model: plain data in an arena, used by any thread.  Scores are
 * log-odds for yes/no and logarithms of amounts (of 1 + amount for linear and forest), still to be calibrated.
 * Fitting twice with the same settings and rows gives the same model whatever n_threads. */
#ifndef MODEL_LEARNER_H
#define MODEL_LEARNER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/bytes.h"
#include "model/sample.h"

struct learner_settings {
    const struct learner *learner;
    enum target           target;
    uint64_t              seed;
    const char           *rule;         /* rule: name of its feature; NULL: the best single one */
    double                cost;         /* logistic: liblinear's C, per row; larger is less penalty */
    unsigned              n_trees, depth;
    double                learning_rate, min_weight, row_share, column_share;   /* trees */
    size_t                rows_most;    /* trees: larger samples are thinned to about so many rows; 0: never */
    size_t                rows_up_to;   /* a search tries them on samples up to so many rows only; 0: on any */
    bool                  is_trial;     /* what is fitted will be judged, but neither explained nor saved */
};

/* Begins every learner's own struct of a fitted model. */
struct fitted { const struct learner *learner; enum target target; size_t n_columns; };

struct learner {
    const char                    *name;        /* as in the leaderboard, unless the fitted one says more */
    const struct learner_settings *grid;        /* what a search tries, [n_grid] */
    size_t                         n_grid;
    bool                           is_for_amounts, is_for_yes_no;

    /* sample has at least 2 rows, its labels are not all the same.  settings->learner is this one.
     * Errors: ERR_INVALID the rule's feature is not among the columns; ERR_REFUSED the library failed. */
    bool (*fit)(const struct learner_settings *settings, const struct sample *sample, unsigned n_threads,
                struct arena *arena, struct fitted **ret_fitted, struct err *err);

    /* values [n_rows x n_columns] -> ret_scores [n_rows]. */
    void (*predict)(const struct fitted *fitted, const float *values, size_t n_rows, unsigned n_threads,
                    double *ret_scores);

    /* values [n_rows x n_columns]: each row's ret_contributions [n_rows x n_columns] and *ret_base add up to its score. */
    void (*explain)(const struct fitted *fitted, const float *values, size_t n_rows, double *ret_contributions,
                    double *ret_base);

    /* How much the row's score changes with another value in a column; NULL: by two predictions. */
    double (*change)(const struct fitted *fitted, const float *row, size_t column, float value);

    /* The settings in words, in arena. */
    const char *(*describe)(const struct learner_settings *settings, struct arena *arena);

    void (*save)(const struct fitted *fitted, struct bytes_writer *writer);
    bool (*load)(struct bytes_reader *reader, enum target target, size_t n_columns, struct arena *arena,
                 struct fitted **ret_fitted, struct err *err);
};

extern const struct learner learner_constant, learner_rule, learner_logistic_l1, learner_logistic_l2,
    learner_linear, learner_forest, learner_boosting;

/* All of them, simplest first. */
extern const struct learner *const learners[];
extern const size_t                n_learners;

const struct learner *learner_find(const char *name);   /* NULL if absent */

/* Scores of a sample's rows, wherever they lie.  ret_scores [n_rows]. */
void learner_predict(const struct fitted *fitted, const struct sample *sample, unsigned n_threads,
                     double *ret_scores);

size_t rule_column(const struct fitted *rule);          /* the feature that a fitted rule looks at */

#endif
