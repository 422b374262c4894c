/* Predictors of every kind: what they explain adds up, what they save loads again, broken bytes are refused. */
#include "model_samples.h"

#include "base/hash.h"
#include "model/drivers.h"
#include "model/learner.h"
#include "model/predictor.h"

#include <string.h>

static struct learner_settings settings_of(const struct learner *learner, enum target target)
{
    struct learner_settings settings = learner->grid[0];
    settings.learner = learner;
    settings.target = target;
    settings.seed = 3;
    settings.rule = learner == &learner_rule ? "recency_days" : NULL;
    if (settings.n_trees > 40) settings.n_trees = 40;
    return settings;
}

static struct predictor *fit(struct arena *arena, const struct learner *learner, enum target target,
                             unsigned n_threads)
{
    struct sample sample = target == TARGET_AMOUNT ? samples_spend(arena, 800, 1) : samples_shop(arena, 800, 1, 1);
    struct learner_settings settings = settings_of(learner, target);
    struct predictor *predictor;
    struct err err = { 0 };
    ASSERT_OK(predictor_fit(&settings, &sample, 4, n_threads, arena, &predictor, &err), &err);
    return predictor;
}

/* For each learner and each target that it can take. */
static void each_learner(void (*check)(struct arena *arena, const struct learner *learner, enum target target))
{
    for (size_t i = 0; i < n_learners; i++)
        for (int target = 0; target <= TARGET_AMOUNT; target++) {
            if (target == TARGET_AMOUNT ? !learners[i]->is_for_amounts : !learners[i]->is_for_yes_no) continue;
            struct arena *arena = arena_new(ARENA_NO_LIMIT);
            check(arena, learners[i], (enum target)target);
            arena_free(arena);
        }
}

static void check_explanation(struct arena *arena, const struct learner *learner, enum target target)
{
    struct predictor *predictor = fit(arena, learner, target, 1);
    struct sample rows = samples_shop(arena, 100, 9, 1);
    double *predicted = ARENA_ARRAY(arena, double, 100), contribution[SHOP_COLUMNS], base;
    predictor_predict(predictor, rows.values, 100, 2, predicted);
    for (size_t i = 0; i < 100; i++) {
        const float *row = rows.values + i * SHOP_COLUMNS;
        double score = predictor_score(predictor, row);
        predictor_explain(predictor, row, contribution, &base);
        for (size_t c = 0; c < SHOP_COLUMNS; c++) base += contribution[c];
        cr_assert(fabs(base - score) <= 1e-6 * (1 + fabs(score)), "%s: %.9g, score %.9g", learner->name, base,
                  score);
        cr_assert_eq(predicted[i], predictor_calibrate(predictor, score));
        cr_assert(predicted[i] > 0 && (target == TARGET_AMOUNT || predicted[i] < 1));
    }
}

Test(predictor, contributions_add_up_to_the_score) { each_learner(check_explanation); }

static void check_change(struct arena *arena, const struct learner *learner, enum target target)
{
    struct predictor *predictor = fit(arena, learner, target, 1);
    struct sample rows = samples_shop(arena, 100, 9, 1);
    for (size_t i = 0; i < 100; i++)
        for (size_t c = 0; c < SHOP_COLUMNS; c++) {
            const float *row = rows.values + i * SHOP_COLUMNS;
            float changed[SHOP_COLUMNS], value = i % 7 == 0 ? NAN : rows.values[(i * 31 + 5) % 100 * SHOP_COLUMNS + c];
            memcpy(changed, row, sizeof changed);
            changed[c] = value;
            double score = predictor_score(predictor, row), change = predictor_change(predictor, row, c, value);
            cr_assert(fabs(score + change - predictor_score(predictor, changed)) <= 1e-5 * (1 + fabs(score)),
                      "%s: score %.9g, change %.9g in column %zu", learner->name, score, change, c);
            cr_assert_eq(predictor_change(predictor, row, c, row[c]), 0);
        }
}

Test(predictor, a_change_is_the_difference_of_two_scores) { each_learner(check_change); }

