/* Special functions against tables and identities; expectations, quantiles, small matrices. */
#include "support.h"

#include "math/dense.h"
#include "math/numerics.h"

Test(numerics, special_functions_have_their_known_values)
{
    ASSERT_NEAR(log_gamma(10), log(362880), 1e-12);
    ASSERT_NEAR(log_gamma(.5), .5 * log(3.14159265358979323846), 1e-14);
    ASSERT_NEAR(digamma(1), -.57721566490153286, 1e-14);
    ASSERT_NEAR(digamma(1e8), log(1e8) - .5e-8, 1e-12);
    ASSERT_NEAR(log_beta(2, 3), log(1.0 / 12), 1e-14);
    ASSERT_NEAR(normal_quantile(.975), 1.959963984540054, 1e-12);
    ASSERT_NEAR(normal_cdf(-1), .15865525393145705, 1e-15);
    ASSERT_NEAR(beta_cdf(.3, 2, 5), .579825, 1e-9);
    ASSERT_NEAR(beta_quantile(beta_cdf(.3, 2, 5), 2, 5), .3, 1e-10);
    ASSERT_NEAR(gamma_quantile(gamma_cdf(3, 2, 1.5), 2, 1.5), 3, 1e-9);
    ASSERT_NEAR(chi_squared_tail(3.841458820694124, 1), .05, 1e-12);
    ASSERT_NEAR(student_quantile(.975, 10), 2.2281388519649385, 1e-9);
}

Test(numerics, the_log_of_a_lopsided_beta_keeps_its_digits)
{
    /* B(a, b) = B(a, b + 1) (a + b) / b, and for a = 1 it is 1 / b. */
    EACH_CASE(c, 200) {
        double a = exp(8 * rng_uniform(&c.rng) - 6), b = exp(18 * rng_uniform(&c.rng));
        ASSERT_NEAR(log_beta(a, b), log_beta(a, b + 1) + log1p(a / b), 1e-10 * (1 + fabs(log_beta(a, b))));
        ASSERT_NEAR(log_beta(1, b), -log(b), 1e-11 * (1 + log(b)));
    }
}

static void square_and_reciprocal(const void *context, double x, double complement, double *ret_values)
{
    const double *scale = context;
    ret_values[0] = x * x;
    ret_values[1] = 1 / (complement + *scale * x);
}

Test(numerics, expectations_over_a_beta_are_exact_however_peaked_or_spread)
{
    EACH_CASE(c, 300) {
        double a = exp(12 * rng_uniform(&c.rng) - 4), b = exp(12 * rng_uniform(&c.rng) - 4), one = 1, got[2];
        beta_expectation(a, b, 2, square_and_reciprocal, &one, got);
        ASSERT_NEAR(got[0] / (a * (a + 1) / ((a + b) * (a + b + 1))), 1, 1e-8);
        ASSERT_NEAR(got[1], 1, 1e-9);
    }
}

