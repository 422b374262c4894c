/* Survival against R's package survival (ovarian, in the file of its tests) and by hand. */
#include "model/survival.h"
#include "math/draw.h"
#include "math/numerics.h"
#include "support.h"

#include <math.h>

enum { OVARIAN = 26 };
static const double futime[OVARIAN] = { 59, 115, 156, 421, 431, 448, 464, 475, 477, 563, 638, 744, 769,
                                        770, 803, 855, 1040, 1106, 1129, 1206, 1227, 268, 329, 353, 365, 377 };
static const bool fustat[OVARIAN] = {
    1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0
};
static const double age[OVARIAN] = { 72.3315, 74.4932, 66.4658, 53.3644, 50.3397, 56.4301, 56.937,
                                     59.8548, 64.1753, 55.1781, 56.7562, 50.1096, 59.6301, 57.0521,
                                     39.2712, 43.1233, 38.8932, 44.6,    53.9068, 44.2055, 59.589,
                                     74.5041, 43.137,  63.2192, 64.4247, 58.3096 };
static const double rx[OVARIAN] = { 1, 1, 1, 2, 1, 1, 2, 2, 1, 2, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 1, 1, 2, 2, 2 };
static const double ecog[OVARIAN] = {
    1, 1, 2, 1, 1, 2, 2, 2, 1, 2, 2, 1, 2, 1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 2, 1, 1
};

static struct durations ovarian(void) { return (struct durations){ .n = OVARIAN, .time = futime, .is_event = fustat }; }

Test(survival, the_curve_of_ovarian_equals_rs)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct durations d = ovarian();
    struct survival_curve curve;
    uint32_t rows[OVARIAN];
    static const double want[][3] = { { 59, .962, .0377 },  { 115, .923, .0523 }, { 156, .885, .0627 },
                                      { 268, .846, .0708 }, { 329, .808, .0773 }, { 353, .769, .0826 },
                                      { 365, .731, .0870 }, { 431, .688, .0919 }, { 464, .642, .0965 },
                                      { 475, .596, .0999 }, { 563, .546, .1032 }, { 638, .497, .1051 } };
    for (uint32_t i = 0; i < OVARIAN; i++) rows[i] = i;
    survival_curve(&d, rows, OVARIAN, SURVIVAL_LOG, .05, arena, &curve);
    cr_assert_eq(curve.n_points, 12);
    for (size_t i = 0; i < 12; i++) {
        ASSERT_NEAR(curve.points[i].time, want[i][0], 0);
        ASSERT_NEAR(curve.points[i].survival, want[i][1], 6e-4);
        ASSERT_NEAR(curve.points[i].se, want[i][2], 6e-5);
    }
    ASSERT_NEAR(curve.points[0].low, .890, 6e-4);
    ASSERT_NEAR(curve.points[0].high, 1, 1e-12);
    ASSERT_NEAR(curve.points[11].low, .328, 6e-4);
    ASSERT_NEAR(curve.points[11].high, .752, 6e-4);
    ASSERT_NEAR(curve.median, 638, 0);
    arena_free(arena);
}

Test(survival, coxs_regression_of_ovarian_equals_rs)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct durations d = ovarian();
    struct survival_fit fit;
    struct err err;
    double x[3 * OVARIAN];
    static const char *const names[] = { "age", "rx", "ecog" };
    ASSERT_OK(survival_cox(&d, age, 1, names, true, arena, &fit, &err), &err);
    ASSERT_NEAR(fit.coefficient[0], .16162, 5e-6);
    ASSERT_NEAR(fit.se[0], .04974, 5e-6);
    ASSERT_NEAR(2 * (fit.log_likelihood - fit.null_log_likelihood), 14.29, 5e-3);
    for (size_t i = 0; i < OVARIAN; i++) x[3 * i] = age[i], x[3 * i + 1] = rx[i], x[3 * i + 2] = ecog[i];
    ASSERT_OK(survival_cox(&d, x, 3, names, true, arena, &fit, &err), &err);
    static const double coef[] = { .1470, -.8146, .1032 }, se[] = { .0463, .6342, .6064 };
    for (size_t a = 0; a < 3; a++) {
        ASSERT_NEAR(fit.coefficient[a], coef[a], 6e-5);
        ASSERT_NEAR(fit.se[a], se[a], 6e-5);
    }
    ASSERT_NEAR(2 * (fit.log_likelihood - fit.null_log_likelihood), 15.92, 5e-3);
    arena_free(arena);
}

