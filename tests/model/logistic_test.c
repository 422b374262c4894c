/* liblinear behind logistic.h, against published fits. */
#include "model_samples.h"

#include "model/logistic.h"

#include <string.h>

/* Reads n numbers from the text. */
static const char *numbers(const char *at, double *ret, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *end;
        at += strcspn(at, "0123456789.-+");
        ret[i] = strtod(at, &end);
        at = end;
    }
    return at;
}

Test(logistic, spector_has_stata_s_maximum_likelihood)
{
    struct arena *arena = arena_new(1 << 24);
    const char *path = support_data("small/spector.csv");
    SKIP_WITHOUT(path);
    char *text = support_read(arena, path, NULL);
    text += strcspn(text, "\n");
    double rows[32][5], values[32 * 3], labels[32], weights[4];
    const char *at = text;
    for (size_t i = 0; i < 32; i++) {
        at = numbers(at, rows[i], 5);       /* OBS GPA TUCE PSI GRADE */
        memcpy(values + 3 * i, rows[i] + 1, 3 * sizeof(double));
        labels[i] = rows[i][4];
    }
    double mean[3] = { 0 }, deviation[3] = { 0 }; /* standardised, as the learners do, and turned back below */
    for (size_t i = 0; i < 96; i++) mean[i % 3] += values[i] / 32;
    for (size_t i = 0; i < 96; i++) deviation[i % 3] += (values[i] - mean[i % 3]) * (values[i] - mean[i % 3]) / 32;
    for (size_t i = 0; i < 96; i++) values[i] = (values[i] - mean[i % 3]) / sqrt(deviation[i % 3]);
    struct err err = { 0 };
    struct logistic_problem problem = { .values = values, .labels = labels, .n_rows = 32, .n_columns = 3,
                                        .penalty = PENALTY_L2, .cost = 1e8, .tolerance = 1e-14, .bias = 1 };
    ASSERT_OK(logistic_solve(&problem, weights, &err), &err);
    for (size_t c = 0; c < 3; c++) {
        weights[c] /= sqrt(deviation[c]);
        weights[3] -= weights[c] * mean[c];
    }
    const double want[] = { 2.82611297201, 0.0951576702557, 2.37868772835, -13.0213483201 };
    for (size_t c = 0; c < 4; c++) ASSERT_NEAR(weights[c] / want[c], 1, 1e-6);
    arena_free(arena);
}

enum { HEART_ROWS = 270, HEART_COLUMNS = 13 };

struct heart { double values[HEART_ROWS * HEART_COLUMNS], labels[HEART_ROWS]; };

static struct heart *heart_scale(struct arena *arena)
{
    const char *path = support_data("small/heart_scale");
    if (!path) return NULL;
    struct heart *heart = ARENA_NEW(arena, struct heart);
    char *line = support_read(arena, path, NULL);
    for (size_t i = 0; i < HEART_ROWS; i++) {
        char *end = line;
        heart->labels[i] = strtod(line, &end);
        while (*(end += strspn(end, " ")) >= '0' && *end <= '9') {
            unsigned long column = strtoul(end, &end, 10);
            heart->values[i * HEART_COLUMNS + column - 1] = strtod(end + 1, &end);
        }
        line = end + strcspn(end, "\n") + 1;
    }
    return heart;
}

static double margin(const struct heart *heart, const double *weights, size_t row)
{
    double sum = weights[HEART_COLUMNS];
    for (size_t c = 0; c < HEART_COLUMNS; c++) sum += weights[c] * heart->values[row * HEART_COLUMNS + c];
    return sum;
}