Test(numerics, quantiles_and_correlation_follow_their_definitions)
{
    double values[5] = { 4, 1, 3, 2, 10 }, line[5] = { 9, 3, 7, 5, 21 }, flat[5] = { 2, 2, 2, 2, 2 };
    ASSERT_NEAR(correlation(values, line, 5), 1, 1e-12);
    cr_assert(isnan(correlation(values, flat, 5)));
    sort_doubles(values, 5);
    ASSERT_NEAR(quantile_sorted(values, 5, .5), 3, 0);
    ASSERT_NEAR(quantile_sorted(values, 5, .9), 7.6, 1e-12);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

Test(numerics, floats_of_any_size_and_sign_are_sorted_as_by_comparing_them)
{
    EACH_CASE(c, 100) {
        enum { N = 300 };
        float values[N], compared[N];
        size_t n = rng_below(&c.rng, N + 1);
        for (size_t i = 0; i < n; i++) {
            double size = pow(10, (double)rng_below(&c.rng, 80) - 42);
            values[i] = rng_below(&c.rng, 9) ? (float)((rng_uniform(&c.rng) - .5) * size) : (float)rng_below(&c.rng, 3);
        }
        if (n > 1) values[0] = INFINITY, values[1] = -INFINITY;
        memcpy(compared, values, sizeof values);
        qsort(compared, n, sizeof *compared, by_value);
        sort_floats(values, n);
        for (size_t i = 0; i < n; i++) cr_assert(values[i] == compared[i], "%zu of %zu", i, n);
    }
}

Test(numerics, matrices_are_inverted_and_hopeless_ones_left_alone)
{
    EACH_CASE(c, 100) {
        enum { N = 5 };
        double root[N * N], matrix[N * N] = { 0 }, inverse[N * N], x[N], right[N] = { 0 }, solved[N], condition;
        for (int i = 0; i < N * N; i++) root[i] = rng_uniform(&c.rng) - .5;
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                for (int k = 0; k < N; k++) matrix[i * N + j] += root[i * N + k] * root[j * N + k];
                matrix[i * N + j] += i == j ? .05 : 0;
            }
        memcpy(inverse, matrix, sizeof matrix);
        cr_assert(symmetric_inverse(inverse, N, &condition));
        cr_assert(condition >= 1);
        for (int i = 0; i < N; i++) {
            x[i] = rng_uniform(&c.rng);
            for (int j = 0; j < N; j++) {
                double product = 0;
                for (int k = 0; k < N; k++) product += matrix[i * N + k] * inverse[k * N + j];
                ASSERT_NEAR(product, i == j, 1e-9);
            }
        }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) right[i] += matrix[i * N + j] * x[j];
        cr_assert(linear_solve(matrix, right, N, solved));
        for (int i = 0; i < N; i++) ASSERT_NEAR(solved[i], x[i], 1e-9);
    }
    double indefinite[4] = { 1, 2, 2, 1 }, singular[4] = { 1, 2, 2, 4 }, right[2] = { 1, 1 }, x[2],
           unknown[1] = { (double)NAN };
    cr_assert(!symmetric_inverse(indefinite, 2, NULL));
    cr_assert_eq(indefinite[0], 1);
    cr_assert(!symmetric_inverse(unknown, 1, NULL));
    cr_assert(!linear_solve(singular, right, 2, x));
}

Test(numerics, eigenvectors_are_rows_that_turn_the_matrix_into_a_diagonal)
{
    EACH_CASE(c, 50) {
        double matrix[20 * 20], rows[20 * 20] = { 0 }, values[20];
        size_t n = 1 + rng_below(&c.rng, 20);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k <= i; k++)
                matrix[i * n + k] = matrix[k * n + i] = rows[i * n + k] = rng_uniform(&c.rng) - 0.5;
        cr_assert(dense_eigen(rows, n, values));
        for (size_t v = 0; v < n; v++)
            for (size_t i = 0; i < n; i++) {
                double sum = 0;
                for (size_t k = 0; k < n; k++) sum += matrix[i * n + k] * rows[v * n + k];
                cr_assert_float_eq(sum, values[v] * rows[v * n + i], 1e-12);
            }
        for (size_t v = 1; v < n; v++) cr_assert_leq(values[v - 1], values[v]);
    }
}

Test(numerics, small_systems_are_solved_and_those_that_are_not_positive_definite_refused)
{
    EACH_CASE(c, 200) {
        float rows[80 * DENSE_SOLVE_MOST], matrix[DENSE_SOLVE_MOST * DENSE_SOLVE_MOST] = { 0 };
        float right[DENSE_SOLVE_MOST], wanted[DENSE_SOLVE_MOST];
        size_t n = 1 + rng_below(&c.rng, DENSE_SOLVE_MOST);
        for (size_t i = 0; i < 80 * n; i++) rows[i] = (float)rng_uniform(&c.rng) - 0.5f;
        dense_add_gram(rows, 80, n, 1, matrix);
        for (size_t i = 0; i < n; i++) matrix[i * n + i] += 1, wanted[i] = (float)rng_uniform(&c.rng) - 0.5f;
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += (double)matrix[i > k ? i * n + k : k * n + i] * (double)wanted[k];
            right[i] = (float)sum;
        }
        cr_assert(dense_solve(matrix, n, right));
        for (size_t i = 0; i < n; i++) cr_assert_float_eq((double)right[i], (double)wanted[i], 1e-4);
        matrix[(n - 1) * n + n - 1] = -1;
        cr_assert_not(dense_solve(matrix, n, right));
    }
}