Test(survival, strata_of_ovarian_equal_rs)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct durations d = ovarian();
    struct survival_fit fit;
    struct err err;
    double x[2 * OVARIAN], observed[2], expected[2];
    uint32_t by_rx[OVARIAN];
    static const char *const names[] = { "age", "ecog" };
    for (size_t i = 0; i < OVARIAN; i++) x[2 * i] = age[i], x[2 * i + 1] = ecog[i], by_rx[i] = rx[i] == 2;
    d.stratum = by_rx, d.n_strata = 2;
    ASSERT_OK(survival_cox(&d, x, 2, names, true, arena, &fit, &err), &err);
    ASSERT_NEAR(fit.coefficient[0], .13853, 5e-6);
    ASSERT_NEAR(fit.se[0], .04801, 5e-6);
    ASSERT_NEAR(fit.coefficient[1], -.09670, 5e-6);
    ASSERT_NEAR(fit.se[1], .62994, 5e-6);
    ASSERT_NEAR(fit.concordance.value, .819, 6e-4);
    cr_assert(isnan(survival_log_rank(&d, by_rx, 2, SURVIVAL_EVEN, observed, expected, arena)),
              "where each stratum has one group there is nothing to compare");
    arena_free(arena);
}

Test(survival, the_log_rank_test_equals_the_published_ones)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct durations d = ovarian();
    uint32_t group[OVARIAN];
    double observed[2], expected[2];
    for (size_t i = 0; i < OVARIAN; i++) group[i] = rx[i] == 2;
    ASSERT_NEAR(survival_log_rank(&d, group, 2, SURVIVAL_EVEN, observed, expected, arena), 1.063, 1e-3);
    cr_assert(observed[0] == 7 && observed[1] == 5);
    ASSERT_NEAR(expected[0], 5.23, 5e-3);
    static const double weeks[42] = {
        1, 1, 2, 2, 3,  4,  4,  5,  5,  8, 8, 8,  8,  11, 11, 12, 12, 15, 17, 22, 23,
        6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 25
    };
    bool is_event[42];
    uint32_t treated[42];
    for (size_t i = 0; i < 42; i++) is_event[i] = i < 30, treated[i] = i >= 21;
    struct durations leukaemia = { .n = 42, .time = weeks, .is_event = is_event };
    double chi2 = survival_log_rank(&leukaemia, treated, 2, SURVIVAL_EVEN, observed, expected, arena);
    ASSERT_NEAR(chi2, 16.79294, 1e-5);
    ASSERT_NEAR(chi_squared_tail(chi2, 1), 4.1688e-05, 1e-8);
    static const double weighted[] = { [SURVIVAL_WILCOXON] = 13.457852, [SURVIVAL_TARONE_WARE] = 15.123575,
                                       [SURVIVAL_PETO] = 14.084139 };
    for (enum survival_weight w = SURVIVAL_WILCOXON; w < SURVIVAL_WEIGHTS; w++)
        ASSERT_NEAR(survival_log_rank(&leukaemia, treated, 2, w, observed, expected, arena), weighted[w], 1e-5);
    cr_assert(observed[0] == 21 && observed[1] == 9, "what was observed is told without weights");
    static const double toy[] = { 10, 20, 30, 10, 20, 50 };
    static const uint32_t of[] = { 0, 0, 0, 1, 1, 1 };
    static const bool all[] = { true, true, true, true, true, true }, some[] = { true, false, true, true, false, true };
    struct durations whole = { .n = 6, .time = toy, .is_event = all },
                     censored = { .n = 6, .time = toy, .is_event = some };
    ASSERT_NEAR(survival_log_rank(&whole, of, 2, SURVIVAL_EVEN, observed, expected, arena), .254237, 1e-6);
    ASSERT_NEAR(survival_log_rank(&censored, of, 2, SURVIVAL_EVEN, observed, expected, arena), .384615, 1e-6);
    arena_free(arena);
}

