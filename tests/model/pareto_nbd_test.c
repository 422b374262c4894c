/* Pareto/NBD: CDNOW's published fit, values at given parameters, gradients, no overflow. */
#include "support.h"

#include "model/pareto_nbd.h"
#include "shops.h"

static const struct pareto_nbd btyd = { .5534, 10.5802, .6061, 11.6562 };

Test(pareto_nbd, cdnow_gives_the_published_maximum_and_standard_errors)
{
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct history history = shop_cdnow(path, arena);
    struct summary s;
    int32_t end = (int32_t)calendar_day((struct civil){ 1997, 9, 30 });
    summary_build(&history, &(struct summary_options){ PERIOD_DAY, 7, end, end }, arena, &s);
    struct bgnbd_data data = { s.frequency, s.recency, s.age, s.n };
    struct pareto_nbd_fit fit;
    struct err err;
    ASSERT_OK(pareto_nbd_fit(&data, 2, &fit, &err), &err);
    ASSERT_NEAR(fit.model.r, .55315, .55315 * .01);
    ASSERT_NEAR(fit.model.alpha, 10.57633, 10.57633 * .01);
    ASSERT_NEAR(fit.model.s, .60625, .60625 * .01);
    ASSERT_NEAR(fit.model.beta, 11.67150, 11.67150 * .01);
    ASSERT_NEAR(fit.log_likelihood, -9594.976, 1e-3);
    cr_assert(fit.log_likelihood > -9594.977);
    ASSERT_NEAR(fit.se.r, .0476264, .0476264 * .02);
    ASSERT_NEAR(fit.se.alpha, .8427222, .8427222 * .02);
    ASSERT_NEAR(fit.se.s, .1872594, .1872594 * .02);
    ASSERT_NEAR(fit.se.beta, 6.2105448, 6.2105448 * .02);
    arena_free(arena);
}

Test(pareto_nbd, values_at_given_parameters_are_the_published_ones)
{
    static const struct pareto_nbd rounded = { .55, 10.58, .61, 11.67 };
    static const double x[4] = { 10, 15, 20, 25 }, later[4] = { .7062289, .1442396, .02250658, .00309267 };
    ASSERT_NEAR(pareto_nbd_alive(&btyd, 26, 30.857142857, 31), .997874, 1e-5);
    ASSERT_NEAR(pareto_nbd_expected_after(&btyd, 26, 30.857142857, 31, 52), 25.456, 5e-3);
    ASSERT_NEAR(pareto_nbd_expected(&btyd, 52), 1.473434, 5e-4);
    for (int i = 0; i < 4; i++)
        ASSERT_NEAR(pareto_nbd_expected_after(&btyd, x[i], 20, 39, 52) / later[i], 1, 1e-3);
    ASSERT_NEAR(pareto_nbd_expected_after(&rounded, 132, 200, 200, 10), 6.2060517890, 1e-8);
    ASSERT_NEAR(pareto_nbd_expected_after(&rounded, 133, 200, 200, 10), 6.2528722476, 1e-8);
}

Test(pareto_nbd, discounted_expected_residual_transactions_are_the_published_ones)
{
    static const struct pareto_nbd model = { .5629966, 12.5590370, .4081095, 10.5148048 };
    double alive = pareto_nbd_alive(&model, 7, 35, 77.86);
    ASSERT_NEAR(alive * pareto_nbd_discounted_alive(&model, 7, 77.86, .0027), 1.864183, 1e-5);
}

Test(pareto_nbd, gradients_equal_finite_differences_and_nothing_overflows)
{
    EACH_CASE(c, 100) {
        double f[3], recency[3], age[3], x[4], gradient[4];
        for (int i = 0; i < 3; i++) {
            f[i] = (double)rng_below(&c.rng, c.index % 2 ? 500 : 5);
            age[i] = 1 + 100 * rng_uniform(&c.rng);
            recency[i] = f[i] > 0 ? age[i] * rng_uniform(&c.rng) : 0;
        }
        struct bgnbd_data data = { f, recency, age, 3 };
        for (int i = 0; i < 4; i++) x[i] = exp(4 * rng_uniform(&c.rng) - 1.5);
        cr_assert(isfinite(
            pareto_nbd_log_likelihood(&(struct pareto_nbd){ x[0], x[1], x[2], x[3] }, &data, gradient)));
        for (int i = 0; i < 4; i++) {
            double step = 1e-5 * x[i], high[4], low[4];
            memcpy(high, x, sizeof x);
            memcpy(low, x, sizeof x);
            high[i] += step;
            low[i] -= step;
            struct pareto_nbd above = { high[0], high[1], high[2], high[3] },
                              below = { low[0], low[1], low[2], low[3] };
            double slope = (pareto_nbd_log_likelihood(&above, &data, NULL)
                            - pareto_nbd_log_likelihood(&below, &data, NULL))
                           / (2 * step);
            ASSERT_NEAR(gradient[i], slope, 1e-4 * (1 + fabs(slope)));
        }
        for (int i = 0; i < 3; i++) {
            double alive =
                pareto_nbd_alive(&(struct pareto_nbd){ x[0], x[1], x[2], x[3] }, f[i], recency[i], age[i]);
            cr_assert(alive >= 0 && alive <= 1);
        }
    }
}

