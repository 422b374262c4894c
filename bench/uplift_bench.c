/* uplift_bench.c - a T-learner of effects beside two fits of XGBoost: the same rows, the same number and depth of
 * trees.
 *
 * 1 million customers x 30 features, half of them treated, a yes/no outcome, two threads. */
#include "bench.h"

#include "base/arena.h"
#include "base/rng.h"
#include "uplift/effect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <xgboost/c_api.h>

enum { ROWS = 1000000, COLUMNS = 30, TREES = 60, THREADS = 2 };

struct work {
    float    *values, *arm_values[2], *arm_labels[2];
    double   *outcome, *nothing, *propensity;
    uint8_t  *is_treated;
    uint32_t *rows;
    size_t    n_arm[2];
};

static void xgboost(int status)
{
    if (status == 0) return;
    fprintf(stderr, "XGBoost: %s\n", XGBGetLastError());
    exit(1);
}

/* An outcome that the treatment makes likelier for some and less likely for others. */
static void make(struct work *w, struct arena *arena)
{
    struct rng rng = rng_new(7);
    w->values = ARENA_ARRAY(arena, float, (size_t)ROWS * COLUMNS);
    w->outcome = ARENA_ARRAY(arena, double, ROWS), w->nothing = ARENA_ARRAY(arena, double, ROWS);
    w->propensity = ARENA_ARRAY(arena, double, ROWS), w->is_treated = ARENA_ARRAY(arena, uint8_t, ROWS);
    w->rows = ARENA_ARRAY(arena, uint32_t, ROWS);
    for (int arm = 0; arm < 2; arm++)
        w->arm_values[arm] = ARENA_ARRAY(arena, float, (size_t)ROWS * COLUMNS),
        w->arm_labels[arm] = ARENA_ARRAY(arena, float, ROWS);
    for (uint32_t i = 0; i < ROWS; i++) {
        float *row = w->values + (size_t)i * COLUMNS;
        for (size_t c = 0; c < COLUMNS; c++) row[c] = (float)rng_uniform(&rng);
        bool is = rng_uniform(&rng) < .5;
        double odds =
            sin(6 * (double)row[0]) + (double)row[1] * (double)row[2] - 1 + (is ? (double)row[3] - .4 : 0);
        w->is_treated[i] = is;
        w->outcome[i] = rng_uniform(&rng) < 1 / (1 + exp(-odds)), w->rows[i] = i, w->propensity[i] = .5;
        for (size_t c = 0; c < COLUMNS; c++) w->arm_values[is][w->n_arm[is] * COLUMNS + c] = row[c];
        w->arm_labels[is][w->n_arm[is]++] = (float)w->outcome[i];
    }
}

static void fit_ours(void *context)
{
    const struct work *w = context;
    const struct effect_data data = { .n = ROWS, .n_columns = COLUMNS, .values = w->values, .outcome = w->outcome,
                                      .is_treated = w->is_treated, .propensity = w->propensity, .is_yes_no = true,
                                      .form = REGRESSION_TREES, .seed = 1, .n_threads = THREADS };
    const struct nuisance nuisance = { w->nothing, w->nothing, w->propensity,
                                       REGRESSION_TREES }; /* t uses the form */
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct effect *effect;
    struct err err = { 0 };
    bench_need(effect_fit(&data, w->rows, ROWS, &nuisance, EFFECT_T, arena, &effect, &err), &err);
    arena_free(arena);
}

static void fit_theirs(void *context)
{
    static const char *const parameters[][2] = { { "objective", "binary:logistic" },
                                                 { "tree_method", "hist" },
                                                 { "max_bin", "64" },
                                                 { "max_depth", "3" },
                                                 { "learning_rate", "0.1" },
                                                 { "subsample", "0.8" },
                                                 { "colsample_bytree", "0.8" },
                                                 { "nthread", "2" },
                                                 { "verbosity", "0" },
                                                 { "disable_default_eval_metric", "1" } };
    const struct work *w = context;
    for (int arm = 0; arm < 2; arm++) {
        char data[160];
        DMatrixHandle matrix;
        BoosterHandle booster;
        snprintf(data, sizeof data,
                 "{\"data\": [%llu, true], \"shape\": [%zu, %d], \"typestr\": \"<f4\", \"version\": 3}",
                 (unsigned long long)(uintptr_t)w->arm_values[arm], w->n_arm[arm], COLUMNS);
        xgboost(XGDMatrixCreateFromDense(data, "{\"missing\": NaN, \"nthread\": 2}", &matrix));
        xgboost(XGDMatrixSetFloatInfo(matrix, "label", w->arm_labels[arm], w->n_arm[arm]));
        xgboost(XGBoosterCreate(&matrix, 1, &booster));
        for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
            xgboost(XGBoosterSetParam(booster, parameters[i][0], parameters[i][1]));
        for (int round = 0; round < TREES; round++) xgboost(XGBoosterUpdateOneIter(booster, round, matrix));
        xgboost(XGBoosterFree(booster));
        xgboost(XGDMatrixFree(matrix));
    }
}

int main(void)
{
    int major, minor, patch;
    char peer[48];
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct work work = { 0 };
    make(&work, arena);
    XGBoostVersion(&major, &minor, &patch);
    snprintf(peer, sizeof peer, "two fits of XGBoost %d.%d.%d", major, minor, patch);
    double theirs = bench_median(3, NULL, fit_theirs, &work), ours = bench_median(3, NULL, fit_ours, &work);
    bench_record(&(struct bench){ "T-learner, 1 M x 30", "s", ours, theirs, peer, 1 / 1.2, NULL });
    arena_free(arena);
    return 0;
}
