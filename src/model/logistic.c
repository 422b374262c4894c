/* logistic.c - logistic and ridge regression by liblinear, on scaled features; see logistic.h and learner.h. */
#include "model/logistic.h"

#include "base/parallel.h"
#include "model/learner.h"
#include "model/scaling.h"
#include "model/split.h"

#include <assert.h>
#include <linear.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

/* Larger samples are thinned: a few dozen weights need no more and a cell takes 16 bytes. */
enum { CELLS_MAX = 1500000 };

static const double BIAS = 4;       /* makes the penalty on the constant 16 times smaller */

static pthread_mutex_t liblinear_lock = PTHREAD_MUTEX_INITIALIZER;

static void print_nothing(const char *text) { (void)text; }

static int solver_of(enum penalty penalty)
{
    return penalty == PENALTY_L1 ? L1R_LR : penalty == PENALTY_L2 ? L2R_LR : L2R_L2LOSS_SVR;
}

/* liblinear's rows: (column from 1, value) where the value is not 0, the bias, and -1 as the end. */
static struct feature_node **rows_new(const struct logistic_problem *p, struct feature_node **ret_nodes)
{
    size_t width = p->n_columns + 2;
    struct feature_node *nodes = malloc(p->n_rows * width * sizeof *nodes), *at = nodes;
    struct feature_node **rows = malloc(p->n_rows * sizeof(struct feature_node *));
    assert(nodes && rows);
    for (size_t i = 0; i < p->n_rows; i++) {
        rows[i] = at;
        for (size_t c = 0; c < p->n_columns; c++) {
            double value = p->values[i * p->n_columns + c];
            if (value != 0) *at++ = (struct feature_node){ (int)c + 1, value };
        }
        if (p->bias > 0) *at++ = (struct feature_node){ (int)p->n_columns + 1, p->bias };
        *at++ = (struct feature_node){ -1, 0 };
    }
    *ret_nodes = nodes;
    return rows;
}

static struct model *train_alone(const struct problem *problem, const struct parameter *parameter, uint64_t seed)
{
    pthread_mutex_lock(&liblinear_lock);
    set_print_string_function(print_nothing);
    srandom((unsigned)(seed ^ (seed >> 32)));       /* the C library's rand() draws from the same numbers */
    struct model *model = train(problem, parameter);
    pthread_mutex_unlock(&liblinear_lock);
    return model;
}

bool logistic_solve(const struct logistic_problem *p, double *ret_weights, struct err *err)
{
    bool ok = false;
    size_t n_yes = 0, n_weights = p->n_columns + (p->bias > 0);
    double *labels = malloc((p->n_rows + 1) * sizeof *labels);
    struct feature_node *nodes = NULL, **rows = rows_new(p, &nodes);
    struct model *model = NULL;
    assert(labels);
    for (size_t i = 0; i < p->n_rows; i++) {
        n_yes += p->labels[i] > 0;
        labels[i] = p->penalty == PENALTY_RIDGE ? p->labels[i] : p->labels[i] > 0 ? 1 : -1;
    }
    struct problem problem = { .l = (int)p->n_rows, .n = (int)n_weights, .y = labels, .x = rows, .bias = p->bias };
    struct parameter parameter = { .solver_type = solver_of(p->penalty),
                                   .eps = p->tolerance,
                                   .C = p->cost,
                                   .p = 0 };
    const char *complaint = check_parameter(&problem, &parameter);
    if (p->penalty != PENALTY_RIDGE && (n_yes == 0 || n_yes == p->n_rows))
        err_set(err, ERR_INVALID, "all %zu labels are the same", p->n_rows);
    else if (complaint)
        err_set(err, ERR_REFUSED, "liblinear: %s", complaint);
    else
        model = train_alone(&problem, &parameter, p->seed);
    if (model) {
        /* liblinear's "positive" class is the one that it met first */
        double sign = p->penalty == PENALTY_RIDGE || model->label[0] == 1 ? 1 : -1;
        for (size_t c = 0; c < p->n_columns; c++) ret_weights[c] = sign * model->w[c];
        ret_weights[p->n_columns] = p->bias > 0 ? sign * model->w[p->n_columns] * p->bias : 0;
        free_and_destroy_model(&model);
        ok = true;
    }
    free(rows);
    free(nodes);
    free(labels);
    return ok;
}

