/* BG/NBD: CDNOW's published fit, values at given parameters, gradients, recovery from simulation. */
#include "support.h"

#include "math/draw.h"
#include "model/bgnbd.h"
#include "shops.h"

static const struct bgnbd paper = { .243, 4.414, .793, 2.426, false };
static const struct bgnbd btyd = { .2425967, 4.413659, .7929869, 2.426164, false };

static struct bgnbd_data cdnow_data(const char *path, struct arena *arena)
{
    struct history history = shop_cdnow(path, arena);
    struct summary s;
    int32_t end = (int32_t)calendar_day((struct civil){ 1997, 9, 30 });
    summary_build(&history, &(struct summary_options){ PERIOD_DAY, 7, end, end }, arena, &s);
    return (struct bgnbd_data){ s.frequency, s.recency, s.age, s.n };
}

Test(bgnbd, cdnow_gives_the_published_maximum_and_standard_errors)
{
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct bgnbd_data data = cdnow_data(path, arena);
    struct bgnbd_fit fit;
    struct err err;
    ASSERT_OK(bgnbd_fit(&data, false, 2, &fit, &err), &err);
    ASSERT_NEAR(fit.model.r, .2425945, .0002);
    ASSERT_NEAR(fit.model.alpha, 4.4136019, .004);
    ASSERT_NEAR(fit.model.a, .7929199, .004);
    ASSERT_NEAR(fit.model.b, 2.4258881, .015);
    ASSERT_NEAR(fit.log_likelihood, -9582.4292, 1e-3);
    cr_assert(fit.log_likelihood > -9582.430);
    cr_assert_null(fit.se_missing);
    ASSERT_NEAR(fit.se.r, .012557, .012557 * .01);
    ASSERT_NEAR(fit.se.alpha, .378221, .378221 * .01);
    ASSERT_NEAR(fit.se.a, .185719, .185719 * .01);
    ASSERT_NEAR(fit.se.b, .705345, .705345 * .01);
    ASSERT_NEAR(bgnbd_log_likelihood(&fit.model, &data, NULL), fit.log_likelihood, 1e-6);
    arena_free(arena);
}

Test(bgnbd, the_fit_does_not_depend_on_threads_order_or_unit_of_time)
{
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct bgnbd_data data = cdnow_data(path, arena);
    size_t n = data.n;
    double *turned = ARENA_ARRAY(arena, double, 3 * n), *days = ARENA_ARRAY(arena, double, 2 * n);
    for (size_t i = 0; i < n; i++) {
        turned[i] = data.frequency[n - 1 - i];
        turned[n + i] = data.recency[n - 1 - i];
        turned[2 * n + i] = data.age[n - 1 - i];
        days[i] = data.recency[i] * 7;
        days[n + i] = data.age[i] * 7;
    }
    struct bgnbd_fit one, two, in_days;
    struct err err;
    ASSERT_OK(bgnbd_fit(&data, false, 1, &one, &err), &err);
    ASSERT_OK(bgnbd_fit(&(struct bgnbd_data){ turned, turned + n, turned + 2 * n, n }, false, 2, &two, &err),
              &err);
    cr_assert_eq(one.log_likelihood, two.log_likelihood);
    cr_assert_eq(one.model.b, two.model.b);
    ASSERT_OK(bgnbd_fit(&(struct bgnbd_data){ data.frequency, days, days + n, n }, false, 2, &in_days, &err),
              &err);
    ASSERT_NEAR(in_days.model.alpha / 7, one.model.alpha, 1e-5);
    ASSERT_NEAR(in_days.log_likelihood, one.log_likelihood - 2457 * log(7), 1e-5);
    arena_free(arena);
}