static void check_loading(struct arena *arena, const struct learner *learner, enum target target)
{
    struct predictor *saved = fit(arena, learner, target, 1), *loaded;
    struct sample rows = samples_shop(arena, 100, 9, 1);
    const uint8_t *bytes, *again;
    size_t length, length_again;
    struct err err = { 0 };
    double *a = ARENA_ARRAY(arena, double, 100), *b = ARENA_ARRAY(arena, double, 100);
    predictor_save(saved, arena, &bytes, &length);
    ASSERT_OK(predictor_load(bytes, length, arena, &loaded, &err), &err);
    predictor_predict(saved, rows.values, 100, 1, a);
    predictor_predict(loaded, rows.values, 100, 2, b);
    cr_assert_arr_eq(a, b, 100 * sizeof *a);
    cr_assert_str_eq(predictor_name(saved), predictor_name(loaded));
    cr_assert_str_eq(predictor_settings(saved), predictor_settings(loaded));
    cr_assert_str_eq(predictor_column(loaded, 4), "tickets");
    predictor_save(loaded, arena, &again, &length_again);
    cr_assert_eq(length, length_again);
    cr_assert_arr_eq(bytes, again, length);
}

Test(predictor, saved_and_loaded_it_predicts_the_same_bits) { each_learner(check_loading); }

static void check_threads(struct arena *arena, const struct learner *learner, enum target target)
{
    const uint8_t *one, *two;
    size_t length_one, length_two;
    predictor_save(fit(arena, learner, target, 1), arena, &one, &length_one);
    predictor_save(fit(arena, learner, target, 2), arena, &two, &length_two);
    cr_assert_eq(length_one, length_two, "%s", learner->name);
    cr_assert(memcmp(one, two, length_one) == 0, "%s", learner->name);
}

Test(predictor, threads_do_not_change_the_model) { each_learner(check_threads); }

Test(predictor, changed_or_shortened_bytes_are_refused)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const uint8_t *bytes;
    size_t length;
    struct predictor *loaded;
    struct err err = { 0 };
    predictor_save(fit(arena, &learner_boosting, TARGET_YES_NO, 1), arena, &bytes, &length);
    uint8_t *copy = ARENA_ARRAY(arena, uint8_t, length);
    EACH_CASE(c, 100) {
        memcpy(copy, bytes, length);
        size_t at = rng_below(&c.rng, length);
        copy[at] ^= (uint8_t)(1 + rng_below(&c.rng, 255));
        cr_assert(!predictor_load(copy, length, arena, &loaded, &err), "byte %zu", at);
        cr_assert_eq(err.code, ERR_CORRUPT);
        cr_assert(!predictor_load(bytes, at, arena, &loaded, &err), "cut at %zu", at);
    }
    ASSERT_FAILS(predictor_load((const uint8_t *)"not a model", 11, arena, &loaded, &err), &err, ERR_CORRUPT,
                 "not a model");
    arena_free(arena);
}

/* With a checksum that fits, every byte must still be checked: no crash, whatever loads can predict. */
Test(predictor, changed_bytes_with_a_right_checksum_do_no_harm)
{
    struct arena *models = arena_new(ARENA_NO_LIMIT);
    const uint8_t *bytes[2];
    size_t lengths[2];
    predictor_save(fit(models, &learner_rule, TARGET_YES_NO, 1), models, &bytes[0], &lengths[0]);
    predictor_save(fit(models, &learner_boosting, TARGET_YES_NO, 1), models, &bytes[1], &lengths[1]);
    EACH_CASE(c, 100) {
        struct arena *arena = arena_new(ARENA_NO_LIMIT);
        struct predictor *loaded;
        struct err err = { 0 };
        size_t length = lengths[c.index % 2];
        uint8_t *copy = ARENA_ARRAY(arena, uint8_t, length);
        memcpy(copy, bytes[c.index % 2], length);
        for (int i = 0; i < 3; i++) copy[16 + rng_below(&c.rng, length - 16)] = (uint8_t)rng_uint64(&c.rng);
        uint64_t sum = hash_xxh64(copy + 16, length - 16);
        memcpy(copy + 8, &sum, sizeof sum);
        if (predictor_load(copy, length, arena, &loaded, &err)) {
            size_t n = predictor_columns(loaded);
            float *row = ARENA_ARRAY(arena, float, n);
            double *contribution = ARENA_ARRAY(arena, double, n), base;
            (void)predictor_score(loaded, row);
            predictor_explain(loaded, row, contribution, &base);
        } else {
            cr_assert_eq(err.code, ERR_CORRUPT, "%s", err.text);
        }
        arena_free(arena);
    }
    arena_free(models);
}

Test(predictor, a_missing_value_is_no_trouble_even_where_none_was_seen)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    const float nothing[SHOP_COLUMNS] = { NAN, NAN, NAN, NAN, NAN };
    for (size_t i = 0; i < n_learners; i++) {
        if (!learners[i]->is_for_yes_no) continue;
        double p = predictor_calibrate(fit(arena, learners[i], TARGET_YES_NO, 1), 0);
        cr_assert(p > 0 && p < 1);
        double score = predictor_score(fit(arena, learners[i], TARGET_YES_NO, 1), nothing);
        cr_assert(isfinite(score), "%s", learners[i]->name);
    }
    arena_free(arena);
}

