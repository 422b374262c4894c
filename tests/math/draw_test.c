/* draw_test.c - the draws have the means, variances and shapes of their distributions. */
#include "support.h"

#include "math/draw.h"
#include "math/numerics.h"

enum { N = 20000 };

/* The Kolmogorov-Smirnov distance between ascending values [n] and a distribution, times the root
 * of n: beyond 1.95 once in a thousand samples. */
static double ks_statistic(double *values, size_t n, double (*cdf)(double x, const double *parameters),
                           const double *parameters)
{
    sort_doubles(values, n);
    double distance = 0;
    for (size_t i = 0; i < n; i++) {
        double p = cdf(values[i], parameters);
        distance = fmax(distance, fmax(p - (double)i / (double)n, (double)(i + 1) / (double)n - p));
    }
    return distance * sqrt((double)n);
}

static double normal_p(double x, const double *p)      { return normal_cdf((x - p[0]) / p[1]); }
static double lognormal_p(double x, const double *p)   { return normal_cdf((log(x) - p[0]) / p[1]); }
static double exponential_p(double x, const double *p) { return -expm1(-x / p[0]); }
static double gamma_p(double x, const double *p)       { return gamma_cdf(x, p[0], p[1]); }
static double beta_p(double x, const double *p)        { return beta_cdf(x, p[0], p[1]); }

static double exponential_of(struct rng *rng, double mean, double unused)
{
    (void)unused;
    return draw_exponential(rng, mean);
}

static void follows(double (*draw)(struct rng *, double, double), double (*cdf)(double, const double *),
                    double first, double second)
{
    static double values[N];
    struct rng rng = rng_new(17);
    for (size_t i = 0; i < N; i++) values[i] = draw(&rng, first, second);
    double statistic = ks_statistic(values, N, cdf, (double[]){ first, second });
    cr_assert(statistic < 1.95, "parameters %g, %g: Kolmogorov-Smirnov %g", first, second, statistic);
}

Test(draw, continuous_draws_follow_their_distribution)
{
    follows(draw_normal, normal_p, 3, 2);
    follows(draw_lognormal, lognormal_p, 1, 0.7);
    follows(exponential_of, exponential_p, 4, 0);
    const double shapes[] = { 0.05, 0.24, 0.9, 1, 1.7, 6.25, 300 };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) follows(draw_gamma, gamma_p, shapes[i], 2.5);
    follows(draw_beta, beta_p, 0.79, 2.43);
    follows(draw_beta, beta_p, 0.5, 0.5);
    follows(draw_beta, beta_p, 12, 3);
}

Test(draw, the_distance_notices_a_wrong_distribution)
{
    static double values[N];
    struct rng rng = rng_new(17);
    for (size_t i = 0; i < N; i++) values[i] = draw_gamma(&rng, 1.7, 2.5);
    cr_assert(ks_statistic(values, N, gamma_p, (double[]){ 1.8, 2.5 }) > 1.95);
}

/* Compares counts of 0, 1, ... with their probabilities by Pearson's chi-squared; cells expected
 * fewer than 10 times are left out. */
static void counts_follow(const double *probability, const uint32_t *counts, size_t n, const char *what)
{
    double statistic = 0;
    size_t cells = 0;
    for (size_t i = 0; i < n; i++) {
        double expected = probability[i] * N;
        if (expected < 10) continue;
        statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
        cells++;
    }
    cr_assert(cells > 0 && chi_squared_tail(statistic, (double)cells) > 0.001,
              "%s: chi-squared %g of %zu cells", what, statistic, cells);
}

Test(draw, poisson_draws_follow_their_distribution_at_small_and_large_means)
{
    const double means[] = { 0.02, 0.9, 4, 9.99, 10, 37, 250 };
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        double probability[512];
        uint32_t counts[512] = { 0 };
        struct rng rng = rng_new(5 + i);
        for (size_t k = 0; k < 512; k++)
            probability[k] = exp((double)k * log(means[i]) - means[i] - log_gamma((double)k + 1));
        for (size_t draw = 0; draw < N; draw++) {
            uint64_t k = draw_poisson(&rng, means[i]);
            if (k < 512) counts[k]++;
        }
        char what[32];
        snprintf(what, sizeof what, "mean %g", means[i]);
        counts_follow(probability, counts, 512, what);
    }
    struct rng rng = rng_new(1);
    cr_assert_eq(draw_poisson(&rng, 0), 0);
}

Test(draw, categories_come_in_proportion_to_their_weights_and_never_without_one)
{
    const double weights[] = { 0, 1, 0, 3, 6, 0 }, cumulative[] = { 0, 1, 1, 4, 10, 10 };
    const double probability[] = { 0, 0.1, 0, 0.3, 0.6, 0 };
    uint32_t linear[6] = { 0 }, searched[6] = { 0 };
    struct rng rng = rng_new(3);
    for (size_t i = 0; i < N; i++) {
        linear[draw_categorical(&rng, weights, 6)]++;
        searched[draw_cumulative(&rng, cumulative, 6)]++;
    }
    counts_follow(probability, linear, 6, "categorical");
    counts_follow(probability, searched, 6, "cumulative");
    for (size_t i = 0; i < 6; i++)
        if (weights[i] <= 0)
            cr_assert(linear[i] == 0 && searched[i] == 0, "category %zu without a weight was drawn", i);
}

Test(draw, bernoulli_is_certain_at_its_ends)
{
    struct rng rng = rng_new(2);
    size_t hits = 0;
    for (size_t i = 0; i < N; i++) {
        cr_assert(!draw_bernoulli(&rng, 0));
        cr_assert(draw_bernoulli(&rng, 1));
        hits += draw_bernoulli(&rng, 0.2);
    }
    ASSERT_NEAR(hits, 0.2 * N, 4 * sqrt(0.16 * N));
}

Test(draw, beta_stays_inside_zero_and_one_even_for_tiny_parameters)
{
    struct rng rng = rng_new(8);
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        double x = draw_beta(&rng, 1e-3, 3e-3);
        cr_assert(x >= 0 && x <= 1);
        sum += x;
    }
    ASSERT_NEAR(sum / N, 0.25, 0.02);
}

Test(draw, the_same_generator_gives_the_same_draws)
{
    EACH_CASE(c, 20) {
        struct rng again = c.rng;
        double shape = 0.1 + 5 * rng_uniform(&c.rng);
        rng_uniform(&again);
        cr_assert(draw_gamma(&c.rng, shape, 1) == draw_gamma(&again, shape, 1));
        cr_assert(draw_poisson(&c.rng, 12 * shape) == draw_poisson(&again, 12 * shape));
        cr_assert(rng_uint64(&c.rng) == rng_uint64(&again));
    }
}