Test(bgnbd, expectations_at_given_parameters_are_the_published_ones)
{
    static const double t[6] = { .1429, 1, 3, 31.8571, 32, 78 },
                        want[6] = { .0078, .0532, .1506, 1.0405, 1.0437, 1.8576 };
    static const struct bgnbd fitted = { .2425945, 4.4136019, .7929199,
                                         2.4258881, false }; /* the paper shows these, rounded */
    ASSERT_NEAR(bgnbd_expected_after(&paper, 2, 30.43, 38.86, 39), 1.2260282, 1e-6);
    for (int i = 0; i < 6; i++) ASSERT_NEAR(bgnbd_expected(&fitted, t[i]), want[i], 5e-4);
    ASSERT_NEAR(bgnbd_expected(&btyd, 52), 1.444004, 1e-6);
    ASSERT_NEAR(bgnbd_expected_after(&btyd, 26, 30.857142857, 31, 52), 25.75659, 1e-4);
    ASSERT_NEAR(bgnbd_alive(&btyd, 26, 30.857142857, 31), .9688523, 1e-6);
    static const double x[4] = { 10, 15, 20, 25 }, later[4] = { .3474606, .04283391, .004158973, .0003583685 };
    for (int i = 0; i < 4; i++)
        ASSERT_NEAR(bgnbd_expected_after(&btyd, x[i], 20, 39, 52) / later[i], 1, 1e-5);
}

Test(bgnbd, probabilities_at_given_parameters_are_the_published_ones)
{
    static const double want[10] = { .0019995214, .0015170236, .0011633150, .0009003148, .0007023638,
                                     .0005517902, .0004361913, .0003467171, .0002769613, .0002222260 };
    ASSERT_NEAR(bgnbd_probability(&paper, 10, 2), 1.0786896e-07, 1e-13);
    ASSERT_NEAR(bgnbd_probability(&paper, 0, 39), .5737864, 1e-7);
    for (unsigned i = 0; i < 10; i++) ASSERT_NEAR(bgnbd_probability(&paper, 11 + i, 30), want[i], 1e-9);
}

Test(bgnbd, probabilities_sum_to_one_and_their_mean_is_the_expectation)
{
    double sum = 0, mean = 0;
    for (unsigned n = 0; n < 3000; n++) {
        double p = bgnbd_probability(&paper, n, 30);
        cr_assert(p >= 0 && p <= 1);
        sum += p;
        mean += n * p;
    }
    ASSERT_NEAR(sum, 1, 1e-8);
    ASSERT_NEAR(mean, bgnbd_expected(&paper, 30), 1e-6);
}

Test(bgnbd, nothing_overflows_at_extreme_histories)
{
    cr_assert_eq(bgnbd_alive(&paper, 0, 0, 1e6), 1.0);
    ASSERT_NEAR(bgnbd_alive(&paper, 1000, 10, 100), 0, 1e-300);
    static const struct bgnbd clvtools = { .5143, 2.8845, .2856, 14.1087, false };
    static const double x[4] = { 221, 254, 161, 204 }, recency[4] = { 103.42857, 97.14286, 94.71429, 98.57143 };
    static const double age[4] = { 103.57143, 97.28571, 98, 99.42857 };
    for (int i = 0; i < 4; i++) {
        double alive = bgnbd_alive(&clvtools, x[i], recency[i], age[i]);
        cr_assert(alive > 0 && alive <= 1, "%g", alive);
        cr_assert(isfinite(bgnbd_expected_after(&clvtools, x[i], recency[i], age[i], 52)));
    }
    static const struct bgnbd lifetimes = { 10.465, .00798565181, 3.0516, 2.820, false };
    static const double f[3] = { 400, 500, 500 }, r[3] = { 5, 1, 4 }, t[3] = { 6, 37, 37 };
    double gradient[4];
    cr_assert(isfinite(bgnbd_log_likelihood(&lifetimes, &(struct bgnbd_data){ f, r, t, 3 }, gradient)));
    for (int i = 0; i < 4; i++) cr_assert(isfinite(gradient[i]));
    for (int i = 0; i < 3; i++) cr_assert(isfinite(bgnbd_expected_after(&lifetimes, f[i], r[i], t[i], 52)));
}

/* The hypergeometric form of the paper, summed as a series, where it has no pole. */
static double expected_by_series(const struct bgnbd *m, double x, double age, double t)
{
    double z = t / (m->alpha + age + t), c = m->a + m->b + x - 1, term = 1, sum = 1;
    for (int k = 0; k < 100000 && fabs(term) > 1e-17 * fabs(sum); k++) {
        term *= (m->r + x + k) * (m->b + x + k) / ((c + k) * (k + 1)) * z;
        sum += term;
    }
    return c / (m->a - 1) * (1 - pow((m->alpha + age) / (m->alpha + age + t), m->r + x) * sum);
}