Test(survival, late_entry_is_at_risk_from_then_on)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    static const double time[] = { 2, 4, 6, 8 }, start[] = { 0, 3, 0, 5 };
    static const bool is_event[] = { true, true, true, true };
    static const uint32_t rows[] = { 0, 1, 2, 3 };
    struct durations d = { .n = 4, .time = time, .start = start, .is_event = is_event };
    struct survival_curve curve;
    survival_curve(&d, rows, 4, SURVIVAL_LOG_LOG, .05, arena, &curve);
    ASSERT_NEAR(curve.points[0].survival, .5, 1e-12);       /* 1 of the 2 watched at 2 */
    ASSERT_NEAR(curve.points[1].survival, .25, 1e-12);      /* 1 of the 2 watched at 4 */
    ASSERT_NEAR(curve.points[2].survival, .125, 1e-12);
    ASSERT_NEAR(survival_at(&curve, &d, rows, 4, 5.5).n_risk, 2, 0);
    arena_free(arena);
}

Test(survival, regressions_recover_what_made_the_data)
{
    enum { N = 4000 };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(5);
    static double time[N], x[2 * N];
    static bool is_event[N];
    static const char *const names[] = { "a", "b" };
    for (size_t i = 0; i < N; i++) {
        x[2 * i] = draw_normal(&rng, 0, 1), x[2 * i + 1] = draw_bernoulli(&rng, .4);
        double scale = exp(3 + .5 * x[2 * i] - .8 * x[2 * i + 1]), until = draw_exponential(&rng, 60);
        double t = scale * pow(draw_exponential(&rng, 1), .7);
        is_event[i] = t <= until;
        time[i] = is_event[i] ? t : until;
    }
    struct durations d = { .n = N, .time = time, .is_event = is_event };
    struct survival_fit fit;
    struct err err;
    static const double weibull[] = { 3, .5, -.8 };
    ASSERT_OK(survival_weibull(&d, x, 2, names, arena, &fit, &err), &err);
    for (size_t a = 0; a < 3; a++)
        cr_assert(fabs(fit.coefficient[a] - weibull[a]) < 4 * fit.se[a], "%zu: %g (%g)", a, fit.coefficient[a],
                  fit.se[a]);
    cr_assert(fabs(log(fit.scale) - log(.7)) < 4 * fit.se[3]);
    for (int is_efron = 0; is_efron < 2; is_efron++) {
        ASSERT_OK(survival_cox(&d, x, 2, names, is_efron, arena, &fit, &err), &err);
        cr_assert(fabs(fit.coefficient[0] + .5 / .7) < 4 * fit.se[0]);
        cr_assert(fabs(fit.coefficient[1] - .8 / .7) < 4 * fit.se[1]);
    }
    arena_free(arena);
}

Test(survival, what_cannot_be_told_is_refused)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct durations d = ovarian();
    struct survival_fit fit;
    struct err err;
    double constant[OVARIAN] = { 0 }, twice[2 * OVARIAN];
    static const char *const names[] = { "plan", "copy" };
    ASSERT_FAILS(survival_cox(&d, constant, 1, names, true, arena, &fit, &err), &err, ERR_REFUSED,
                 "plan does not vary");
    for (size_t i = 0; i < OVARIAN; i++) twice[2 * i] = age[i], twice[2 * i + 1] = 2 * age[i];
    ASSERT_FAILS(survival_cox(&d, twice, 2, names, true, arena, &fit, &err), &err, ERR_REFUSED,
                 "follows from the others");
    arena_free(arena);
}

Test(survival, a_column_that_tells_who_has_the_event_is_named_instead_of_given_an_effect_without_bound)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct durations d = ovarian();
    struct survival_fit fit;
    struct err err;
    double x[2 * OVARIAN];
    static const char *const names[] = { "age", "was_cancelled" };
    for (size_t i = 0; i < OVARIAN; i++) x[2 * i] = age[i], x[2 * i + 1] = d.is_event[i];
    ASSERT_FAILS(survival_cox(&d, x, 2, names, true, arena, &fit, &err), &err, ERR_REFUSED,
                 "was_cancelled separates those with the event from those without");
    ASSERT_FAILS(survival_weibull(&d, x, 2, names, arena, &fit, &err), &err, ERR_REFUSED, "was_cancelled separates");
    x[1] = !x[1], x[3] = !x[3];     /* two who do not fit are enough for an effect */
    ASSERT_OK(survival_cox(&d, x, 2, names, true, arena, &fit, &err), &err);
    arena_free(arena);
}