struct linear {
    struct fitted  fitted;
    struct scaling scaling;
    double         constant;
    double        *weight, *missing_weight;     /* [n_columns], of the standardised values and indicators */
};

static bool linear_solve(const struct learner_settings *settings, const struct sample *sample,
                         enum penalty penalty, struct linear *linear, struct arena *scratch, struct err *err)
{
    size_t n_missing = 0, width, n_columns = sample->n_columns;
    for (size_t c = 0; c < n_columns; c++) n_missing += linear->scaling.columns[c].missing_inverse_deviation > 0;
    width = n_columns + n_missing;
    double *values = ARENA_ARRAY(scratch, double, sample->n_rows * width);
    double *labels = ARENA_ARRAY(scratch, double, sample->n_rows),
           *weights = ARENA_ARRAY(scratch, double, width + 1);
    for (size_t i = 0; i < sample->n_rows; i++) {
        double *row = values + i * width, *missing = row + n_columns, unused;
        const float *raw = sample_row(sample, i);
        for (size_t c = 0; c < n_columns; c++) {
            const struct scaled_column *column = &linear->scaling.columns[c];
            bool can_miss = column->missing_inverse_deviation > 0;
            scaling_apply(column, raw[c], &row[c], can_miss ? missing : &unused);
            missing += can_miss;
        }
        double label = (double)sample->labels[i];
        labels[i] = penalty == PENALTY_RIDGE ? log1p(fmax(label, 0)) : label > 0.5 ? 1 : 0;
    }
    struct logistic_problem problem = {
        .values = values, .labels = labels, .n_rows = sample->n_rows, .n_columns = width, .penalty = penalty,
        .cost = settings->cost, .tolerance = 1e-3, .bias = BIAS, .seed = settings->seed,
    };
    if (!logistic_solve(&problem, weights, err)) return false;
    for (size_t c = 0, m = n_columns; c < n_columns; c++) {
        linear->weight[c] = weights[c];
        linear->missing_weight[c] = linear->scaling.columns[c].missing_inverse_deviation > 0 ? weights[m++] : 0;
    }
    linear->constant = weights[width];
    return true;
}

static bool linear_fit(const struct learner_settings *settings, const struct sample *sample, unsigned n_threads,
                       struct arena *arena, struct fitted **ret_fitted, struct err *err)
{
    (void)n_threads;
    struct arena *scratch = arena_new(ARENA_NO_LIMIT);
    struct sample used = split_thin(sample, CELLS_MAX / (sample->n_columns + 1), SPLIT_CUT, settings->seed,
                                    scratch);
    struct linear *linear = ARENA_NEW(arena, struct linear);
    linear->fitted = (struct fitted){ settings->learner, settings->target, sample->n_columns };
    linear->scaling = scaling_fit(&used, arena);
    linear->weight = ARENA_ARRAY(arena, double, sample->n_columns);
    linear->missing_weight = ARENA_ARRAY(arena, double, sample->n_columns);
    enum penalty penalty = settings->learner == &learner_linear ? PENALTY_RIDGE
                         : settings->learner == &learner_logistic_l1 ? PENALTY_L1 : PENALTY_L2;
    bool ok = parallel_goes_on(err) && linear_solve(settings, &used, penalty, linear, scratch, err);
    arena_free(scratch);
    if (ok) *ret_fitted = &linear->fitted;
    return ok;
}

static double term(const struct linear *linear, size_t column, float raw)
{
    double value, missing;
    scaling_apply(&linear->scaling.columns[column], raw, &value, &missing);
    return linear->weight[column] * value + linear->missing_weight[column] * missing;
}

static bool is_used(const struct linear *linear, size_t column)
{
    return linear->weight[column] != 0 || linear->missing_weight[column] != 0;
}