Test(bgnbd, the_integral_equals_the_papers_hypergeometric_form)
{
    EACH_CASE(c, 200) {
        struct bgnbd m = { .05 + 5 * rng_uniform(&c.rng), .1 + 30 * rng_uniform(&c.rng),
                           .05 + 3 * rng_uniform(&c.rng), .1 + 8 * rng_uniform(&c.rng), false };
        if (fabs(m.a - 1) < .05 || fabs(m.a + m.b - 1) < .05) continue;
        double x = (double)rng_below(&c.rng, 30), age = 60 * rng_uniform(&c.rng), t = 60 * rng_uniform(&c.rng);
        double got, want = expected_by_series(&m, x, age, t);
        bgnbd_expected_alive(&m, x, age, &t, 1, &got);
        ASSERT_NEAR(got / want, 1, 1e-7);
    }
}

Test(bgnbd, the_poles_of_the_hypergeometric_form_are_none_here)
{
    double at, near;
    const double t = 30;
    bgnbd_expected_alive(&(struct bgnbd){ .5, 4, 1, 2, false }, 3, 20, &t, 1, &at);
    bgnbd_expected_alive(&(struct bgnbd){ .5, 4, 1 + 1e-7, 2, false }, 3, 20, &t, 1, &near);
    ASSERT_NEAR(at, near, 1e-6);
    bgnbd_expected_alive(&(struct bgnbd){ .5, 4, .5, .5, false }, 0, 0, &t, 1, &at);
    bgnbd_expected_alive(&(struct bgnbd){ .5, 4, .5, .5 + 1e-7, false }, 0, 0, &t, 1, &near);
    ASSERT_NEAR(at, near, 1e-6);
}

/* Customers of a known model, observed for length units of time from staggered beginnings. */
static struct bgnbd_data simulated(const struct bgnbd *m, size_t n, double length, struct rng *rng,
                                   struct arena *arena)
{
    double *rows = ARENA_ARRAY(arena, double, 3 * n);
    for (size_t i = 0; i < n; i++) {
        double rate = draw_gamma(rng, m->r, 1) / m->alpha, u = draw_gamma(rng, m->a, 1),
               leave = u / (u + draw_gamma(rng, m->b, 1));
        double age = length * (.5 + .5 * rng_uniform(rng)), time = 0;
        rows[2 * n + i] = age;
        for (;;) {
            time += -log(rng_uniform(rng)) / rate;
            if (!(time < age)) break;
            rows[i]++;
            rows[n + i] = time;
            if (rng_uniform(rng) < leave) break;
        }
    }
    return (struct bgnbd_data){ rows, rows + n, rows + 2 * n, n };
}

Test(bgnbd, gradients_equal_finite_differences)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    EACH_CASE(c, 30) {
        struct bgnbd_data data = simulated(&paper, 50, 60, &c.rng, arena);
        double x[4], gradient[4];
        for (int i = 0; i < 4; i++) x[i] = .2 + 4 * rng_uniform(&c.rng);
        bgnbd_log_likelihood(&(struct bgnbd){ x[0], x[1], x[2], x[3], false }, &data, gradient);
        for (int i = 0; i < 4; i++) {
            double step = 1e-5 * x[i], high[4], low[4];
            memcpy(high, x, sizeof x);
            memcpy(low, x, sizeof x);
            high[i] += step;
            low[i] -= step;
            double slope =
                (bgnbd_log_likelihood(&(struct bgnbd){ high[0], high[1], high[2], high[3], false }, &data, NULL)
                 - bgnbd_log_likelihood(&(struct bgnbd){ low[0], low[1], low[2], low[3], false }, &data, NULL))
                / (2 * step);
            ASSERT_NEAR(gradient[i], slope, 1e-5 * (1 + fabs(slope)));
        }
        arena_reset(arena);
    }
    arena_free(arena);
}

/* 40 shops of 1,500 customers: the estimates centre on the truth, and an interval of 1.96 standard
 * errors around the logarithm of the mean rate r / alpha's parts holds it about 95 times in 100. */
