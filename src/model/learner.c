/* learner.c - the list of learners, and the constant; see learner.h. */
#include "model/learner.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

const struct learner *const learners[] = {
    &learner_constant, &learner_rule, &learner_linear, &learner_logistic_l1, &learner_logistic_l2, &learner_forest,
    &learner_boosting,
};
const size_t n_learners = sizeof learners / sizeof learners[0];

const struct learner *learner_find(const char *name)
{
    for (size_t i = 0; i < n_learners; i++)
        if (strcmp(learners[i]->name, name) == 0) return learners[i];
    return NULL;
}

enum { ROWS_PER_ITEM = 4096 };

struct prediction {
    const struct fitted *fitted;
    const struct sample *sample;
    float  *rows;               /* per thread [ROWS_PER_ITEM x n_columns] */
    double *scores;
};

static void predict_item(void *context, size_t item, unsigned thread)
{
    const struct prediction *job = context;
    const struct sample *sample = job->sample;
    size_t from = item * ROWS_PER_ITEM, left = sample->n_rows - from;
    size_t n = left < ROWS_PER_ITEM ? left : ROWS_PER_ITEM;
    const float *rows = sample->values + from * sample->n_columns;
    if (sample->places) {
        float *gathered = job->rows + thread * ROWS_PER_ITEM * sample->n_columns;
        sample_copy(sample, from, n, gathered);
        rows = gathered;
    }
    job->fitted->learner->predict(job->fitted, rows, n, 1, job->scores + from);
}

void learner_predict(const struct fitted *fitted, const struct sample *sample, unsigned n_threads,
                     double *ret_scores)
{
    if (n_threads < 1) n_threads = 1;
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    size_t room = sample->places ? n_threads * ROWS_PER_ITEM : 0;
    struct prediction job = { fitted, sample, arena_alloc(arena, room * sample->n_columns, sizeof(float)),
                              ret_scores };
    parallel_for(n_threads, (sample->n_rows + ROWS_PER_ITEM - 1) / ROWS_PER_ITEM, predict_item, &job);
    arena_free(arena);
}

struct constant { struct fitted fitted; double score; };

static bool constant_fit(const struct learner_settings *settings, const struct sample *sample, unsigned n_threads,
                         struct arena *arena, struct fitted **ret_fitted, struct err *err)
{
    (void)n_threads, (void)err;
    struct constant *constant = ARENA_NEW(arena, struct constant);
    double sum = 0, n = (double)sample->n_rows;
    for (size_t i = 0; i < sample->n_rows; i++) sum += sample->labels[i] > 0 ? (double)sample->labels[i] : 0;
    constant->fitted = (struct fitted){ &learner_constant, settings->target, sample->n_columns };
    constant->score = settings->target == TARGET_AMOUNT ? log(fmax(sum / n, 1e-9))
                                                        : log((sum + 0.5) / (n - sum + 0.5));
    *ret_fitted = &constant->fitted;
    return true;
}

static void constant_predict(const struct fitted *fitted, const float *values, size_t n_rows, unsigned n_threads,
                             double *ret_scores)
{
    (void)values, (void)n_threads;
    for (size_t i = 0; i < n_rows; i++) ret_scores[i] = ((const struct constant *)fitted)->score;
}

static void constant_explain(const struct fitted *fitted, const float *values, size_t n_rows,
                             double *ret_contributions, double *ret_base)
{
    (void)values;
    for (size_t i = 0; i < n_rows * fitted->n_columns; i++) ret_contributions[i] = 0;
    *ret_base = ((const struct constant *)fitted)->score;
}

static const char *constant_describe(const struct learner_settings *settings, struct arena *arena)
{
    (void)settings;
    return arena_copy(arena, "the same for everyone");
}

static void constant_save(const struct fitted *fitted, struct bytes_writer *writer)
{
    write_f64(writer, ((const struct constant *)fitted)->score);
}

static bool constant_load(struct bytes_reader *reader, enum target target, size_t n_columns, struct arena *arena,
                          struct fitted **ret_fitted, struct err *err)
{
    struct constant *constant = ARENA_NEW(arena, struct constant);
    constant->fitted = (struct fitted){ &learner_constant, target, n_columns };
    constant->score = read_f64(reader);
    *ret_fitted = &constant->fitted;
    return !reader->is_bad || err_set(err, ERR_CORRUPT, "the constant is cut short");
}

static const struct learner_settings CONSTANT_GRID[] = { { 0 } };

const struct learner learner_constant = {
    .name = "constant", .grid = CONSTANT_GRID, .n_grid = 1, .is_for_amounts = true, .is_for_yes_no = true,
    .fit = constant_fit, .predict = constant_predict, .explain = constant_explain, .describe = constant_describe,
    .save = constant_save, .load = constant_load,
};