static void linear_predict(const struct fitted *fitted, const float *values, size_t n_rows, unsigned n_threads,
                           double *ret_scores)
{
    (void)n_threads;
    const struct linear *linear = (const struct linear *)fitted;
    for (size_t i = 0; i < n_rows; i++) {
        double score = linear->constant;
        for (size_t c = 0; c < fitted->n_columns; c++)
            if (is_used(linear, c)) score += term(linear, c, values[i * fitted->n_columns + c]);
        ret_scores[i] = score;
    }
}

static void linear_explain(const struct fitted *fitted, const float *values, size_t n_rows,
                           double *ret_contributions, double *ret_base)
{
    const struct linear *linear = (const struct linear *)fitted;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t c = 0; c < fitted->n_columns; c++) {
            size_t at = i * fitted->n_columns + c;
            ret_contributions[at] = is_used(linear, c) ? term(linear, c, values[at]) : 0;
        }
    *ret_base = linear->constant;
}

static const char *linear_describe(const struct learner_settings *settings, struct arena *arena)
{
    return arena_format(arena, "C = %g, features standardised", settings->cost);
}

static void linear_save(const struct fitted *fitted, struct bytes_writer *writer)
{
    const struct linear *linear = (const struct linear *)fitted;
    scaling_save(&linear->scaling, writer);
    write_f64(writer, linear->constant);
    write_f64s(writer, linear->weight, fitted->n_columns);
    write_f64s(writer, linear->missing_weight, fitted->n_columns);
}

static bool load(const struct learner *learner, struct bytes_reader *reader, enum target target, size_t n_columns,
                 struct arena *arena, struct fitted **ret_fitted, struct err *err)
{
    struct linear *linear = ARENA_NEW(arena, struct linear);
    linear->fitted = (struct fitted){ learner, target, n_columns };
    if (!scaling_load(reader, n_columns, arena, &linear->scaling, err)) return false;
    linear->constant = read_f64(reader);
    linear->weight = read_f64s(reader, arena, n_columns);
    linear->missing_weight = read_f64s(reader, arena, n_columns);
    *ret_fitted = &linear->fitted;
    return !reader->is_bad || err_set(err, ERR_CORRUPT, "the linear model is cut short");
}

static bool load_l1(struct bytes_reader *reader, enum target target, size_t n_columns, struct arena *arena,
                    struct fitted **ret_fitted, struct err *err)
{
    return load(&learner_logistic_l1, reader, target, n_columns, arena, ret_fitted, err);
}

static bool load_l2(struct bytes_reader *reader, enum target target, size_t n_columns, struct arena *arena,
                    struct fitted **ret_fitted, struct err *err)
{
    return load(&learner_logistic_l2, reader, target, n_columns, arena, ret_fitted, err);
}

static bool load_linear(struct bytes_reader *reader, enum target target, size_t n_columns, struct arena *arena,
                        struct fitted **ret_fitted, struct err *err)
{
    return load(&learner_linear, reader, target, n_columns, arena, ret_fitted, err);
}

static const struct learner_settings L1_GRID[] = { { .cost = 0.01 }, { .cost = 0.1 }, { .cost = 1 } };
static const struct learner_settings L2_GRID[] = {
    { .cost = 0.001 }, { .cost = 0.01 }, { .cost = 0.1 }, { .cost = 1 }
};
static const struct learner_settings LINEAR_GRID[] = { { .cost = 0.00001 },
                                                       { .cost = 0.0001 },
                                                       { .cost = 0.001 } };

const struct learner learner_logistic_l1 = {
    .name = "logistic L1", .grid = L1_GRID, .n_grid = 3, .is_for_yes_no = true,
    .fit = linear_fit, .predict = linear_predict, .explain = linear_explain, .describe = linear_describe,
    .save = linear_save, .load = load_l1,
};

const struct learner learner_logistic_l2 = {
    .name = "logistic L2", .grid = L2_GRID, .n_grid = 4, .is_for_yes_no = true,
    .fit = linear_fit, .predict = linear_predict, .explain = linear_explain, .describe = linear_describe,
    .save = linear_save, .load = load_l2,
};

const struct learner learner_linear = {
    .name = "linear", .grid = LINEAR_GRID, .n_grid = 3, .is_for_amounts = true,
    .fit = linear_fit, .predict = linear_predict, .explain = linear_explain, .describe = linear_describe,
    .save = linear_save, .load = load_linear,
};