static void check_heart(enum penalty penalty, double tolerance, double want_objective, size_t want_right,
                        size_t want_nonzero, double *weights)
{
    struct arena *arena = arena_new(1 << 24);
    struct heart *heart = heart_scale(arena);
    SKIP_WITHOUT(heart);
    struct err err = { 0 };
    struct logistic_problem problem = { .values = heart->values,
                                        .labels = heart->labels,
                                        .n_rows = HEART_ROWS,
                                        .n_columns = HEART_COLUMNS,
                                        .penalty = penalty,
                                        .cost = 1,
                                        .tolerance = tolerance };
    ASSERT_OK(logistic_solve(&problem, weights, &err), &err);
    double objective = 0;
    size_t right = 0, nonzero = 0;
    for (size_t c = 0; c < HEART_COLUMNS; c++) {
        objective += penalty == PENALTY_L2 ? weights[c] * weights[c] / 2 : fabs(weights[c]);
        nonzero += weights[c] != 0;
    }
    for (size_t i = 0; i < HEART_ROWS; i++) {
        double signed_margin = heart->labels[i] * margin(heart, weights, i);
        objective += log1p(exp(-signed_margin));
        right += signed_margin > 0;
    }
    ASSERT_NEAR(objective, want_objective, 1e-5);
    cr_assert_eq(right, want_right, "%zu right", right);
    cr_assert_eq(nonzero, want_nonzero, "%zu not zero", nonzero);
    arena_free(arena);
}

Test(logistic, heart_scale_with_l2_has_liblinear_s_own_figures)
{
    double weights[HEART_COLUMNS + 1];
    check_heart(PENALTY_L2, 1e-10, 98.22680, 226, 13, weights);
    const double want[] = { 0.35009526703, 0.67917290145, 1.15779695858, 0.68513667870 };
    for (size_t c = 0; c < 4; c++) ASSERT_NEAR(weights[c], want[c], 1e-6);
}

Test(logistic, heart_scale_with_l1_has_liblinear_s_own_figures)
{
    double weights[HEART_COLUMNS + 1];
    check_heart(PENALTY_L1, 1e-10, 102.667828, 225, 12, weights);
}

Test(logistic, l1_gives_the_same_weights_every_time)
{
    struct arena *arena = arena_new(1 << 24);
    struct rng rng = rng_new(4);
    struct sample s = samples_noise(arena, &rng, 300, 4);
    double *values = ARENA_ARRAY(arena, double, 300 * 4), *labels = ARENA_ARRAY(arena, double, 300), first[5],
           again[5];
    for (size_t i = 0; i < 1200; i++) values[i] = isnan(s.values[i]) ? 0 : (double)s.values[i];
    for (size_t i = 0; i < 300; i++) labels[i] = (double)s.labels[i];
    struct err err = { 0 };
    struct logistic_problem problem = { .values = values, .labels = labels, .n_rows = 300, .n_columns = 4,
                                        .penalty = PENALTY_L1, .cost = 1, .tolerance = 0.1, .bias = 1, .seed = 3 };
    ASSERT_OK(logistic_solve(&problem, first, &err), &err);
    ASSERT_OK(logistic_solve(&problem, again, &err), &err);
    cr_assert_arr_eq(first, again, sizeof first);
    arena_free(arena);
}

Test(logistic, a_ridge_of_almost_no_penalty_is_least_squares)
{
    const double values[] = { 0, 1, 2, 3, 4 }, labels[] = { 1, 3, 5, 7, 9 };
    double weights[2];
    struct err err = { 0 };
    struct logistic_problem problem = { .values = values, .labels = labels, .n_rows = 5, .n_columns = 1,
                                        .penalty = PENALTY_RIDGE, .cost = 1e7, .tolerance = 1e-12, .bias = 1 };
    ASSERT_OK(logistic_solve(&problem, weights, &err), &err);
    ASSERT_NEAR(weights[0], 2, 1e-5);
    ASSERT_NEAR(weights[1], 1, 1e-5);
}

Test(logistic, labels_that_are_all_the_same_are_refused)
{
    const double values[] = { 0, 1 }, labels[] = { 1, 1 };
    double weights[2];
    struct err err = { 0 };
    struct logistic_problem problem = { .values = values, .labels = labels, .n_rows = 2, .n_columns = 1, .cost = 1,
                                        .tolerance = 0.1 };
    ASSERT_FAILS(logistic_solve(&problem, weights, &err), &err, ERR_INVALID, "all 2 labels are the same");
}