Test(pareto_nbd, the_fit_to_many_different_customers_is_a_maximum_of_them_all_not_of_those_it_started_from)
{
    enum { MANY = 4000 };
    double f[MANY], recency[MANY], age[MANY];
    struct rng rng = rng_new(7);
    for (int i = 0; i < MANY; i++) {
        double rate = .02 + .2 * rng_uniform(&rng), lived = -60 * log(rng_uniform(&rng));
        age[i] = 20 + 80 * rng_uniform(&rng);
        f[i] = recency[i] = 0;
        double end = fmin(lived, age[i]);
        for (double t = -log(rng_uniform(&rng)) / rate; t < end; t -= log(rng_uniform(&rng)) / rate)
            f[i]++, recency[i] = t;
    }
    struct bgnbd_data data = { f, recency, age, MANY };
    struct pareto_nbd_fit fit;
    struct err err;
    double gradient[4];
    ASSERT_OK(pareto_nbd_fit(&data, 2, &fit, &err), &err);
    ASSERT_NEAR(pareto_nbd_log_likelihood(&fit.model, &data, gradient), fit.log_likelihood,
                1e-9 * fabs(fit.log_likelihood));
    const double at[] = { fit.model.r, fit.model.alpha, fit.model.s, fit.model.beta };
    for (int i = 0; i < 4; i++) ASSERT_NEAR(gradient[i] * at[i], 0, 0.02);
}

/* Times are whole days, or any; some shops have few customers a frequency, and steep parameters. */
Test(pareto_nbd, everybody_at_once_is_each_on_their_own)
{
    enum { MANY = 1500 };
    static double f[MANY], recency[MANY], age[MANY], alive[MANY];
    EACH_CASE(c, 12) {
        const struct pareto_nbd model = { exp(4 * rng_uniform(&c.rng) - 2), exp(8 * rng_uniform(&c.rng) - 5),
                                          exp(4 * rng_uniform(&c.rng) - 2), exp(8 * rng_uniform(&c.rng) - 5) };
        for (int i = 0; i < MANY; i++) {
            f[i] = (double)rng_below(&c.rng, c.index % 3 == 0 ? 400 : 6);
            age[i] = 1 + 300 * rng_uniform(&c.rng);
            recency[i] = f[i] > 0 ? age[i] * rng_uniform(&c.rng) : 0;
            if (c.index % 4 == 3) continue;
            age[i] = ceil(age[i]) / 7, recency[i] = floor(recency[i]) / 7;
        }
        const struct bgnbd_data data = { f, recency, age, MANY };
        pareto_nbd_alive_all(&model, &data, 2, alive);
        for (int i = 0; i < MANY; i++)
            ASSERT_NEAR(alive[i], pareto_nbd_alive(&model, f[i], recency[i], age[i]), 1e-10);
    }
}

Test(pareto_nbd, the_likelihood_of_many_is_the_sum_of_that_of_each)
{
    enum { MANY = 600 };
    double f[MANY], recency[MANY], age[MANY], all[4], one[4];
    EACH_CASE(c, 8) {
        const struct pareto_nbd model = { exp(4 * rng_uniform(&c.rng) - 2), exp(6 * rng_uniform(&c.rng) - 3),
                                          exp(4 * rng_uniform(&c.rng) - 2), exp(6 * rng_uniform(&c.rng) - 3) };
        double sum = 0, by[4] = { 0 };
        for (int i = 0; i < MANY; i++) {
            f[i] = (double)rng_below(&c.rng, 5);
            age[i] = (double)(60 + rng_below(&c.rng, 60)) / 7;
            recency[i] = f[i] > 0 ? (double)rng_below(&c.rng, 60) / 7 : 0;
            sum += pareto_nbd_log_likelihood(&model, &(struct bgnbd_data){ f + i, recency + i, age + i, 1 }, one);
            for (int j = 0; j < 4; j++) by[j] += one[j];
        }
        double value = pareto_nbd_log_likelihood(&model, &(struct bgnbd_data){ f, recency, age, MANY }, all);
        ASSERT_NEAR(value, sum, 1e-10 * fabs(sum));
        for (int j = 0; j < 4; j++) ASSERT_NEAR(all[j], by[j], 1e-8 * (1 + fabs(sum)));
    }
}