Test(bgnbd, known_parameters_are_recovered_and_standard_errors_cover_them)
{
    static const struct bgnbd truth = { .8, 6, .9, 3, false };
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    unsigned n_inside[4] = { 0 }, n_fits = 0;
    double mean_log[4] = { 0 };
    const double want[4] = { truth.r, truth.alpha, truth.a, truth.b };
    EACH_CASE(c, 40) {
        struct bgnbd_data data = simulated(&truth, 1500, 80, &c.rng, arena);
        struct bgnbd_fit fit;
        struct err err;
        ASSERT_OK(bgnbd_fit(&data, false, 1, &fit, &err), &err);
        const double got[4] = { fit.model.r, fit.model.alpha, fit.model.a, fit.model.b };
        const double se[4] = { fit.se.r, fit.se.alpha, fit.se.a, fit.se.b };
        for (int i = 0; i < 4; i++) {
            n_inside[i] += fabs(log(got[i] / want[i])) < 1.96 * se[i] / got[i];
            mean_log[i] += log(got[i] / want[i]) / 40;
        }
        n_fits++;
        arena_reset(arena);
    }
    for (int i = 0; i < 4; i++) {
        cr_assert(n_inside[i] >= n_fits * 85 / 100, "parameter %d inside in %u of %u", i, n_inside[i], n_fits);
        ASSERT_NEAR(mean_log[i], 0, .08);
    }
    arena_free(arena);
}

Test(bgnbd, hopeless_data_is_refused_with_a_sentence)
{
    struct bgnbd_fit fit;
    struct err err;
    const double zero[3] = { 0 }, one[3] = { 1, 1, 1 }, five[3] = { 5, 5, 5 }, nine[3] = { 9, 9, 9 };
    ASSERT_FAILS(bgnbd_fit(&(struct bgnbd_data){ zero, zero, nine, 3 }, false, 1, &fit, &err), &err,
                 ERR_REFUSED, "second time");
    ASSERT_FAILS(bgnbd_fit(&(struct bgnbd_data){ one, nine, five, 3 }, false, 1, &fit, &err), &err, ERR_INVALID,
                 "row 0");
    ASSERT_FAILS(bgnbd_fit(&(struct bgnbd_data){ zero, five, nine, 3 }, false, 1, &fit, &err), &err,
                 ERR_INVALID, "without a repeat");
    ASSERT_FAILS(bgnbd_fit(&(struct bgnbd_data){ one, nine, nine, 3 }, false, 1, &fit, &err), &err, ERR_REFUSED,
                 "maximum");
}

Test(bgnbd, the_modified_model_gives_the_published_maximum_for_cdnow)
{
    const char *path = support_data("cdnow/CDNOW_sample.txt");
    SKIP_WITHOUT(path);
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct bgnbd_data data = cdnow_data(path, arena);
    struct bgnbd_fit fit;
    struct err err;
    ASSERT_OK(bgnbd_fit(&data, true, 2, &fit, &err), &err);
    ASSERT_NEAR(fit.model.r, .525, .001);
    ASSERT_NEAR(fit.model.alpha, 6.183, .005);
    ASSERT_NEAR(fit.model.a, .891, .001);
    ASSERT_NEAR(fit.model.b, 1.614, .002);
    cr_assert(bgnbd_alive(&fit.model, 0, 0, 39) < 1, "one-time buyers may have left too");
    arena_free(arena);
}

Test(bgnbd, the_modified_models_probabilities_sum_to_one_and_their_mean_is_the_expectation)
{
    static const struct bgnbd modified = { .525, 6.183, .891, 1.614, true };
    double sum = 0, mean = 0;
    for (unsigned n = 0; n < 3000; n++) {
        double p = bgnbd_probability(&modified, n, 30);
        sum += p;
        mean += n * p;
    }
    ASSERT_NEAR(sum, 1, 1e-8);
    ASSERT_NEAR(mean, bgnbd_expected(&modified, 30), 1e-6);
}