Test(drivers, the_features_that_matter_come_first_with_their_direction)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct sample sample = samples_shop(arena, 4000, 1, 1.5);
    struct learner_settings settings = settings_of(&learner_boosting, TARGET_YES_NO);
    struct predictor *predictor;
    struct driver *drivers;
    struct err err = { 0 };
    size_t n;
    ASSERT_OK(predictor_fit(&settings, &sample, 4, 2, arena, &predictor, &err), &err);
    drivers_compute(predictor, &sample, 1, 2, arena, &drivers, &n);
    cr_assert_eq(drivers[0].column, samples_column(&sample, "recency_days"));
    cr_assert_eq(drivers[0].direction, DIRECTION_RAISES);
    cr_assert(drivers[0].curve[0].effect < 0 && drivers[0].curve[drivers[0].n_curve - 1].effect > 0);
    double shares = 0;
    for (size_t d = 0; d < n; d++) {
        shares += drivers[d].share;
        cr_assert(d == 0 || drivers[d].importance <= drivers[d - 1].importance);
        if (drivers[d].column == samples_column(&sample, "spend"))
            cr_assert_eq(drivers[d].direction, DIRECTION_LOWERS);
        if (drivers[d].column == samples_column(&sample, "noise")) cr_assert(drivers[d].share < 0.1);
    }
    ASSERT_NEAR(shares, 1, 1e-9);
    arena_free(arena);
}

/* A customer of a table is told what was said by a model that left them out; whoever is new, or has changed, what
 * the model says. */
Test(predictor, rows_that_were_learned_from_get_what_was_said_without_them)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct sample sample = samples_shop(arena, 300, 1, 1);
    struct learner_settings settings = settings_of(&learner_boosting, TARGET_YES_NO);
    struct predictor *predictor, *loaded;
    struct err err = { 0 };
    double said[300], known[300], without[1], changed[1];
    const uint8_t *bytes;
    size_t length;
    ASSERT_OK(predictor_fit(&settings, &sample, 4, 1, arena, &predictor, &err), &err);
    predictor_predict(predictor, sample.values, 1, 1, without);
    for (size_t i = 0; i < 300; i++) said[i] = 0.001 * (double)(i + 1);
    predictor_keep_left_out(predictor, &sample, said, arena);
    predictor_save(predictor, arena, &bytes, &length);
    ASSERT_OK(predictor_load(bytes, length, arena, &loaded, &err), &err);
    predictor_predict(loaded, sample.values, 300, 2, known);
    for (size_t i = 0; i < 300; i++) ASSERT_NEAR(known[i], said[i], 1e-7);
    predictor_judge(loaded, &sample, 1, known);
    cr_assert_eq(known[0], without[0], "a sample is judged by the model itself");
    float row[SHOP_COLUMNS];
    memcpy(row, sample.values, sizeof row);
    row[0] += 1e-3F;
    predictor_predict(loaded, row, 1, 1, changed);
    cr_assert(fabs(changed[0] - without[0]) < fabs(changed[0] - said[0]));
    arena_free(arena);
}

/* Two who are alike in all that is known are told one and the same. */
Test(predictor, equal_rows_are_told_the_mean_of_what_was_said_of_them)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct sample sample = samples_shop(arena, 300, 1, 1);
    float *values = ARENA_ARRAY(arena, float, 300 * SHOP_COLUMNS);
    memcpy(values, sample.values, 300 * SHOP_COLUMNS * sizeof *values);
    memcpy(values + 7 * SHOP_COLUMNS, values, SHOP_COLUMNS * sizeof *values);
    sample.values = values;
    struct learner_settings settings = settings_of(&learner_logistic_l2, TARGET_YES_NO);
    struct predictor *predictor;
    struct err err = { 0 };
    double said[300] = { [0] = 0.2, [7] = 0.6 }, known[300];
    ASSERT_OK(predictor_fit(&settings, &sample, 4, 1, arena, &predictor, &err), &err);
    predictor_keep_left_out(predictor, &sample, said, arena);
    predictor_predict(predictor, values, 300, 1, known);
    ASSERT_NEAR(known[0], 0.4, 1e-7);
    ASSERT_NEAR(known[7], 0.4, 1e-7);
    arena_free(arena);
}
