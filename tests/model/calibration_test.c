/* Calibration: true probabilities are found, order is kept, ends stay inside (0, 1). */
#include "model_samples.h"

#include "model/calibration.h"

struct scored { double *scores; float *labels; uint32_t *group; };

/* Scores whose true log-odds are shape(score). */
static struct scored simulate(struct arena *arena, struct rng *rng, size_t n, double (*shape)(double))
{
    struct scored s = { ARENA_ARRAY(arena, double, n), ARENA_ARRAY(arena, float, n),
                        ARENA_ARRAY(arena, uint32_t, n) };
    for (size_t i = 0; i < n; i++) {
        s.scores[i] = 6 * rng_uniform(rng) - 3;
        s.labels[i] = rng_uniform(rng) < 1 / (1 + exp(-shape(s.scores[i]))) ? 1 : 0;
        s.group[i] = (uint32_t)i;
    }
    return s;
}

static double straight(double score) { return 1.7 * score - 0.6; }
static double stairs(double score)   { return score < -1 ? -2.5 : score < 1.5 ? 0.2 : 0.9; }

static double worst_gap(const struct calibration *calibration, double (*shape)(double))
{
    double worst = 0;
    for (double score = -2.8; score <= 2.8; score += 0.2)
        worst = fmax(worst, fabs(calibration_apply(calibration, score) - 1 / (1 + exp(-shape(score)))));
    return worst;
}

Test(calibration, a_line_is_found_where_the_truth_is_one)
{
    struct arena *arena = arena_new(1 << 26);
    struct rng rng = rng_new(1);
    struct scored s = simulate(arena, &rng, 20000, straight);
    struct calibration line = calibration_line(TARGET_YES_NO, s.scores, s.labels, 20000);
    ASSERT_NEAR(line.slope, 1.7, 0.08);
    ASSERT_NEAR(line.offset, -0.6, 0.08);
    struct calibration chosen = calibration_choose(TARGET_YES_NO, s.scores, s.labels, s.group, 20000, 1, arena);
    cr_assert_str_eq(calibration_name(&chosen), "Platt");
    arena_free(arena);
}

Test(calibration, stairs_need_and_get_isotonic)
{
    struct arena *arena = arena_new(1 << 26);
    struct rng rng = rng_new(2);
    struct scored s = simulate(arena, &rng, 20000, stairs);
    struct calibration chosen = calibration_choose(TARGET_YES_NO, s.scores, s.labels, s.group, 20000, 1, arena);
    struct calibration line = calibration_line(TARGET_YES_NO, s.scores, s.labels, 20000);
    cr_assert_str_eq(calibration_name(&chosen), "isotonic");
    cr_assert(worst_gap(&line, stairs) > 0.15);
    double inside = 0;
    for (double score = -2.8; score <= 2.8; score += 0.2)
        if (fabs(score + 1) > 0.2 && fabs(score - 1.5) > 0.2)
            inside = fmax(inside, fabs(calibration_apply(&chosen, score) - 1 / (1 + exp(-stairs(score)))));
    cr_assert(inside < 0.06, "worst gap %g", inside);
    arena_free(arena);
}

Test(calibration, few_rows_get_a_line)
{
    struct arena *arena = arena_new(1 << 26);
    struct rng rng = rng_new(3);
    struct scored s = simulate(arena, &rng, 900, stairs);
    struct calibration chosen = calibration_choose(TARGET_YES_NO, s.scores, s.labels, s.group, 900, 1, arena);
    cr_assert_str_eq(calibration_name(&chosen), "Platt");
    arena_free(arena);
}

Test(calibration, order_is_kept_strictly_and_ends_stay_inside)
{
    EACH_CASE(c, 40) {
        struct arena *arena = arena_new(1 << 26);
        size_t n = 2 + rng_below(&c.rng, 300);
        struct scored s = simulate(arena, &c.rng, n, c.index % 2 ? straight : stairs);
        if (c.index % 5 == 0) for (size_t i = 0; i < n; i++) s.scores[i] = floor(s.scores[i]);
        struct calibration kinds[2] = { calibration_line(TARGET_YES_NO, s.scores, s.labels, n),
                                        calibration_isotonic(TARGET_YES_NO, s.scores, s.labels, n, arena) };
        for (int kind = 0; kind < 2; kind++) {
            double before = 0;
            for (double score = -10; score <= 10; score += 0.01) {
                double p = calibration_apply(&kinds[kind], score);
                cr_assert(p > before && p < 1, "kind %d: %g at %g after %g (seed %llu)", kind, p, score, before,
                          (unsigned long long)c.seed);
                before = p;
            }
        }
        arena_free(arena);
    }
}

Test(calibration, scores_that_point_the_wrong_way_become_the_base_rate)
{
    struct arena *arena = arena_new(1 << 26);
    struct rng rng = rng_new(4);
    struct scored s = simulate(arena, &rng, 2000, straight);
    double share = 0;
    for (size_t i = 0; i < 2000; i++) s.scores[i] = -s.scores[i], share += (double)s.labels[i] / 2000;
    struct calibration line = calibration_line(TARGET_YES_NO, s.scores, s.labels, 2000);
    ASSERT_NEAR(calibration_apply(&line, -3), share, 0.01);
    ASSERT_NEAR(calibration_apply(&line, 3), share, 0.01);
    arena_free(arena);
}

Test(calibration, amounts_add_up_to_what_was_observed)
{
    struct arena *arena = arena_new(1 << 26);
    struct rng rng = rng_new(5);
    size_t n = 500;
    double *scores = ARENA_ARRAY(arena, double, n), observed = 0, predicted = 0;
    float *labels = ARENA_ARRAY(arena, float, n);
    for (size_t i = 0; i < n; i++) {
        scores[i] = 4 * rng_uniform(&rng);
        labels[i] = rng_below(&rng, 2) ? (float)exp(0.5 * scores[i] + 2 * rng_uniform(&rng)) : 0;
    }
    struct calibration line = calibration_line(TARGET_AMOUNT, scores, labels, n);
    for (size_t i = 0; i < n; i++) observed += (double)labels[i], predicted += calibration_apply(&line, scores[i]);
    ASSERT_NEAR(predicted / observed, 1, 1e-6);
    arena_free(arena);
}

Test(calibration, saved_and_loaded_it_is_the_same)
{
    struct arena *arena = arena_new(1 << 26);
    struct rng rng = rng_new(6);
    struct scored s = simulate(arena, &rng, 500, stairs);
    struct calibration saved = calibration_isotonic(TARGET_YES_NO, s.scores, s.labels, 500, arena), loaded;
    struct bytes_writer writer = { .arena = arena };
    struct err err = { 0 };
    calibration_save(&saved, &writer);
    struct bytes_reader reader = { writer.bytes, writer.bytes + writer.length, false };
    ASSERT_OK(calibration_load(&reader, TARGET_YES_NO, arena, &loaded, &err), &err);
    for (double score = -4; score < 4; score += 0.1)
        cr_assert_eq(calibration_apply(&saved, score), calibration_apply(&loaded, score));
    arena_free(arena);
}