Test(bgnbd, where_nobody_leaves_the_limit_is_fitted_and_the_full_model_refused)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct rng rng = rng_new(3);
    static const struct bgnbd truth = { 1.5, 8, 1e-9, 1, false };
    struct bgnbd_data data = simulated(&truth, 3000, 60, &rng, arena);
    struct bgnbd_fit fit;
    struct err err;
    ASSERT_FAILS(bgnbd_fit(&data, false, 2, &fit, &err), &err, ERR_REFUSED, "maximum");
    ASSERT_OK(bgnbd_fit_stayers(&data, &fit, &err), &err);
    ASSERT_NEAR(fit.model.r, 1.5, 3 * fit.se.r);
    ASSERT_NEAR(fit.model.alpha, 8, 3 * fit.se.alpha);
    cr_assert_eq(fit.model.a, 0);
    cr_assert_eq(bgnbd_alive(&fit.model, 3, 5, 50), 1);
    ASSERT_NEAR(bgnbd_expected_after(&fit.model, 3, 5, 50, 10), (fit.model.r + 3) * 10 / (fit.model.alpha + 50),
                1e-9);
    double sum = 0, mean = 0;
    for (unsigned n = 0; n < 500; n++) {
        double p = bgnbd_probability(&fit.model, n, 20);
        sum += p;
        mean += n * p;
    }
    ASSERT_NEAR(sum, 1, 1e-9);
    ASSERT_NEAR(mean, bgnbd_expected(&fit.model, 20), 1e-6);
    arena_free(arena);
}

/* Of customers whose rates and chances to leave are drawn as the model says, what they did in the 52 weeks after 39. */
Test(bgnbd, four_of_five_order_as_often_as_their_interval_says)
{
    enum { PEOPLE = 20000, REPEATS = 3 };
    struct rng rng = rng_stream(5, 1);
    double before = 39, after = 52;
    size_t n = 0, n_in = 0, n_often = 0, n_often_in = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        double rate = draw_gamma(&rng, paper.r, 1) / paper.alpha, leaving = draw_beta(&rng, paper.a, paper.b), at = 0,
               last = 0;
        unsigned repeats = 0, to_come = 0;
        while ((at += -log(1 - rng_uniform(&rng)) / rate) < before + after) {
            if (at < before) repeats++, last = at;
            else to_come++;
            if (rng_uniform(&rng) < leaving) break;
        }
        double mean, alive = bgnbd_alive(&paper, repeats, last, before);
        bgnbd_expected_alive(&paper, repeats, before, &after, 1, &mean);
        struct purchases_range range = bgnbd_range(paper.r + repeats, mean, alive, .8);
        bool is_in = to_come >= range.low && to_come <= range.high;
        n++, n_in += is_in;
        if (repeats >= REPEATS) n_often++, n_often_in += is_in;
    }
    cr_assert_gt((double)n_in / (double)n, .8, "%zu of %zu", n_in, n);
    double often = (double)n_often_in / (double)n_often;
    cr_assert(n_often > 500 && often > .77 && often < .97, "%g of %zu who order often", often, n_often);
    struct purchases_range none = bgnbd_range(.5, 2, .05, .8), sure = bgnbd_range(1e6, 4, 1, .8);
    cr_assert(none.low == 0 && none.high == 0, "who has almost surely left");
    cr_assert(sure.low == 2 && sure.high == 7, "Poisson of mean 4: %u to %u", sure.low, sure.high);
    struct purchases_range daily = bgnbd_range(1500, 1500, 1, .8);      /* of variance 1500 + 1500^2 / 1500 */
    double half = 1.2816 * sqrt(3000);
    cr_assert(fabs(daily.low - (1500 - half)) < 3 && fabs(daily.high - (1500 + half)) < 3, "every day for years: %u to %u",
              daily.low, daily.high);
}

Test(bgnbd, many_ages_at_once_are_each_age_alone)
{
    enum { AGES = 700, TIMES = 13 };
    static double ages[AGES], t[TIMES], all[AGES * TIMES];
    EACH_CASE(c, 20) {
        const struct bgnbd model = { exp(4 * rng_uniform(&c.rng) - 2), exp(10 * rng_uniform(&c.rng) - 6),
                                     exp(4 * rng_uniform(&c.rng) - 2), exp(4 * rng_uniform(&c.rng) - 1), c.index % 2 };
        double frequency = (double)rng_below(&c.rng, c.index % 4 ? 5 : 200), one[TIMES];
        for (int i = 0; i < AGES; i++) ages[i] = i / 7.0;
        for (int i = 0; i < TIMES; i++) t[i] = 4.3 * (i + 1);
        bgnbd_expected_ages(&model, frequency, ages, AGES, t, TIMES, all);
        for (int i = 0; i < AGES; i += 13) {
            bgnbd_expected_alive(&model, frequency, ages[i], t, TIMES, one);
            for (int j = 0; j < TIMES; j++) ASSERT_NEAR(all[i * TIMES + j] / one[j], 1, 1e-10);
        }
    }
}
