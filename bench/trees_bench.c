/* trees_bench.c - trees beside XGBoost on the same rows: training, scoring and explaining.
 *
 * 500,000 customers x 64 features, a yes/no label, 100 trees of depth 6, two threads (one for explaining, which
 * is asked for one customer at a time). */
#include "bench.h"
#include "xgboost_trees.h"

#include "base/arena.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "model/learner.h"
#include "model/shap.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <xgboost/c_api.h>

enum { COLUMNS = 64, TREES = 100, DEPTH = 6, EXPLAINED = 200 };

struct peer {
    struct sample        sample;
    unsigned             n_threads;
    BoosterHandle        booster;
    struct learner_settings settings;
    struct arena        *arena;
    struct fitted       *fitted;
    struct trees        *trees;
    struct shap         *shap;
    float               *scores;
    double              *contributions;
    size_t               next;
};

static void xgboost(int status)
{
    if (status == 0) return;
    fprintf(stderr, "XGBoost: %s\n", XGBGetLastError());
    exit(1);
}

/* Counts, amounts and shares with some missing values, and a label that depends on a dozen of them. */
static struct sample make(struct arena *arena, size_t n)
{
    float *values = ARENA_ARRAY(arena, float, n * COLUMNS), *labels = ARENA_ARRAY(arena, float, n);
    struct rng rng = rng_new(7);
    for (size_t i = 0; i < n; i++) {
        float *row = values + i * COLUMNS;
        double odds = -0.5;
        for (size_t c = 0; c < COLUMNS; c++) {
            double u = rng_uniform(&rng);
            row[c] = c % 4 == 0 ? (float)floor(-5 * log(u)) : c % 4 == 1 ? (float)(-40 * log(u)) : (float)u;
            if (c % 8 == 5 && rng_uniform(&rng) < 0.3) row[c] = NAN;
        }
        for (size_t c = 0; c < 12; c++)
            if (!isnan(row[c])) odds += sin((double)row[c] / (c % 4 == 2 ? 0.2 : 9.0) + (double)c) * 0.6;
        if (row[1] > 30 && row[2] < 0.4F) odds += 1;
        labels[i] = rng_uniform(&rng) < 1 / (1 + exp(-odds)) ? 1 : 0;
    }
    return (struct sample){ .values = values, .n_rows = n, .n_columns = COLUMNS, .labels = labels };
}

static void array_interface(const float *values, size_t n_rows, char *text, size_t room)
{
    snprintf(text, room, "{\"data\": [%llu, true], \"shape\": [%zu, %d], \"typestr\": \"<f4\", \"version\": 3}",
             (unsigned long long)(uintptr_t)values, n_rows, COLUMNS);
}

static void train_theirs(void *context)
{
    struct peer *p = context;
    char data[160], config[64], threads[16];
    array_interface(p->sample.values, p->sample.n_rows, data, sizeof data);
    snprintf(config, sizeof config, "{\"missing\": NaN, \"nthread\": %u}", p->n_threads);
    snprintf(threads, sizeof threads, "%u", p->n_threads);
    DMatrixHandle matrix;
    xgboost(XGDMatrixCreateFromDense(data, config, &matrix));
    xgboost(XGDMatrixSetFloatInfo(matrix, "label", p->sample.labels, p->sample.n_rows));
    if (p->booster) xgboost(XGBoosterFree(p->booster));
    xgboost(XGBoosterCreate(&matrix, 1, &p->booster));
    const char *const parameters[][2] = { { "objective", "binary:logistic" },
                                          { "tree_method", "hist" }, { "max_bin", "64" },
                                          { "max_depth", "6" },
                                          { "learning_rate", "0.1" },
                                          { "min_child_weight", "5" },
                                          { "nthread", threads },
                                          { "verbosity", "0" },
                                          { "disable_default_eval_metric", "1" } };
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        xgboost(XGBoosterSetParam(p->booster, parameters[i][0], parameters[i][1]));
    for (int round = 0; round < TREES; round++) xgboost(XGBoosterUpdateOneIter(p->booster, round, matrix));
    xgboost(XGDMatrixFree(matrix));
}

static void train_ours(void *context)
{
    struct peer *p = context;
    struct err err = { 0 };
    arena_reset(p->arena);
    bench_need(p->settings.learner->fit(&p->settings, &p->sample, p->n_threads, p->arena, &p->fitted, &err), &err);
}

static const float *predict_in_place(struct peer *p, const float *values, size_t n)
{
    char data[160];
    array_interface(values, n, data, sizeof data);
    const char *config = "{\"type\": 1, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": 0, "
                         "\"missing\": NaN, \"strict_shape\": false, \"cache_id\": 0}";
    bst_ulong const *shape;
    bst_ulong dimensions;
    const float *result;
    xgboost(XGBoosterPredictFromDense(p->booster, data, config, NULL, &shape, &dimensions, &result));
    return result;
}

static void score_theirs(void *context)
{
    struct peer *p = context;
    (void)predict_in_place(p, p->sample.values, p->sample.n_rows);
}

