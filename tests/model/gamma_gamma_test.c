/* Gamma-Gamma: CDNOW's published fit and expectations, gradients, recovery from simulation. */
#include "support.h"

#include "math/draw.h"
#include "model/gamma_gamma.h"
#include "shops.h"

static struct summary cdnow_summary(const char *path, struct arena *arena)
{
    struct history history = shop_cdnow(path, arena);
    struct summary s;
    int32_t end = (int32_t)calendar_day((struct civil){ 1997, 9, 30 });
    summary_build(&history, &(struct summary_options){ PERIOD_DAY, 7, end, end }, arena, &s);
    return s;
}

Test(gamma_gamma, cdnow_gives_the_published_maximum)
{
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct summary s = cdnow_summary(path, arena);
    struct gamma_gamma_fit fit, again;
    struct err err;
    ASSERT_OK(gamma_gamma_fit(s.frequency, s.monetary, s.n, 1, &fit, &err), &err);
    cr_assert_eq(fit.n_used, 946);
    ASSERT_NEAR(fit.model.p, 6.24957, .003);
    ASSERT_NEAR(fit.model.q, 3.74423, .003);
    ASSERT_NEAR(fit.model.gamma, 15.44353, .01);
    ASSERT_NEAR(fit.log_likelihood, -4055.9177, 1e-3);
    cr_assert(fit.log_likelihood > -4055.918);
    cr_assert(fit.se.p > 0 && fit.se.q > 0 && fit.se.gamma > 0);
    ASSERT_OK(gamma_gamma_fit(s.frequency, s.monetary, s.n, 2, &again, &err), &err);
    cr_assert_eq(again.model.gamma, fit.model.gamma, "threads changed the fit");
    ASSERT_NEAR(gamma_gamma_log_likelihood(&fit.model, s.frequency, s.monetary, s.n, NULL), fit.log_likelihood,
                1e-6);
    arena_free(arena);
}

Test(gamma_gamma, expected_spend_of_cdnow_customers_is_the_published_one)
{
    static const struct gamma_gamma paper = { 6.25, 3.74, 15.44 };
    static const double want[10] = { 24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17 };
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct summary s = cdnow_summary(path, arena);
    double sum = 0;
    for (size_t i = 0; i < s.n; i++) {
        double expected = gamma_gamma_expected(&paper, s.frequency[i], s.monetary[i]);
        if (i < 10) ASSERT_NEAR(expected, want[i], .1);
        sum += expected;
    }
    ASSERT_NEAR(sum / (double)s.n, 35.2529588, .1);
    arena_free(arena);
}

static void simulate(const struct gamma_gamma *m, size_t n, struct rng *rng, double *frequency,
                     double *monetary)
{
    for (size_t i = 0; i < n; i++) {
        double rate = draw_gamma(rng, m->q, 1) / m->gamma;
        frequency[i] = (double)rng_below(rng, 9);
        monetary[i] = frequency[i] > 0 ? draw_gamma(rng, m->p * frequency[i], 1) / rate / frequency[i] : 0;
    }
}

Test(gamma_gamma, gradients_equal_finite_differences)
{
    static const struct gamma_gamma truth = { 4, 3, 20 };
    EACH_CASE(c, 30) {
        double frequency[60], monetary[60], gradient[3];
        simulate(&truth, 60, &c.rng, frequency, monetary);
        double x[3] = { .5 + 5 * rng_uniform(&c.rng), 1 + 4 * rng_uniform(&c.rng),
                        1 + 30 * rng_uniform(&c.rng) };
        gamma_gamma_log_likelihood(&(struct gamma_gamma){ x[0], x[1], x[2] }, frequency, monetary, 60,
                                   gradient);
        for (int i = 0; i < 3; i++) {
            double step = 1e-5 * x[i], high[3], low[3];
            memcpy(high, x, sizeof x);
            memcpy(low, x, sizeof x);
            high[i] += step;
            low[i] -= step;
            struct gamma_gamma above = { high[0], high[1], high[2] }, below = { low[0], low[1], low[2] };
            double slope = (gamma_gamma_log_likelihood(&above, frequency, monetary, 60, NULL)
                            - gamma_gamma_log_likelihood(&below, frequency, monetary, 60, NULL)) / (2 * step);
            ASSERT_NEAR(gradient[i], slope, 1e-5 * (1 + fabs(slope)));
        }
    }
}

Test(gamma_gamma, known_parameters_are_recovered_and_standard_errors_cover_them)
{
    static const struct gamma_gamma truth = { 4, 3.5, 25 };
    static double frequency[2000], monetary[2000];
    unsigned n_inside = 0;
    EACH_CASE(c, 40) {
        struct gamma_gamma_fit fit;
        struct err err;
        simulate(&truth, 2000, &c.rng, frequency, monetary);
        ASSERT_OK(gamma_gamma_fit(frequency, monetary, 2000, 1, &fit, &err), &err);
        ASSERT_NEAR(log(fit.model.p / truth.p), 0, .5);
        ASSERT_NEAR(log(fit.model.q / truth.q), 0, .5);
        n_inside += fabs(fit.model.p - truth.p) < 1.96 * fit.se.p;
        n_inside += fabs(fit.model.q - truth.q) < 1.96 * fit.se.q;
        n_inside += fabs(fit.model.gamma - truth.gamma) < 1.96 * fit.se.gamma;
    }
    cr_assert(n_inside >= 105 && n_inside <= 120, "%u of 120 intervals hold the truth", n_inside);
}

Test(gamma_gamma, hopeless_data_is_refused_with_a_sentence)
{
    double frequency[20], monetary[20];
    struct gamma_gamma_fit fit;
    struct err err;
    for (int i = 0; i < 20; i++) {
        frequency[i] = 1 + i % 3;
        monetary[i] = 9.99;
    }
    ASSERT_FAILS(gamma_gamma_fit(frequency, monetary, 20, 1, &fit, &err), &err, ERR_REFUSED, "spends the same");
    ASSERT_FAILS(gamma_gamma_fit(frequency, monetary, 9, 1, &fit, &err), &err, ERR_REFUSED, "10 are needed");
    monetary[3] = -1;
    ASSERT_FAILS(gamma_gamma_fit(frequency, monetary, 20, 1, &fit, &err), &err, ERR_INVALID, "row 3");
}