static void score_ours(void *context)
{
    struct peer *p = context;
    trees_predict(p->trees, p->sample.values, p->sample.n_rows, p->n_threads, p->scores);
}

/* XGBoost explains rows of a matrix of its own; making it is not counted. */
static double explain_theirs(struct peer *p)
{
    double spent = 0;
    for (size_t i = 0; i < EXPLAINED; i++) {
        char data[160];
        DMatrixHandle matrix;
        array_interface(p->sample.values + i * COLUMNS, 1, data, sizeof data);
        xgboost(XGDMatrixCreateFromDense(data, "{\"missing\": NaN, \"nthread\": 1}", &matrix));
        bst_ulong const *shape;
        bst_ulong dimensions;
        const float *result;
        double started = bench_seconds();
        xgboost(XGBoosterPredictFromDMatrix(p->booster, matrix,
                                            "{\"type\": 2, \"training\": false, \"iteration_begin\": 0, "
                                            "\"iteration_end\": 0, \"strict_shape\": false}",
                                            &shape, &dimensions, &result));
        spent += bench_seconds() - started;
        for (size_t c = 0; c <= COLUMNS; c++) p->contributions[i * (COLUMNS + 1) + c] = (double)result[c];
        xgboost(XGDMatrixFree(matrix));
    }
    return spent / EXPLAINED;
}

static double explain_ours(struct peer *p, double *ret_worst)
{
    double contribution[COLUMNS], base, started = bench_seconds();
    enum { ROUNDS = 20 };
    for (size_t i = 0; i < EXPLAINED * ROUNDS; i++)
        shap_explain(p->shap, p->sample.values + i * COLUMNS, contribution, &base);
    double spent = (bench_seconds() - started) / (EXPLAINED * ROUNDS);
    *ret_worst = 0;
    for (size_t i = 0; i < EXPLAINED; i++) {
        const double *theirs = p->contributions + i * (COLUMNS + 1);
        shap_explain(p->shap, p->sample.values + i * COLUMNS, contribution, &base);
        for (size_t c = 0; c < COLUMNS; c++) *ret_worst = fmax(*ret_worst, fabs(contribution[c] - theirs[c]));
        *ret_worst = fmax(*ret_worst, fabs(base - theirs[COLUMNS]));
    }
    return spent;
}

static void read_trees(struct peer *p, struct arena *arena)
{
    bst_ulong length;
    const char *text;
    struct err err = { 0 };
    xgboost(XGBoosterSaveModelToBuffer(p->booster, "{\"format\": \"json\"}", &length, &text));
    bench_need(xgboost_trees_read(text, length, COLUMNS, arena, &p->trees, &err), &err);
    p->shap = shap_new(p->trees, arena);
}

int main(void)
{
    size_t n = bench_n_events() / 20;       /* 500,000 unless the environment asks for a trial */
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    unsigned n_threads = parallel_cores() < 2 ? 1 : 2;
    struct peer p = { .sample = make(arena, n),
                      .n_threads = n_threads,
                      .arena = arena_new(ARENA_NO_LIMIT),
                      .settings = { .learner = &learner_boosting,
                                    .target = TARGET_YES_NO,
                                    .n_trees = TREES,
                                    .depth = DEPTH,
                                    .learning_rate = 0.1,
                                    .min_weight = 5,
                                    .row_share = 1,
                                    .column_share = 1 },
                      .scores = ARENA_ARRAY(arena, float, n),
                      .contributions = ARENA_ARRAY(arena, double, EXPLAINED * (COLUMNS + 1)) };
    char peer[32], note[128];
    int major, minor, patch;
    XGBoostVersion(&major, &minor, &patch);
    snprintf(peer, sizeof peer, "XGBoost %d.%d.%d", major, minor, patch);

    double theirs = bench_median(1, NULL, train_theirs, &p), ours = bench_median(1, NULL, train_ours, &p);
    snprintf(note, sizeof note, "%zu x %d, %d trees of depth %d, %u threads", n, COLUMNS, TREES, DEPTH, n_threads);
    bench_record(&(struct bench){ "train boosted trees", "s", ours, theirs, peer, 1 / 1.1, note });

    read_trees(&p, arena);
    theirs = bench_median(3, NULL, score_theirs, &p), ours = bench_median(5, NULL, score_ours, &p);
    const float *margins = predict_in_place(&p, p.sample.values, n);
    double worst = 0;
    for (size_t i = 0; i < n; i++) worst = fmax(worst, fabs((double)p.scores[i] - (double)margins[i]));
    snprintf(note, sizeof note, "the same trees; largest difference of a margin %.1e", worst);
    bench_record(&(struct bench){ "score customers", "s", ours, theirs, peer, 3, note });

    theirs = explain_theirs(&p), ours = explain_ours(&p, &worst);
    snprintf(note, sizeof note, "one customer; largest difference of a contribution %.1e", worst);
    bench_record(
        &(struct bench){ "explain a customer (TreeSHAP)", "us", ours * 1e6, theirs * 1e6, peer, 10, note });
    return 0;
}
